/**
 * Owns: telling what happens to the files of a folder where the system has no watches left for it: by looking at all
 * of them again and again. Does not know: which folders count, what is done about a file.
 */
import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { systemCode } from '../host/host-error.ts';
import type { CancelTimer } from '../world/clock.ts';
import type { WorldLog } from '../world/log.ts';
import type { DiskFiles } from './disk-files.ts';
import type { DiskNews } from './mirror-term.ts';

export interface FolderLooksParts {
  readonly files: Pick<DiskFiles, 'absolute'>;
  readonly news: DiskNews;
  /** Whether what is in a folder counts; of the root it is asked, too. */
  readonly counts: (folder: string) => Promise<boolean>;
  /** Calls once after a delay in milliseconds; the returned function cancels it. */
  readonly after: (delayMs: number, fire: () => void) => CancelTimer;
  /** For distances in time. */
  readonly nowMs: () => number;
  readonly output: Pick<WorldLog, 'warn'>;
}

/** From the beginning of one look to that of the next, where the folder is no larger than this allows. */
export const LOOK_EVERY_MS = 5_000;
/** So long is looked at a time: nobody who types in the same process waits longer. */
export const SLICE_MS = 4;
/** After each time so much of it is rested: a twentieth of one processor goes into looking, at most. */
export const REST_FACTOR = 19;

export class FolderLooks {
  readonly #parts: FolderLooksParts;
  /** What tells each file from what it was, by its path; undefined until everything was seen once. */
  #seen: ReadonlyMap<string, string> | undefined;
  #sliceSinceMs = 0;
  #cancel: CancelTimer = () => {};
  #isStopped = false;

  constructor(parts: FolderLooksParts) {
    this.#parts = parts;
    void this.#look();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  async #look(): Promise<void> {
    const { after, nowMs, output } = this.#parts;
    const begunMs = nowMs();
    this.#sliceSinceMs = begunMs;
    try {
      await this.#lookOnce();
    } catch (error) {
      output.warn('mirror.not_looked', { error: String(error) });
    }
    if (this.#isStopped) return;
    const waitMs = Math.max(REST_FACTOR * SLICE_MS, begunMs + LOOK_EVERY_MS - nowMs());
    this.#cancel = after(waitMs, () => void this.#look());
  }

  async #lookOnce(): Promise<void> {
    const { counts, news } = this.#parts;
    const seen = new Map<string, string>();
    const folders = [''];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      if (!(await counts(folder))) continue;
      for (const entry of this.#entriesOf(folder)) {
        await this.#rest();
        if (this.#isStopped) return;
        const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (entry.isDirectory()) folders.push(name);
        else this.#lookAt(name, seen);
      }
    }
    const before = this.#seen;
    this.#seen = seen;
    // What happened before everything was seen once is found by whoever compares all of it.
    if (before === undefined) news.missed();
    for (const name of before?.keys() ?? []) {
      if (seen.has(name)) continue;
      await this.#rest();
      if (this.#isStopped) return;
      news.vanished(name);
    }
  }

  #lookAt(name: string, seen: Map<string, string>): void {
    const stamp = stampAt(this.#parts.files.absolute(name));
    if (stamp === undefined) return;
    seen.set(name, stamp);
    if (this.#seen !== undefined && this.#seen.get(name) !== stamp) this.#parts.news.changed(name);
  }

  #entriesOf(folder: string): readonly Dirent[] {
    try {
      return readdirSync(this.#parts.files.absolute(folder), { withFileTypes: true });
    } catch (error) {
      // It is gone, or nobody may read it.
      if (systemCode(error) !== undefined) return [];
      throw error;
    }
  }

  /** Rests in proportion to what was looked at, a folder of many files included. */
  async #rest(): Promise<void> {
    const { after, nowMs } = this.#parts;
    const lookedMs = nowMs() - this.#sliceSinceMs;
    if (lookedMs < SLICE_MS) return;
    await new Promise<void>((resolve) => {
      this.#cancel = after(REST_FACTOR * lookedMs, resolve);
    });
    this.#sliceSinceMs = nowMs();
  }
}

/** What changes with every write of a file; undefined for what is gone or may not be seen. */
function stampAt(file: string): string | undefined {
  try {
    const status = lstatSync(file, { bigint: true, throwIfNoEntry: false });
    if (status === undefined) return undefined;
    const { ino, mtimeNs, ctimeNs, size } = status;
    return `${ino}:${mtimeNs}:${ctimeNs}:${size}`;
  } catch (error) {
    if (systemCode(error) !== undefined) return undefined;
    throw error;
  }
}
