import { TURN_NAME_LENGTH } from '../core/turn-mark.ts';
import type { StopListening } from '../world/listeners.ts';
import { hasTurns } from '../world/turns.ts';
import type { WorldSession } from '../world/world-session.ts';

/**
 * Says for which session of the agent's client a connection works, so that what comes over it belongs to the
 * turns of that session; says it again after each reconnect, and when the agent, who was paused, may go on. Calls on
 * one connection are taken in their order, so what is sent after `take` belongs there.
 */
export class SessionTaker {
  readonly #session: WorldSession;
  readonly #stops: readonly StopListening[];
  #wanted = '';
  /** What the world has of this connection; it has nothing of a new one. */
  #taken = '';

  constructor(session: WorldSession) {
    this.#session = session;
    this.#stops = [
      session.onState(({ tag }) => {
        if (tag !== 'online') return;
        this.#taken = '';
        void this.#tell();
      }),
      session.view.members.onChange(({ before, after }) => {
        const isOwn = after?.identity === session.identity;
        if (isOwn && before?.paused === true && !after.paused) void this.#tell();
      }),
    ];
  }

  /** The name of the client's session; empty for none. */
  async take(clientSession: string): Promise<void> {
    this.#wanted = sessionName(clientSession);
    await this.#tell();
  }

  dispose(): void {
    for (const stop of this.#stops) stop();
  }

  async #tell(): Promise<void> {
    const { view, identity, link, log } = this.#session;
    const wanted = this.#wanted;
    if (wanted === this.#taken || !link || !hasTurns(this.#session)) return;
    // It would be refused.
    if (view.members.get(identity)?.paused) return;
    // Without it ops belong to no known turn, which harms nobody's work.
    const { tag } = await this.#session.call('take_session', { session: wanted });
    if (tag === 'refused') log.warn('agent.session_not_taken', {});
    else if (tag === 'done' && link === this.#session.link) this.#taken = wanted;
  }
}

/** What a client calls its session, as the name of one in a world. */
export function sessionName(clientSession: string): string {
  return clientSession
    .replaceAll(/\p{Cc}/gu, '')
    .slice(0, TURN_NAME_LENGTH)
    .toWellFormed();
}
