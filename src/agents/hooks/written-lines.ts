/** Owns: which lines of a text a client's tool is about to change. */
import type { Change } from '../../core/change.ts';
import type { LineRange } from '../../core/map-position.ts';
import { Text } from '../../core/text.ts';
import { minimalChanges } from '../../sync/minimal-changes.ts';
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
      return changedLines(plain, write.text.replaceAll('\r\n', '\n'));
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
 * Where lines only come in, the last is the one before the first: such a range meets those that have both its
 * neighbours.
 */
function changedLines(before: string, after: string): LineRange[] {
  const text = Text.of(before);
  return minimalChanges(text, after).map((change) => linesOf(text, change));
}

function linesOf(before: Text, { startLine, startCharacter, endLine, endCharacter, text }: Change) {
  const comesIn = startLine === endLine && startCharacter === endCharacter;
  if (comesIn && startCharacter === 0 && text.endsWith('\n')) {
    return { firstLine: startLine, lastLine: startLine - 1 };
  }
  const [line = ''] = before.lines(startLine, startLine + 1);
  if (comesIn && startCharacter === line.length && text.startsWith('\n')) {
    return { firstLine: startLine + 1, lastLine: startLine };
  }
  const isWhole = endCharacter === 0 && endLine > startLine;
  return { firstLine: startLine, lastLine: isWhole ? endLine - 1 : endLine };
}

const MOST_PLACES = 100;
