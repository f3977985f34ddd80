// Repositories inside of a folder, whatever their git folders are called, and whether git is around them.
import assert from 'node:assert/strict';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { scanFolder } from '../../../src/world/folder-scan.ts';
import { GitLab } from '../../harness/git-lab.ts';
import { temporaryFolder } from './temporary-folder.ts';

for (const around of ['git', 'no git'] as const) {
  for (const name of ['.git', '.git_disabled', 'dotgit'] as const) {
    test(`a repository inside a folder with ${around} is left out, its git folder called ${name}`, async (t) => {
      const folder = await folderWith(t, around);
      await nestedIn(folder, 'lib/inner', name);
      assert.deepEqual(await scan(folder), {
        files: ['a.txt', 'lib/b.txt'],
        skipped: ['lib/inner submodule'],
      });
    });
  }

  test(`a linked work tree inside a folder with ${around} is left out, its file renamed or not`, async (t) => {
    const folder = await folderWith(t, around);
    const other = await nestedIn(await temporaryFolder(t), 'other', '.git');
    for (const name of ['wt', 'moved']) other.git('worktree', 'add', '-q', path.join(folder, name));
    await rename(path.join(folder, 'moved/.git'), path.join(folder, 'moved/.git-off'));
    assert.deepEqual(await scan(folder), {
      files: ['a.txt', 'lib/b.txt'],
      skipped: ['moved submodule', 'wt submodule'],
    });
  });

  test(`a bare repository in a folder with ${around} is git’s own`, async (t) => {
    const folder = await folderWith(t, around);
    await GitLab.init(path.join(folder, 'store.git'), '--bare');
    assert.deepEqual((await scan(folder)).files, ['a.txt', 'lib/b.txt']);
  });

  test(`in a folder with ${around} a part of the list says the same`, async (t) => {
    const folder = await folderWith(t, around);
    await nestedIn(folder, 'inner', '.git_disabled');
    const only = new Set(['inner/in.txt', 'inner/.git_disabled/HEAD', 'a.txt']);
    const { files } = await scanFolder(folder, { only });
    assert.deepEqual(
      files.map((file) => file.path),
      ['a.txt'],
    );
  });
}

test('a folder whose own git folder was renamed publishes none of it', async (t) => {
  const folder = await folderWith(t, 'git');
  await rename(path.join(folder, '.git'), path.join(folder, '.git_disabled'));
  assert.deepEqual(await scan(folder), { files: ['a.txt', 'lib/b.txt'], skipped: [] });
});

test('what the repository around tracks belongs into the world all the same', async (t) => {
  const folder = await folderWith(t, 'git');
  const inner = await nestedIn(folder, 'inner', '.git');
  await rename(path.join(inner.folder, '.git'), path.join(folder, 'aside'));
  const lab = new GitLab(folder);
  lab.git('add', 'inner/in.txt');
  await rename(path.join(folder, 'aside'), path.join(inner.folder, '.git_disabled'));
  await writeFile(path.join(inner.folder, 'new.txt'), 'new');
  assert.deepEqual(await scan(folder), {
    files: ['a.txt', 'inner/in.txt', 'lib/b.txt'],
    skipped: ['inner submodule'],
  });
});

test('folders that only look a little like git’s are anybody’s', async (t) => {
  const folder = await temporaryFolder(t);
  for (const name of ['docs/HEAD', 'docs/objects/x', 'git.txt', 'sub/gitdir.md', 'sub/.gitkeep']) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), 'gitdir: is a word\nof two lines\n');
  }
  const { files, skipped } = await scan(folder);
  assert.deepEqual([files.length, skipped], [5, []]);
});

async function scan(folder: string) {
  const { files, skipped } = await scanFolder(folder);
  return {
    files: files.map((file) => file.path),
    skipped: skipped.map((each) => `${each.path} ${each.why}`),
  };
}

async function folderWith(t: TestContext, around: 'git' | 'no git'): Promise<string> {
  const folder = await temporaryFolder(t);
  const lab = around === 'git' ? await GitLab.init(folder) : new GitLab(folder);
  await lab.write({ 'a.txt': 'a', 'lib/b.txt': 'b' });
  return folder;
}

async function nestedIn(folder: string, name: string, gitFolder: string): Promise<GitLab> {
  const inner = await GitLab.init(path.join(folder, name));
  await inner.write({ 'in.txt': 'in', 'deep/er.txt': 'deep' });
  inner.commitAll();
  await rename(path.join(inner.folder, '.git'), path.join(inner.folder, gitFolder));
  return inner;
}
