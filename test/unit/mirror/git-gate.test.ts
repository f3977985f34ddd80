// A mirror in a git clone, with real git: what git does half-way reaches nobody.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { openFolderGit } from '../../../src/git/folder-state.ts';
import { DiskFiles } from '../../../src/mirror/disk-files.ts';
import { type FolderGit, NO_GIT } from '../../../src/mirror/folder-git.ts';
import { FolderLog } from '../../../src/mirror/folder-log.ts';
import { FolderMirror } from '../../../src/mirror/folder-mirror.ts';
import type { MirrorEvent } from '../../../src/mirror/mirror-event.ts';
import { systemClock } from '../../../src/world/clock.ts';
import { silentLog } from '../../../src/world/log.ts';
import { GitLab } from '../../harness/git-lab.ts';
import { temporaryFolder } from '../world/temporary-folder.ts';
import { ModelWorld } from './model-world.ts';

const FILES = { 'a.txt': 'one\n', 'b.txt': 'two\n', 'c.txt': 'three\n' };

test('a checkout of three files that stops in the middle is told when it is done, and not before', async (t) => {
  const { lab, world, mirror } = await openClone(t);
  const witness = await openMirror(t, lab, NO_GIT);
  lab.git('checkout', '-q', '-b', 'other');
  await lab.write({ 'a.txt': 'ONE\n', 'b.txt': 'TWO\n', 'c.txt': 'THREE\n' });
  lab.commitAll();
  lab.git('checkout', '-q', 'main');
  mirror.look(Object.keys(FILES));
  await mirror.settled();
  assert.deepEqual(textsOf(world), FILES);

  // The second file waits, as a large one would, for as long as `go` is not there.
  const place = path.dirname(lab.folder);
  const slow = `touch '${place}/waits'; while [ ! -e '${place}/go' ]; do sleep 0.01; done; cat`;
  lab.git('config', 'filter.slow.smudge', slow);
  fs.writeFileSync(path.join(lab.folder, '.git/info/attributes'), 'b.txt filter=slow\n');
  const seen: string[] = [];
  const checkout = spawn('git', ['checkout', '-q', 'other'], { cwd: lab.folder, stdio: 'ignore' });
  const end = once(checkout, 'close');
  world.onChange = (paths) => seen.push(`${paths.join()} ${checkout.exitCode}`);
  while (!fs.existsSync(path.join(place, 'waits'))) await immediately();
  assert.equal(fs.readFileSync(path.join(lab.folder, 'a.txt'), 'utf8'), 'ONE\n');
  mirror.look(Object.keys(FILES));
  // A mirror that does not know of git takes the first file in.
  witness.mirror.look(['a.txt']);
  await untilTaken(witness.world, witness.mirror, { ...FILES, 'a.txt': 'ONE\n' });
  fs.writeFileSync(path.join(place, 'go'), '');
  await end;
  await mirror.settled();
  await untilTaken(world, mirror, { 'a.txt': 'ONE\n', 'b.txt': 'TWO\n', 'c.txt': 'THREE\n' });
  assert.deepEqual(seen.sort(), ['a.txt 0', 'b.txt 0', 'c.txt 0']);
});

test('what others do while git works is put on disk when it rests', async (t) => {
  const { lab, world, mirror } = await openClone(t);
  const lock = path.join(lab.folder, '.git', 'index.lock');
  fs.writeFileSync(lock, '');
  const head = world.fileAt('a.txt')!;
  world.editNow(head.fileId, 1, [
    { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0, text: 'zero\n' },
  ]);
  mirror.look(['a.txt']);
  const settled = mirror.settled();
  await immediately();
  assert.equal(fs.readFileSync(path.join(lab.folder, 'a.txt'), 'utf8'), 'one\n');
  fs.rmSync(lock);
  await settled;
  assert.equal(fs.readFileSync(path.join(lab.folder, 'a.txt'), 'utf8'), 'zero\none\n');
});

test('a mirror that ends while git works ends', async (t) => {
  const { lab, mirror } = await openClone(t);
  fs.writeFileSync(path.join(lab.folder, '.git', 'index.lock'), '');
  mirror.look(['a.txt']);
  mirror.stop();
  await mirror.settled();
});

