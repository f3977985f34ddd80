// Who comes in by an invite, and what becomes of it when its maker's rights change.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  codeOf,
  HOST,
  inviteOf,
  LOCKER,
  memberNamed,
  PERSON,
  redeem,
  type Rights,
} from './invite-kit.ts';
import { decodeRow, identity, insert, personNamed, TestWorld } from './test-world.ts';

const AGENT: Rights = { ...PERSON, kind: 'agent' };
const VIEWER: Rights = { ...PERSON, role: 'viewer', capabilities: [] };
const OWNER: Rights = { ...PERSON, role: 'owner' };
const IN_DOCS: Rights = { ...PERSON, pathScope: ['docs/**'] };
const IN_NEAR_DOCS: Rights = { ...PERSON, pathScope: ['docs/near'] };

const INVITES = { PERSON, AGENT, VIEWER, OWNER, LOCKER, IN_DOCS, IN_NEAR_DOCS };

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
  test(`${who} can invite ${gives || 'nobody'}, and no others`, async () => {
    const world = await TestWorld.create();
    const maker = world.join('maker', rights);
    for (const [what, given] of Object.entries(INVITES)) {
      const isGiven = gives.split(' ').includes(what);
      const { code } = world.call(maker, 'create_invite', inviteOf(what, given));
      assert.equal(code, isGiven ? 'ok' : 'forbidden', what);
      if (!isGiven) continue;
      assert.equal(redeem(world, what, `guest by ${what}`).status, 200);
      const guest = memberNamed(world, `guest by ${what}`)!;
      const { kind, role, capabilities, pathScope } = guest;
      assert.deepEqual({ kind, role, capabilities, pathScope }, given);
    }
  });
}

for (const [fate, { now, paused, keeps }] of Object.entries(FATES)) {
  test(`a person who may invite ${fate}: of their invites hold ${keeps || 'none'}`, async () => {
    const world = await TestWorld.create();
    const maker = world.join('maker', HOST);
    const made = MAKERS['a person who may invite']!.gives.split(' ');
    for (const what of made) {
      const given = INVITES[what as keyof typeof INVITES];
      world.mustCall(maker, 'create_invite', { ...inviteOf(what, given), uses: 2 });
    }
    const set = ({ role, capabilities, pathScope }: Rights, isPaused: boolean): void => {
      const standing = { role, capabilities, pathScope, paused: isPaused };
      world.mustCall(world.owner, 'set_member', { identity: identity(maker), ...standing });
    };
    set({ ...HOST, ...now }, paused === true);
    for (const what of made) {
      const state = world.stateHash();
      const answer = redeem(world, what, `early by ${what}`);
      if (keeps.split(' ').includes(what)) {
        assert.equal(answer.status, 200, what);
      } else {
        assert.deepEqual(codeOf(answer), [403, 'invite_suspended'], what);
        assert.equal(world.stateHash(), state, 'it keeps its use');
      }
    }
    set(HOST, false);
    for (const what of made) {
      assert.equal(redeem(world, what, `late by ${what}`).status, 200, 'the rights are back');
    }
  });
}

for (const [who, { rights, gives }] of Object.entries(MAKERS)) {
  for (const [fate, { now, paused = false }] of Object.entries(FATES)) {
    if (gives === '') continue;
    test(`${who} ${fate}: an invite holds just as long as they could make it anew`, async () => {
      const world = await TestWorld.create();
      const maker = world.join('maker', rights);
      const given = gives.split(' ').map((what) => INVITES[what as keyof typeof INVITES]);
      given.forEach((each, index) =>
        world.mustCall(maker, 'create_invite', { ...inviteOf(`secret ${index}`, each), uses: 2 }),
      );
      const { kind: _, ...standing } = { ...rights, ...now };
      const changed = { identity: identity(maker), ...standing, paused };
      world.mustCall(world.owner, 'set_member', changed);
      for (const [index, each] of given.entries()) {
        const anew = world.call(maker, 'create_invite', inviteOf(`anew ${index}`, each));
        const answer = redeem(world, `secret ${index}`, `early ${index}`);
        const isHeld = answer.status === 200;
        assert.equal(isHeld, anew.code === 'ok', `${JSON.stringify(each)}: ${anew.code}`);
        if (!isHeld) assert.equal(codeOf(answer)[1], 'invite_suspended');
      }
      const { kind: __, ...before } = rights;
      const back = { identity: identity(maker), ...before, paused: false };
      world.mustCall(world.owner, 'set_member', back);
      for (const index of given.keys()) {
        assert.equal(redeem(world, `secret ${index}`, `late ${index}`).status, 200);
      }
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
