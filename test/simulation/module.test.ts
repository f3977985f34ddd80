import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCampaign } from './campaign.ts';
import { moduleAuthority, simulate } from './simulation.ts';

const isSoak = process.env['AGENT_WORLD_SOAK'] === '1';

test("S1–S9: the same against the world's own module in its engine", async (t) => {
  const count = isSoak ? 1000 : 100;
  const figures = await runCampaign('module', count, (scenario) =>
    simulate(scenario, moduleAuthority),
  );
  t.diagnostic(JSON.stringify(figures));
  assert.ok(figures.decisions > 20 && figures.movedDecisions > 30);
  assert.ok(figures.keys > 3000 && figures.ops > 1500 && figures.tickets > 100);
});
