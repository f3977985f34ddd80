import { type Changes, endOf, startOf } from '../../src/core/change.ts';
import type { Text } from '../../src/core/text.ts';
import type { Authority } from './authority.ts';
import type { Decider } from './decider.ts';
import { type Ledger, tokensIn } from './keystrokes.ts';
import type { Patcher } from './patcher.ts';
import type { Window } from './window.ts';

/** All that is left when a run has come to rest. */
export interface Outcome {
  readonly authority: Authority;
  readonly ledger: Ledger;
  readonly windows: readonly Window[];
  readonly agents: readonly Patcher[];
  readonly deciders: readonly Decider[];
  readonly start: string;
  readonly hasPolicyChanges: boolean;
}

export function insertedTokens(changes: Changes): Set<string> {
  return new Set(tokensIn(changes.map((change) => change.text).join('')));
}

export function deletedTokens(changes: Changes, base: Text): string[] {
  return changes.flatMap((change) => tokensIn(base.slice(startOf(change), endOf(change))));
}
