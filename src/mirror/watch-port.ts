/** Owns: how a file or a folder is watched by the system, and what it says where it has no room left for that. */
import { type FSWatcher, watch } from 'node:fs';
import { systemCode } from '../host/host-error.ts';

/** Begins to watch; throws where the system refuses it. */
export type WatchPort = (path: string, options: { readonly recursive: boolean }) => FSWatcher;

export const systemWatch: WatchPort = (path, options) => watch(path, options);

/** True where the system would watch, and has given all that it has to others: on Linux inotify's limits. */
export function isOutOfWatches(error: unknown): boolean {
  return OUT.has(systemCode(error) ?? '');
}

const OUT: ReadonlySet<string> = new Set(['ENOSPC', 'EMFILE', 'ENFILE', 'ENOMEM']);
