import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  GATHERED_MS,
  KeptNotices,
  KEPT_MS,
  MOST_NOTICES,
  REFUSED_KEPT_MS,
} from '../../../src/agents/kept-notices.ts';

async function stateOf(t: TestContext): Promise<string> {
  const state = await mkdtemp(path.join(tmpdir(), 'agent-world-notices-'));
  t.after(() => rm(state, { recursive: true, force: true }));
  return state;
}

test('what is new is gathered for a while, counts as told after it, and goes in the end', async (t) => {
  const kept = await KeptNotices.read(await stateOf(t));
  assert.equal(kept.text('w', 0), '', 'nothing is there to tell');
  assert.equal(kept.dueMs(0), undefined);
  assert.equal(kept.news('Bob: a', false, 1000), false);
  assert.match(kept.text('w', 1000), /## New since 1970-01-01T00:00:01\.000Z\n\nBob: a\n$/);
  assert.equal(kept.dueMs(1000), GATHERED_MS);
  assert.equal(kept.news('Bob: a, b', false, 2000), false, 'the same and more');
  assert.doesNotMatch(kept.text('w', 2000), /Bob: a\n/);
  const told = 1000 + GATHERED_MS;
  assert.equal(kept.news('Bob: a, b', false, told), true);
  assert.equal(kept.news('', false, told), true);
  assert.match(
    kept.text('w', told),
    /^<!-- Written by Agent World.*\n\n# .* w\n\n## .*\n\nBob: a, b\n$/,
  );
  assert.equal(kept.dueMs(told), KEPT_MS);
  assert.equal(kept.text('w', told + KEPT_MS), '');
});

test('what was new is kept for so many notices, the newest first', async (t) => {
  const kept = await KeptNotices.read(await stateOf(t));
  for (let count = 0; count < 20; count++) assert.equal(kept.news(`n${count}`, true, count), true);
  const shown = [...kept.text('w', 20).matchAll(/^n(\d+)$/gm)].map(([, number]) => Number(number));
  assert.deepEqual(
    shown,
    Array.from({ length: MOST_NOTICES }, (_, at) => 19 - at),
  );
});

test('a refused write stays told until the world has what is written there, or for a day', async (t) => {
  const state = await stateOf(t);
  const kept = await KeptNotices.read(state);
  kept.refused('a.txt', 'first', 0);
  kept.refused('a.txt', `second ${'x'.repeat(5000)}`, 1);
  kept.refused('b.txt', 'other', 2);
  assert.doesNotMatch(kept.text('w', 3), /first/);
  assert.ok(kept.text('w', 3).length < 2048);
  await kept.write();
  const after = await KeptNotices.read(state);
  assert.equal(after.text('w', KEPT_MS * 2), kept.text('w', 3), 'also after a restart');
  after.accepted('a.txt');
  assert.doesNotMatch(after.text('w', 3), /second/);
  assert.match(after.text('w', 3), /other/);
  assert.equal(after.text('w', REFUSED_KEPT_MS + 2), '');
});

test('what was kept and is damaged is told anew', async (t) => {
  const state = await stateOf(t);
  for (const text of ['', '{', '{}', 'null']) {
    await writeFile(path.join(state, 'notices.json'), text);
    assert.equal((await KeptNotices.read(state)).text('w', 0), '');
  }
});
