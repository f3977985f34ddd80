import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { GitError } from './git-error.ts';
import { ended, startGit } from './run-git.ts';

/** Reads objects of a repository, one after the other, by one process of git. */
export class BlobReader {
  readonly #folder: string;
  #git: RunningGit | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #last: Promise<unknown> = Promise.resolve();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The bytes of an object by its id; undefined for one that is not there. */
  read(id: string): Promise<Buffer | undefined> {
    const found = this.#last.then(() => this.#read(id));
    this.#last = found.catch(() => {});
    return found;
  }

  async close(): Promise<void> {
    await this.#last;
    this.#git?.child.stdin.end();
    await this.#git?.ended;
  }

  async #read(id: string): Promise<Buffer | undefined> {
    this.#git ??= start(this.#folder);
    this.#git.child.stdin.write(`${id}\n`);
    let end = this.#rest.indexOf('\n');
    while (end < 0) {
      await this.#more();
      end = this.#rest.indexOf('\n');
    }
    const header = this.#rest.subarray(0, end).toString('utf8');
    this.#rest = this.#rest.subarray(end + 1);
    if (header.endsWith(' missing')) return undefined;
    const size = Number(header.slice(header.lastIndexOf(' ') + 1));
    const pieces = [this.#rest];
    let bytes = this.#rest.length;
    while (bytes < size + 1) {
      const piece = await this.#next();
      pieces.push(piece);
      bytes += piece.length;
    }
    const all = Buffer.concat(pieces);
    this.#rest = all.subarray(size + 1);
    return all.subarray(0, size);
  }

  async #more(): Promise<void> {
    this.#rest = Buffer.concat([this.#rest, await this.#next()]);
  }

  async #next(): Promise<Buffer> {
    const next = await this.#git!.pieces.next();
    if (next.done !== true) return next.value;
    await this.#git!.ended;
    throw new GitError('git_failed', 'git cat-file ended too early');
  }
}

interface RunningGit {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<number>;
  readonly pieces: AsyncIterator<Buffer>;
}

/** Most exports need no old blob at all. */
function start(folder: string): RunningGit {
  const args = ['cat-file', '--batch'];
  const child = startGit(folder, args);
  const end = ended(child, args);
  // Whoever waits for an object is told.
  end.catch(() => {});
  const pieces = child.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  return { child, ended: end, pieces };
}
