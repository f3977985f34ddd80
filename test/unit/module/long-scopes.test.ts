import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SIZES } from '../../../src/core/sizes.ts';
import { decodeRow, encodeRow, identity, TestWorld } from './test-world.ts';

test('a member whose scope 0.1.0 let grow long is paused and resumed, and gets no other such scope', async () => {
  const before = await TestWorld.create();
  const ann = before.join('ann', { pathScope: ['docs/**'] });
  const long = Array.from({ length: 40 }, (_, nth) => `docs/${nth}/${'x'.repeat(400)}`);
  assert.ok(long.join('').length > SIZES.globs);
  const world = before.reopened([], (table, bytes) => {
    if (table !== 'workspace_member') return bytes;
    const row = decodeRow('workspace_member', bytes);
    const isAnn = row.identity.toHexString() === ann;
    return isAnn ? encodeRow('workspace_member', { ...row, pathScope: long }) : bytes;
  });
  const set = (pathScope: string[], paused: boolean) =>
    world.call(world.owner, 'set_member', {
      identity: identity(ann),
      role: 'editor',
      capabilities: ['edit'],
      pathScope,
      paused,
    }).code;
  assert.equal(set(long, true), 'ok');
  assert.equal(set(long, false), 'ok');
  assert.equal(set([...long, 'src/**'], false), 'too_large');
});
