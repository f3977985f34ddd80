import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { silentLog } from '../../../src/world/log.ts';
import { ReadMarks } from '../../../src/world/read-marks.ts';
import { temporaryFolder } from './temporary-folder.ts';

const WITH_BEN = 'a1 b2';

function placeIn(home: string) {
  return { home, database: 'the/world', identity: 'c2'.repeat(32) };
}

function markLine(noteId: number): string {
  return `{"key":"all","noteId":${noteId}}\n`;
}

function fileIn(home: string): string {
  const folder = path.join(home, 'read');
  const [name, ...others] = readdirSync(folder);
  assert.ok(name && others.length === 0);
  return path.join(folder, name);
}

test('what was read is known to the next window, and only to its user', async (t) => {
  const home = await temporaryFolder(t);
  const first = await ReadMarks.open(placeIn(home), silentLog);
  await first.mark(WITH_BEN, 7);
  await first.mark(WITH_BEN, 3);
  assert.equal(first.upTo(WITH_BEN), 7, 'a mark never goes back');
  first.close();
  const next = await ReadMarks.open(placeIn(home), silentLog);
  assert.deepEqual([next.upTo(WITH_BEN), next.upTo('all')], [7, 0]);
  next.close();
  assert.equal(statSync(fileIn(home)).mode & 0o077, 0);
  const other = await ReadMarks.open({ ...placeIn(home), identity: 'd3' }, silentLog);
  assert.equal(other.upTo(WITH_BEN), 0);
  other.close();
});

test('windows hear what another one has read, and none takes a mark back', async (t) => {
  const home = await temporaryFolder(t);
  const [one, two] = [
    await ReadMarks.open(placeIn(home), silentLog),
    await ReadMarks.open(placeIn(home), silentLog),
  ];
  const heard = new Promise<void>((resolve) => {
    two.onChange(() => {
      if (two.upTo('all') === 5) resolve();
    });
  });
  await Promise.all([two.mark(WITH_BEN, 9), one.mark('all', 5)]);
  await heard;
  assert.deepEqual([two.upTo('all'), two.upTo(WITH_BEN)], [5, 9]);
  one.close();
  two.close();
  const next = await ReadMarks.open(placeIn(home), silentLog);
  assert.deepEqual([next.upTo('all'), next.upTo(WITH_BEN)], [5, 9]);
  next.close();
});

test('a line that was cut short costs no other; a long file is written anew', async (t) => {
  const home = await temporaryFolder(t);
  const first = await ReadMarks.open(placeIn(home), silentLog);
  await first.mark('all', 2);
  appendFileSync(fileIn(home), '{"key":"all","no');
  await first.mark('all', 4);
  first.close();
  const second = await ReadMarks.open(placeIn(home), silentLog);
  assert.equal(second.upTo('all'), 4);
  second.close();
  const lines = Array.from({ length: 3000 }, (_, index) => markLine(index + 5));
  appendFileSync(fileIn(home), lines.join(''));
  assert.ok(statSync(fileIn(home)).size > 64 * 1024);
  const next = await ReadMarks.open(placeIn(home), silentLog);
  assert.equal(next.upTo('all'), 3004);
  assert.equal(readFileSync(fileIn(home), 'utf8'), markLine(3004));
  next.close();
});
