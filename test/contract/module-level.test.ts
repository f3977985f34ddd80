// What a client learns of a world's module before it subscribes to anything.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MODULE_LEVEL } from '../../src/core/module-level.ts';
import { publishModule } from '../../src/world/publish.ts';
import { bundle, WorldLab } from './world-lab.ts';

test('a client knows what the module can do; one that says nothing is of 0.1.0', async (t) => {
  const lab = await WorldLab.open(t);
  const session = await lab.enter(lab.owner);
  assert.equal(session.moduleLevel, MODULE_LEVEL);
  await republish(lab, /module_level: \w+,/, '');
  const later = await lab.enter(lab.owner);
  assert.equal(later.moduleLevel, 1);
  assert.equal(session.state.tag, 'online', 'who was there stays');
});

test('a world of a later protocol is refused by its code, before any of it is read', async (t) => {
  const lab = await WorldLab.open(t);
  await republish(lab, /protocol_version: \w+,/, 'protocol_version: 2,');
  const session = lab.begin(lab.owner);
  await assert.rejects(session.whenOnline(), { code: 'protocol_mismatch', message: /update/ });
  assert.equal(session.view.members.size, 0);
});

async function republish(lab: WorldLab, from: RegExp, to: string): Promise<void> {
  const source = new TextDecoder().decode(await bundle());
  const changed = source.replace(from, to);
  assert.notEqual(changed, source);
  const { server, owner, database } = lab;
  const publishing = { uri: server.uri, token: owner.token, database };
  await publishModule({ ...publishing, bundle: new TextEncoder().encode(changed) });
}
