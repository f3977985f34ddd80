import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Text } from '../../../src/core/text.ts';
import { addedEnd } from '../../../src/sync/added-end.ts';
import { OthersText } from '../../../src/sync/others-text.ts';
import { at } from './binding-rig.ts';

const linesOf = (others: OthersText, count: number): readonly number[] =>
  Array.from({ length: count }, (_, line) => line).filter((line) =>
    others.isTouchedBy(at(line, 0, 'x')[0]!),
  );

test('what others wrote is theirs until a save that began later, wherever it has moved to', () => {
  const others = new OthersText();
  others.wrote(at(2, 3, 'new'));
  assert.deepEqual(linesOf(others, 5), [2]);
  others.moved(at(0, 0, 'mine\n'));
  assert.deepEqual(linesOf(others, 5), [3]);
  others.saving();
  others.wrote(at(4, 0, 'newer'));
  others.saved();
  assert.deepEqual(linesOf(others, 6), [4]);
});

test('a line that I begin behind somebody else’s text is mine', () => {
  const others = new OthersText();
  others.wrote(at(1, 0, 'theirs'));
  others.moved(at(1, 6, '\nmine'));
  assert.deepEqual(linesOf(others, 4), [1]);
});

test('what others deleted leaves its line, and what I put in the place of theirs as well', () => {
  const others = new OthersText();
  others.wrote(at(1, 0, '', 4));
  others.wrote(at(3, 0, 'theirs'));
  others.moved([{ startLine: 2, startCharacter: 1, endLine: 3, endCharacter: 8, text: 'mi\nne' }]);
  assert.deepEqual(linesOf(others, 5), [1, 2]);
});

test('no character that others wrote is on a line that is not theirs, however many places there are', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.boolean(), fc.nat(), fc.nat(2), fc.boolean()), { maxLength: 200 }),
      (acts) => {
        const others = new OthersText();
        let text = Text.of('\n'.repeat(300));
        for (const [isOthers, place, length, isLine] of acts) {
          const line = place % (text.end.line + 1);
          const written = (isOthers ? 'O' : 'm').repeat(length) + (isLine ? '\n' : '');
          const changes = at(line, 0, written);
          if (changes[0]!.text === '') continue;
          text = text.apply(changes);
          if (isOthers) others.wrote(changes);
          else others.moved(changes);
        }
        for (const [line, content] of text.toString().split('\n').entries()) {
          if (!content.includes('O')) continue;
          assert.ok(others.isTouchedBy(at(line, 0, 'x')[0]!), `line ${line}: ${content}`);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('only line ends behind all of a text are an added end', () => {
  const text = Text.of('one\ntwo');
  const end = { line: 1, character: 3 };
  assert.deepEqual(addedEnd(at(1, 3, '\n'), text), {
    place: end,
    behind: { line: 2, character: 0 },
  });
  for (const changes of [at(0, 3, '\n'), at(1, 3, '\nx'), at(1, 2, '\n', 3), []]) {
    assert.equal(addedEnd(changes, text), undefined);
  }
});
