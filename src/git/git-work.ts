/**
 * Owns: telling when git changes files in a work tree, by its lock and by what it moves last. Does not
 * know: what git does there, or who asks.
 */
import { type FSWatcher, statSync, watch } from 'node:fs';
import path from 'node:path';
import { systemCode } from '../host/host-error.ts';
import type { CancelTimer } from '../world/clock.ts';
import { Listeners, type StopListening } from '../world/listeners.ts';
import type { WorldLog } from '../world/log.ts';

export interface GitClock {
  /** As `performance.now()`. */
  steadyMs(): number;
  /** As `Date.now()`: by it files tell when they were changed. */
  wallMs(): number;
  after(delayMs: number, fire: () => void): CancelTimer;
}

/** What git moved last may be followed by more of the same command, or of the same script. */
export const MOVED_MS = 500;
/** A mirror that waits for longer would be no mirror. */
export const MOST_WORK_MS = 30_000;
/** While a lock is there its end is looked for, too: a watch may miss it. */
const LOOK_MS = 100;
const MOMENT_MS = 50;

export class GitWork {
  readonly #gitFolder: string;
  readonly #headFile: string;
  readonly #indexFile: string;
  readonly #lockFile: string;
  readonly #clock: GitClock;
  readonly #output: WorldLog;
  readonly #rests: Listeners<void>;
  readonly #begins: Listeners<void>;
  readonly #moves: Listeners<void>;
  #watcher: FSWatcher | undefined;
  #cancelLook: CancelTimer | undefined;
  /** HEAD and the index as they were seen last. */
  #seen: string;
  /** The lock that somebody holds; empty for none. */
  #lock = '';
  /** A lock that was there for too long: whoever made it has ended. */
  #stale: string;
  #movedMs = -Infinity;
  #busyMs = -Infinity;
  #lookedMs = -Infinity;
  /** Since when there was work without a pause. */
  #sinceMs: number | undefined;

  constructor(gitFolder: string, clock: GitClock, output: WorldLog) {
    this.#gitFolder = gitFolder;
    this.#headFile = path.join(gitFolder, 'HEAD');
    this.#indexFile = path.join(gitFolder, 'index');
    this.#lockFile = path.join(gitFolder, 'index.lock');
    this.#clock = clock;
    this.#output = output;
    const failed = (error: unknown): void => output.warn('git.listener', { error: String(error) });
    this.#rests = new Listeners(failed);
    this.#begins = new Listeners(failed);
    this.#moves = new Listeners(failed);
    this.#seen = this.#heads();
    this.#stale = lockIfOld(this.#lockFile, clock.wallMs());
    this.#noticeLock(clock.steadyMs());
    this.#watch();
  }

  isAtWork(sinceMs?: number): boolean {
    this.lookSince(sinceMs);
    return this.#sinceMs !== undefined && this.#lookedMs - this.#sinceMs < MOST_WORK_MS;
  }

  /** Looks, unless that was done since a moment by the clock. */
  lookSince(sinceMs = Infinity): void {
    if (this.#lookedMs < sinceMs) this.look();
  }

  workedSince(sinceMs: number): boolean {
    // Who asks looks back far enough for it not to matter what has just begun.
    if (this.#clock.steadyMs() - this.#lookedMs >= MOMENT_MS) this.look();
    return this.#busyMs >= sinceMs;
  }

  onRest(listener: () => void): StopListening {
    return this.#rests.add(listener);
  }

  /** HEAD or the index is another one now. */
  onMove(listener: () => void): StopListening {
    return this.#moves.add(listener);
  }

  onBegin(listener: () => void): StopListening {
    return this.#begins.add(listener);
  }

  dispose(): void {
    this.#cancelLook?.();
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  /** Looks at what git leaves behind; returns when that was, by the clock. */
  look(): number {
    const nowMs = this.#clock.steadyMs();
    this.#lookedMs = nowMs;
    const heads = this.#heads();
    if (heads !== this.#seen) {
      this.#seen = heads;
      this.#movedMs = nowMs;
      this.#moves.emit();
    }
    const lock = lockAt(this.#lockFile);
    if (lock !== this.#stale) this.#stale = '';
    this.#lock = lock !== '' && lock !== this.#stale ? lock : '';
    this.#noticeLock(nowMs);
    const isBusy = this.#lock !== '' || nowMs - this.#movedMs < MOVED_MS;
    if (isBusy) this.#isBusy(nowMs);
    else this.#isQuiet();
    return nowMs;
  }

  /** A lock that came and went unseen, as of a git that was killed: the folder that it was in tells when. */
  #noticeLock(nowMs: number): void {
    const changedMs = statSync(this.#gitFolder, { throwIfNoEntry: false })?.mtimeMs;
    if (changedMs === undefined) return;
    this.#busyMs = Math.max(this.#busyMs, nowMs - Math.max(0, this.#clock.wallMs() - changedMs));
  }

  #isBusy(nowMs: number): void {
    this.#busyMs = nowMs;
    if (this.#sinceMs === undefined) {
      this.#sinceMs = nowMs;
      this.#begins.emit();
    }
    const workedMs = nowMs - this.#sinceMs;
    if (workedMs >= MOST_WORK_MS) {
      // Told once; what comes before there is a pause is not waited for.
      if (this.#lock !== '') this.#stale = this.#lock;
      if (this.#cancelLook) this.#rests.emit();
      this.#cancelLook?.();
      this.#cancelLook = undefined;
      return;
    }
    const lastsMs = this.#lock !== '' ? LOOK_MS : this.#movedMs + MOVED_MS - nowMs;
    const delayMs = Math.max(1, Math.min(lastsMs, MOST_WORK_MS - workedMs));
    this.#cancelLook?.();
    this.#cancelLook = this.#clock.after(delayMs, () => this.look());
  }

  #isQuiet(): void {
    this.#cancelLook?.();
    const wasWaiting = this.#cancelLook !== undefined;
    this.#cancelLook = undefined;
    this.#sinceMs = undefined;
    if (wasWaiting) this.#rests.emit();
  }

  #heads(): string {
    return `${identityOf(this.#headFile)} ${identityOf(this.#indexFile)}`;
  }

  #watch(): void {
    try {
      this.#watcher = watch(this.#gitFolder, { persistent: false });
      this.#watcher.on('change', () => this.look());
      this.#watcher.on('error', (error) => this.#failed(error));
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Whoever asks is answered all the same. */
  #failed(error: unknown): void {
    this.#output.warn('git.not_watched', { code: systemCode(error) ?? String(error) });
  }
}

/** What tells one file at a path from the next one; empty where there is none. */
function identityOf(file: string): string {
  try {
    const status = statSync(file, { bigint: true, throwIfNoEntry: false });
    if (status === undefined) return '';
    const { ino, mtimeNs, ctimeNs, size } = status;
    return `${ino}:${mtimeNs}:${ctimeNs}:${size}`;
  } catch (error) {
    if (systemCode(error) !== undefined) return '';
    throw error;
  }
}

/** git writes to a lock while it holds it: what stays the same is when it was made. */
function lockAt(file: string): string {
  const status = statSync(file, { bigint: true, throwIfNoEntry: false });
  return status === undefined ? '' : `${status.ino}:${status.birthtimeNs}`;
}

/** A lock that is older than any that is waited for when it is seen first. */
function lockIfOld(file: string, wallMs: number): string {
  const made = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  return made !== undefined && wallMs - made > MOST_WORK_MS ? lockAt(file) : '';
}
