import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MirrorLab } from './mirror-lab.ts';
import { ModelWorld } from './model-world.ts';

test('S10: a file that was made on both sides while the mirror was away waits as a ticket with both', async (context) => {
  const world = new ModelWorld();
  const lab = await MirrorLab.open(context, world);
  world.createNow('known.md', 'known\n');
  await lab.lookAtAll();
  lab.write('new.md', 'by the agent\n');
  world.createNow('new.md', 'by Ada\n');
  await lab.restart();
  await lab.lookAtAll();
  assert.deepEqual(world.tickets, ['by the agent\n']);
  assert.equal(lab.text('new.md'), 'by Ada\n');
  assert.deepEqual(lab.events, [{ tag: 'ticketed', path: 'new.md', ticketId: 1 }]);
  await lab.restart();
  await lab.lookAtAll();
  assert.equal(world.tickets.length, 1, 'once');
});

test('S10: the same file made on both sides is one file, and its line ends are those of the world', async (context) => {
  const world = new ModelWorld();
  const lab = await MirrorLab.open(context, world);
  lab.write('same.md', 'one\ntwo\n');
  lab.write('ends.md', '\uFEFFone\r\ntwo\r\n');
  for (const file of ['same.md', 'ends.md']) world.createNow(file, 'one\ntwo\n');
  await lab.lookAtAll();
  assert.deepEqual([world.tickets, lab.events, lab.copies], [[], [], []]);
  assert.equal(lab.text('ends.md'), 'one\ntwo\n');
});

test('S10: a folder that nothing was put into, with older versions of files, gets the newest without a ticket', async (context) => {
  const world = new ModelWorld();
  const lab = await MirrorLab.open(context, world);
  world.createNow('a.md', 'one\ntwo\n');
  world.insertNow(1, 'by Ada\n');
  const newest = world.textOf(1).toString();
  lab.write('a.md', 'one\r\ntwo\r\n');
  await lab.lookAtAll();
  assert.deepEqual([world.tickets, lab.events, lab.copies], [[], [], []]);
  assert.equal(lab.text('a.md'), newest);
});

test('S10: a binary made on both sides is a ticket', async (context) => {
  const world = new ModelWorld();
  const lab = await MirrorLab.open(context, world);
  lab.write('a.bin', Uint8Array.of(0, 1));
  world.createNow('a.bin', 'by Ada\n');
  await lab.lookAtAll();
  assert.equal(world.tickets.length, 1);
  assert.equal(lab.text('a.bin'), 'by Ada\n');
});

test('S10: with others’ changes held back both sides are kept at once, and the file stays until the pull', async (context) => {
  const world = new ModelWorld();
  const lab = await MirrorLab.open(context, world);
  lab.isHolding = true;
  lab.write('new.md', 'by the agent\n');
  world.createNow('new.md', 'by Ada\n');
  await lab.lookAtAll();
  assert.deepEqual(world.tickets, ['by the agent\n']);
  assert.equal(lab.text('new.md'), 'by the agent\n');
  lab.write('new.md', 'by the agent, again\n');
  await lab.lookAtAll();
  assert.deepEqual(world.tickets, ['', 'by the agent, again\n'], 'the first one was taken back');
  await lab.restart();
  await lab.lookAtAll();
  assert.equal(world.tickets.length, 2);
  lab.isHolding = false;
  await lab.lookAtAll();
  assert.equal(lab.text('new.md'), 'by Ada\n');
});

for (const count of [20, 21]) {
  test(`S10: a directory that is joined with ${count} files of other content loses none, and is told`, async (context) => {
    const world = new ModelWorld();
    const lab = await MirrorLab.open(context, world);
    const names = Array.from({ length: count }, (_, index) => `deep/${index}.md`);
    for (const name of names) {
      lab.write(name, `here ${name}\n`);
      world.createNow(name, `there ${name}\n`);
    }
    await lab.lookAtAll();
    const here = names.map((name) => `here ${name}\n`).sort();
    assert.deepEqual([...world.tickets, ...lab.copies].sort(), here);
    for (const name of names) assert.equal(lab.text(name), `there ${name}\n`);
    if (count === 20) assert.equal(world.tickets.length, 20);
    else
      assert.deepEqual(
        lab.events.map(({ tag }) => tag),
        ['replaced'],
      );
  });
}

test('S10: what the world does not take of a file made on both sides is copied before it gives way', async (context) => {
  const world = new ModelWorld();
  const lab = await MirrorLab.open(context, world);
  lab.write('new.md', 'by the agent\n');
  world.createNow('new.md', 'by Ada\n');
  world.refusal = { tag: 'refused', code: 'too_many', message: 'too many open tickets' };
  await lab.lookAtAll();
  assert.deepEqual(lab.copies, ['by the agent\n']);
  assert.equal(lab.text('new.md'), 'by Ada\n');
  assert.deepEqual([lab.events.map(({ tag }) => tag), lab.outside], [['refused'], []]);
});
