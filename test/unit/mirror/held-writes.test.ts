// What somebody who is paused does in the folder: it stays as it is, and is judged when they go on.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { MirrorWorld, Refused, Verdict } from '../../../src/mirror/mirror-world.ts';
import { MirrorLab } from './mirror-lab.ts';
import { ModelWorld } from './model-world.ts';

const PAUSED: Refused = { tag: 'refused', code: 'paused', message: 'Ada has paused bot' };

/** Refuses everything of the folder's own while it is paused. */
class PausedWorld extends ModelWorld {
  isPaused = false;
  /** Whether the mirror has heard of that. */
  isKnown = true;
  asked = 0;

  override pausedAt(): Promise<Refused | undefined> {
    return Promise.resolve(this.isPaused && this.isKnown ? PAUSED : undefined);
  }

  override edit(...args: Parameters<MirrorWorld['edit']>): Promise<Verdict> {
    return this.#judge(() => super.edit(...args));
  }

  override async createAll(...args: Parameters<MirrorWorld['createAll']>) {
    this.asked += 1;
    return this.isPaused ? args[0].map(() => PAUSED) : super.createAll(...args);
  }

  override remove(...args: Parameters<MirrorWorld['remove']>): Promise<Verdict> {
    return this.#judge(() => super.remove(...args));
  }

  override rename(...args: Parameters<MirrorWorld['rename']>): Promise<Verdict> {
    return this.#judge(() => super.rename(...args));
  }

  override setMode(...args: Parameters<MirrorWorld['setMode']>): Promise<Verdict> {
    return this.#judge(() => super.setMode(...args));
  }

  #judge(judge: () => Promise<Verdict>): Promise<Verdict> {
    this.asked += 1;
    return this.isPaused ? Promise.resolve(PAUSED) : judge();
  }
}

for (const isKnown of [true, false]) {
  const heard = isKnown ? 'known' : 'not heard of yet';
  test(`a pause that is ${heard}: writes, new and deleted files and new names stay on disk, and come in afterwards`, async (context) => {
    const world = new PausedWorld();
    const lab = await MirrorLab.open(context, world);
    for (const name of ['edited.md', 'gone.md', 'old.md']) world.createNow(name, `${name}\n`);
    await lab.lookAtAll();
    world.isPaused = true;
    world.isKnown = isKnown;
    lab.write('edited.md', 'edited.md\nby bot\n');
    lab.write('made.md', 'made by bot\n');
    fs.rmSync(path.join(lab.folder, 'gone.md'));
    fs.renameSync(path.join(lab.folder, 'old.md'), path.join(lab.folder, 'new.md'));
    await lab.lookAtAll();
    // Others go on, and what is there is not replaced.
    world.insertNow(1, 'by Ada\n');
    world.isKnown = true;
    await lab.lookAtAll();
    assert.equal(lab.text('edited.md'), 'edited.md\nby bot\n');
    assert.equal(lab.text('made.md'), 'made by bot\n');
    assert.deepEqual(fs.readdirSync(lab.folder).sort(), ['edited.md', 'made.md', 'new.md']);
    assert.equal(world.textOf(1).toString(), 'by Ada\nedited.md\n');
    assert.deepEqual(lab.copies, [], 'it is where it was written');
    const told = lab.events.flatMap((event) => ('path' in event ? [event.path] : []));
    assert.deepEqual([...new Set(told)], told, 'each is told once');
    assert.ok(told.includes('edited.md') && told.includes('made.md'));
    if (isKnown) assert.equal(world.asked, 0, 'the world is not asked in vain');

    world.isPaused = false;
    await lab.resumed();
    await lab.lookAtAll();
    assert.equal(world.textOf(1).toString(), 'by Ada\nedited.md\nby bot\n');
    assert.equal(lab.text('edited.md'), 'by Ada\nedited.md\nby bot\n');
    assert.equal(world.fileAt('made.md') && world.textOf(4).toString(), 'made by bot\n');
    assert.equal(world.fileAt('gone.md'), undefined);
    assert.equal(world.fileAt('new.md')?.fileId, 3, 'it is the same file');
    assert.deepEqual(world.tickets, []);
  });
}

test('what was written on others’ new text waits as a ticket when its author goes on, also after a restart', async (context) => {
  const world = new PausedWorld();
  const lab = await MirrorLab.open(context, world);
  world.createNow('a.md', 'one\n');
  await lab.lookAtAll();
  world.isPaused = true;
  lab.write('a.md', 'one, by bot\n');
  await lab.lookAtAll();
  world.editTo(1, 1, 'one, by Ada\n');
  await lab.restart();
  await lab.lookAtAll();
  assert.equal(lab.text('a.md'), 'one, by bot\n');
  world.isPaused = false;
  await lab.resumed();
  assert.equal(world.tickets.length, 1);
  assert.match(world.tickets[0]!, /one, by bot/);
  assert.equal(lab.text('a.md'), 'one, by Ada\n');
});

test('the bit by which a file may be executed, and other bytes of the same file, are kept too', async (context) => {
  const world = new PausedWorld();
  const lab = await MirrorLab.open(context, world);
  world.createNow('run.sh', 'echo\n');
  await lab.lookAtAll();
  world.isPaused = true;
  fs.chmodSync(path.join(lab.folder, 'run.sh'), 0o755);
  await lab.lookAtAll();
  assert.equal(fs.statSync(path.join(lab.folder, 'run.sh')).mode & 0o111, 0o111);
  assert.equal(world.file(1)!.mode, 'regular');
  world.isPaused = false;
  await lab.resumed();
  assert.equal(world.file(1)!.mode, 'executable');
});

test('what one member wrote is not told again when another one goes on', async (context) => {
  const world = new TwoPaused();
  const lab = await MirrorLab.open(context, world);
  lab.write('a/one.md', 'by A\n');
  lab.write('b/two.md', 'by B\n');
  await lab.lookAtAll();
  const told = (): readonly string[] =>
    lab.events.flatMap((event) => ('path' in event ? [event.path] : []));
  assert.deepEqual([...told()].sort(), ['a/one.md', 'b/two.md']);
  world.paused.delete('a');
  await lab.resumed();
  // Somebody else goes on right after, who had written nothing.
  await lab.resumed();
  await lab.lookAtAll();
  assert.ok(world.fileAt('a/one.md'), 'the one who goes on is taken in');
  assert.equal(world.fileAt('b/two.md'), undefined);
  assert.deepEqual([...told()].sort(), ['a/one.md', 'b/two.md']);
  world.paused.delete('b');
  await lab.resumed();
  assert.ok(world.fileAt('b/two.md'));
});

/** Who wrote a file is told by its folder. */
class TwoPaused extends ModelWorld {
  readonly paused = new Set(['a', 'b']);

  override pausedAt(file: string): Promise<Refused | undefined> {
    return Promise.resolve(this.paused.has(file.split('/')[0]!) ? PAUSED : undefined);
  }
}
