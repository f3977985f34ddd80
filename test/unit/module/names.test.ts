// How members are called: nobody takes another's name, whatever it is written with.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSameWorld, forged, restored } from './imported-world.ts';
import { identity, TestWorld } from './test-world.ts';

test('an agent that comes with the owner’s name is told from the owner', async () => {
  const world = await TestWorld.create({ displayName: 'Ada Lovelace' });
  for (const [who, name] of [
    ['agent', 'Ada Lovelace'],
    ['second', 'ADA\u00a0LOVELACE'],
    ['third', '\u202aАda Lovelace\u202c'],
  ] as const) {
    world.join(who, { kind: 'agent' }, name);
  }
  assert.deepEqual(namesIn(world), [
    'Ada Lovelace',
    'Ada Lovelace 2',
    'ADA LOVELACE 3',
    'Аda Lovelace 4',
  ]);
});

test('who renames to a name that is there gets an addition, and keeps it when they ask again', async () => {
  const world = await TestWorld.create();
  const agent = world.join('agent', { kind: 'agent' });
  for (let round = 0; round < 2; round++) {
    rename(world, agent, 'Owner');
    assert.deepEqual(namesIn(world), ['Owner', 'Owner 2']);
  }
  rename(world, agent, 'Owner 2');
  assert.deepEqual(namesIn(world), ['Owner', 'Owner 2'], 'their own name is no other’s');
  rename(world, world.owner, 'owner');
  assert.deepEqual(namesIn(world), ['owner', 'Owner 2'], 'nor is a name in other letters');
});

test('a name is free again once its member was removed; who comes back then is told apart', async () => {
  const world = await TestWorld.create();
  const first = world.join('first', {}, 'Ben');
  world.mustCall(world.owner, 'remove_member', { identity: identity(first) });
  world.join('second', {}, 'Ben');
  world.join('first', {}, 'Ben');
  assert.deepEqual(namesIn(world), ['Ben', 'Ben 2', 'Owner']);
});

test('nobody is called as what nobody is named for', async () => {
  const world = await TestWorld.create();
  world.join('tool', {}, 'Unattributed');
  assert.deepEqual(namesIn(world), ['Owner', 'Unattributed 2']);
});

test('who joins is told what they are called', async () => {
  const world = await TestWorld.create();
  const { body } = world.joining('ann', {}, 'Owner');
  assert.equal((JSON.parse(body) as { display_name: string }).display_name, 'Owner 2');
});

test('names for commits lose what turns them, too', async () => {
  const world = await TestWorld.create();
  const names = { displayName: 'Ann', gitName: '\u202eAnn', gitEmail: 'ann@\u200bexample.com' };
  world.mustCall(world.owner, 'set_profile', { ...names, color: '' });
  const [owner] = world.rows('workspace_member');
  assert.deepEqual([owner?.gitName, owner?.gitEmail], ['Ann', 'ann@example.com']);
});

test('a replay judges no name: the history keeps those that were given, twins of before too', async () => {
  const world = await TestWorld.create();
  const ann = world.join('ann', {}, 'Owner');
  assertSameWorld(await restored(world), world);
  const { joinedSeq } = world.rows('member_origin')[0]!;
  const asBefore = forged(world, joinedSeq, (payload) => payload.replace('Owner 2', 'Owner'));
  const copy = await TestWorld.published();
  copy.mustCall(copy.owner, 'import_log', asBefore);
  assert.deepEqual(namesIn(copy), ['Owner', 'Owner']);
  rename(copy, ann, 'Owner');
  assert.deepEqual(namesIn(copy), ['Owner', 'Owner'], 'nobody renames them either');
});

function rename(world: TestWorld, who: string, displayName: string): void {
  world.mustCall(who, 'set_profile', { displayName, gitName: '', gitEmail: '', color: '' });
}

function namesIn(world: TestWorld): string[] {
  return world
    .rows('workspace_member')
    .filter(({ removedAt }) => removedAt === undefined)
    .map(({ displayName }) => displayName)
    .sort((a, b) => a.localeCompare(b, 'en'));
}
