import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Changes } from '../../../src/core/change.ts';
import { Text } from '../../../src/core/text.ts';
import { bringWords, keepsWords } from '../../../src/sync/changed-words.ts';
import { at } from './binding-rig.ts';

const TEXT = Text.of('let theirs = "a b"\nimport c\n');

const CASES: readonly { what: string; changes: Changes; keeps: boolean; brings: boolean }[] = [
  { what: 'white space', changes: at(0, 3, '\n\t', 4), keeps: true, brings: false },
  { what: 'quotes', changes: at(0, 13, "'a b'", 18), keeps: true, brings: false },
  { what: 'an emoji', changes: at(0, 11, '\u{1F389}', 12), keeps: false, brings: true },
  { what: 'another word', changes: at(0, 4, 'ours', 10), keeps: false, brings: true },
  { what: 'one word more', changes: at(0, 14, 'x ', 14), keeps: false, brings: true },
  { what: 'a word taken away', changes: at(0, 4, '', 11), keeps: false, brings: false },
  { what: 'half a word taken away', changes: at(0, 9, '', 10), keeps: false, brings: true },
  { what: 'words in another order', changes: at(0, 14, 'b a', 17), keeps: false, brings: false },
  { what: 'a word twice', changes: at(0, 14, 'b b', 17), keeps: false, brings: true },
];

for (const { what, changes, keeps, brings } of CASES) {
  test(`${what}: ${keeps ? 'keeps' : 'changes'} words, and brings ${brings ? 'some' : 'none'}`, () => {
    assert.equal(keepsWords(changes[0]!, TEXT), keeps);
    if (!keeps) assert.equal(bringWords(changes, TEXT), brings);
  });
}

test('what one change of an event takes away another may put elsewhere', () => {
  const moved = [...at(0, 4, '', 11), ...at(1, 0, 'theirs ')];
  assert.equal(bringWords(moved, TEXT), false);
  assert.equal(bringWords(moved.slice(1), TEXT), true);
});
