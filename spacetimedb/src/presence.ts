import { PLACES_PER_MEMBER } from '../../src/core/sizes.ts';
import { memberOf } from './caller.ts';
import { History, LOG_HEAD_ID } from './history.ts';
import { OpPages } from './op-pages.ts';
import { presenceRate } from './rates.ts';
import { demand, Refusal } from './refusal.ts';
import { counted } from './work.ts';
import { type Arguments, type Context, type Database, importerOf, type Row } from './world.ts';

/** A client came: members only, so everything in the world may be public to whoever is connected. */
export function clientConnected(ctx: Context): void {
  const importer = importerOf(ctx);
  if (importer) {
    const isImporter = importer.__identity__ === ctx.sender.__identity__;
    demand(isImporter, 'importing', 'the world is being restored from a log');
    return;
  }
  const caller = memberOf(ctx);
  // A connection that is one too many works as any other; it is only not shown.
  if (ctx.connectionId && mayBeShown(ctx)) {
    ctx.db.presence.insert({
      connectionId: ctx.connectionId,
      identity: caller.identity,
      fileId: 0,
      activity: '',
      seenAt: ctx.timestamp,
    });
  }
  // The first to come after a new module finds its open page counted. Nothing may fail after this.
  const head = ctx.db.log_head.id.find(LOG_HEAD_ID)!;
  OpPages.after(ctx.db, head).keep(head);
}

export function clientDisconnected(ctx: Context): void {
  if (ctx.connectionId) forgetConnection(ctx.db, ctx.connectionId);
}

/** Nobody is shown where a connection is any more, nor by which number its movements are told. */
export function forgetConnection(
  db: Database,
  connectionId: Row<'presence'>['connectionId'],
): void {
  db.presence.connectionId.delete(connectionId);
  db.presence_place.connectionId.delete(connectionId);
  db.connection_session.connectionId.delete(connectionId);
}

/**
 * Tells where a connection is, also in files that its member may only read. Every movement is an event
 * that is never stored; the row is written only when the file or the activity changes. Refused with
 * `too_many` beyond the member's rate, which all of their connections share: the client sends its
 * latest position again later.
 */
export function updatePresence(ctx: Context, args: Arguments<'update_presence'>): void {
  const caller = memberOf(ctx);
  const { connectionId } = ctx;
  if (!connectionId) throw new Refusal('bad_request', 'presence needs a connection');
  const { limits, nowMicros } = History.open(ctx, caller);
  presenceRate.spend(caller.hex, 1, limits.presencePerSecond, nowMicros);
  const { fileId, version, selections, typing, activity } = args;
  demand(selections.length <= limits.selections, 'too_many', 'too many selections');
  demand(activity.length <= limits.nameLength, 'too_large', 'the activity is too long');
  const row = ctx.db.presence.connectionId.find(connectionId);
  if (row?.fileId !== fileId || row.activity !== activity) {
    if (fileId !== 0 && !ctx.db.file_head.fileId.find(fileId)) {
      throw new Refusal('no_such_file', `there is no file ${fileId}`);
    }
    const { identity } = caller;
    const next = { connectionId, identity, fileId, activity, seenAt: ctx.timestamp };
    if (row) ctx.db.presence.connectionId.update(next);
    else insertShown(ctx, next);
  }
  const { identity } = caller;
  const event = { identity, connectionId, fileId, version, selections, typing };
  ctx.db.presence_event.insert(event);
}

function insertShown(ctx: Context, row: Row<'presence'>): void {
  demand(mayBeShown(ctx), 'too_many', 'this member is shown at too many places already');
  ctx.db.presence.insert(row);
}

/** Everybody watches every place, so no member takes more of them than windows that somebody has open. */
function mayBeShown(ctx: Context): boolean {
  let shown = 0;
  for (const row of counted(ctx.db.presence.identity.filter(ctx.sender))) {
    if (isForgotten(row, ctx)) continue;
    shown++;
    if (shown >= PLACES_PER_MEMBER) return false;
  }
  return true;
}

/** A connection that has gone without a word for a day is not here, whether maintenance has come or not. */
export function isForgotten({ seenAt }: Pick<Row<'presence'>, 'seenAt'>, ctx: Context): boolean {
  const nowMicros = ctx.timestamp.microsSinceUnixEpoch;
  return nowMicros - seenAt.microsSinceUnixEpoch > PRESENCE_MICROS;
}

/** A row is written on a change of file only: somebody may well read one file for hours. */
const PRESENCE_MICROS = 24n * 3_600_000_000n;
