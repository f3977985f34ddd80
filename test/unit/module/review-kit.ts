// Decisions about what agents did, written short.
import type { StepDraft } from './change-files-kit.ts';
import { changing } from './change-files-kit.ts';
import type { Arguments, Row, TestWorld } from './test-world.ts';

export type ReviewFiles = Arguments<'review_files'>;
type Review = ReviewFiles['reviews'][number];

/** The newest op of a file. */
export function newestOf(world: TestWorld, fileId: number): number {
  return world.rows('file_op').findLast((op) => op.fileId === fileId)!.opSeq;
}

/** A decision about all lines of a file as it is, unless more is said. */
export function review(
  world: TestWorld,
  fileId: number,
  more: Partial<Review> = {},
): ReviewFiles['reviews'][number] {
  return {
    opId: world.nextId(),
    does: 'keep',
    fileId,
    seenSeq: newestOf(world, fileId),
    lines: [{ firstLine: 0, lastLine: 0xffff_ffff }],
    whole: [],
    agent: '',
    turn: 0,
    upTo: 0,
    words: '',
    ...more,
  };
}

/** A call with these decisions, and with the steps that take back. */
export function reviewing(
  world: TestWorld,
  reviews: readonly Review[],
  ...steps: readonly StepDraft[]
): ReviewFiles {
  const { batchId, steps: sent } = changing(world, ...steps);
  return { batchId, reviews: [...reviews], steps: sent, returned: [] };
}

export function unreviewed(world: TestWorld): Row<'unreviewed_file'>[] {
  return world.rows('unreviewed_file').sort((a, b) => a.fileId - b.fileId);
}

/** The mark of an export that begins with the world; `more` says up to which op. */
export function markExport(world: TestWorld, who: string, more: object) {
  const kind = { kind: 'export', mode: 'one', branch: 'b', parents: [], message: '' };
  const frame = { folder: '', autoLineEnds: 'false', commit: 'a'.repeat(40) };
  return markPoint(world, who, { ...kind, ...frame, after: 0, upTo: 1, ...more });
}

export function markPoint(world: TestWorld, who: string, point: object) {
  world.nowMicros += 1_000_000n;
  const opId = world.nextId();
  return world.call(who, 'mark_git_point', { opId, point: JSON.stringify(point), text: '' });
}
