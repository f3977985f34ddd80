import { NOTES_PER_SECOND } from '../../src/core/quota.ts';
import type { Caller } from './caller.ts';
import { History } from './history.ts';
import { byteRate, noteRate, opRate } from './rates.ts';
import type { Context } from './world.ts';

/** Begins an op of the kind `note` whose text has so many characters, and counts it against its sender's rates. */
export function openNoteHistory(ctx: Context, caller: Caller, length: number): History {
  const history = History.open(ctx, caller);
  spendOnNote(caller, history, length);
  return history;
}

/** Counts a note against its sender's rates. */
export function spendOnNote(
  caller: Caller,
  { limits, nowMicros }: Pick<History, 'limits' | 'nowMicros'>,
  length: number,
): void {
  opRate.spend(caller.hex, 1, limits.opsPerSecond, nowMicros);
  noteRate.spend(caller.hex, 1, NOTES_PER_SECOND, nowMicros);
  byteRate.spend(caller.hex, length, limits.bytesPerSecond, nowMicros);
}
