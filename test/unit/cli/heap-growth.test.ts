import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const heapGrowth = fileURLToPath(new URL('../../../src/cli/heap-growth.ts', import.meta.url));

/** Makes much that is soon garbage, and prints how large the space for it became, in MB. */
const WORK = `
  const [, file] = process.argv;
  if (file) (await import(file)).boundHeapGrowth();
  const { getHeapSpaceStatistics } = await import('node:v8');
  let kept = [];
  for (let turn = 0; turn < 40; turn++) {
    for (let at = 0; at < 200_000; at++) {
      kept.push({ at, text: 'x' + at });
      if (kept.length > 100_000) kept = kept.slice(50_000);
    }
    await new Promise(setImmediate);
  }
  const space = getHeapSpaceStatistics().find((each) => each.space_name === 'new_space');
  console.log(Math.round(space.space_size / 1e6));
`;

function newSpaceMb(...file: readonly string[]): number {
  const args = ['--input-type=module', '-e', WORK, ...file];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

test('a process of long life keeps less of what is new than V8 would', () => {
  assert.ok(newSpaceMb() > 60, 'by itself it grows');
  const bounded = newSpaceMb(heapGrowth);
  assert.ok(bounded >= 16 && bounded <= 36, `${bounded} MB`);
});
