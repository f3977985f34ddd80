import { demandDone } from './demand-done.ts';
import { WorldError } from './world-error.ts';
import type { Workspace } from './world-rows.ts';
import type { WorldSession } from './world-session.ts';

/** By what a world judges edits, whether claims bind agents, and what is too much. */
export type Rules = Pick<Workspace, 'policyMode' | 'lockPolicy' | 'limits'>;

/**
 * Changes some of a world's rules for everybody, from the next edit on; resolves with those that hold
 * then. Throws `WorldError`: only an owner may.
 */
export async function changeRules(session: WorldSession, change: Partial<Rules>): Promise<Rules> {
  const present = session.workspace;
  if (!present) throw new WorldError('unreachable', 'The world has not been seen yet');
  const { policyMode, lockPolicy, limits } = { ...present, ...change };
  const rules = { policyMode, lockPolicy, limits };
  demandDone(await session.call('set_policy', rules));
  return rules;
}
