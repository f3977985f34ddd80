/**
 * Owns: what is known of the bytes at each path of a folder: what was put there, what is about to be, what the
 * world did not take, and what a save has replaced. Does not know: where that is written down, who put it.
 */
import { FolderCounts } from './folder-counts.ts';
import type {
  FolderLogEntry,
  JudgedBytes,
  OverwrittenBytes,
  PutRecord,
  RemovedEntry,
} from './folder-log-entry.ts';

/** What a save has replaced may be looked at only after the next ones. */
const REMEMBERED_PUTS = 8;

export class PutRecords {
  readonly #puts = new Map<string, PutRecord[]>();
  /** How many puts each path has had since this log was opened. */
  readonly #counts = new Map<string, number>();
  readonly #putting = new Map<string, PutRecord>();
  readonly #judged = new Map<string, JudgedBytes>();
  readonly #overwritten = new Map<string, readonly OverwrittenBytes[]>();
  /** The newest version of the world's file that was put at a path. */
  readonly #versions = new Map<string, number>();
  readonly #made = new Set<string>();
  /** The paths whose last put has these bytes. */
  readonly #pathsOfHash = new Map<string, Set<string>>();
  readonly #folders = new FolderCounts();
  /** Paths that this disk spells otherwise, by how it does. */
  readonly #bySpelling = new Map<string, string>();

  last(path: string): PutRecord | undefined {
    return this.#puts.get(path)?.at(-1);
  }

  /** The put that explains these bytes; `stamp`: of the writing that left them there, where it is known. */
  of(path: string, hash: string, stamp?: string): PutRecord | undefined {
    const putting = this.#putting.get(path);
    if (putting?.hash === hash) return putting;
    const judged = this.#judged.get(path);
    if (judged?.hash === hash) return { ...judged, version: 0 };
    const last = this.last(path);
    if (last?.hash === hash) return last;
    if (stamp === undefined) return undefined;
    // Who told of it came before somebody who had looked at the disk earlier.
    return this.#puts.get(path)?.findLast((put) => put.hash === hash && put.stamp === stamp);
  }

  /** The newest of the last puts that had these bytes. */
  newestOf(path: string, hash: string): PutRecord | undefined {
    return this.#puts.get(path)?.findLast((put) => put.hash === hash);
  }

  isFormer(put: PutRecord): boolean {
    return this.#puts.get(put.path)?.slice(0, -1).includes(put) ?? false;
  }

  count(path: string): number {
    return this.#counts.get(path) ?? 0;
  }

