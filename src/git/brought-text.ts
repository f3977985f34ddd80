/**
 * Owns: whose commits brought what stands in a file, where a pull, a merge, a rebase or the like wrote it.
 * Does not know: who of them is a member of a world.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../host/host-error.ts';
import type { BroughtBy, GitAuthor } from '../mirror/folder-git.ts';
import { showBytePath } from './byte-path.ts';
import type { BroughtRange, HeadLog } from './head-moves.ts';
import type { OldBlobs } from './old-blobs.ts';
import { runGit } from './run-git.ts';

/** Of more commits than this nobody is named. */
const MOST_COMMITS = 2_000;

export class BroughtText {
  readonly #folder: string;
  readonly #log: HeadLog;
  readonly #blobs: OldBlobs;
  /** Who changed which files in the range that was asked for last. */
  #known: { readonly key: string; readonly authors: Promise<Authors> } | undefined;

  constructor(folder: string, log: HeadLog, blobs: OldBlobs) {
    this.#folder = folder;
    this.#log = log;
    this.#blobs = blobs;
  }

  /** False where git brought nothing when a file was written; that is told without a question to git. */
  mayBe(file: string): boolean {
    return this.#log.broughtRange(this.#blobs.writtenMs(file)) !== undefined;
  }

  async by(file: string): Promise<BroughtBy | undefined> {
    const range = await this.#rangeOf(file);
    if (range === undefined) return undefined;
    const authors = (await this.#authorsIn(range)).get(this.#blobs.named(file));
    return authors?.size === 1 ? [...authors.values()][0]! : 'several';
  }

  /** What the file was before, by the commit that HEAD was at. */
  async over(file: string): Promise<Uint8Array | undefined> {
    const range = await this.#rangeOf(file);
    return range && this.#blobs.contentIn(range.from, file);
  }

  async #rangeOf(file: string): Promise<BroughtRange | undefined> {
    const range = this.#log.broughtRange(this.#blobs.writtenMs(file));
    return range && (await this.#isBrought(file, range)) ? range : undefined;
  }

  /** The range changed the file, and nobody has changed it since. */
  async #isBrought(file: string, { from, to }: BroughtRange): Promise<boolean> {
    const [before, after] = [await this.#blobs.idIn(from, file), await this.#blobs.idIn(to, file)];
    if (before === after) return false;
    const bytes = await this.#read(file);
    const id = bytes && (await this.#blobs.storedId(file, bytes));
    return bytes === undefined ? after === undefined : id === after;
  }

  async #read(file: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(path.join(this.#folder, ...file.split('/')));
    } catch (error) {
      if (systemCode(error) !== undefined) return undefined;
      throw error;
    }
  }

  #authorsIn({ from, to }: BroughtRange): Promise<Authors> {
    const key = `${from}...${to}`;
    if (this.#known?.key !== key) this.#known = { key, authors: this.#readAuthors(key) };
    return this.#known.authors;
  }

  async #readAuthors(range: string): Promise<Authors> {
    const { out } = await runGit(this.#folder, [...LOG, range]);
    const authors = new Map<string, Map<string, GitAuthor>>();
    for (const commit of out.toString('latin1').split('\u0001').slice(1)) {
      const [who = '', ...files] = commit.split('\0');
      const [name = '', email = ''] = showBytePath(who).split('\u0002');
      for (const file of files) {
        const shown = showBytePath(file.replace(/^\n/, ''));
        const known = authors.get(shown) ?? new Map<string, GitAuthor>();
        authors.set(shown, known.set(`${name}\0${email}`, { name, email }));
      }
    }
    return authors;
  }
}

type Authors = ReadonlyMap<string, ReadonlyMap<string, GitAuthor>>;

/** Commits of the one side only, without those that the other has in another form, as after a rebase. */
const LOG = [
  'log',
  '--no-merges',
  '--right-only',
  '--cherry-pick',
  '--no-renames',
  '--name-only',
  `--max-count=${MOST_COMMITS}`,
  '--format=%x01%an%x02%ae',
  '-z',
];
