import type { Caller } from './caller.ts';
import { demand } from './refusal.ts';
import type { Context } from './world.ts';

/** The number of the turn that a call names; undefined where it names none, or one that the world does not know. */
export function turnOfCall(_ctx: Context, _caller: Caller, turn: string): number | undefined {
  demand(turn.length <= TURN_NAME_LENGTH, 'bad_request', 'a turn has a short name');
  return undefined;
}

const TURN_NAME_LENGTH = 128;
