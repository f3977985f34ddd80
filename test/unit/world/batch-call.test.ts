import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replace } from '../../../src/core/change.ts';
import { MODULE_LEVEL, RETURNED_LEVEL } from '../../../src/core/module-level.ts';
import { RETURNED_PER_CALL } from '../../../src/core/returned-text.ts';
import { shortEditOf } from '../../../src/core/short-edit.ts';
import { batchCall } from '../../../src/world/judge-batch.ts';

const START = { line: 0, character: 0 };
const OP_ID = '018f2e3a-7b6c-7d10-8a0b-0123456789ab';

function batchOf(count: number) {
  const pieces = Array.from({ length: count }, (_, at) => {
    return { change: 0, at, length: 1 + at, version: 1, fromLine: 0, fromCharacter: 0 };
  });
  const op = {
    opId: OP_ID,
    fileId: 1,
    expectedBaseVersion: 1,
    intent: 'typing',
    author: '',
    carriedFrom: 0,
    overlaps: [],
    rangeHashes: [],
    changes: [replace(START, START, 'x')],
    returned: pieces,
  } as const;
  return { batchId: OP_ID, extends: 0, ops: [op] };
}

test('a world that knows nothing of text that comes back is sent the edits as before', () => {
  const { name, args } = batchCall(batchOf(1), RETURNED_LEVEL - 1);
  assert.equal(name, 'apply_file_ops');
  assert.deepEqual(Object.keys(args), ['batch']);
  assert.equal('returned' in args.batch.ops[0]!, false);
  assert.equal(batchCall(batchOf(0), MODULE_LEVEL).name, 'apply_file_ops');
});

test('of more pieces than a call may name the longest are named', () => {
  const call = batchCall(batchOf(RETURNED_PER_CALL + 10), MODULE_LEVEL);
  assert.ok(call.name === 'return_text');
  const { returned } = call.args;
  assert.equal(returned.length, RETURNED_PER_CALL);
  assert.ok(returned.every(({ op, length }) => op === 0 && length > 10));
});

test('an edit that brings text back has no short form, which has no room for that', () => {
  assert.ok(shortEditOf(batchOf(0)));
  assert.equal(shortEditOf(batchOf(1)), undefined);
});
