import type { Limits } from '../../src/core/limits.ts';
import { mapLineRange } from '../../src/core/map-position.ts';
import { LEASE_MS } from '../../src/core/path-claim.ts';
import { type Caller, demandScope, hexOf, memberOf, ownerOf, writerOf } from './caller.ts';
import { claimedPath, isRunning, pathClaimOn } from './claimed-paths.ts';
import { committedOps } from './file-texts.ts';
import { History } from './history.ts';
import { demandOpId } from './ids.ts';
import { opRate } from './rates.ts';
import { demand, Refusal } from './refusal.ts';
import { counted } from './work.ts';
import type { Arguments, Context, Database, Row } from './world.ts';

/** Claims lines until the claim expires; the same request again renews it. */
export function acquireSoftLock(ctx: Context, args: Arguments<'acquire_soft_lock'>): void {
  const { lockId } = acquire(ctx, args, args.durationMs);
  ctx.db.lock_lease.lockId.delete(lockId);
}

/** The same as a lease: it lasts that long only while it is renewed. */
export function leaseLines(ctx: Context, args: Arguments<'lease_lines'>): void {
  const { lockId, holder } = acquire(ctx, args, Math.min(args.durationMs, LEASE_MS));
  const nowMicros = ctx.timestamp.microsSinceUnixEpoch;
  const lastsUntil = timestampAt(ctx, nowMicros + BigInt(args.durationMs) * 1000n);
  const lease = { lockId, holder, lastsUntil };
  if (ctx.db.lock_lease.lockId.find(lockId)) ctx.db.lock_lease.lockId.update(lease);
  else ctx.db.lock_lease.insert(lease);
}

function acquire(
  ctx: Context,
  args: Arguments<'acquire_soft_lock'>,
  forMs: number,
): Row<'soft_lock'> {
  const caller = writerOf(ctx, 'lock');
  const { limits, nowMicros } = History.open(ctx, caller);
  opRate.spend(caller.hex, 1, limits.opsPerSecond, nowMicros);
  demandOpId(args.requestId);
  demand(args.reason.length <= limits.nameLength, 'too_large', 'the reason is too long');
  const isDuration = args.durationMs >= 1 && args.durationMs <= limits.lockMs;
  demand(isDuration, 'bad_request', `a claim lasts at most ${limits.lockMs} ms`);
  const head = ctx.db.file_head.fileId.find(args.fileId);
  if (!head || head.deleted) throw new Refusal('no_such_file', `there is no file ${args.fileId}`);
  demandScope(caller, head.path);
  const range = claimedRange(ctx, head, args, limits.staleOps);
  const locks = Array.from(counted(ctx.db.soft_lock.fileId.filter(head.fileId)));
  const running = (lock: Row<'soft_lock'>): boolean => isRunning(lock, nowMicros);
  demandFree(locks, caller.hex, range, nowMicros, head.path);
  const claim = pathClaimOn(ctx.db, head, caller.hex, nowMicros);
  if (claim) throw claimedPath(claim);
  const expiresAtMicros = nowMicros + BigInt(forMs) * 1000n;
  const row = {
    lockId: 0,
    requestId: args.requestId,
    fileId: head.fileId,
    holder: caller.identity,
    ...range,
    reason: args.reason,
    acquiredAt: ctx.timestamp,
    expiresAt: timestampAt(ctx, expiresAtMicros),
  };
  const known = locks.find(
    (lock) =>
      running(lock) && lock.requestId === args.requestId && hexOf(lock.holder) === caller.hex,
  );
  if (known) {
    const renewed = { ...known, reason: row.reason, expiresAt: row.expiresAt };
    return ctx.db.soft_lock.lockId.update(renewed);
  }
  demandClaimRoom(ctx, caller, limits, nowMicros);
  return ctx.db.soft_lock.insert(row);
}

