import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../../scripts/setup/paths.mjs';

test('every test that docs/complaints.md names is there', () => {
  const list = readProject('docs/complaints.md');
  const named = [...list.matchAll(/`(test\/\S+\.test\.ts)`: “(.+)”$/gm)];
  assert.ok(named.length >= 20, `${named.length} tests are named`);
  for (const [, file = '', title = ''] of named) {
    assert.ok(readProject(file).includes(title), `${file} has no test “${title}”`);
  }
});

test('every row says what holds against it', () => {
  const rows = readProject('docs/complaints.md').split(/^## /m).slice(1);
  for (const row of rows) assert.match(row, /`test\/\S+\.test\.ts`: “/, row.split('\n', 1)[0]);
});

function readProject(file: string): string {
  return fs.readFileSync(path.join(projectRoot, file), 'utf8');
}