test('what a sparse checkout takes away is deleted for nobody, and is not put back', async (t) => {
  const { lab, world, mirror, log } = await openClone(t);
  await lab.write({ 'docs/d.txt': 'text\n', 'src/s.txt': 'text\n' });
  lab.commitAll();
  mirror.look(['docs/d.txt', 'src/s.txt']);
  await mirror.settled();
  lab.git('sparse-checkout', 'set', '--cone', 'src');
  assert.equal(fs.existsSync(path.join(lab.folder, 'docs/d.txt')), false);
  await looks(mirror, 'docs/d.txt');
  assert.ok(world.fileAt('docs/d.txt'));
  // A mirror that has put nothing there yet does not begin to.
  await log.append({ tag: 'removed', path: 'docs/d.txt' });
  await looks(mirror, 'docs/d.txt');
  assert.equal(fs.existsSync(path.join(lab.folder, 'docs/d.txt')), false);
  lab.git('sparse-checkout', 'disable');
  await looks(mirror, 'docs/d.txt');
  assert.equal(textsOf(world)['docs/d.txt'], 'text\n');
  assert.deepEqual([world.idleOps, world.tickets], [0, []]);
});

test('what git could not merge is taken in when it is resolved, and not before', async (t) => {
  const { lab, world, mirror, events } = await openClone(t);
  await diverge(lab, { 'a.txt': 'ours\n' }, { 'a.txt': 'theirs\n', 'b.txt': 'merged\n' });
  await looks(mirror, 'a.txt');
  await untilTaken(world, mirror, { ...FILES, 'a.txt': 'ours\n' });
  assert.throws(() => lab.git('merge', 'other'));
  assert.match(textIn(lab, 'a.txt'), /^<<<<<<< HEAD/);
  await looks(mirror, 'a.txt', 'b.txt');
  await untilTaken(world, mirror, { ...FILES, 'a.txt': 'ours\n', 'b.txt': 'merged\n' });
  // What is not resolved is no edit either, and is told once.
  await lab.write({ 'a.txt': '<<<<<<<\nours and theirs\n' });
  await looks(mirror, 'a.txt');
  await looks(mirror, 'a.txt');
  assert.equal(textsOf(world)['a.txt'], 'ours\n');
  assert.deepEqual(events, [{ tag: 'unmerged', path: 'a.txt', more: [], count: 1 }]);

  await lab.write({ 'a.txt': 'ours and theirs\n' });
  lab.git('add', 'a.txt');
  await untilTaken(world, mirror, { ...FILES, 'a.txt': 'ours and theirs\n', 'b.txt': 'merged\n' });
  assert.deepEqual([world.idleOps, world.tickets], [0, []]);
});

test('a merge that is given up has changed nothing for anybody', async (t) => {
  const { lab, world, mirror, events } = await openClone(t);
  await diverge(lab, { 'a.txt': 'ours\n' }, { 'a.txt': 'theirs\n' });
  await looks(mirror, 'a.txt');
  await untilTaken(world, mirror, { ...FILES, 'a.txt': 'ours\n' });
  const { ops } = world;
  assert.throws(() => lab.git('merge', 'other'));
  await looks(mirror, 'a.txt');
  // What others do to it meanwhile comes to the disk afterwards.
  world.insertNow(world.fileAt('a.txt')!.fileId, 'zero\n');
  await looks(mirror, 'a.txt');
  lab.git('merge', '--abort');
  while (textIn(lab, 'a.txt') !== 'zero\nours\n') await immediately();
  await mirror.settled();
  assert.deepEqual([world.ops, world.tickets, events.length], [ops + 1, [], 1]);
});

test('a file that one side deleted and the other changed waits, there or not', async (t) => {
  const { lab, world, mirror } = await openClone(t);
  await diverge(
    lab,
    { 'a.txt': 'ours\n', 'b.txt': undefined },
    { 'a.txt': undefined, 'b.txt': 'theirs\n' },
  );
  const ours = { 'a.txt': 'ours\n', 'c.txt': 'three\n' };
  await looks(mirror, 'a.txt', 'b.txt');
  await untilTaken(world, mirror, ours);
  assert.throws(() => lab.git('merge', 'other'));
  await looks(mirror, 'a.txt', 'b.txt');
  assert.deepEqual(textsOf(world), ours);
  await lab.remove('a.txt');
  await looks(mirror, 'a.txt');
  assert.deepEqual(textsOf(world), ours);
  lab.git('rm', '-q', 'a.txt');
  lab.git('add', 'b.txt');
  await untilTaken(world, mirror, { 'c.txt': 'three\n', 'b.txt': 'theirs\n' });
});

