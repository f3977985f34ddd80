// Every reason for which a file is not live has its row and its section, and every section its tests.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../../scripts/setup/paths.mjs';
import { NOT_LIVE } from '../../../src/mirror/why-not-live.ts';

const page = read('docs/what-is-live.md');
const [, ...sections] = page.split(/^## /m);
/** What the status bar opens, as Markdown names a heading. */
const wanted = NOT_LIVE.map((why) => why.replaceAll('_', '-'));

test('every reason has a section, and no section is of another', () => {
  const headings = sections.map((section) => section.split('\n', 1)[0]!);
  const names = headings.map((each) => each.toLowerCase().replaceAll(' ', '-'));
  assert.deepEqual(names.sort(), [...wanted].sort());
});

test('every reason has a row that leads to its section', () => {
  const rows = [...page.matchAll(/^\| \[[^\]]+\]\(#([a-z-]+)\) +\| no +\|/gm)];
  const names = rows.map(([, name = '']) => name);
  assert.deepEqual(names.sort(), [...wanted].sort());
});

test('every section names tests, and they are there', () => {
  for (const section of sections) {
    const named = [...section.matchAll(/^- `(test\/\S+\.test\.ts)`: “(.+)”$/gm)];
    assert.ok(named.length > 0, section);
    assert.equal(named.length, section.split('`test/').length - 1, 'none is written otherwise');
    for (const [, file = '', title = ''] of named) {
      const quoted = ["'", '"', '`'].map((quote) => `${quote}${title}${quote}`);
      const source = read(file);
      assert.ok(
        quoted.some((each) => source.includes(each)),
        `${file} has no test “${title}”`,
      );
    }
  }
});

function read(file: string): string {
  return fs.readFileSync(path.join(projectRoot, file), 'utf8');
}
