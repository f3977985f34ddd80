import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MirrorProgress } from '../../../src/mirror/look-progress.ts';
import { MirrorLab } from './mirror-lab.ts';
import { ModelWorld } from './model-world.ts';

test('whoever waits for many files is told how many are done, up to the last, and each counts once', async (context) => {
  const world = new ModelWorld();
  const lab = await MirrorLab.open(context, world);
  const names = Array.from({ length: 300 }, (_, number) => `${number}.md`);
  for (const name of names) world.createNow(name, `text of ${name}\n`);
  await lab.lookAtAll();
  assertGoesOn(lab.progress.splice(0), 300);
  for (const name of names) lab.write(name, `changed text of ${name}\n`);
  await lab.lookAtAll();
  assertGoesOn(lab.progress.splice(0), 300);
  lab.write('1.md', 'one file\n');
  await lab.lookAtAll();
  assert.equal(lab.progress.at(-1)?.done, 300);
});

function assertGoesOn(progress: readonly MirrorProgress[], files: number): void {
  assert.ok(progress.length > 1);
  for (const { done, total } of progress) assert.ok(done <= total && total <= files);
  for (const [index, { done }] of progress.entries()) {
    assert.ok(index === 0 || done >= progress[index - 1]!.done);
  }
  assert.deepEqual(progress.at(-1), { done: files, total: files });
}
