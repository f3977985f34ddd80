/**
 * Owns: how a hook finds the server of the agent whose folder it runs in: a file of the home, which only its
 * owner can read, names the address. A hook loads this and little more: it imports nothing but `node:`.
 */
import { mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Longer requests are not sent: the client's input holds what is to be written. In UTF-16 code units. */
export const MOST_INPUT = 32 * 1024 * 1024;

/** What a hook sends as one line of JSON; the answer is one line too: what the client is to be told. */
export interface HookRequest {
  readonly client: string;
  /** Where the client does not say it: which event it is. */
  readonly event?: string;
  /** As the client sent it. */
  readonly input: unknown;
}

/** Where records of servers and their sockets are. */
export function hooksFolder(home: string): string {
  return path.join(home, 'hooks');
}

/** Names the address of a server for a folder; returns how it is taken back. */
export function putAddress(home: string, folder: string, address: string): () => void {
  const parent = hooksFolder(home);
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  const file = path.join(parent, `${folderKey(realpathSync(folder))}.${process.pid}`);
  writeFileSync(file, `${address}\n${realpathSync(folder)}`, { mode: 0o600 });
  return () => rmSync(file, { force: true });
}

/** A server that may run, and the file that names it. */
export interface NamedAddress {
  readonly file: string;
  readonly address: string;
}

/** Servers of the folder that a working folder is in; the innermost first. */
export function* addressesFor(home: string, cwd: string): Generator<NamedAddress> {
  const parent = hooksFolder(home);
  let names: readonly string[];
  let at: string;
  try {
    names = readdirSync(parent);
    at = realpathSync(cwd);
  } catch {
    return;
  }
  while (names.length > 0) {
    const key = folderKey(at);
    for (const name of names.filter((each) => each.startsWith(`${key}.`))) {
      const file = path.join(parent, name);
      try {
        const [address = '', folder] = readFileSync(file, 'utf8').split('\n');
        if (folder === at) yield { file, address };
      } catch {
        // Its server has just ended.
      }
    }
    const above = path.dirname(at);
    if (above === at) break;
    at = above;
  }
}

/** True where a server of another process may run for the folder. */
export function hasOtherServers(home: string, folder: string): boolean {
  try {
    const key = `${folderKey(realpathSync(folder))}.`;
    return readdirSync(hooksFolder(home)).some((name) => {
      const pid = name.startsWith(key) ? Number(name.slice(key.length)) : process.pid;
      return pid !== process.pid && isAlive(pid);
    });
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Short, and without `node:crypto`, which takes a quarter of the start of Node; a file says which folder it is for. */
function folderKey(folder: string): string {
  return [0x811c9dc5, 0x01000193, 0x2545f491].map((seed) => hash32(folder, seed)).join('');
}

/** FNV-1a over UTF-16 code units, in eight hexadecimal digits. */
function hash32(text: string, seed: number): string {
  let hash = seed;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
