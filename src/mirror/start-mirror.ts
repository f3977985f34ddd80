/**
 * Owns: how a mirror is started that goes on by itself, and ends when nobody needs it. A hook loads this: it imports
 * nothing but `node:`.
 */
import { type ChildProcess, spawn } from 'node:child_process';

/** Whose folder it is. */
export interface MirrorOf {
  /** Absolute. */
  readonly folder: string;
  /** The agent's name. */
  readonly name: string;
  readonly database: string;
}

export interface StartOptions {
  /** The `agent-world` command; that of this process where nothing is said. */
  readonly script?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts it; it ends at once where another one keeps the folder. */
export function startMirror(
  home: string,
  of: MirrorOf,
  { script, env = process.env }: StartOptions = {},
): ChildProcess {
  const args = [...mirrorArguments(home, of, script), '--until-unused'];
  // The session of a client that starts it may end before, and its folder is not to be held.
  const child = spawn(process.execPath, args, {
    cwd: home,
    env,
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
  });
  // Who holds it finds out that it is not there.
  child.on('error', () => {});
  child.unref();
  return child;
}

/** The command of a mirror, without what ends it. */
export function mirrorArguments(
  home: string,
  { folder, name, database }: MirrorOf,
  script = process.argv[1] ?? '',
): string[] {
  const whose = [...asWhom(name), '--world', database, '--home', home];
  return [script, 'mirror', folder, ...whose];
}

/** A name that begins like an option is none. */
export function asWhom(name: string): readonly string[] {
  return name.startsWith('-') ? [`--as=${name}`] : ['--as', name];
}
