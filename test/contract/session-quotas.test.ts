import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MEBIBYTE, SERVER_QUOTAS } from '../../src/core/quota.ts';
import { changeQuotas } from '../../src/world/change-quotas.ts';
import { configureWorld, databaseNameFor, publishModule } from '../../src/world/publish.ts';
import { isNearlyUsedUp, type QuotaShare, sharesOf } from '../../src/world/usage-rows.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { bundle, WorldLab } from './world-lab.ts';

test('a session is told when a member’s share, or the world’s, is nearly used up', async (context) => {
  const lab = await WorldLab.open(context);
  const owner = await lab.enter(lab.owner);
  const agent = await lab.agent();
  await changeQuotas(owner, { memberMebibytes: 2, worldMebibytes: 100 });
  assert.deepEqual(near(agent.session, false), []);
  const told = new Promise<readonly QuotaShare[]>((resolve) => {
    agent.session.view.usage.onChange(() => {
      const shares = near(agent.session, false);
      if (shares.length > 0) resolve(shares);
    });
  });
  await agent.create('large.txt', 'x'.repeat(1.7 * MEBIBYTE));
  const [share] = await told;
  assert.deepEqual([share!.of, share!.what, share!.quota], ['member', 'bytes', 2 * MEBIBYTE]);
  assert.ok(share!.used > 1.7 * MEBIBYTE && share!.used < 1.8 * MEBIBYTE);
  const refused = await agent.create('more.txt', 'x'.repeat(MEBIBYTE));
  assert.match(JSON.stringify(refused), /quota_exceeded/);
  await assert.rejects(changeQuotas(agent.session, { memberMebibytes: 9 }), /owner/);
});

test('a world that is set up on a server may keep what a server has room for', async (context) => {
  const lab = await WorldLab.open(context);
  const { uri } = lab.server;
  const database = databaseNameFor('other', systemRandomBytes);
  await publishModule({ uri, token: lab.owner.token, database, bundle: await bundle() });
  const session = await lab.enter(lab.owner, { database });
  const profile = { displayName: 'Owner', gitName: '', gitEmail: '', color: '' };
  const rules = { policyMode: 'auto', lockPolicy: 'enforce', baseCommit: undefined } as const;
  const settings = { name: 'other', ...rules, owner: profile, quotas: SERVER_QUOTAS };
  await configureWorld(session, settings, systemRandomBytes);
  const told = await lab.enter(lab.owner, { database });
  assert.equal(told.view.usage.usage!.quotas.worldMebibytes, 2048);
});

function near(session: WorldSession, isOwner: boolean): readonly QuotaShare[] {
  return sharesOf(session.view.usage.usage!, isOwner).filter(isNearlyUsedUp);
}
