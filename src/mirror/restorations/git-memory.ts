/**
 * Owns: how long git may take to say whether it had a content before. Does not know: how it finds out.
 */
import type { Clock } from '../../world/clock.ts';
import { textOf } from '../disk-base.ts';
import type { FolderGit } from '../folder-git.ts';

/** So long git may take for each file. */
const FILE_MS = 10;
/** What files before did not need may be used, since git takes longer to begin. */
const MOST_MS = 1_000;

export class GitMemory {
  readonly #git: FolderGit;
  readonly #clock: Clock;
  #allowanceMs = MOST_MS;

  constructor(git: FolderGit, clock: Clock) {
    this.#git = git;
    this.#clock = clock;
  }

  /** True when the folder's repository had just this content before; false too when time is over. */
  had(path: string, bytes: Uint8Array): Promise<boolean> {
    return this.#inTime(this.#git.hasBlob(path, bytes), false);
  }

  /** True when it had a content that begins with this one, and goes on; false too when time is over. */
  async hadMore(path: string, bytes: Uint8Array): Promise<boolean> {
    const contents = await this.#inTime(this.#git.oldContents(path, this.#allowanceMs), []);
    return contents.some(
      (each) =>
        each.length > bytes.length &&
        Buffer.from(each.buffer, each.byteOffset, bytes.length).equals(bytes),
    );
  }

  /**
   * What the repository had of a file before a pull, a merge or the like brought the text that it has now;
   * undefined where none did, and when time is over.
   */
  async broughtOver(path: string): Promise<string | undefined> {
    const bytes = await this.#inTime(this.#git.broughtOver(path), undefined);
    return bytes && textOf(bytes);
  }

  async #inTime<Answer>(answer: Promise<Answer>, none: Answer): Promise<Answer> {
    this.#allowanceMs = Math.min(MOST_MS, this.#allowanceMs + FILE_MS);
    const beganMs = this.#clock.nowMs();
    const late = Promise.withResolvers<Answer>();
    const cancel = this.#clock.after(this.#allowanceMs, () => late.resolve(none));
    try {
      return await Promise.race([answer, late.promise]);
    } finally {
      cancel();
      const tookMs = Math.max(0, this.#clock.nowMs() - beganMs);
      this.#allowanceMs = Math.max(0, this.#allowanceMs - tookMs);
    }
  }
}
