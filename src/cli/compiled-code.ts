/**
 * Owns: that a large file of the program is not compiled anew at each of its starts: what V8 made of it is kept in a
 * folder of the home that only its owner can write to, since it is run as it is. Without it a start is slower, and
 * nothing else. Node's own cache would keep only what is compiled before a file runs, and by far not all that runs.
 */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';

/** Of versions of Node and of this program beside each other. */
const MOST_FILES = 4;
const ENDING = '.v8';
/** How the build ends a file: over all that is before it. */
const HASH = /^\/\/# hash=([0-9a-f]{64})\n$/;
const HASH_LENGTH = '//# hash='.length + 64 + 1;

export interface Loaded<T> {
  readonly exports: T;
  /**
   * Keeps what V8 has compiled of the file until then; undefined where that is known already. It takes a tenth of a
   * second.
   */
  readonly keep: (() => void) | undefined;
}

/** Runs a CommonJS file of the program; undefined where nothing can be kept of it. */
export function loadCompiled<T>(
  file: string,
  home: string,
  require: NodeJS.Require,
): Loaded<T> | undefined {
  // The build writes ASCII only, which is read quickest so.
  const source = readFileSync(file, 'latin1');
  const hash = HASH.exec(source.slice(-HASH_LENGTH))?.[1];
  if (hash === undefined || !isOwn(home) || typeof crc32 !== 'function') return undefined;
  const folder = path.join(home, 'compiled');
  const { v8 } = process.versions;
  const kept = path.join(folder, `${hash.slice(0, 32)}-${v8}-${process.arch}${ENDING}`);
  const cachedData = isOwn(folder) ? read(kept) : undefined;
  const wrapped = `(function(exports,require,module,__filename,__dirname){${source}\n})`;
  const script = new Script(wrapped, { filename: file, ...(cachedData && { cachedData }) });
  const module = { exports: {} };
  const run = script.runInThisContext() as Wrapped;
  run(module.exports, require, module, file, path.dirname(file));
  // V8 refuses what another version or other flags made.
  const isKnown = script.cachedDataRejected === false;
  const keep = isKnown ? undefined : (): void => keepIn(folder, kept, script);
  return { exports: module.exports as T, keep };
}

type Wrapped = (
  exports: object,
  require: NodeJS.Require,
  module: { readonly exports: object },
  filename: string,
  dirname: string,
) => void;

/** True for a folder that is there and that only its owner can write to. */
function isOwn(folder: string): boolean {
  try {
    const { uid, mode } = statSync(folder);
    // Windows: a user's data folder is private by its access list.
    return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
  } catch {
    return false;
  }
}

/** V8 does not look whether all is as it was written, and ends the process over what is not. */
function read(file: string): Buffer | undefined {
  try {
    const bytes = readFileSync(file);
    const code = bytes.subarray(SUM_BYTES);
    return bytes.readUInt32LE() === crc32(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

function keepIn(folder: string, file: string, script: Script): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!isOwn(folder)) return;
    const draft = `${file}.${process.pid}`;
    const code = script.createCachedData();
    const sum = Buffer.alloc(SUM_BYTES);
    sum.writeUInt32LE(crc32(code));
    writeFileSync(draft, Buffer.concat([sum, code]), { mode: 0o600 });
    renameSync(draft, file);
    forgetOldest(folder);
  } catch {
    // A full disk, or a folder that cannot be written to: the next start compiles again.
  }
}

const SUM_BYTES = 4;

/** Drafts of whoever was killed are among them. */
function forgetOldest(folder: string): void {
  const files = readdirSync(folder).map((name) => path.join(folder, name));
  const byAge = files
    .map((file) => ({ file, mtimeMs: statSync(file).mtimeMs }))
    .sort((a, b) => b.mtimeMs - a.mtimeMs);
  for (const { file } of byAge.slice(MOST_FILES)) rmSync(file, { force: true });
}
