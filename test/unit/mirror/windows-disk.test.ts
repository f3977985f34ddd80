import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { InPlaceWrites, isTorn } from '../../../src/mirror/in-place-writes.ts';
import { hashOf } from '../../../src/mirror/bytes-hash.ts';
import { isOwnName } from '../../../src/world/own-names.ts';
import { LinkInTheWay, PinnedFolder } from '../../../src/mirror/pinned-folder.ts';
import {
  type OtherDisk,
  SHARES_ALL,
  SHARES_CONTENT,
  SHARES_NOTHING,
  SHARES_READING,
  WINDOWS,
} from '../../harness/other-disk.ts';
import { ModelLab } from './model-lab.ts';

/**
 * What a mirror does on a disk with the rules of Windows, which a thin layer over the disk of this machine plays: it
 * was not run on Windows. A file `a` is in the folder; what others do with it arrives here, or is told to wait.
 */
const FORMER = 'one\ntwo\n';
const WHOLE = { startLine: 0, startCharacter: 0, endLine: 2, endCharacter: 0 };
const IN_USE = { tag: 'stuck', path: 'a', fault: 'disk_in_use', more: [], count: 1 } as const;

for (const [who, share] of [
  ['shares all of it, as programs of Node do', SHARES_ALL],
  ['lets others write, as most programs do', SHARES_CONTENT],
] as const) {
  test(`others’ edit is written into a file that a program has open, if that ${who}`, async (t) => {
    const lab = await openLab(t);
    const seen = fs.openSync(lab.at('a'), 'r');
    t.after(() => fs.closeSync(seen));
    const release = lab.disk.hold(lab.at('a'), share);
    lab.world.insertNow(1, 'others\n');
    await lab.settle();
    assert.equal(lab.text('a'), `others\n${FORMER}`);
    assert.equal(fs.readFileSync(seen, 'utf8'), `others\n${FORMER}`, 'it is the same file yet');
    assert.deepEqual(lab.events, []);
    release();
    await expectPeace(lab);
  });
}

for (const [what, share] of [
  ['lets others read only', SHARES_READING],
  ['shares nothing', SHARES_NOTHING],
] as const) {
  test(`a file that a program has open and ${what} waits, is told once, and comes when it is free`, async (t) => {
    const lab = await openLab(t);
    lab.world.createNow('b', 'b\n');
    await lab.settle();
    const release = lab.disk.hold(lab.at('a'), share);
    lab.world.insertNow(1, 'others\n');
    lab.world.insertNow(2, 'others\n');
    await lab.settle();
    await lab.retry();
    await lab.retry();
    assert.equal(lab.text('a'), FORMER);
    assert.equal(lab.text('b'), 'others\nb\n', 'nothing else waits for it');
    assert.deepEqual(lab.events, [IN_USE]);
    release();
    await lab.retry();
    assert.equal(lab.text('a'), `others\n${FORMER}`);
    assert.deepEqual(lab.events, [IN_USE]);
    await expectPeace(lab);
  });
}

test('a program that looks at a file for a moment is not told of', async (t) => {
  const lab = await openLab(t);
  const release = lab.disk.hold(lab.at('a'), SHARES_READING);
  let pauses = 0;
  lab.disk.onPause = () => {
    pauses += 1;
    if (pauses === 2) release();
  };
  lab.world.insertNow(1, 'others\n');
  await lab.settle();
  assert.equal(lab.text('a'), `others\n${FORMER}`);
  assert.deepEqual(lab.events, []);
  await expectPeace(lab);
});

test('a file that is open for long holds up others only the first time', async (t) => {
  const lab = await openLab(t);
  lab.disk.hold(lab.at('a'), SHARES_READING);
  let pauses = 0;
  lab.disk.onPause = () => (pauses += 1);
  lab.world.insertNow(1, 'others\n');
  await lab.settle();
  const first = pauses;
  await lab.retry();
  await lab.retry();
  assert.ok(first > 0);
  assert.equal(pauses, first);
});

test('a file that others deleted goes when no program has it open any more', async (t) => {
  const lab = await openLab(t);
  const release = lab.disk.hold(lab.at('a'), SHARES_CONTENT);
  lab.world.removeNow(1, 1);
  await lab.settle();
  assert.equal(lab.text('a'), FORMER);
  assert.deepEqual(lab.events, [IN_USE]);
  release();
  await lab.retry();
  assert.deepEqual(lab.onDisk(), {});
  await expectPeace(lab);
});

