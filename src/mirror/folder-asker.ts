/**
 * Owns: asking the mirror that keeps a folder, in whatever process it is, by the folder's log. Does not know: who
 * asks, what the mirror does about it.
 */
import { randomUUID } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import type { WorldLog } from '../world/log.ts';
import { madeTextHash, type WritingEntry } from './announced-writes.ts';
import { directoryState } from './directory-mirror.ts';
import type { FolderAnswer, FolderAsk } from './folder-asks.ts';
import { FolderLog } from './folder-log.ts';

export interface FolderAskerOptions {
  readonly home: string;
  /** Absolute, and there. */
  readonly folder: string;
  readonly database: string;
  readonly output: WorldLog;
}

export interface WholeText {
  readonly text: string;
  /** The version of the file that it is made on. */
  readonly fileId: number;
  readonly version: number;
}

/** A client waits for its hook. */
const ANSWER_MS = 2_000;

export class FolderAsker {
  readonly #options: FolderAskerOptions;
  #opening: Promise<FolderLog> | undefined;
  #stopFollowing: (() => void) | undefined;
  #isOver = false;

  constructor(options: FolderAskerOptions) {
    this.#options = options;
  }

  /** Resolves with nothing where no mirror answers in time; at once where none keeps the folder. */
  async ask(ask: FolderAsk, timeoutMs: number): Promise<FolderAnswer> {
    const log = await this.log();
    await log.refresh();
    if (log.keeper === undefined || !isAlive(log.keeper)) return undefined;
    const askId = randomUUID();
    const answered = Promise.withResolvers<FolderAnswer>();
    const stop = log.onEntry((entry) => {
      if (entry.tag === 'answer' && entry.askId === askId) answered.resolve(entry.answer);
    });
    const timer = setTimeout(() => answered.resolve(undefined), timeoutMs);
    try {
      await log.append({ tag: 'ask', askId, ask });
      return await answered.promise;
    } finally {
      clearTimeout(timer);
      stop();
    }
  }

  /** Whose work the next ops of the folder are is looked up again. */
  async turnsChanged(): Promise<void> {
    await this.ask({ does: 'turns' }, ANSWER_MS);
  }

  /** What others did to a file is on disk afterwards. */
  async bring(path: string): Promise<void> {
    await this.ask({ does: 'bring', path }, ANSWER_MS);
  }

  /**
   * A tool is about to write: until `take`, or for some seconds, nothing is put there. `made`: the whole text that
   * it will write, and the version that it is made on.
   */
  async writing(path: string, made?: WholeText): Promise<void> {
    const log = await this.log();
    if (log.keeper === undefined) return;
    await log.append({ tag: 'writing', path, atMs: Date.now(), ...(made && fromText(made)) });
    // Whatever is being put there now is there before the tool writes.
    const unclaim = await log.claim(path);
    await unclaim();
  }

  /** A tool is done with a file; resolves with what became of what it wrote, if the mirror says so in time. */
  take(path: string): Promise<FolderAnswer> {
    return this.ask({ does: 'take', path }, ANSWER_MS);
  }

  /** The folder's log; it is read on as it grows. */
  log(): Promise<FolderLog> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  dispose(): void {
    this.#isOver = true;
    this.#stopFollowing?.();
  }

  async #open(): Promise<FolderLog> {
    const { home, folder, database, output } = this.#options;
    const log = await FolderLog.open(await directoryState(home, await realpath(folder), database));
    const failed = (error: unknown): void => output.warn('folder.log', { error: String(error) });
    if (!this.#isOver) this.#stopFollowing = log.follow(failed);
    return log;
  }
}

function fromText({ text, fileId, version }: WholeText): Pick<WritingEntry, 'made'> {
  return { made: { hash: madeTextHash(text), fileId, version } };
}

/** A process that is there, though it may be another one by now. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
