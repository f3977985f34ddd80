import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { scanFolder } from '../../../src/world/folder-scan.ts';
import { ModelLab } from './model-lab.ts';

const onPosix = { skip: process.platform === 'win32' };
const UNFIT = [{ path: 'CON', why: 'reserved_name' }];

test(
  'a file that gets a name which no world can have stays for others, and is told',
  onPosix,
  async (t) => {
    const lab = await ModelLab.open(t);
    lab.world.createNow('a.md', 'one\n');
    await lab.settle();
    fs.renameSync(lab.at('a.md'), lab.at('CON'));
    await lab.mirror.foundUnfit(UNFIT);
    await lab.look('a.md');
    lab.world.insertNow(1, 'by another\n');
    await lab.settle();
    await lab.restart();
    await lab.mirror.foundUnfit(UNFIT);
    assert.deepEqual(lab.inWorld(), { 'a.md': 'by another\none\n' });
    assert.deepEqual(lab.onDisk(), { CON: 'one\n' });
    const told = { tag: 'strayed', path: 'a.md', name: 'CON', why: 'reserved_name' };
    assert.deepEqual(lab.events, [told], 'once');

    fs.renameSync(lab.at('CON'), lab.at('b.md'));
    lab.mirror.happened('CON');
    await lab.look('b.md');
    assert.deepEqual(lab.inWorld(), { 'b.md': 'by another\none\n' }, 'a good name is a rename');
    assert.deepEqual(lab.onDisk(), lab.inWorld());
    assert.equal([...lab.world.files()].length, 1);
  },
);

test(
  'a file whose new name is not UTF-8 stays for others, and is told',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const lab = await ModelLab.open(t);
    const [shown, bytePath] = ['caf\ufffd.md', 'caf\xe9.md'];
    const onDisk = Buffer.from(`${lab.folder}/${bytePath}`, 'latin1');
    lab.world.createNow('a.md', 'one\n');
    await lab.settle();
    fs.renameSync(lab.at('a.md'), onDisk);
    const { notUtf8 } = await scanFolder(lab.folder);
    assert.deepEqual(notUtf8, [{ path: shown, bytePath }]);
    const unfit = notUtf8.map((name) => ({ ...name, why: 'not_utf8' }));
    await lab.mirror.foundUnfit(unfit);
    await lab.look('a.md');
    await lab.mirror.foundUnfit(unfit);
    await lab.look('a.md');
    assert.deepEqual(lab.inWorld(), { 'a.md': 'one\n' });
    const told = { tag: 'strayed', path: 'a.md', name: shown, why: 'not_utf8' };
    assert.deepEqual(lab.events, [told], 'once');
    fs.rmSync(onDisk);
    lab.mirror.happened(shown);
    await lab.settle();
    assert.deepEqual(lab.inWorld(), {}, 'deleted there it is deleted');
  },
);

test('deleting it under that name deletes it for everybody', onPosix, async (t) => {
  const lab = await ModelLab.open(t);
  lab.world.createNow('a.md', 'one\n');
  await lab.settle();
  fs.renameSync(lab.at('a.md'), lab.at('CON'));
  await lab.mirror.foundUnfit(UNFIT);
  await lab.look('a.md');
  fs.rmSync(lab.at('CON'));
  lab.mirror.happened('CON');
  await lab.settle();
  assert.deepEqual(lab.inWorld(), {});
});

test(
  'a file that is renamed to a twin of another stays for others, and follows once that has gone',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const lab = await ModelLab.open(t);
    for (const name of ['error.ts', 'b.ts']) lab.world.createNow(name, `${name}\n`);
    await lab.settle();
    fs.renameSync(lab.at('b.ts'), lab.at('Error.ts'));
    await lab.look('b.ts', 'Error.ts');
    assert.deepEqual(lab.inWorld(), { 'b.ts': 'b.ts\n', 'error.ts': 'error.ts\n' });
    assert.deepEqual(lab.events, [
      { tag: 'strayed', path: 'b.ts', name: 'Error.ts', why: 'path_taken' },
    ]);
    lab.write('Error.ts', 'b.ts\nchanged\n');
    await lab.look('Error.ts');
    fs.rmSync(lab.at('error.ts'));
    await lab.look('error.ts');
    assert.deepEqual(lab.inWorld(), { 'Error.ts': 'b.ts\nchanged\n' });
    assert.equal(lab.world.file(2)?.path, 'Error.ts', 'with its history');
  },
);
