// Who comes in by an invite, and what becomes of it when its maker's rights change.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Timestamp } from 'spacetimedb';
import { restored } from './imported-world.ts';
import {
  type Arguments,
  decodeRow,
  identity,
  insert,
  personNamed,
  TestWorld,
} from './test-world.ts';

type Rights = Pick<Arguments<'create_invite'>, 'kind' | 'role' | 'capabilities' | 'pathScope'>;

const PERSON: Rights = { kind: 'human', role: 'editor', capabilities: ['edit'], pathScope: [] };
const AGENT: Rights = { ...PERSON, kind: 'agent' };
const VIEWER: Rights = { ...PERSON, role: 'viewer', capabilities: [] };
const OWNER: Rights = { ...PERSON, role: 'owner' };
const LOCKER: Rights = { ...PERSON, capabilities: ['edit', 'lock'] };
const IN_DOCS: Rights = { ...PERSON, pathScope: ['docs/**'] };
const IN_NEAR_DOCS: Rights = { ...PERSON, pathScope: ['docs/near'] };

const INVITES = { PERSON, AGENT, VIEWER, OWNER, LOCKER, IN_DOCS, IN_NEAR_DOCS };

const HOST: Rights = { ...LOCKER, capabilities: ['edit', 'lock', 'invite'] };

/** What each may give. */
const MAKERS: Readonly<Record<string, { readonly rights: Rights; readonly gives: string }>> = {
  'an owner': {
    rights: OWNER,
    gives: 'PERSON AGENT VIEWER OWNER LOCKER IN_DOCS IN_NEAR_DOCS',
  },
  'an owner that is an agent': { rights: { ...OWNER, kind: 'agent' }, gives: 'AGENT' },
  'a person who may invite': {
    rights: HOST,
    gives: 'PERSON AGENT VIEWER LOCKER IN_DOCS IN_NEAR_DOCS',
  },
  'a person who may invite and not lock': {
    rights: { ...HOST, capabilities: ['edit', 'invite'] },
    gives: 'PERSON AGENT VIEWER IN_DOCS IN_NEAR_DOCS',
  },
  'a person who may invite, in a part of the world': {
    rights: { ...HOST, pathScope: ['docs/**'] },
    gives: 'IN_DOCS IN_NEAR_DOCS',
  },
  'an agent that may invite': { rights: { ...HOST, kind: 'agent' }, gives: 'AGENT' },
  'a person who may not invite': { rights: LOCKER, gives: '' },
  'a viewer': { rights: { ...VIEWER, capabilities: ['invite'] }, gives: '' },
};

/** What an owner does to the maker, and which invites then still let somebody in. */
const FATES: Readonly<
  Record<string, { readonly now: Partial<Rights>; readonly paused?: true; readonly keeps: string }>
> = {
  'is paused': { now: {}, paused: true, keeps: '' },
  'may invite no more': { now: { capabilities: ['edit', 'lock'] }, keeps: '' },
  'may lock no more': {
    now: { capabilities: ['edit', 'invite'] },
    keeps: 'PERSON AGENT VIEWER IN_DOCS IN_NEAR_DOCS',
  },
  'is a viewer': { now: { role: 'viewer' }, keeps: '' },
  'writes in a part only': { now: { pathScope: ['docs'] }, keeps: 'IN_DOCS IN_NEAR_DOCS' },
  'writes in a smaller part only': { now: { pathScope: ['docs/near/**'] }, keeps: 'IN_NEAR_DOCS' },
  'becomes an owner': {
    now: { role: 'owner', capabilities: [] },
    keeps: 'PERSON AGENT VIEWER LOCKER IN_DOCS IN_NEAR_DOCS',
  },
  'may write all over, in other words': {
    now: { pathScope: ['**'] },
    keeps: 'PERSON AGENT VIEWER LOCKER IN_DOCS IN_NEAR_DOCS',
  },
};

for (const [who, { rights, gives }] of Object.entries(MAKERS)) {
  for (const [what, given] of Object.entries(INVITES)) {
    const isGiven = gives.split(' ').includes(what);
    test(`${who} ${isGiven ? 'can' : 'cannot'} invite ${what}`, async () => {
      const world = await TestWorld.create();
      const maker = world.join('maker', rights);
      const { code } = world.call(maker, 'create_invite', inviteOf('a secret', given));
      assert.equal(code, isGiven ? 'ok' : 'forbidden');
      if (!isGiven) return;
      assert.equal(redeem(world, 'a secret', 'guest').status, 200);
      const guest = memberNamed(world, 'guest')!;
      const { kind, role, capabilities, pathScope } = guest;
      assert.deepEqual({ kind, role, capabilities, pathScope }, given);
    });
  }
}

