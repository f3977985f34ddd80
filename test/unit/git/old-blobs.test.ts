import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { openFolderGit } from '../../../src/git/folder-state.ts';
import type { FolderGit } from '../../../src/mirror/folder-git.ts';
import { silentLog } from '../../../src/world/log.ts';
import { GitLab } from '../../harness/git-lab.ts';
import { temporaryFolder } from '../world/temporary-folder.ts';

/** The second commit is checked out. */
const FIRST = 'one\ntwo\n';
const SECOND = 'one\nzwei\n';
const TYPED = 'one\ntyped\n';

const RESTORING: Readonly<Record<string, (lab: GitLab, git: FolderGit) => unknown>> = {
  'git checkout of a file': (lab) => lab.git('checkout', '--', 'a.txt'),
  'git restore': (lab) => lab.git('restore', 'a.txt'),
  'git reset --hard': (lab) => lab.git('reset', '-q', '--hard'),
  'git stash': (lab) => lab.git('stash', '-q'),
  'git stash pop': (lab, git) => {
    lab.git('stash', '-q');
    // A watch would tell of it, if the test gave way.
    git.isAtWork();
    lab.git('stash', 'pop', '-q');
  },
  'git reset to the commit before': (lab) => lab.git('reset', '-q', '--hard', 'HEAD~1'),
  'git checkout of a file from the commit before': (lab) =>
    lab.git('checkout', 'HEAD~1', '--', 'a.txt'),
  'git checkout of another branch': (lab) => lab.git('checkout', '-q', '-f', 'other'),
  'what a tool writes that HEAD has': (lab) => lab.write({ 'a.txt': SECOND }),
};

for (const [what, act] of Object.entries(RESTORING)) {
  test(`${what} writes what the repository had`, async (t) => {
    const { lab, git } = await openClone(t);
    await lab.write({ 'a.txt': TYPED });
    await act(lab, git);
    const bytes = await lab.read('a.txt');
    assert.equal(await git.hasBlob('a.txt', bytes), true);
    if (what.includes('from the commit before')) return;
    assert.ok((await textsOf(git, 'a.txt')).includes(String(bytes)));
  });
}

const NEW: Readonly<Record<string, (lab: GitLab) => unknown>> = {
  'what somebody types': () => undefined,
  'what is added': (lab) => lab.git('add', '-A'),
  'what is committed': (lab) => lab.commitAll(),
  'what is committed and then unstaged': (lab) => {
    lab.commitAll();
    lab.git('reset', '-q');
  },
  'what an amended commit has': (lab) => {
    lab.commitAll();
    lab.git('commit', '-q', '--amend', '-m', 'amended');
  },
};

for (const [what, act] of Object.entries(NEW)) {
  test(`${what} is no old text`, async (t) => {
    const { lab, git } = await openClone(t);
    await lab.write({ 'a.txt': TYPED });
    await act(lab);
    assert.equal(await git.hasBlob('a.txt', Buffer.from(TYPED)), false);
    assert.ok(!(await textsOf(git, 'a.txt')).includes(TYPED));
    assert.ok((await textsOf(git, 'a.txt')).includes(SECOND), 'what was there before is known');
  });
}

for (const how of ['merge', 'rebase', 'cherry-pick', 'pull'] as const) {
  test(`what a ${how} brings is no old text`, async (t) => {
    const { lab, git } = await openClone(t);
    const elsewhere = path.join(await temporaryFolder(t), 'elsewhere');
    lab.git('clone', '-q', lab.folder, elsewhere);
    const other = new GitLab(elsewhere);
    await other.write({ 'a.txt': TYPED });
    other.commitAll();
    lab.git('fetch', '-q', elsewhere, 'main:theirs');
    await lab.write({ 'c.txt': 'sea\n' });
    lab.commitAll();
    if (how === 'pull') lab.git('pull', '-q', '--no-rebase', '.', 'theirs');
    else lab.git(...(how === 'merge' ? ['merge', '-q', '--no-ff'] : [how]), 'theirs');
    assert.equal(String(await lab.read('a.txt')), TYPED);
    assert.equal(await git.hasBlob('a.txt', Buffer.from(TYPED)), false);
    assert.deepEqual((await textsOf(git, 'a.txt')).includes(TYPED), false);
    assert.ok((await textsOf(git, 'a.txt')).includes(SECOND));
  });
}

test('files that a stash has beside the tracked ones are known', async (t) => {
  const { lab, git } = await openClone(t);
  await lab.write({ 'new.txt': TYPED });
  lab.git('stash', '-q', '-u');
  git.isAtWork();
  lab.git('stash', 'pop', '-q');
  assert.equal(await git.hasBlob('new.txt', Buffer.from(TYPED)), true);
  assert.deepEqual(await textsOf(git, 'new.txt'), [TYPED]);
});

