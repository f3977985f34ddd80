/**
 * Owns: finding what an agent quotes of a text. Does not know: whose text it is, and what becomes of the
 * changes.
 */
import { type Change, replace } from '../../core/change.ts';
import type { Text } from '../../core/text.ts';
import { lineStarts, occurrences, positionAt } from '../text-search.ts';

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
 * before; the changes come sorted.
 */
export function findQuotes(text: Text, edits: readonly QuoteEdit[]): QuotedChanges {
  const content = text.toString();
  const starts = lineStarts(content);
  const found: {
    readonly start: number;
    readonly end: number;
    readonly change: Change;
    readonly edit: QuoteEdit;
  }[] = [];
  for (const edit of edits) {
    const search = withLineFeeds(edit.search);
    const places = occurrences(content, search);
    const chosen = choose(places, edit.occurrence);
    if (places.length === 0 || chosen === undefined) return { tag: 'not_found', edit };
    if (chosen === 'several') {
      const lines = places.map((start) => positionAt(starts, start).line + 1);
      return { tag: 'ambiguous', edit, lines };
    }
    for (const start of chosen) {
      const end = start + search.length;
      const change = replace(
        positionAt(starts, start),
        positionAt(starts, end),
        withLineFeeds(edit.replacement),
      );
      found.push({ start, end, change, edit });
    }
  }
  found.sort((a, b) => a.start - b.start);
  const clash = found.find((one, index) => index > 0 && found[index - 1]!.end > one.start);
  if (clash) return { tag: 'overlapping', edit: clash.edit };
  return { tag: 'found', changes: found.map(({ change }) => change), notes: [] };
}

/** Texts of a world have line feeds only; how a file ends its lines on disk is kept apart. */
export function withLineFeeds(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n');
}

function choose(
  places: readonly number[],
  occurrence: QuoteEdit['occurrence'],
): readonly number[] | 'several' | undefined {
  if (occurrence === 'all') return places;
  if (occurrence !== undefined) {
    const place = places[occurrence - 1];
    return place === undefined ? undefined : [place];
  }
  return places.length > 1 ? 'several' : places;
}
