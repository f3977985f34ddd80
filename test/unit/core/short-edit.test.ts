import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { batchOfShortEdit, shortEditOf } from '../../../src/core/short-edit.ts';

const whole = fc.nat(2 ** 32 - 1);
const batches = fc
  .record({
    id: fc.uuid(),
    fileId: whole,
    version: whole,
    place: fc.array(whole, { minLength: 4, maxLength: 4 }),
    text: fc.string(),
  })
  .map(({ id, fileId, version, place, text }) => {
    const [startLine, startCharacter, endLine, endCharacter] = place as [
      number,
      number,
      number,
      number,
    ];
    const op = {
      opId: id,
      fileId,
      expectedBaseVersion: version,
      intent: 'typing',
      author: '',
      carriedFrom: 0,
      overlaps: [],
      rangeHashes: [],
      changes: [{ startLine, startCharacter, endLine, endCharacter, text }],
    } as const;
    return { batchId: id, extends: 0, ops: [op] };
  });

test('what is sent shortly is the same batch', () => {
  fc.assert(
    fc.property(batches, (batch) => {
      assert.deepEqual(batchOfShortEdit(shortEditOf(batch)!), batch);
    }),
  );
});

test('anything but one plain change that was typed has no short form', () => {
  fc.assert(
    fc.property(batches, (batch) => {
      const [op] = batch.ops;
      const others = [
        { ...batch, extends: 7 },
        { ...batch, ops: [] },
        { ...batch, ops: [op!, op!] },
        ...[
          { intent: 'patch' as const },
          { author: 'ab'.repeat(32) },
          { carriedFrom: 1 },
          { overlaps: [3] },
          { changes: [] },
          { changes: [...op!.changes, ...op!.changes] },
          { opId: 'not-a-uuid' },
        ].map((other) => ({ ...batch, ops: [{ ...op!, ...other }] })),
      ];
      for (const other of others) assert.equal(shortEditOf(other), undefined);
    }),
  );
});
