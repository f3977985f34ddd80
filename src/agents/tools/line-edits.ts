/**
 * Owns: replacing lines by their numbers. Numbers alone are easily wrong, so each edit says what stands
 * there, by a hash or by the text. Does not know: whose text it is.
 */
import { type Change, replace } from '../../core/change.ts';
import type { Text } from '../../core/text.ts';
import { countedLines, type LineSpan, rangeHashOf } from './numbered-lines.ts';
import { withLineFeeds } from './quotes.ts';

export interface LineEdit extends LineSpan {
  /** `rangeHash` of just these lines, as a read of them told. */
  readonly rangeHash?: string | undefined;
  /** Or their text, without the line end of the last one. */
  readonly oldText?: string | undefined;
  /** The new lines; a line end at its end does not count. Empty removes the lines. */
  readonly text: string;
}

export type LineChanges =
  | {
      readonly tag: 'found';
      readonly changes: readonly Change[];
      readonly notes: readonly string[];
    }
  | { readonly tag: 'bad_range'; readonly edit: LineEdit }
  | { readonly tag: 'hash_needed'; readonly edit: LineEdit }
  /** `places`: where lines stand that are as the edit says. */
  | { readonly tag: 'range_changed'; readonly edit: LineEdit; readonly places: readonly LineSpan[] }
  | { readonly tag: 'overlapping'; readonly edit: LineEdit };

/** What the edits change in a text; the changes come sorted. */
export function findLines(text: Text, edits: readonly LineEdit[]): LineChanges {
  const total = countedLines(text);
  const found: { readonly span: LineSpan; readonly edit: LineEdit }[] = [];
  const notes: string[] = [];
  for (const edit of edits) {
    if (!isSpan(edit)) return { tag: 'bad_range', edit };
    if (edit.rangeHash === undefined && edit.oldText === undefined) {
      return { tag: edit.lastLine > total ? 'bad_range' : 'hash_needed', edit };
    }
    if (edit.lastLine <= total && fits(text, edit, edit)) {
      found.push({ span: edit, edit });
      continue;
    }
    const places = placesOf(text, total, edit);
    const [only] = places;
    if (!only || places.length > 1) return { tag: 'range_changed', edit, places };
    found.push({ span: only, edit });
    notes.push(
      `The lines that you name as ${edit.firstLine}-${edit.lastLine} stand at ${only.firstLine}-${only.lastLine}; they were replaced there.`,
    );
  }
  found.sort((a, b) => a.span.firstLine - b.span.firstLine);
  const clash = found.find(
    ({ span }, index) => index > 0 && span.firstLine <= found[index - 1]!.span.lastLine,
  );
  if (clash) return { tag: 'overlapping', edit: clash.edit };
  return { tag: 'found', changes: found.map((each) => changeOf(text, each)), notes };
}

function isSpan({ firstLine, lastLine }: LineSpan): boolean {
  return (
    Number.isInteger(firstLine) &&
    Number.isInteger(lastLine) &&
    firstLine >= 1 &&
    lastLine >= firstLine
  );
}

function fits(text: Text, span: LineSpan, { rangeHash, oldText }: LineEdit): boolean {
  if (rangeHash !== undefined && rangeHashOf(text, span) !== rangeHash.toLowerCase()) return false;
  return oldText === undefined || linesIn(oldText).join('\n') === textOf(text, span);
}

/** Everywhere that lines stand as the edit says: numbers are easily off by some. */
function placesOf(text: Text, total: number, edit: LineEdit): readonly LineSpan[] {
  const count =
    edit.oldText === undefined ? edit.lastLine - edit.firstLine + 1 : linesIn(edit.oldText).length;
  const places: LineSpan[] = [];
  if (count * total > MOST_LINES_HASHED) return places;
  for (let firstLine = 1; firstLine + count - 1 <= total; firstLine++) {
    const span = { firstLine, lastLine: firstLine + count - 1 };
    if (fits(text, span, edit)) places.push(span);
  }
  return places;
}

function changeOf(
  text: Text,
  { span, edit }: { readonly span: LineSpan; readonly edit: LineEdit },
): Change {
  const lines = linesIn(edit.text);
  const from = { line: span.firstLine - 1, character: 0 };
  const last = span.lastLine - 1;
  const hasNext = last + 1 < text.lineCount;
  if (lines.length > 0 || !hasNext) {
    const end = { line: last, character: text.line(last).length };
    if (lines.length > 0 || span.firstLine === 1) return replace(from, end, lines.join('\n'));
    // The last line goes with the line end before it.
    const before = span.firstLine - 2;
    return replace({ line: before, character: text.line(before).length }, end, '');
  }
  return replace(from, { line: last + 1, character: 0 }, '');
}

function textOf(text: Text, { firstLine, lastLine }: LineSpan): string {
  return [...text.lines(firstLine - 1, lastLine)].join('\n');
}

/** A line end at the end closes the last line and begins none. */
export function linesIn(text: string): readonly string[] {
  const plain = withLineFeeds(text);
  if (plain === '') return [];
  return (plain.endsWith('\n') ? plain.slice(0, -1) : plain).split('\n');
}

/** A hash is made over every run of so many lines: beyond this only the named ones are looked at. */
const MOST_LINES_HASHED = 2_000_000;
