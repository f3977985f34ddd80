import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { ModelLab } from './model-lab.ts';

test('a file that becomes a folder on disk is one in the world, and back', async (t) => {
  const lab = await ModelLab.open(t);
  for (const name of ['a', 'b']) lab.world.createNow(name, `${name}\n`);
  await lab.settle();
  fs.rmSync(lab.at('a'));
  for (const name of ['a/x', 'a/deep/y']) lab.write(name, `${name}\n`);
  await lab.look('a', 'a/x', 'a/deep/y');
  assert.deepEqual(lab.inWorld(), { 'a/deep/y': 'a/deep/y\n', 'a/x': 'a/x\n', b: 'b\n' });
  fs.rmSync(lab.at('a'), { recursive: true });
  lab.write('a', 'again\n');
  await lab.look('a', 'a/x', 'a/deep/y');
  assert.deepEqual(lab.inWorld(), { a: 'again\n', b: 'b\n' });
  assert.deepEqual([lab.outside, lab.events], [[], []]);
});

test('a file that moves into a folder of its own name keeps its history', async (t) => {
  const lab = await ModelLab.open(t);
  lab.world.createNow('a', 'one\n');
  await lab.settle();
  fs.renameSync(lab.at('a'), lab.at('b'));
  fs.mkdirSync(lab.at('a'));
  fs.renameSync(lab.at('b'), lab.at('a/index'));
  await lab.look('a/index', 'a');
  assert.deepEqual(lab.inWorld(), { 'a/index': 'one\n' });
  assert.equal([...lab.world.files()].length, 1);
});

test('a file that becomes a folder in the world is one on disk, and back', async (t) => {
  const lab = await ModelLab.open(t);
  lab.world.createNow('a', 'one\n');
  await lab.settle();
  lab.world.removeNow(1, 1);
  lab.world.createNow('a/x', 'two\n');
  lab.world.createNow('a/y', 'three\n');
  await lab.settle();
  assert.deepEqual(lab.onDisk(), { 'a/x': 'two\n', 'a/y': 'three\n' });
  for (const fileId of [2, 3]) lab.world.removeNow(fileId, 1);
  lab.world.createNow('a', 'four\n');
  await lab.settle();
  assert.deepEqual(lab.onDisk(), { a: 'four\n' });
  assert.deepEqual(lab.events, []);
});

test('what cannot be put because a folder with other files is there is put once those are gone', async (t) => {
  const lab = await ModelLab.open(t);
  lab.write('a/mine', 'left out of the world\n');
  lab.world.createNow('a', 'one\n');
  await lab.settle();
  assert.deepEqual(
    lab.events.map((event) => event.tag === 'stuck' && [event.path, event.fault]),
    [['a', 'disk_in_the_way']],
  );
  fs.rmSync(lab.at('a'), { recursive: true });
  lab.mirror.happened('a/mine');
  await lab.settle();
  assert.deepEqual(lab.onDisk(), { a: 'one\n' }, 'by its cause, not by time');
});

test('a new file at the place of a folder that others have filled meanwhile is told, and waits for that', async (t) => {
  const lab = await ModelLab.open(t);
  lab.write('a', 'mine\n');
  lab.world.createNow('a/x', 'theirs\n');
  await lab.look('a', 'a/x');
  assert.deepEqual(lab.outside, ['a path_taken']);
  assert.deepEqual(lab.inWorld(), { 'a/x': 'theirs\n' });
  fs.renameSync(lab.at('a'), lab.at('b'));
  await lab.look('b', 'a');
  assert.deepEqual(lab.onDisk(), { 'a/x': 'theirs\n', b: 'mine\n' });
  assert.deepEqual(lab.inWorld(), lab.onDisk());
});
