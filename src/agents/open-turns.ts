/**
 * Owns: that what comes over a connection of an agent belongs to the turn that is open: to none where several
 * are, since nobody knows to which. Does not know: who begins and ends turns, when it has to be looked.
 */
import { readOpenTurns } from '../world/turns.ts';
import type { WorldSession } from '../world/world-session.ts';
import { SessionTaker } from './session-taker.ts';

export class OpenTurns {
  readonly #session: WorldSession;
  readonly #taker: SessionTaker;
  #looking: Promise<void> = Promise.resolve();

  constructor(session: WorldSession) {
    this.#session = session;
    this.#taker = new SessionTaker(session);
  }

  /** Looks which turns are open now; what is sent after it has resolved belongs to the one that is. */
  look(): Promise<void> {
    const next = this.#looking.then(() => this.#look());
    this.#looking = next.catch(() => undefined);
    return next;
  }

  dispose(): void {
    this.#taker.dispose();
  }

  async #look(): Promise<void> {
    const open = await readOpenTurns(this.#session, this.#session.identity);
    await this.#taker.take(open.length === 1 ? open[0]!.session : '');
  }
}