test('what git could not merge is taken in where an editor has it, since it is resolved there', async (t) => {
  const { lab, world, mirror, log } = await openClone(t);
  await diverge(lab, { 'a.txt': 'ours\n' }, { 'a.txt': 'theirs\n' });
  await looks(mirror, 'a.txt');
  await untilTaken(world, mirror, { ...FILES, 'a.txt': 'ours\n' });
  assert.throws(() => lab.git('merge', 'other'));
  await looks(mirror, 'a.txt');
  assert.equal(textsOf(world)['a.txt'], 'ours\n');
  const windowId = 'window';
  log.onEntry((entry) => {
    if (entry.tag !== 'query') return;
    const { queryId, path } = entry;
    void log.append({ tag: 'denial', queryId, path, windowId });
  });
  await log.append({ tag: 'hold', path: 'a.txt', windowId, pid: process.pid });
  await untilTaken(world, mirror, { ...FILES, 'a.txt': textIn(lab, 'a.txt') });
});

/** Two branches that change the same files; undefined: deleted there. The first one is checked out. */
async function diverge(
  lab: GitLab,
  ours: Readonly<Record<string, string | undefined>>,
  theirs: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  lab.git('branch', '-q', 'other');
  for (const [branch, files] of [
    ['other', theirs],
    ['main', ours],
  ] as const) {
    lab.git('checkout', '-q', branch);
    for (const [name, text] of Object.entries(files)) {
      if (text === undefined) await lab.remove(name);
      else await lab.write({ [name]: text });
    }
    lab.commitAll();
  }
}

function textIn(lab: GitLab, file: string): string {
  return fs.readFileSync(path.join(lab.folder, file), 'utf8');
}

async function looks(mirror: FolderMirror, ...paths: readonly string[]): Promise<void> {
  mirror.look(paths);
  await mirror.settled();
}

function textsOf(world: ModelWorld): Record<string, string> {
  const living = [...world.files()].filter(({ deleted }) => !deleted);
  return Object.fromEntries(
    living.map(({ path: file, fileId }) => [file, world.textOf(fileId).toString()]),
  );
}

async function untilTaken(
  world: ModelWorld,
  mirror: FolderMirror,
  texts: Readonly<Record<string, string>>,
): Promise<void> {
  while (!isDeepStrictEqual(textsOf(world), texts)) {
    await immediately();
    await mirror.settled();
  }
}

function immediately(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A clone with three files, which are in the world too. */
async function openClone(t: TestContext) {
  const place = await temporaryFolder(t);
  const lab = await GitLab.init(path.join(place, 'clone'));
  await lab.write(FILES);
  lab.commitAll();
  return { lab, ...(await openMirror(t, lab, openFolderGit(lab.folder, silentLog))) };
}

async function openMirror(t: TestContext, lab: GitLab, git: FolderGit) {
  const world = new ModelWorld();
  for (const [file, text] of Object.entries(FILES)) world.createNow(file, text);
  const log = await FolderLog.open(await temporaryFolder(t));
  const events: MirrorEvent[] = [];
  const mirror = new FolderMirror({
    files: new DiskFiles(lab.folder),
    world,
    log,
    git,
    isLocal: () => false,
    wasTyped: () => Promise.resolve(false),
    keepCopy: () => Promise.resolve('copy'),
    after: (delayMs, fire) => systemClock.after(delayMs, fire),
    isGathering: () => false,
    searchStrangers: () => undefined,
    onOutside: (file) => assert.fail(file),
    report: (event) =>
      event.tag === 'unmerged' ? events.push(event) : assert.fail(JSON.stringify(event)),
    output: silentLog,
  });
  t.after(() => {
    mirror.stop();
    git.dispose();
  });
  mirror.look(Object.keys(FILES));
  await mirror.settled();
  return { world, log, mirror, events };
}
