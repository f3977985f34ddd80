import type { Call } from './question-step.ts';
import { review, reviewing } from './review-kit.ts';
import { insert, type TestWorld } from './test-world.ts';

/** A step of a random history: somebody keeps what an agent did to a file, or takes something of it back. */
export function reviewStep<Made>(
  call: Call<Made>,
  world: TestWorld,
  who: string,
  picks: readonly [number, number, number, number],
): Made | undefined {
  const files = world.rows('unreviewed_file');
  const file = files[picks[0] % files.length];
  if (!file) return undefined;
  const { fileId } = file;
  const { version, deleted } = world.headOf(fileId);
  const ops = world.rows('file_op').filter((op) => op.fileId === fileId);
  const seenSeq = ops[Math.max(0, ops.length - 1 - (picks[1] % 3))]!.opSeq;
  const upTo = picks[2] % 2 === 0 ? seenSeq : 0;
  const does = picks[3] % 3 === 0 ? 'take' : 'keep';
  const more = { does, seenSeq, upTo, whole: picks[1] % 2 ? ['created'] : [] };
  const reviews = [review(world, fileId, more)];
  const on = { fileId, expectedBaseVersion: Math.max(1, version - (picks[2] % 2)) };
  const step = deleted
    ? { ...on, kind: 'restore' }
    : { ...on, kind: 'edit', changes: insert(0, 0, 'back') };
  const args = does === 'take' ? reviewing(world, reviews, step) : reviewing(world, reviews);
  return call(who, 'review_files', args);
}
