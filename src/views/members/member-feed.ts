/**
 * Owns: keeping a list of members in step with one world. Does not know: how the list is shown.
 */
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { IdentityHex } from '../../core/op.ts';
import { LastActions } from '../../world/last-actions.ts';
import { colorIndexOf } from '../../world/member-color.ts';
import { type AgentState, AgentStates } from '../../world/agent-states.ts';
import { allClaims, type AnyClaim } from '../../world/any-claim.ts';
import type { RowChange } from '../../world/live-rows.ts';
import { memberName } from '../../world/member-name.ts';
import type { Presence } from '../../world/world-rows.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { Coalescer, nextTurn, type Schedule, within } from '../coalescer.ts';
import { MemberLines } from './member-lines.ts';
import type { MemberEntry, MemberList } from './member-list.ts';

/** Whoever types goes from line to line: which one they are at is shown at this distance. */
const LINES_MS = 1_000;

/** How many changes of agents wait for somebody to look at them. */
export interface UnreviewedCounts {
  /** Undefined where that is not known. */
  readonly of: (agent: IdentityHex) => number | undefined;
  readonly onChange: (listener: () => void) => Disposable;
}

export interface MemberFeedOptions {
  readonly schedule?: Schedule;
  readonly unreviewed?: UnreviewedCounts;
  /** An agent is at something else than before. */
  readonly onState?: (agent: IdentityHex, state: AgentState, before: AgentState) => void;
}

export class MemberFeed implements Disposable {
  readonly #session: WorldSession;
  readonly #list: MemberList;
  readonly #last: LastActions;
  readonly #store = new DisposableStore();
  readonly #turn: Coalescer<IdentityHex>;
  readonly #lines: MemberLines;
  readonly #unreviewed: UnreviewedCounts | undefined;
  readonly #states: AgentStates;

  constructor(
    { session }: Pick<FolderWorld, 'session'>,
    list: MemberList,
    { schedule = nextTurn, unreviewed, onState }: MemberFeedOptions = {},
  ) {
    const { view } = session;
    this.#session = session;
    this.#list = list;
    this.#unreviewed = unreviewed;
    this.#turn = this.#store.add(new Coalescer(schedule, (changed) => this.#look(changed)));
    const mark = (identity: IdentityHex): void => this.#turn.mark(identity);
    const lines = this.#store.add(
      new Coalescer<IdentityHex>(within(LINES_MS), (moved) => moved.forEach(mark)),
    );
    this.#lines = this.#store.add(new MemberLines(view, (identity) => lines.mark(identity)));
    this.#last = new LastActions(session, mark);
    this.#states = new AgentStates(session, (agent, state, before) => {
      mark(agent);
      onState?.(agent, state, before);
    });
    this.#store.addStop(() => this.#states.stop());
    this.#store.addStop(() => this.#last.stop());
    this.#store.addStop(
      view.members.onChange(({ before, after }) => {
        mark((after ?? before)!.identity);
        // Colours go by the rank among all, and names are told apart among all.
        if (before?.displayName !== after?.displayName || before?.removed !== after?.removed) {
          for (const identity of view.members.keys()) mark(identity);
        }
      }),
    );
    this.#store.addStop(
      view.origins.onChange(({ before, after }) => mark((after ?? before)!.identity)),
    );
    this.#store.addStop(
      view.presence.onChange(({ before, after }) => mark((after ?? before)!.identity)),
    );
    this.#store.addStop(
      view.tickets.onChange(({ before, after }) => mark((after ?? before)!.author)),
    );
    const claimed = ({ before, after }: RowChange<AnyClaim>): void =>
      mark((after ?? before)!.holder);
    this.#store.addStop(view.locks.onChange(claimed));
    this.#store.addStop(view.pathClaims.claims.onChange(claimed));
    if (unreviewed) {
      this.#store.add(
        unreviewed.onChange(() => {
          for (const { identity, kind } of view.members.values()) {
            if (kind === 'agent') mark(identity);
          }
        }),
      );
    }
    this.#look(new Set(view.members.keys()));
  }

  stateOf(agent: IdentityHex): AgentState {
    return this.#states.of(agent);
  }

  /** Reads what can be known only by asking: once somebody looks. */
  readNewest(): Promise<void> {
    return this.#last.readNewest();
  }

  dispose(): void {
    this.#store.dispose();
    this.#list.clear();
  }

  #look(changed: ReadonlySet<IdentityHex>): void {
    const { view } = this.#session;
    const conflicts = countBy([...view.tickets.values()].map(({ author }) => author));
    const claims = countBy(allClaims(view).map(({ holder }) => holder));
    const places = new Map<IdentityHex, Presence>();
    for (const presence of view.presence.values()) {
      const { identity } = presence;
      if (changed.has(identity)) places.set(identity, betterPlace(places.get(identity), presence));
    }
    for (const identity of changed) {
      const counts = { conflicts: conflicts.get(identity) ?? 0, claims: claims.get(identity) ?? 0 };
      const entry = this.#entryOf(identity, places.get(identity), counts);
      if (entry) this.#list.put(entry);
      else this.#list.remove(identity);
    }
  }

  #entryOf(
    identity: IdentityHex,
    place: Presence | undefined,
    counts: Pick<MemberEntry, 'conflicts' | 'claims'>,
  ): MemberEntry | undefined {
    const { view, identity: self } = this.#session;
    const member = view.members.get(identity);
    if (!member || member.removed) return undefined;
    const pathOf = (fileId: number): string => view.files.get(fileId)?.path ?? '';
    const last = this.#last.of(identity);
    const origin = view.origins.get(identity);
    const { kind, role, pathScope, paused } = member;
    return {
      identity,
      name: memberName(view, identity),
      kind,
      role,
      pathScope,
      paused,
      isSelf: identity === self,
      isHere: place !== undefined,
      path: place ? pathOf(place.fileId) : '',
      line: place && this.#lines.of(place),
      activity: place?.activity ?? '',
      state: this.#states.of(identity),
      unreviewed: kind === 'agent' ? this.#unreviewed?.of(identity) : undefined,
      ...counts,
      color: colorIndexOf(member, view.members.values()),
      invitedBy: origin && memberName(view, origin.invitedBy),
      last: last && { ...last, path: pathOf(last.fileId) },
    };
  }
}

/** Of somebody on several connections: in a file rather than in none, and where they were last. */
function betterPlace(known: Presence | undefined, other: Presence): Presence {
  if (!known) return other;
  if ((known.fileId === 0) !== (other.fileId === 0)) return known.fileId === 0 ? other : known;
  return other.seenAtMs > known.seenAtMs ? other : known;
}

function countBy(keys: readonly IdentityHex[]): ReadonlyMap<IdentityHex, number> {
  const counts = new Map<IdentityHex, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
