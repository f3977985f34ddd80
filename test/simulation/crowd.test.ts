// Ten agents and two people in one file: one agent floods, one dies in the middle of calls, one only writes files.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstSeeds, runSeeds } from './campaign.ts';
import { crowdOf, moduleAuthority, simulate } from './simulation.ts';

const isSoak = process.env['AGENT_WORLD_SOAK'] === '1';

test('S1–S10: nothing that two people type among ten agents is lost or doubled, whatever the agents are like', async (t) => {
  const figures = await runSeeds(firstSeeds(isSoak ? 2000 : 20), (each) => simulate(each), crowdOf);
  t.diagnostic(JSON.stringify(figures));
  assert.ok(figures.keys > 2000 && figures.tickets > 300);
});

test("S1–S10: the same crowd against the world's own module in its engine", async (t) => {
  const run = (each: ReturnType<typeof crowdOf>) => simulate(each, moduleAuthority);
  const figures = await runSeeds(firstSeeds(isSoak ? 200 : 6), run, crowdOf);
  t.diagnostic(JSON.stringify(figures));
  assert.ok(figures.ops > 400);
});
