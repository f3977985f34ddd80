import { acp } from './acp.ts';
import type { AgentCase } from './agent-case.ts';
import { hooks } from './hooks.ts';
import { claim, conflict, oldCopy } from './in-the-way.ts';
import { add, check, remove } from './set-up.ts';
import { ownTools, serverTools, twoSessions } from './work.ts';

/** In the order in which they are tried and shown. */
export const AGENT_CASES: readonly AgentCase[] = [
  add,
  check,
  ownTools,
  hooks,
  serverTools,
  oldCopy,
  claim,
  conflict,
  twoSessions,
  acp,
  remove,
];
