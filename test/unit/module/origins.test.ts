// Who came by whose invite, and who comes back after a removal.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restored } from './imported-world.ts';
import { codeOf, HOST, inviteOf, PERSON, redeem } from './invite-kit.ts';
import { identity, personNamed, TestWorld } from './test-world.ts';

test('a removed member comes back by an invite made later, and by no older one', async () => {
  const world = await TestWorld.create();
  const link = { ...inviteOf('link', PERSON), uses: 9 };
  world.mustCall(world.owner, 'create_invite', link);
  const ann = personNamed('ann');
  redeem(world, 'link', 'ann');
  world.mustCall(world.owner, 'remove_member', { identity: identity(ann) });
  const state = world.stateHash();
  assert.deepEqual(codeOf(redeem(world, 'link', 'ann')), [403, 'invite_outdated']);
  assert.equal(world.stateHash(), state);
  assert.equal(redeem(world, 'link', 'ben').status, 200, 'others still come by it');
  world.mustCall(world.owner, 'create_invite', { ...inviteOf('later', PERSON), uses: 9 });
  assert.equal(redeem(world, 'later', 'ann').status, 200);
  world.mustCall(world.owner, 'remove_member', { identity: identity(ann) });
  assert.deepEqual(codeOf(redeem(world, 'later', 'ann')), [403, 'invite_outdated']);
});

test('the clock has no say in whether an invite is later than a removal', async () => {
  const world = await TestWorld.create();
  const ann = world.join('ann');
  world.mustCall(world.owner, 'create_invite', inviteOf('before', PERSON));
  world.nowMicros -= 3_600_000_000n;
  world.mustCall(world.owner, 'remove_member', { identity: identity(ann) });
  assert.deepEqual(codeOf(redeem(world, 'before', 'ann')), [403, 'invite_outdated']);
  world.nowMicros -= 3_600_000_000n;
  world.mustCall(world.owner, 'create_invite', inviteOf('after', PERSON));
  assert.equal(redeem(world, 'after', 'ann').status, 200);
});

test('in a world of before, what was invited before the upgrade lets no removed member in', async () => {
  const world = await TestWorld.create();
  const ann = world.join('ann');
  world.mustCall(world.owner, 'create_invite', { ...inviteOf('old', PERSON), uses: 9 });
  world.mustCall(world.owner, 'remove_member', { identity: identity(ann) });
  const upgraded = world.reopened(['invite_time', 'member_bar', 'member_origin']);
  assert.deepEqual(codeOf(redeem(upgraded, 'old', 'ann')), [403, 'invite_outdated']);
  assert.equal(redeem(upgraded, 'old', 'ben').status, 200);
  upgraded.mustCall(upgraded.owner, 'create_invite', inviteOf('new', PERSON));
  assert.equal(redeem(upgraded, 'new', 'ann').status, 200);
});

test('the history tells who invited whom, and a restored world knows it', async () => {
  const world = await TestWorld.create();
  const ben = world.join('ben', HOST);
  world.mustCall(ben, 'create_invite', { ...inviteOf('from ben', PERSON), uses: 2 });
  redeem(world, 'from ben', 'ann');
  const ann = personNamed('ann');
  const [origin] = world.rows('member_origin').filter((row) => row.identity.toHexString() === ann);
  assert.equal(origin?.invitedBy.toHexString(), ben);
  const op = world.rows('file_op').find((row) => row.opSeq === origin.joinedSeq)!;
  const { joined } = JSON.parse(op.payload) as { joined: { by: string; invite: string } };
  assert.deepEqual(joined, { by: ben, invite: origin.inviteId });
  const stored = world.rows('invite')[0]!.secretHash;
  assert.ok(!JSON.stringify(world.rows('file_op').map((row) => row.payload)).includes(stored));
  const copy = await restored(world);
  assert.deepEqual(copy.rows('member_origin'), world.rows('member_origin'));

  world.mustCall(world.owner, 'end_invite', { inviteId: joined.invite });
  assert.deepEqual(codeOf(redeem(world, 'from ben', 'cem')), [403, 'no_such_invite']);
  const again = world.call(world.owner, 'end_invite', { inviteId: joined.invite });
  assert.equal(again.code, 'no_such_invite');
});

test('who may invite ends their own invite by its name in the history, and no other', async () => {
  const world = await TestWorld.create();
  const ben = world.join('ben', HOST);
  for (const [maker, guest] of [
    [ben, 'ann'],
    [world.owner, 'cem'],
  ] as const) {
    world.mustCall(maker, 'create_invite', { ...inviteOf(`for ${guest}`, PERSON), uses: 2 });
    redeem(world, `for ${guest}`, guest);
  }
  const idOf = (guest: string): string =>
    world.rows('member_origin').find((row) => row.identity.toHexString() === personNamed(guest))!
      .inviteId;
  assert.equal(world.call(ben, 'end_invite', { inviteId: idOf('cem') }).code, 'forbidden');
  assert.equal(world.call(ben, 'end_invite', { inviteId: idOf('ann') }).code, 'ok');
});
