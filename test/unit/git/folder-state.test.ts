import assert from 'node:assert/strict';
import { existsSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { FolderState } from '../../../src/git/folder-state.ts';
import { silentLog } from '../../../src/world/log.ts';
import { GitLab } from '../../harness/git-lab.ts';
import { ManualGitClock } from '../../harness/manual-git-clock.ts';
import { temporaryFolder } from '../world/temporary-folder.ts';

test('git is at work while it holds its lock, and for half a second after it moved something', async (t) => {
  const { lab, state, clock, rests } = await openState(t);
  assert.equal(state.isAtWork(), false);
  writeFileSync(lockOf(lab), '');
  assert.equal(state.isAtWork(), true);
  clock.pass(5_000);
  assert.equal(state.isAtWork(), true);
  rmSync(lockOf(lab));
  assert.equal(state.isAtWork(), false);
  assert.equal(rests.length, 1);
  lab.git('rm', '-q', '--cached', 'a.txt');
  assert.equal(state.isAtWork(), true, 'the index moved');
  clock.pass(499);
  assert.equal(state.isAtWork(), true);
  clock.pass(1);
  assert.equal(state.isAtWork(), false);
  assert.equal(rests.length, 2);
});

test('of files that were read before git was last looked at it is not looked at again', async (t) => {
  const { lab, state, clock } = await openState(t);
  clock.pass(1);
  const readMs = clock.steadyMs();
  assert.equal(state.isAtWork(readMs), false);
  writeFileSync(lockOf(lab), '');
  assert.equal(state.isAtWork(readMs), false, 'git was at rest after it was read');
  clock.pass(1);
  assert.equal(state.isAtWork(clock.steadyMs()), true, 'and may write now');
});

for (const [what, command] of [
  ['a branch that is switched to', ['checkout', '-q', '-b', 'other']],
  ['a file that is put back', ['checkout', '--', 'a.txt']],
  ['a reset', ['reset', '-q', '--hard']],
  ['a stash', ['stash', '-q', '-u']],
  ['a commit', ['commit', '-q', '-a', '-m', 'more']],
] as const) {
  test(`${what} is work that was done since`, async (t) => {
    const { lab, state, clock } = await openState(t);
    await lab.write({ 'a.txt': 'other\n' });
    const sinceMs = clock.steadyMs();
    lab.git(...command);
    assert.equal(state.workedSince(sinceMs), true);
    assert.equal(state.isAtWork(), true);
    clock.pass(500);
    assert.equal(state.workedSince(clock.steadyMs()), false);
  });
}

test('looking is no work, and changes nothing in the repository', async (t) => {
  const { lab, state } = await openState(t);
  await lab.write({ 'a.txt': 'other\n' });
  lab.git('log', '-1');
  lab.git('diff', '--stat');
  await state.tracked(['a.txt']);
  await state.notCheckedOut(['a.txt']);
  assert.equal(state.isAtWork(), false);
});

test('a lock that stays is waited for 30 seconds, and then no more', async (t) => {
  const { lab, state, clock, rests } = await openState(t);
  writeFileSync(lockOf(lab), '');
  assert.equal(state.isAtWork(), true);
  clock.pass(29_999);
  assert.equal(state.isAtWork(), true);
  assert.deepEqual(rests, []);
  clock.pass(1);
  assert.equal(state.isAtWork(), false);
  assert.deepEqual(rests.length, 1);
  clock.pass(60_000);
  assert.equal(state.isAtWork(), false);
  assert.equal(rests.length, 1, 'nothing runs on');
  rmSync(lockOf(lab));
  lab.git('reset', '-q', '--hard');
  assert.equal(state.isAtWork(), true, 'the next work counts');
});

test('work without a pause is not waited for longer than 30 seconds', async (t) => {
  const { lab, state, clock } = await openState(t);
  for (let round = 0; round < 75; round++) {
    lab.git('update-index', '--assume-unchanged', 'a.txt');
    lab.git('update-index', '--no-assume-unchanged', 'a.txt');
    assert.equal(state.isAtWork(), true, `after ${round * 0.4} s`);
    clock.pass(400);
  }
  lab.git('update-index', '--assume-unchanged', 'a.txt');
  assert.equal(state.isAtWork(), false);
});

test('a lock that a killed git left long ago is no work', async (t) => {
  const lab = await labIn(t);
  writeFileSync(lockOf(lab), '');
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(lockOf(lab), longAgo, longAgo);
  const { state } = stateOf(t, lab.folder);
  assert.equal(state.isAtWork(), false);
});

test('git worked where a killed one left no trace but that its lock was there, also before a mirror began', async (t) => {
  const { lab, state, clock } = await openState(t);
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(path.join(lab.folder, '.git'), longAgo, longAgo);
  const former = stateOf(t, lab.folder);
  assert.equal(former.state.workedSince(former.clock.steadyMs() - 5_000), false);
  writeFileSync(lockOf(lab), '');
  rmSync(lockOf(lab));
  clock.pass(100);
  assert.equal(state.isAtWork(), false);
  assert.equal(state.workedSince(clock.steadyMs() - 5_000), true);
  const later = stateOf(t, lab.folder);
  assert.equal(later.state.workedSince(later.clock.steadyMs() - 5_000), true);
});

test('a rebase and a bisect that stand still are told, and are no work', async (t) => {
  const { lab, state, clock } = await openState(t);
  lab.git('checkout', '-q', '-b', 'other');
  await lab.write({ 'a.txt': 'other\n' });
  lab.commitAll();
  lab.git('checkout', '-q', 'main');
  await lab.write({ 'a.txt': 'main\n' });
  lab.commitAll();
  assert.equal(await state.operation(), undefined);
  for (const [command, operation] of [
    ['rebase', 'rebase'],
    ['merge', 'merge'],
    ['cherry-pick', 'cherry_pick'],
  ] as const) {
    assert.throws(() => lab.git(command, 'other'), /Command failed/);
    assert.equal(await state.operation(), operation);
    assert.equal(state.isAtWork(), true);
    clock.pass(500);
    assert.equal(state.isAtWork(), false);
    lab.git(command, '--abort');
    clock.pass(500);
  }
  lab.git('bisect', 'start');
  assert.equal(await state.operation(), 'bisect');
});

test('work in a linked work tree is its own, and so is its index', async (t) => {
  const { lab, state } = await openState(t);
  const linked = path.join(lab.folder, '..', 'linked');
  lab.git('worktree', 'add', '-q', linked, '-b', 'linked');
  const other = new GitLab(linked);
  const { state: ofLinked, clock } = stateOf(t, linked);
  const sinceMs = clock.steadyMs();
  assert.equal(ofLinked.workedSince(sinceMs), false);
  await other.write({ 'a.txt': 'other\n' });
  other.git('checkout', '--', 'a.txt');
  assert.equal(ofLinked.isAtWork(), true);
  assert.equal(state.isAtWork(), false);
  other.git('update-index', '--skip-worktree', 'a.txt');
  assert.deepEqual([...(await ofLinked.notCheckedOut(['a.txt']))], ['a.txt']);
  assert.deepEqual([...(await state.notCheckedOut(['a.txt']))], []);
});

test('a folder inside of a repository hears of the repository’s work, by its own paths', async (t) => {
  const lab = await labIn(t);
  const { state } = stateOf(t, path.join(lab.folder, 'src'));
  lab.git('update-index', '--skip-worktree', 'src/b.txt');
  assert.equal(state.isAtWork(), true);
  assert.deepEqual([...(await state.notCheckedOut(['b.txt', 'c.txt']))], ['b.txt']);
  assert.deepEqual([...(await state.tracked(['b.txt', 'a.txt', 'c.txt']))], ['b.txt']);
});

for (const cone of ['--cone', '--sparse-index'] as const) {
  test(`what a sparse checkout (${cone}) leaves out is known, of many files too`, async (t) => {
    const { lab, state } = await openState(t);
    const many = Array.from({ length: 100 }, (_, index) => `docs/ä ${index}.txt`);
    await lab.write(Object.fromEntries(many.map((name) => [name, 'text\n'])));
    lab.commitAll();
    assert.deepEqual([...(await state.notCheckedOut(many))], []);
    lab.git('sparse-checkout', 'init', cone);
    lab.git('sparse-checkout', 'set', 'src');
    assert.equal(existsSync(path.join(lab.folder, many[0]!)), false);
    assert.deepEqual([...(await state.notCheckedOut([...many, 'a.txt']))], many);
    assert.deepEqual([...(await state.notCheckedOut(['docs/ä 7.txt']))], ['docs/ä 7.txt']);
    assert.equal((await state.tracked(many)).size, many.length);
    lab.git('sparse-checkout', 'disable');
    assert.equal((await state.notCheckedOut(many)).size, 0);
  });
}

test('a repository that is made, and one that is removed, is seen', async (t) => {
  const folder = await temporaryFolder(t);
  const { state, clock, rests } = stateOf(t, folder);
  assert.equal(state.isAtWork(), false);
  const lab = await GitLab.init(folder);
  clock.pass(1_000);
  assert.equal(state.isAtWork(), false);
  await lab.write({ 'a.txt': 'one\n' });
  lab.commitAll();
  assert.equal(state.isAtWork(), true);
  await rm(path.join(folder, '.git'), { recursive: true });
  clock.pass(1_000);
  assert.equal(state.isAtWork(), false);
  assert.ok(rests.length > 0, 'whoever waited is let go');
});

test('a watch tells of work that nobody asks about', async (t) => {
  const { lab, state, rests } = await openState(t);
  const begun = Promise.withResolvers<void>();
  const stop = state.onBegin(() => begun.resolve());
  lab.git('checkout', '-q', '-b', 'other');
  await begun.promise;
  stop();
  assert.deepEqual(rests, []);
});

function lockOf(lab: GitLab): string {
  return path.join(lab.folder, '.git', 'index.lock');
}

async function labIn(t: TestContext): Promise<GitLab> {
  const lab = await GitLab.init(path.join(await temporaryFolder(t), 'clone'));
  await lab.write({ 'a.txt': 'one\n', 'src/b.txt': 'bee\n' });
  lab.commitAll();
  return lab;
}

function stateOf(t: TestContext, folder: string) {
  const clock = new ManualGitClock();
  const state = new FolderState({ folder, clock, output: silentLog });
  t.after(() => state.dispose());
  const rests: string[] = [];
  state.onRest(() => rests.push('rest'));
  return { state, clock, rests };
}

async function openState(t: TestContext) {
  const lab = await labIn(t);
  return { lab, ...stateOf(t, lab.folder) };
}
