/**
 * Owns: calls that come twice. Clients and models send a call again when its answer is slow. Does not know:
 * how a call is made.
 */
import type { Answer } from './answer.ts';
import type { Link } from '../../world/link.ts';
import type { ChangeRequest, QuoteRequest } from './change-request.ts';
import { groundOf } from './edit-file.ts';
import type { Grounds } from './grounds.ts';
import { withLineFeeds } from './quotes.ts';

interface UnderWay {
  readonly answer: Promise<Answer>;
  readonly signal: AbortSignal | undefined;
}

export class RepeatedCalls {
  readonly #underWay = new Map<string, UnderWay>();
  /** The last change of this session, if it was done. */
  #lastDone: string | undefined;

  /** One that is just like a call that is under way is that call, and gets its answer. */
  once(
    changes: readonly ChangeRequest[],
    signal: AbortSignal | undefined,
    make: () => Promise<Answer>,
  ): Promise<Answer> {
    const key = JSON.stringify(changes);
    const known = this.#underWay.get(key);
    if (known && known.signal?.aborted !== true) return known.answer;
    const underWay = { answer: this.#made(key, make), signal };
    this.#underWay.set(key, underWay);
    const forget = (): void => {
      if (this.#underWay.get(key) === underWay) this.#underWay.delete(key);
    };
    void underWay.answer.then(forget, forget);
    return underWay.answer;
  }

  async #made(key: string, make: () => Promise<Answer>): Promise<Answer> {
    const answer = await make();
    if (answer.code === 'ok') this.#lastDone = key;
    else if (this.#lastDone !== key) this.#lastDone = undefined;
    return answer;
  }

  /**
   * True for the call that was done last, where making it again would put the same text there twice: what it
   * quotes is still there, inside of what it put there.
   */
  async isDoneAlready(
    link: Link,
    grounds: Grounds,
    changes: readonly ChangeRequest[],
  ): Promise<boolean> {
    if (JSON.stringify(changes) !== this.#lastDone) return false;
    for (const change of changes) {
      if (keepsItsQuote(change) && (await stands(link, grounds, change))) return true;
    }
    return false;
  }
}

/** Others may have taken out what was done. */
async function stands(link: Link, grounds: Grounds, { path, edits }: QuoteRequest) {
  const on = await groundOf(link, grounds, path, {});
  if (on.tag === 'refused') return false;
  const text = (await grounds.newest(link, on.ground)).text.toString();
  return edits.every(({ replacement }) => text.includes(withLineFeeds(replacement)));
}

function keepsItsQuote(
  change: ChangeRequest,
): change is Extract<ChangeRequest, { readonly kind: 'quotes' }> {
  return (
    change.kind === 'quotes' &&
    change.baseVersion === undefined &&
    change.edits.some(({ search, replacement }) => replacement.includes(search))
  );
}
