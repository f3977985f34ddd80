/**
 * Owns: how long git may take to say whether it had a content before. Does not know: how it finds out.
 */
import type { Clock } from '../../world/clock.ts';
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
  async had(path: string, bytes: Uint8Array): Promise<boolean> {
    this.#allowanceMs = Math.min(MOST_MS, this.#allowanceMs + FILE_MS);
    const beganMs = this.#clock.nowMs();
    const late = Promise.withResolvers<false>();
    const cancel = this.#clock.after(this.#allowanceMs, () => late.resolve(false));
    try {
      return await Promise.race([this.#git.hasBlob(path, bytes), late.promise]);
    } finally {
      cancel();
      const tookMs = Math.max(0, this.#clock.nowMs() - beganMs);
      this.#allowanceMs = Math.max(0, this.#allowanceMs - tookMs);
    }
  }
}
