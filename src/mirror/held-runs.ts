/**
 * Owns: for which commands a directory's text is not to move just now. Each has a lock in the directory's state,
 * which ends with its process, however that ends. Does not know: what they run, how the text is kept still.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { tryLock } from '../host/process-lock.ts';
import type { CancelTimer, Clock } from '../world/clock.ts';
import { FolderLog } from './folder-log.ts';

/** Keeps the text of a directory still until `end`. */
export interface HeldRun {
  /** False where a mirror runs that has not answered in time. */
  readonly isHeld: boolean;
  end(): void;
}

/** How soon a mirror sees that a command was killed. */
const LOOK_MS = 300;

/**
 * Asks the mirror of a directory, if one runs or begins, to leave the text as it is. Undefined where this runtime
 * cannot lock. `isMirrored`: one runs, which is waited for.
 */
export async function holdText(
  state: string,
  { isMirrored, timeoutMs }: { readonly isMirrored: boolean; readonly timeoutMs: number },
): Promise<HeldRun | undefined> {
  const folder = runsIn(state);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const runId = randomUUID();
  const file = path.join(folder, `${runId}${LOCK}`);
  const lock = tryLock(file);
  if (lock.kind !== 'held') return undefined;
  const end = (): void => {
    lock.release();
    removeLock(file);
  };
  if (!isMirrored) return { isHeld: true, end };
  const log = await FolderLog.open(state);
  const answer = Promise.withResolvers<boolean>();
  const stopFollowing = log.follow((error) => answer.reject(error));
  const stop = log.onEntry((entry) => {
    if (entry.tag === 'still' && entry.runId === runId) answer.resolve(true);
  });
  const timer = setTimeout(() => answer.resolve(false), timeoutMs);
  try {
    await log.append({ tag: 'run', runId });
    return { isHeld: await answer.promise, end };
  } catch (error) {
    end();
    throw error;
  } finally {
    clearTimeout(timer);
    stop();
    stopFollowing();
  }
}

/** What the mirror of a directory knows of such commands. */
export class HeldRuns {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  #isHeld: boolean;
  #cancel: CancelTimer = () => undefined;
  #isOver = false;

  /** `onEnd`: the last of them has ended. */
  constructor(state: string, clock: Clock, onEnd: () => void) {
    this.#folder = runsIn(state);
    this.#clock = clock;
    this.#onEnd = onEnd;
    this.#isHeld = isAnyRunning(this.#folder);
    if (this.#isHeld) this.#lookLater();
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** One has begun. */
  look(): void {
    if (this.#isOver) return;
    const wasHeld = this.#isHeld;
    this.#isHeld = isAnyRunning(this.#folder);
    if (this.#isHeld) this.#lookLater();
    else if (wasHeld) this.#onEnd();
  }

  dispose(): void {
    this.#isOver = true;
    this.#cancel();
  }

  #lookLater(): void {
    this.#cancel();
    this.#cancel = this.#clock.after(LOOK_MS, () => this.look());
  }
}

function runsIn(state: string): string {
  return path.join(state, 'runs');
}

/** Takes away the locks of those that were killed. */
function isAnyRunning(folder: string): boolean {
  if (!existsSync(folder)) return false;
  let isAny = false;
  // Beside each the system that locks keeps files of its own.
  for (const name of readdirSync(folder).filter((each) => each.endsWith(LOCK))) {
    const file = path.join(folder, name);
    const lock = tryLock(file);
    if (lock.kind === 'busy') isAny = true;
    if (lock.kind !== 'held') continue;
    lock.release();
    removeLock(file);
  }
  return isAny;
}

function removeLock(file: string): void {
  for (const each of [file, `${file}-journal`]) rmSync(each, { force: true });
}

const LOCK = '.lock';
