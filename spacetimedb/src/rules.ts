import type { Caller } from './caller.ts';
import type { History } from './history.ts';
import type { Rules } from './plan-batch.ts';
import { callWork } from './work.ts';

/** The rules under which this caller's edits are judged. */
export function rulesFor(caller: Caller, history: History): Rules {
  const isAgent = caller.member.kind === 'agent';
  return {
    policyMode: history.policyMode,
    obeysClaims: isAgent && history.workspace.lockPolicy === 'enforce',
    isAgent,
    actor: caller.hex,
    limits: history.limits,
    nowMicros: history.nowMicros,
    work: callWork(),
  };
}
