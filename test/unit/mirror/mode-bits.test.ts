import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { DiskFiles } from '../../../src/mirror/disk-files.ts';
import { ModelLab } from './model-lab.ts';

const onPosix = { skip: process.platform === 'win32' };

for (const [before, after] of [
  ['600', '600'],
  ['444', '444'],
  ['640', '640'],
  ['666', '666'],
  ['4644', '644'],
] as const) {
  test(
    `a file that is ${before} on this disk is ${after} after somebody’s edit`,
    onPosix,
    async (t) => {
      const lab = await ModelLab.open(t);
      lab.world.createNow('a.md', 'one\n');
      await lab.settle();
      fs.chmodSync(lab.at('a.md'), Number.parseInt(before, 8));
      lab.world.insertNow(1, 'two\n');
      await lab.settle();
      assert.equal(lab.text('a.md'), 'two\none\n');
      assert.equal(lab.mode('a.md'), after);
    },
  );
}

test('a file that others rename keeps its bits under its new name', onPosix, async (t) => {
  const lab = await ModelLab.open(t);
  lab.world.createNow('key', 'secret\n');
  await lab.settle();
  fs.chmodSync(lab.at('key'), 0o600);
  lab.world.renameNow(1, 'key', 'other/key');
  await lab.settle();
  assert.deepEqual(lab.onDisk(), { 'other/key': 'secret\n' });
  assert.equal(lab.mode('other/key'), '600');
});

test(
  'the world’s executable bit is set where one may read, and all else stays',
  onPosix,
  async (t) => {
    const lab = await ModelLab.open(t);
    const files = new DiskFiles(lab.folder);
    lab.write('run', 'one\n');
    for (const [mode, executable, wanted] of [
      [0o711, true, '711'],
      [0o640, true, '750'],
      [0o600, true, '700'],
      [0o755, false, '644'],
      [0o711, false, '600'],
    ] as const) {
      fs.chmodSync(lab.at('run'), mode);
      const { hash } = (await files.read('run'))!;
      await files.write('run', Buffer.from(`${wanted}\n`), { hash, executable });
      assert.equal(lab.mode('run'), wanted);
      fs.chmodSync(lab.at('run'), mode);
      await files.setExecutable('run', executable);
      assert.equal(lab.mode('run'), wanted);
    }
  },
);

test('a new file has what the user’s mask leaves', onPosix, async (t) => {
  const lab = await ModelLab.open(t);
  const former = process.umask(0o027);
  try {
    for (const executable of [false, true]) {
      const name = executable ? 'run' : 'a.md';
      await lab.files.write(name, Buffer.from('one\n'), { hash: undefined, executable });
      assert.equal(lab.mode(name), executable ? '750' : '640');
    }
  } finally {
    process.umask(former);
  }
});
