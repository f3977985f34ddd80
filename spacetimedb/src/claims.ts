import type { Changes } from '../../src/core/change.ts';
import { touchesClaim } from '../../src/core/claimed-lines.ts';
import type { IdentityHex } from '../../src/core/op.ts';
import type { Claim } from './file-work.ts';

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
