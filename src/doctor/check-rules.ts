import { EngineProbe, type ProbeSite } from '../contract/engine-probe.ts';
import type { Rule, RuleGroup } from '../contract/rule.ts';
import { within } from './within.ts';

export interface RuleFinding {
  readonly subject: string;
  readonly rule: string;
  /** `unchecked` where the engine does not share the rule, or looking would do harm. */
  readonly verdict: 'OK' | 'FAIL' | 'unchecked';
  /** Why it does not hold, or why it was not looked at; empty where it holds. */
  readonly reason: string;
}

/** What became of the rules: those that an interruption left out, and databases that stayed there. */
export interface RulesReport {
  readonly findings: readonly RuleFinding[];
  readonly missing: number;
  readonly left: readonly string[];
}

/** Checks rules one after the other, and takes away after each what it made. Never rejects. */
export async function checkRules(
  site: ProbeSite,
  groups: readonly RuleGroup[],
  { signal, onFinding }: { signal: AbortSignal; onFinding: (finding: RuleFinding) => void },
): Promise<RulesReport> {
  const findings: RuleFinding[] = [];
  const left: string[] = [];
  let missing = 0;
  for (const { subject, rules } of groups) {
    for (const rule of rules) {
      if (signal.aborted) {
        missing++;
        continue;
      }
      const probe = new EngineProbe(site);
      const { verdict, reason } = await look(site, rule, probe, signal);
      left.push(...(await probe.finish()));
      if (signal.aborted) {
        missing++;
        continue;
      }
      const finding = { subject, rule: rule.name, verdict, reason };
      findings.push(finding);
      onFinding(finding);
    }
  }
  return { findings, missing, left };
}

async function look(
  site: ProbeSite,
  { check, unchecked }: Rule,
  probe: EngineProbe,
  signal: AbortSignal,
): Promise<Pick<RuleFinding, 'verdict' | 'reason'>> {
  const why = unchecked[site.engine];
  if (why !== undefined) return { verdict: 'unchecked', reason: why };
  try {
    await within(RULE_MS, signal, () => check(probe));
    return { verdict: 'OK', reason: '' };
  } catch (error) {
    return { verdict: 'FAIL', reason: reasonOf(error, site) };
  }
}

const RULE_MS = 30_000;
const MOST_CHARACTERS = 300;

/** An error's words on one line, without what lets its reader in. */
export function reasonOf(error: unknown, { uri, owner }: ProbeSite): string {
  const words = error instanceof Error ? error.message : String(error);
  const { pathname } = new URL(uri);
  const secrets = [owner.token, ...(pathname === '/' ? [] : [pathname])];
  const open = secrets.reduce((text, secret) => text.replaceAll(secret, '…'), words);
  return open.replaceAll(/\s+/g, ' ').trim().slice(0, MOST_CHARACTERS);
}
