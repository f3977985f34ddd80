import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { DEFAULT_LIMITS } from '../../../src/core/limits.ts';
import { MirrorLab } from './mirror-lab.ts';
import { ModelWorld } from './model-world.ts';

for (const [kind, bytes] of [
  ['text', Buffer.alloc(DEFAULT_LIMITS.textFileBytes + 1, 'x\n')],
  ['binary', Buffer.alloc(DEFAULT_LIMITS.binaryFileBytes + 1)],
] as const) {
  test(`a ${kind} file that outgrows the world is told once and left as it is; the rest goes on`, async (context) => {
    const world = new ModelWorld();
    const lab = await MirrorLab.open(context, world);
    world.createNow('a.md', 'one\n');
    world.createNow('b.md', 'two\n');
    await lab.lookAtAll();
    lab.write('a.md', bytes);
    lab.write('b.md', 'two, changed\n');
    await lab.lookAtAll();
    world.editNow(1, 1, [{ ...START, text: 'by Ada ' }]);
    await lab.lookAtAll();
    assert.deepEqual(
      lab.events.map((event) => event.tag === 'refused' && [event.path, event.code, event.copy]),
      [['a.md', 'too_large', '']],
    );
    assert.deepEqual(lab.outside, ['a.md too_large']);
    assert.ok(bytes.equals(lab.bytes('a.md')), 'as it was written');
    assert.equal(world.textOf(1).toString(), 'by Ada one\n');
    assert.equal(world.textOf(2).toString(), 'two, changed\n');

    // When it fits again it is a change of what was put there.
    lab.write('a.md', 'one\nand more\n');
    await lab.lookAtAll();
    assert.equal(lab.text('a.md'), 'by Ada one\nand more\n');
    assert.deepEqual(lab.inside, ['a.md']);
  });
}

test('a new file that is too large is outside of the world', async (context) => {
  const world = new ModelWorld();
  const lab = await MirrorLab.open(context, world);
  fs.writeFileSync(path.join(lab.folder, 'huge.bin'), '');
  // It takes no room on the disk.
  fs.truncateSync(path.join(lab.folder, 'huge.bin'), 3 * 1024 ** 3);
  lab.write('small.md', 'one\n');
  await lab.lookAtAll();
  assert.deepEqual([lab.outside, lab.events], [['huge.bin too_large'], []]);
  assert.ok(world.fileAt('small.md'));
});

const START = { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0 } as const;
