import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { folderMoves } from '../../../src/mirror/folder-moves.ts';
import { ModelLab } from './model-lab.ts';

const NAMES = ['a.ts', 'b.ts', 'deep/c.ts'];
/** Elsewhere a disk has no twins. */
const onLinux = { skip: process.platform !== 'linux' };

test('a folder of 600 files that gets another name is one call', async (t) => {
  const lab = await ModelLab.open(t);
  const names = Array.from({ length: 600 }, (_, at) => `${at}.md`);
  for (const name of names) lab.world.createNow(`old/${name}`, `text of ${name}\n`);
  await lab.settle();
  fs.renameSync(lab.at('old'), lab.at('new'));
  await lab.look(...names.flatMap((name) => [`old/${name}`, `new/${name}`]));
  assert.deepEqual(lab.world.renames, [600]);
  assert.deepEqual(lab.onDisk(), lab.inWorld());
  assert.equal([...lab.world.files()].length, 600, 'with their history');
});

test('two folder renames at once: one ticket, and the folder is whole on disk and in the world', async (t) => {
  const lab = await labOf(t);
  fs.renameSync(lab.at('lib'), lab.at('core'));
  for (const [index, name] of NAMES.entries()) {
    lab.world.renameNow(index + 1, `lib/${name}`, `src/${name}`);
  }
  await lab.look(...NAMES.flatMap((name) => [`lib/${name}`, `core/${name}`]));
  assert.equal(lab.world.tickets.length, 1);
  assert.deepEqual(
    lab.events.map(({ tag }) => tag),
    ['ticketed'],
  );
  assert.deepEqual(lab.inWorld(), textsIn('src'));
  assert.deepEqual(lab.onDisk(), textsIn('src'));
});

test('where one file of a renamed folder was moved by others nothing is split: one ticket', async (t) => {
  const lab = await labOf(t);
  fs.renameSync(lab.at('lib'), lab.at('core'));
  lab.world.renameNow(2, 'lib/b.ts', 'elsewhere.ts');
  await lab.look(...NAMES.flatMap((name) => [`lib/${name}`, `core/${name}`]), 'elsewhere.ts');
  assert.equal(lab.world.tickets.length, 1);
  const { 'lib/b.ts': moved, ...others } = textsIn('lib');
  assert.deepEqual(lab.inWorld(), { 'elsewhere.ts': moved, ...others });
  assert.deepEqual(lab.onDisk(), lab.inWorld());
});

test(
  'a folder whose new name is taken for one file stays whole, is told once, and follows',
  onLinux,
  async (t) => {
    const lab = await labOf(t);
    lab.world.createNow('core/B.ts', 'in the way\n');
    await lab.settle();
    for (const name of NAMES) {
      fs.mkdirSync(lab.at('core/deep'), { recursive: true });
      fs.renameSync(lab.at(`lib/${name}`), lab.at(`core/${name}`));
    }
    await lab.look(...NAMES.flatMap((name) => [`lib/${name}`, `core/${name}`]));
    assert.deepEqual(lab.inWorld(), { 'core/B.ts': 'in the way\n', ...textsIn('lib') });
    const told = { tag: 'strayed', path: 'lib', name: 'core', why: 'path_taken' };
    assert.deepEqual(lab.events, [told]);
    fs.rmSync(lab.at('core/B.ts'));
    await lab.look('core/B.ts');
    assert.deepEqual(lab.inWorld(), textsIn('core'));
    assert.deepEqual(lab.onDisk(), textsIn('core'));
    assert.equal(lab.world.file(2)?.path, 'core/b.ts');
  },
);

for (const isFirst of [false, true]) {
  const who = isFirst ? 'here first' : 'elsewhere first';
  test(`two folders that get one name at once, ${who}, are one, and that is told`, async (t) => {
    const lab = await labOf(t);
    lab.world.createNow('app/x.ts', 'x\n');
    lab.world.createNow('app/y.ts', 'y\n');
    await lab.settle();
    fs.renameSync(lab.at('lib'), lab.at('core'));
    if (isFirst) lab.mirror.look(NAMES.flatMap((name) => [`lib/${name}`, `core/${name}`]));
    lab.world.renameNow(4, 'app/x.ts', 'core/x.ts');
    lab.world.renameNow(5, 'app/y.ts', 'core/y.ts');
    await lab.settle();
    await lab.lookAtAll();
    assert.deepEqual(lab.events, [{ tag: 'joined', path: 'lib', name: 'core', files: 2 }]);
    assert.deepEqual(lab.inWorld(), { ...textsIn('core'), 'core/x.ts': 'x\n', 'core/y.ts': 'y\n' });
    assert.deepEqual(lab.onDisk(), lab.inWorld());
    assert.deepEqual(lab.world.tickets, []);
  });
}

test('a folder that is moved into another one, which was there, is nothing to tell', async (t) => {
  const lab = await labOf(t);
  lab.world.createNow('core/x.ts', 'x\n');
  await lab.settle();
  for (const name of NAMES) {
    fs.mkdirSync(lab.at('core/deep'), { recursive: true });
    fs.renameSync(lab.at(`lib/${name}`), lab.at(`core/${name}`));
  }
  await lab.look(...NAMES.flatMap((name) => [`lib/${name}`, `core/${name}`]));
  assert.deepEqual(lab.inWorld(), { ...textsIn('core'), 'core/x.ts': 'x\n' });
  assert.deepEqual(lab.events, []);
});

test('moves are told apart by what moved, and cut into what the world takes at once', () => {
  const move = (from: string, to: string) => ({ from, to });
  const found = folderMoves([
    move('lib/a', 'src/a'),
    move('x', 'y'),
    move('lib/deep/a', 'src/deep/a'),
    move('lib/b', 'src/c'),
    ...Array.from({ length: 2001 }, (_, at) => move(`many/${at}`, `${at}`)),
  ]);
  assert.deepEqual(
    found.map(({ from, to, moves }) => [from, to, moves.length]),
    [
      ['lib', 'src', 2],
      ['x', 'y', 1],
      ['lib/b', 'src/c', 1],
      ['many', '', 2000],
      ['many', '', 1],
    ],
  );
});

async function labOf(t: Parameters<typeof ModelLab.open>[0]): Promise<ModelLab> {
  const lab = await ModelLab.open(t);
  for (const name of NAMES) lab.world.createNow(`lib/${name}`, `${name}\n`);
  await lab.settle();
  return lab;
}

function textsIn(folder: string): Record<string, string> {
  return Object.fromEntries(NAMES.map((name) => [`${folder}/${name}`, `${name}\n`]));
}
