import { TURN_NAME_LENGTH } from '../core/turn-mark.ts';
import type { StopListening } from '../world/listeners.ts';
import { hasTurns } from '../world/turns.ts';
import type { WorldSession } from '../world/world-session.ts';

/**
 * Says for which session of the agent's client a connection works, so that what comes over it belongs to the
 * turns of that session; says it again after each reconnect. Calls on one connection are taken in their
 * order, so what is sent after `take` belongs there.
 */
export class SessionTaker {
  readonly #session: WorldSession;
  readonly #stop: StopListening;
  #taken = '';

  constructor(session: WorldSession) {
    this.#session = session;
    this.#stop = session.onState(({ tag }) => {
      if (tag === 'online' && this.#taken !== '') void this.#tell();
    });
  }

  /** The name of the client's session; empty for none. */
  async take(clientSession: string): Promise<void> {
    const taken = sessionName(clientSession);
    if (taken === this.#taken) return;
    this.#taken = taken;
    await this.#tell();
  }

  dispose(): void {
    this.#stop();
  }

  async #tell(): Promise<void> {
    if (!this.#session.link || !hasTurns(this.#session)) return;
    // Without it ops belong to no known turn, which harms nobody's work.
    const { tag } = await this.#session.call('take_session', { session: this.#taken });
    if (tag === 'refused') this.#session.log.warn('agent.session_not_taken', {});
  }
}

/** What a client calls its session, as the name of one in a world. */
export function sessionName(clientSession: string): string {
  return clientSession
    .replaceAll(/\p{Cc}/gu, '')
    .slice(0, TURN_NAME_LENGTH)
    .toWellFormed();
}
