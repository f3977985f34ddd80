import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { shrink } from './shrink.ts';
import { type RunFigures, type Scenario, scenarioOf } from './simulation.ts';

/** Runs that failed once, by the authority they ran against; they run always. */
interface KeptSeeds {
  readonly model: readonly number[];
  readonly module: readonly number[];
}

type Run = (scenario: Scenario) => Promise<RunFigures>;

/**
 * Plays every seed from 1 to `count`, and those that are kept in `seeds.json`. A failure names its
 * seed and the smallest scenario that fails too, which `simulate` plays again.
 */
export async function runCampaign(
  authority: keyof KeptSeeds,
  count: number,
  run: Run,
): Promise<RunFigures> {
  const kept = await keptSeeds();
  return runSeeds([...kept[authority], ...firstSeeds(count)], run, scenarioOf);
}

export function firstSeeds(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** Plays these seeds of a kind of scenario; a failure is told as by `runCampaign`. */
export async function runSeeds(
  seeds: readonly number[],
  run: Run,
  scenarioFor: (seed: number) => Scenario,
): Promise<RunFigures> {
  const sum = {
    keys: 0,
    ops: 0,
    tickets: 0,
    taken: 0,
    drafts: 0,
    steps: 0,
    failedApplies: 0,
    decisions: 0,
    movedDecisions: 0,
  };
  for (const seed of seeds) {
    const figures = await runSeed(scenarioFor(seed), run);
    for (const name of Object.keys(sum) as (keyof RunFigures)[]) sum[name] += figures[name];
  }
  return sum;
}

async function runSeed(scenario: Scenario, run: Run): Promise<RunFigures> {
  try {
    return await run(scenario);
  } catch (error) {
    const smallest = await shrink(scenario, run);
    const cause = await messageOf(smallest, run);
    assert.fail(
      `seed ${scenario.seed}: ${error instanceof Error ? error.message : String(error)}\n` +
        `smallest scenario: ${JSON.stringify(smallest)}\n${cause}`,
    );
  }
}

async function messageOf(scenario: Scenario, run: Run): Promise<string> {
  try {
    await run(scenario);
    return 'which passed when it was played once more';
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

async function keptSeeds(): Promise<KeptSeeds> {
  return JSON.parse(await readFile(new URL('seeds.json', import.meta.url), 'utf8')) as KeptSeeds;
}
