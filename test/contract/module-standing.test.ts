import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/world/clock.ts';
import { fileIdentityStore } from '../../src/world/identities.ts';
import { silentLog } from '../../src/world/log.ts';
import { moduleStanding } from '../../src/world/module-standing.ts';
import { PERSON } from '../../src/world/open-folder.ts';
import { serverAt } from '../../src/world/server-address.ts';
import { upgradeWorld } from '../../src/world/upgrade.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { WorldList } from '../../src/world/world-list.ts';
import { bundle, WorldLab } from './world-lab.ts';

test('a module is older unless a later version here has brought it, and then it is left alone', async (t) => {
  const lab = await WorldLab.open(t);
  const original = await bundle();
  const changed = new TextEncoder().encode(`${new TextDecoder().decode(original)}\n// other\n`);
  const machine = await machineOf(lab);
  const world = { ...WORLD, server: machine.server.label, database: lab.database };
  const at = (version: string, brings: Uint8Array<ArrayBuffer>) =>
    moduleStanding({ ...machine, version, bundle: () => Promise.resolve(brings) }, world);
  assert.equal(await at('0.2.0', original), 'current');
  assert.equal(await at('0.3.0', changed), 'older', 'the world still has that of 0.2.0');
  assert.equal(await at('0.1.0', changed), 'newer', 'a version before 0.2.0 must not go back');

  const later = { ...machine, bundle: () => Promise.resolve(changed) };
  assert.equal((await upgradeWorld(later, world, ASKED)).tag, 'upgraded');
  assert.equal((await upgradeWorld(later, world, ASKED)).tag, 'current');
  assert.equal(await at('0.3.0', changed), 'current');

  const stranger = { ...machine, identities: fileIdentityStore(`${lab.folder}/stranger`) };
  const theirs = { ...stranger, version: '0.4.0', bundle: () => Promise.resolve(original) };
  assert.equal(await moduleStanding(theirs, world), 'not_ours');
  const gone = { ...world, database: 'gone-1' };
  await assert.rejects(moduleStanding({ ...machine, version: '0.2.0' }, gone), {
    code: 'no_such_world',
  });
});

const ASKED = { mayDisconnect: () => Promise.reject(new Error('nobody is disconnected')) };
const WORLD = { name: 'Lab', folder: '', addedAt: '', isReady: true } as const;

/** The owner's machine. */
async function machineOf(lab: WorldLab) {
  const server = serverAt(lab.server.uri);
  const identities = fileIdentityStore(lab.folder);
  await identities.keep(server.label, PERSON, lab.owner);
  return {
    server,
    identities,
    worlds: new WorldList(lab.folder),
    clock: systemClock,
    random: () => 0.5,
    randomBytes: systemRandomBytes,
    log: silentLog,
    serverFor: serverAt,
    bundle,
  };
}
