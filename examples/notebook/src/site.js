import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readNotes } from './notes.js';
import { renderIndexPage, renderNotePage } from './page.js';

/**
 * Renders the whole notebook in memory.
 * @returns {Promise<import('./types.d.ts').Site>}
 */
export async function renderSite(/** @type {string} */ root) {
  const notes = await readNotes(root);
  const style = await readFile(path.join(root, 'style', 'notebook.css'), 'utf8');
  return new Map([
    ['index.html', renderIndexPage(notes)],
    ['notebook.css', style],
    ...notes.map((note) => [`${note.slug}.html`, renderNotePage(note, notes)]),
  ]);
}
