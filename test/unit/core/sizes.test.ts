import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_LIMITS, type Limits } from '../../../src/core/limits.ts';
import {
  HIGHEST_LIMITS,
  largestOpBytes,
  PIECES_PER_ANSWER,
  SIZES,
  subscribedRowBytes,
  tooHigh,
} from '../../../src/core/sizes.ts';
import { TICKET_TEXTS } from '../../../src/core/ticket-texts.ts';

const HIGHEST: Limits = { ...DEFAULT_LIMITS, ...HIGHEST_LIMITS };
/** What is around the values of a message or an answer. */
const ENVELOPE_BYTES = 64 * 1024;

for (const [name, limits] of [
  ['default', DEFAULT_LIMITS],
  ['highest', HIGHEST],
] as const) {
  test(`with the ${name} limits everything fits into what carries it`, () => {
    assert.ok(largestOpBytes(limits) <= SIZES.batchLog, 'an op into what a call may log');
    assert.ok(limits.batchBytes <= SIZES.batchLog, 'the text of a batch into the same');
    assert.ok(limits.textFileBytes <= limits.batchBytes, 'a text file into a batch');
    assert.ok(limits.binaryFileBytes + ENVELOPE_BYTES <= SIZES.message, 'a file into a message');
    assert.ok(limits.batchBytes + ENVELOPE_BYTES <= SIZES.message, 'a batch into a message');
    for (const [table, bytes] of Object.entries(subscribedRowBytes(limits))) {
      assert.ok(bytes <= SIZES.subscribedRow, `a row of ${table}: ${bytes} bytes`);
    }
  });
}

test('a logged batch fits into the call that restores it, and each op into an archive', () => {
  assert.ok(SIZES.batchLog + ENVELOPE_BYTES <= SIZES.message);
  assert.ok(SIZES.batchLog <= SIZES.archiveEntry);
});

test('pieces that are asked for together are one answer', () => {
  const row = TICKET_TEXTS.pieceBytes + 512;
  assert.ok(row <= SIZES.piece);
  assert.ok(PIECES_PER_ANSWER * row <= SIZES.answer);
});

test('the defaults are not higher than what may be set, and what is higher is named', () => {
  assert.equal(tooHigh(DEFAULT_LIMITS, DEFAULT_LIMITS), undefined);
  const high = { ...DEFAULT_LIMITS, noteLength: 100_000 };
  assert.equal(tooHigh(high, DEFAULT_LIMITS), 'noteLength');
  assert.equal(tooHigh(high, high), undefined, 'what is in force may stay');
});
