import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countInScope, parseScope, topFolders } from '../../../src/views/members/scope-text.ts';

const PATHS = ['README.md', 'src/a.ts', 'src/deep/b.ts', 'docs/c.md'];

test('paths are typed with commas, in any spacing, each once', () => {
  assert.deepEqual(parseScope(' src/**,, ./docs , src/** '), ['src/**', 'docs']);
  assert.deepEqual(parseScope(''), []);
});

test('what a scope covers is counted; none covers everything', () => {
  assert.equal(countInScope(['src'], PATHS), 2);
  assert.equal(countInScope(['**/*.md'], PATHS), 2);
  assert.equal(countInScope([], PATHS), 4);
});

test('the folders at the top can be chosen', () => {
  assert.deepEqual(topFolders(PATHS), ['docs', 'src']);
});
