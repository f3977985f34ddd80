// What looks like a key is told before it is in git: in whichever commit it would be.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExportMode } from '../../../src/core/git-point.ts';
import { previewExport } from '../../../src/git/preview-export.ts';
import { Repository } from '../../../src/git/repository.ts';
import { exported, mark, scene, type Scene } from '../../harness/git-scene.ts';
import { historyOf } from '../../harness/history-of.ts';
import { change, insert } from '../module/test-world.ts';

/** Nobody's, in the published form of a token. */
const TOKEN = `ghp_${'a1B2'.repeat(9)}`;

async function told({ world, lab }: Scene, mode: ExportMode): Promise<readonly string[]> {
  const repository = await Repository.open(lab.folder);
  const choice = { mode, branch: 'world/test', message: '' };
  const { secrets } = await previewExport({ history: historyOf(world), repository, choice });
  assert.ok(!JSON.stringify(secrets).includes(TOKEN), 'the key itself is told to nobody');
  return secrets.map(({ path, line }) => `${path}:${line}`);
}

test('a key that was taken out again is told of in the commits that would keep it', async (t) => {
  const found = await scene(t);
  const { world } = found;
  const ann = world.join('ann');
  const { fileId } = world.head('a.txt');
  world.edit(ann, fileId, 1, insert(1, 0, `token = ${TOKEN}\n`));
  assert.deepEqual(await told(found, 'one'), ['a.txt:2']);
  const name = { opId: world.nextId(), kind: 'checkpoint', to: '', text: 'Half way' };
  world.mustCall(world.owner, 'add_note', name);
  world.edit(world.owner, fileId, 2, [change(1, 0, 2, 0, '')]);
  assert.deepEqual(await told(found, 'one'), []);
  assert.deepEqual(await told(found, 'checkpoints'), ['a.txt:2']);
  assert.deepEqual(await told(found, 'authors'), ['a.txt:2']);
});

test('a key that git has already is no news, wherever it is moved', async (t) => {
  const found = await scene(t);
  const { world, lab } = found;
  const { fileId } = world.head('a.txt');
  world.edit(world.owner, fileId, 1, insert(0, 0, `token = ${TOKEN}\n`));
  await exported(world, lab);
  world.edit(world.owner, fileId, 2, insert(0, 0, 'more\n'));
  assert.deepEqual(await told(found, 'one'), []);
  const rename = { author: '', fileId, expectedBaseVersion: 3, fromPath: 'a.txt', path: 'b.txt' };
  world.mustCall(world.owner, 'rename_file', { opId: world.nextId(), ...rename });
  assert.deepEqual(await told(found, 'one'), []);
  world.edit(world.owner, fileId, 3, insert(0, 0, `other = ${TOKEN}\n`));
  assert.deepEqual(await told(found, 'one'), ['b.txt:1']);
});

test('what others pushed is no news, and what was written beside it is', async (t) => {
  const found = await scene(t);
  const { world, lab } = found;
  const { fileId } = world.head('a.txt');
  world.edit(world.owner, fileId, 1, insert(0, 0, 'zero\n'));
  await exported(world, lab);
  await lab.write({ 'a.txt': `one\ntwo\nthree\npushed = ${TOKEN}\n` });
  const commit = lab.commitAll('pushed');
  world.edit(world.owner, fileId, 2, insert(4, 0, `pushed = ${TOKEN}\n`));
  mark(world, { kind: 'base', folder: '', autoLineEnds: 'false', commit });
  assert.deepEqual(await told(found, 'one'), []);
  world.edit(world.owner, fileId, 3, insert(0, 0, `own = ${TOKEN}\n`));
  assert.deepEqual(await told(found, 'one'), ['a.txt:1']);
});
