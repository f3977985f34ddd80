import assert from 'node:assert/strict';
import { test } from 'node:test';
import { change, TestWorld } from './test-world.ts';

test('a decision by which two files would come back at one path is refused, and nothing is done', async () => {
  const world = await TestWorld.create();
  const ann = world.join('ann');
  const first = world.createFile(world.owner, 'a.txt', 'one');
  remove(world, first);
  const second = world.createFile(world.owner, 'a.txt', 'two');
  remove(world, second);
  const ops = [first, second].map((fileId) => world.op(fileId, 1, [change(0, 0, 0, 3, 'mine')]));
  world.mustCall(ann, 'apply_file_ops', { batch: { batchId: world.nextId(), extends: 0, ops } });
  const [ticket] = world.rows('conflict_ticket');
  const state = world.stateHash();
  const decision = {
    opId: world.nextId(),
    ticketId: ticket!.ticketId,
    expectedHeadVersion: 1,
    resolution: 'rebase',
    parts: [first, second].map((fileId) => ({ fileId, expectedHeadVersion: 1, changes: [] })),
  };
  assert.equal(world.call(world.owner, 'resolve_ticket', decision).code, 'path_taken');
  assert.equal(world.stateHash(), state);
});

function remove(world: TestWorld, fileId: number): void {
  const on = { opId: world.nextId(), author: '', fileId, expectedBaseVersion: 1 };
  world.mustCall(world.owner, 'delete_file', on);
}
