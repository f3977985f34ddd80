import type { EngineProbe } from './engine-probe.ts';

export type EngineKind = 'embedded' | 'spacetimedb';

/** One thing that our module and our clients rely on, of whichever engine serves them. */
export interface Rule {
  /** A statement that holds. */
  readonly name: string;
  /** Why it is not looked at on an engine: it does not share the rule, or looking would do harm. */
  readonly unchecked: Partial<Readonly<Record<EngineKind, string>>>;
  /** Rejects with the reason where the rule does not hold. */
  readonly check: (probe: EngineProbe) => Promise<void>;
}

export interface RuleGroup {
  readonly subject: string;
  readonly rules: readonly Rule[];
}

export function rule(name: string, check: Rule['check'], unchecked: Rule['unchecked'] = {}): Rule {
  return { name, check, unchecked };
}

/** A rule that only a look from inside, or a broken server, could show. */
export function knownRule(name: string, why: string): Rule {
  const check = (): Promise<void> => Promise.reject(new Error(why));
  return { name, check, unchecked: { embedded: why, spacetimedb: why } };
}
