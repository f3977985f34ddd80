import { endOf, startOf } from '../../core/change.ts';
import type { Position } from '../../core/position.ts';
import { Text } from '../../core/text.ts';
import { minimalChanges } from '../../sync/minimal-changes.ts';

/** A run of text that is the same in both, or is only in this one. */
export interface Run {
  readonly text: string;
  readonly isChanged: boolean;
}

/** What of `target` is not in `base`, by words: all of `target` in runs, in order. */
export function addedWords(base: string, target: string): readonly Run[] {
  return runsBetween(base, target).added;
}

/** What of `base` is not in `target`, by words: all of `base` in runs, in order. */
export function removedWords(base: string, target: string): readonly Run[] {
  return runsBetween(base, target).removed;
}

function runsBetween(base: string, target: string) {
  const text = Text.of(base);
  const added: Run[] = [];
  const removed: Run[] = [];
  let at: Position = { line: 0, character: 0 };
  const push = (runs: Run[], run: Run): void => void (run.text !== '' && runs.push(run));
  for (const change of minimalChanges(text, target, 'words')) {
    const same = { text: text.slice(at, startOf(change)), isChanged: false };
    push(added, same);
    push(removed, same);
    push(added, { text: change.text, isChanged: true });
    push(removed, { text: text.slice(startOf(change), endOf(change)), isChanged: true });
    at = endOf(change);
  }
  const rest = { text: text.slice(at, text.end), isChanged: false };
  push(added, rest);
  push(removed, rest);
  return { added, removed };
}
