// What a server takes for a module, and what it says of one that it does not take.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { newIdentity, publish } from '../../src/contract/engine-http.ts';
import { loadingRules } from '../../src/contract/rules-loading.ts';
import { bundleModule, openTestServer } from './engine-harness.ts';
import { testRules } from './rule-tests.ts';

testRules([loadingRules]);

test('our module is taken', async (t) => {
  const server = await openTestServer();
  t.after(() => server.close());
  const { token } = await newIdentity(server.uri);
  const entry = fileURLToPath(new URL('../../spacetimedb/src/index.ts', import.meta.url));
  const name = `probe-${randomBytes(8).toString('hex')}`;
  const answer = await publish(server.uri, name, token, await bundleModule(entry));
  assert.equal(answer.status, 200, await answer.text());
});
