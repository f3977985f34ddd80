/** Claims on whole files and folders, and who else is where one wants to claim. */
import { PATH_CLAIMS_LEVEL } from '../core/module-level.ts';
import type { IdentityHex } from '../core/op.ts';
import { pathKey } from '../core/path.ts';
import { PATH_TABLES } from '../core/path-folding.ts';
import { type ClaimedPaths, type ReadClaim, readClaim } from '../core/path-claim.ts';
import { demandDone } from './demand-done.ts';
import type { CallAnswer } from './link.ts';
import type { PathClaim } from './path-claim-rows.ts';
import { newUuid, type RandomBytes } from './uuid.ts';
import type { FileHead, SoftLock } from './world-rows.ts';
import type { WorldSession } from './world-session.ts';
import type { WorldView } from './world-view.ts';

/** What somebody wants to claim, why, and for how long. */
export interface NewPathClaim extends ClaimedPaths {
  readonly reason: string;
  readonly durationMs: number;
  /** It ends half a minute after nobody renews it any more; see `agents/lease-keeper.ts`. */
  readonly isLease?: boolean;
}

export type PathClaimAnswer =
  | { readonly tag: 'claimed'; readonly claim: PathClaim }
  | Exclude<CallAnswer, { readonly tag: 'done' }>;

/** Who has a claim that meets another, and who is in one of the files that it is about. */
export interface ClaimNeighbours {
  readonly paths: readonly PathClaim[];
  readonly lines: readonly SoftLock[];
  readonly present: readonly { readonly identity: IdentityHex; readonly path: string }[];
}

/** Claims a path or a glob for the session's member; refused with `locked` where others have claims. */
export function claimPaths(
  session: WorldSession,
  claim: NewPathClaim,
  randomBytes: RandomBytes,
): Promise<PathClaimAnswer> {
  return acquire(session, claim, newUuid(session.clock.nowMs(), randomBytes));
}

/** Lets such a claim of one's own last this long from now. */
export function extendPathClaim(
  session: WorldSession,
  { requestId, pattern, isGlob, reason, isLease }: PathClaim,
  durationMs: number,
): Promise<PathClaimAnswer> {
  return acquire(session, { pattern, isGlob, reason, durationMs, isLease }, requestId);
}

/** Gives such a claim back; an owner may end that of somebody else. Throws `WorldError`. */
export async function releasePathClaim(session: WorldSession, claimId: number): Promise<void> {
  demandDone(await session.call('release_path', { claimId }));
}

/** Others' claims that are in the way of one, and others who are there; for whoever is about to claim. */
export function neighboursOf(
  { view, identity, clock }: Pick<WorldSession, 'view' | 'identity' | 'clock'>,
  target: ClaimedPaths,
): ClaimNeighbours {
  const claim = readClaim(target, PATH_TABLES.newest);
  const nowMs = clock.nowMs();
  const isOthers = (each: { readonly holder: IdentityHex; readonly expiresAtMs: number }) =>
    each.holder !== identity && each.expiresAtMs > nowMs;
  const covers = (fileId: number): boolean => {
    const file = view.files.get(fileId);
    return file !== undefined && !file.deleted && claim.covers(pathKey(file.path));
  };
  const paths = [...view.pathClaims.claims.values()].filter(
    (other) => isOthers(other) && (covers(other.fileId) || claim.meets(readOf(other))),
  );
  const lines = [...view.locks.values()].filter((lock) => isOthers(lock) && covers(lock.fileId));
  const present = new Map<string, ClaimNeighbours['present'][number]>();
  for (const { identity: other, fileId } of view.presence.values()) {
    if (other === identity || !covers(fileId)) continue;
    present.set(`${other} ${fileId}`, { identity: other, path: view.files.get(fileId)!.path });
  }
  return { paths, lines, present: [...present.values()] };
}

/** The claims on paths that cover a file, the first ones first. */
export function pathClaimsOn(
  { pathClaims }: Pick<WorldView, 'pathClaims'>,
  { fileId, path }: Pick<FileHead, 'fileId' | 'path'>,
): readonly PathClaim[] {
  if (pathClaims.claims.size === 0) return [];
  const key = pathKey(path);
  return [...pathClaims.claims.values()]
    .filter((claim) => claim.fileId === fileId || readOf(claim).covers(key))
    .sort((a, b) => a.claimId - b.claimId);
}

/** Where such a claim is, for people: the file's path as it is now, or the glob. */
export function pathClaimPlace(
  { files }: Pick<WorldView, 'files'>,
  { fileId, pattern }: Pick<PathClaim, 'fileId' | 'pattern'>,
): string {
  const file = files.get(fileId);
  return file && !file.deleted ? file.path : pattern;
}

/** True in a world whose module has such claims. */
export function hasPathClaims({ moduleLevel }: Pick<WorldSession, 'moduleLevel'>): boolean {
  return moduleLevel >= PATH_CLAIMS_LEVEL;
}

async function acquire(
  session: WorldSession,
  { pattern, isGlob, reason, durationMs, isLease = false }: NewPathClaim,
  requestId: string,
): Promise<PathClaimAnswer> {
  if (session.link && !hasPathClaims(session)) return TOO_OLD;
  const args = { requestId, pattern, isGlob, reason, durationMs, isLease };
  const answer = await session.call('claim_path', args);
  if (answer.tag !== 'done') return answer;
  const { claims } = session.view.pathClaims;
  const claim = [...claims.values()].find((each) => each.requestId === requestId);
  if (claim) return { tag: 'claimed', claim };
  const refusal = { code: 'no_such_lock', message: 'the claim is gone already', details: {} };
  return { tag: 'refused', refusal };
}

/** By the newest table: only letters that it does not know would read differently in an older world. */
function readOf(claim: ClaimedPaths): ReadClaim {
  return readClaim(claim, PATH_TABLES.newest);
}

const TOO_OLD: PathClaimAnswer = {
  tag: 'refused',
  refusal: {
    code: 'upgrade_needed',
    message: 'files and folders cannot be claimed here; an owner can bring the module up to date',
    details: {},
  },
};
