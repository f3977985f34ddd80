import assert from 'node:assert/strict';
import type { Change, Changes } from '../../../src/core/change.ts';
import { LineBuffer } from '../../../src/core/line-buffer.ts';
import type { Row, TestWorld } from './test-world.ts';

/** One character that is typed once in a whole run, so that it can be told from all others. */
export type Token = string;

/** Where a token is that somebody sent and the world took. */
type Place =
  | { readonly tag: 'text' }
  /** Taken out by somebody who saw it there, or replaced under a policy that says so. */
  | { readonly tag: 'removed' }
  | { readonly tag: 'ticket'; readonly ticketId: number }
  /** Its ticket was closed without it. */
  | { readonly tag: 'decided' };

/** What a call may do to the texts, worked out before it is made and from what its caller saw. */
export interface Expected {
  /** Tokens that come into the texts, if it is applied. */
  readonly gains: ReadonlySet<Token>;
  /** Tokens that must be gone then, and that may be. */
  readonly takes: ReadonlySet<Token>;
}

const FIRST = 0xe000;
const LAST = 0xf8ff;

/** Keeps account of every token of a world from outside, by what is stored. */
export class TokenLedger {
  readonly #world: TestWorld;
  readonly #places = new Map<Token, Place>();
  readonly #opOfToken = new Map<Token, number>();
  readonly #runs: Token[][] = [];
  #inText: ReadonlySet<Token> = new Set();
  #next = FIRST;

  constructor(world: TestWorld) {
    this.#world = world;
  }