test('a name that is deleted and still taken is nobody’s new file, and free for one afterwards', async (t) => {
  const lab = await openLab(t);
  const release = lab.disk.hold(lab.at('a'), SHARES_ALL);
  lab.world.removeNow(1, 1);
  await lab.settle();
  assert.deepEqual(Object.keys(lab.onDisk()), ['a'], 'the name is taken until then');
  lab.world.createNow('a', 'anew\n');
  await lab.settle();
  await lab.lookAtAll();
  assert.deepEqual(lab.inWorld(), { a: 'anew\n' });
  assert.deepEqual(lab.events, [IN_USE]);
  release();
  await lab.retry();
  assert.deepEqual(lab.onDisk(), { a: 'anew\n' });
  await expectPeace(lab);
});

test('a folder whose last file is deleted and still open goes with it or stays empty, and nothing else', async (t) => {
  const lab = await openLab(t);
  lab.world.createNow('lib/x', 'x\n');
  await lab.settle();
  const release = lab.disk.hold(lab.at('lib/x'), SHARES_ALL);
  lab.world.removeNow(2, 1);
  await lab.settle();
  release();
  await lab.retry();
  assert.deepEqual(lab.onDisk(), { a: FORMER });
  await expectPeace(lab);
});

test('a file that may only be read is replaced, and may only be read afterwards', async (t) => {
  const lab = await openLab(t);
  fs.chmodSync(lab.at('a'), 0o444);
  lab.world.insertNow(1, 'others\n');
  await lab.settle();
  assert.equal(lab.text('a'), `others\n${FORMER}`);
  assert.equal(lab.mode('a'), '444');
  await expectPeace(lab);
});

test('a file that may only be read and is open stays as it is', async (t) => {
  const lab = await openLab(t);
  fs.chmodSync(lab.at('a'), 0o444);
  lab.disk.hold(lab.at('a'), SHARES_READING);
  lab.world.insertNow(1, 'others\n');
  await lab.settle();
  assert.equal(lab.text('a'), FORMER);
  assert.equal(lab.mode('a'), '444');
  assert.deepEqual(lab.events, [IN_USE]);
});

test('what others do arrives on a disk where each file has one name', async (t) => {
  const lab = await openLab(t);
  lab.disk.hasSecondNames = false;
  lab.world.insertNow(1, 'others\n');
  lab.world.createNow('b', 'b\n');
  await lab.settle();
  assert.deepEqual(lab.onDisk(), { a: `others\n${FORMER}`, b: 'b\n' });
  lab.world.removeNow(1, 2);
  await lab.settle();
  assert.deepEqual(lab.onDisk(), { b: 'b\n' });
  await expectPeace(lab);
});

test('what somebody does on disk arrives as well', async (t) => {
  const lab = await openLab(t);
  lab.write('a', `${FORMER}three\n`);
  lab.write('b', 'b\n');
  await lab.look('a', 'b');
  fs.renameSync(lab.at('b'), lab.at('c'));
  await lab.look('b', 'c');
  assert.deepEqual(lab.inWorld(), { a: `${FORMER}three\n`, c: 'b\n' });
  fs.rmSync(lab.at('a'));
  await lab.look('a');
  assert.deepEqual(lab.inWorld(), { c: 'b\n' });
  await expectPeace(lab);
});

for (const name of [
  'CON',
  'com\u00b9.txt',
  'lib/aux.md',
  'a.',
  'a ',
  'a:b',
  'a\\b',
  'what?',
  'tab\t',
]) {
  test(`a file that Windows has no name for is told, and nothing is written elsewhere (${JSON.stringify(name)})`, async (t) => {
    const lab = await openLab(t);
    lab.world.createNow(name, 'other\n');
    await lab.settle();
    await lab.retry();
    await lab.lookAtAll();
    assert.deepEqual(lab.onDisk(), { a: FORMER });
    assert.deepEqual(lab.inWorld(), { a: FORMER, [name]: 'other\n' }, 'nobody else loses it');
    assert.deepEqual(lab.events, [
      { tag: 'stuck', path: name, fault: 'disk_name', more: [], count: 1 },
    ]);
  });
}

