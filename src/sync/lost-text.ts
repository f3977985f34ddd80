/**
 * Owns: which of the text that changes put in stood in the file before, so that it is given back to who
 * wrote it. Does not know: steps, documents, how it went.
 */
import type { Changes } from '../core/change.ts';
import { endOfInserted, type Position } from '../core/position.ts';
import { mayReturn, type ReturnedText } from '../core/returned-text.ts';

/** A text, and where it stood in a version of the file. */
export interface LostText {
  readonly text: string;
  readonly version: number;
  readonly from: Position;
}

/** Which pieces of the text that changes put in were lost. */
export function returnedIn(changes: Changes, lost: readonly LostText[]): readonly ReturnedText[] {
  if (lost.length === 0) return [];
  return changes.flatMap(({ text }, change) => {
    if (!mayReturn(text)) return [];
    return lost.flatMap(({ text: old, version, from }): ReturnedText[] => {
      const within = old.indexOf(text);
      const place = endOfInserted(from, old.slice(0, Math.max(0, within)));
      const where = { version, fromLine: place.line, fromCharacter: place.character };
      if (within >= 0) return [{ change, at: 0, length: text.length, ...where }];
      const at = text.indexOf(old);
      return at < 0 ? [] : [{ change, at, length: old.length, ...where }];
    });
  });
}
