// Law: a line in pieces is the same as single characters that know nothing of pieces.
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Origin } from '../../../src/core/origin.ts';
import { isThere, type Strand } from '../../../src/core/strand.ts';
import { type Piece, StrandPieces } from '../../../src/core/strand-pieces.ts';

const RUNS = process.env['AGENT_WORLD_SOAK'] ? 10_000 : 200;

interface Edit {
  readonly start: number;
  readonly deleted: number;
  readonly text: string;
  readonly author: string;
}

interface Cell {
  readonly character: string;
  readonly came: number;
  readonly went?: Origin;
}

/** Where somebody is at work, what they do there, how often, and who. */
const bursts = fc.array(
  fc.record({
    at: fc.nat(1_000),
    does: fc.constantFrom('type', 'type', 'erase', 'rewrite', 'insert', 'replace', 'cut'),
    count: fc.integer({ min: 1, max: 100 }),
    author: fc.constantFrom('ann', 'bot'),
  }),
  { minLength: 1, maxLength: 12, size: 'max' },
);

type Burst = typeof bursts extends fc.Arbitrary<infer Some> ? Some : never;

/** One after the other, each as the line is then. */
function* editsOf(all: Burst, lengthNow: () => number): Generator<Edit> {
  for (const [index, { at, does, count, author }] of all.flat().entries()) {
    const place = at % (lengthNow() + 1);
    const letter = String.fromCharCode(0x61 + (index % 26));
    if (does === 'cut') {
      // Once over all that was erased in between.
      const start = Math.max(0, place - count);
      yield { start, deleted: Math.min(2 * count, lengthNow() - start), text: '', author };
      continue;
    }
    for (let each = 0; each < count; each++) {
      const left = lengthNow() - place;
      if (does === 'type') yield { start: place + each, deleted: 0, text: letter, author };
      else if (does === 'insert') {
        if (each < 3) yield { start: place, deleted: 0, text: letter, author };
      } else if (left > 0) {
        yield { start: place, deleted: 1, text: does === 'replace' ? letter : '', author };
      }
    }
    // Behind all that they erased there.
    if (does === 'rewrite') yield { start: place, deleted: 0, text: letter, author };
  }
}

test('a line in pieces is as its characters are, and each way round a piece is gone', () => {
  const ways = { before: 0, gone: 0, own: 0, behind: 0 };
  fc.assert(
    fc.property(bursts, (all) => {
      const line = new StrandPieces([strand('one line', 0)]);
      let cells = cellsOf(line.all());
      const lengthNow = (): number => cells.filter(({ went }) => !went).length;
      let opSeq = 0;
      for (const edit of editsOf(all, lengthNow)) {
        opSeq += 1;
        const before = line.pieces;
        change(line, edit, opSeq);
        for (const way of waysRound(before, line.pieces, edit, opSeq)) ways[way] += 1;
        cells = changed(cells, edit, opSeq);
      }
      assert.deepEqual(cellsOf(line.all()), cells);
    }),
    { numRuns: RUNS },
  );
  for (const [way, count] of Object.entries(ways)) {
    assert.ok(count > RUNS / 10, `${way} in ${JSON.stringify(ways)}`);
  }
});

function strand(text: string, opSeq: number, author = 'ann'): Strand {
  const insertedBy = { opSeq, author, madeAtMicros: 0n, isImported: false };
  return { text, insertedBy, deletedBy: undefined };
}

function change(line: StrandPieces, { start, deleted, text, author }: Edit, opSeq: number): void {
  const inserted = text === '' ? undefined : strand(text, opSeq, author);
  const deletedBy = originOf(opSeq, author);
  line.change({ start, deleted, inserted, author, goneOf: (each) => ({ ...each, deletedBy }) });
}

function originOf(opSeq: number, author: string): Origin {
  return { opSeq, author, madeAtMicros: 0n, isImported: false };
}

/** The same of single characters. */
function changed(
  cells: readonly Cell[],
  { start, deleted, text, author }: Edit,
  opSeq: number,
): Cell[] {
  const after = [...cells];
  let [at, left, going] = [0, start, deleted];
  for (; left > 0 || going > 0; at++) {
    const cell = after[at]!;
    if (cell.went) continue;
    if (left > 0) left -= 1;
    else {
      after[at] = { ...cell, went: originOf(opSeq, author) };
      going -= 1;
    }
  }
  const isOwn = (cell: Cell | undefined): boolean => cell?.went?.author === author;
  if (deleted === 0) while (isOwn(after[at])) at += 1;
  after.splice(at, 0, ...Array.from(text.split(''), (character) => ({ character, came: opSeq })));
  return after;
}

function cellsOf(strands: readonly Strand[]): Cell[] {
  return strands.flatMap(({ text, insertedBy, deletedBy }) =>
    Array.from(text.split(''), (character) => {
      return { character, came: insertedBy!.opSeq, ...(deletedBy && { went: deletedBy }) };
    }),
  );
}

/** Which pieces were left as they were, by where they stand to the change. */
function* waysRound(
  before: readonly Piece[],
  after: readonly Piece[],
  { start, deleted, text }: Edit,
  opSeq: number,
): Generator<'before' | 'gone' | 'own' | 'behind'> {
  const kept = new Map(after.map((piece, index) => [piece, index]));
  const inserted = after.findIndex(({ strands }) => {
    return strands.some((each) => each.insertedBy?.opSeq === opSeq);
  });
  let offset = 0;
  for (const piece of before) {
    const { length, strands } = piece;
    const index = kept.get(piece);
    if (index !== undefined) {
      const isEmpty = !strands.some(isThere);
      if (offset + length < start) yield 'before';
      else if (isEmpty && offset < start + deleted) yield 'gone';
      else if (isEmpty && text !== '' && index < inserted) yield 'own';
      else yield 'behind';
    }
    offset += length;
  }
}
