/**
 * Owns: what windows have saved of documents that are not live, and of which text of the disk each save was made,
 * until that is in the world. Does not know: who keeps the folder, what is done about a save.
 */
import type { FolderLogEntry } from './folder-log-entry.ts';

/** What an editor had loaded when its user went to work. */
export interface SaveBase {
  /** The world's file that it was of. */
  readonly fileId: number;
  /** The version whose content it was; 0 where it was none, or nobody knows yet: then the log keeps the bytes. */
  readonly version: number;
  /** SHA-256 of the bytes, 64 hex digits. */
  readonly hash: string;
  /** The newest version that is known to be in it. */
  readonly holds: number;
}

/** A line of the folder's log: a window has saved a document that is not live. */
export interface SavedEntry {
  readonly tag: 'saved';
  readonly path: string;
  /** SHA-256 of the bytes that it wrote, 64 hex digits. */
  readonly hash: string;
  /** Of the writing (`stampOf`), where whoever told of it has looked at the disk. */
  readonly stamp?: string | undefined;
  /** Left out where it is not known, as of text that the editor kept through a reload. */
  readonly on?: SaveBase | undefined;
}

/** What stands on disk, as far as a save is known by it. */
export interface SavedBytes {
  readonly hash: string;
  readonly stamp?: string | undefined;
}

/** Of a path: of who saves more often than somebody looks, the last ones say all. */
const MOST_SAVES = 8;
const MOST_PATHS = 256;

export class SavedFiles {
  /** The saves of each path that are not in the world yet, the newest last. */
  readonly #saves = new Map<string, readonly SavedEntry[]>();

  apply(entry: FolderLogEntry): void {
    switch (entry.tag) {
      case 'saved':
        return this.#add(entry);
      case 'put':
        this.#isVersion(entry);
        return this.#isKnown(entry);
      case 'judged':
      case 'taken':
        return this.#isKnown(entry);
      case 'removed':
        this.#saves.delete(entry.path);
        return;
      default:
        return;
    }
  }

  /**
   * The save that wrote these bytes. What it was made of is never a save that the world has not heard of: a save on
   * top of that one proposes both.
   */
  of(path: string, bytes: SavedBytes): Pick<SavedEntry, 'on'> | undefined {
    const oldest = this.#chainOf(path, bytes).at(-1);
    return oldest && { on: oldest.on };
  }

  /** The newest save that something else has replaced on disk since, and that is in no later save. */
  replaced(path: string, bytes: SavedBytes | undefined): SavedEntry | undefined {
    const chain = bytes ? this.#chainOf(path, bytes) : [];
    return this.#saves.get(path)?.findLast((each) => !chain.includes(each));
  }

  /** The save that wrote these bytes, that which it was made on, and so on. */
  #chainOf(path: string, bytes: SavedBytes): readonly SavedEntry[] {
    const saves = this.#saves.get(path) ?? [];
    const chain: SavedEntry[] = [];
    let at = saves.findLastIndex((each) => isOf(each, bytes));
    while (at >= 0) {
      chain.push(saves[at]!);
      at = madeOn(saves, at);
    }
    return chain;
  }

  /** True for bytes that a save wrote which is not in the world yet. */
  isSave(path: string, bytes: SavedBytes): boolean {
    return this.entriesOf(path).some((each) => isOf(each, bytes));
  }

  /** True for a path at which something was saved that is not in the world yet. */
  has(path: string): boolean {
    return this.#saves.has(path);
  }

  entriesOf(path: string): readonly SavedEntry[] {
    return this.#saves.get(path) ?? [];
  }

  /** What a new log says of them. */
  entries(): readonly SavedEntry[] {
    return [...this.#saves.values()].flat();
  }

  #add(entry: SavedEntry): void {
    const { path } = entry;
    const former = this.#saves.get(path) ?? [];
    this.#saves.delete(path);
    this.#saves.set(path, withinBound([...former, entry]));
    const [oldest] = this.#saves.keys();
    if (this.#saves.size > MOST_PATHS && oldest !== undefined) this.#saves.delete(oldest);
  }

  /** It is known what became of a save, and of all that it was made on. */
  #isKnown({ path, hash }: { readonly path: string; readonly hash: string }): void {
    const known = this.#chainOf(path, { hash });
    if (known.length === 0) return;
    const left = this.#saves.get(path)?.filter((each) => !known.includes(each)) ?? [];
    if (left.length > 0) this.#saves.set(path, left);
    else this.#saves.delete(path);
  }

  /** What a save was made of has become a version. */
  #isVersion({ path, fileId, version, hash }: FolderLogEntry & { readonly tag: 'put' }): void {
    const saves = this.#saves.get(path);
    if (!saves || version === 0) return;
    const on = { fileId, version, hash, holds: version };
    this.#saves.set(
      path,
      saves.map((each) => (each.on?.hash === hash ? { ...each, on } : each)),
    );
  }
}

/** Where among them the save is that one was made on; -1 for none. */
function madeOn(saves: readonly SavedEntry[], at: number): number {
  const on = saves[at]?.on;
  return on ? saves.slice(0, at).findLastIndex(({ hash }) => hash === on.hash) : -1;
}

/**
 * Leaves out the oldest that is in a later one. That has its base from then on: what was never in the world is none
 * to compare with, since the world is without what it brought.
 */
function withinBound(saves: readonly SavedEntry[]): readonly SavedEntry[] {
  if (saves.length <= MOST_SAVES) return saves;
  const bases = saves.map((_, at) => madeOn(saves, at));
  const left = Math.max(
    0,
    saves.findIndex((_, at) => bases.includes(at)),
  );
  const { on } = saves[left]!;
  return saves
    .map((each, at) => (bases[at] === left ? { ...each, on } : each))
    .filter((_, at) => at !== left);
}

function isOf(save: SavedEntry, { hash, stamp }: SavedBytes): boolean {
  if (save.hash !== hash) return false;
  return save.stamp === undefined || stamp === undefined || save.stamp === stamp;
}
