import type { Rules } from './plan-batch.ts';
import { Refusal } from './refusal.ts';
import type { Database } from './world.ts';
import { claimsOn } from './world-source.ts';

/** Refuses with `locked` where whoever claims stop would take lines away that somebody has claimed. */
export function demandNoClaims(
  db: Database,
  fileId: number,
  { obeysClaims, actor, nowMicros }: Pick<Rules, 'obeysClaims' | 'actor' | 'nowMicros'>,
): void {
  if (!obeysClaims) return;
  const claim = claimsOn(db, fileId).find(
    ({ holder, expiresAtMicros }) => holder !== actor && expiresAtMicros > nowMicros,
  );
  if (!claim) return;
  throw new Refusal('locked', 'somebody holds a lock on lines of this file', {
    lockId: claim.lockId,
    holder: claim.holder,
    firstLine: claim.firstLine,
    lastLine: claim.lastLine,
    expiresAtMicros: claim.expiresAtMicros.toString(),
  });
}
