// Keeping and taking back what agents wrote, hunk by hunk, beside a plain model of single characters.
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Changes, replace } from '../../../src/core/change.ts';
import { ReviewText } from '../../../src/core/review-text.ts';
import { takeBackEdit, type TakeBackHunk } from '../../../src/core/take-back.ts';
import { Text } from '../../../src/core/text.ts';
import { content } from './arbitrary.ts';
import {
  assertTakenWell,
  check,
  drafts,
  isAgents,
  isBots,
  linesOf,
  offsetOf,
  played,
  REVIEW_RUNS,
  ReviewModel,
} from './review-model.ts';

const edits = drafts.map((all) => all.filter(({ tag }) => tag === 'edit'));

const isRestoring = ({ tag }: { readonly tag: string }): boolean => tag === 'restore';
const restoredIn = ({ steps }: TakeBackHunk): readonly string[] =>
  steps.filter(isRestoring).map(({ text }) => text);
const takes = () => 'take' as const;

test('what agents wrote and is there is either kept or in exactly one hunk', () => {
  check((model) => {
    const inHunks = new Set<number>();
    for (const { steps } of model.hunks()) {
      for (const { tag, start, end } of steps) {
        if (tag !== 'remove') continue;
        for (let at = offsetOf(model.text, start); at < offsetOf(model.text, end); at++) {
          assert.equal(inHunks.has(at), false, 'in two hunks');
          inHunks.add(at);
        }
      }
    }
    for (const [at, { insertedBy, isKept }] of model.cells.entries()) {
      const isUnreviewed = insertedBy !== undefined && isAgents(insertedBy) && !isKept;
      assert.equal(inHunks.has(at), isUnreviewed, `character ${at}`);
    }
  });
});

test('nobody else’s character goes, and nothing that was kept, whatever is taken back', () => {
  check((model) => {
    assertTakenWell(model.take(model.hunks()), isAgents);
    assert.deepEqual(model.hunks(), [], 'nothing is left to look at');
  });
});

test('when every hunk was kept none is left, and the text is as it was', () => {
  check((model) => {
    const { text, version } = model;
    for (const hunk of model.hunks()) model.decide([linesOf(hunk, version, isAgents)]);
    assert.deepEqual(model.hunks(), []);
    assert.equal(model.text, text);
  });
});

test('what somebody has put back of what agents deleted is not there to be looked at, nor put back twice', () => {
  let count = 0;
  const property = fc.property(content, edits, fc.nat(), (base, steps, pick) => {
    const model = played(base, steps);
    const all = model.hunks();
    const deleted = all.filter(({ steps: own }) => own.every(isRestoring));
    if (deleted.length === 0) return;
    const hunk = deleted[pick % deleted.length]!;
    const restored = all.filter((each) => each !== hunk).flatMap(restoredIn);
    const wanted = model.text.apply(takeBackEdit(all, all.map(takes)).changes).toString();
    model.edit(takeBackEdit([hunk], ['take']).changes, 'ada');
    assert.deepEqual(model.hunks().flatMap(restoredIn), restored);
    model.take(model.hunks());
    assert.equal(model.text.toString(), wanted);
    count += 1;
  });
  fc.assert(property, { numRuns: REVIEW_RUNS });
  assert.ok(count > REVIEW_RUNS / 50, `in ${count} histories`);
});

test('a word that somebody typed anew letter by letter is put back, and stays so when they go on', () => {
  const model = new ReviewModel('one two three\n');
  const at = (start: number, end: number, text: string): Changes => {
    return [replace({ line: 0, character: start }, { line: 0, character: end }, text)];
  };
  model.edit(at(4, 7, 'TWO'), 'bot');
  model.edit(at(4, 7, ''), 'ada');
  for (const [index, letter] of [...'two'].entries()) {
    assert.notDeepEqual(model.hunks(), []);
    model.edit(at(4 + index, 4 + index, letter), 'ada');
  }
  assert.equal(model.text.toString(), 'one two three\n');
  assert.deepEqual(model.hunks(), []);
  model.edit(at(7, 7, ' and more'), 'ada');
  assert.deepEqual(model.hunks(), []);
  model.edit(at(4, 7, ''), 'mate');
  assert.deepEqual(
    model.hunks().map(({ removed, restored }) => [removed, restored]),
    [['', 'two']],
    'who takes it away once more did that',
  );
});

test('what an agent writes into kept lines is to be looked at again; what was kept there is not', () => {
  const model = new ReviewModel('one\ntwo\n');
  model.edit([replace({ line: 0, character: 3 }, { line: 0, character: 3 }, ' and more')], 'bot');
  model.keep(model.hunks()[0]!);
  assert.deepEqual(model.hunks(), []);
  model.edit([replace({ line: 0, character: 3 }, { line: 0, character: 4 }, '!')], 'bot');
  const [hunk] = model.hunks();
  assert.deepEqual([hunk?.removed, hunk?.restored], ['!', ' ']);
});

test('keeping what one agent did leaves what another did on the same line', () => {
  const model = new ReviewModel('one\n');
  model.edit([replace({ line: 0, character: 0 }, { line: 0, character: 0 }, 'A')], 'bot');
  model.edit([replace({ line: 0, character: 4 }, { line: 0, character: 4 }, 'B')], 'mate');
  model.keep(model.hunks(isBots)[0]!, isBots);
  assert.deepEqual(
    model.hunks().map(({ removed }) => removed),
    ['B'],
  );
});

test('what comes back of what went before the first text is text from before, and nobody’s who took it back', () => {
  const text = ReviewText.of(Text.of('ac\n'), { isTaken: isAgents });
  const add = (opSeq: number, author: string, character: number, letter: string): void => {
    const place = { line: 0, character };
    const origin = { opSeq, author, madeAtMicros: 0n, isImported: false };
    const decision = author === 'ada' ? 9 : undefined;
    text.add({ origin, version: opSeq, changes: [replace(place, place, letter)], decision });
  };
  add(2, 'mate', 1, 'Z');
  add(3, 'bot', 1, 'X');
  // It stood between the two: the text from before is one piece no more.
  add(5, 'ada', 2, 'b');
  assert.equal(text.text.toString(), 'aXbZc\n');
  const hunks = text.hunks(isAgents);
  assert.deepEqual(
    hunks.flatMap(({ steps }) => steps.map((step) => step.tag + step.text)),
    ['removeX', 'removeZ'],
  );
  assert.deepEqual(
    hunks.flatMap(({ builtOn }) => builtOn),
    [],
  );
});
