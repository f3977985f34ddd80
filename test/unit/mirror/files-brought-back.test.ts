import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MirrorLab } from './mirror-lab.ts';
import { ModelWorld } from './model-world.ts';
import { RestorationLab } from './restoration-lab.ts';

const FIRST = 'one\ntwo\n';
const SECOND = 'one\ntwo\nthree by Ada\n';

test('a file that comes back as it was when it was deleted is that file again', async (context) => {
  const world = new ModelWorld();
  const mirror = await MirrorLab.open(context, world);
  world.createNow('a.txt', FIRST);
  world.editTo(1, 1, SECOND);
  world.removeNow(1, 2);
  mirror.write('a.txt', SECOND);
  await mirror.lookAtAll();
  assert.equal(world.fileAt('a.txt')?.fileId, 1);
  assert.deepEqual(world.textsOf(1), [FIRST, SECOND], 'nobody wrote anything');
  world.editTo(1, 2, `${SECOND}four\n`);
  await mirror.lookAtAll();
  assert.equal(mirror.text('a.txt'), `${SECOND}four\n`);
});

test('of several files that were at a path the one that had this content comes back', async (context) => {
  const world = new ModelWorld();
  const mirror = await MirrorLab.open(context, world);
  world.createNow('a.txt', FIRST);
  world.removeNow(1, 1);
  world.createNow('a.txt', 'something else\n');
  world.removeNow(2, 1);
  mirror.write('a.txt', FIRST);
  await mirror.lookAtAll();
  assert.equal(world.fileAt('a.txt')?.fileId, 1);
});

for (const text of ['what the world never had\n', '']) {
  test(`a file with ${text === '' ? 'nothing in it' : 'another content'} at a deleted one’s path is a new one`, async (context) => {
    const world = new ModelWorld();
    const mirror = await MirrorLab.open(context, world);
    world.createNow('a.txt', text === '' ? '' : FIRST);
    world.removeNow(1, 1);
    mirror.write('a.txt', text);
    await mirror.lookAtAll();
    assert.equal(world.fileAt('a.txt')?.fileId, 2);
  });
}

test('a file that comes back older than it was deleted: what others wrote since is asked about', async (context) => {
  const lab = await RestorationLab.open(context);
  lab.world.createNow('a.txt', FIRST);
  lab.world.editTo(1, 1, SECOND);
  await lab.pass();
  lab.world.removeNow(1, 2);
  await lab.pass();
  lab.write('a.txt', FIRST);
  await lab.pass();
  assert.equal(lab.text('a.txt'), SECOND);
  assert.deepEqual(
    lab.desk.questions.map(({ items }) => items),
    [[{ fileId: 1, path: 'a.txt', what: 'changed' }]],
  );
});
