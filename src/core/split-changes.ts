import type { Changes } from './change.ts';
import { rebase } from './rebase.ts';

/**
 * Cuts changes in two that do the same in a row: those whose index is not in `indexes`, and, on
 * top of their result, those whose index is.
 */
export function splitChanges(
  changes: Changes,
  indexes: readonly number[],
): { readonly rest: Changes; readonly chosen: Changes } {
  const isChosen = new Set(indexes);
  const rest = changes.filter((_, index) => !isChosen.has(index));
  const chosen = changes.filter((_, index) => isChosen.has(index));
  return { rest, chosen: rebase(chosen, rest, 'after') };
}
