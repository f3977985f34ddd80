import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { type BytePath, quotedPath } from './byte-path.ts';
import { signatureOf, type GitPerson } from './git-person.ts';
import { ended, failure, startGit } from './run-git.ts';
import type { Workbench } from './workbench.ts';

/** What a commit is made of, apart from its files. */
export interface CommitHeader {
  readonly ref: string;
  readonly author: GitPerson;
  readonly authorSeconds: number;
  readonly committer: GitPerson;
  readonly committerSeconds: number;
  readonly message: string;
  /** For the first commit of a ref; later ones follow the one before. */
  readonly parents: readonly string[];
}

/** `git fast-import`: objects by the thousand through one process, and no ref but the workbench's. */
export class FastImport {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<number>;
  readonly #answers: AsyncGenerator<string>;
  #pieces: (string | Uint8Array)[] = [];
  #bytes = 0;
  #marks = 0;

  /** `areAlike` says that one blob resembles the one before, so that it pays to look for what differs. */
  constructor(workbench: Workbench, areAlike: boolean) {
    const args = areAlike ? ARGUMENTS : [...ARGUMENTS, '--depth=0'];
    this.#child = startGit(workbench.repository.folder, args, workbench.env);
    this.#ended = ended(this.#child, args);
    this.#ended.catch(() => {});
    this.#answers = linesOf(this.#child.stdout);
    this.#put('feature done\n');
  }

  /** Begins a commit; what follows are its files. Returns the number of its mark. */
  async commit(header: CommitHeader): Promise<number> {
    const { ref, author, committer, message, parents } = header;
    const mark = ++this.#marks;
    this.#put(`commit ${ref}\nmark :${mark}\n`);
    this.#putText(`author ${signatureOf(author)} ${header.authorSeconds} +0000\n`);
    this.#putText(`committer ${signatureOf(committer)} ${header.committerSeconds} +0000\n`);
    this.#putData(Buffer.from(message, 'utf8'));
    for (const [index, parent] of parents.entries()) {
      this.#put(`${index === 0 ? 'from' : 'merge'} ${parent}\n`);
    }
    await this.#flushIfFull();
    return mark;
  }

  async putFile(path: BytePath, mode: string, content: Uint8Array | string): Promise<void> {
    if (typeof content === 'string') {
      this.#put(`M ${mode} ${content} ${quotedPath(path)}\n`);
    } else {
      this.#put(`M ${mode} inline ${quotedPath(path)}\n`);
      this.#putData(content);
    }
    await this.#flushIfFull();
  }

  removeFile(path: BytePath): void {
    this.#put(`D ${quotedPath(path)}\n`);
  }

  /** A note about the commit with a mark, in a commit of notes. */
  async putNote(mark: number, content: Uint8Array): Promise<void> {
    this.#put(`N inline :${mark}\n`);
    this.#putData(content);
    await this.#flushIfFull();
  }

  /** The ids of the commits with these marks. */
  async idsOf(marks: readonly number[]): Promise<readonly string[]> {
    for (const mark of marks) this.#put(`get-mark :${mark}\n`);
    await this.#flush();
    const ids: string[] = [];
    while (ids.length < marks.length) {
      const next = await this.#answers.next();
      if (next.done === true) await this.#fail();
      else ids.push(next.value);
    }
    return ids;
  }

  /** Ends it well: all objects are on disk. Throws `GitError`. */
  async finish(): Promise<void> {
    this.#put('done\n');
    await this.#flush();
    this.#child.stdin.end();
    if ((await this.#ended) !== 0) throw failure(['fast-import'], this.#child);
  }

  /** Ends it without a result, if it has not ended. */
  abandon(): void {
    this.#child.kill('SIGKILL');
  }

  async #fail(): Promise<never> {
    await this.#ended;
    throw failure(['fast-import'], this.#child);
  }

  #putData(bytes: Uint8Array): void {
    this.#put(`data ${bytes.length}\n`);
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
    this.#put('\n');
  }

  #putText(text: string): void {
    this.#pieces.push(Buffer.from(text, 'utf8'));
    this.#bytes += text.length;
  }

  /** Plain characters, or bytes as characters, as paths are. */
  #put(bytes: string): void {
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
  }

  async #flushIfFull(): Promise<void> {
    if (this.#bytes >= FULL_BYTES) await this.#flush();
  }

  async #flush(): Promise<void> {
    const { stdin } = this.#child;
    const pieces = this.#pieces.map((piece) =>
      typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece,
    );
    this.#pieces = [];
    this.#bytes = 0;
    if (stdin.destroyed || this.#child.exitCode !== null) await this.#fail();
    const isTaken = stdin.write(Buffer.concat(pieces));
    // What is ready may wait for git, so that the next can be made ready meanwhile.
    if (isTaken || stdin.writableLength < WAITING_BYTES) return;
    await Promise.race([once(stdin, 'drain'), this.#ended.then(() => this.#fail())]);
  }
}

async function* linesOf(stream: NodeJS.ReadableStream): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of stream) {
    const lines = (rest + String(piece)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

const ARGUMENTS = ['fast-import', '--quiet', '--done', '--date-format=raw'];
const FULL_BYTES = 256 * 1024;
const WAITING_BYTES = 16 * 1024 * 1024;
