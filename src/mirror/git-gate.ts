/**
 * Owns: keeping a mirror still while git changes files in its folder, so that nothing of what git does
 * half-way is told to others. Does not know: how git's work is told, what the mirror looks at.
 */
import type { FolderGit } from './folder-git.ts';

export class GitGate {
  readonly #git: FolderGit;
  readonly #stopListening: () => void;
  #isStopped = false;
  #waiting: PromiseWithResolvers<void> | undefined;

  constructor(git: FolderGit) {
    this.#git = git;
    this.#stopListening = git.onRest(() => this.#open());
  }

  /**
   * To be asked about what was read from the disk by a moment of `performance.now()`: git takes its lock before it
   * writes, so what was read is known to be no half of its work where git was at rest then or later. Of files
   * that were read one right after the other git is looked at once. Without a moment it is asked about now.
   */
  isShut(readMs?: number): boolean {
    return this.#git.isAtWork(readMs);
  }

  /** Resolves once git rests, or is not waited for any longer. */
  async opened(): Promise<void> {
    while (!this.#isStopped && this.#git.isAtWork()) {
      this.#waiting ??= Promise.withResolvers();
      await this.#waiting.promise;
    }
  }

  /** Lets everybody go who waits. */
  stop(): void {
    this.#isStopped = true;
    this.#stopListening();
    this.#open();
  }

  #open(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}
