import { createHash } from 'node:crypto';
import { type Changes, endOf, startOf } from '../core/change.ts';
import type { RangeHash } from '../core/op.ts';
import type { Text } from '../core/text.ts';

/** What changes replace in a text, by its hashes. Nothing is replaced by an insertion, so nothing of it is checked. */
export function rangeHashesOf(text: Text, changes: Changes): readonly RangeHash[] {
  return changes.flatMap((change) => {
    const replaced = text.slice(startOf(change), endOf(change));
    if (replaced === '') return [];
    const { startLine, startCharacter, endLine, endCharacter } = change;
    const hash = new Uint8Array(createHash('sha256').update(replaced, 'utf8').digest());
    return [{ startLine, startCharacter, endLine, endCharacter, hash }];
  });
}
