/**
 * Owns: the order and the groups of open conflicts, kept up to date one by one. Does not know: where
 * they come from, how they are shown.
 */

/** What a list needs of a conflict. */
export interface ConflictEntry {
  /** As `RefusedEditView.refusedId`. */
  readonly conflictId: string;
  /** Path in the world; empty for a file that is gone. */
  readonly path: string;
  /** The author's identity and name. */
  readonly author: string;
  readonly authorName: string;
  readonly isOwn: boolean;
  /** From 0, in the head. */
  readonly line: number;
  readonly madeAtMs: number;
  /** What was not applied, in few words. */
  readonly excerpt: string;
  /** Why, in few words. */
  readonly reason: string;
}

export interface Place {
  /** Path in the world. */
  readonly path: string;
  /** From 0. */
  readonly line: number;
}

export type Grouping = 'file' | 'member' | 'age';

export const GROUPINGS: readonly Grouping[] = ['file', 'member', 'age'];

export type Age = 'hour' | 'day' | 'week' | 'older';

/** What has changed in the list: one group's entries, or which groups there are. */
export type ListChange =
  { readonly tag: 'group'; readonly groupKey: string } | { readonly tag: 'groups' };

export class ConflictList {
  readonly #entries = new Map<string, ConflictEntry>();
  readonly #nowMs: () => number;
  readonly #onChange: (change: ListChange) => void;
  #grouping: Grouping;
  /** By group, then by conflict. */
  #groups = new Map<string, Set<string>>();
  /** The group that each conflict was put in: an age moves on by itself. */
  readonly #groupOf = new Map<string, string>();

  constructor(
    grouping: Grouping,
    nowMs: () => number,
    onChange: (change: ListChange) => void = () => undefined,
  ) {
    this.#grouping = grouping;
    this.#nowMs = nowMs;
    this.#onChange = onChange;
  }

  get size(): number {
    return this.#entries.size;
  }

  get grouping(): Grouping {
    return this.#grouping;
  }

  get(conflictId: string): ConflictEntry | undefined {
    return this.#entries.get(conflictId);
  }

  ids(): Iterable<string> {
    return this.#entries.keys();
  }

  put(entry: ConflictEntry): void {
    const { conflictId } = entry;
    this.#entries.set(conflictId, entry);
    const key = this.#keyOf(entry);
    const former = this.#groupOf.get(conflictId);
    if (former === key) {
      this.#onChange({ tag: 'group', groupKey: key });
      return;
    }
    if (former !== undefined) this.#take(conflictId, former);
    this.#add(conflictId, key);
  }

  remove(conflictId: string): void {
    const key = this.#groupOf.get(conflictId);
    if (!this.#entries.delete(conflictId) || key === undefined) return;
    this.#take(conflictId, key);
  }

  clear(): void {
    this.#entries.clear();
    this.#groups.clear();
    this.#groupOf.clear();
    this.#onChange({ tag: 'groups' });
  }

  groupBy(grouping: Grouping): void {
    this.#grouping = grouping;
    this.#regroup();
  }

  /** Time went on: conflicts may belong to another age. */
  age(): void {
    if (this.#grouping === 'age') this.#regroup();
  }

  /** Groups in order: files by path, members by name, ages from the newest. */
  groupKeys(): readonly string[] {
    return [...this.#groups.keys()].sort((a, b) => compare(this.#rankOf(a), this.#rankOf(b)));
  }

  /** The conflicts of a group in order: by place in a file, else the oldest first. */
  inGroup(groupKey: string): readonly ConflictEntry[] {
    const entries = [...(this.#groups.get(groupKey) ?? [])].map((id) => this.#entries.get(id)!);
    const isByFile = this.#grouping === 'file';
    return entries.sort(
      (a, b) =>
        (isByFile ? a.line - b.line : 0) ||
        a.madeAtMs - b.madeAtMs ||
        compare(a.conflictId, b.conflictId),
    );
  }

  groupOf(conflictId: string): string | undefined {
    return this.#groupOf.get(conflictId);
  }

  /** All conflicts in the order in which they are shown. */
  inOrder(): readonly ConflictEntry[] {
    return this.groupKeys().flatMap((key) => this.inGroup(key));
  }

  /** The conflict after, or before, another or a place in that order; from the last to the first. */
  neighbour(from: string | Place | undefined, step: 1 | -1): ConflictEntry | undefined {
    const all = this.inOrder();
    if (typeof from === 'object') {
      // Only files have their conflicts by place.
      const behind = this.#grouping === 'file' ? all.findIndex((each) => isBehind(each, from)) : 0;
      const first = behind < 0 ? all.length : behind;
      return all.at(step > 0 ? first % all.length : first - 1);
    }
    const at = all.findIndex((entry) => entry.conflictId === from);
    if (at < 0) return step > 0 ? all[0] : all.at(-1);
    return all[(at + step + all.length) % all.length];
  }

  #keyOf(entry: ConflictEntry): string {
    switch (this.#grouping) {
      case 'file':
        return entry.path;
      case 'member':
        return entry.author;
      case 'age':
        return ageOf(entry.madeAtMs, this.#nowMs());
    }
  }

  #rankOf(groupKey: string): string {
    switch (this.#grouping) {
      case 'file':
        return groupKey;
      case 'member':
        return `${this.nameOfGroup(groupKey)}\n${groupKey}`;
      case 'age':
        return String(AGES.indexOf(groupKey as Age));
    }
  }

  /** The name of the member whose group it is; of other groups the key. */
  nameOfGroup(groupKey: string): string {
    if (this.#grouping !== 'member') return groupKey;
    const [first] = this.#groups.get(groupKey) ?? [];
    return (first === undefined ? undefined : this.#entries.get(first)?.authorName) ?? groupKey;
  }

  #add(conflictId: string, key: string): void {
    this.#groupOf.set(conflictId, key);
    const group = this.#groups.get(key);
    if (group) group.add(conflictId);
    else this.#groups.set(key, new Set([conflictId]));
    this.#onChange(group ? { tag: 'group', groupKey: key } : { tag: 'groups' });
  }

  #take(conflictId: string, key: string): void {
    this.#groupOf.delete(conflictId);
    const group = this.#groups.get(key);
    group?.delete(conflictId);
    const isLast = group?.size === 0;
    if (isLast) this.#groups.delete(key);
    this.#onChange(isLast ? { tag: 'groups' } : { tag: 'group', groupKey: key });
  }

  #regroup(): void {
    this.#groups = new Map();
    this.#groupOf.clear();
    for (const entry of this.#entries.values()) {
      const key = this.#keyOf(entry);
      this.#groupOf.set(entry.conflictId, key);
      const group = this.#groups.get(key);
      if (group) group.add(entry.conflictId);
      else this.#groups.set(key, new Set([entry.conflictId]));
    }
    this.#onChange({ tag: 'groups' });
  }
}

const AGES: readonly Age[] = ['hour', 'day', 'week', 'older'];
const HOUR_MS = 3_600_000;

export function ageOf(madeAtMs: number, nowMs: number): Age {
  const ageMs = nowMs - madeAtMs;
  if (ageMs < HOUR_MS) return 'hour';
  if (ageMs < 24 * HOUR_MS) return 'day';
  return ageMs < 7 * 24 * HOUR_MS ? 'week' : 'older';
}

/** By code units, so that the order is the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function isBehind(entry: Place, { path, line }: Place): boolean {
  return entry.path === path ? entry.line >= line : compare(entry.path, path) > 0;
}
