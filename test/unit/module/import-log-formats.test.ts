import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyLog } from '../../../src/core/verify-log.ts';
import { nativeHash } from '../../../src/world/native-hash.ts';
import { opRecordOf } from '../../../src/world/world-rows.ts';
import { assertSameWorld, forged, restored } from './imported-world.ts';
import { change, TestWorld } from './test-world.ts';

/** A letter that Unicode 16 added, and its capital. */
const [SMALL, CAPITAL] = ['\u{10d70}', '\u{10d50}'];

test('what a replay must know of limits is in the history, also after the rules changed', async () => {
  const world = await TestWorld.create({ limits: '{"noteLength":70}' });
  const said = () => JSON.parse(world.rows('workspace')[0]!.limits) as Record<string, number>;
  const replayed = { staleOps: 2000, staleChanges: 20_000, staleBytes: 2_097_152 };
  assert.deepEqual(said(), { noteLength: 70, ...replayed, ticketTextBytes: 262_144 });
  const rules = { policyMode: 'auto', lockPolicy: 'enforce', limits: '{"staleOps":9}' };
  world.mustCall(world.owner, 'set_policy', rules);
  assert.deepEqual(said(), { ...replayed, staleOps: 9, ticketTextBytes: 262_144 });
});

test('a history of a version with other limits verifies, and is replayed under its own', async () => {
  const world = await TestWorld.create({ limits: '{"ticketTextBytes":12,"staleOps":3}' });
  const fileId = world.createFile(world.owner, 'a.txt', 'one long line of words\ntwo\nthree\n');
  for (let version = 1; version <= 5; version++) {
    world.edit(world.owner, fileId, version, [change(0, 0, 0, 3, `${version}`)]);
  }
  const ann = world.join('ann');
  world.edit(ann, fileId, 4, [change(0, 0, 0, 5, 'another long line of words')]);
  world.edit(ann, fileId, 1, [change(1, 0, 1, 3, 'ii')]);
  const tickets = world.rows('conflict_ticket');
  assert.deepEqual(
    tickets.map(({ reason }) => reason),
    ['overlap', 'too_stale'],
  );
  const policyAt = world.rows('file_op').findLast(({ kind }) => kind === 'policy')!.opSeq;
  const log = forged(world, policyAt, (payload) =>
    payload.replace('\\"ticketTextBytes\\"', '\\"shoeSize\\":44,\\"ticketTextBytes\\"'),
  );
  const copy = await TestWorld.published();
  copy.mustCall(copy.owner, 'import_log', log);
  const parts = new Map(copy.rows('content_chunk').map((part) => [part.hash, part]));
  const ops = copy.rows('file_op').map(opRecordOf);
  const fault = verifyLog(ops, (key) => parts.get(key), nativeHash, copy.rows('log_head')[0]);
  assert.equal(fault, undefined);
  assert.deepEqual(copy.rows('conflict_ticket'), tickets);
  const limits = JSON.parse(copy.rows('workspace')[0]!.limits) as Record<string, number>;
  assert.equal(limits['shoeSize'], 44, 'what is not known here stays');
  copy.nowMicros = world.nowMicros;
  copy.createFile(copy.owner, 'b.txt', 'the world goes on');
});

test('a world keeps the table by which its paths were told apart', async () => {
  const world = await TestWorld.create();
  assert.deepEqual(world.rows('world_format'), [{ id: 1, pathTable: 1 }]);
  world.createFile(world.owner, `${SMALL}.txt`, '');
  const twin = { author: '', file: world.newFile(`${CAPITAL}.txt`, 'another') };
  world.mustCall(world.owner, 'create_file', twin);
  assert.equal(world.rows('conflict_ticket')[0]?.reason, 'path_taken');
  assertSameWorld(await restored(world), world);
});

test('a history of 0.1.0 names no table: what Unicode added since is not told apart there', async () => {
  const world = await nameless();
  assert.deepEqual(world.rows('world_format'), []);
  for (const letter of [SMALL, CAPITAL]) world.createFile(world.owner, `${letter}.txt`, '');
  assert.equal(world.rows('conflict_ticket').length, 0);
  const copy = await restored(world);
  assertSameWorld(copy, world);
  assert.deepEqual(copy.rows('world_format'), []);
  copy.createFile(copy.owner, `${CAPITAL}/${SMALL}`, '');
});

test('a table of a later version is refused by its number', async () => {
  const world = await TestWorld.create();
  const policyAt = world.rows('file_op').findLast(({ kind }) => kind === 'policy')!.opSeq;
  const log = forged(world, policyAt, (payload) => payload.replace('"paths":1', '"paths":7'));
  const copy = await TestWorld.published();
  const { code, message } = copy.call(copy.owner, 'import_log', log);
  assert.equal(code, 'bad_log');
  assert.match(message, /no table 7/);
});

/** A world that had a file before it got its name keeps the keys that this has. */
async function nameless(): Promise<TestWorld> {
  const world = await TestWorld.published();
  world.createFile(world.owner, 'early.txt', '');
  const nobody = { displayName: 'Owner', gitName: '', gitEmail: '', color: '' };
  const rules = { policyMode: 'auto', lockPolicy: 'enforce', limits: '', baseCommit: undefined };
  const settings = { name: 'test', worldEpoch: 'ab'.repeat(32), ...rules, ...nobody };
  world.mustCall(world.owner, 'configure_world', settings);
  return world;
}
