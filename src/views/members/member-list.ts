/**
 * Owns: the order and the groups of a world's members, kept up to date one by one. Does not know:
 * where they come from, how they are shown.
 */
import type { MemberKind, Role } from '../../core/op-payload.ts';
import type { IdentityHex } from '../../core/op.ts';
import type { AgentState } from '../../world/agent-states.ts';
import type { LastAction } from '../../world/last-actions.ts';

/** What a list needs of a member. */
export interface MemberEntry {
  readonly identity: IdentityHex;
  readonly name: string;
  readonly kind: MemberKind;
  readonly role: Role;
  /** Globs; empty for all paths. */
  readonly pathScope: readonly string[];
  readonly paused: boolean;
  readonly isSelf: boolean;
  readonly isHere: boolean;
  /** Path of the file they are in; empty for none. */
  readonly path: string;
  /** The line they are at in it, from 1; undefined where that was not told. */
  readonly line: number | undefined;
  /** What they say they do. */
  readonly activity: string;
  /** What an agent is at, as far as the world is told. */
  readonly state: AgentState;
  /** Changes of an agent's that nobody has looked at; undefined where that is not known. */
  readonly unreviewed: number | undefined;
  /** Conflicts of theirs that wait for a decision. */
  readonly conflicts: number;
  /** Claims of theirs, on lines, files and folders. */
  readonly claims: number;
  /** Number of their colour, from 0. */
  readonly color: number;
  /** Whose invite let them in; undefined where the history does not tell. */
  readonly invitedBy: string | undefined;
  readonly last: (LastAction & { readonly path: string }) | undefined;
}

export type MemberGroup = 'here' | 'away';

/** One row looks different, or which rows a group has, or in which order. */
export type MemberListChange =
  | { readonly tag: 'member'; readonly identity: IdentityHex }
  | { readonly tag: 'group'; readonly group: MemberGroup };

export class MemberList {
  readonly #entries = new Map<IdentityHex, MemberEntry>();
  readonly #onChange: (change: MemberListChange) => void;

  constructor(onChange: (change: MemberListChange) => void = () => undefined) {
    this.#onChange = onChange;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(identity: IdentityHex): MemberEntry | undefined {
    return this.#entries.get(identity);
  }

  identities(): Iterable<IdentityHex> {
    return this.#entries.keys();
  }

  put(entry: MemberEntry): void {
    const former = this.#entries.get(entry.identity);
    this.#entries.set(entry.identity, entry);
    const group = groupOf(entry);
    if (former && groupOf(former) === group && compare(former, entry) === 0) {
      this.#onChange({ tag: 'member', identity: entry.identity });
      return;
    }
    if (former && groupOf(former) !== group) {
      this.#onChange({ tag: 'group', group: groupOf(former) });
    }
    this.#onChange({ tag: 'group', group });
  }

  remove(identity: IdentityHex): void {
    const former = this.#entries.get(identity);
    if (!this.#entries.delete(identity) || !former) return;
    this.#onChange({ tag: 'group', group: groupOf(former) });
  }

  clear(): void {
    // Deleting while walking a map is safe.
    for (const identity of this.#entries.keys()) this.remove(identity);
  }

  /** The members of a group in order: oneself, then people, then agents, each by name. */
  inGroup(group: MemberGroup): readonly MemberEntry[] {
    return this.#sorted((entry) => groupOf(entry) === group);
  }

  all(): readonly MemberEntry[] {
    return this.#sorted(() => true);
  }

  /** Those who can change what others may do, now. */
  owners(): readonly MemberEntry[] {
    return this.#sorted(({ role, paused }) => role === 'owner' && !paused);
  }

  #sorted(isWanted: (entry: MemberEntry) => boolean): readonly MemberEntry[] {
    return [...this.#entries.values()].filter(isWanted).sort(compare);
  }
}

export function groupOf({ isHere }: MemberEntry): MemberGroup {
  return isHere ? 'here' : 'away';
}

/** Zero only for entries that stand at the same place. */
function compare(a: MemberEntry, b: MemberEntry): number {
  return (
    Number(b.isSelf) - Number(a.isSelf) ||
    Number(a.kind === 'agent') - Number(b.kind === 'agent') ||
    byCodeUnits(a.name, b.name) ||
    byCodeUnits(a.identity, b.identity)
  );
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
