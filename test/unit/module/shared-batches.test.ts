// A batch's id is chosen by whoever sends it. What a call did must be read from the history also where two
// calls have the same one: else one member could make a world that nobody can restore.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSameWorld, restored } from './imported-world.ts';
import { change, insert, TestWorld } from './test-world.ts';

test('many files that come at once to places that are taken are as many conflicts when restored', async () => {
  const world = await TestWorld.create();
  const ann = world.join('ann');
  for (const name of ['a.txt', 'b.txt', 'c.txt']) world.createFile(world.owner, name, 'here\n');
  const files = ['a.txt', 'b.txt', 'c.txt'].map((name) => world.newFile(name, `there ${name}\n`));
  world.mustCall(ann, 'import_files', { batchId: world.nextId(), author: '', files });
  assert.equal(world.rows('conflict_ticket').length, 3);
  await assertRestored(world);
});

test('two refused batches with one id are two conflicts when restored', async () => {
  const { world, ann, fileId } = await withStaleBase();
  const batchId = world.nextId();
  for (const word of ['uno', 'eins']) {
    send(world, ann, batchId, [world.op(fileId, 1, [change(0, 0, 0, 3, word)])]);
  }
  assert.equal(world.rows('conflict_ticket').length, 2);
  await assertRestored(world);
});

test('what is added to a conflict under the id of the batch that opened it is restored', async () => {
  const { world, ann, fileId } = await withStaleBase();
  const batchId = world.nextId();
  send(world, ann, batchId, [world.op(fileId, 1, [change(0, 0, 0, 3, 'uno')])]);
  const [ticket] = world.rows('conflict_ticket');
  const again = world.op(fileId, 1, [change(0, 0, 0, 3, 'eins')]);
  send(world, ann, batchId, [again], ticket!.ticketId);
  const [extended] = world.rows('conflict_ticket');
  assert.equal(extended!.parts[0]!.proposedText, 'eins');
  await assertRestored(world);
});

test('edits of two calls with one id move a conflict as they did', async () => {
  const { world, ann, fileId } = await withStaleBase();
  world.edit(ann, fileId, 1, [change(0, 0, 0, 3, 'uno')]);
  const batchId = world.nextId();
  send(world, world.owner, batchId, [world.op(fileId, 2, [change(0, 0, 0, 3, 'x')])]);
  send(world, world.owner, batchId, [world.op(fileId, 3, [change(0, 0, 0, 1, 'uno')])]);
  send(world, ann, batchId, [world.op(fileId, 4, insert(0, 0, '> '))]);
  await assertRestored(world);
});

test('a whole new content and edits with one id are restored', async () => {
  const { world, ann, fileId } = await withStaleBase();
  const opId = world.nextId();
  send(world, ann, opId, [world.op(fileId, 2, insert(0, 0, 'a'))]);
  world.mustCall(ann, 'replace_content', {
    opId,
    author: '',
    fileId,
    expectedBaseVersion: 3,
    content: world.newFile('', 'all new\n').content,
  });
  send(world, ann, opId, [world.op(fileId, 4, insert(0, 0, 'b'))]);
  assert.equal(world.text(fileId), 'ball new\n');
  await assertRestored(world);
});

/** A file whose first line the owner has changed since its first version. */
async function withStaleBase() {
  const world = await TestWorld.create();
  const ann = world.join('ann');
  const fileId = world.createFile(world.owner, 'a.txt', 'one\ntwo\n');
  world.edit(world.owner, fileId, 1, [change(0, 0, 0, 3, 'ONE')]);
  return { world, ann, fileId };
}

function send(
  world: TestWorld,
  sender: string,
  batchId: string,
  ops: ReturnType<TestWorld['op']>[],
  extended = 0,
): void {
  world.mustCall(sender, 'apply_file_ops', { batch: { batchId, extends: extended, ops } });
}

/** In one call, and with a call for each batch. */
async function assertRestored(world: TestWorld): Promise<void> {
  assertSameWorld(await restored(world), world);
  assertSameWorld(await restored(world, () => true), world);
}
