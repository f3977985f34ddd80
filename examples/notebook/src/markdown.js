/** @import { FindNote } from './types.d.ts' */

/**
 * Turns the Markdown that notes use into HTML: headings, paragraphs, lists, tasks, quotes,
 * code, emphasis, links, and `[[links]]` to other notes.
 */
export function renderMarkdown(
  /** @type {string} */ source,
  /** @type {FindNote} */ findNote = () => undefined,
) {
  const inline = (/** @type {string} */ text) => renderInline(text, findNote);
  return splitBlocks(source)
    .map((block) => renderBlock(block, inline))
    .join('\n');
}

/** Blocks are separated by empty lines, except within a code fence. */
function splitBlocks(/** @type {string} */ source) {
  const blocks = [];
  let block = [];
  let fenced = false;
  const finish = () => {
    if (block.length > 0) blocks.push(block);
    block = [];
  };
  for (const line of source.split('\n')) {
    if (line.startsWith('```')) {
      if (!fenced) finish();
      block.push(line);
      if (fenced) finish();
      fenced = !fenced;
    } else if (line.trim() === '' && !fenced) finish();
    else block.push(line);
  }
  finish();
  return blocks;
}

function renderBlock(/** @type {string[]} */ lines, inline) {
  const [first] = lines;
  const heading = /^(#{1,6}) (.+)$/.exec(first);
  if (heading) {
    const level = heading[1].length;
    const rest = lines.slice(1);
    const title = `<h${level}>${inline(heading[2])}</h${level}>`;
    return rest.length === 0 ? title : `${title}\n${renderBlock(rest, inline)}`;
  }
  if (first.startsWith('```')) return renderCode(lines);
  if (/^[-*] /.test(first)) return renderList('ul', lines, /^[-*] /, inline);
  if (/^\d+\. /.test(first)) return renderList('ol', lines, /^\d+\. /, inline);
  if (/^---+$/.test(first)) return '<hr>';
  if (first.startsWith('> ')) {
    const quoted = lines.map((line) => line.replace(/^> ?/, ''));
    return `<blockquote>${inline(quoted.join(' '))}</blockquote>`;
  }
  return `<p>${inline(lines.join(' '))}</p>`;
}

function renderCode(/** @type {string[]} */ lines) {
  const body = lines.at(-1) === '```' ? lines.slice(1, -1) : lines.slice(1);
  return `<pre><code>${escapeHtml(body.join('\n'))}</code></pre>`;
}

function renderList(
  tag,
  /** @type {string[]} */ lines,
  /** @type {RegExp} */ marker,
  inline,
) {
  const items = [];
  for (const line of lines) {
    if (marker.test(line)) items.push(line.replace(marker, ''));
    else items[items.length - 1] += ` ${line.trim()}`;
  }
  return `<${tag}>${items.map((item) => `<li>${renderItem(item, inline)}</li>`).join('')}</${tag}>`;
}

/** `- [ ]` is something to do, `- [x]` is done. */
function renderItem(/** @type {string} */ item, inline) {
  const task = /^\[([ x])\] (.*)$/.exec(item);
  if (!task) return inline(item);
  const checked = task[1] === 'x' ? ' checked' : '';
  return `<input type="checkbox" disabled${checked}> ${inline(task[2])}`;
}

/** Code is taken out first and put back last, so that nothing inside it is read as Markdown. */
function renderInline(/** @type {string} */ text, /** @type {FindNote} */ findNote) {
  const code = [];
  return escapeHtml(text)
    .replace(/`([^`]+)`/g, (_, body) => `\0${code.push(body) - 1}\0`)
    .replace(/\[\[([^\]]+)\]\]/g, (_, words) => renderNoteLink(words, findNote))
    .replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, (_, label, target) =>
      renderLink(label, target),
    )
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replace(/\*([^*]+)\*/g, '<em>$1</em>')
    .replace(/(?<!\w)_([^_]+)_(?!\w)/g, '<em>$1</em>')
    .replace(/\0(\d+)\0/g, (_, index) => `<code>${code[index]}</code>`);
}

function renderNoteLink(/** @type {string} */ words, /** @type {FindNote} */ findNote) {
  const note = findNote(words);
  if (!note) return `<span class="missing" title="No such note yet">${words}</span>`;
  return `<a href="${note.slug}.html">${words}</a>`;
}

/** Addresses of other kinds, such as `javascript:`, stay text. */
function renderLink(/** @type {string} */ label, /** @type {string} */ target) {
  const harmless = /^(https?:|mailto:|[^:]*$)/i.test(target);
  return harmless ? `<a href="${target}">${label}</a>` : label;
}

export function escapeHtml(/** @type {string} */ text) {
  const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character]);
}
