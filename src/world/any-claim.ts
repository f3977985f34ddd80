/** Claims on lines and on whole files and folders together, for whoever shows both. */
import { claimPlace, extendClaim, releaseClaim } from './claims.ts';
import type { CallAnswer } from './link.ts';
import { extendPathClaim, pathClaimPlace, releasePathClaim } from './path-claims.ts';
import type { PathClaim } from './path-claim-rows.ts';
import type { SoftLock } from './world-rows.ts';
import type { WorldSession } from './world-session.ts';
import type { WorldView } from './world-view.ts';

export type AnyClaim = SoftLock | PathClaim;

export type AnyClaimAnswer =
  | { readonly tag: 'claimed'; readonly claim: AnyClaim }
  | Exclude<CallAnswer, { readonly tag: 'done' }>;

export function isPathClaim(claim: AnyClaim): claim is PathClaim {
  return 'claimId' in claim;
}

/** One number for a claim of either kind: those on files and folders have a minus. */
export function claimKey(claim: AnyClaim): number {
  return isPathClaim(claim) ? -claim.claimId : claim.lockId;
}

export function claimOfKey(
  { locks, pathClaims }: Pick<WorldView, 'locks' | 'pathClaims'>,
  key: number,
): AnyClaim | undefined {
  return key < 0 ? pathClaims.claims.get(-key) : locks.get(key);
}

export function allClaims({
  locks,
  pathClaims,
}: Pick<WorldView, 'locks' | 'pathClaims'>): readonly AnyClaim[] {
  return [...locks.values(), ...pathClaims.claims.values()];
}

/** Where a claim is, for people: `src/a.ts:3–7`, `src/a.ts`, `src/**`. */
export function anyClaimPlace(view: WorldView, claim: AnyClaim): string {
  return isPathClaim(claim) ? pathClaimPlace(view, claim) : claimPlace(view, claim);
}

/** When a claim ends at the latest; a lease that is renewed goes on until then. */
export function claimEndMs({ pathClaims }: Pick<WorldView, 'pathClaims'>, claim: AnyClaim): number {
  if (isPathClaim(claim)) return claim.lastsUntilMs;
  return pathClaims.leases.get(claim.lockId)?.lastsUntilMs ?? claim.expiresAtMs;
}

export async function extendAnyClaim(
  session: WorldSession,
  claim: AnyClaim,
  durationMs: number,
): Promise<AnyClaimAnswer> {
  if (isPathClaim(claim)) return extendPathClaim(session, claim, durationMs);
  const answer = await extendClaim(session, claim, durationMs);
  return answer.tag === 'claimed' ? { tag: 'claimed', claim: answer.lock } : answer;
}

export function releaseAnyClaim(session: WorldSession, claim: AnyClaim): Promise<void> {
  return isPathClaim(claim)
    ? releasePathClaim(session, claim.claimId)
    : releaseClaim(session, claim.lockId);
}
