/**
 * Owns: finding what an agent quotes of a text. Does not know: whose text it is, and what becomes of the
 * changes.
 */
import { type Change, endOf, replace, startOf } from '../../core/change.ts';
import { comparePositions, type Position } from '../../core/position.ts';
import type { Text } from '../../core/text.ts';
import { lineStarts, occurrences, positionAt } from '../text-search.ts';
import { asInText, mismatchNote, placesOfLines, type QuotePlace } from './quote-places.ts';

/** Text that is replaced by other text. */
export interface QuoteEdit {
  /** As the agent read it; not empty. */
  readonly search: string;
  readonly replacement: string;
  /** Which one where it stands in several places, from 1; `all`; without it there must be just one. */
  readonly occurrence?: number | 'all' | undefined;
}

export type QuotedChanges =
  | {
      readonly tag: 'found';
      readonly changes: readonly Change[];
      readonly notes: readonly string[];
    }
  | { readonly tag: 'not_found'; readonly edit: QuoteEdit }
  /** `lines`: where it stands, from 1. */
  | { readonly tag: 'ambiguous'; readonly edit: QuoteEdit; readonly lines: readonly number[] }
  | { readonly tag: 'overlapping'; readonly edit: QuoteEdit };

/**
 * What the edits change in a text. All are looked for in the text as it is, not in the result of the one
 * before; the changes come sorted. Small mismatches are told in `notes`.
 */
export function findQuotes(text: Text, edits: readonly QuoteEdit[]): QuotedChanges {
  const found: { readonly change: Change; readonly edit: QuoteEdit }[] = [];
  const notes = new Set<string>();
  for (const edit of edits) {
    let places = exactChanges(text, edit);
    let isExact = true;
    if (places.length === 0) {
      const near = nearChanges(text, edit);
      places = near.changes;
      isExact = false;
      if (near.note !== undefined && places.length > 0) notes.add(near.note);
    }
    const chosen = choose(places, edit.occurrence);
    if (places.length === 0 || chosen === undefined) return { tag: 'not_found', edit };
    if (chosen === 'several') {
      return { tag: 'ambiguous', edit, lines: places.map(({ startLine }) => startLine + 1) };
    }
    if (isExact && edit.search.includes('\r')) notes.add(LINE_ENDS);
    for (const change of chosen) found.push({ change, edit });
  }
  found.sort((a, b) => comparePositions(startOf(a.change), startOf(b.change)));
  const clash = found.find(
    ({ change }, index) =>
      index > 0 && comparePositions(endOf(found[index - 1]!.change), startOf(change)) > 0,
  );
  if (clash) return { tag: 'overlapping', edit: clash.edit };
  return { tag: 'found', changes: found.map(({ change }) => change), notes: [...notes] };
}

/** Texts of a world have line feeds only; how a file ends its lines on disk is kept apart. */
export function withLineFeeds(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n');
}

function exactChanges(text: Text, edit: QuoteEdit): readonly Change[] {
  const search = withLineFeeds(edit.search);
  const replacement = withLineFeeds(edit.replacement);
  const end = search.indexOf('\n');
  const isInLine = search !== '' && (end < 0 || (end > 0 && end === search.length - 1));
  const places = isInLine ? placesInLines(text, search) : placesInText(text, search);
  return places.map(([from, to]) => replace(from, to, replacement));
}

type Place = readonly [from: Position, to: Position];

/** Of a quote that may go over several lines; none over another. */
function placesInText(text: Text, search: string): readonly Place[] {
  const content = text.toString();
  const offsets = occurrences(content, search);
  if (offsets.length === 0) return [];
  const starts = lineStarts(content);
  return offsets.map((start) => [
    positionAt(starts, start),
    positionAt(starts, start + search.length),
  ]);
}

/** The same of a part of a line, or of its end: most quotes are that, and the text is not put together for them. */
function placesInLines(text: Text, search: string): readonly Place[] {
  const places: Place[] = [];
  const takesLineEnd = search.endsWith('\n');
  const quote = takesLineEnd ? search.slice(0, -1) : search;
  let line = 0;
  for (const content of text.lines()) {
    if (!takesLineEnd) {
      for (let at = content.indexOf(quote); at >= 0; at = content.indexOf(quote, at + quote.length))
        places.push([
          { line, character: at },
          { line, character: at + quote.length },
        ]);
    } else if (line < text.lineCount - 1 && content.endsWith(quote)) {
      const from = { line, character: content.length - quote.length };
      places.push([from, { line: line + 1, character: 0 }]);
    }
    line += 1;
  }
  return places;
}

/** What whole lines of the quote change where they stand with a small mismatch. */
function nearChanges(
  text: Text,
  edit: QuoteEdit,
): { readonly changes: readonly Change[]; readonly note?: string } {
  let search = withLineFeeds(edit.search);
  let replacement = withLineFeeds(edit.replacement);
  // A line end around both is no part of the lines.
  while (search.endsWith('\n') && replacement.endsWith('\n')) {
    [search, replacement] = [search.slice(0, -1), replacement.slice(0, -1)];
  }
  while (search.startsWith('\n') && replacement.startsWith('\n')) {
    [search, replacement] = [search.slice(1), replacement.slice(1)];
  }
  const takesLineEnd = search.endsWith('\n');
  if (takesLineEnd) search = search.slice(0, -1);
  const quote = search.split('\n');
  const lines = [...text.lines()];
  const places = placesOfLines(lines, quote);
  const [first] = places;
  if (!first?.mismatch) return { changes: [] };
  const changes = places.map((place) =>
    changeOfLines(lines, place, { quote, replacement: replacement.split('\n'), takesLineEnd }),
  );
  return { changes, note: mismatchNote(first.mismatch) };
}

interface LineQuote {
  readonly quote: readonly string[];
  readonly replacement: readonly string[];
  /** The quote ends with a line end that its replacement lacks: the lines go whole. */
  readonly takesLineEnd: boolean;
}

/** Lines that the agent leaves as they are stay as the text has them, its white space included. */
function changeOfLines(
  lines: readonly string[],
  { start, end, mismatch }: QuotePlace,
  { quote, replacement, takesLineEnd }: LineQuote,
): Change {
  const most = Math.min(quote.length, replacement.length);
  let head = 0;
  while (head < most && quote[head] === replacement[head]) head++;
  let tail = 0;
  while (tail < most - head && quote.at(-1 - tail) === replacement.at(-1 - tail)) tail++;
  const rows = [
    ...lines.slice(start, start + head),
    ...replacement.slice(head, replacement.length - tail).map((line) => asInText(line, mismatch)),
    ...lines.slice(end - tail, end),
  ];
  const from: Position = { line: start, character: 0 };
  if (takesLineEnd && end < lines.length) {
    return replace(from, { line: end, character: 0 }, rows.join('\n'));
  }
  return replace(from, { line: end - 1, character: lines[end - 1]!.length }, rows.join('\n'));
}

function choose(
  places: readonly Change[],
  occurrence: QuoteEdit['occurrence'],
): readonly Change[] | 'several' | undefined {
  if (occurrence === 'all') return places;
  if (occurrence !== undefined) {
    const place = places[occurrence - 1];
    return place === undefined ? undefined : [place];
  }
  return places.length > 1 ? 'several' : places;
}

const LINE_ENDS =
  'Your quote ends its lines with CRLF; a text of a world has line feeds, and the file keeps the line ends that it has on disk.';
