import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Change, Changes } from '../../../src/core/change.ts';
import type { Origin } from '../../../src/core/origin.ts';
import { putBackStrands } from '../../../src/core/put-back.ts';
import { isThere, type Strand, writerOf } from '../../../src/core/strand.ts';
import { Text } from '../../../src/core/text.ts';
import { type Taking, WovenText } from '../../../src/core/woven-text.ts';

/**
 * Brings nothing back; but a change of an op that might is made the long way, with all strands of its lines. What it
 * brings counts as text from before.
 */
const NOTHING: Taking = { decision: -1, putBack: () => new Set() };
const BASE = 'one line\nanother\n\nlast';
const TEXTS = ['', 'x', 'two words', '\n', 'a\nb'];

function withoutReturn(line: string | readonly Strand[]): string | readonly Strand[] {
  return typeof line === 'string' ? line : line.map((strand) => ({ ...strand, again: undefined }));
}

/** Where an op begins, how much it takes away, what it brings, and whose it is. */
const step = fc.record({
  place: fc.nat(1_000),
  deleted: fc.constantFrom(0, 0, 1, 3, 9),
  text: fc.nat(99).map((at) => TEXTS[at] ?? TEXTS[at % 3]!),
  author: fc.constantFrom('ann', 'bot'),
  looks: fc.boolean(),
});

test('many changes inside lines leave the strands that they leave one by one', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
      const short = WovenText.of(Text.of(BASE));
      const long = WovenText.of(Text.of(BASE));
      let text = Text.of(BASE);
      for (const [index, { place, deleted, text: inserted, author, looks }] of steps.entries()) {
        const line = place % text.lineCount;
        const { length } = text.line(line);
        const startCharacter = place % (length + 1);
        const endCharacter = Math.min(length, startCharacter + deleted);
        const changes: Changes = [
          { startLine: line, endLine: line, startCharacter, endCharacter, text: inserted },
        ];
        const origin: Origin = { opSeq: index, author, madeAtMicros: 0n, isImported: false };
        short.apply(changes, origin);
        long.apply(changes, origin, NOTHING);
        text = text.apply(changes);
        if (looks) assert.equal(short.toString(), text.toString());
      }
      assert.deepEqual(short.lines().map(withoutReturn), long.lines().map(withoutReturn));
      assert.equal(short.toString(), text.toString());
    }),
    { numRuns: 60 },
  );
});

test('a copy goes its own way, and what was read stays as it was read', () => {
  const woven = WovenText.of(Text.of('line\n'));
  const origin: Origin = { opSeq: 1, author: 'ann', madeAtMicros: 0n, isImported: false };
  const typed = (text: string): Changes => [
    { startLine: 0, endLine: 0, startCharacter: 0, endCharacter: 0, text },
  ];
  woven.apply(typed('a'), origin);
  const copy = woven.clone();
  const [read] = woven.lines();
  const before = structuredClone(read);
  woven.apply(typed('b'), origin);
  copy.apply(typed('c'), origin);
  assert.deepEqual(read, before);
  assert.deepEqual([woven.toString(), copy.toString()], ['baline\n', 'caline\n']);
});

test('a change beyond its line is refused and changes nothing', () => {
  const woven = WovenText.of(Text.of('line'));
  const origin: Origin = { opSeq: 1, author: 'ann', madeAtMicros: 0n, isImported: false };
  const beyond = { startLine: 0, endLine: 0, startCharacter: 2, endCharacter: 9, text: 'x' };
  assert.throws(() => woven.apply([beyond], origin), RangeError);
  assert.equal(woven.toString(), 'line');
});

test('what others had put back is asked for once, and of the text before the op', () => {
  const woven = WovenText.of(Text.of('a\nb\nc\n'));
  const made = (opSeq: number, author: string): Origin => {
    return { opSeq, author, madeAtMicros: 0n, isImported: false };
  };
  const at = (line: number, end: number, text: string): Change => {
    return { startLine: line, endLine: line, startCharacter: 0, endCharacter: end, text };
  };
  woven.apply([at(0, 1, ''), at(2, 1, '')], made(1, 'bot'));
  // Somebody types what was deleted on the first line.
  woven.apply([at(0, 0, 'a')], made(2, 'ada'));
  woven.apply([at(0, 1, 'A'), at(2, 0, 'C')], made(3, 'bot'));
  const isBots = ({ author }: Origin): boolean => author === 'bot';
  woven.decide(0, 2, { decision: 4, isDecided: isBots, isWork: isBots });
  const asked: string[] = [];
  const putBack = (): ReadonlySet<Strand> => {
    asked.push(woven.toString());
    return putBackStrands(woven, { isTaken: isBots });
  };
  const back = [at(0, 1, 'a'), at(2, 1, 'c')];
  woven.apply(back, made(5, 'ada'), { decision: 4, putBack });
  assert.deepEqual(asked, ['A\nb\nC\n']);
  assert.equal(woven.toString(), 'a\nb\nc\n');
  const writers = [0, 1, 2].map((line) => {
    const strands = woven.lines()[line]!;
    return typeof strands === 'string' ? '' : writerOf(strands.find(isThere)!)?.author;
  });
  // Each is whose it was: what bot deleted of ada's on the first line, and what was there from before.
  assert.deepEqual(writers, ['ada', '', undefined]);
});