for (const [what, cutAt] of [
  ['before its first byte', 0],
  ['after some bytes', 3],
  ['before what is longer is cut off', 100],
] as const) {
  for (const next of ['a longer text than before\n', 'short\n']) {
    test(`a mirror that is killed as it writes in place, ${what}, is finished by the next one (${next.trim()})`, async (t) => {
      const lab = await openLab(t);
      const release = lab.disk.hold(lab.at('a'), SHARES_CONTENT);
      // A disk that fails at that byte, and a process that does not come to do anything about it.
      lab.disk.writesFailAt = cutAt;
      lab.world.editNow(1, 1, [{ ...WHOLE, text: next }]);
      await lab.settle();
      const half = `${next.slice(0, cutAt)}${FORMER.slice(Math.min(cutAt, next.length))}`;
      assert.equal(lab.text('a'), half);
      lab.disk.writesFailAt = undefined;
      release();
      const { ops } = lab.world;
      await lab.restart();
      assert.equal(lab.text('a'), next);
      assert.deepEqual(lab.inWorld(), { a: next });
      assert.equal(lab.world.ops, ops, 'nobody is told that half of it was meant');
      await expectPeace(lab);
    });
  }
}

test('what somebody wrote on top of half a text after a kill is taken in, and not written over', async (t) => {
  const lab = await openLab(t);
  const release = lab.disk.hold(lab.at('a'), SHARES_CONTENT);
  lab.disk.writesFailAt = 3;
  lab.world.insertNow(1, 'others\n');
  await lab.settle();
  lab.disk.writesFailAt = undefined;
  release();
  lab.write('a', `a tool’s\n${FORMER}`);
  await lab.restart();
  assert.match(lab.inWorld()['a']!, /a tool’s/);
  assert.match(lab.inWorld()['a']!, /others/);
  await expectPeace(lab);
});

for (const [what, next, seize] of [
  ['locks a range of', 'a longer text than before\n', (disk: OtherDisk) => (disk.lockedFrom = 3)],
  ['maps', 'short\n', (disk: OtherDisk) => (disk.areMapped = true)],
] as const) {
  test(`others’ edit of a file that a program ${what} is taken back, and waits`, async (t) => {
    const lab = await openLab(t);
    const release = lab.disk.hold(lab.at('a'), SHARES_CONTENT);
    seize(lab.disk);
    lab.world.editNow(1, 1, [{ ...WHOLE, text: next }]);
    await lab.settle();
    assert.equal(lab.text('a'), FORMER);
    assert.deepEqual(lab.events, [IN_USE]);
    assert.deepEqual(notes(lab), []);
    [lab.disk.lockedFrom, lab.disk.areMapped] = [undefined, false];
    release();
    await lab.retry();
    assert.equal(lab.text('a'), next);
    await expectPeace(lab);
  });
}

test('a window that has read the folder before finishes what the one that kept it left half written', async (t) => {
  const lab = await openLab(t);
  // The second window looks at the folder while it has nothing to finish.
  const second = lab.secondWindow();
  await second.read('a');
  const release = lab.disk.hold(lab.at('a'), SHARES_CONTENT);
  lab.disk.writesFailAt = 3;
  lab.world.editNow(1, 1, [{ ...WHOLE, text: 'another text\n' }]);
  await lab.settle();
  lab.disk.writesFailAt = undefined;
  release();
  const half = lab.text('a');
  await second.read('a');
  assert.equal(lab.text('a'), half, 'it is not for a window that does not keep the folder');
  const kept: string[] = [];
  second.keep((_path, bytes) => Promise.resolve(void kept.push(Buffer.from(bytes).toString())));
  assert.equal(Buffer.from((await second.read('a'))!.bytes).toString(), 'another text\n');
  assert.deepEqual(kept, [half], 'what was there is kept');
});

test('a note of a write that its writer has finished meanwhile is not gone by', async (t) => {
  const lab = await openLab(t);
  const release = lab.disk.hold(lab.at('a'), SHARES_CONTENT);
  lab.disk.writesFailAt = 3;
  lab.world.editNow(1, 1, [{ ...WHOLE, text: 'another text\n' }]);
  await lab.settle();
  lab.disk.writesFailAt = undefined;
  release();
  const second = lab.secondWindow();
  second.keep(() => Promise.resolve());
  await second.read('b');
  const half = lab.text('a');
  for (const note of notes(lab)) fs.rmSync(note);
  await second.read('a');
  assert.equal(lab.text('a'), half);
});

