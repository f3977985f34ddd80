import { mapLineRange } from '../../src/core/map-position.ts';
import { demandScope, hexOf, memberOf, ownerOf, writerOf } from './caller.ts';
import { committedOps } from './file-texts.ts';
import { History } from './history.ts';
import { demandOpId } from './ids.ts';
import { opRate } from './rates.ts';
import { demand, Refusal } from './refusal.ts';
import { counted } from './work.ts';
import type { Arguments, Context, Row } from './world.ts';

/** Claims lines until the claim expires; the same request again renews it. */
export function acquireSoftLock(ctx: Context, args: Arguments<'acquire_soft_lock'>): void {
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
  demandFree(locks, caller.hex, range, nowMicros);
  const expiresAtMicros = nowMicros + BigInt(args.durationMs) * 1000n;
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
    ctx.db.soft_lock.lockId.update({ ...known, reason: row.reason, expiresAt: row.expiresAt });
    return;
  }
  const own = Array.from(counted(ctx.db.soft_lock.holder.filter(caller.identity)));
  const isFew = own.filter(running).length < limits.locksPerMember;
  demand(isFew, 'too_many', 'this member has too many claims');
  // Maintenance may not have come: a member never has more rows than claims that they may hold.
  for (const lock of own) if (!running(lock)) ctx.db.soft_lock.lockId.delete(lock.lockId);
  ctx.db.soft_lock.insert(row);
}

/** Gives a claim back, which its holder always may. An owner may end anybody's. */
export function releaseSoftLock(ctx: Context, args: Arguments<'release_soft_lock'>): void {
  const caller = memberOf(ctx);
  const lock = ctx.db.soft_lock.lockId.find(args.lockId);
  const nowMicros = ctx.timestamp.microsSinceUnixEpoch;
  if (!lock || !isRunning(lock, nowMicros))
    throw new Refusal('no_such_lock', `there is no claim ${args.lockId}`);
  if (hexOf(lock.holder) !== caller.hex) ownerOf(ctx);
  ctx.db.soft_lock.lockId.delete(args.lockId);
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
): void {
  const taken = locks.find(
    (lock) =>
      hexOf(lock.holder) !== holder &&
      isRunning(lock, nowMicros) &&
      lock.firstLine <= range.lastLine &&
      range.firstLine <= lock.lastLine,
  );
  if (!taken) return;
  throw new Refusal('locked', 'somebody else has claimed these lines', {
    lockId: taken.lockId,
    holder: hexOf(taken.holder),
    firstLine: taken.firstLine,
    lastLine: taken.lastLine,
    expiresAtMicros: taken.expiresAt.microsSinceUnixEpoch.toString(),
  });
}

/** A claim ends by the clock, whether maintenance has come or not. */
function isRunning({ expiresAt }: Pick<Row<'soft_lock'>, 'expiresAt'>, nowMicros: bigint): boolean {
  return expiresAt.microsSinceUnixEpoch > nowMicros;
}

/** Timestamps are not exported to modules as a class; the context has one of it. */
export function timestampAt(ctx: Context, micros: bigint): Context['timestamp'] {
  const TimestampClass = ctx.timestamp.constructor as new (micros: bigint) => Context['timestamp'];
  return new TimestampClass(micros);
}
