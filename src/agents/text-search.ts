import type { Change } from '../core/change.ts';
import { replace } from '../core/change.ts';
import type { Position } from '../core/position.ts';
import type { Text } from '../core/text.ts';

/** One replacement of text that an agent quotes exactly as it read it. */
export interface Replacement {
  /** Not empty; line ends are LF. */
  readonly search: string;
  readonly replacement: string;
  /** Replace every occurrence; otherwise there must be exactly one. */
  readonly all?: boolean;
}

export type FoundChanges =
  | { readonly tag: 'found'; readonly changes: readonly Change[] }
  | { readonly tag: 'not_found'; readonly search: string }
  | { readonly tag: 'ambiguous'; readonly search: string; readonly lines: readonly number[] }
  | { readonly tag: 'overlapping'; readonly search: string };

/**
 * Finds what replacements change in a text. All are looked for in the text as it is, not in the
 * result of the one before; the changes come sorted. `lines` are zero-based.
 */
export function findReplacements(text: Text, replacements: readonly Replacement[]): FoundChanges {
  const content = text.toString();
  const starts = lineStarts(content);
  const found: { start: number; end: number; change: Change; search: string }[] = [];
  for (const { search, replacement, all = false } of replacements) {
    const offsets = occurrences(content, search);
    if (offsets.length === 0) return { tag: 'not_found', search };
    if (offsets.length > 1 && !all) {
      const lines = offsets.map((offset) => positionAt(starts, offset).line);
      return { tag: 'ambiguous', search, lines };
    }
    for (const start of offsets) {
      const end = start + search.length;
      const change = replace(positionAt(starts, start), positionAt(starts, end), replacement);
      found.push({ start, end, change, search });
    }
  }
  found.sort((a, b) => a.start - b.start);
  const clash = found.find((one, index) => index > 0 && found[index - 1]!.end > one.start);
  if (clash) return { tag: 'overlapping', search: clash.search };
  return { tag: 'found', changes: found.map(({ change }) => change) };
}

/** Where a quote stands in a text, by offset, none over another. */
export function occurrences(content: string, search: string): number[] {
  const offsets: number[] = [];
  if (search === '') return offsets;
  for (
    let at = content.indexOf(search);
    at >= 0;
    at = content.indexOf(search, at + search.length)
  ) {
    offsets.push(at);
  }
  return offsets;
}

/** The offsets at which lines begin. */
export function lineStarts(content: string): number[] {
  const starts = [0];
  for (let at = content.indexOf('\n'); at >= 0; at = content.indexOf('\n', at + 1)) {
    starts.push(at + 1);
  }
  return starts;
}

export function positionAt(starts: readonly number[], offset: number): Position {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low, character: offset - starts[low]! };
}
