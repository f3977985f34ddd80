/**
 * Owns: reading a small file at once, where the system tells what was opened. Each of the seven steps to read
 * a file costs more to be handed to another thread than to be done, and a folder has many small files. Does
 * not know: what is to be done about what is no such file.
 */
import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { systemCode } from '../host/host-error.ts';
import type { ModeBits } from './mode-bits.ts';
import { bitsOf } from './mode-bits.ts';
import { stampOf } from './write-stamp.ts';

export interface QuickFile {
  /** Until the next file is read: whoever needs them for longer copies them. */
  readonly bytes: Uint8Array;
  readonly bits: ModeBits;
  readonly stamp: string;
}

/** Nobody waits long for so many bytes. */
const MOST_BYTES = 256 * 1024;
const TO_READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Undefined for what has to be read in another way, or is not there. On Linux only. `root` is a real path. */
export function readQuickly(root: string, parts: readonly string[]): QuickFile | undefined {
  const file = `${root}/${parts.join('/')}`;
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, TO_READ);
    const status = fstatSync(descriptor);
    if (!status.isFile() || status.size > MOST_BYTES) return undefined;
    const bytes = readAll(descriptor, status.size);
    // A link on the way leads elsewhere.
    const isReached = bytes && readlinkSync(`/proc/self/fd/${descriptor}`) === file;
    return isReached ? { bytes, bits: bitsOf(status), stamp: stampOf(status) } : undefined;
  } catch (error) {
    if (systemCode(error) !== undefined) return undefined;
    throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Most files are only compared by their hash, and thousands of buffers are freed late. */
let scratch: Buffer | undefined;

/** Undefined for a file that has grown meanwhile. */
function readAll(descriptor: number, size: number): Uint8Array | undefined {
  scratch ??= Buffer.allocUnsafeSlow(MOST_BYTES + 1);
  let at = 0;
  for (;;) {
    const count = readSync(descriptor, scratch, at, size + 1 - at, at);
    at += count;
    if (at > size) return undefined;
    // Of a file the system gives all there is: less than was asked for is its end.
    if (at === size || count === 0) return scratch.subarray(0, at);
  }
}
