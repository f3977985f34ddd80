import { type Scenario, simulate } from './simulation.ts';

type Run = (scenario: Scenario) => Promise<unknown>;

/** A smaller scenario that fails too, found by leaving out one kind of trouble after the other. */
export async function shrink(failing: Scenario, run: Run = simulate): Promise<Scenario> {
  let smallest = failing;
  for (const simpler of simplifications) {
    const candidate = { ...smallest, ...simpler(smallest) };
    if (JSON.stringify(candidate) === JSON.stringify(smallest)) continue;
    if (await fails(candidate, run)) smallest = candidate;
  }
  return smallest;
}

const simplifications: readonly ((scenario: Scenario) => Partial<Scenario>)[] = [
  () => ({ waitingKeys: 'together' }),
  () => ({ overreachChance: 0 }),
  () => ({ nativeChance: 0 }),
  () => ({ undoChance: 0 }),
  () => ({ serverRestarts: 0 }),
  () => ({ reloads: 0 }),
  () => ({ crashes: 0 }),
  () => ({ disconnects: 0 }),
  () => ({ deletions: 0 }),
  () => ({ pauses: 0 }),
  () => ({ policyChanges: 0 }),
  () => ({ refuseChance: 0 }),
  () => ({ repeatChance: 0 }),
  () => ({ diskMaxMs: 0 }),
  () => ({ editorMaxMs: 0 }),
  () => ({ agents: 0 }),
  () => ({ habits: [] }),
  ({ agents, habits }) => ({ agents: Math.min(agents, Math.max(1, habits.length)) }),
  ({ typists }) => ({ typists: Math.min(typists, 2) }),
  ({ activeMs }) => ({ activeMs: Math.ceil(activeMs / 2) }),
  ({ activeMs }) => ({ activeMs: Math.ceil(activeMs / 2) }),
];

async function fails(scenario: Scenario, run: Run): Promise<boolean> {
  try {
    await run(scenario);
    return false;
  } catch {
    return true;
  }
}
