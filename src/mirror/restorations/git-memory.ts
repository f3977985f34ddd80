/**
 * Owns: how long git may take to say whether it had a content before. Does not know: how it finds out.
 */
import type { Clock } from '../../world/clock.ts';
import { textOf } from '../disk-base.ts';
import type { FolderGit } from '../folder-git.ts';

/** So long git may take for each file. */
const FILE_MS = 10;
/** What files before did not need may be used, since git takes longer to begin, and where much else runs. */
const MOST_MS = 5_000;

/** git has not said it in time. */
export type Late = 'late';

export class GitMemory {
  readonly #git: FolderGit;
  readonly #clock: Clock;
  #allowanceMs = MOST_MS;

  constructor(git: FolderGit, clock: Clock) {
    this.#git = git;
    this.#clock = clock;
  }

  /** True when the folder's repository had just this content before. */
  had(path: string, bytes: Uint8Array): Promise<boolean | Late> {
    return this.#inTime(this.#git.hasBlob(path, bytes));
  }

  /** True when it had a content that begins with this one, and goes on. */
  async hadMore(path: string, bytes: Uint8Array): Promise<boolean | Late> {
    const contents = await this.#inTime(this.#git.oldContents(path));
    if (contents === 'late') return contents;
    return contents.some(
      (each) =>
        each.length > bytes.length &&
        Buffer.from(each.buffer, each.byteOffset, bytes.length).equals(bytes),
    );
  }

  /**
   * What the repository had of a file before a pull, a merge or the like brought the text that it has now;
   * undefined where none did.
   */
  async broughtOver(path: string): Promise<{ readonly over: string } | Late | undefined> {
    const bytes = await this.#inTime(this.#git.broughtOver(path));
    if (bytes === 'late') return bytes;
    const over = bytes && textOf(bytes);
    return over === undefined ? undefined : { over };
  }

  async #inTime<Answer>(answer: Promise<Answer>): Promise<Answer | Late> {
    this.#allowanceMs = Math.min(MOST_MS, this.#allowanceMs + FILE_MS);
    const beganMs = this.#clock.nowMs();
    const late = Promise.withResolvers<Late>();
    const cancel = this.#clock.after(this.#allowanceMs, () => late.resolve('late'));
    try {
      return await Promise.race([answer, late.promise]);
    } finally {
      cancel();
      const tookMs = Math.max(0, this.#clock.nowMs() - beganMs);
      this.#allowanceMs = Math.max(0, this.#allowanceMs - tookMs);
    }
  }
}