/** Refuses with `too_many` who has as many claims as may be, on lines, files and folders together. */
export function demandClaimRoom(
  ctx: Context,
  { identity }: Caller,
  { locksPerMember }: Limits,
  nowMicros: bigint,
): void {
  const { soft_lock: locks, path_claim: claims } = ctx.db;
  let running = 0;
  // Maintenance may not have come: a member never has more rows than claims that they may hold.
  for (const lock of Array.from(counted(locks.holder.filter(identity)))) {
    if (isRunning(lock, nowMicros)) running += 1;
    else endLock(ctx.db, lock.lockId);
  }
  for (const claim of Array.from(counted(claims.holder.filter(identity)))) {
    if (isRunning(claim, nowMicros)) running += 1;
    else claims.claimId.delete(claim.claimId);
  }
  demand(running < locksPerMember, 'too_many', 'this member has too many claims');
}

/** Ends all claims of a member. */
export function endClaimsOf(db: Database, holder: Caller['identity']): void {
  for (const { lockId } of Array.from(counted(db.soft_lock.holder.filter(holder)))) {
    endLock(db, lockId);
  }
  for (const { claimId } of Array.from(counted(db.path_claim.holder.filter(holder)))) {
    db.path_claim.claimId.delete(claimId);
  }
}

/** Ends a claim on lines, and what says that it is a lease. */
export function endLock(db: Database, lockId: number): void {
  db.soft_lock.lockId.delete(lockId);
  db.lock_lease.lockId.delete(lockId);
}

/** Gives a claim back, which its holder always may. An owner may end anybody's. */
export function releaseSoftLock(ctx: Context, args: Arguments<'release_soft_lock'>): void {
  const caller = memberOf(ctx);
  const lock = ctx.db.soft_lock.lockId.find(args.lockId);
  const nowMicros = ctx.timestamp.microsSinceUnixEpoch;
  if (!lock || !isRunning(lock, nowMicros))
    throw new Refusal('no_such_lock', `there is no claim ${args.lockId}`);
  if (hexOf(lock.holder) !== caller.hex) ownerOf(ctx);
  endLock(ctx.db, args.lockId);
}

/** The lines named, in the coordinates of the head. */
function claimedRange(
  ctx: Context,
  head: Row<'file_head'>,
  args: Arguments<'acquire_soft_lock'>,
  staleOps: number,
) {
  const { version, firstLine, lastLine } = args;
  const isVersion = version >= 1 && version <= head.version;
  demand(isVersion, 'bad_range', `the file has no version ${version}`);
  demand(firstLine <= lastLine, 'bad_range', 'a claim begins before it ends');
  demand(head.version - version <= staleOps, 'too_stale', 'the version named is too old');
  let range = { firstLine, lastLine };
  for (const op of committedOps(ctx.db, head.fileId, version, head.version)) {
    range = mapLineRange(range, op.changes);
  }
  demand(range.lastLine < head.lineCount, 'bad_range', 'the claim reaches beyond the file');
  return range;
}

function demandFree(
  locks: readonly Row<'soft_lock'>[],
  holder: string,
  range: { readonly firstLine: number; readonly lastLine: number },
  nowMicros: bigint,
  path: string,
): void {
  const taken = locks.find(
    (lock) =>
      hexOf(lock.holder) !== holder &&
      isRunning(lock, nowMicros) &&
      lock.firstLine <= range.lastLine &&
      range.firstLine <= lock.lastLine,
  );
  if (taken) throw claimedLines(taken, path);
}

/** The refusal that names a claim on lines and its holder. */
export function claimedLines(lock: Row<'soft_lock'>, path: string): Refusal {
  return new Refusal('locked', 'somebody else has claimed these lines', {
    lockId: lock.lockId,
    holder: hexOf(lock.holder),
    path,
    firstLine: lock.firstLine,
    lastLine: lock.lastLine,
    reason: lock.reason,
    expiresAtMicros: lock.expiresAt.microsSinceUnixEpoch.toString(),
  });
}

/** Timestamps are not exported to modules as a class; the context has one of it. */
export function timestampAt(ctx: Context, micros: bigint): Context['timestamp'] {
  const TimestampClass = ctx.timestamp.constructor as new (micros: bigint) => Context['timestamp'];
  return new TimestampClass(micros);
}
