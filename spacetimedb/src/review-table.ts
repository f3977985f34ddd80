import { makesVersion } from '../../src/core/op-payload.ts';
import type { OpRecord } from '../../src/core/op.ts';
import { isReviewDecision, type ReviewDecision } from '../../src/core/review.ts';
import { counted } from './work.ts';
import type { Database } from './world.ts';

type OpeningOp = Pick<OpRecord, 'opSeq' | 'fileId' | 'version' | 'kind' | 'changes' | 'payload'>;

/** From this op on the file has work to look at. False where it has some already. */
export function openReview(db: Database, op: OpeningOp): boolean {
  const { opSeq, fileId, version } = op;
  if (fileId === 0 || db.unreviewed_file.fileId.find(fileId)) return false;
  const sinceVersion = makesVersion(op) ? version - 1 : version;
  const row = { fileId, sinceSeq: opSeq - 1, sinceVersion, changedSeq: opSeq };
  db.unreviewed_file.insert(row);
  return true;
}

/**
 * Does to the table what a decision says, for new ops and for replayed ones. False where it does not fit: its
 * file has nothing to look at, or it is not as the module writes one.
 */
export function applyReview(
  db: Database,
  { opSeq, fileId }: Pick<OpRecord, 'opSeq' | 'fileId'>,
  decision: ReviewDecision,
): boolean {
  if (!isReviewDecision(decision)) return false;
  const row = db.unreviewed_file.fileId.find(fileId);
  const seen = db.file_op.opSeq.find(decision.seenSeq);
  if (!row || !seen || seen.fileId !== fileId || seen.version !== decision.version) return false;
  const { upTo = 0 } = decision;
  if (upTo > decision.seenSeq || decision.seenSeq >= opSeq) return false;
  const settled = upTo > 0 ? db.file_op.opSeq.find(upTo) : undefined;
  if (settled === null || (settled && settled.fileId !== fileId)) return false;
  const isMore = settled !== undefined && upTo > row.sinceSeq;
  const sinceSeq = isMore ? upTo : row.sinceSeq;
  const sinceVersion = isMore ? settled.version : row.sinceVersion;
  if (decision.isLast) db.unreviewed_file.fileId.delete(fileId);
  else db.unreviewed_file.fileId.update({ fileId, sinceSeq, sinceVersion, changedSeq: opSeq });
  return true;
}

/** Forgets all, when a history begins anew. */
export function clearReviews(db: Database): void {
  for (const { fileId } of counted(db.unreviewed_file.iter())) {
    db.unreviewed_file.fileId.delete(fileId);
  }
}
