// Folders that move while they are watched, on a real disk.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { DiskFiles } from '../../../src/mirror/disk-files.ts';
import { watchFolder } from '../../../src/mirror/node-watch.ts';
import { readExcludes } from '../../../src/world/folder-settings.ts';
import { silentLog } from '../../../src/world/log.ts';
import { temporaryFolder } from '../world/temporary-folder.ts';

/** Elsewhere the system watches the tree, and moves of it are found at the next look. */
const onLinux = { skip: process.platform !== 'linux' };

test('a folder that is moved away is missed at once', onLinux, async (t) => {
  const { root, next } = await watched(t);
  fs.renameSync(root, `${root}-away`);
  assert.equal(await next('missed'), 'missed');
});

test('a folder that is deleted is missed at once', onLinux, async (t) => {
  const { root, next } = await watched(t);
  fs.rmSync(root, { recursive: true });
  assert.equal(await next('missed'), 'missed');
});

test('what is put in the place of a folder is looked at, and watched', onLinux, async (t) => {
  const { root, next } = await watched(t);
  fs.mkdirSync(`${root}-other/deep`, { recursive: true });
  fs.renameSync(root, `${root}-away`);
  fs.renameSync(`${root}-other`, root);
  assert.equal(await next('missed'), 'missed');
  fs.writeFileSync(path.join(root, 'deep', 'a.txt'), 'new');
  assert.equal(await next('changed deep/a.txt'), 'changed deep/a.txt');
});

test('a file that has the name of its folder is a file like any other', onLinux, async (t) => {
  const { root, next, told } = await watched(t);
  fs.writeFileSync(path.join(root, path.basename(root)), 'text');
  await next(`changed ${path.basename(root)}`);
  assert.ok(!told.includes('missed'));
});

test('a folder that the rules let in is watched from then on', onLinux, async (t) => {
  const { root, next, told } = await watched(t, { '.gitignore': 'out\n', 'out/b.txt': 'text' });
  fs.writeFileSync(path.join(root, '.gitignore'), '');
  await next('changed out/b.txt');
  assert.ok(!told.includes('changed a.txt'), 'what was watched already is told of no second time');
  fs.writeFileSync(path.join(root, 'out', 'c.txt'), 'new');
  assert.equal(await next('changed out/c.txt'), 'changed out/c.txt');
});

test('so is one that the settings of the folder leave out no more', onLinux, async (t) => {
  const settings = '.vscode/settings.json';
  const { root, next } = await watched(t, {
    [settings]: '{ "agentWorld.exclude": ["out"] }',
    'out/b.txt': 'text',
  });
  fs.writeFileSync(path.join(root, settings), '{}');
  await next('changed out/b.txt');
  fs.writeFileSync(path.join(root, 'out', 'c.txt'), 'new');
  assert.equal(await next('changed out/c.txt'), 'changed out/c.txt');
});

/** A folder with a file that is watched, and what is told of it. */
async function watched(t: TestContext, more: Readonly<Record<string, string>> = {}) {
  const root = path.join(await temporaryFolder(t), 'folder');
  fs.mkdirSync(root);
  fs.writeFileSync(path.join(root, 'a.txt'), 'text');
  for (const [name, text] of Object.entries(more)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  }
  const told: string[] = [];
  let heard = (): void => {};
  const tell = (what: string): void => {
    told.push(what);
    heard();
  };
  const stop = await watchFolder({
    files: new DiskFiles(root),
    news: {
      changed: (name) => tell(`changed ${name}`),
      vanished: (name) => tell(`vanished ${name}`),
      missed: () => tell('missed'),
    },
    known: () => [],
    exclude: () => readExcludes(root),
    output: silentLog,
  });
  t.after(stop);
  const next = (what: string): Promise<string> =>
    new Promise((resolve) => {
      heard = () => {
        if (told.includes(what)) resolve(what);
      };
      heard();
    });
  return { root, told, next };
}