  /** Fresh tokens in a row. */
  mint(count: number): Token[] {
    assert.ok(this.#next + count <= LAST, 'tokens run out');
    return Array.from({ length: count }, () => String.fromCodePoint(this.#next++));
  }

  /** Whether it was decided that a token is in no text and in no ticket. */
  isDecided(token: Token): boolean {
    return this.#places.get(token)?.tag === 'decided';
  }

  /** Tells what was typed in one go; it stays in this order. */
  typed(run: readonly Token[]): void {
    if (run.length > 1) this.#runs.push([...run]);
  }

  /** Whether a token is in a ticket that nobody has decided. */
  isWaiting(token: Token): boolean {
    return this.#places.get(token)?.tag === 'ticket';
  }

  /** An edit was applied as an op, or several. */
  applied(expected: Expected, ops: readonly Row<'file_op'>[]): void {
    const before = this.#inText;
    this.#readTexts();
    const gained = difference(this.#inText, before);
    assert.deepEqual(gained, difference(expected.gains, before), 'all of it came, and no more');
    const overwrote = new Set(ops.flatMap((op) => op.overwrote));
    for (const token of difference(before, this.#inText)) {
      const isMeant = expected.takes.has(token) || overwrote.has(this.#opOfToken.get(token)!);
      assert.ok(isMeant, `${name(token)} was taken out by nobody`);
      this.#places.set(token, { tag: 'removed' });
    }
    for (const token of expected.takes) {
      assert.ok(!this.#inText.has(token) || expected.gains.has(token), `${name(token)} is back`);
    }
    for (const token of expected.gains) this.#places.set(token, { tag: 'text' });
    for (const op of ops) {
      for (const token of insertedTokens(op.changes)) this.#opOfToken.set(token, op.opSeq);
    }
    this.check();
  }

  /** A proposal was put into a ticket. */
  proposed(tokens: Iterable<Token>, ticketId: number): void {
    for (const [token, place] of this.#places) {
      // What it said before stands in its place no longer.
      if (place.tag === 'ticket' && place.ticketId === ticketId) {
        this.#places.set(token, { tag: 'decided' });
      }
    }
    for (const token of tokens) {
      if (!this.#inText.has(token)) this.#places.set(token, { tag: 'ticket', ticketId });
    }
    this.check();
  }

  /** Compares what is stored with what is known: every token in its place, once. */
  check(): void {
    const before = this.#inText;
    this.#readTexts();
    assert.deepEqual(this.#inText, before, 'texts change by applied edits alone');
    const inTickets = this.#closeTickets();
    for (const [token, place] of this.#places) {
      const [isInText, ticketId] = [this.#inText.has(token), inTickets.get(token)];
      if (place.tag === 'text') assert.ok(isInText, `${name(token)} is lost from the text`);
      else assert.ok(!isInText, `${name(token)} is in the text though it is ${place.tag}`);
      if (place.tag === 'ticket') {
        assert.equal(ticketId, place.ticketId, `${name(token)} is lost from its ticket`);
      }
    }
  }

  /** At the end: history has all that was ever taken, and what was typed in one go is in order. */
  checkHistory(): void {
    const told = this.#world.rows('file_op').map((op) => `${op.payload}${textOf(op.changes)}`);
    const history = new Set(tokensIn(told.join('')));
    for (const token of this.#places.keys()) {
      assert.ok(history.has(token), `history does not know ${name(token)}`);
    }
    const order = this.#world.rows('file_head').map(({ fileId }) => this.#world.text(fileId));
    const placeOf = new Map(tokensIn(order.join('')).map((token, index) => [token, index]));
    for (const run of this.#runs) {
      const places = run.flatMap((token) => placeOf.get(token) ?? []);
      assert.deepEqual(
        places,
        places.toSorted((a, b) => a - b),
        'in the order typed',
      );
    }
  }

  #readTexts(): void {
    const all = this.#world.rows('file_head').flatMap((head) => {
      return tokensIn(this.#world.text(head.fileId));
    });
    this.#inText = new Set(all);
    assert.equal(all.length, this.#inText.size, 'a token is in the texts twice');
  }

  /** What deciding for a proposal would put in is what of it waits, all of it. */
  #assertDoable(part: Row<'conflict_ticket'>['parts'][number]): void {
    if (part.changes.length === 0) return;
    const waiting = (changes: Changes) =>
      new Set(insertedTokens(changes).filter((t) => this.#places.get(t)?.tag === 'ticket'));
    assert.deepEqual(waiting(part.changes), waiting(part.proposed), 'it would do what it proposes');
  }

  /** What open tickets propose; notes those that have been closed. */
  #closeTickets(): ReadonlyMap<Token, number> {
    const inTickets = new Map<Token, number>();
    const open = new Set<number>();
    for (const ticket of this.#world.rows('conflict_ticket')) {
      if (ticket.status !== 'open') continue;
      open.add(ticket.ticketId);
      for (const part of ticket.parts) {
        for (const token of insertedTokens(part.proposed)) inTickets.set(token, ticket.ticketId);
        this.#assertDoable(part);
      }
    }
    for (const [token, place] of this.#places) {
      if (place.tag !== 'ticket' || open.has(place.ticketId)) continue;
      const { resolutionOpSeq } = this.#world.ticket(place.ticketId);
      const closing = this.#world.rows('file_op').find((op) => op.opSeq === resolutionOpSeq)!;
      const isSettled = closing.payload.includes('"isSettled":true');
      assert.ok(!isSettled, `${name(token)} was not there when its ticket closed by itself`);
      this.#places.set(token, { tag: 'decided' });
    }
    return inTickets;
  }
}

export function insertedTokens(changes: readonly Change[]): Token[] {
  return tokensIn(textOf(changes));
}

/** Tokens in the ranges that changes replace. */
export function deletedTokens(text: string, changes: Changes): Token[] {
  const kept = LineBuffer.of(text);
  kept.apply(changes.map((change) => ({ ...change, text: '' })));
  return [...difference(new Set(tokensIn(text)), new Set(tokensIn(kept.toString())))];
}

export function tokensIn(text: string): Token[] {
  return [...text].filter((character) => {
    const code = character.codePointAt(0)!;
    return code >= FIRST && code <= LAST;
  });
}

function textOf(changes: readonly Change[]): string {
  return changes.map((change) => change.text).join('');
}

function difference(all: ReadonlySet<Token>, less: ReadonlySet<Token>): Set<Token> {
  return new Set([...all].filter((token) => !less.has(token)));
}

function name(token: Token): string {
  return `token ${token.codePointAt(0)! - FIRST}`;
}
