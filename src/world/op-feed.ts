import type { OpRecord } from '../core/op.ts';
import { tableOf, type Row } from './bindings.ts';
import type { Link } from './link.ts';
import { LinkFailure } from './link-failure.ts';
import type { StopListening } from './listeners.ts';
import { opsBetween } from './read-ops.ts';
import { Renewal } from './renewal.ts';
import type { WorldError } from './world-error.ts';
import type { WorldSession } from './world-session.ts';

/**
 * Tells every op of a world after `afterSeq`, in order and without gaps, across reconnects, until
 * the returned function is called. The head is watched, and what it moved over is read. `onFailed` where
 * the server does not let it be followed: then nothing more comes before the next connection.
 */
export function followOps(
  session: WorldSession,
  afterSeq: number,
  listener: (op: OpRecord) => void,
  onFailed: (error: WorldError) => void = () => {},
): StopListening {
  const follower = new OpFollower(session, afterSeq, { listener, onFailed });
  return () => follower.stop();
}

interface Told {
  readonly listener: (op: OpRecord) => void;
  readonly onFailed: (error: WorldError) => void;
}

class OpFollower {
  readonly #session: WorldSession;
  readonly #told: Told;
  readonly #renewal: Renewal;
  readonly #stopListening: StopListening;
  #last: number;
  #headSeq: number;
  #isStopped = false;
  #isReading = false;

  constructor(session: WorldSession, afterSeq: number, told: Told) {
    this.#session = session;
    this.#told = told;
    this.#last = afterSeq;
    this.#headSeq = afterSeq;
    this.#renewal = new Renewal({
      clock: session.clock,
      query: () => 'SELECT * FROM log_head',
      onApplied: (link) => this.#watch(link),
      onFailed: (error) => {
        this.#log(error);
        told.onFailed(error);
      },
      onBroken: (error) => this.#log(error),
    });
    this.#stopListening = session.onState(() => this.#followState());
    this.#followState();
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopListening();
    this.#renewal.end();
  }

  #followState(): void {
    const { link } = this.#session;
    if (link) this.#renewal.renew(link);
    else this.#renewal.disconnected();
  }

  #watch(link: Link): void {
    const heads = tableOf(link.connection, 'log_head');
    heads.onInsert((_, row) => this.#moved(row));
    heads.onUpdate((_, _before, row) => this.#moved(row));
    for (const row of heads.iter()) this.#moved(row);
  }

  #moved({ opSeq }: Row<'log_head'>): void {
    this.#headSeq = Math.max(this.#headSeq, opSeq);
    this.#readOn().catch((error: unknown) => {
      // The next connection asks again.
      if (!(error instanceof LinkFailure) && !this.#isStopped) this.#log(error);
    });
  }

  async #readOn(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      while (!this.#isStopped && this.#last < this.#headSeq) await this.#readTo(this.#headSeq);
    } finally {
      this.#isReading = false;
    }
  }

  async #readTo(headSeq: number): Promise<void> {
    for await (const ops of opsBetween(this.#session, this.#last, headSeq)) {
      for (const op of ops) {
        if (this.#isStopped) return;
        this.#last = op.opSeq;
        this.#told.listener(op);
      }
    }
  }

  #log(error: unknown): void {
    this.#session.log.error('world.ops_failed', { error: String(error) });
  }
}
