import type { IdentityHex } from '../../core/op.ts';
import type { Text } from '../../core/text.ts';
import type { Strand } from '../../core/strand.ts';
import { type Border, type FilePast, hasAbove } from './file-past.ts';
import type { LineHunk } from './line-hunk.ts';
import { isMidTyping, undoneBy, type Undone, type Versions, versionsWith } from './old-states.ts';

/** Older versions at which the lines of a hunk were what a write makes of them. */
export interface OldLines {
  readonly versions: Versions;
  /** What it undoes to make them so again. */
  readonly undone: Undone;
  readonly isMidTyping: boolean;
  /** The lines around the hunk that were compared with it. */
  readonly above: number;
  readonly below: number;
  readonly border: Border;
}

export function isAt({ versions }: OldLines, version: number): boolean {
  return versions.first <= version && version <= versions.last;
}

/** What two texts and a file's past say about a hunk. */
export interface HunkSearch {
  readonly past: FilePast;
  readonly own: IdentityHex;
  readonly before: Text;
  readonly after: Text;
}

/** How many lines around a hunk are the same in both texts, up to the next hunk. */
export interface Room {
  readonly above: number;
  readonly below: number;
}

/**
 * When the lines of a hunk were what they are in the new text, newest first. Where the same lines
 * follow each other a difference may lie at several places, and what was deleted may have stood at
 * the border: so the lines around it are taken in, until something is found.
 */
export function findOldLines(search: HunkSearch, hunk: LineHunk, room: Room): readonly OldLines[] {
  const { past, own, after } = search;
  const tried = new Set<string>();
  for (const { above, below, border } of surroundings(search, hunk, room)) {
    const key = `${above} ${below} ${border}`;
    if (tried.has(key)) continue;
    tried.add(key);
    const from = hunk.from - above;
    const strands = past.strands(from, hunk.to + below, border);
    const text = linesText(after, hunk.newFrom - above, hunk.newTo + below);
    const found = versionsWith(past, strands, text)
      .filter(({ last }) => beginsLine(past, { line: from, border }, last))
      .map((versions): OldLines => {
        const undone = undoneBy(past, strands, versions.last, own);
        return { versions, undone, isMidTyping: isMidTyping(past, versions), above, below, border };
      });
    if (found.length > 0) return found;
  }
  return [];
}

interface Surroundings extends Room {
  readonly border: Border;
}

function* surroundings(search: HunkSearch, hunk: LineHunk, room: Room): Generator<Surroundings> {
  for (const border of ['both', 'above', 'below', 'none'] as const) {
    yield { above: 0, below: 0, border };
  }
  const slide = slideOf(search, hunk);
  for (const [above, below] of AROUND) {
    yield {
      above: Math.min(room.above, slide.above + above),
      below: Math.min(room.below, slide.below + below),
      border: 'both',
    };
  }
}

const AROUND = [
  [0, 0],
  [1, 1],
  [1, 0],
  [0, 1],
] as const;

/** How far lines that only come, or only go, could be moved without making another text. */
function slideOf({ before, after }: HunkSearch, hunk: LineHunk): Room {
  if (hunk.from !== hunk.to && hunk.newFrom !== hunk.newTo) return { above: 0, below: 0 };
  const isIn = hunk.from === hunk.to;
  const text = isIn ? after : before;
  const [from, to] = isIn ? [hunk.newFrom, hunk.newTo] : [hunk.from, hunk.to];
  let above = 0;
  while (above < MOST_SLIDE && from - above > 0) {
    if (text.line(from - 1 - above) !== text.line(to - 1 - above)) break;
    above++;
  }
  let below = 0;
  while (below < MOST_SLIDE && to + below < text.lineCount) {
    if (text.line(from + below) !== text.line(to + below)) break;
    below++;
  }
  return { above, below };
}

const MOST_SLIDE = 64;

/** Lines with their line ends; the last one of a text has none. */
export function linesText(text: Text, from: number, to: number): string {
  let found = '';
  let line = from;
  for (const content of text.lines(from, to)) {
    found += ++line === text.lineCount ? content : `${content}\n`;
  }
  return found;
}

/** The lines of `linesText`: the last one may have no line end. */
export function linesIn(text: string): readonly string[] {
  if (text === '') return [];
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}

/** Where lines begin, and whether what was deleted there belongs to them. */
interface Beginning {
  readonly line: number;
  readonly border: Border;
}

/** True when what stands in a line now, or behind the text, began a line at a version. */
function beginsLine(past: FilePast, { line, border }: Beginning, version: number): boolean {
  const last = hasAbove(border) ? undefined : lastThere(past, past.goneBefore(line), version);
  if (last) return last.text.endsWith('\n');
  const stop = Math.max(0, line - MOST_JOINED);
  for (let above = line - 1; above >= stop; above--) {
    const last = lastThere(past, past.strands(above, above + 1, 'above'), version);
    if (last) return last.text.endsWith('\n');
  }
  return stop === 0;
}

function lastThere(past: FilePast, strands: readonly Strand[], version: number) {
  return strands.findLast((strand) => past.wasThere(strand, version));
}

const MOST_JOINED = 200;
