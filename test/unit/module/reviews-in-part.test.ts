// What is decided of a part leaves the rest as it was: whose it is, and what taking it back would do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Whose } from '../../../src/core/review.ts';
import { sameHunk } from '../../../src/review/review.ts';
import type { ReviewHunk } from '../../../src/review/review-hunk.ts';
import { fileHeadOf } from '../../../src/world/world-rows.ts';
import { unreviewed } from './review-kit.ts';
import { decide, reviewOf } from './review-ledger.ts';
import { change, insert, TestWorld } from './test-world.ts';

async function scene() {
  const world = await TestWorld.create();
  const [robot, mate] = ['robot', 'mate'].map((name) => world.join(name, { kind: 'agent' }));
  const ann = world.join('ann');
  const fileId = world.createFile(world.owner, 'a.txt', 'one\ntwo\nthree\n');
  const agents = new Set([robot!, mate!]);
  const head = () => fileHeadOf(world.headOf(fileId));
  const edit = (who: string, ...changes: Parameters<TestWorld['edit']>[3]): void => {
    assert.equal(world.edit(who, fileId, world.headOf(fileId).version, changes).code, 'ok');
  };
  const hunks = (whose: Whose = {}): readonly ReviewHunk[] => {
    return reviewOf(world, fileId, agents)?.hunks(head(), whose) ?? [];
  };
  const shown = (whose: Whose = {}) =>
    hunks(whose).map((hunk) => hunk.tag === 'text' && [hunk.before, hunk.after]);
  const does = async (what: 'keep' | 'take', whose: Whose, at = 0): Promise<void> => {
    const review = reviewOf(world, fileId, agents)!;
    await decide(world, ann, review, what, [review.hunks(head(), whose)[at]!]);
  };
  const same = (hunk: ReviewHunk): boolean => {
    const review = reviewOf(world, fileId, agents);
    return review !== undefined && sameHunk(hunk, hunks(hunk.whose), review) !== undefined;
  };
  return {
    world,
    hunks,
    same,
    robot: robot!,
    mate: mate!,
    ann,
    text: () => world.text(fileId),
    edit,
    shown,
    does,
  };
}

test('what an agent wrote and another deleted is the first one’s to be looked at once it is back', async () => {
  const { world, robot, mate, text, edit, shown, does } = await scene();
  edit(robot, ...insert(1, 0, 'robot\n'));
  edit(mate, change(1, 0, 2, 0, ''), change(2, 3, 2, 3, '!'));
  assert.deepEqual(shown(), [['two', 'two!']]);
  await does('take', { agent: mate });
  assert.equal(text(), 'one\nrobot\ntwo\nthree\n');
  assert.deepEqual(shown(), [['', 'robot\n']]);
  assert.equal(unreviewed(world).length, 1);
  await does('take', { agent: robot });
  assert.equal(text(), 'one\ntwo\nthree\n');
  assert.deepEqual(unreviewed(world), []);
});

test('what an agent wrote at a place where another wrote and deleted is to be looked at once it is back', async () => {
  for (const [first, last, taken, left] of [
    [change(0, 1, 0, 1, 'BOT'), change(0, 1, 0, 8, ''), 'oMATEne', 'one'],
    [change(0, 2, 0, 3, ''), change(0, 1, 0, 6, 'x'), 'onMATEe', 'one'],
  ] as const) {
    const { robot, mate, text, edit, shown, does } = await scene();
    const isInsertion = first.text !== '';
    edit(robot, first);
    edit(mate, isInsertion ? change(0, 4, 0, 4, 'MATE') : change(0, 2, 0, 2, 'MATE'));
    edit(robot, last);
    await does('take', { agent: robot });
    assert.match(text(), /MATE/, taken);
    assert.equal(shown({ agent: mate }).length, 1, `what is left of ${JSON.stringify(first)}`);
    await does('take', { agent: mate });
    assert.equal(text(), `${left}\ntwo\nthree\n`);
    assert.deepEqual(shown(), []);
  }
});

test('what a turn deleted of an earlier one is that one’s to be looked at once it is back', async () => {
  const { world, robot, text, edit, shown, does } = await scene();
  world.connect(robot, 1n);
  world.mustCall(robot, 'take_session', { session: 's' });
  const turn = (): number => {
    const names = { session: 's', name: '', client: '', title: '' };
    const asked = { opId: world.nextId(), ...names, prompt: '', salt: new Uint8Array() };
    return world.mustCall(robot, 'begin_turn', asked).inserted('op_outcome')[0]!.opSeq;
  };
  const first = turn();
  edit(robot, ...insert(1, 0, 'first\n'));
  const second = turn();
  edit(robot, change(1, 0, 2, 0, ''), change(3, 0, 3, 0, 'second '));
  await does('take', { turn: second });
  assert.equal(text(), 'one\nfirst\ntwo\nthree\n');
  assert.deepEqual(shown({ turn: second }), []);
  assert.deepEqual(shown({ turn: first }), [['', 'first\n']]);
});

test('what is kept of one place leaves what taking back another would do', async () => {
  const { robot, text, edit, shown, does } = await scene();
  edit(robot, change(0, 3, 0, 3, ' draft'), change(2, 5, 2, 5, '!'));
  edit(robot, change(0, 3, 0, 9, ' done'));
  assert.deepEqual(shown(), [
    ['one', 'one done'],
    ['three', 'three!'],
  ]);
  await does('keep', {}, 1);
  assert.deepEqual(shown(), [['one', 'one done']]);
  await does('take', {});
  assert.equal(text(), 'one\ntwo\nthree!\n');
});

test('what came back amid a change is no reason to look at it again', async () => {
  const { robot, mate, text, edit, hunks, same, does } = await scene();
  edit(robot, change(0, 0, 1, 0, ''), change(2, 0, 3, 0, ''));
  edit(mate, change(0, 0, 1, 0, ''));
  const [shown] = hunks({ agent: robot });
  await does('take', { agent: mate });
  assert.equal(text(), 'two\n');
  assert.ok(same(shown!));
  await does('take', { agent: robot });
  assert.equal(text(), 'one\ntwo\nthree\n');
});

test('what two agents deleted in one place stands as it stood, also when the first is settled', async () => {
  const { world, robot, mate, text, edit, does } = await scene();
  edit(robot, change(1, 0, 2, 0, ''));
  edit(mate, change(0, 0, 1, 0, ''));
  await does('take', { agent: robot });
  assert.equal(text(), 'two\nthree\n');
  assert.equal(unreviewed(world).length, 1);
  await does('take', { agent: mate });
  assert.equal(text(), 'one\ntwo\nthree\n');
  assert.deepEqual(unreviewed(world), []);
});
