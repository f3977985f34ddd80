/**
 * Owns: what the index says of paths: which are tracked, which are not checked out, which are in
 * conflict. Does not know: when
 * the index changes; whoever asks says so by `forget`.
 */
import type { CancelTimer } from '../world/clock.ts';
import { showBytePath } from './byte-path.ts';
import type { GitClock } from './git-work.ts';
import { runGit } from './run-git.ts';

interface Flags {
  readonly tracked: ReadonlySet<string>;
  readonly skipped: ReadonlySet<string>;
}

/** So many paths are asked for by name; of more the whole list is read, once. */
const MOST_NAMED = 64;
/** The whole list of a large repository is not kept for longer than an event takes. */
const KEPT_MS = 5_000;

export class IndexFlags {
  readonly #folder: string;
  readonly #clock: GitClock;
  #all: Promise<Flags> | undefined;
  #unmerged: Promise<ReadonlySet<string>> | undefined;
  /** Nothing is left out in the index as it is: then nobody needs to ask again. */
  #isWhole = false;
  #cancel: CancelTimer = () => {};

  constructor(folder: string, clock: GitClock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  async tracked(paths: readonly string[]): Promise<ReadonlySet<string>> {
    if (paths.length === 0) return new Set();
    const { tracked } = await this.#of(paths);
    return new Set(paths.filter((each) => tracked.has(each)));
  }

  async skipped(paths: readonly string[]): Promise<ReadonlySet<string>> {
    if (this.#isWhole || paths.length === 0) return new Set();
    const { skipped } = await this.#whole();
    return new Set(paths.filter((each) => skipped.has(each)));
  }

  async unmerged(paths: readonly string[]): Promise<ReadonlySet<string>> {
    if (paths.length === 0) return new Set();
    // These are few, so that they are read once for each state of the index.
    this.#unmerged ??= this.#readUnmerged();
    const unmerged = await this.#unmerged;
    return new Set(paths.filter((each) => unmerged.has(each)));
  }

  /** The index is another one now. */
  forget(): void {
    this.#isWhole = false;
    this.#unmerged = undefined;
    this.#release();
  }

  #of(paths: readonly string[]): Promise<Flags> {
    const isNamed = this.#all === undefined && paths.length <= MOST_NAMED;
    return isNamed ? this.#read(paths) : this.#whole();
  }

  #whole(): Promise<Flags> {
    if (this.#all === undefined) {
      const all = this.#read([]);
      this.#all = all;
      this.#cancel = this.#clock.after(KEPT_MS, () => this.#release());
      void this.#note(all);
    }
    return this.#all;
  }

  async #note(all: Promise<Flags>): Promise<void> {
    try {
      const { skipped } = await all;
      if (this.#all === all) this.#isWhole = skipped.size === 0;
    } catch {
      // Whoever asked hears why; the next one asks anew.
      if (this.#all === all) this.#release();
    }
  }

  #release(): void {
    this.#cancel();
    this.#all = undefined;
  }

  async #readUnmerged(): Promise<ReadonlySet<string>> {
    const { out } = await runGit(this.#folder, ['ls-files', '-u', '-z']);
    const lines = out.toString('latin1').split('\0').filter(Boolean);
    // Mode, object and stage, a tab, and the path from this folder.
    return new Set(lines.map((line) => showBytePath(line.slice(line.indexOf('\t') + 1))));
  }

  async #read(paths: readonly string[]): Promise<Flags> {
    const env = { GIT_LITERAL_PATHSPECS: '1' };
    const wanted = paths.length === 0 ? [] : ['--', ...paths];
    const { out } = await runGit(this.#folder, ['ls-files', '-t', '-z', ...wanted], { env });
    const tracked = new Set<string>();
    const skipped = new Set<string>();
    for (const line of out.toString('latin1').split('\0')) {
      if (line === '') continue;
      // A letter, a space, and the path from this folder.
      const name = showBytePath(line.slice(2));
      tracked.add(name);
      if (line.startsWith('S ')) skipped.add(name);
    }
    return { tracked, skipped };
  }
}
