/**
 * Owns: what becomes of a path at which the disk and the world each have a file of their own, such as one
 * that was made on both sides while a mirror was away. Does not know: how files are read, sent and put.
 */
import type { FolderMirrorParts } from './folder-mirror-parts.ts';

/**
 * `wait`: until it is known how many there are; `propose`: the world keeps both sides in a ticket; `copy`:
 * the disk's is copied and gives way.
 */
export type MadeTwiceDecision = 'wait' | 'propose' | 'copy';

/** A directory that is joined with more files than this which differ is an old or another project. */
const MOST_TICKETS = 20;

export class MadeTwice {
  readonly #parts: Pick<FolderMirrorParts, 'log' | 'keepCopy' | 'report'>;
  /** Nothing was ever put into the folder: it is joined for the first time. */
  readonly #isFirst: boolean;
  readonly #waiting = new Set<string>();
  #ripe: ReadonlySet<string> = new Set();
  #decision: 'propose' | 'copy' = 'propose';
  #copied = 0;
  #firstCopy: { readonly path: string; readonly copy: string } | undefined;

  constructor(parts: Pick<FolderMirrorParts, 'log' | 'keepCopy' | 'report'>) {
    this.#parts = parts;
    this.#isFirst = parts.log.paths()[Symbol.iterator]().next().done === true;
  }

  decide(path: string): MadeTwiceDecision {
    if (this.#ripe.has(path)) return this.#decision;
    this.#waiting.add(path);
    return 'wait';
  }

  /** Everything was looked at: these paths are to be looked at once more, for what `decide` says then. */
  ripen(): ReadonlySet<string> {
    this.#ripe = new Set(this.#waiting);
    this.#waiting.clear();
    this.#decision = this.#isFirst && this.#ripe.size > MOST_TICKETS ? 'copy' : 'propose';
    return this.#ripe;
  }

  async copy(path: string, bytes: Uint8Array): Promise<void> {
    const copy = await this.#parts.keepCopy(path, bytes);
    this.#copied += 1;
    this.#firstCopy ??= { path, copy };
  }

  /** Everything is done: says once how many files gave way. */
  told(): void {
    this.#ripe = new Set();
    const first = this.#firstCopy;
    if (first) this.#parts.report({ tag: 'replaced', ...first, files: this.#copied });
    this.#firstCopy = undefined;
    this.#copied = 0;
  }
}
