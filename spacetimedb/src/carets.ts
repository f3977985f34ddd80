import { type Caret, unpackCaret } from '../../src/core/packed-caret.ts';
import { movementsPerSecond } from '../../src/core/movement-rate.ts';
import { memberOf } from './caller.ts';
import { isOnServer } from './hash.ts';
import { History } from './history.ts';
import { caretRate, presenceRate } from './rates.ts';
import { Refusal } from './refusal.ts';
import { spend } from './work.ts';
import { WORK_UNITS } from '../../src/core/work.ts';
import type { Arguments, Context, Row } from './world.ts';

/**
 * A client that understands short movements says so; its connection gets a number by which its own are
 * told. One that is shown nowhere, or for which no number is free, goes on with `update_presence`.
 */
export function takePlace(ctx: Context): void {
  const caller = memberOf(ctx);
  const connectionId = connectionOf(ctx);
  const { limits, nowMicros } = History.open(ctx, caller);
  presenceRate.spend(caller.hex, 1, limits.presencePerSecond, nowMicros);
  if (!ctx.db.presence.connectionId.find(connectionId)) return;
  if (ctx.db.presence_place.connectionId.find(connectionId)) return;
  const place = freePlace(ctx);
  if (place !== undefined) ctx.db.presence_place.insert({ place, connectionId });
}

/**
 * Tells where the caret of a connection is, in the file that it said last with `update_presence`. Nothing
 * is stored. Clients of 0.1.0 do not understand it: while one is connected they are told in their way, too.
 */
export function moveCaret(ctx: Context, { caret }: Arguments<'move_caret'>): void {
  const caller = memberOf(ctx);
  const connectionId = connectionOf(ctx);
  const { limits, nowMicros } = History.open(ctx, caller);
  const perSecond = movementsPerSecond(isOnServer, limits.presencePerSecond);
  caretRate.spend(caller.hex, 1, perSecond, nowMicros);
  const place = ctx.db.presence_place.connectionId.find(connectionId);
  const row = ctx.db.presence.connectionId.find(connectionId);
  if (!place || !row) throw new Refusal('bad_request', 'this connection has no place');
  const head = ctx.db.file_head.fileId.find(row.fileId);
  if (!head) throw new Refusal('no_such_file', 'this connection is in no file');
  ctx.db.caret_moved.insert({ place: place.place, caret });
  if (ctx.db.presence.count() === ctx.db.presence_place.count()) return;
  ctx.db.presence_event.insert(eventOf(row, unpackCaret(caret, head.version)));
}

function connectionOf({ connectionId }: Context): NonNullable<Context['connectionId']> {
  if (!connectionId) throw new Refusal('bad_request', 'presence needs a connection');
  return connectionId;
}

function eventOf(
  { identity, connectionId, fileId }: Row<'presence'>,
  { line, character, version, typing }: Caret,
): Row<'presence_event'> {
  const selection = {
    anchorLine: line,
    anchorCharacter: character,
    activeLine: line,
    activeCharacter: character,
  };
  return { identity, connectionId, fileId, version, selections: [selection], typing };
}

/** Looks from the number of connections upwards: those before are mostly taken. */
function freePlace(ctx: Context): number | undefined {
  const from = Number(ctx.db.presence_place.count());
  for (let tried = 0; tried < PLACES_TRIED; tried++) {
    spend(WORK_UNITS.row);
    const place = (from + tried) % PLACES;
    if (!ctx.db.presence_place.place.find(place)) return place;
  }
  return undefined;
}

const PLACES = 2 ** 16;
const PLACES_TRIED = 1_000;
