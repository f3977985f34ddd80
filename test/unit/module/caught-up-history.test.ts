import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HistoryTable, PUBLIC_TABLES } from '../../../src/world/history-tables.ts';
import type { TableName as PublicName } from '../../../src/world/bindings.ts';
import { ReplayedWorld } from '../../../src/world/replayed-world.ts';
import { firstDifference } from '../../../src/world/row-difference.ts';
import { opRecordOf } from '../../../src/world/world-rows.ts';
import { bundle } from '../../contract/world-lab.ts';
import { insert, type TableName, TestWorld } from './test-world.ts';

/** What a world of 0.1.0 does not have: maintenance makes it, while the world goes on. */
const MADE_LATER: readonly TableName[] = [
  'world_usage',
  'member_usage',
  'op_page',
  'op_weight',
  'paged_log',
];
const OPS = 6000;

test('a history of 0.1.0 that maintenance caught up with has what a replay makes of it', async () => {
  const former = await longWorld();
  const world = former.reopened(MADE_LATER);
  const [fileId] = world.rows('file_head').map((head) => head.fileId);
  for (let turn = 0; turn < 8; turn++) {
    world.maintain();
    const { version } = world.headOf(fileId!);
    assert.equal(world.edit(world.owner, fileId!, version, insert(0, 0, 'y')).code, 'ok');
  }
  assert.equal(await wrongRow(world), undefined);
});

async function longWorld(): Promise<TestWorld> {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a.txt', 'one\ntwo\n');
  for (let version = 1; version <= OPS; version++) {
    world.edit(world.owner, fileId, version, insert(0, 0, 'x'));
    if (version % 500 === 0) world.createFile(world.owner, `${version}.txt`, 'z'.repeat(300_000));
  }
  return world;
}

/** The first row of a table that is history and not what today's module makes of the ops. */
async function wrongRow(world: TestWorld) {
  const parts = new Map(world.rows('content_chunk').map((part) => [part.hash, part]));
  const source = new TextDecoder().decode(await bundle());
  const replayed = new ReplayedWorld(source, (key) => parts.get(key));
  for (const op of world.rows('file_op').map(opRecordOf)) {
    assert.equal(replayed.take(op, replayed.encode(op)), undefined);
  }
  assert.equal(replayed.settle(), undefined);
  for (const [name, table] of Object.entries(PUBLIC_TABLES) as [PublicName, HistoryTable][]) {
    if (!('key' in table)) continue;
    const rows = replayed.rows(name)!;
    const wrong = firstDifference(name, table.key, rows, world.rows(name));
    if (wrong) return wrong;
  }
  return undefined;
}
