import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  linksBetween,
  noteFinder,
  parseNote,
  searchNotes,
  slugOf,
} from '../src/notes.js';
import { serve } from '../src/serve.js';
import { renderSite } from '../src/site.js';

const root = fileURLToPath(new URL('..', import.meta.url));

const tea = parseNote(
  'tea',
  '---\ntitle: Green tea\ndate: 2024-01-02\ntags: kitchen, warm\n---\n\nSee [[Kettle]].',
);
const kettle = parseNote('kettle', 'Boils water for [[green tea]], and [[tea]] again.');

test('front matter becomes title, date and tags', () => {
  assert.deepEqual(tea, {
    slug: 'tea',
    title: 'Green tea',
    date: '2024-01-02',
    tags: ['kitchen', 'warm'],
    body: 'See [[Kettle]].',
    firstLine: 7,
  });
});

test('a note without front matter is named after its file', () => {
  assert.equal(parseNote('rainy-days', 'Books.').title, 'rainy days');
});

test('titles become file names', () => {
  assert.equal(slugOf('Rainy days!'), 'rainy-days');
  assert.equal(slugOf('Crème brûlée'), 'creme-brulee');
});

test('a link finds a note by its title or by its file name', () => {
  const find = noteFinder([tea, kettle]);
  assert.equal(find('green TEA'), tea);
  assert.equal(find('tea'), tea);
  assert.equal(find('coffee'), undefined);
});

test('two links to the same note count once', () => {
  assert.deepEqual(linksBetween([tea, kettle]), [
    { from: tea, to: kettle },
    { from: kettle, to: tea },
  ]);
});

test('search tells the note and the line', () => {
  assert.deepEqual(searchNotes([tea, kettle], 'see'), [
    { note: tea, line: 7, text: tea.body },
  ]);
});

test('every page of the site is there, and every link between pages leads to one', async () => {
  const site = await renderSite(root);
  assert.ok(site.has('welcome.html'));
  for (const [file, content] of site) {
    for (const [, target] of content.matchAll(/href="([^":]+)"/g)) {
      assert.ok(site.has(target), `${file} links to ${target}`);
    }
  }
});

test('a page says who links to it', async () => {
  const page = (await renderSite(root)).get('night-sky.html');
  assert.match(page ?? '', /Linked from.*sourdough\.html/);
});

test('the server shows pages, and only pages', async (context) => {
  const { address, close } = await serve(root, 0);
  context.after(close);
  const page = await fetch(`${address}welcome.html`);
  assert.match(await page.text(), /<h1>Welcome<\/h1>/);
  assert.equal((await fetch(`${address}package.json`)).status, 404);
});
