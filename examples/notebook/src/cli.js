#!/usr/bin/env node
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readNotes, searchNotes, slugOf } from './notes.js';
import { serve } from './serve.js';
import { renderSite } from './site.js';

const root = fileURLToPath(new URL('..', import.meta.url));

const usage = `Usage: node src/cli.js COMMAND

  list            all notes, newest first
  search WORD     the lines in which a word occurs
  new "A TITLE"   start a note
  build           write the site to site/
  serve           show the site, and show it again whenever a note changes
`;

const commands = { list, search, new: create, build, serve: show };

const [name, ...words] = process.argv.slice(2);
const command = Object.hasOwn(commands, name ?? '') ? commands[name] : undefined;
if (command) await command(words.join(' '));
else console.log(usage);

async function list() {
  for (const { date, title, tags } of await readNotes(root)) {
    console.log(
      `${date.padEnd(10)}  ${title}${tags.map((tag) => `  #${tag}`).join('')}`,
    );
  }
}

async function search(word) {
  const hits = searchNotes(await readNotes(root), word);
  for (const { note, line, text } of hits) {
    console.log(`notes/${note.slug}.md:${line}  ${text.trim()}`);
  }
  console.log(hits.length === 1 ? '1 line' : `${hits.length} lines`);
}

async function create(title) {
  const slug = slugOf(title);
  if (!slug)
    return console.log('A note needs a title: node src/cli.js new "Rainy days"');
  const file = path.join(root, 'notes', `${slug}.md`);
  const date = new Date().toISOString().slice(0, 10);
  const text = `---\ntitle: ${title}\ndate: ${date}\ntags:\n---\n\n`;
  // wx: never write over a note that is there already.
  await writeFile(file, text, { flag: 'wx' });
  console.log(`Started notes/${slug}.md`);
}

async function build() {
  const site = await renderSite(root);
  const folder = path.join(root, 'site');
  await mkdir(folder, { recursive: true });
  for (const [file, content] of site) await writeFile(path.join(folder, file), content);
  console.log(`Wrote ${site.size} files to site/`);
}

async function show() {
  const { address } = await serve(root, 4173);
  console.log(`The notebook is open at ${address} (Ctrl-C closes it)`);
}
