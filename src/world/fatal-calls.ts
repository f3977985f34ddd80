/**
 * Owns: which calls the server ends the connection for. Does not know: why it does, what the calls are.
 *
 * A call that was under way when the connection ended is sent again, since nearly always the line is to blame.
 * Where others were under way too each of them is sent alone then, so that it is known which one it was.
 */
import type { Refusal } from './refusal.ts';

/** A line that was silent before it ended says nothing about what was sent last. */
const SOON_MS = 10_000;
/** So often the connection ends soon after a call before it is not sent any more. */
const MOST_ENDS = 2;

export const FATAL_CALL: Refusal = {
  code: 'ends_connection',
  message: 'The server ended the connection each time when this was sent; it is not sent again',
  details: {},
};

export class FatalCalls {
  readonly #ends = new Map<string, number>();
  #turn: Promise<unknown> = Promise.resolve();

  /** True for a call that is not to be sent any more. */
  isFatal(callId: string): boolean {
    return (this.#ends.get(callId) ?? 0) >= MOST_ENDS;
  }

  /** Makes a call; one that is suspected waits until the others that are have their answers. */
  async send<Answer>(callId: string, call: () => Promise<Answer>): Promise<Answer> {
    if (!this.#ends.has(callId)) return call();
    const turn = this.#turn.then(call);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  answered(callId: string): void {
    if (this.#ends.size > 0) this.#ends.delete(callId);
  }

  /** The connection ended `afterMs` after the call was sent. */
  ended(callId: string, afterMs: number): void {
    if (afterMs > SOON_MS) return;
    this.#ends.set(callId, (this.#ends.get(callId) ?? 0) + 1);
  }

  /** Nobody wants the call any more. */
  forget(callId: string): void {
    this.#ends.delete(callId);
  }
}
