/** Owns: an address on this machine at which nobody but its owner can connect. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface LocalAddress {
  /** As `node:net` takes it. */
  readonly address: string;
  /** Removes what is left of it once nothing listens there. */
  readonly remove: () => void;
}

/** A socket in a folder that only this user can read, which is made where it is missing; on Windows a pipe. */
export function newLocalAddress(folder: string): LocalAddress {
  const name = randomBytes(8).toString('hex');
  if (process.platform === 'win32') {
    return { address: String.raw`\\.\pipe\agent-world-${name}`, remove: () => {} };
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const address = path.join(folder, `${name}.sock`);
  if (Buffer.byteLength(address) <= MOST_SOCKET_BYTES) {
    return { address, remove: () => rmSync(address, { force: true }) };
  }
  const short = mkdtempSync(path.join(tmpdir(), 'agent-world-'));
  const remove = (): void => rmSync(short, { recursive: true, force: true });
  return { address: path.join(short, 'a.sock'), remove };
}

/** macOS takes no longer ones. */
const MOST_SOCKET_BYTES = 100;
