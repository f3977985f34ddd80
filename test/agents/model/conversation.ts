/** Owns: what the scripted model says in one conversation. Does not know: in which form it is sent. */

import { randomUUID } from 'node:crypto';

/** A tool call that the model makes. */
export interface ModelCall {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** For a tool that takes a text in place of arguments. */
  readonly freeText?: string;
  /** For a client that has its tools in groups. */
  readonly group?: string;
}

/** What the client told the model with its next request. */
export interface Told {
  /** What came of each call, in their order. */
  readonly results: readonly string[];
  /** The names of the tools that the client offers. */
  readonly offered: readonly string[];
}

/** Yields the calls of each turn, and is given what came of them. Its end is the end of the conversation. */
export type Script = AsyncGenerator<readonly ModelCall[], void, Told>;

export interface Turn {
  /** No two answers may have the same: Claude Code takes them for one. */
  readonly id: string;
  /** What the model says to the user. */
  readonly text: string;
  readonly calls: readonly (ModelCall & { readonly id: string })[];
}

/** A turn in which nothing is called. */
export function said(text: string): Turn {
  return { id: randomUUID(), text, calls: [] };
}

/** A script that is played: a request that comes twice is answered by the same turn twice. */
export class Conversation {
  /** Stands in the prompt, so that the requests of this conversation are known. */
  readonly mark: string;
  /** Told of each turn, for whoever looks into a failure. */
  onTurn: (what: string) => void = () => undefined;
  /** Told of each request of the client, whole: what hooks add may be anywhere in it. */
  onAsked: (request: string) => void = () => undefined;
  readonly #script: Script;
  readonly #turns: Promise<Turn>[] = [];
  readonly #outcome = Promise.withResolvers<void>();

  constructor(mark: string, script: Script) {
    this.mark = mark;
    this.#script = script;
    // Whoever began it asks for its end later.
    this.#outcome.promise.catch(() => undefined);
  }

  /** Resolves when the script is at its end; rejects with what it throws. */
  get ended(): Promise<void> {
    return this.#outcome.promise;
  }

  /** The client went away: a script that is not at its end has failed. */
  clientEnded(how: string): void {
    const turns = `after ${this.#turns.length} turns`;
    this.#outcome.reject(new Error(`The client ended ${turns} of its script: ${how}`));
  }

  /** `turnsBefore`: how many turns with calls the request has behind it. */
  async turn(turnsBefore: number, told: Told): Promise<Turn> {
    const known = this.#turns[turnsBefore];
    if (known) return known;
    const next = this.#next(told);
    this.#turns[turnsBefore] = next;
    return next;
  }

  async #next(told: Told): Promise<Turn> {
    const number = this.#turns.length;
    this.onTurn(`${this.mark} told ${JSON.stringify(told)}`);
    try {
      const { value, done } = await this.#script.next(told);
      this.onTurn(`${this.mark} calls ${JSON.stringify(value)}`);
      if (!done) {
        const calls = value.map((call, index) => ({ ...call, id: `call_${number}_${index}` }));
        return { id: randomUUID(), text: '', calls };
      }
      this.#outcome.resolve();
    } catch (error) {
      this.#outcome.reject(error);
    }
    return said('Done.');
  }
}
