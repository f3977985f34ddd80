import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSameWorld, restored } from './imported-world.ts';
import { type Arguments, TestWorld } from './test-world.ts';
import { wholeTicket } from './whole-ticket.ts';

const NAMES = ['a.txt', 'b.txt', 'deep/c.txt'];

test('the files of a folder move in one call: an op for each, with one batch id', async () => {
  const { world, ann, ids } = await folderOf();
  const moves = movesOf(world, ids, 'lib', 'src');
  world.mustCall(ann, 'rename_files', moves);
  assert.deepEqual(paths(world, ids), ['src/a.txt', 'src/b.txt', 'src/deep/c.txt']);
  const ops = world.rows('file_op').filter(({ kind }) => kind === 'rename');
  assert.deepEqual(
    ops.map(({ batchId }) => batchId),
    NAMES.map(() => moves.batchId),
  );
  const state = world.stateHash();
  world.mustCall(ann, 'rename_files', moves);
  assert.equal(world.stateHash(), state, 'once more it changes nothing');
  await sameAfterReplay(world);
});

test('two folder renames at once: the second is one ticket, and is decided as one', async () => {
  for (const resolution of ['rebase', 'accept_head']) {
    const { world, ann, bob, ids } = await folderOf();
    const late = movesOf(world, ids, 'lib', 'core');
    world.mustCall(ann, 'rename_files', movesOf(world, ids, 'lib', 'src'));
    world.mustCall(bob, 'rename_files', late);
    assert.deepEqual(paths(world, ids), ['src/a.txt', 'src/b.txt', 'src/deep/c.txt']);
    const [ticket, ...others] = world.rows('conflict_ticket');
    assert.deepEqual([ticket!.kind, ticket!.reason, others], ['rename', 'renamed', []]);
    const state = world.stateHash();
    world.mustCall(bob, 'rename_files', late);
    assert.equal(world.stateHash(), state, 'once more it changes nothing');
    decide(world, ticket!.ticketId, resolution);
    const folder = resolution === 'rebase' ? 'core' : 'src';
    assert.deepEqual(
      paths(world, ids),
      NAMES.map((name) => `${folder}/${name}`),
    );
    await sameAfterReplay(world);
  }
});

test('where one file was moved or deleted meanwhile nothing moves, and the rest does by decision', async () => {
  const { world, ann, bob, ids } = await folderOf();
  const late = movesOf(world, ids, 'lib', 'core');
  const on = { opId: world.nextId(), author: '', fileId: ids[1]!, expectedBaseVersion: 1 };
  world.mustCall(ann, 'delete_file', on);
  world.mustCall(bob, 'rename_files', late);
  assert.equal(world.headOf(ids[0]!).path, 'lib/a.txt');
  const [ticket, ...others] = world.rows('conflict_ticket');
  assert.deepEqual([ticket!.reason, ticket!.fileId, others], ['deleted', ids[1], []]);
  decide(world, ticket!.ticketId, 'rebase');
  assert.deepEqual([paths(world, ids)[0], paths(world, ids)[2]], ['core/a.txt', 'core/deep/c.txt']);
  assert.equal(world.headOf(ids[1]!).deleted, true);
  assert.equal(world.ticket(ticket!.ticketId).status, 'resolved');
  await sameAfterReplay(world);
});

test('all of them or none: a path that is taken, or out of reach, moves nothing', async () => {
  const { world, ann, ids } = await folderOf();
  world.createFile(world.owner, 'SRC/B.TXT', 'other');
  const state = world.stateHash();
  const moves = movesOf(world, ids, 'lib', 'src');
  assert.equal(world.call(ann, 'rename_files', moves).code, 'path_taken');
  assert.equal(world.stateHash(), state);
  const twice = { ...moves, files: [moves.files[0]!, moves.files[0]!] };
  assert.equal(world.call(ann, 'rename_files', twice).code, 'bad_request');
  assert.equal(world.call(ann, 'rename_files', { ...moves, files: [] }).code, 'bad_request');
  const out = movesOf(world, ids, 'lib', '../lib');
  assert.equal(world.call(ann, 'rename_files', out).code, 'bad_path');
});

test('a ticket of a thousand files is read whole, whatever its row can hold', async () => {
  const { world, ann, bob } = await folderOf();
  const names = Array.from({ length: 1000 }, (_, at) => `file-${at}.txt`);
  const ids = names.map((name) => world.createFile(world.owner, `many/${name}`, 'one'));
  const late = movesOf(world, ids, 'many', 'theirs');
  world.mustCall(ann, 'rename_files', movesOf(world, ids, 'many', 'ours'));
  world.mustCall(bob, 'rename_files', late);
  const [ticket] = world.rows('conflict_ticket');
  const { payload } = wholeTicket(world, ticket!);
  assert.equal((JSON.parse(payload) as { moves: unknown[] }).moves.length, 1000);
  decide(world, ticket!.ticketId, 'rebase');
  assert.equal(world.headOf(ids[999]!).path, 'theirs/file-999.txt');
});

async function folderOf() {
  const world = await TestWorld.create();
  const [ann, bob] = [world.join('ann'), world.join('bob')];
  const ids = NAMES.map((name) => world.createFile(world.owner, `lib/${name}`, 'one'));
  return { world, ann, bob, ids };
}

function movesOf(
  world: TestWorld,
  ids: readonly number[],
  from: string,
  to: string,
): Arguments<'rename_files'> {
  const files = ids.map((fileId) => {
    const fromPath = world.headOf(fileId).path;
    const path = to + fromPath.slice(from.length);
    return { opId: world.nextId(), fileId, expectedBaseVersion: 1, fromPath, path };
  });
  return { batchId: world.nextId(), author: '', files };
}

function paths(world: TestWorld, ids: readonly number[]): readonly string[] {
  return ids.map((fileId) => world.headOf(fileId).path);
}

function decide(world: TestWorld, ticketId: number, resolution: string): void {
  const opId = world.nextId();
  const args = { opId, ticketId, expectedHeadVersion: 1, resolution, parts: [] };
  world.mustCall(world.owner, 'resolve_ticket', args);
}

async function sameAfterReplay(world: TestWorld): Promise<void> {
  assertSameWorld(await restored(world), world);
}
