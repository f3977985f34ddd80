/**
 * Owns: whether each agent is at work, done, waits for a person, or has given no sign for long, as far as this
 * session is told. Does not know: how it is shown, or who is told.
 */
import type { IdentityHex } from '../core/op.ts';
import type { CancelTimer } from './clock.ts';
import type { StopListening } from './listeners.ts';
import { standingRestorations } from './restorations.ts';
import type { WorldSession } from './world-session.ts';

/** A turn without any sign of its agent for so long is stuck: a model that thinks answers sooner. */
export const STUCK_MS = 5 * 60_000;

/**
 * `asks`: a conflict of its, or what its folder asks, waits for a person. `stuck`: its turn is open, and nothing was
 * heard of it for `STUCK_MS` of connection. `done`: its last turn has ended since this session came. `idle`: nothing is known.
 */
export type AgentState = 'working' | 'stuck' | 'asks' | 'done' | 'idle';

type Watched = Pick<WorldSession, 'view' | 'clock' | 'state' | 'onState'>;

export class AgentStates {
  readonly #session: Watched;
  readonly #onChange: (agent: IdentityHex, state: AgentState, before: AgentState) => void;
  /** When something was heard of each agent last. */
  readonly #signs = new Map<IdentityHex, number>();
  readonly #done = new Set<IdentityHex>();
  readonly #states = new Map<IdentityHex, AgentState>();
  readonly #stops: readonly StopListening[];
  #cancel: CancelTimer = () => {};
  /** Since when there is no connection by which anything could be heard. */
  #deafSinceMs: number | undefined;

  /** `onChange` is told of every change, and not of how it is when this begins. */
  constructor(
    session: Watched,
    onChange: (agent: IdentityHex, state: AgentState, before: AgentState) => void,
  ) {
    this.#session = session;
    this.#onChange = onChange;
    const { view } = session;
    if (session.state.tag !== 'online') this.#deafSinceMs = session.clock.nowMs();
    const look = (agent: IdentityHex | undefined): void => {
      if (agent !== undefined) this.#look(agent);
    };
    this.#stops = [
      session.onState(() => this.#connected()),
      view.openTurns.turns.onChange(({ before, after }) => this.#turned(before, after)),
      view.tickets.onChange(({ before, after }) => look((after ?? before)?.author)),
      view.restorations.questions.onChange(({ before, after }) =>
        look((after ?? before)?.folderOf),
      ),
      view.members.onChange(({ after }) => look(after?.identity)),
      view.onMovement(({ identity }) => this.#heard(identity)),
      view.presence.onChange(({ after }) => this.#heard(after?.identity)),
      view.files.onChange(({ after }) => this.#heard(after?.updatedBy)),
      view.notes.onChange(({ after }) => this.#heard(after?.author)),
    ];
    for (const { identity, kind, removed } of view.members.values()) {
      if (kind === 'agent' && !removed) this.#states.set(identity, this.#stateOf(identity));
    }
    this.#wakeLater();
  }

  of(agent: IdentityHex): AgentState {
    return this.#states.get(agent) ?? 'idle';
  }

  /** Since when nothing was heard of an agent with an open turn; its turn's begin, where nothing was. */
  signMs(agent: IdentityHex): number {
    const [turn] = this.#session.view.openTurns.of(agent).slice(-1);
    return Math.max(turn?.beganAtMs ?? 0, this.#signs.get(agent) ?? 0);
  }

  stop(): void {
    this.#cancel();
    for (const stop of this.#stops) stop();
  }

  #turned(
    before: { readonly agent: IdentityHex } | undefined,
    after: { readonly agent: IdentityHex } | undefined,
  ): void {
    const { agent } = (after ?? before)!;
    if (after) this.#signs.set(agent, this.#session.clock.nowMs());
    const isAtWork = this.#session.view.openTurns.of(agent).length > 0;
    if (isAtWork) this.#done.delete(agent);
    else if (before) this.#done.add(agent);
    this.#look(agent);
  }

  #heard(agent: IdentityHex | undefined): void {
    if (agent === undefined || !this.#states.has(agent)) return;
    this.#signs.set(agent, this.#session.clock.nowMs());
    // Of the many signs only one that ends a silence changes anything.
    if (this.of(agent) === 'stuck') this.#look(agent);
  }

  /** What nobody could hear is no silence of anybody's: the time without a connection does not count. */
  #connected(): void {
    const { state, clock } = this.#session;
    const nowMs = clock.nowMs();
    if (state.tag !== 'online') this.#deafSinceMs ??= nowMs;
    else if (this.#deafSinceMs !== undefined) {
      const missedMs = nowMs - this.#deafSinceMs;
      this.#deafSinceMs = undefined;
      for (const agent of this.#atWork()) {
        this.#signs.set(agent, Math.min(nowMs, this.signMs(agent) + missedMs));
      }
    }
    this.#wakeLater();
  }

  #look(agent: IdentityHex): void {
    const member = this.#session.view.members.get(agent);
    if (member?.kind !== 'agent') return;
    const before = this.of(agent);
    const state = this.#stateOf(agent);
    this.#states.set(agent, state);
    if (state !== before) this.#onChange(agent, state, before);
    this.#wakeLater();
  }

  #stateOf(agent: IdentityHex): AgentState {
    const { view, clock } = this.#session;
    if (this.#asks(agent)) return 'asks';
    if (view.openTurns.of(agent).length === 0) return this.#done.has(agent) ? 'done' : 'idle';
    // Who is paused is silent for a reason.
    if (view.members.get(agent)?.paused) return 'working';
    const heardUpToMs = this.#deafSinceMs ?? clock.nowMs();
    return heardUpToMs - this.signMs(agent) >= STUCK_MS ? 'stuck' : 'working';
  }

  #asks(agent: IdentityHex): boolean {
    const { view } = this.#session;
    for (const { author } of view.tickets.values()) if (author === agent) return true;
    return standingRestorations(view).some(({ folderOf }) => folderOf === agent);
  }

  #atWork(): ReadonlySet<IdentityHex> {
    return new Set([...this.#session.view.openTurns.turns.values()].map(({ agent }) => agent));
  }

  /** At the moment at which the next silence is too long; never where no turn is open, or nothing can be heard. */
  #wakeLater(): void {
    this.#cancel();
    if (this.#deafSinceMs !== undefined) return;
    const { view, clock } = this.#session;
    const agents = this.#atWork();
    const due = [...agents]
      .filter((agent) => this.of(agent) === 'working' && !view.members.get(agent)?.paused)
      .map((agent) => this.signMs(agent) + STUCK_MS - clock.nowMs());
    if (due.length === 0) return;
    this.#cancel = clock.after(Math.max(LEAST_WAIT_MS, Math.min(...due)), () => {
      for (const agent of agents) this.#look(agent);
      this.#wakeLater();
    });
  }
}

const LEAST_WAIT_MS = 1_000;
