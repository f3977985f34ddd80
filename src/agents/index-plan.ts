import type { Changes } from '../core/change.ts';
import { Text } from '../core/text.ts';
import { lineChanges } from './line-changes.ts';

/**
 * The changes that make a README's generated parts true again, leaving everything else alone:
 *
 * - between `<!-- toc -->` and `<!-- /toc -->` a table of contents from the headings of level 2
 *   and 3 below it, with anchors as GitHub makes them;
 * - between `<!-- files -->` and `<!-- /files -->` one item for each of `paths` that lies in a folder
 *   and is not hidden, keeping what people wrote behind the dash of an item. `<!-- files src/ -->`
 *   lists only what is under `src/`.
 *
 * Lines that are right already are not touched. Relative to `readme`; empty when all is true.
 */
export function planIndex(readme: Text, paths: readonly string[]): Changes {
  const lines = [...readme.lines()];
  const fenced = fencedLines(lines);
  const wanted: string[] = [];
  let copied = 0;
  for (const block of blocksOf(lines, fenced)) {
    const current = lines.slice(block.firstLine, block.endExclusive);
    wanted.push(...lines.slice(copied, block.firstLine));
    const items =
      block.kind === 'toc'
        ? tableOfContents(lines, fenced, block.endExclusive)
        : fileIndex(listed(block.argument, paths), current);
    // Markdown formatters put an empty line between a comment and a list.
    wanted.push(...(items.length > 0 ? ['', ...items, ''] : ['']));
    copied = block.endExclusive;
  }
  return lineChanges(readme, Text.ofLines([...wanted, ...lines.slice(copied)]));
}

function listed(folder: string, paths: readonly string[]): readonly string[] {
  return paths.filter(
    (path) => path.startsWith(folder) && path.includes('/') && !`/${path}`.includes('/.'),
  );
}

/** Lines between two markers. */
interface Block {
  readonly kind: 'toc' | 'files';
  readonly argument: string;
  readonly firstLine: number;
  readonly endExclusive: number;
}

const OPENING = /^<!-- (toc|files)(?: (\S+))? -->$/;

function blocksOf(lines: readonly string[], fenced: ReadonlySet<number>): Block[] {
  const blocks: Block[] = [];
  for (let line = 0; line < lines.length; line++) {
    const match = fenced.has(line) ? null : OPENING.exec(lines[line]!.trim());
    if (!match) continue;
    const kind = match[1] as Block['kind'];
    const end = lines.findIndex((text, at) => at > line && text.trim() === `<!-- /${kind} -->`);
    if (end < 0) continue; // somebody is still writing the closing marker
    blocks.push({ kind, argument: match[2] ?? '', firstLine: line + 1, endExclusive: end });
    line = end;
  }
  return blocks;
}

/** The lines of fenced code, fences included: what looks like a heading there is none. */
function fencedLines(lines: readonly string[]): ReadonlySet<number> {
  const fenced = new Set<number>();
  let fence = '';
  lines.forEach((text, line) => {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(text)?.[1] ?? '';
    if (fence !== '' || mark !== '') fenced.add(line);
    if (fence === '') fence = mark;
    else if (mark.startsWith(fence) && text.trim() === mark) fence = '';
  });
  return fenced;
}

/** Of the headings below the table: its own is above it. */
function tableOfContents(
  lines: readonly string[],
  fenced: ReadonlySet<number>,
  below: number,
): string[] {
  const seen = new Map<string, number>();
  const items: string[] = [];
  lines.forEach((text, line) => {
    const match = fenced.has(line) ? null : /^(#{1,6})\s+(.+?)\s*#*$/.exec(text);
    if (!match) return;
    const title = plainText(match[2]!);
    const anchor = uniqueAnchor(title, seen);
    const level = match[1]!.length;
    if (line > below && (level === 2 || level === 3)) {
      items.push(`${'  '.repeat(level - 2)}- [${escapeBrackets(title)}](#${anchor})`);
    }
  });
  return items;
}

/** A heading without emphasis, code marks and link targets. */
function plainText(heading: string): string {
  return heading
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[*`]/g, '')
    .trim();
}

function escapeBrackets(title: string): string {
  return title.replaceAll(/[[\]]/g, String.raw`\$&`);
}

/** As GitHub does: lower case, punctuation gone, spaces to dashes, a number on the second of a name. */
function uniqueAnchor(title: string, seen: Map<string, number>): string {
  const anchor = title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
  const count = seen.get(anchor) ?? 0;
  seen.set(anchor, count + 1);
  return count === 0 ? anchor : `${anchor}-${count}`;
}

const ITEM = /^- \[(.+?)\]\(.*?\)(?: \u2014 (.*))?$/;

function fileIndex(paths: readonly string[], current: readonly string[]): string[] {
  const notes = new Map<string, string>();
  for (const line of current) {
    const match = ITEM.exec(line.trim());
    if (match?.[2]) notes.set(match[1]!, match[2]);
  }
  // By code units and not by locale: every agent must arrive at the same list.
  const sorted = [...new Set(paths)].sort((a, b) => (a < b ? -1 : 1));
  return sorted.map((path) => {
    const note = notes.get(path);
    return `- [${path}](${encodeURI(path)})${note === undefined ? '' : ` — ${note}`}`;
  });
}
