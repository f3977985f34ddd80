// What somebody may send over and over: nothing without a rate, and nothing once they were removed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CallResult,
  identity,
  insert,
  type TestWorld as World,
  TestWorld,
} from './test-world.ts';

test('a viewer has files checked no more often than it may send as much', async () => {
  const world = await TestWorld.create({ limits: JSON.stringify({ bytesPerSecond: 10_000 }) });
  const viewer = world.join('viewer', { role: 'viewer', capabilities: [] });
  const fileId = world.createFile(world.owner, 'a.txt', 'x'.repeat(9_000));
  const codes = Array.from({ length: 4 }, () => {
    return world.call(viewer, 'rebuild_file_from_snapshot', { fileId, version: 1 }).code;
  });
  assert.deepEqual(codes, ['ok', 'ok', 'too_many', 'too_many']);
});

const FEW = { limits: JSON.stringify({ opsPerSecond: 5, presencePerSecond: 5 }) };

test('who was removed is not answered about what they sent before, on whatever connection', async () => {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a.txt', 'one\n');
  const ann = world.join('ann');
  const repeats = [
    sent(world, 'apply_file_ops', {
      batch: { batchId: world.nextId(), extends: 0, ops: [world.op(fileId, 1, insert(0, 0, 'x'))] },
    }),
    sent(world, 'create_file', { author: '', file: world.newFile('b.txt', 'two\n') }),
    sent(world, 'create_file', { author: '', file: world.newFile('a.txt', 'xone\n') }),
    sent(world, 'add_note', { opId: world.nextId(), kind: 'message', to: '', text: 'hello' }),
    sent(world, 'delete_file', {
      opId: world.nextId(),
      author: '',
      fileId,
      expectedBaseVersion: 2,
    }),
  ];
  for (const repeat of repeats) assert.equal(repeat(ann).code, 'ok');
  for (const repeat of repeats) assert.equal(repeat(ann).code, 'ok', 'a member is told again');
  world.mustCall(world.owner, 'remove_member', { identity: identity(ann) });
  const state = world.stateHash();
  for (const repeat of repeats) assert.equal(repeat(ann).code, 'not_a_member');
  assert.equal(world.stateHash(), state);
  world.join('ann');
  for (const repeat of repeats)
    assert.equal(repeat(ann).code, 'ok', 'who is back is told the truth');
});

test('who was removed is shown nowhere, though their connection may stay open', async () => {
  const world = await TestWorld.create();
  const ann = world.join('ann');
  world.connect(ann, 1n);
  world.connect(world.owner, 2n);
  world.mustCall(world.owner, 'remove_member', { identity: identity(ann) });
  const places = world.rows('presence').map((row) => row.identity.toHexString());
  assert.deepEqual(places, [world.owner]);
  const place = { fileId: 0, version: 0, selections: [], typing: false, activity: '' };
  assert.equal(world.call(ann, 'update_presence', place).code, 'not_a_member');
  assert.equal(world.rows('presence').length, 1);
});

test('repeats have a rate, and what they use up is not missing for what is new', async () => {
  const world = await TestWorld.create(FEW);
  const fileId = world.createFile(world.owner, 'a.txt', 'one\n');
  const ann = world.join('ann');
  const repeat = sent(world, 'apply_file_ops', {
    batch: { batchId: world.nextId(), extends: 0, ops: [world.op(fileId, 1, insert(0, 0, 'x'))] },
  });
  repeat(ann);
  const codes = Array.from({ length: 12 }, () => atOnce(world, () => repeat(ann)).code);
  assert.deepEqual(codes, [...Array(10).fill('ok'), 'too_many', 'too_many']);
  assert.equal(world.edit(ann, fileId, 2, insert(0, 0, 'y')).code, 'ok');
});

test('a member’s connections share one rate of movements', async () => {
  const world = await TestWorld.create(FEW);
  const ann = world.join('ann');
  const place = { fileId: 0, version: 0, selections: [], typing: false, activity: '' };
  for (const connection of [1n, 2n]) world.connect(ann, connection);
  const codes = Array.from({ length: 12 }, (_, index) =>
    atOnce(world, () => world.callOver(BigInt(1 + (index % 2)), ann, 'update_presence', place)),
  ).map(({ code }) => code);
  assert.deepEqual(codes, [...Array(10).fill('ok'), 'too_many', 'too_many']);
  assert.equal(world.call(world.owner, 'update_presence', place).code, 'ok', 'others have theirs');
});

test('of very many connections of one member some are shown, and all work', async () => {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a.txt', 'one\n');
  const ann = world.join('ann');
  for (let connection = 1n; connection <= 100n; connection++) {
    assert.equal(world.connect(ann, connection).code, 'ok');
  }
  assert.equal(world.rows('presence').length, 64);
  const place = { fileId, version: 1, selections: [], typing: false, activity: '' };
  assert.equal(world.callOver(100n, ann, 'update_presence', place).code, 'too_many');
  assert.equal(world.callOver(1n, ann, 'update_presence', place).code, 'ok');
  const batch = {
    batchId: world.nextId(),
    extends: 0,
    ops: [world.op(fileId, 1, insert(0, 0, 'x'))],
  };
  assert.equal(world.callOver(100n, ann, 'apply_file_ops', { batch }).code, 'ok');
});

/** A call that is made again, word for word. */
function sent<Name extends Parameters<World['call']>[1]>(
  world: World,
  name: Name,
  args: Parameters<typeof world.call<Name>>[2],
): (who: string) => CallResult {
  return (who) => world.call(who, name, args);
}

/** Without the millisecond that a call takes in such a world. */
function atOnce<Answer>(world: World, ask: () => Answer): Answer {
  const { nowMicros } = world;
  const answer = ask();
  world.nowMicros = nowMicros;
  return answer;
}