  isAfter(path: string, hash: string, count: number): boolean {
    const later = this.count(path) - count;
    const puts = later > 0 ? (this.#puts.get(path)?.slice(-later) ?? []) : [];
    return puts.some((put) => put.hash === hash);
  }

  isSince(path: string, hash: string, base: PutRecord): boolean {
    const puts = this.#puts.get(path) ?? [];
    // One that is not among the last few any more came before all of them.
    const at = puts.findLastIndex((put) => put.hash === base.hash && put.version === base.version);
    return puts.slice(at + 1).some((put) => put.hash === hash);
  }

  lastVersion(path: string): number {
    return this.#versions.get(path) ?? 0;
  }

  judged(path: string): JudgedBytes | undefined {
    return this.#judged.get(path);
  }

  isMade(path: string): boolean {
    return this.#made.has(path);
  }

  overwritten(path: string): readonly OverwrittenBytes[] {
    return this.#overwritten.get(path) ?? [];
  }

  /** The path of the file that this disk calls so, where that is another. */
  spelledSo(name: string): string | undefined {
    return this.#bySpelling.get(name);
  }

  /** The paths in a folder, also of one that this disk spells so. */
  pathsIn(folder: string): readonly string[] {
    const isIn = (name: string): boolean => name.startsWith(`${folder}/`);
    const found = this.hasFolder(folder) ? [...this.paths()].filter(isIn) : [];
    const spelled = [...this.#bySpelling].filter(([name]) => isIn(name)).map(([, path]) => path);
    return [...found, ...spelled];
  }

  pathsOf(hash: string): readonly string[] {
    return [...(this.#pathsOfHash.get(hash) ?? [])];
  }

  get pathCount(): number {
    return this.#puts.size;
  }

  hasFolder(folder: string): boolean {
    return this.#folders.has(folder);
  }

  paths(): Iterable<string> {
    return this.#puts.keys();
  }

  apply(entry: FolderLogEntry): void {
    switch (entry.tag) {
      case 'putting':
        this.#putting.set(entry.path, entry);
        return;
      case 'made':
        this.#made.add(entry.path);
        return;
      case 'put':
        return this.#wasPut(entry);
      case 'removed':
        if (this.#isPutSince(entry)) return;
        this.#forgetSpelling(entry.path);
        this.#made.delete(entry.path);
        this.#forgetHash(entry.path);
        if (this.#puts.delete(entry.path)) this.#folders.remove(entry.path);
        this.#putting.delete(entry.path);
        this.#judged.delete(entry.path);
        this.#versions.delete(entry.path);
        return;
      case 'judged':
        this.#judged.set(entry.path, entry);
        return;
      case 'overwritten':
        this.#overwritten.set(entry.path, [...this.overwritten(entry.path), entry]);
        return;
      case 'taken': {
        const left = this.overwritten(entry.path).filter(({ hash }) => hash !== entry.hash);
        if (left.length > 0) this.#overwritten.set(entry.path, left);
        else this.#overwritten.delete(entry.path);
        return;
      }
      default:
        return;
    }
  }

  /** Every path that entries are needed for. */
  knownPaths(): Iterable<string> {
    return new Set([...this.#puts.keys(), ...this.#judged.keys()]);
  }

  /** What of a path is still of use later, as a new log says it; `more`: what others know of it. */
  entriesOf(path: string, more: readonly FolderLogEntry[]): readonly FolderLogEntry[] {
    const last = this.last(path);
    const putting = this.#putting.get(path);
    const judged = this.#judged.get(path);
    const wasJudged = judged ? [{ tag: 'judged', ...judged } as const] : [];
    if (last === undefined) return wasJudged;
    const version = this.lastVersion(path);
    return [
      // Only its version is of interest: no bytes have this hash.
      ...(version !== last.version ? [{ tag: 'put', ...last, version, hash: '' } as const] : []),
      { tag: 'put', ...last },
      ...(putting ? [{ tag: 'putting', ...putting } as const] : []),
      ...wasJudged,
      ...more,
      ...this.overwritten(path).map((each) => ({ tag: 'overwritten', ...each }) as const),
    ];
  }

  #isPutSince({ path, put }: RemovedEntry): boolean {
    const last = put && this.last(path);
    return last !== undefined && (last.hash !== put?.hash || last.stamp !== put.stamp);
  }

  #wasPut(put: PutRecord): void {
    const { path, version, hash } = put;
    this.#made.delete(path);
    this.#putting.delete(path);
    this.#judged.delete(path);
    if (version > 0) this.#versions.set(path, version);
    this.#counts.set(path, this.count(path) + 1);
    const puts = this.#puts.get(path) ?? [];
    if (puts.length === 0) this.#folders.add(path);
    const executable = put.executable ?? puts.at(-1)?.executable;
    const spelled = put.spelled ?? puts.at(-1)?.spelled;
    if (spelled !== undefined) this.#bySpelling.set(spelled, path);
    this.#forgetHash(path);
    const paths = this.#pathsOfHash.get(hash);
    if (paths) paths.add(path);
    else this.#pathsOfHash.set(hash, new Set([path]));
    this.#puts.set(path, [...puts.slice(1 - REMEMBERED_PUTS), { ...put, executable, spelled }]);
  }

  #forgetSpelling(path: string): void {
    const spelled = this.last(path)?.spelled;
    if (spelled !== undefined) this.#bySpelling.delete(spelled);
  }

  #forgetHash(path: string): void {
    const hash = this.last(path)?.hash;
    if (hash === undefined) return;
    const paths = this.#pathsOfHash.get(hash);
    paths?.delete(path);
    if (paths?.size === 0) this.#pathsOfHash.delete(hash);
  }
}
