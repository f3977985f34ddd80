import { DEFAULT_LIMITS, parseLimits } from '../core/limits.ts';
import type { LineRange } from '../core/map-position.ts';
import { demandDone } from './demand-done.ts';
import type { CallAnswer } from './link.ts';
import { hasPathClaims } from './path-claims.ts';
import { newUuid, type RandomBytes } from './uuid.ts';
import type { SoftLock } from './world-rows.ts';
import type { WorldSession } from './world-session.ts';
import type { WorldView } from './world-view.ts';
import { writeNote } from './write-note.ts';

/** How long a claim lasts when nobody says otherwise. */
export const USUAL_CLAIM_MS = 10 * 60_000;

/** Lines to claim, from 0 and both included, in the coordinates of a version. */
export interface NewClaim extends LineRange {
  readonly fileId: number;
  readonly version: number;
  readonly reason: string;
  readonly durationMs: number;
  /** It ends half a minute after nobody renews it any more, in a world that has leases. */
  readonly isLease?: boolean;
}

export type ClaimAnswer =
  | { readonly tag: 'claimed'; readonly lock: SoftLock }
  | Exclude<CallAnswer, { readonly tag: 'done' }>;

/** Claims lines for the session's member. */
export function claimLines(
  session: WorldSession,
  claim: NewClaim,
  randomBytes: RandomBytes,
): Promise<ClaimAnswer> {
  return acquire(session, claim, newUuid(session.clock.nowMs(), randomBytes));
}

/** Lets a claim of one's own last this long from now. */
export function extendClaim(
  session: WorldSession,
  { lockId, requestId, fileId, firstLine, lastLine, reason }: SoftLock,
  durationMs: number,
): Promise<ClaimAnswer> {
  // Its lines are the head's, and the same request again renews it, wherever it is by then.
  const version = session.view.files.get(fileId)?.version ?? 0;
  const isLease = session.view.pathClaims.leases.has(lockId);
  const claim = { fileId, version, firstLine, lastLine, reason, durationMs, isLease };
  return acquire(session, claim, requestId);
}

/** Gives a claim back; an owner may end that of somebody else. Throws `WorldError`. */
export async function releaseClaim(session: WorldSession, lockId: number): Promise<void> {
  demandDone(await session.call('release_soft_lock', { lockId }));
}

/** Asks the holder of a claim for it, in the history. Throws `WorldError`. */
export function askForClaim(
  session: WorldSession,
  { holder }: Pick<SoftLock, 'holder'>,
  text: string,
  randomBytes: RandomBytes,
): Promise<void> {
  return writeNote(session, { kind: 'message', to: holder, text }, randomBytes);
}

/** Whether the world would let the session's member end a claim. */
export function mayRelease(
  { view, identity }: Pick<WorldSession, 'view' | 'identity'>,
  { holder }: Pick<SoftLock, 'holder'>,
): boolean {
  const self = view.members.get(identity);
  return holder === identity || (self?.role === 'owner' && !self.paused);
}

/** The longest that a claim may last from now on. */
export function longestClaimMs({ workspace }: Pick<WorldView, 'workspace'>): number {
  return (parseLimits(workspace?.limits ?? '') ?? DEFAULT_LIMITS).lockMs;
}

/** Where a claim is, for people: `src/a.ts:3–7`. */
export function claimPlace(
  { files }: Pick<WorldView, 'files'>,
  { fileId, firstLine, lastLine }: Pick<SoftLock, 'fileId'> & LineRange,
): string {
  return `${files.get(fileId)?.path ?? ''}:${lineNumbers({ firstLine, lastLine })}`;
}

/** Lines as people count them: `3`, `3–7`. */
export function lineNumbers({ firstLine, lastLine }: LineRange): string {
  return lastLine > firstLine ? `${firstLine + 1}–${lastLine + 1}` : `${firstLine + 1}`;
}

async function acquire(
  session: WorldSession,
  claim: NewClaim,
  requestId: string,
): Promise<ClaimAnswer> {
  const { fileId, version, firstLine, lastLine, reason, durationMs } = claim;
  const lines = { firstLine, lastLine };
  const isLease = (claim.isLease ?? false) && hasPathClaims(session);
  const answer = await session.call(isLease ? 'lease_lines' : 'acquire_soft_lock', {
    requestId,
    fileId,
    version,
    ...lines,
    reason,
    durationMs,
  });
  if (answer.tag !== 'done') return answer;
  const lock = [...session.view.locks.values()].find((each) => each.requestId === requestId);
  if (lock) return { tag: 'claimed', lock };
  const refusal = { code: 'no_such_lock', message: 'the claim is gone already', details: {} };
  return { tag: 'refused', refusal };
}
