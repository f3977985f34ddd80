import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** @import { FindNote, Note, NoteLink } from './types.d.ts' */

/** Reads every note of a notebook, newest first. */
export async function readNotes(/** @type {string} */ root) {
  const folder = path.join(root, 'notes');
  const files = (await readdir(folder)).filter((file) => file.endsWith('.md'));
  const notes = await Promise.all(
    files.map(async (file) =>
      parseNote(file.slice(0, -3), await readFile(path.join(folder, file), 'utf8')),
    ),
  );
  return notes.sort(
    (a, b) => b.date.localeCompare(a.date) || a.slug.localeCompare(b.slug),
  );
}

/**
 * Splits a file into its front matter and its text. A note without front matter takes its
 * title from its file name.
 * @returns {Note}
 */
export function parseNote(/** @type {string} */ slug, /** @type {string} */ source) {
  const head = /^---\r?\n([\s\S]*?)\r?\n---\r?\n/.exec(source);
  const fields = new Map(
    (head?.[1] ?? '').split(/\r?\n/).map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    }),
  );
  const body = source.slice(head?.[0].length ?? 0).trim();
  const before = source.slice(0, source.lastIndexOf(body));
  return {
    slug,
    title: fields.get('title') || slug.replaceAll('-', ' '),
    date: fields.get('date') ?? '',
    tags: (fields.get('tags') ?? '')
      .split(',')
      .map((tag) => tag.trim())
      .filter(Boolean),
    body,
    firstLine: before.split('\n').length,
  };
}

/** A title as a file name: `Rainy days!` becomes `rainy-days`. */
export function slugOf(/** @type {string} */ title) {
  return title
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{Mark}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

/**
 * The words of a link may be a note's title or its file name.
 * @returns {FindNote}
 */
export function noteFinder(/** @type {readonly Note[]} */ notes) {
  const byName = new Map(
    notes.flatMap((note) => [
      [note.slug, note],
      [slugOf(note.title), note],
    ]),
  );
  return (words) => byName.get(slugOf(words));
}

/**
 * Every link between two notes, each once.
 * @returns {NoteLink[]}
 */
export function linksBetween(/** @type {readonly Note[]} */ notes) {
  const find = noteFinder(notes);
  return notes.flatMap((from) => {
    const words = [...from.body.matchAll(/\[\[([^\]]+)\]\]/g)].map((match) => match[1]);
    const targets = new Set(words.map(find).filter((to) => to && to !== from));
    return [...targets].map((to) => ({ from, to }));
  });
}

/** The lines that contain a word, whatever its case, with their numbers in the file. */
export function searchNotes(
  /** @type {readonly Note[]} */ notes,
  /** @type {string} */ word,
) {
  const wanted = word.toLowerCase();
  if (!wanted) return [];
  return notes.flatMap((note) =>
    note.body
      .split('\n')
      .map((text, index) => ({ note, line: note.firstLine + index, text }))
      .filter(({ text }) => text.toLowerCase().includes(wanted)),
  );
}
