import type { IdentityHex } from '../../core/op.ts';
import { invert } from '../../core/invert.ts';
import { rebase } from '../../core/rebase.ts';
import { Text } from '../../core/text.ts';
import { minimalChanges } from '../../sync/minimal-changes.ts';
import type { FileHead } from '../../world/world-rows.ts';
import { readDiskBase, textOf } from '../disk-base.ts';
import type { DiskFile } from '../disk-files.ts';
import { GIT_JUST_NOW_MS } from '../folder-git.ts';
import { newSince } from './kept-edits.ts';
import { readLeftText } from './left-bytes.ts';
import { freshIn } from './restoration-judge.ts';
import type { WaitingFile } from './waiting-entry.ts';
import { readKept, type WriteJudgeParts } from './write-judge.ts';

/** What a later write has put back in a file that waits already. */
export interface LaterRestoration {
  /** The base with what is new by now. */
  readonly kept: string;
  /** Whose work goes away by the later write. */
  readonly owners: readonly IdentityHex[];
}

/**
 * Whether what was written on top of what a tool left puts back more that is old, as a second command of git
 * does. Undefined where it is new, or undoes what the tool did.
 */
export async function findLater(
  { world, log, judge, git, nowMs }: WriteJudgeParts,
  file: WaitingFile,
  disk: DiskFile,
  head: FileHead,
): Promise<LaterRestoration | undefined> {
  const now = textOf(disk.bytes);
  const leftText = await readLeftText({ world, log }, file);
  const base = await readDiskBase(world, log, file.base);
  if (now === undefined || leftText === undefined || base === undefined) return undefined;
  const left = Text.of(leftText);
  const later = minimalChanges(left, now);
  // What the tool did and what was written later, as changes of a version of the world.
  const byTool = minimalChanges(base.text, leftText);
  const since = rebase(base.since, byTool, 'before');
  const before = left.apply(since);
  const moved = rebase(later, since, 'after');
  if (moved.length === 0) return undefined;
  const restored = await judge.judge({
    path: file.path,
    fileId: head.fileId,
    version: base.version,
    before,
    after: before.apply(moved),
    bytes: disk.bytes,
    changes: moved,
    byGit: git.workedSince(nowMs() - GIT_JUST_NOW_MS),
  });
  if (restored === undefined || restored.restoring.length === 0) return undefined;
  const unmoved = rebase(freshIn(restored), invert(since, left), 'after');
  const kept = await readKept(log, file, base.text);
  // Of what came back the text has all already.
  const added = newSince({ kept, left: leftText }, left.apply(unmoved).toString());
  return { kept: Text.of(kept).apply(added).toString(), owners: restored.owners };
}
