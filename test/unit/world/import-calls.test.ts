import assert from 'node:assert/strict';
import { test } from 'node:test';
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
  const batches = calls.map(({ ops }) => new Set(ops.map(({ bytes }) => batchOf(bytes))));
  assert.ok(batches.every((each) => each.size === 1));
  const whole = new Set(batches.flatMap((each) => [...each]));
  assert.equal(calls.length, whole.size, 'no batch is cut in two');
  const copy = await TestWorld.published();
  for (const call of calls) copy.mustCall(copy.owner, 'import_log', { ...call, ...PROFILE });
  assertSameWorld(copy, world);
});

function smallest(call: ImportCall): readonly ImportCall[] {
  return halvesOf(call)?.flatMap(smallest) ?? [call];
}

function batchOf(bytes: Uint8Array): string {
  return new OpDecoder().read(new ByteReader(bytes)).batchId;
}
