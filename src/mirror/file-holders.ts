/** Owns: which windows have which files of a folder in an editor. A window that died has none. */
import { systemCode } from '../host/host-error.ts';
import type { FolderLogEntry } from './folder-log-entry.ts';

export class FileHolders {
  /** The process of each window that has the file at a path. */
  readonly #windows = new Map<string, Map<string, number>>();

  of(path: string): readonly string[] {
    const windows = this.#windows.get(path);
    if (windows === undefined) return [];
    for (const [windowId, pid] of windows) {
      if (!isAlive(pid)) this.#forget(windowId);
    }
    return [...windows.keys()];
  }

  apply(entry: FolderLogEntry): void {
    if (entry.tag === 'hold') {
      const windows = this.#windows.get(entry.path) ?? new Map<string, number>();
      this.#windows.set(entry.path, windows.set(entry.windowId, entry.pid));
    } else if (entry.tag === 'release') this.#windows.get(entry.path)?.delete(entry.windowId);
    else if (entry.tag === 'window' && entry.is === 'ended') this.#forget(entry.windowId);
  }

  /** All windows have ended. */
  clear(): void {
    this.#windows.clear();
  }

  #forget(windowId: string): void {
    for (const windows of this.#windows.values()) windows.delete(windowId);
  }
}

export function isAlive(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
