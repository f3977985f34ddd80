import type { Changes } from '../../src/core/change.ts';
import { touchesClaim } from '../../src/core/claimed-lines.ts';
import type { IdentityHex } from '../../src/core/op.ts';
import type { Claim } from './file-work.ts';
import type { Rules } from './plan-batch.ts';
import { Refusal } from './refusal.ts';
import type { Database } from './world.ts';
import { claimsOn } from './world-source.ts';

/** The first claim of somebody else, still running, that changes on the head would touch. */
export function claimTouchedBy(
  changes: Changes,
  claims: readonly Claim[],
  actor: IdentityHex,
  nowMicros: bigint,
): Claim | undefined {
  return claims.find(
    (claim) =>
      claim.holder !== actor && claim.expiresAtMicros > nowMicros && touchesClaim(changes, claim),
  );
}

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
