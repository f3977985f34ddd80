import assert from 'node:assert/strict';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { openFolderGit } from '../../../src/git/folder-state.ts';
import { silentLog } from '../../../src/world/log.ts';
import { GitLab } from '../../harness/git-lab.ts';
import { temporaryFolder } from '../world/temporary-folder.ts';

const ADA = { name: 'Ada', email: 'ada@example.org' };
const CLEO = { name: 'Cleo', email: 'cleo@example.org' };

const BRINGING: Readonly<Record<string, (lab: GitLab) => unknown>> = {
  'a pull': (lab) => lab.git('pull', '-q', '--no-rebase', '../upstream', 'main'),
  'a merge': (lab) => lab.git('merge', '-q', '--no-ff', 'theirs'),
  'a rebase': (lab) => lab.git('rebase', '-q', 'theirs'),
  'a cherry-pick': (lab) => lab.git('cherry-pick', 'HEAD..theirs'),
  'a mailbox': (lab) => {
    lab.git('format-patch', '-q', '-o', '../patches', 'HEAD..theirs');
    lab.git('am', '-q', '../patches/0001-work.patch', '../patches/0002-work.patch');
  },
};

for (const [what, act] of Object.entries(BRINGING)) {
  for (const hasOwn of [false, true]) {
    test(`${what} brings text of its commits’ authors${hasOwn ? ', beside own commits' : ''}`, async (t) => {
      const { lab, git } = await openClone(t);
      if (hasOwn) {
        await lab.write({ 'own.txt': 'own\n' });
        lab.commitAll();
      }
      act(lab);
      assert.deepEqual(await git.broughtBy('a.txt'), ADA);
      assert.deepEqual(await git.broughtBy('c.txt'), CLEO);
      assert.deepEqual(await git.broughtBy('both.txt'), 'several');
      assert.deepEqual(await git.broughtBy('gone.txt'), ADA, 'a file that is gone');
      assert.equal(await git.broughtBy('same.txt'), undefined);
      assert.equal(await git.broughtBy('own.txt'), undefined);
      assert.equal(String(await git.broughtOver('a.txt')), 'one\n');
      assert.equal(await git.broughtOver('same.txt'), undefined);
      await lab.write({ 'a.txt': 'typed on top\n' });
      assert.equal(await git.broughtOver('a.txt'), undefined);
      assert.equal(await git.broughtBy('a.txt'), undefined, 'it is not theirs any more');
    });
  }
}

test('checkouts, resets, commits and stashes bring nothing', async (t) => {
  const { lab, git } = await openClone(t);
  const nobodys = async (): Promise<void> => assert.equal(await git.broughtBy('a.txt'), undefined);
  lab.git('checkout', '-q', 'theirs');
  await nobodys();
  lab.git('checkout', '-q', 'main');
  await nobodys();
  lab.git('reset', '-q', '--hard', 'theirs');
  await nobodys();
  await lab.write({ 'a.txt': 'typed\n' });
  await nobodys();
  lab.git('stash', '-q');
  lab.git('stash', 'pop', '-q');
  await nobodys();
  lab.commitAll();
  await nobodys();
});

test('what is in conflict is nobody’s but whoever merges', async (t) => {
  const { lab, git } = await openClone(t);
  await lab.write({ 'a.txt': 'mine\n' });
  lab.commitAll();
  assert.throws(() => lab.git('merge', '-q', 'theirs'));
  assert.equal(await git.broughtBy('a.txt'), undefined);
});

/** A clone of what Ada and Cleo have gone on with, as its branch `theirs`. */
async function openClone(t: TestContext) {
  const place = await temporaryFolder(t);
  const upstream = await GitLab.init(path.join(place, 'upstream'));
  upstream.isLive = true;
  await upstream.write({
    'a.txt': 'one\n',
    'c.txt': 'sea\n',
    'both.txt': '1\n2\n3\n4\n5\n',
    'gone.txt': 'gone\n',
    'same.txt': 'same\n',
  });
  upstream.commitAll();
  upstream.git('clone', '-q', upstream.folder, path.join(place, 'clone'));
  await upstream.write({ 'a.txt': 'ONE\n', 'both.txt': 'ONE\n2\n3\n4\n5\n' });
  await upstream.remove('gone.txt');
  commitAs(upstream, ADA);
  await upstream.write({ 'c.txt': 'SEA\n', 'both.txt': 'ONE\n2\n3\n4\nFIVE\n' });
  commitAs(upstream, CLEO);
  const lab = new GitLab(path.join(place, 'clone'));
  lab.isLive = true;
  lab.git('fetch', '-q', 'origin', 'main:theirs');
  const git = openFolderGit(lab.folder, silentLog);
  t.after(() => git.dispose());
  return { lab, git };
}

function commitAs(lab: GitLab, { name, email }: typeof ADA): void {
  lab.git('add', '-A');
  lab.git('commit', '-q', '-m', 'work', `--author=${name} <${email}>`);
}
