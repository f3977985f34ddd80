import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NativeWrite } from '../../../../src/agents/hooks/hook-event.ts';
import { writtenLines } from '../../../../src/agents/hooks/written-lines.ts';

const TEXT = 'one\r\ntwo\r\nthree\r\ntwo\r\n';
const quotes = (...all: string[]): NativeWrite => ({ kind: 'quotes', quotes: all });
const whole = (text: string): NativeWrite => ({ kind: 'whole', text });

for (const [what, write, ranges] of [
  [
    'a quote, wherever it is',
    quotes('two'),
    [
      [1, 1],
      [3, 3],
    ],
  ],
  ['a quote over lines, with its line end', quotes('two\nthree\n'), [[1, 2]]],
  ['a quote that is not there', quotes('four', ''), []],
  ['a whole text with one other line', whole('one\nTWO\nthree\ntwo\n'), [[1, 1]]],
  ['lines that come in: between their neighbours', whole('one\nnew\ntwo\nthree\ntwo\n'), [[1, 0]]],
  ['lines that go', whole('one\ntwo\n'), [[2, 3]]],
  ['the same text', whole('one\ntwo\nthree\ntwo\n'), []],
  ['what nobody knows', { kind: 'somewhere' }, []],
] as const) {
  test(`a write changes ${what}`, () => {
    const found = writtenLines(TEXT, write).map(({ firstLine, lastLine }) => [firstLine, lastLine]);
    assert.deepEqual(found, ranges);
  });
}
