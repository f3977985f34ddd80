import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { scanFolder, type ScanOptions } from '../../../src/world/folder-scan.ts';
import { GitLab } from '../../harness/git-lab.ts';
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

const RULES: Readonly<Record<string, string>> = {
  '.gitignore': '*.log\n/built/\n!keep.log\nCaps.txt\n',
  'deep/.gitignore': '!noise.log\nown.txt\nhidden/\n',
  'deep/hidden/.gitignore': '!*\n',
};
const RULED = ['a.log', 'keep.log', 'built/keep.log', 'deep/noise.log', 'deep/a.log', 'caps.txt'];
const MORE_RULED = ['deep/own.txt', 'own.txt', 'deep/hidden/b.txt', 'deep/built/c.txt', 'Caps.txt'];

for (const [where, prepare] of [
  ['without git', () => undefined],
  ['with git', (folder: string) => git(folder, 'init', '-q')],
] as const) {
  test(`files of rules count ${where}: nested, with exceptions, and never inside of what is left out`, async (t) => {
    const folder = await temporaryFolder(t);
    await write(folder, ...RULED, ...MORE_RULED, ...Object.keys(RULES));
    for (const [file, text] of Object.entries(RULES)) {
      await writeFile(path.join(folder, file), text);
    }
    prepare(folder);
    const { files } = await scanFolder(folder);
    assert.deepEqual(
      files.map((file) => file.path),
      [
        '.gitignore',
        ...(process.platform === 'linux' ? ['caps.txt'] : []),
        'deep/.gitignore',
        'deep/built/c.txt',
        'deep/noise.log',
        'keep.log',
        'own.txt',
      ],
    );
    const only = new Set(['deep/noise.log', 'deep/own.txt', 'deep/built', 'a.log', 'nowhere']);
    const some = await scanFolder(folder, { only });
    assert.deepEqual(
      some.files.map((file) => file.path),
      ['deep/built/c.txt', 'deep/noise.log'],
    );
    const none = await scanFolder(folder, { only: new Set(['a.log']) });
    assert.deepEqual(none.files, []);
  });

  test(`what the user excludes is left out ${where}, tracked or not`, async (t) => {
    const folder = await temporaryFolder(t);
    await write(folder, 'a.txt', 'secret/b.txt', 'sub/secret/c.txt', '.vscode/settings.json');
    const settings =
      '\uFEFF{ // "agentWorld.exclude": ["a.txt"]\n"agentWorld.exclude": ["/secret/",], }';
    await writeFile(path.join(folder, '.vscode/settings.json'), settings);
    prepare(folder);
    if (where === 'with git') git(folder, 'add', '-A');
    const paths = async (exclude?: readonly string[]) =>
      (await scanFolder(folder, exclude ? { exclude } : {})).files.map((file) => file.path);
    assert.deepEqual(await paths(), ['.vscode/settings.json', 'a.txt', 'sub/secret/c.txt']);
    assert.deepEqual(await paths(['*.txt']), ['.vscode/settings.json'], 'the editor knows better');
  });
}

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

test('a file that a tool left in the place of a link is told, and is no second content', async (t) => {
  const lab = await GitLab.init(await temporaryFolder(t));
  await lab.write({ 'a.txt': 'a\n' });
  await lab.link('link', 'a.txt');
  lab.commitAll();
  await rm(path.join(lab.folder, 'link'));
  await lab.write({ link: 'saved over the link\n' });
  const pathsIn = async (options: ScanOptions = {}): Promise<readonly string[]> =>
    (await scanFolder(lab.folder, options)).files.map((file) => file.path);
  const { files, skipped } = await scanFolder(lab.folder, { only: new Set(['link']) });
  assert.deepEqual([files, skipped], [[], [{ path: 'link', why: 'was_link' }]]);
  assert.deepEqual(await pathsIn(), ['a.txt']);
  assert.deepEqual(await pathsIn({ isKnown: (name) => name === 'link' }), ['a.txt', 'link']);
  lab.git('add', 'link');
  assert.deepEqual(await pathsIn(), ['a.txt', 'link'], 'once it is meant');
});

for (const isTracked of [false, true]) {
  test(`what a mirror is about to put there is nobody’s file, ${isTracked ? 'though git tracks it' : 'in git or not'}`, async (t) => {
    const folder = await temporaryFolder(t);
    await write(folder, 'a.txt', 'src/.0a1b2c3d4e5f.agent-world-tmp');
    if (isTracked) {
      git(folder, 'init', '-q');
      git(folder, 'add', '-A');
    }
    const { files, skipped } = await scanFolder(folder);
    assert.deepEqual([files.map((file) => file.path), skipped], [['a.txt'], []]);
  });
}

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
