import { canonicalJson } from './op-payload.ts';

/**
 * What an agent does between being asked and being done is a turn. An op that was made in one says so by
 * this optional key of its payload: the number of the op that began the turn. Of an op without the key
 * nobody knows.
 */
export const TURN_KEY = 'turn';

/** The payload of an op that was made in a turn; `payload` itself where none is known. */
export function withTurn(payload: string, turn: number | undefined): string {
  return turn === undefined ? payload : withKeys(payload, { [TURN_KEY]: turn });
}

/** A payload that says more beside what it says. */
export function withKeys(payload: string, more: object): string {
  const known = payload === '' ? {} : (JSON.parse(payload) as object);
  return canonicalJson({ ...known, ...more });
}

/** In which turn an op was made, by the number of the op that began it; undefined where nobody knows. */
export function turnOf({ payload }: { readonly payload: string }): number | undefined {
  // Most ops have no payload, and of contents it is long.
  if (!payload.includes(`"${TURN_KEY}":`)) return undefined;
  const { [TURN_KEY]: turn } = JSON.parse(payload) as { readonly [TURN_KEY]?: unknown };
  return isTurn(turn) ? turn : undefined;
}

/** True for what can be the number of an op. */
export function isTurn(turn: unknown): turn is number {
  return Number.isInteger(turn) && (turn as number) > 0 && (turn as number) <= 0xffff_ffff;
}
