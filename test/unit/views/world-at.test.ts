// Folders of a window may lie within each other; each file is of the world that binds it.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { DiskFiles } from '../../../src/mirror/disk-files.ts';
import { worldAt } from '../../../src/views/disk/world-at.ts';

const root = path.resolve('/p');
const outer = new DiskFiles(root);
const inner = new DiskFiles(path.join(root, 'sub'));
const fileIn = (...names: string[]): string => path.join(root, ...names);

test('a file of a folder that is in no world is of the world around it', () => {
  assert.equal(worldAt([outer], fileIn('sub', 'a.ts')), outer);
});

test('of worlds in folders within each other a file is of the innermost', () => {
  for (const worlds of [
    [outer, inner],
    [inner, outer],
  ]) {
    assert.equal(worldAt(worlds, fileIn('sub', 'a.ts')), inner);
    assert.equal(worldAt(worlds, fileIn('a.ts')), outer);
  }
});

test('a file of no folder is of no world, and neither is the folder itself', () => {
  assert.equal(worldAt([inner], fileIn('a.ts')), undefined);
  assert.equal(worldAt([inner], fileIn('sub')), undefined);
  assert.equal(worldAt([], fileIn('a.ts')), undefined);
});
