import {
  claimFault,
  claimMeetingSteps,
  isClaimInScope,
  LEASE_MS,
  type ReadClaim,
} from '../../src/core/path-claim.ts';
import { activeMemberOf, type Caller, hexOf, memberOf, ownerOf, writerOf } from './caller.ts';
import { claimedPath, isRunning, readRow } from './claimed-paths.ts';
import { History } from './history.ts';
import { demandOpId } from './ids.ts';
import { claimedLines, demandClaimRoom, endLock, timestampAt } from './locks.ts';
import { fileAt, keyOf } from './paths.ts';
import { opRate } from './rates.ts';
import { demand, Refusal } from './refusal.ts';
import { counted, spend } from './work.ts';
import type { Arguments, Context, Row } from './world.ts';

/**
 * Claims a path, or all paths that a glob stands for; the same request again lets it last from now on. A
 * lease lasts as long only while it is renewed.
 */
export function claimPath(ctx: Context, args: Arguments<'claim_path'>): void {
  const caller = writerOf(ctx, 'lock');
  const { limits, nowMicros } = History.open(ctx, caller);
  opRate.spend(caller.hex, 1, limits.opsPerSecond, nowMicros);
  demandOpId(args.requestId);
  const { requestId, pattern, isGlob, reason, isLease } = args;
  demand(reason.length <= limits.nameLength, 'too_large', 'the reason is too long');
  const isDuration = args.durationMs >= 1 && args.durationMs <= limits.lockMs;
  demand(isDuration, 'bad_request', `a claim lasts at most ${limits.lockMs} ms`);
  const fault = claimFault(args);
  demand(fault === undefined, 'bad_path', `nothing can be claimed by this (${fault})`);
  const isInScope = isClaimInScope(args, caller.member.pathScope);
  demand(isInScope, 'out_of_scope', 'this claim reaches beyond the member’s scope');
  const claim = readRow(ctx.db, args);
  const fileId = isGlob ? 0 : (fileAt(ctx.db, pattern)?.fileId ?? 0);
  demandNobodyElse(ctx, caller, { claim, fileId }, nowMicros);
  const lastsUntilMicros = nowMicros + BigInt(args.durationMs) * 1000n;
  const lease = leaseMicros(nowMicros, lastsUntilMicros);
  const times = {
    isLease,
    expiresAt: timestampAt(ctx, isLease ? lease : lastsUntilMicros),
    lastsUntil: timestampAt(ctx, lastsUntilMicros),
  };
  const own = Array.from(counted(ctx.db.path_claim.holder.filter(caller.identity)));
  const known = own.find((row) => isRunning(row, nowMicros) && row.requestId === requestId);
  if (known) {
    ctx.db.path_claim.claimId.update({ ...known, reason, ...times });
    return;
  }
  demandClaimRoom(ctx, caller, limits, nowMicros);
  ctx.db.path_claim.insert({
    claimId: 0,
    requestId,
    holder: caller.identity,
    pattern,
    isGlob,
    fileId,
    baseKey: claim.base,
    reason,
    acquiredAt: ctx.timestamp,
    ...times,
  });
}

/** Gives such a claim back, which its holder always may. An owner may end anybody's. */
export function releasePath(ctx: Context, { claimId }: Arguments<'release_path'>): void {
  const caller = memberOf(ctx);
  const claim = ctx.db.path_claim.claimId.find(claimId);
  const nowMicros = ctx.timestamp.microsSinceUnixEpoch;
  if (!claim || !isRunning(claim, nowMicros))
    throw new Refusal('no_such_lock', `there is no claim ${claimId} on a file or folder`);
  if (hexOf(claim.holder) !== caller.hex) ownerOf(ctx);
  ctx.db.path_claim.claimId.delete(claimId);
}

/** All leases of the caller go on for as long as a lease is, but not beyond what they were made for. */
export function renewLeases(ctx: Context): void {
  const caller = activeMemberOf(ctx);
  const { limits, nowMicros } = History.open(ctx, caller);
  opRate.spend(caller.hex, 1, limits.opsPerSecond, nowMicros);
  const renewed = (lastsUntil: Row<'path_claim'>['lastsUntil']): Row<'path_claim'>['expiresAt'] =>
    timestampAt(ctx, leaseMicros(nowMicros, lastsUntil.microsSinceUnixEpoch));
  for (const claim of Array.from(counted(ctx.db.path_claim.holder.filter(caller.identity)))) {
    if (!claim.isLease || !isRunning(claim, nowMicros)) continue;
    ctx.db.path_claim.claimId.update({ ...claim, expiresAt: renewed(claim.lastsUntil) });
  }
  for (const lease of Array.from(counted(ctx.db.lock_lease.holder.filter(caller.identity)))) {
    const lock = ctx.db.soft_lock.lockId.find(lease.lockId);
    if (lock && isRunning(lock, nowMicros)) {
      ctx.db.soft_lock.lockId.update({ ...lock, expiresAt: renewed(lease.lastsUntil) });
    } else {
      endLock(ctx.db, lease.lockId);
    }
  }
}

function leaseMicros(nowMicros: bigint, lastsUntilMicros: bigint): bigint {
  const leased = nowMicros + BigInt(LEASE_MS) * 1000n;
  return leased < lastsUntilMicros ? leased : lastsUntilMicros;
}

/** Refuses with `locked` where somebody else's claim meets this one; it is told which. */
function demandNobodyElse(
  ctx: Context,
  caller: Caller,
  { claim, fileId }: { readonly claim: ReadClaim; readonly fileId: number },
  nowMicros: bigint,
): void {
  for (const row of counted(ctx.db.path_claim.iter())) {
    if (hexOf(row.holder) === caller.hex || !isRunning(row, nowMicros)) continue;
    const other = readRow(ctx.db, row);
    spend(claimMeetingSteps(claim, other) / STEPS_PER_UNIT);
    const isOneFile = fileId !== 0 && row.fileId === fileId;
    const head = row.fileId === 0 ? null : ctx.db.file_head.fileId.find(row.fileId);
    const isMoved = head !== null && !head.deleted && claim.covers(head.pathKey);
    if (isOneFile || isMoved || claim.meets(other)) throw claimedPath(row);
  }
  for (const lock of counted(ctx.db.soft_lock.iter())) {
    if (hexOf(lock.holder) === caller.hex || !isRunning(lock, nowMicros)) continue;
    const head = ctx.db.file_head.fileId.find(lock.fileId);
    if (head && (lock.fileId === fileId || claim.covers(keyOf(ctx.db, head.path)))) {
      throw claimedLines(lock, head.path);
    }
  }
}

/** Comparing two letters takes a quarter of what a unit stands for. */
const STEPS_PER_UNIT = 4;