test('what looks like half a text and was meant is kept as a copy, and told', async (t) => {
  const former = 'port=8080\nmode=dev\n';
  const lab = await openLab(t);
  lab.world.editNow(1, 1, [{ ...WHOLE, text: former }]);
  await lab.settle();
  const release = lab.disk.hold(lab.at('a'), SHARES_CONTENT);
  lab.disk.writesFailAt = 0;
  lab.world.editNow(1, 2, [{ ...WHOLE, text: 'port=9090\nmode=run\n' }]);
  await lab.settle();
  lab.disk.writesFailAt = undefined;
  release();
  lab.write('a', 'port=9090\nmode=dev\n');
  lab.events.length = 0;
  await lab.restart();
  assert.deepEqual(lab.copies, ['port=9090\nmode=dev\n']);
  assert.deepEqual(
    lab.events.map((event) => event.tag === 'refused' && [event.path, event.code, event.copy]),
    [['a', 'half_written', 'copy']],
  );
});

test('notes that cannot be read for a moment, or are none, keep nobody from reading for ever', async (t) => {
  const lab = await openLab(t);
  const folder = path.join(lab.scratch, 'state', 'in-place');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'x.in-place.json'), 'null');
  fs.symlinkSync('gone', path.join(folder, 'gone.in-place.json'));
  const release = lab.disk.hold(path.join(folder, 'x.in-place.json'), SHARES_NOTHING);
  const second = lab.secondWindow();
  second.keep(() => Promise.resolve());
  await assert.rejects(second.read('a'));
  release();
  assert.equal(Buffer.from((await second.read('a'))!.bytes).toString(), FORMER);
});

test('a note that a scanner has open does not make a failure of a write that is done', async (t) => {
  const lab = await openLab(t);
  const release = lab.disk.hold(lab.at('a'), SHARES_CONTENT);
  lab.disk.isScanned = (file) => file.endsWith('.in-place.json');
  lab.world.insertNow(1, 'others\n');
  await lab.settle();
  assert.equal(lab.text('a'), `others\n${FORMER}`);
  assert.deepEqual(lab.events, []);
  lab.disk.isScanned = () => false;
  release();
  await expectPeace(lab);
});

test('nothing is written in place through a link that came there meanwhile', async (t) => {
  const lab = await openLab(t);
  const outside = path.join(lab.scratch, 'outside');
  fs.writeFileSync(outside, FORMER);
  fs.rmSync(lab.at('a'));
  fs.symlinkSync(outside, lab.at('a'));
  const writes = new InPlaceWrites(lab.disk, path.join(lab.scratch, 'notes'));
  const folder = await PinnedFolder.open({ disk: lab.disk, root: lab.folder, parts: [] });
  const bytes = { former: Buffer.from(FORMER), next: Buffer.from('others\n') };
  await assert.rejects(writes.write({ folder, name: 'a', path: 'a' }, bytes), LinkInTheWay);
  assert.equal(fs.readFileSync(outside, 'utf8'), FORMER);
});

for (const [how, share] of [
  ['while it is open', SHARES_CONTENT],
  ['while it is open and may be removed', SHARES_ALL],
] as const) {
  test(`a file that has another name outside of the folder is not written in place ${how}`, async (t) => {
    const lab = await openLab(t);
    const outside = path.join(lab.scratch, 'outside');
    fs.linkSync(lab.at('a'), outside);
    const release = lab.disk.hold(lab.at('a'), share);
    lab.world.insertNow(1, 'others\n');
    await lab.settle();
    assert.equal(fs.readFileSync(outside, 'utf8'), FORMER);
    assert.deepEqual(lab.events, [IN_USE]);
    release();
    await lab.retry();
    assert.equal(lab.text('a'), `others\n${FORMER}`);
    assert.equal(fs.readFileSync(outside, 'utf8'), FORMER);
  });
}

test('where each file has one name, what a program writes while its file is waited for is not written over', async (t) => {
  const lab = await openLab(t);
  lab.disk.hasSecondNames = false;
  const release = lab.disk.hold(lab.at('a'), SHARES_ALL);
  lab.disk.onPause = () => {
    fs.writeFileSync(lab.at('a'), `${FORMER}a program’s\n`);
    release();
  };
  lab.world.insertNow(1, 'others\n');
  await lab.settle();
  await lab.lookAtAll();
  assert.equal(lab.text('a'), `others\n${FORMER}a program’s\n`);
  await expectPeace(lab);
});

test('where each file has one name, what a program writes as its file is to be removed stays', async (t) => {
  const lab = await openLab(t);
  lab.disk.hasSecondNames = false;
  let isWritten = false;
  lab.disk.isScanned = (file) => file === lab.at('a') && !isWritten;
  lab.disk.onPause = () => {
    if (!isWritten) fs.writeFileSync(lab.at('a'), `${FORMER}a program’s\n`);
    isWritten = true;
  };
  const removed = await lab.files.remove('a', hashOf(Buffer.from(FORMER)));
  assert.deepEqual(removed, { tag: 'changed' });
  assert.equal(lab.text('a'), `${FORMER}a program’s\n`);
});

