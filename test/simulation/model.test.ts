import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCampaign } from './campaign.ts';
import { simulate } from './simulation.ts';

const isSoak = process.env['AGENT_WORLD_SOAK'] === '1';

test('S1–S9: every keystroke survives, once and in order, whatever happens and whoever undoes their own', async (t) => {
  const figures = await runCampaign('model', isSoak ? 20_000 : 400, (scenario) =>
    simulate(scenario),
  );
  t.diagnostic(JSON.stringify(figures));
  // A campaign in which nothing was contested, refused or tried again would show nothing.
  assert.ok(figures.keys > 10_000 && figures.ops > 5000);
  assert.ok(figures.taken > 300);
  assert.ok(figures.tickets > 500 && figures.drafts > 50 && figures.failedApplies > 1000);
});
