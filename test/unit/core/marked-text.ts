import { type Change, replace } from '../../../src/core/change.ts';
import { endOfInserted } from '../../../src/core/position.ts';

/**
 * A text with one change drawn into it: `one «two→2» three` replaces `two` by `2`. A failing test
 * then reads as a picture.
 */
export function drawn(picture: string): { base: string; change: Change } {
  const match = /^([^«]*)«([^→]*)→([^»]*)»([^]*)$/u.exec(picture);
  if (!match) throw new Error(`no «old→new» in ${picture}`);
  const [, before = '', removed = '', inserted = '', after = ''] = match;
  const start = endOfInserted({ line: 0, character: 0 }, before);
  return {
    base: before + removed + after,
    change: replace(start, endOfInserted(start, removed), inserted),
  };
}
