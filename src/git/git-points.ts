import type { BasePoint, ExportPoint, GitPoint } from '../core/git-point.ts';
import type { OpRecord } from '../core/op.ts';
import { readPayload } from '../core/op-payload.ts';
import { GitError } from './git-error.ts';

/** A point where a world met a repository, with the number of the op that tells of it. */
export type Told<Point extends GitPoint> = Point & { readonly opSeq: number };

/** All of them, in the history's order. */
export interface GitPoints {
  readonly bases: readonly Told<BasePoint>[];
  readonly exports: readonly Told<ExportPoint>[];
  /** Exports that do not hold. */
  readonly late: readonly Told<ExportPoint>[];
}

/**
 * Picks them out of the notes of a history. An export that does not follow the one before was made at
 * the same time on another machine: it does not hold.
 */
export function gitPointsIn(notes: readonly OpRecord[]): GitPoints {
  const bases: Told<BasePoint>[] = [];
  const exports: Told<ExportPoint>[] = [];
  const late: Told<ExportPoint>[] = [];
  for (const { opSeq, payload } of notes) {
    const { point } = readPayload('note', payload);
    if (point?.kind === 'base') bases.push({ ...point, opSeq });
    if (point?.kind !== 'export') continue;
    const last = exports.at(-1);
    const holds = !last || point.after === last.upTo;
    (holds ? exports : late).push({ ...point, opSeq });
  }
  return { bases, exports, late };
}

/** The base that held when an op was made; undefined before there was one. */
export function baseAt(points: GitPoints, opSeq: number): Told<BasePoint> | undefined {
  return points.bases.findLast((base) => base.opSeq <= opSeq);
}

/** The world does not know which commit its files came from. */
export function noBase(): GitError {
  const why = 'The world does not know which commit its files came from';
  return new GitError('no_base', `${why}; agent-world upstream --adopt COMMIT tells it`);
}
