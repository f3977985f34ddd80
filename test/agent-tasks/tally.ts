import type { TaskRun } from './world-run.ts';

/** How tasks ended. */
export interface Tally {
  readonly tasks: number;
  readonly asMeant: number;
  readonly asMeantAtFirst: number;
  readonly waits: number;
  readonly refused: number;
  readonly wrong: number;
  readonly reverted: number;
}

export function tallyOf(runs: readonly TaskRun[]): Tally {
  const count = (verdict: TaskRun['verdict']): number =>
    runs.filter((run) => run.verdict === verdict).length;
  return {
    tasks: runs.length,
    asMeant: count('as meant'),
    asMeantAtFirst: runs.filter(({ verdict, tries }) => verdict === 'as meant' && tries === 1)
      .length,
    waits: count('waits'),
    refused: count('refused'),
    wrong: count('wrong'),
    reverted: count('reverted'),
  };
}
