import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { WorldList } from '../../../src/world/world-list.ts';
import {
  type SizeSample,
  sizeKey,
  sizeOf,
  withSample,
  worldSizes,
} from '../../../src/world/world-sizes.ts';
import { temporaryFolder } from './temporary-folder.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

test('growth is counted from the oldest sample of the last week', () => {
  const samples: readonly SizeSample[] = [
    { atMs: 0, ops: 1, bytes: 10 },
    { atMs: 2 * DAY_MS, ops: 5, bytes: 50 },
    { atMs: 7 * DAY_MS, ops: 8, bytes: 80 },
  ];
  const now = { atMs: 8 * DAY_MS, ops: 9, bytes: 70 };
  const grown = { atMs: now.atMs, sinceMs: 2 * DAY_MS, ops: 4, bytes: 20 };
  assert.deepEqual(sizeOf(samples, now), { ...now, grown });
  assert.equal(sizeOf([], now).grown, undefined);
  const lately = { atMs: now.atMs - HOUR_MS / 2, ops: 1 };
  assert.equal(sizeOf([lately], now).grown, undefined);
});

test('a few samples a day are kept, for a week', () => {
  let samples: readonly SizeSample[] = [];
  for (let hour = 0; hour < 24 * 30; hour++) {
    samples = withSample(samples, { atMs: hour * HOUR_MS, ops: hour });
  }
  assert.ok(samples.length > 20 && samples.length < 32, String(samples.length));
  assert.ok(samples[0]!.atMs >= 22 * DAY_MS);
});

test('sizes are read from the disk, whatever is being made or removed beside, and remembered', async (t) => {
  const home = await temporaryFolder(t);
  const worlds = new WorldList(home);
  const known = { name: 'Notes', folder: '', addedAt: '', isReady: true };
  const notes = { ...known, server: 'embedded', database: 'notes-1' };
  const remote = { ...known, server: 'https://worlds.example/', database: 'notes-1' };
  await worlds.put({ ...notes, lastHead: { opSeq: 7, chainHash: 'ab' } });
  await worlds.put(remote);
  await store(home, 'c2aa', JSON.stringify({ name: 'notes-1' }), 5000);
  await store(home, 'c2bb.deleted', 'not JSON', 5000);
  let nowMs = 0;
  const machine = { worlds, clock: { nowMs: () => nowMs, after: () => () => undefined } };
  const first = await worldSizes(machine);
  const description = JSON.stringify({ name: 'notes-1' }).length;
  assert.deepEqual(
    [first.get(sizeKey(notes))?.bytes, first.get(sizeKey(notes))?.ops],
    [5000 + description, 7],
  );
  assert.equal(first.get(sizeKey(remote))?.bytes, undefined);
  await store(home, 'c2aa', JSON.stringify({ name: 'notes-1' }), 8000);
  await worlds.rememberHead('embedded', 'notes-1', { opSeq: 10, chainHash: 'cd' });
  nowMs = DAY_MS;
  const { grown } = (await worldSizes(machine)).get(sizeKey(notes))!;
  assert.deepEqual([grown?.bytes, grown?.ops, grown?.sinceMs], [3000, 3, 0]);
  await worlds.remove('embedded', 'notes-1');
  await worldSizes(machine);
  assert.doesNotMatch(await readFile(path.join(home, 'world-sizes.json'), 'utf8'), /at embedded/);
});

test('samples that cannot be read are begun anew', async (t) => {
  const home = await temporaryFolder(t);
  await writeFile(path.join(home, 'world-sizes.json'), '{"worlds"');
  const clock = { nowMs: () => 0, after: () => () => undefined };
  assert.equal((await worldSizes({ worlds: new WorldList(home), clock })).size, 0);
});

async function store(home: string, entry: string, info: string, bytes: number): Promise<void> {
  const folder = path.join(home, 'databases', entry);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'database.json'), info);
  await writeFile(path.join(folder, 'world.db'), new Uint8Array(bytes));
}
