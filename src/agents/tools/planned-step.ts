import type { Change, Changes } from '../../core/change.ts';
import { endOf, isEmptyChange, normalizeChanges, replace, startOf } from '../../core/change.ts';
import { advance } from '../../core/position.ts';
import { Text } from '../../core/text.ts';
import { minimalChanges } from '../../sync/minimal-changes.ts';
import type { FileHead } from '../../world/world-rows.ts';
import type { FileContent } from '../../world/text-format.ts';
import { refused, type Reply } from './answer.ts';
import type { Ground } from './grounds.ts';
import type { Mind } from './mind.ts';

/** An edit that is ready to be sent. */
export interface PlannedEdit {
  readonly kind: 'edit';
  readonly ground: Ground;
  /** In normal form, without what is replaced by the same. */
  readonly changes: Changes;
  /** What must still read the same when it is made. */
  readonly quoted: Changes;
  readonly after: Text;
  readonly notes: readonly string[];
  /** What the agent has in mind after it, where that is not just `after`. */
  readonly mind?: Mind;
}

/** One thing to do to a file. */
export type PlannedStep =
  | PlannedEdit
  | {
      readonly kind: 'create';
      readonly path: string;
      readonly content: Extract<FileContent, { readonly kind: 'text' }>;
      readonly isExecutable: boolean;
      readonly notes: readonly string[];
    }
  | { readonly kind: 'rename'; readonly head: FileHead; readonly from: string; readonly to: string }
  | { readonly kind: 'delete'; readonly head: FileHead; readonly version: number }
  | { readonly kind: 'mode'; readonly head: FileHead; readonly isExecutable: boolean };

export type Planned =
  | { readonly tag: 'steps'; readonly steps: readonly PlannedStep[] }
  | { readonly tag: 'refused'; readonly reply: Reply };

export function refuse(reply: Reply): { readonly tag: 'refused'; readonly reply: Reply } {
  return { tag: 'refused', reply };
}

/**
 * An edit of a ground, by changes that may replace a lot by nearly the same: what stays the same stays whose
 * it is. `quoted` is what must not have been changed by others.
 */
export function plannedEdit(
  ground: Ground,
  changes: Changes,
  notes: readonly string[] = [],
  quoted: Changes = changes,
): Planned {
  const narrow = normalizeChanges(changes.flatMap((change) => narrowed(change, ground.text)));
  if (narrow.length === 0) return refuse(noChange(ground.path));
  const after = ground.text.apply(narrow);
  return { tag: 'steps', steps: [{ kind: 'edit', ground, changes: narrow, quoted, after, notes }] };
}

export function noChange(path: string): Reply {
  const message = `${path} reads so already: nothing was changed.`;
  return { ...refused('no_change', message), outcome: 'done' };
}

function narrowed(change: Change, text: Text): Changes {
  if (isEmptyChange(change)) return [];
  const start = startOf(change);
  const old = text.slice(start, endOf(change));
  if (old === '' || change.text === '') return [change];
  return minimalChanges(Text.of(old), change.text).map((each) =>
    replace(advance(start, startOf(each)), advance(start, endOf(each)), each.text),
  );
}
