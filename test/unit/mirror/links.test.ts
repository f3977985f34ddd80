import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { DiskFiles, hashOf } from '../../../src/mirror/disk-files.ts';
import { ModelLab } from './model-lab.ts';

test('a folder that is a link to another one of the world is not followed: no text lands elsewhere', async (t) => {
  const lab = await ModelLab.open(t);
  lab.world.createNow('lib/x.ts', 'mine\n');
  await lab.settle();
  fs.symlinkSync('lib', lab.at('linked'), 'junction');
  lab.world.createNow('linked/x.ts', 'another member’s\n');
  lab.world.createNow('linked/deep/y.ts', 'another member’s\n');
  await lab.settle();
  assert.equal(lab.text('lib/x.ts'), 'mine\n');
  assert.deepEqual(fs.readdirSync(lab.at('lib')), ['x.ts']);
  assert.deepEqual(
    lab.events.map((event) => event.tag === 'stuck' && [event.path, event.fault, event.more]),
    [['linked/deep/y.ts', 'disk_link', ['linked/x.ts']]],
  );
  lab.world.removeNow(2, 1);
  await lab.settle();
  assert.deepEqual(lab.onDisk(), { 'lib/x.ts': 'mine\n' }, 'deleting it deletes nothing behind it');
  lab.world.createNow('linked/x.ts', 'again\n');
  fs.rmSync(lab.at('linked'));
  await lab.look('linked', 'linked/x.ts', 'linked/deep/y.ts');
  assert.equal(lab.text('linked/x.ts'), 'again\n', 'and once the link has gone it is there');
});

test('a file with another name on this disk is told when others edit it: that name keeps what it was', async (t) => {
  const lab = await ModelLab.open(t);
  lab.world.createNow('a.md', 'one\n');
  await lab.settle();
  fs.linkSync(lab.at('a.md'), `${lab.scratch}/same.md`);
  lab.world.insertNow(1, 'zero\n');
  await lab.settle();
  assert.equal(lab.text('a.md'), 'zero\none\n');
  assert.equal(fs.readFileSync(`${lab.scratch}/same.md`, 'utf8'), 'one\n');
  lab.world.insertNow(1, 'more\n');
  await lab.settle();
  assert.deepEqual(lab.events, [{ tag: 'parted', path: 'a.md' }], 'once: it has one name now');
});

test('a folder that becomes a link, and a file that does, stay as they were for others', async (t) => {
  const lab = await ModelLab.open(t);
  for (const name of ['lib/x.ts', 'lib/y.ts', 'a.md']) lab.world.createNow(name, `${name}\n`);
  await lab.settle();
  fs.renameSync(lab.at('lib'), `${lab.scratch}/elsewhere`);
  fs.symlinkSync(`${lab.scratch}/elsewhere`, lab.at('lib'), 'junction');
  fs.renameSync(lab.at('a.md'), `${lab.scratch}/a.md`);
  fs.symlinkSync(`${lab.scratch}/a.md`, lab.at('a.md'));
  await lab.look('lib', 'lib/x.ts', 'lib/y.ts', 'a.md');
  const before = { 'a.md': 'a.md\n', 'lib/x.ts': 'lib/x.ts\n', 'lib/y.ts': 'lib/y.ts\n' };
  assert.deepEqual(lab.inWorld(), before);
  const told = lab.events.flatMap((event) =>
    event.tag === 'stuck' ? [event.path, ...event.more] : [],
  );
  assert.deepEqual(told.toSorted(), ['a.md', 'lib/x.ts', 'lib/y.ts']);
  fs.rmSync(lab.at('lib'));
  fs.renameSync(`${lab.scratch}/elsewhere`, lab.at('lib'));
  fs.rmSync(lab.at('a.md'));
  await lab.look('lib/x.ts', 'lib/y.ts', 'a.md');
  assert.deepEqual(lab.inWorld(), { 'lib/x.ts': 'lib/x.ts\n', 'lib/y.ts': 'lib/y.ts\n' });
});

test('a hundred files that cannot be put are told in one event that names fifty', async (t) => {
  const lab = await ModelLab.open(t);
  fs.symlinkSync(lab.scratch, lab.at('out'), 'junction');
  for (let index = 0; index < 100; index++) lab.world.createNow(`out/${index}`, 'text\n');
  await lab.settle();
  await lab.retry();
  const [event, ...others] = lab.events;
  assert.ok(event?.tag === 'stuck');
  assert.deepEqual([event.count, event.more.length, others.length], [100, 49, 0]);
});

/** Something makes a link of a folder after the mirror has looked and before it acts. */
class LinkedMeanwhile extends DiskFiles {
  protected override giveWay(
    ...args: Parameters<DiskFiles['giveWay']>
  ): ReturnType<DiskFiles['giveWay']> {
    fs.renameSync(this.absolute('lib'), this.absolute('former'));
    fs.symlinkSync('other', this.absolute('lib'));
    return super.giveWay(...args);
  }
}

for (const act of ['write', 'remove'] as const) {
  // Other systems have no way to hold on to a folder.
  test(
    `a link that appears between look and act is not followed (${act})`,
    { skip: process.platform !== 'linux' },
    async (t) => {
      const { folder, write, onDisk } = await ModelLab.open(t).then((lab) => ({
        folder: lab.folder,
        write: (name: string, text: string) => lab.write(name, text),
        onDisk: () => lab.onDisk(),
      }));
      write('lib/x.ts', 'one\n');
      write('other/x.ts', 'one\n');
      const files = new LinkedMeanwhile(folder);
      const hash = hashOf(Buffer.from('one\n'));
      if (act === 'remove') await files.remove('lib/x.ts', hash);
      else await files.write('lib/x.ts', Buffer.from('two\n'), { hash, executable: false });
      assert.equal(onDisk()['other/x.ts'], 'one\n');
      assert.equal(onDisk()['former/x.ts'], act === 'remove' ? undefined : 'two\n');
    },
  );
}

test('nothing is read through a link', async (t) => {
  const lab = await ModelLab.open(t);
  lab.write('lib/x.ts', 'one\n');
  fs.symlinkSync('lib', lab.at('linked'), 'junction');
  assert.equal(await lab.files.read('linked/x.ts'), undefined);
  assert.equal(String((await lab.files.read('lib/x.ts'))?.bytes), 'one\n');
});
