/** Owns: by what an export tells work apart: whose it is, and of which turn where that is wanted. */
import type { IdentityHex, OpRecord } from '../core/op.ts';
import { turnOf } from '../core/turn.ts';
import { answersFor } from '../core/unattributed.ts';

/** Who answers for work, and behind `#` the turn that it was done in, where turns are told apart and it is known. */
export type WorkKey = string;

export type WorkOf = (op: OpRecord) => WorkKey;

/** Turns are told apart; of work that was done in none that is known only whose it is. */
export function workInTurn(op: OpRecord): WorkKey {
  const turn = turnOf(op);
  return turn === undefined ? answersFor(op) : `${answersFor(op)}#${turn}`;
}

export function identityOf(key: WorkKey): IdentityHex {
  const [identity = ''] = key.split('#', 1);
  return identity;
}

/** By the number of the op that began it. */
export function turnOfWork(key: WorkKey): number | undefined {
  const at = key.indexOf('#');
  return at < 0 ? undefined : Number(key.slice(at + 1));
}
