import { Range } from 'spacetimedb/server';
import { timeOfId } from '../../src/core/id-time.ts';
import { CALL_MEMORY } from '../../src/core/limits.ts';
import { WORK_UNITS } from '../../src/core/work.ts';
import type { Who } from './caller.ts';
import { timestampAt } from './locks.ts';
import { demand, Refusal } from './refusal.ts';
import { counted, spend } from './work.ts';
import type { Context, Row } from './world.ts';

type Timestamp = Context['timestamp'];

/** A call that changed nothing, and what its caller was told. */
export type SettledCall = Pick<Row<'settled_call'>, 'opId' | 'payloadHash' | 'opSeq' | 'version'>;

/**
 * Refuses a call with an id that is not known where it may be the retry of one that the world has
 * forgotten (`stale_retry`), or where its time tells nothing (`bad_clock`). Edits are not asked: one
 * that had an effect is in the history, and what was typed long ago is still to be taken.
 */
export function demandNewCall(ctx: Context, caller: Who, opId: string): void {
  const madeMs = timeOfId(opId);
  const rule = 'an id must be a UUID of version 7 in lower case: it tells when the call was made';
  demand(madeMs !== undefined, 'bad_request', rule);
  const worldMs = millisecondsOf(ctx.timestamp);
  if (madeMs > worldMs + CALL_MEMORY.aheadMs) {
    const why = 'the id of this call is from the future; set the clock that made it';
    throw new Refusal('bad_clock', why, { madeMs, worldMs });
  }
  const rememberedSinceMs = rememberedSince(ctx, caller, worldMs);
  if (madeMs >= rememberedSinceMs) return;
  const why =
    'what became of this call is not remembered any more: look at the world and decide anew. ' +
    'A call that was made just now has an id by a clock that is behind';
  throw new Refusal('stale_retry', why, { madeMs, worldMs, rememberedSinceMs });
}

/** Every settled call of the member whose id was made then or later is remembered. */
function rememberedSince(ctx: Context, { identity }: Who, worldMs: number): number {
  const world = ctx.db.call_memory.id.find(CALL_MEMORY_ID);
  const member = ctx.db.member_call_memory.identity.find(identity);
  return Math.max(
    worldMs - CALL_MEMORY.rememberedMs,
    world ? millisecondsOf(world.since) : 0,
    member ? millisecondsOf(member.since) : 0,
  );
}

/** Remembers calls of one member that changed nothing. Their ids were found new. */
export function rememberSettled(ctx: Context, caller: Who, calls: readonly SettledCall[]): void {
  if (calls.length === 0) return;
  const { settled_call: table } = ctx.db;
  for (const call of calls) {
    demand(!table.opId.find(call.opId), 'op_id_reused', 'two calls at once have this id');
    const madeOnDay = Math.floor(timeOfId(call.opId)! / DAY_MS);
    table.insert({ ...call, actor: caller.identity, madeOnDay });
  }
  const memory = memoryOf(ctx, caller);
  const grown = { ...memory, calls: memory.calls + calls.length };
  write(ctx, grown);
  if (grown.calls > CALL_MEMORY.callsPerMember) dropOldest(ctx, grown);
  // Who has most of them gives way, so that nobody loses theirs to somebody else's flood.
  if (table.count() > BigInt(CALL_MEMORY.calls)) dropOldest(ctx, largest(ctx));
}

/** Says since when settled calls are remembered, instead of what was said before. */
export function rememberFrom(ctx: Context, since: Timestamp): void {
  const row = { id: CALL_MEMORY_ID, since };
  if (ctx.db.call_memory.id.find(CALL_MEMORY_ID)) ctx.db.call_memory.id.update(row);
  else ctx.db.call_memory.insert(row);
}

/** Drops calls whose ids are refused for their age; a bounded number at a time. */
export function forgetOldCalls(ctx: Context): void {
  // A world that was made by a module without this memory.
  if (!ctx.db.call_memory.id.find(CALL_MEMORY_ID)) rememberFrom(ctx, ctx.timestamp);
  const dropped = new Map<bigint, Row<'member_call_memory'>>();
  for (const row of oldCalls(ctx)) {
    ctx.db.settled_call.opId.delete(row.opId);
    const key = row.actor.__identity__;
    const memory = dropped.get(key) ?? memoryOf(ctx, { identity: row.actor });
    dropped.set(key, { ...memory, calls: memory.calls - 1 });
  }
  for (const memory of dropped.values()) write(ctx, memory);
}

function oldCalls(ctx: Context): Row<'settled_call'>[] {
  const today = Math.floor(millisecondsOf(ctx.timestamp) / DAY_MS);
  const kept = CALL_MEMORY.rememberedMs / DAY_MS;
  // The last moment of such a day is as long ago as that, and the day after it may be not.
  const last = today - kept - 1;
  if (last < 0) return [];
  const days = new Range<number>({ tag: 'unbounded' }, { tag: 'included', value: last });
  const rows: Row<'settled_call'>[] = [];
  for (const row of ctx.db.settled_call.madeOnDay.filter(days)) {
    spend(WORK_UNITS.row);
    rows.push(row);
    if (rows.length === DROPPED_PER_RUN) break;
  }
  return rows;
}

/** Drops a quarter, so that the next calls need not look for the oldest again. */
function dropOldest(ctx: Context, memory: Row<'member_call_memory'>): void {
  const ids = Array.from(
    counted(ctx.db.settled_call.actor.filter(memory.identity)),
    ({ opId }) => opId,
  );
  // Ids sort by their time.
  const oldest = ids.sort().slice(0, Math.ceil(ids.length / 4));
  for (const opId of oldest) ctx.db.settled_call.opId.delete(opId);
  const droppedMs = timeOfId(oldest.at(-1) ?? '') ?? 0;
  const sinceMs = Math.max(millisecondsOf(memory.since), droppedMs + 1);
  const since = timestampAt(ctx, BigInt(sinceMs) * 1000n);
  write(ctx, { ...memory, calls: ids.length - oldest.length, since });
}

function largest(ctx: Context): Row<'member_call_memory'> {
  const memories = Array.from(counted(ctx.db.member_call_memory.iter()));
  return memories.reduce((most, each) => (each.calls > most.calls ? each : most));
}

function memoryOf(ctx: Context, { identity }: Pick<Who, 'identity'>): Row<'member_call_memory'> {
  const known = ctx.db.member_call_memory.identity.find(identity);
  return known ?? { identity, calls: 0, since: timestampAt(ctx, 0n) };
}

function write(ctx: Context, memory: Row<'member_call_memory'>): void {
  const { identity } = ctx.db.member_call_memory;
  if (identity.find(memory.identity)) identity.update(memory);
  else ctx.db.member_call_memory.insert(memory);
}

function millisecondsOf(time: Timestamp): number {
  return Number(time.microsSinceUnixEpoch / 1000n);
}

const CALL_MEMORY_ID = 1;
const DAY_MS = 24 * 3_600_000;
const DROPPED_PER_RUN = 1000;
