/** Which function, class or other symbol of a file a line belongs to. */
import type { LineRange } from '../core/map-position.ts';

/** A symbol as a language server tells it; lines from 0, both included. */
export interface SymbolLines extends LineRange {
  readonly children: readonly SymbolLines[];
}

/** Symbols of one file that are looked through; of a longer list the rest is left out. */
const MOST_SYMBOLS = 2_000;

/** The innermost symbol around a line; undefined where there is none. */
export function innermostSymbol(
  symbols: readonly SymbolLines[],
  line: number,
): SymbolLines | undefined {
  let found: SymbolLines | undefined;
  let among = symbols;
  for (let looked = 0; looked < MOST_SYMBOLS; looked += Math.max(1, among.length)) {
    const next = among
      .slice(0, MOST_SYMBOLS)
      .find(({ firstLine, lastLine }) => firstLine <= line && line <= lastLine);
    if (!next) return found;
    found = next;
    among = next.children;
  }
  return found;
}
