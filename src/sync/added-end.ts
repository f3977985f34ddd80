import type { Changes } from '../core/change.ts';
import { comparePositions, endOfInserted, type Position } from '../core/position.ts';
import type { Text } from '../core/text.ts';

/**
 * The place at the end of a text where only line ends are put in, as a save does that ends the last line, and the place
 * behind them; undefined for any other changes.
 */
export function addedEnd(
  changes: Changes,
  before: Text,
): { readonly place: Position; readonly behind: Position } | undefined {
  const [change, ...others] = changes;
  if (change === undefined || others.length > 0 || !/^\n+$/.test(change.text)) return undefined;
  const place = { line: change.startLine, character: change.startCharacter };
  if (comparePositions(place, before.end) !== 0) return undefined;
  return { place, behind: endOfInserted(place, change.text) };
}
