import { byteUnits } from '../../src/core/work.ts';
import { foldersOf } from '../../src/core/path.ts';
import { readClaim, type ReadClaim } from '../../src/core/path-claim.ts';
import { hexOf } from './caller.ts';
import { keyOf, pathTableOf } from './paths.ts';
import type { Rules } from './plan-batch.ts';
import { Refusal } from './refusal.ts';
import { counted, spend } from './work.ts';
import type { Database, Row } from './world.ts';

/** A path that a call is about, and the file there, where there is one. */
export interface ClaimedPlace {
  readonly path: string;
  readonly fileId?: number;
}

/** Refuses with `locked` where whoever claims stop would do something at a path that somebody has claimed. */
export function demandPathsFree(
  db: Database,
  { obeysClaims, actor, nowMicros }: Pick<Rules, 'obeysClaims' | 'actor' | 'nowMicros'>,
  places: readonly ClaimedPlace[],
): void {
  // Mostly nobody has claimed any: then no folder of any file is looked up.
  if (!obeysClaims || db.path_claim.count() === 0n) return;
  for (const { path, fileId = 0 } of places) {
    const claim = pathClaimOn(db, { path, fileId }, actor, nowMicros);
    if (claim) throw claimedPath(claim);
  }
}

/** Where steps of one call do something: at the files that they are about, and at paths that these get. */
export function placesOfSteps(
  db: Database,
  steps: readonly { readonly fileId?: number; readonly path?: string; readonly to?: string }[],
): readonly ClaimedPlace[] {
  return steps.flatMap(({ fileId = 0, path = '', to = path }) => {
    const head = fileId === 0 ? null : db.file_head.fileId.find(fileId);
    return [...(head ? [head] : []), ...(to === '' ? [] : [{ path: to }])];
  });
}

/** The first claim of somebody else on a path, still running. */
export function pathClaimOn(
  db: Database,
  { path, fileId = 0 }: ClaimedPlace,
  actor: string,
  nowMicros: bigint,
): Row<'path_claim'> | undefined {
  const isOthers = (claim: Row<'path_claim'>): boolean =>
    hexOf(claim.holder) !== actor && isRunning(claim, nowMicros);
  if (fileId !== 0) {
    for (const claim of counted(db.path_claim.fileId.filter(fileId)))
      if (isOthers(claim)) return claim;
  }
  const key = keyOf(db, path);
  for (const base of ['', ...foldersOf(key), key]) {
    for (const claim of counted(db.path_claim.baseKey.filter(base))) {
      if (isOthers(claim) && readRow(db, claim).covers(key)) return claim;
    }
  }
  return undefined;
}

/** What a row claims, ready to be compared. */
export function readRow(
  db: Database,
  claim: Pick<Row<'path_claim'>, 'pattern' | 'isGlob'>,
): ReadClaim {
  spend(byteUnits(8 * claim.pattern.length));
  return readClaim(claim, pathTableOf(db));
}

/** A claim ends by the clock, whether maintenance has come or not. */
export function isRunning(
  { expiresAt }: { readonly expiresAt: Row<'path_claim'>['expiresAt'] },
  nowMicros: bigint,
): boolean {
  return expiresAt.microsSinceUnixEpoch > nowMicros;
}

/** The refusal that names a claim and its holder. */
export function claimedPath({
  claimId,
  holder,
  pattern,
  reason,
  expiresAt,
}: Row<'path_claim'>): Refusal {
  return new Refusal('locked', `somebody else has claimed ${pattern}`, {
    claimId,
    holder: hexOf(holder),
    pattern,
    reason,
    expiresAtMicros: expiresAt.microsSinceUnixEpoch.toString(),
  });
}