for (const [fate, { now, paused, keeps }] of Object.entries(FATES)) {
  for (const what of MAKERS['a person who may invite']!.gives.split(' ')) {
    const holds = keeps.split(' ').includes(what);
    test(`the maker ${fate}: the invite for ${what} ${holds ? 'holds' : 'waits'}`, async () => {
      const world = await TestWorld.create();
      const maker = world.join('maker', HOST);
      const given = INVITES[what as keyof typeof INVITES];
      world.mustCall(maker, 'create_invite', { ...inviteOf('a secret', given), uses: 2 });
      const set = (rights: Rights, isPaused: boolean) => {
        const { role, capabilities, pathScope } = rights;
        const standing = { role, capabilities, pathScope, paused: isPaused };
        world.mustCall(world.owner, 'set_member', { identity: identity(maker), ...standing });
      };
      set({ ...HOST, ...now }, paused === true);
      const state = world.stateHash();
      const answer = redeem(world, 'a secret', 'early');
      if (holds) assert.equal(answer.status, 200);
      else assert.deepEqual(codeOf(answer), [403, 'invite_suspended']);
      if (!holds) assert.equal(world.stateHash(), state, 'it keeps its use');
      set(HOST, false);
      assert.equal(redeem(world, 'a secret', 'late').status, 200, 'the rights are back');
      assert.equal(memberNamed(world, 'late')?.role, given.role);
    });
  }
}

test('with its maker an invite ends, and does not come back with them', async () => {
  const world = await TestWorld.create();
  const maker = world.join('maker', HOST);
  world.mustCall(maker, 'create_invite', { ...inviteOf('a secret', PERSON), uses: 2 });
  world.mustCall(world.owner, 'remove_member', { identity: identity(maker) });
  assert.deepEqual(codeOf(redeem(world, 'a secret', 'guest')), [403, 'no_such_invite']);
  world.join('maker', HOST);
  assert.deepEqual(codeOf(redeem(world, 'a secret', 'guest')), [403, 'no_such_invite']);
});

test('an agent does not get past a claim by inviting itself as a person', async () => {
  const world = await TestWorld.create();
  const agent = world.join('agent', { ...HOST, kind: 'agent' });
  const file = world.createFile(world.owner, 'a.txt', 'one\ntwo\n');
  world.mustCall(world.owner, 'acquire_soft_lock', {
    requestId: world.nextId(),
    fileId: file,
    version: 1,
    firstLine: 0,
    lastLine: 1,
    reason: '',
    durationMs: 60_000,
  });
  assert.equal(world.edit(agent, file, 1, insert(0, 1, 'x')).code, 'locked');
  const asPerson = inviteOf('a way around', PERSON);
  assert.equal(world.call(agent, 'create_invite', asPerson).code, 'forbidden');
  assert.deepEqual(codeOf(redeem(world, 'a way around', 'second')), [403, 'no_such_invite']);
  const second = personNamed('second');
  world.mustCall(agent, 'create_invite', inviteOf('another agent', AGENT));
  assert.equal(redeem(world, 'another agent', 'second').status, 200);
  assert.equal(world.edit(second, file, 1, insert(0, 1, 'x')).code, 'locked');
});

test('what an agent invited as a person, while a module let it, lets nobody in', async () => {
  const world = await TestWorld.create();
  const maker = world.join('maker', HOST);
  world.mustCall(maker, 'create_invite', inviteOf('an old way', PERSON));
  const { bytes } = world.runtime.datastore
    .table('workspace_member')!
    .allRows()
    .find((row) => decodeRow('workspace_member', row.bytes).identity.toHexString() === maker)!;
  bytes.write('agent', bytes.indexOf('human'));
  assert.deepEqual(codeOf(redeem(world, 'an old way', 'guest')), [403, 'invite_suspended']);
});

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

function inviteOf(secret: string, rights: Rights): Arguments<'create_invite'> {
  return {
    ...rights,
    secretHash: createHash('sha256').update(secret).digest('hex'),
    expiresAt: new Timestamp(1_700_000_000_000_000n + 3_600_000_000n),
    uses: 1,
  };
}

function redeem(world: TestWorld, invite: string, name: string) {
  return world.post('join', { invite, identity: personNamed(name), display_name: name });
}

function codeOf({ status, body }: { status: number; body: string }): [number, string | undefined] {
  return [status, body.split(':')[0]];
}

function memberNamed(world: TestWorld, name: string) {
  const hex = personNamed(name);
  return world.rows('workspace_member').find((row) => row.identity.toHexString() === hex);
}