test('a file that may not be changed is told as that, and not as open', async (t) => {
  const lab = await openLab(t);
  lab.disk.isDenied = (file) => file === path.join(lab.folder, 'a');
  lab.world.insertNow(1, 'others\n');
  await lab.settle();
  assert.deepEqual(lab.events, [{ ...IN_USE, fault: 'disk_no_permission' }]);
});

test('a program that lets nobody read what it writes for a moment is not told of', async (t) => {
  const lab = await openLab(t);
  const release = lab.disk.hold(lab.at('a'), SHARES_NOTHING);
  lab.disk.onPause = release;
  fs.writeFileSync(lab.at('a'), `${FORMER}a program’s\n`);
  await lab.look('a');
  assert.deepEqual(lab.inWorld(), { a: `${FORMER}a program’s\n` });
  assert.deepEqual(lab.events, []);
});

test('others’ edits wait once for a program that keeps a file open and shares its removal', async (t) => {
  const lab = await openLab(t);
  lab.disk.hold(lab.at('a'), SHARES_ALL);
  let pauses = 0;
  lab.disk.onPause = () => (pauses += 1);
  lab.world.insertNow(1, 'others\n');
  await lab.settle();
  const first = pauses;
  lab.world.insertNow(1, 'more\n');
  await lab.settle();
  assert.equal(lab.text('a'), `more\nothers\n${FORMER}`);
  assert.ok(first > 0);
  assert.equal(pauses, first);
});

test('the attributes of a file that may only be read stay untouched while a program has it open', async (t) => {
  const lab = await openLab(t);
  fs.chmodSync(lab.at('a'), 0o444);
  const release = lab.disk.hold(lab.at('a'), SHARES_ALL);
  const touched: string[] = [];
  lab.disk.onChmod = (file) => touched.push(path.basename(file));
  lab.world.insertNow(1, 'others\n');
  await lab.settle();
  await lab.retry();
  assert.deepEqual(touched, []);
  assert.deepEqual(lab.events, [IN_USE]);
  release();
  await lab.retry();
  assert.equal(lab.text('a'), `others\n${FORMER}`);
  assert.equal(lab.mode('a'), '444');
});

test('a name of ours that a scanner had open is gone when the mirror ends', async (t) => {
  const lab = await openLab(t);
  lab.disk.isScanned = (file) => isOwnName(file);
  lab.world.insertNow(1, 'others\n');
  await lab.settle();
  assert.equal(lab.ownNames().length, 1);
  lab.disk.isScanned = () => false;
  lab.mirror.stop();
  await lab.files.letGo();
  assert.deepEqual(lab.ownNames(), []);
});

test('half a text is told from anything that somebody may have meant', () => {
  const bytes = fc.uint8Array({ maxLength: 12, max: 3 });
  fc.assert(
    fc.property(bytes, bytes, fc.nat(12), (former, next, cutAt) => {
      const cut = Math.min(cutAt, next.length);
      const half = Buffer.concat([next.subarray(0, cut), former.subarray(cut)]);
      const isWhole = half.equals(former) || half.equals(next);
      assert.equal(isTorn(half, { former, next }), !isWhole);
    }),
  );
  const [former, next] = ['one\ntwo\n', 'others\none\ntwo\n'].map((text) => Buffer.from(text));
  assert.equal(isTorn(Buffer.from('one\ntwo\nthree\n'), { former: former!, next: next! }), false);
});

function notes(lab: ModelLab): readonly string[] {
  const folder = path.join(lab.scratch, 'state', 'in-place');
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  return names.map((name) => path.join(folder, name));
}

/** Nothing is left to do or tell, no file is kept open, and no name of ours is in the folder. */
async function expectPeace(lab: ModelLab): Promise<void> {
  const { ops } = lab.world;
  const told = lab.events.length;
  await lab.lookAtAll();
  assert.equal(lab.world.ops, ops);
  assert.equal(lab.events.length, told);
  assert.deepEqual(lab.onDisk(), lab.inWorld());
  assert.deepEqual([lab.disk.openFiles, ...lab.ownNames()], [0]);
}

async function openLab(context: TestContext): Promise<ModelLab> {
  const lab = await ModelLab.open(context, { rules: WINDOWS });
  lab.world.createNow('a', FORMER);
  await lab.settle();
  assert.equal(fs.readFileSync(path.join(lab.folder, 'a'), 'utf8'), FORMER);
  return lab;
}
