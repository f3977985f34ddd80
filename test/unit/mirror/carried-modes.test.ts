import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { openFolderGit } from '../../../src/git/folder-state.ts';
import { type DiskFile, DiskFiles } from '../../../src/mirror/disk-files.ts';
import type { FolderGit } from '../../../src/mirror/folder-git.ts';
import { silentLog } from '../../../src/world/log.ts';
import { MirrorLab } from './mirror-lab.ts';
import { ModelLab } from './model-lab.ts';
import { ModelWorld } from './model-world.ts';

const onPosix = { skip: process.platform === 'win32' };
const EXECUTABLE = { eol: 'lf', bom: false, mode: 'executable' } as const;
const REGULAR = { eol: 'lf', bom: false, mode: 'regular' } as const;

/** A disk such as a memory card’s: files are not executable, whatever one asks for. */
class CardFiles extends DiskFiles {
  override async read(worldPath: string): Promise<DiskFile | undefined> {
    const file = await super.read(worldPath);
    return file && { ...file, isExecutable: false };
  }

  override async see(worldPath: string): ReturnType<DiskFiles['see']> {
    const seen = await super.see(worldPath);
    return seen && { ...seen, isExecutable: false };
  }

  override keepsModes(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

test('a disk that keeps no executable bit takes nobody’s', onPosix, async (t) => {
  const lab = await ModelLab.open(t, { Disk: CardFiles });
  lab.world.createNow('run', 'one\n', EXECUTABLE);
  await lab.settle();
  const { ops } = lab.world;
  assert.equal(modeIn(lab.world, 'run'), 'executable');
  lab.write('run', 'one\ntwo\n');
  await lab.look('run');
  assert.deepEqual([modeIn(lab.world, 'run'), lab.world.ops], ['executable', ops + 1]);
  lab.world.formatNow(1, REGULAR);
  await lab.settle();
  lab.world.formatNow(1, EXECUTABLE);
  await lab.settle();
  assert.deepEqual([modeIn(lab.world, 'run'), lab.world.ops], ['executable', ops + 3]);
});

test('whether a disk keeps an executable bit is found out by trying', onPosix, async (t) => {
  const lab = await ModelLab.open(t);
  assert.equal(await lab.files.keepsModes(), true);
  assert.deepEqual(fs.readdirSync(lab.folder), []);
});

test(
  'where git does not go by executable bits, those of the folder are nobody else’s',
  onPosix,
  async (t) => {
    const world = new ModelWorld();
    world.createNow('run', 'one\n', EXECUTABLE);
    const lab = await MirrorLab.open(t, world, gitWith('core.fileMode', 'false'));
    await lab.lookAtAll();
    assert.equal(modeOn(lab, 'run'), '755');
    const { ops } = world;
    fs.chmodSync(path.join(lab.folder, 'run'), 0o644);
    await lab.lookAtAll();
    assert.deepEqual([modeIn(world, 'run'), world.ops], ['executable', ops]);
    lab.write('run', 'two\n');
    lab.write('new', 'script\n');
    fs.chmodSync(path.join(lab.folder, 'new'), 0o755);
    lab.write('tracked', 'script\n');
    git(lab.folder, 'add', 'tracked');
    git(lab.folder, 'update-index', '--chmod=+x', 'tracked');
    await lab.lookAtAll();
    const modes = ['run', 'new', 'tracked'].map((name) => modeIn(world, name));
    assert.deepEqual(modes, ['executable', 'regular', 'executable']);
    // What others do reaches this disk all the same.
    const { fileId } = world.fileAt('new')!;
    assert.equal(modeOn(lab, 'new'), '755');
    world.formatNow(fileId, EXECUTABLE);
    await lab.lookAtAll();
    world.formatNow(fileId, REGULAR);
    await lab.lookAtAll();
    assert.equal(modeOn(lab, 'new'), '644');
    assert.equal(world.idleOps, 0);
  },
);

test('a tool that writes a script anew does not take its bit from others', onPosix, async (t) => {
  const world = new ModelWorld();
  world.createNow('run', 'one\n', EXECUTABLE);
  const lab = await MirrorLab.open(t, world);
  await lab.lookAtAll();
  const file = path.join(lab.folder, 'run');
  fs.writeFileSync(`${file}.next`, 'one\ntwo\n', { mode: 0o644 });
  fs.renameSync(`${file}.next`, file);
  await lab.lookAtAll();
  assert.equal(world.textOf(1).toString(), 'one\ntwo\n');
  assert.deepEqual([modeIn(world, 'run'), modeOn(lab, 'run')], ['executable', '755']);
  // Who takes only the bit away means it.
  fs.chmodSync(file, 0o644);
  await lab.lookAtAll();
  assert.deepEqual([modeIn(world, 'run'), modeOn(lab, 'run')], ['regular', '644']);
});

test('a script that git checks out without its bit is one for nobody', onPosix, async (t) => {
  const world = new ModelWorld();
  world.createNow('run', 'one\n', EXECUTABLE);
  const lab = await MirrorLab.open(t, world, gitWith('core.fileMode', 'true'));
  await lab.lookAtAll();
  lab.write('run', 'two\n');
  fs.chmodSync(path.join(lab.folder, 'run'), 0o644);
  git(lab.folder, 'add', 'run');
  await lab.lookAtAll();
  assert.deepEqual([modeIn(world, 'run'), modeOn(lab, 'run')], ['regular', '644']);
});

function modeIn(world: ModelWorld, name: string): string | undefined {
  return world.fileAt(name)?.mode;
}

function modeOn(lab: MirrorLab, name: string): string {
  return (fs.statSync(path.join(lab.folder, name)).mode & 0o777).toString(8);
}

function gitWith(...setting: readonly [string, string]): (folder: string) => FolderGit {
  return (folder) => {
    git(folder, 'init', '-q');
    git(folder, 'config', ...setting);
    return openFolderGit(folder, silentLog);
  };
}

function git(folder: string, ...args: readonly string[]): void {
  execFileSync('git', args, { cwd: folder, stdio: 'ignore' });
}
