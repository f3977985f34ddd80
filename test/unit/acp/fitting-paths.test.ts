import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fittingPaths } from '../../../src/acp/fitting-paths.ts';

const PATHS = [
  'src/views/run-page.ts',
  'src/run.ts',
  'src/views/rerun.ts',
  'run/a.ts',
  'b/r/un.ts',
  'c.ts',
];

test('the files whose name begins so come first, then those that have it, the shortest first', () => {
  assert.deepEqual(found('run'), [
    'src/run.ts',
    'src/views/run-page.ts',
    'src/views/rerun.ts',
    'run/a.ts',
    'b/r/un.ts',
  ]);
  assert.deepEqual(found('RUN.TS'), [
    'src/run.ts',
    'src/views/rerun.ts',
    'run/a.ts',
    'b/r/un.ts',
    'src/views/run-page.ts',
  ]);
  assert.deepEqual(found('xyz'), []);
});

test('no more are given than are wanted, and none that is deleted', () => {
  assert.deepEqual(found('', 2), ['c.ts', 'run/a.ts']);
  assert.deepEqual(fittingPaths([{ path: 'a.ts', deleted: true }], 'a', 5), []);
});

function found(query: string, most = 20): readonly string[] {
  const files = PATHS.map((path) => ({ path, deleted: false }));
  return fittingPaths(files, query, most);
}
