import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { packCaret, unpackCaret } from '../../../src/core/packed-caret.ts';

const carets = fc.record(
  {
    line: fc.nat(2 ** 26 - 1),
    character: fc.nat(2 ** 25 - 1),
    version: fc.nat(2 ** 32 - 1),
    typing: fc.boolean(),
  },
  { noNullPrototype: true },
);

test('a caret comes out as it was, whatever was typed while it was on its way', () => {
  fc.assert(
    fc.property(
      carets,
      fc.integer({ min: -1_000, max: 1_000 }),
      fc.integer({ min: -1_000, max: 1_000 }),
      (caret, ahead, meanwhile) => {
        const head = Math.max(0, caret.version + ahead);
        const packed = packCaret(caret, head);
        assert.ok(packed !== undefined && packed < 2n ** 64n);
        assert.deepEqual(unpackCaret(packed, Math.max(0, head + meanwhile)), caret);
      },
    ),
  );
});

test('what does not fit is not packed', () => {
  const caret = { line: 1, character: 1, version: 5_000, typing: false };
  assert.equal(packCaret({ ...caret, line: 2 ** 26 }, 5_000), undefined);
  assert.equal(packCaret({ ...caret, character: 2 ** 25 }, 5_000), undefined);
  assert.equal(packCaret(caret, 6_001), undefined);
  assert.notEqual(packCaret(caret, 6_000), undefined);
});
