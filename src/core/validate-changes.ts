import { areOrdered, type Changes, endOf, startOf } from './change.ts';
import type { Text } from './text.ts';

/** Why changes cannot be applied to a text; the codes are those of the module's refusals. */
export type ChangesFault = 'bad_range' | 'bad_text';

/** Looks for what makes changes unacceptable for `base`; undefined when they are sound. */
export function findFault(changes: Changes, base: Text): ChangesFault | undefined {
  if (!areOrdered(changes)) return 'bad_range';
  for (const change of changes) {
    if (!base.contains(startOf(change)) || !base.contains(endOf(change))) return 'bad_range';
    if (!isWorldText(change.text)) return 'bad_text';
  }
  return undefined;
}

/**
 * True for text as a world keeps it: well-formed Unicode, LF line ends only, no NUL, and no byte
 * order mark, which the SDK's decoder drops at the start of a text without a word.
 */
export function isWorldText(text: string): boolean {
  return text.isWellFormed() && !/[\r\0\uFEFF]/.test(text);
}
