// Arguments of megabytes that make naive patterns take for ever: each has to end at all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitHunks } from '../../../../src/agents/tools/fit-hunks.ts';
import { fitsGlob } from '../../../../src/agents/tools/glob.ts';
import { nearestPlace } from '../../../../src/agents/tools/nearest-place.ts';
import { parsePatch } from '../../../../src/agents/tools/patch.ts';
import { findQuotes } from '../../../../src/agents/tools/quotes.ts';
import { WorldPaths } from '../../../../src/agents/tools/world-paths.ts';
import { Text } from '../../../../src/core/text.ts';
import { WorldView } from '../../../../src/world/world-view.ts';

const MANY = 2_000_000;

test('patches with endless rows are read', () => {
  const blanks = ' '.repeat(MANY);
  assert.equal(parsePatch(`*** Begin Patch\n*** Update File: a${blanks}b\n+x\n`).tag, 'patch');
  assert.equal(
    parsePatch(`*** Begin Patch\n*** Update File: a\n*** Move to: a${blanks}b\n`).tag,
    'patch',
  );
  assert.equal(parsePatch(`diff --git a/x${' b/x'.repeat(MANY / 4)}\n`).tag, 'bad');
  assert.equal(parsePatch('\n'.repeat(MANY)).tag, 'bad');
  const parsed = parsePatch(`--- a/x\n+++ b/x\n@@ -1 +1 @@\n${'-\n'.repeat(100_000)}+x\n`);
  assert.ok(parsed.tag === 'patch' && parsed.files[0]?.kind === 'update');
  assert.equal(fitHunks(Text.of('\n'.repeat(1000)), parsed.files[0].hunks).tag, 'misfit');
});

test('paths and globs of any length are judged', async () => {
  const paths = new WorldPaths(new WorldView((error) => assert.fail(String(error))), []);
  for (const spelling of [`${'/'.repeat(MANY)}x`, '../'.repeat(MANY), `a${'/'.repeat(MANY)}b`]) {
    assert.equal((await paths.canonical(spelling)).tag, 'bad');
  }
  for (const glob of ['*'.repeat(MANY), '{'.repeat(MANY), '*a'.repeat(2000)]) {
    assert.equal(fitsGlob(`${'a'.repeat(200)}/b`, glob), false);
  }
  assert.ok(fitsGlob('a/b', '**/'.repeat(1000)));
});

test('quotes of any length are looked for, and nothing is near a blank one', () => {
  const text = Text.of('a\n'.repeat(20_000));
  const search = `${'\n'.repeat(MANY)}x`;
  assert.equal(findQuotes(text, [{ search, replacement: '' }]).tag, 'not_found');
  assert.equal(nearestPlace([...text.lines()], search.split('\n')), undefined);
});
