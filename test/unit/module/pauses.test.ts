// Who paused a member, since when, and what is still taken from one who is paused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSameWorld, restored } from './imported-world.ts';
import { identity, insert, TestWorld } from './test-world.ts';

const AGENT = { kind: 'agent' } as const;
const RIGHTS = { role: 'editor', capabilities: ['edit', 'lock', 'resolve'], pathScope: [] };

function pause(world: TestWorld, who: string, paused: boolean, by = world.owner): void {
  world.nowMicros += 1_000_000n;
  world.mustCall(by, 'set_member', { identity: identity(who), ...RIGHTS, paused });
}

function pauseOf(world: TestWorld, who: string) {
  return world.rows('member_pause').find((row) => row.identity.toHexString() === who);
}

test('a paused member is refused with who paused them and when; nothing of that stays when they go on', async () => {
  const world = await TestWorld.create();
  const robot = world.join('robot', AGENT);
  const fileId = world.createFile(world.owner, 'a.txt', 'one\n');
  pause(world, robot, true);
  const row = pauseOf(world, robot)!;
  assert.equal(row.pausedBy.toHexString(), world.owner);
  assert.equal(row.pausedAt.microsSinceUnixEpoch, world.nowMicros);
  assert.equal(world.rows('file_op').at(-1)!.opSeq, row.pausedSeq);
  const since = row.pausedAt.microsSinceUnixEpoch;
  world.nowMicros += 5_000_000n;
  const refused = world.edit(robot, fileId, 1, insert(0, 0, 'x'));
  assert.equal(refused.code, 'paused');
  const details = JSON.parse(refused.message.slice(refused.message.indexOf('\n') + 1)) as object;
  assert.deepEqual(details, { member: robot, by: world.owner, sinceMs: Number(since / 1000n) });
  // Another change of a paused member is no other pause.
  pause(world, robot, true);
  assert.deepEqual(pauseOf(world, robot), row);
  pause(world, robot, false);
  assert.equal(pauseOf(world, robot), undefined);
  assert.equal(world.edit(robot, fileId, 1, insert(0, 0, 'x')).code, 'ok');
});

test('a restored world knows who paused whom, and one removed is paused no more', async () => {
  const world = await TestWorld.create();
  const [robot, other] = [world.join('robot', AGENT), world.join('other', AGENT)];
  pause(world, robot, true);
  pause(world, other, true);
  assertSameWorld(await restored(world), world);
  world.mustCall(world.owner, 'remove_member', { identity: identity(other) });
  assert.deepEqual(
    world.rows('member_pause').map((row) => row.identity.toHexString()),
    [robot],
  );
  assertSameWorld(await restored(world), world);
});

test('who was paused before the world told of it is refused all the same, without a name', async () => {
  const world = await TestWorld.create();
  const robot = world.join('robot', AGENT);
  const fileId = world.createFile(world.owner, 'a.txt', 'one\n');
  pause(world, robot, true);
  const upgraded = world.reopened(['member_pause']);
  const refused = upgraded.edit(robot, fileId, 1, insert(0, 0, 'x'));
  assert.equal(refused.code, 'paused');
  assert.doesNotMatch(refused.message, /\n/);
  pause(upgraded, robot, false);
  pause(upgraded, robot, true);
  assert.ok(pauseOf(upgraded, robot));
});

test('what a paused agent wrote in its person’s folder is not taken in its name either', async () => {
  const world = await TestWorld.create();
  const ann = world.join('ann', { capabilities: ['edit', 'lock', 'invite', 'attribute'] });
  const robot = world.join('robot', AGENT);
  pause(world, robot, true);
  const file = world.newFile('a.txt', 'x\n');
  const refused = world.call(ann, 'create_file', { author: robot, file });
  assert.equal(refused.code, 'paused');
  assert.match(refused.message, new RegExp(robot));
  assert.equal(world.call(ann, 'create_file', { author: '', file }).code, 'ok');
});

test('the end of its turn is taken from a paused agent, and nothing that begins one', async () => {
  const world = await TestWorld.create();
  const robot = world.join('robot', AGENT);
  const names = { session: 's', name: '', client: 'c', title: '' };
  const begins = () => ({ opId: world.nextId(), ...names, prompt: '', salt: new Uint8Array() });
  world.mustCall(robot, 'begin_turn', begins());
  pause(world, robot, true);
  assert.equal(world.call(robot, 'begin_turn', begins()).code, 'paused');
  assert.equal(world.rows('turn')[0]!.isOpen, true);
  assert.equal(world.call(robot, 'end_turn', { opId: world.nextId(), session: 's' }).code, 'ok');
  assert.equal(world.rows('turn')[0]!.isOpen, false);
  assertSameWorld(await restored(world), world);
});
