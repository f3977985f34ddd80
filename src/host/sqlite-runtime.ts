import type * as Sqlite from 'node:sqlite';

/** What a runtime must have for the embedded host, in the words of its users. */
export const RUNTIME_NEEDS = 'node:sqlite (Node 22.13 or newer), that is VS Code 1.103 or newer';

/**
 * Node's own SQLite, or undefined where this runtime was built without it. Looked up by feature and
 * not by version: some Electron releases of Node 22 left it out (electron/electron#47671).
 */
export function loadSqlite(): typeof Sqlite | undefined {
  // eslint-disable-next-line typescript/unbound-method -- put back as it was, never called here
  const emitWarning = process.emitWarning;
  // Node announces the module as experimental; in an extension host that would look like our fault.
  process.emitWarning = () => {};
  try {
    return process.getBuiltinModule?.('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Says which runtime lacks what, for a person. */
export function describeOldRuntime(runtime: {
  readonly executable: string;
  readonly node: string;
  readonly electron: string | undefined;
}): string {
  const subject =
    runtime.electron === undefined
      ? `The runtime ${runtime.executable} has Node ${runtime.node}`
      : `This VS Code's runtime has Node ${runtime.node}`;
  return `${subject} without SQLite; Agent World's embedded host needs ${RUNTIME_NEEDS}.`;
}
