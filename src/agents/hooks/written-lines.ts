/** Owns: which lines of a text a client's tool is about to change. */
import type { LineRange } from '../../core/map-position.ts';
import type { NativeWrite } from './hook-event.ts';

/** Zero-based, both included; empty where it is not known or nothing changes. */
export function writtenLines(text: string, write: NativeWrite): readonly LineRange[] {
  const plain = text.replaceAll('\r\n', '\n');
  switch (write.kind) {
    case 'somewhere':
      return [];
    case 'quotes':
      return write.quotes.flatMap((quote) => placesOf(plain, quote.replaceAll('\r\n', '\n')));
    case 'whole':
      return changedLines(plain.split('\n'), write.text.replaceAll('\r\n', '\n').split('\n'));
  }
}

function placesOf(text: string, quote: string): LineRange[] {
  const places: LineRange[] = [];
  if (quote === '') return places;
  for (let at = text.indexOf(quote); at >= 0; at = text.indexOf(quote, at + quote.length)) {
    const firstLine = lineAt(text, at);
    // A line end at the quote's end is of the line before it.
    const length = quote.endsWith('\n') ? quote.length - 1 : quote.length;
    places.push({ firstLine, lastLine: lineAt(text, at + length) });
    if (places.length >= MOST_PLACES) break;
  }
  return places;
}

function lineAt(text: string, offset: number): number {
  let line = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

/**
 * From the first line that differs to the last one. Where lines only come in, the last is the one before
 * the first: such a range meets those that have both its neighbours.
 */
function changedLines(before: readonly string[], after: readonly string[]): LineRange[] {
  const shorter = Math.min(before.length, after.length);
  let first = 0;
  while (first < shorter && before[first] === after[first]) first++;
  let same = 0;
  while (same < shorter - first && before.at(-1 - same) === after.at(-1 - same)) same++;
  const last = before.length - 1 - same;
  if (last < first && before.length === after.length) return [];
  return [{ firstLine: first, lastLine: last }];
}

const MOST_PLACES = 100;
