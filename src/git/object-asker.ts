/**
 * Owns: asking one lasting `git cat-file` about objects, one after the other, and ending it when nobody
 * asks. Does not know: what the objects are for.
 */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { CancelTimer } from '../world/clock.ts';
import type { GitClock } from './git-work.ts';
import { ended, startGit } from './run-git.ts';

export interface FoundObject {
  readonly id: string;
  readonly type: string;
  readonly size: number;
}

export interface ReadObject extends FoundObject {
  readonly bytes: Buffer;
}

/** How long a process lasts that nobody asks. */
const IDLE_MS = 10_000;

/** In a partial clone git would fetch what it lacks. Not every version knows the first of these. */
const NO_FETCH = { GIT_NO_LAZY_FETCH: '1', GIT_ALLOW_PROTOCOL: '' };

export class ObjectAsker {
  readonly #folder: string;
  readonly #clock: GitClock;
  readonly #args: readonly string[];
  readonly #hasBytes: boolean;
  #git: RunningGit | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #cancelEnd: CancelTimer = () => {};

  /** `what`: whether objects are only looked for, or read too. */
  constructor(folder: string, what: 'find' | 'read', clock: GitClock) {
    this.#folder = folder;
    this.#clock = clock;
    this.#hasBytes = what === 'read';
    this.#args = ['cat-file', this.#hasBytes ? '--batch' : '--batch-check'];
  }

  /** By an id or any other name of it; undefined for what is not there, or cannot be told. */
  find(name: string): Promise<FoundObject | undefined> {
    return this.#ask(name);
  }

  async read(name: string): Promise<ReadObject | undefined> {
    const found = await this.#ask(name);
    return found?.bytes && { ...found, bytes: found.bytes };
  }

  /** The index may be another one now, which git reads but once. */
  end(): void {
    this.#cancelEnd();
    this.#git?.child.stdin.end();
    this.#git = undefined;
  }

  /** Also what is asked for now is not waited for. */
  dispose(): void {
    this.#git?.child.kill();
    this.end();
  }

  #ask(name: string): Promise<(FoundObject & Partial<ReadObject>) | undefined> {
    // One name a line: what cannot be asked for is not known.
    if (name.includes('\n')) return Promise.resolve(undefined);
    this.#waiting += 1;
    const found = this.#last.then(() => this.#askNow(name));
    this.#last = found.catch(() => {});
    return found;
  }

  async #askNow(name: string): Promise<(FoundObject & Partial<ReadObject>) | undefined> {
    this.#cancelEnd();
    this.#git ??= this.#start();
    const git = this.#git;
    git.child.stdin.write(`${name}\n`);
    try {
      return await this.#answer(git);
    } finally {
      this.#waiting -= 1;
      if (this.#git === git && this.#waiting === 0) {
        this.#cancelEnd = this.#clock.after(IDLE_MS, () => this.end());
      }
    }
  }

  async #answer(git: RunningGit): Promise<(FoundObject & Partial<ReadObject>) | undefined> {
    let end = git.rest.indexOf('\n');
    while (end < 0) {
      if (!(await this.#more(git))) return undefined;
      end = git.rest.indexOf('\n');
    }
    const header = git.rest.subarray(0, end).toString('utf8');
    git.rest = git.rest.subarray(end + 1);
    const [, id, type, size] = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(header) ?? [];
    if (id === undefined || type === undefined) return undefined;
    const found = { id, type, size: Number(size) };
    if (!this.#hasBytes) return found;
    const length = found.size + 1;
    const pieces = [git.rest];
    for (let bytes = git.rest.length; bytes < length;) {
      const piece = await git.pieces.next();
      if (piece.done === true) return this.#lost(git);
      pieces.push(piece.value);
      bytes += piece.value.length;
    }
    const all = Buffer.concat(pieces);
    git.rest = all.subarray(length);
    return { ...found, bytes: all.subarray(0, found.size) };
  }

  async #more(git: RunningGit): Promise<boolean> {
    const piece = await git.pieces.next();
    if (piece.done === true) {
      this.#lost(git);
      return false;
    }
    git.rest = Buffer.concat([git.rest, piece.value]);
    return true;
  }

  /** It ended, as it does for an object that it would have to fetch: the next question starts another. */
  #lost(git: RunningGit): undefined {
    if (this.#git === git) this.#git = undefined;
    return undefined;
  }

  #start(): RunningGit {
    const child = startGit(this.#folder, this.#args, NO_FETCH);
    // Whoever waits for an answer sees that none comes.
    ended(child, this.#args).catch(() => {});
    const pieces = child.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    return { child, pieces, rest: Buffer.alloc(0) };
  }
}

interface RunningGit {
  readonly child: ChildProcessWithoutNullStreams;
  readonly pieces: AsyncIterator<Buffer>;
  /** What it said beyond the last answer. */
  rest: Buffer;
}
