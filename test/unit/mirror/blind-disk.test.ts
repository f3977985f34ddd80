import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { APFS, type DiskRules, HFS, WINDOWS } from '../../harness/other-disk.ts';
import { ModelLab } from './model-lab.ts';

/**
 * Disks that take names for one which the world tells apart, played by a thin layer over the disk of this machine:
 * it was not run on macOS or Windows.
 */
const BLIND: readonly (readonly [string, DiskRules])[] = [
  ['on Windows', WINDOWS],
  ['on APFS', APFS],
  ['on HFS+', HFS],
];
const COMPOSED = 'caf\u00e9.md';
const DECOMPOSED = 'cafe\u0301.md';

for (const [where, rules] of BLIND) {
  test(`a new file in a new folder is put ${where}`, async (t) => {
    const lab = await ModelLab.open(t, { rules });
    lab.world.createNow('lib/deep/x', 'x\n');
    await lab.settle();
    assert.deepEqual(lab.onDisk(), { 'lib/deep/x': 'x\n' });
    await expectPeace(lab);
  });

  test(`a name that others write in other letters is written so here, and deletes nothing, ${where}`, async (t) => {
    const lab = await ModelLab.open(t, { rules });
    lab.world.createNow('read me', 'one\n');
    await lab.settle();
    lab.world.renameNow(1, 'read me', 'READ ME');
    await lab.settle();
    assert.deepEqual(lab.onDisk(), { 'READ ME': 'one\n' });
    await expectPeace(lab);
    lab.world.insertNow(1, 'others\n');
    await lab.settle();
    assert.deepEqual(lab.onDisk(), { 'READ ME': 'others\none\n' });
    await expectPeace(lab);
  });

  test(`a name and a text that others change together both arrive ${where}`, async (t) => {
    const lab = await ModelLab.open(t, { rules });
    lab.world.createNow('read me', 'one\n');
    await lab.settle();
    lab.world.insertNow(1, 'others\n');
    lab.world.renameNow(1, 'read me', 'READ ME');
    await lab.settle();
    assert.deepEqual(lab.onDisk(), { 'READ ME': 'others\none\n' });
    await expectPeace(lab);
  });

  test(`a name that somebody writes in other letters on disk is others’, too, ${where}`, async (t) => {
    const lab = await ModelLab.open(t, { rules });
    lab.world.createNow('read me', 'one\n');
    await lab.settle();
    fs.renameSync(path.join(lab.folder, 'read me'), path.join(lab.folder, 'READ ME'));
    await lab.look('read me', 'READ ME');
    assert.deepEqual(lab.inWorld(), { 'READ ME': 'one\n' });
    await expectPeace(lab);
  });

  test(`folders that the world tells apart are one ${where}, and nobody is told of other names`, async (t) => {
    const lab = await ModelLab.open(t, { rules });
    lab.world.createNow('Lib/x', 'x\n');
    await lab.settle();
    lab.world.createNow('lib/y', 'y\n');
    await lab.settle();
    assert.deepEqual(lab.onDisk(), { 'Lib/x': 'x\n', 'Lib/y': 'y\n' });
    const { ops } = lab.world;
    // As a watcher tells it.
    await lab.look('Lib/x', 'Lib/y');
    await lab.restart();
    assert.equal(lab.world.ops, ops);
    assert.deepEqual(lab.inWorld(), { 'Lib/x': 'x\n', 'lib/y': 'y\n' });
    lab.world.insertNow(2, 'others\n');
    fs.appendFileSync(lab.at('Lib/x'), 'a tool’s\n');
    await lab.look('Lib/x');
    assert.deepEqual(lab.onDisk(), { 'Lib/x': 'x\na tool’s\n', 'Lib/y': 'others\ny\n' });
    fs.appendFileSync(lab.at('Lib/y'), 'a tool’s\n');
    await lab.look('Lib/y');
    assert.deepEqual(lab.inWorld(), {
      'Lib/x': 'x\na tool’s\n',
      'lib/y': 'others\ny\na tool’s\n',
    });
    fs.rmSync(lab.at('Lib/y'));
    await lab.look('Lib/y');
    assert.deepEqual(Object.keys(lab.inWorld()), ['Lib/x']);
  });

  test(`a file that takes the name of one that moved, in other letters, comes ${where}`, async (t) => {
    const lab = await ModelLab.open(t, { rules });
    lab.world.createNow('a', 'one\n');
    await lab.settle();
    lab.world.renameNow(1, 'a', 'b');
    lab.world.createNow('A', 'two\n');
    await lab.settle();
    assert.deepEqual(lab.inWorld(), { A: 'two\n', b: 'one\n' });
    assert.deepEqual(lab.onDisk(), { A: 'two\n', b: 'one\n' });
    assert.deepEqual(lab.world.tickets, []);
    await expectPeace(lab);
  });

  test(`a new file that is told under two of its names comes once ${where}`, async (t) => {
    const lab = await ModelLab.open(t, { rules });
    lab.write('Lib/x', 'x\n');
    await lab.look('lib/x', 'Lib/x', 'lib/X');
    assert.deepEqual(lab.inWorld(), { 'Lib/x': 'x\n' });
    assert.deepEqual(lab.world.tickets, []);
    await expectPeace(lab);
  });

  test(`what is there when the world comes is the file that it has in other letters ${where}`, async (t) => {
    const lab = await ModelLab.open(t, { rules });
    lab.write('readme', 'one\n');
    lab.world.createNow('README', 'one\n');
    await lab.lookAtAll();
    assert.deepEqual(lab.inWorld(), { README: 'one\n' });
    assert.deepEqual(lab.world.tickets, []);
    lab.world.insertNow(1, 'others\n');
    await lab.settle();
    assert.deepEqual(Object.values(lab.onDisk()), ['others\none\n']);
    const { ops } = lab.world;
    await lab.lookAtAll();
    await lab.restart();
    assert.equal(lab.world.ops, ops);
  });
}

for (const [where, rules] of BLIND.slice(1)) {
  for (const [is, other] of [
    [COMPOSED, DECOMPOSED],
    [DECOMPOSED, COMPOSED],
  ] as const) {
    test(`how the letters of a name are put together is nobody’s rename ${where} (${is.length} letters)`, async (t) => {
      const lab = await ModelLab.open(t, { rules });
      lab.world.createNow(is, 'one\n');
      await lab.settle();
      const { ops } = lab.world;
      // A watcher, or a program, may name it in either way.
      await lab.look(is, other);
      await lab.lookAtAll();
      await lab.restart();
      assert.equal(lab.world.ops, ops);
      assert.deepEqual(lab.inWorld(), { [is]: 'one\n' });
      assert.deepEqual(lab.events, []);
      fs.appendFileSync(lab.at(is), 'a tool’s\n');
      await lab.look(other);
      assert.deepEqual(lab.inWorld(), { [is]: 'one\na tool’s\n' });
      fs.rmSync(lab.at(is));
      await lab.look(other);
      await lab.look(is);
      assert.deepEqual(lab.inWorld(), {});
    });
  }
}

async function expectPeace(lab: ModelLab): Promise<void> {
  const { ops } = lab.world;
  const told = lab.events.length;
  await lab.lookAtAll();
  assert.equal(lab.world.ops, ops);
  assert.equal(lab.events.length, told);
  assert.deepEqual(lab.onDisk(), lab.inWorld());
  assert.deepEqual(lab.ownNames(), []);
}
