/** Owns: claims as an agent is told of them, on lines and on whole files and folders alike. */
import {
  allClaims,
  type AnyClaim,
  claimEndMs,
  claimKey,
  claimOfKey,
  isPathClaim,
} from '../../world/any-claim.ts';
import { memberName } from '../../world/member-name.ts';
import { pathClaimPlace, pathClaimsOn } from '../../world/path-claims.ts';
import type { WorldSession } from '../../world/world-session.ts';
import type { ClaimView } from './answer.ts';

type Claims = Pick<WorldSession, 'view' | 'clock'>;

/** `claim` of a view is the number by which an agent names it. */
export function claimView(
  { view, identity }: Pick<WorldSession, 'view' | 'identity'>,
  claim: AnyClaim,
): ClaimView {
  const place = isPathClaim(claim)
    ? { path: pathClaimPlace(view, claim), firstLine: 0, lastLine: 0 }
    : {
        path: view.files.get(claim.fileId)?.path ?? '',
        firstLine: claim.firstLine + 1,
        lastLine: claim.lastLine + 1,
      };
  return {
    claim: claimKey(claim),
    ...place,
    holder: memberName(view, claim.holder),
    isOwn: claim.holder === identity,
    reason: claim.reason,
    endsAtMs: claimEndMs(view, claim),
  };
}

/** Claims whose time is not over; the world sweeps them later. */
export function livingClaims(claims: Claims): readonly AnyClaim[] {
  return allClaims(claims.view).filter((claim) => isLiving(claims, claim));
}

export function livingClaim(claims: Claims, key: number): AnyClaim | undefined {
  const claim = claimOfKey(claims.view, key);
  return claim && isLiving(claims, claim) ? claim : undefined;
}

/** Claims of others that touch files. */
export function claimsOfOthersOn(
  session: Pick<WorldSession, 'view' | 'clock' | 'identity'>,
  fileIds: ReadonlySet<number>,
): readonly AnyClaim[] {
  const { view, identity } = session;
  if (view.locks.size === 0 && view.pathClaims.claims.size === 0) return [];
  const found = new Set<AnyClaim>();
  for (const lock of view.locks.values()) if (fileIds.has(lock.fileId)) found.add(lock);
  for (const fileId of fileIds) {
    const head = view.files.get(fileId);
    if (head && !head.deleted) for (const claim of pathClaimsOn(view, head)) found.add(claim);
  }
  return [...found].filter((claim) => claim.holder !== identity && isLiving(session, claim));
}

function isLiving({ clock }: Claims, { expiresAtMs }: AnyClaim): boolean {
  return expiresAtMs > clock.nowMs();
}
