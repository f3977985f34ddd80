import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { planIndex } from '../../../src/agents/index-plan.ts';
import { Text } from '../../../src/core/text.ts';
import { scanFolder } from '../../../src/world/folder-scan.ts';

function indexed(readme: string, paths: readonly string[] = []): string {
  const text = Text.of(readme);
  return text.apply(planIndex(text, paths)).toString();
}

test('the table of contents lists headings of two levels, with anchors', () => {
  const readme =
    '# Title\n<!-- toc -->\n<!-- /toc -->\n## One\n### Half & half\n#### Deep\n## One\n';
  assert.equal(
    indexed(readme),
    '# Title\n<!-- toc -->\n\n- [One](#one)\n  - [Half & half](#half--half)\n- [One](#one-1)\n\n' +
      '<!-- /toc -->\n## One\n### Half & half\n#### Deep\n## One\n',
  );
});

test('headings are named without their marks', () => {
  const readme = '<!-- toc -->\n<!-- /toc -->\n## The `x` of [y](z) and *w*\n';
  assert.match(indexed(readme), /- \[The x of y and w\]\(#the-x-of-y-and-w\)/);
});

test('what looks like a heading or a marker in code is none', () => {
  const readme = '<!-- toc -->\n<!-- /toc -->\n```\n## No\n<!-- files -->\n```\n## Yes\n';
  const result = indexed(readme, ['src/a.js']);
  assert.match(result, /- \[Yes\]/);
  assert.doesNotMatch(result, /\[No\]|\[src/);
});

test('the file list keeps what people wrote about a file', () => {
  const readme =
    '<!-- files -->\n\n- [src/b.js](src/b.js) — the best one\n- [src/old.js](src/old.js) — gone\n\n<!-- /files -->\n';
  assert.equal(
    indexed(readme, ['src/b.js', 'src/a b.js', 'package.json', '.github/ci.yml', 'src/.env']),
    '<!-- files -->\n\n- [src/a b.js](src/a%20b.js)\n- [src/b.js](src/b.js) — the best one\n\n<!-- /files -->\n',
  );
});

test('a folder may be named', () => {
  const readme = '<!-- files docs/ -->\n<!-- /files -->\n';
  assert.equal(
    indexed(readme, ['docs/a.md', 'src/a.js']),
    '<!-- files docs/ -->\n\n- [docs/a.md](docs/a.md)\n\n<!-- /files -->\n',
  );
});

test('a block that somebody is still writing is left alone', () => {
  const readme = '<!-- toc -->\n## Heading\n';
  assert.equal(indexed(readme), readme);
});

test('the second time there is nothing to do', () => {
  const readme = '<!-- toc -->\n<!-- /toc -->\n## A\n<!-- files -->\n<!-- /files -->\n';
  const once = indexed(readme, ['src/a.js']);
  assert.deepEqual(planIndex(Text.of(once), ['src/a.js']), []);
});

test('only lines of the blocks that were wrong are touched', () => {
  const readme = '<!-- toc -->\n\n- [A](#a)\n- [C](#c)\n\n<!-- /toc -->\n## A\n## B\n## C\n';
  const changes = planIndex(Text.of(readme), []);
  assert.deepEqual(
    changes.map(({ startLine, endLine, text }) => [startLine, endLine, text]),
    [[3, 3, '- [B](#b)\n']],
  );
});

test('headings above the table are not in it, but count for the anchors', () => {
  const readme = '## Same\n<!-- toc -->\n<!-- /toc -->\n## Same\n';
  assert.match(indexed(readme), /-->\n\n- \[Same\]\(#same-1\)\n\n<!--/);
});

test('the README of the example project has both blocks, and they can be made true', async () => {
  const folder = new URL('../../../examples/notebook/', import.meta.url).pathname;
  const { files } = await scanFolder(folder);
  const paths = files.map((file) => file.path);
  const once = indexed(await readFile(`${folder}README.md`, 'utf8'), paths);
  assert.match(once, /- \[src\/cli\.js\]\(src\/cli\.js\)/);
  assert.match(once, / {2}- \[Links\]\(#links\)/);
  assert.deepEqual(planIndex(Text.of(once), paths), []);
});
