/**
 * Owns: finding the places of a patch's changes in a text: all of them, or none. Does not know: whose text it
 * is.
 */
import { type Change, type Changes, replace } from '../../core/change.ts';
import type { Text } from '../../core/text.ts';
import { minimalChanges } from '../../sync/minimal-changes.ts';
import type { Hunk } from './patch.ts';
import {
  asInText,
  type Mismatch,
  mismatchNote,
  placesOfLines,
  type QuotePlace,
} from './quote-places.ts';

export type FittedHunks =
  | {
      readonly tag: 'found';
      readonly changes: Changes;
      /** The places of all lines that the patch names, context included, as they read. */
      readonly quoted: Changes;
      readonly notes: readonly string[];
    }
  /** `index` counts the changes of the file from 0; `lines` are its old lines. */
  | { readonly tag: 'misfit'; readonly index: number; readonly lines: readonly string[] }
  /** `places` are the first lines of where it fits, from 1. */
  | { readonly tag: 'ambiguous'; readonly index: number; readonly places: readonly number[] };

/** Each change is looked for behind the one before. */
export function fitHunks(text: Text, hunks: readonly Hunk[]): FittedHunks {
  const lines = [...text.lines()];
  // A line end at the end of the text closes the last line: there is none behind it.
  if (lines.length > 0 && lines.at(-1) === '') lines.pop();
  const changes: Change[] = [];
  const quoted: Change[] = [];
  const notes = new Set<string>();
  let from = 0;
  for (const [index, hunk] of hunks.entries()) {
    const old = hunk.rows.filter(({ mark }) => mark !== '+').map((row) => row.text);
    const place = placeOf(lines, hunk, old, from);
    if (place === undefined) return { tag: 'misfit', index, lines: old };
    if (Array.isArray(place)) return { tag: 'ambiguous', index, places: place };
    const { start, end, mismatch } = place as QuotePlace;
    if (mismatch) notes.add(mismatchNote(mismatch));
    changes.push(...changesAt(text, lines, start, hunk, mismatch));
    if (end > start) quoted.push(wholeLines(lines, start, end));
    from = end;
  }
  const whole = endedAs(text, changes, from === lines.length ? hunks.at(-1) : undefined);
  return { tag: 'found', changes: whole, quoted: sameText(quoted), notes: [...notes] };
}

/** The changes with what the last one says of a line end at the end of the file. */
function endedAs(text: Text, changes: Changes, last: Hunk | undefined): Changes {
  if (!last || last.oldLacksNewline === last.newLacksNewline) return changes;
  const after = text.apply(changes).toString();
  const wanted = after.replace(/\n$/, '') + (last.newLacksNewline ? '' : '\n');
  return minimalChanges(text, wanted);
}

/** An array holds the places where it could be. */
function placeOf(
  lines: readonly string[],
  hunk: Hunk,
  old: readonly string[],
  from: number,
): QuotePlace | readonly number[] | undefined {
  const begin = behindAnchors(lines, hunk.anchors, from);
  if (begin === undefined) return undefined;
  if (old.length === 0) return placeOfInsertion(lines, hunk, begin);
  const places = placesOfLines(lines, old, begin).filter(
    ({ end }) => !hunk.isAtEnd || end === lines.length,
  );
  const [first, ...others] = places;
  if (!first || others.length === 0) return first;
  if (hunk.line !== undefined) {
    const named = places.find(({ start }) => start === hunk.line! - 1);
    if (named) return named;
  }
  // Whoever names what it stands below means the first place there.
  if (hunk.anchors.length > 0) return first;
  return places.map(({ start }) => start + 1);
}

function behindAnchors(
  lines: readonly string[],
  anchors: readonly string[],
  from: number,
): number | undefined {
  let at = from;
  for (const anchor of anchors) {
    let found = lines.indexOf(anchor, at);
    if (found < 0)
      found = lines.findIndex((line, index) => index >= at && line.trim() === anchor.trim());
    if (found < 0)
      found = lines.findIndex(
        (line, index) => index >= at && line.trim().startsWith(anchor.trim()),
      );
    if (found < 0) return undefined;
    at = found + 1;
  }
  return at;
}

function placeOfInsertion(
  lines: readonly string[],
  hunk: Hunk,
  begin: number,
): QuotePlace | undefined {
  // A unified diff names the line behind which it inserts, or 0.
  const line = hunk.line === undefined ? undefined : Math.min(hunk.line, lines.length);
  const at = hunk.anchors.length > 0 ? begin : (line ?? lines.length);
  if (hunk.line !== undefined && lines.length > 0) return undefined;
  return { start: at, end: at, mismatch: undefined };
}

/** Runs of rows that go or come become changes of whole lines; what stays is not touched. */
function changesAt(
  text: Text,
  lines: readonly string[],
  start: number,
  { rows }: Hunk,
  mismatch: Mismatch | undefined,
): Change[] {
  const changes: Change[] = [];
  let line = start;
  let goneFrom = line;
  let put: string[] = [];
  const close = (): void => {
    if (line > goneFrom || put.length > 0)
      changes.push(changeOfLines(text, lines, { from: goneFrom, to: line, put }));
    put = [];
  };
  for (const { mark, text: content } of rows) {
    if (mark === ' ') {
      close();
      goneFrom = ++line;
    } else if (mark === '-') line++;
    else put.push(asInText(content, mismatch));
  }
  close();
  return changes;
}

interface LineRun {
  /** From 0. */
  readonly from: number;
  /** Not included. */
  readonly to: number;
  readonly put: readonly string[];
}

function changeOfLines(text: Text, lines: readonly string[], { from, to, put }: LineRun): Change {
  const isClosed = lines.length < text.lineCount;
  // Every line that is counted has a line end, but for the last one of a text without it.
  if (to < lines.length || isClosed) {
    const end = { line: to, character: 0 };
    return replace({ line: from, character: 0 }, end, put.map((each) => `${each}\n`).join(''));
  }
  const end = text.end;
  if (from === 0) return replace({ line: 0, character: 0 }, end, put.join('\n'));
  const start = { line: from - 1, character: text.line(from - 1).length };
  return replace(start, end, put.map((each) => `\n${each}`).join(''));
}

function wholeLines(lines: readonly string[], start: number, end: number): Change {
  const last = end - 1;
  const text = lines.slice(start, end).join('\n');
  return replace(
    { line: start, character: 0 },
    { line: last, character: lines[last]!.length },
    text,
  );
}

function sameText(quoted: readonly Change[]): Changes {
  return quoted.filter(({ text }) => text !== '');
}
