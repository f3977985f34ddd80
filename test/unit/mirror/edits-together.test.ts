import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SubmittedOp } from '../../../src/core/op.ts';
import { EditsTogether } from '../../../src/mirror/edits-together.ts';

/** A world that answers each call at once; `during` happens while the call of that number is under way. */
function openWorld(during: (call: number, tell: (fileId: number) => void) => void = () => {}) {
  const sizes: number[] = [];
  const world = { nowMs: 0, sizes, listeners: 0 };
  const heard = new Set<(fileId: number) => void>();
  const edits = new EditsTogether({
    async together(ops) {
      sizes.push(ops.length);
      const tell = (fileId: number): void => heard.forEach((listener) => listener(fileId));
      during(sizes.length, tell);
      world.nowMs += 5;
      for (const { fileId } of ops) tell(fileId);
      return ops.map(() => ({ tag: 'applied', version: 2 }) as const);
    },
    alone: () => Promise.resolve({ tag: 'applied', version: 2 }),
    onEdit(listener) {
      heard.add(listener);
      return () => void heard.delete(listener);
    },
    nowMs: () => world.nowMs,
  });
  const send = (count: number, firstFile: number) =>
    Promise.all(
      Array.from({ length: count }, (_, index) =>
        edits.send(editOf(firstFile + index), () => Promise.resolve('')),
      ),
    );
  return { world, heard, send };
}

function editOf(fileId: number): SubmittedOp {
  return {
    opId: `op-${fileId}`,
    fileId,
    expectedBaseVersion: 1,
    intent: 'patch',
    author: '',
    carriedFrom: 0,
    overlaps: [],
    rangeHashes: [],
    changes: [],
  };
}

const TYPED = 1_000_000;

test('many edits go together while nobody else edits', async () => {
  const { world, heard, send } = openWorld();
  await send(100, 1);
  assert.deepEqual(world.sizes, [40, 40, 20]);
  assert.equal(heard.size, 0, 'nobody listens when all is sent');
});

test('fewer edits go together while somebody else edits, and many again a second later', async () => {
  const { world, send } = openWorld((call, tell) => {
    if (call === 2) tell(TYPED);
  });
  await send(140, 1);
  assert.deepEqual(world.sizes.slice(0, 3), [40, 40, 10]);
  assert.ok(
    world.sizes.slice(2).every((size) => size <= 20),
    `calls of ${world.sizes.join(', ')}`,
  );
  const before = world.sizes.length;
  world.nowMs += 1000;
  await send(40, 201);
  assert.deepEqual(world.sizes.slice(before), [40]);
});

test('what is told late of an own edit is nobody else’s', async () => {
  const { world, send } = openWorld((call, tell) => {
    // While the second call is under way a file of the first one is told of.
    if (call === 2) tell(1);
  });
  await send(120, 1);
  assert.deepEqual(world.sizes, [40, 40, 40]);
});
