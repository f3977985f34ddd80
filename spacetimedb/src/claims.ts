import type { Change, Changes } from '../../src/core/change.ts';
import type { LineRange } from '../../src/core/map-position.ts';
import type { IdentityHex } from '../../src/core/op.ts';
import { touchedLines } from '../../src/core/overlap.ts';
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
      claim.holder !== actor &&
      claim.expiresAtMicros > nowMicros &&
      changes.some((change) => touches(change, claim)),
  );
}

/** True when a change touches a claimed line, or puts something strictly inside the range. */
function touches(change: Change, claim: LineRange): boolean {
  const touched = touchedLines(change);
  if (touched) return touched.firstLine <= claim.lastLine && claim.firstLine <= touched.lastLine;
  return change.startLine > claim.firstLine && change.startLine <= claim.lastLine;
}
