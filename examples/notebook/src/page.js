import {escapeHtml,renderMarkdown} from "./markdown.js"
import { noteFinder,linksBetween } from "./notes.js"

/** @import { Note } from './types.d.ts' */

/** The page of one note: its text, and at the end the notes that link to it. */
export function renderNotePage(/** @type {Note} */ note, /** @type {readonly Note[]} */ notes) {
  const backlinks = linksBetween(notes).filter(link => link.to === note).map(link => link.from)
    const related = backlinks.length===0 ? '' :
`<aside><h2>Linked from</h2>${renderNoteList(backlinks)}</aside>`
  return renderPage(note.title, `<article>
<p class="details">${ escapeHtml(note.date) }${renderTags(note.tags)}</p>
<h1>${escapeHtml(note.title)}</h1>
${renderMarkdown(note.body, noteFinder(notes))}
</article>
${related}`)
}

/** The page that opens first: all notes, newest first. */
export function renderIndexPage(/** @type {readonly Note[]} */ notes) {
  return renderPage("Notebook", `<h1>Notebook</h1>
${renderNoteList(notes)}
<p class="details">${notes.length} notes, ${ countWords(notes) } words</p>`)
}

function renderNoteList(/** @type {readonly Note[]} */ notes) {
  const items = notes.map( ({slug,title,date,tags}) => {
    return `<li><a href="${slug}.html">${escapeHtml(title)}</a> <span class="details">${escapeHtml(date)}${renderTags(tags)}</span></li>`
  })
  return `<ul class="notes">${items.join("")}</ul>`
}

function renderTags( /** @type {readonly string[]} */ tags ) { return tags.map(tag => ` <span class="tag">${escapeHtml(tag)}</span>`).join("") }

function countWords(/** @type {readonly Note[]} */ notes) {
  return notes.reduce((sum,{body}) =>
    sum + body.split(/\s+/)
      .filter(Boolean)
        .length, 0)
}

function renderPage(/** @type {string} */ title, /** @type {string} */ content) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="notebook.css">
</head>
<body>
<nav><a href="index.html">All notes</a></nav>
<main>
${content}
</main>
</body>
</html>
`
}
