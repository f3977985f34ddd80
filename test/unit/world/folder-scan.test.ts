import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { scanFolder } from '../../../src/world/folder-scan.ts';
import { temporaryFolder } from './temporary-folder.ts';

async function write(folder: string, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), name);
  }
}

const git = (folder: string, ...args: string[]): unknown =>
  execFileSync('git', ['-C', folder, ...args], { stdio: 'ignore' });

test('without git everything counts but installed packages and version control', async (t) => {
  const folder = await temporaryFolder(t);
  await write(folder, 'a.txt', 'src/b.js', '.hidden', 'node_modules/x/index.js', '.hg/store');
  const { files } = await scanFolder(folder);
  assert.deepEqual(
    files.map((file) => file.path),
    ['.hidden', 'a.txt', 'src/b.js'],
  );
});

test('with git what it tracks or would track', async (t) => {
  const folder = await temporaryFolder(t);
  await write(folder, 'tracked.txt', 'new.txt', 'built/out.js', 'gone.txt');
  await writeFile(path.join(folder, '.gitignore'), 'built/\n');
  git(folder, 'init', '-q');
  git(folder, 'add', 'tracked.txt', 'gone.txt');
  execFileSync('rm', [path.join(folder, 'gone.txt')]);
  const { files } = await scanFolder(folder);
  assert.deepEqual(
    files.map((file) => file.path),
    ['.gitignore', 'new.txt', 'tracked.txt'],
  );
});

test('a folder that the repository around it ignores is looked through all the same', async (t) => {
  const outer = await temporaryFolder(t);
  git(outer, 'init', '-q');
  await writeFile(path.join(outer, '.gitignore'), 'copy/\n');
  await write(outer, 'copy/a.txt');
  const { files } = await scanFolder(path.join(outer, 'copy'));
  assert.deepEqual(
    files.map((file) => file.path),
    ['a.txt'],
  );
});

test('links and names that not every system can hold are left out and told', async (t) => {
  const folder = await temporaryFolder(t);
  await write(folder, 'a.txt', 'aux.txt', 'Twin.md', 'twin.md');
  await symlink('a.txt', path.join(folder, 'link'));
  const { files, skipped } = await scanFolder(folder);
  assert.deepEqual(
    files.map((file) => file.path),
    ['Twin.md', 'a.txt'],
  );
  assert.deepEqual(skipped, [
    { path: 'aux.txt', why: 'reserved_name' },
    { path: 'link', why: 'symlink' },
    { path: 'twin.md', why: 'twin' },
  ]);
});

test('the mark of a program is seen', async (t) => {
  const folder = await temporaryFolder(t);
  await write(folder, 'run.sh', 'text.txt');
  await chmod(path.join(folder, 'run.sh'), 0o755);
  const { files } = await scanFolder(folder);
  assert.deepEqual(
    files.map((file) => [file.path, file.executable]),
    [
      ['run.sh', true],
      ['text.txt', false],
    ],
  );
});
