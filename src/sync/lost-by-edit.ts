/**
 * Owns: where text stood in the world that the user deletes. Does not know: whether it comes back. Nothing
 * is looked up for text that is too short for that, which is all that keys take out.
 */
import { type Changes, resultRanges } from '../core/change.ts';
import { invert } from '../core/invert.ts';
import { mapPosition } from '../core/map-position.ts';
import { endOfInserted } from '../core/position.ts';
import { mayReturn } from '../core/returned-text.ts';
import { type DocumentState, unconfirmedChanges } from './document-state.ts';
import type { LostText } from './lost-text.ts';

/**
 * What an edit of the text that a state leads to deletes, as far as the world has it; `inverse` is what
 * puts it back.
 */
export function lostBy(inverse: Changes, state: DocumentState): readonly LostText[] {
  if (!inverse.some(({ text }) => mayReturn(text))) return NOTHING;
  const { version, text: confirmed } = state.confirmed;
  const back = invert(unconfirmedChanges(state), confirmed);
  return resultRanges(inverse).flatMap(({ start }, index) => {
    const { text } = inverse[index]!;
    if (!mayReturn(text)) return [];
    const from = mapPosition(start, back, 'after');
    const end = endOfInserted(from, text);
    const isThere = confirmed.contains(from) && confirmed.contains(end);
    return isThere && confirmed.slice(from, end) === text ? [{ text, version, from }] : [];
  });
}

const NOTHING: readonly LostText[] = [];
