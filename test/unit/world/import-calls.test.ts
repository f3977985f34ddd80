import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchEnds } from '../../../src/core/batch-ends.ts';
import { ByteReader } from '../../../src/core/byte-reader.ts';
import { OpDecoder } from '../../../src/core/op-codec.ts';
import { halvesOf, type ImportCall } from '../../../src/world/import-calls.ts';
import { assertSameWorld, logOf } from '../module/imported-world.ts';
import { livelyWorld } from '../module/lively-world.ts';
import { TestWorld } from '../module/test-world.ts';

const PROFILE = { displayName: '', gitName: '', gitEmail: '', color: '' };

test('a call cut into halves as long as it can be imports the same world', async () => {
  const world = await livelyWorld();
  const calls = smallest(logOf(world));
  const ends = new BatchEnds();
  const begins = calls.map(({ ops }) => ops.map(({ bytes }) => ends.beginsWith(decoded(bytes))));
  for (const [first, ...others] of begins) {
    assert.equal(first, true, 'no batch is cut in two');
    assert.ok(!others.includes(true), 'and no two are in one call');
  }
  const copy = await TestWorld.published();
  for (const call of calls) copy.mustCall(copy.owner, 'import_log', { ...call, ...PROFILE });
  assertSameWorld(copy, world);
});

function smallest(call: ImportCall): readonly ImportCall[] {
  return halvesOf(call)?.flatMap(smallest) ?? [call];
}

function decoded(bytes: Uint8Array) {
  return new OpDecoder().read(new ByteReader(bytes));
}
