import type { Changes } from '../../src/core/change.ts';
import type { Resolution } from '../../src/core/op-payload.ts';
import { byteUnits, textUnits, WORK_UNITS } from '../../src/core/work.ts';
import type { Caller } from './caller.ts';
import { type OpenFile, stepOf, type TextStep } from './file-work.ts';
import type { History } from './history.ts';
import { byteRate } from './rates.ts';
import { demand } from './refusal.ts';
import type { TicketReturns } from './returned-text.ts';
import { spend } from './work.ts';
import type { Context, Row } from './world.ts';
import type { WorldSource } from './world-source.ts';

/** A ticket that is being decided. */
export interface Decision {
  readonly ctx: Context;
  readonly caller: Caller;
  readonly history: History;
  readonly source: WorldSource;
  readonly ticket: Row<'conflict_ticket'>;
  readonly resolution: Resolution;
  readonly opId: string;
  readonly payloadHash: Uint8Array;
  /** What of the proposal came back. */
  readonly returned: TicketReturns;
  /** Other tickets whose disputed text this one's result changed. */
  readonly touched: number[];
}

/** The text that a decision leaves in a file. */
export function demandStep(
  { caller, history }: Pick<Decision, 'caller' | 'history'>,
  file: OpenFile,
  changes: Changes,
): TextStep {
  const { limits, nowMicros } = history;
  const bytes = changes.reduce((sum, change) => sum + change.text.length, 0);
  byteRate.spend(caller.hex, bytes, limits.bytesPerSecond, nowMicros);
  spend(WORK_UNITS.op + textUnits(changes.length, file.text.groups.length) + byteUnits(bytes));
  const step = stepOf(file.text, file.byteLength, changes);
  demand(step.byteLength <= limits.textFileBytes, 'too_large', 'the file would grow too large');
  return step;
}
