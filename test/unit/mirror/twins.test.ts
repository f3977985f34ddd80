import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { ModelLab } from './model-lab.ts';

/** Where the system takes two such names for one there are no twins on disk. */
const onLinux = { skip: process.platform !== 'linux' };

for (const [name, twin] of [
  ['error.ts', 'Error.ts'],
  ['caf\u00e9.md', 'cafe\u0301.md'],
  ['lib/a.ts', 'Lib/a.ts'],
] as const) {
  test(`the world has ${name}, and ${twin} is written: one ticket, once`, onLinux, async (t) => {
    const lab = await ModelLab.open(t);
    lab.world.createNow(name, 'one\n');
    await lab.settle();
    lab.write(twin, 'two\n');
    assert.ok((await lab.look(twin)) <= 2, 'and nothing is looked at again');
    for (let round = 0; round < 3; round++) await lab.lookAtAll();
    await lab.restart();
    assert.deepEqual(lab.world.tickets, ['two\n']);
    assert.deepEqual(lab.events, [{ tag: 'twin', path: twin, other: name, ticketId: 1 }]);
    assert.equal(lab.outside[0], `${twin} twin`);
    assert.deepEqual(lab.inWorld(), { [name]: 'one\n' });
    assert.equal(lab.text(twin), 'two\n', 'it stays where it is');
    return leaves(lab, name, twin);
  });
}

/** Each way out: another name for the one, for the other, and deleting one. */
async function leaves(lab: ModelLab, name: string, twin: string): Promise<void> {
  fs.renameSync(lab.at(twin), lab.at('other.ts'));
  await lab.look('other.ts', twin);
  assert.equal(lab.inWorld()['other.ts'], 'two\n');
  assert.deepEqual(lab.world.tickets, [''], 'what was proposed is withdrawn');
  fs.renameSync(lab.at('other.ts'), lab.at(twin));
  await lab.look(twin, 'other.ts');
  assert.deepEqual(lab.inWorld(), { [name]: 'one\n', 'other.ts': 'two\n' }, 'see strayed files');
  fs.renameSync(lab.at(name), lab.at('former.ts'));
  await lab.look('former.ts', name);
  assert.deepEqual(lab.inWorld(), { 'former.ts': 'one\n', [twin]: 'two\n' });
}

test(
  'deleting a twin that is in the folder only withdraws what it proposed',
  onLinux,
  async (t) => {
    const lab = await ModelLab.open(t);
    lab.world.createNow('error.ts', 'one\n');
    await lab.settle();
    lab.write('Error.ts', 'two\n');
    await lab.look('Error.ts');
    fs.rmSync(lab.at('Error.ts'));
    await lab.look('Error.ts');
    assert.deepEqual(lab.world.tickets, ['']);
    assert.deepEqual(lab.inWorld(), { 'error.ts': 'one\n' });
  },
);

test(
  'once others delete or rename the world’s file its twin comes in by itself',
  onLinux,
  async (t) => {
    const lab = await ModelLab.open(t);
    lab.world.createNow('error.ts', 'one\n');
    await lab.settle();
    lab.write('Error.ts', 'two\n');
    await lab.look('Error.ts');
    lab.world.renameNow(1, 'error.ts', 'fault.ts');
    await lab.settle();
    assert.deepEqual(lab.inWorld(), { 'Error.ts': 'two\n', 'fault.ts': 'one\n' });
    assert.deepEqual(lab.onDisk(), lab.inWorld());
  },
);

test(
  'a twin whose text changes proposes the new text in place of the former',
  onLinux,
  async (t) => {
    const lab = await ModelLab.open(t);
    lab.world.createNow('error.ts', 'one\n');
    await lab.settle();
    lab.write('Error.ts', 'two\n');
    await lab.look('Error.ts');
    lab.write('Error.ts', 'three\n');
    await lab.look('Error.ts');
    await lab.lookAtAll();
    assert.deepEqual(lab.world.tickets, ['', 'three\n']);
  },
);

test(
  'a folder that is renamed by case, with a file changed in it, is renamed: no ticket',
  onLinux,
  async (t) => {
    const lab = await ModelLab.open(t);
    for (const name of ['lib/a.ts', 'lib/b.ts']) lab.world.createNow(name, `${name}\n`);
    await lab.settle();
    fs.renameSync(lab.at('lib'), lab.at('Lib'));
    lab.write('Lib/a.ts', 'lib/a.ts\nchanged\n');
    await lab.look('Lib/a.ts', 'Lib/b.ts', 'lib/a.ts', 'lib/b.ts');
    assert.deepEqual(lab.inWorld(), {
      'Lib/a.ts': 'lib/a.ts\nchanged\n',
      'Lib/b.ts': 'lib/b.ts\n',
    });
    assert.deepEqual([lab.world.tickets, lab.events], [[], []]);
    assert.equal([...lab.world.files()].length, 2, 'with their history');
  },
);
