import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderMarkdown } from '../src/markdown.js';

test('headings, paragraphs and emphasis', () => {
  assert.equal(
    renderMarkdown('# Hello\n\nA *small* and **bold** line\nthat goes on.'),
    '<h1>Hello</h1>\n<p>A <em>small</em> and <strong>bold</strong> line that goes on.</p>',
  );
});

test('emphasis may be written with underscores, and words may contain them', () => {
  assert.equal(
    renderMarkdown('_six_ of snake_case_names'),
    '<p><em>six</em> of snake_case_names</p>',
  );
});

test('a paragraph may follow its heading at once', () => {
  assert.equal(renderMarkdown('## Seen\nJupiter'), '<h2>Seen</h2>\n<p>Jupiter</p>');
});

test('list items go on in the next line, and tasks have a box', () => {
  assert.equal(
    renderMarkdown('1. Mix\n   well\n2. Wait'),
    '<ol><li>Mix well</li><li>Wait</li></ol>',
  );
  assert.equal(
    renderMarkdown('- [x] Read\n- [ ] Write'),
    '<ul><li><input type="checkbox" disabled checked> Read</li>' +
      '<li><input type="checkbox" disabled> Write</li></ul>',
  );
});

test('nothing inside code is Markdown', () => {
  assert.equal(renderMarkdown('`**a** [[b]]`'), '<p><code>**a** [[b]]</code></p>');
  assert.equal(
    renderMarkdown('```js\nlet a = 1;\n\nlet b = a < 2;\n```'),
    '<pre><code>let a = 1;\n\nlet b = a &lt; 2;</code></pre>',
  );
});

test('what looks like HTML is shown, not run', () => {
  assert.equal(renderMarkdown('<script>'), '<p>&lt;script&gt;</p>');
  assert.equal(renderMarkdown('[click](javascript:alert)'), '<p>click</p>');
});
