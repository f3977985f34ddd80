import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { readStandingWork } from '../../../src/git/standing-work.ts';
import { standingWords } from '../../../src/git/standing-words.ts';
import { GitLab } from '../../harness/git-lab.ts';
import { temporaryFolder } from '../world/temporary-folder.ts';

const IN_CONFLICT = 'In conflict, and not taken in until git add says it is resolved: a.txt.';

for (const [command, next] of [
  ['rebase', 'git rebase stands still at step 1 of 1.'],
  ['merge', 'git merge stands still.'],
  ['cherry-pick', 'git cherry-pick stands still.'],
] as const) {
  test(`a ${command} in conflict is named, with its files and the next step`, async (t) => {
    const lab = await labIn(t);
    assert.throws(() => lab.git(command, 'other'));
    const [first, second] = await words(lab);
    const go = `Finish it with git ${command} --continue, or give it up with git ${command} --abort.`;
    assert.deepEqual([first, second], [`${next} ${go}`, IN_CONFLICT]);
    lab.git(command, '--abort');
    assert.deepEqual(await words(lab), []);
  });
}

test('a stash that could not be popped is named by its files', async (t) => {
  const lab = await labIn(t);
  await lab.write({ 'a.txt': 'stashed\n' });
  lab.git('stash', '-q');
  await lab.write({ 'a.txt': 'meanwhile\n' });
  lab.commitAll();
  assert.throws(() => lab.git('stash', 'pop'));
  assert.deepEqual(await words(lab), [IN_CONFLICT]);
  lab.git('add', 'a.txt');
  assert.deepEqual(await words(lab), []);
});

test('a revert, a bisect and a mailbox are named', async (t) => {
  const lab = await labIn(t);
  lab.git('bisect', 'start');
  assert.match((await words(lab))[0]!, /^git bisect stands still\. .+ git bisect reset\.$/);
  lab.git('bisect', 'reset');
  assert.throws(() => lab.git('revert', '--no-edit', 'HEAD~1'));
  assert.match((await words(lab))[0]!, /^git revert stands still\./);
  lab.git('revert', '--abort');
  lab.git('format-patch', '-q', '-o', '../patches', '-1', 'other');
  assert.throws(() => lab.git('am', '-q', '../patches/0001-work.patch'));
  assert.match((await words(lab))[0]!, /^git am stands still at step 1 of 1\./);
});

test('a lock is told with its age, and the process that holds it', async (t) => {
  const lab = await labIn(t);
  const file = path.join(lab.folder, '.git', 'index.lock');
  writeFileSync(file, '');
  // What the file system counts by may be a moment ahead.
  const later = Date.now() + 180_000 + 5_000;
  const [left] = standingWords((await readStandingWork(lab.folder, later))!);
  assert.match(
    left!,
    /index\.lock of .+ is 3 minutes old and held by no process .+: .+ remove it\.$/,
  );
  if (process.platform !== 'linux') return;
  const handle = openSync(file, 'r');
  const holder = spawn('sleep', ['100'], { stdio: ['ignore', 'ignore', 'ignore', handle] });
  closeSync(handle);
  await once(holder, 'spawn');
  const work = await readStandingWork(lab.folder, later);
  assert.deepEqual(work?.lock?.holder, { pid: holder.pid, command: 'sleep 100' });
  holder.kill();
  await once(holder, 'close');
});

test('where nothing stands still, and where no git is, there is nothing to tell', async (t) => {
  const lab = await labIn(t);
  assert.deepEqual(await words(lab), []);
  assert.equal(await readStandingWork(await temporaryFolder(t), 0), undefined);
});

async function words(lab: GitLab): Promise<readonly string[]> {
  const work = await readStandingWork(lab.folder, Date.now());
  return work ? standingWords(work) : [];
}

/** Two branches that changed the same line. */
async function labIn(t: TestContext): Promise<GitLab> {
  const lab = await GitLab.init(path.join(await temporaryFolder(t), 'clone'));
  await lab.write({ 'a.txt': 'one\n' });
  lab.commitAll();
  lab.git('checkout', '-q', '-b', 'other');
  await lab.write({ 'a.txt': 'theirs\n' });
  lab.commitAll();
  lab.git('checkout', '-q', 'main');
  await lab.write({ 'a.txt': 'mine\n' });
  lab.commitAll();
  await lab.write({ 'a.txt': 'mine, too\n' });
  lab.commitAll();
  lab.git('reset', '-q', '--soft', 'HEAD~1');
  lab.git('commit', '-q', '--amend', '-m', 'mine');
  return lab;
}
