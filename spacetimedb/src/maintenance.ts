import { ScheduleAt } from 'spacetimedb/server';
import { byteUnits, WORK_UNITS } from '../../src/core/work.ts';
import { forgetOldCalls } from './call-memory.ts';
import { hexOf } from './caller.ts';
import { isRunning } from './claimed-paths.ts';
import { headText } from './file-texts.ts';
import { History, LOG_HEAD_ID, NO_OPS } from './history.ts';
import { endLock } from './locks.ts';
import { expireInvites } from './open-invites.ts';
import { OpPages } from './op-pages.ts';
import { forgetConnection, isForgotten } from './presence.ts';
import { writeCheckpoint } from './snapshots.ts';
import { modernizeTickets } from './ticket-upkeep.ts';
import { Usage } from './usage.ts';
import { affordable, canAfford } from './work.ts';
import { type Context, importerOf } from './world.ts';

/** Sets the clock by which the world tends itself; once, when it begins. */
export function startMaintenance(ctx: Context): void {
  ctx.db.maintenance_schedule.insert({
    scheduledId: 0n,
    scheduledAt: ScheduleAt.interval(INTERVAL_MICROS),
  });
}

/**
 * Ends claims and invites whose time is over, forgets connections that went without a word and calls
 * that are too old to be made again, writes snapshots of files that have gone far past theirs, and cuts a
 * history of 0.1.0 into pages. It does a bounded part of that and goes on with the rest the next time, so it
 * is harmless when run again. Content parts need no tending: each is written with the snapshot or ticket
 * that keeps it.
 */
export function maintain(ctx: Context): void {
  if (importerOf(ctx)) return;
  const now = ctx.timestamp.microsSinceUnixEpoch;
  for (const lock of affordable(ctx.db.soft_lock.iter(), UNITS_PER_TABLE)) {
    if (!isRunning(lock, now)) endLock(ctx.db, lock.lockId);
  }
  for (const claim of affordable(ctx.db.path_claim.iter(), UNITS_PER_TABLE)) {
    if (!isRunning(claim, now)) ctx.db.path_claim.claimId.delete(claim.claimId);
  }
  for (const row of affordable(ctx.db.presence.iter(), UNITS_PER_TABLE)) {
    if (isForgotten(row, ctx)) forgetConnection(ctx.db, row.connectionId);
  }
  expireInvites(ctx);
  forgetOldCalls(ctx);
  Usage.catchUp(ctx.db, ctx.db.log_head.id.find(LOG_HEAD_ID) ?? NO_OPS);
  writeDueSnapshots(ctx);
  modernizeTickets(ctx.db);
  OpPages.catchUp(ctx.db, ctx.db.log_head.id.find(LOG_HEAD_ID)!);
}

function writeDueSnapshots(ctx: Context): void {
  const due: number[] = [];
  for (const { fileId } of ctx.db.snapshot_due.iter()) {
    due.push(fileId);
    if (due.length === SNAPSHOTS_PER_RUN) break;
  }
  if (due.length === 0) return;
  const who = { identity: ctx.sender, hex: hexOf(ctx.sender) };
  const history = History.open(ctx, who);
  for (const fileId of due) {
    const head = ctx.db.file_head.fileId.find(fileId);
    if (head && !canAfford(WORK_UNITS.op + byteUnits(head.byteLength))) break;
    ctx.db.snapshot_due.fileId.delete(fileId);
    if (!head || head.kind !== 'text' || head.snapshotVersion === head.version) continue;
    const after = writeCheckpoint(ctx, history, who, head, headText(ctx.db, head));
    ctx.db.file_head.fileId.update(after);
  }
  history.close();
}

const INTERVAL_MICROS = 15_000_000n;
const SNAPSHOTS_PER_RUN = 8;
/** There are never more of these rows than that reads, unless an owner has raised the limits. */
const UNITS_PER_TABLE = 1_200_000;