test('contents are as a checkout writes them, line ends by attributes and settings', async (t) => {
  const { lab, git } = await openClone(t);
  await lab.write({ '.gitattributes': '*.txt text eol=crlf\n*.bin -text\n', 'a.bin': 'x\n' });
  lab.commitAll();
  for (const file of ['a.txt', 'a.bin']) rmSync(path.join(lab.folder, file));
  lab.git('checkout', '--', '.');
  const written = await lab.read('a.txt');
  assert.equal(String(written), 'one\r\nzwei\r\n');
  assert.equal(await git.hasBlob('a.txt', written), true);
  assert.deepEqual((await textsOf(git, 'a.txt'))[0], String(written));
  assert.deepEqual(await textsOf(git, 'a.bin'), ['x\n']);
});

test('the user’s own settings count: core.autocrlf', async (t) => {
  const { lab, git } = await openClone(t);
  lab.git('config', 'core.autocrlf', 'true');
  rmSync(path.join(lab.folder, 'a.txt'));
  lab.git('checkout', '--', 'a.txt');
  assert.deepEqual((await textsOf(git, 'a.txt'))[0], 'one\r\nzwei\r\n');
  assert.equal(await git.hasBlob('a.txt', await lab.read('a.txt')), true);
});

test('no program of a filter is run: of such files nothing is said', async (t) => {
  const { lab, git } = await openClone(t);
  const ran = path.join(lab.folder, '..', 'ran');
  for (const end of ['smudge', 'clean']) {
    lab.git('config', `filter.lfs.${end}`, `touch '${ran}'; cat`);
  }
  writeFileSync(path.join(lab.folder, '.git/info/attributes'), '*.txt filter=lfs\n');
  assert.equal(await git.hasBlob('a.txt', Buffer.from(SECOND)), false);
  assert.deepEqual(await textsOf(git, 'a.txt'), []);
  assert.equal(existsSync(ran), false);
});

test('in a partial clone nothing is fetched', async (t) => {
  const { lab } = await openClone(t);
  lab.git('config', 'uploadpack.allowFilter', 'true');
  const place = await temporaryFolder(t);
  lab.git('clone', '-q', '--filter=blob:none', `file://${lab.folder}`, path.join(place, 'partial'));
  const partial = new GitLab(path.join(place, 'partial'));
  const git = openFolderGit(partial.folder, silentLog);
  t.after(() => git.dispose());
  const objects = partial.git('count-objects', '-v');
  partial.git('reset', '-q', '--soft', 'HEAD~1');
  assert.equal(await git.hasBlob('a.txt', Buffer.from(FIRST)), false);
  assert.ok((await textsOf(git, 'a.txt')).includes(SECOND), 'the next question is answered');
  assert.equal(partial.git('count-objects', '-v'), objects);
});

for (const [what, init] of [
  ['with SHA-256', ['--object-format=sha256']],
  ['without a log of HEAD', ['--template=']],
] as const) {
  test(`a repository ${what}`, async (t) => {
    const { lab, git } = await openClone(t, ...init);
    if (what.includes('without')) {
      lab.git('config', 'core.logAllRefUpdates', 'false');
      rmSync(path.join(lab.folder, '.git/logs'), { recursive: true });
    }
    await lab.write({ 'a.txt': TYPED });
    lab.git('checkout', '--', 'a.txt');
    assert.equal(await git.hasBlob('a.txt', Buffer.from(SECOND)), true);
    assert.equal(await git.hasBlob('a.txt', Buffer.from(TYPED)), false);
    assert.equal((await textsOf(git, 'a.txt'))[0], SECOND);
  });
}

test('in a folder of a linked work tree paths are its own', async (t) => {
  const { lab } = await openClone(t);
  await lab.write({ 'src/b.txt': 'bee\n' });
  lab.commitAll();
  const linked = path.join(lab.folder, '..', 'linked');
  lab.git('worktree', 'add', '-q', linked, '-b', 'linked');
  const git = openFolderGit(path.join(linked, 'src'), silentLog);
  t.after(() => git.dispose());
  assert.deepEqual(await textsOf(git, 'b.txt'), ['bee\n']);
  assert.equal(await git.hasBlob('b.txt', Buffer.from('bee\n')), true);
});

test('asking takes no lock and moves nothing', async (t) => {
  const { lab, git } = await openClone(t);
  const before = readFileSync(path.join(lab.folder, '.git/index'));
  await textsOf(git, 'a.txt');
  await git.hasBlob('a.txt', Buffer.from(FIRST));
  assert.deepEqual(readFileSync(path.join(lab.folder, '.git/index')), before);
  assert.equal(git.isAtWork(), false);
});

async function textsOf(git: FolderGit, file: string): Promise<readonly string[]> {
  return (await git.oldContents(file)).map((bytes) => Buffer.from(bytes).toString());
}

async function openClone(t: TestContext, ...init: readonly string[]) {
  const lab = await GitLab.init(path.join(await temporaryFolder(t), 'clone'), ...init);
  lab.isLive = true;
  await lab.write({ 'a.txt': FIRST });
  lab.commitAll();
  lab.git('branch', 'other');
  await lab.write({ 'a.txt': SECOND });
  lab.commitAll();
  const git = openFolderGit(lab.folder, silentLog);
  t.after(() => git.dispose());
  return { lab, git };
}
