import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../../scripts/setup/paths.mjs';

/** A test as the page names it, in a list or in a row of the table. */
const NAMED = /`(test\/\S+\.test\.ts)`: “([^”]+)”/g;

test('every test that docs/complaints.md names is there', () => {
  const named = [...page().matchAll(NAMED)];
  assert.equal(named.length, page().split('`test/').length - 2, 'none is written in another way');
  for (const [, file = '', title = ''] of named) {
    const isThere = ["'", '"', '`'].some((quote) =>
      readProject(file).includes(`${quote}${title}${quote}`),
    );
    assert.ok(isThere, `${file} has no test “${title}”`);
  }
});

test('every row says what holds against it', () => {
  const rows = page().split(/^## /m).slice(1);
  for (const row of rows) assert.match(row, /`test\/\S+\.test\.ts`: “/, row.split('\n', 1)[0]);
});

test('at least forty reports have a test each; a row without one says that nothing is held against it', () => {
  const rows = reports();
  const held = rows.filter(({ test: named }) => named !== 'none');
  assert.ok(held.length >= 40, `${held.length} rows name a test`);
  for (const { report, elsewhere, here, test: named } of rows) {
    assert.match(report, /^\[[^\]]+#\d+\]\(https:\/\/github\.com\/\S+\/issues\/\d+\)$/);
    assert.match(elsewhere, /\.$/, report);
    assert.match(here, /\.$/, report);
    if (named === 'none') assert.match(here, /^\*\*Not handled:\*\* /, report);
    else assert.match(named, new RegExp(`^${NAMED.source}(<br>${NAMED.source})*$`), report);
  }
});

test('no report is told twice', () => {
  const links = [...page().matchAll(/\]\((https:\/\/[^)]+)\)/g)].map(([, link]) => link);
  assert.deepEqual(
    links.filter((link, index) => links.indexOf(link) !== index),
    [],
  );
});

/** The rows of the table. */
function reports() {
  const lines = page().split('\n');
  const head = lines.findIndex((line) => line.startsWith('| report '));
  const table = lines.slice(head + 2).filter((line) => line.startsWith('|'));
  return table.map((line) => {
    const cells = line.slice(1, -1).split(' | ');
    assert.equal(cells.length, 4, line);
    const [report = '', elsewhere = '', here = '', named = ''] = cells.map((cell) => cell.trim());
    return { report, elsewhere, here, test: named };
  });
}

function page(): string {
  return readProject('docs/complaints.md');
}

function readProject(file: string): string {
  return fs.readFileSync(path.join(projectRoot, file), 'utf8');
}
