// A server that does not answer: what is shown, and that what was sent is sent again without harm.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { connect } from '../../src/world/open-folder.ts';
import { silentLog } from '../../src/world/log.ts';
import { tellWaits, type Wait } from '../../src/world/tell-waits.ts';
import { startCuttingProxy } from '../harness/cutting-proxy.ts';
import { startHoldingProxy } from '../harness/holding-proxy.ts';
import { ManualClock } from '../unit/agents/manual-clock.ts';
import { caughtUp, whenever, WorldLab } from './world-lab.ts';

test('S8: a call that the server swallows is shown as late, and sent again after thirty seconds, once', async (t) => {
  const lab = await WorldLab.open(t);
  const { proxy, uri } = await behind(t, lab, startCuttingProxy);
  const clock = new ManualClock(Date.now());
  const ada = await lab.agent({}, { uri, clock });
  const bob = await lab.agent();
  await ada.create('a.txt', 'x');
  await caughtUp(bob.session);
  await ada.read('a.txt');
  const told: (boolean | string)[] = [];
  ada.session.onSlow((isSlow) => told.push(isSlow));
  ada.session.onState(({ tag }) => told.push(tag));

  proxy.losesAnswers = true;
  const edited = ada.edit('a.txt', [{ ...START, text: 'once ' }]);
  const { view } = bob.session;
  await whenever(bob.session, () => view.fileAt('a.txt')?.version === 2);
  clock.pass(9_999);
  assert.deepEqual(told, []);
  clock.pass(1);
  assert.deepEqual([told, ada.session.isSlow], [[true], true]);
  clock.pass(20_000);
  assert.deepEqual(told, [true, false, 'offline']);
  proxy.losesAnswers = false;
  clock.pass(1_000);
  assert.deepEqual(await edited, { tag: 'applied', version: 2, rebased: false });
  await caughtUp(bob.session);
  const read = await bob.read('a.txt');
  assert.equal(read.tag === 'text' && read.text.toString(), 'once x');
});

test('a server that loads a world is told as such, and is waited for', async (t) => {
  const lab = await WorldLab.open(t);
  const { proxy, uri } = await behind(t, lab, startHoldingProxy);
  const clock = new ManualClock(Date.now());
  const session = lab.begin(lab.owner, { uri, clock });
  const waits: Wait[] = [];
  tellWaits(session, (wait) => waits.push(wait));
  await proxy.holds(2);
  clock.pass(2_000);
  await whenever(session, () => session.state.tag === 'connecting' && !!session.state.isLoading);
  assert.deepEqual(waits, ['connection', 'loading']);
  clock.pass(57_000);
  proxy.release();
  await session.whenOnline();
  assert.equal(session.workspace?.name, 'Lab');
});

test('one who waits for a world that is being loaded gives up after a minute, not before', async (t) => {
  const lab = await WorldLab.open(t);
  const { proxy, uri } = await behind(t, lab, startHoldingProxy);
  const clock = new ManualClock(Date.now());
  const server = { label: uri, uri: () => Promise.resolve(uri) };
  const waits: Wait[] = [];
  const loading = Promise.withResolvers<void>();
  const onWait = (wait: Wait): void => {
    waits.push(wait);
    if (wait === 'loading') loading.resolve();
  };
  const machine = { clock, random: () => 0.5, log: silentLog, onWait };
  let result: unknown = 'waits';
  const connecting = connect(machine, server, lab.database, lab.owner).catch(
    (error: unknown) => (result = error),
  );
  await proxy.holds(2);
  clock.pass(2_000);
  await loading.promise;
  clock.pass(50_000);
  assert.equal(result, 'waits');
  clock.pass(10_000);
  await connecting;
  assert.equal((result as { code?: string }).code, 'unreachable');
});

const START = { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0 } as const;

/** The lab's server behind a proxy. */
async function behind<Proxy extends { readonly port: number; close(): Promise<void> }>(
  t: TestContext,
  lab: WorldLab,
  start: (port: number) => Promise<Proxy>,
) {
  const address = new URL(lab.server.uri);
  const proxy = await start(Number(address.port || 80));
  t.after(() => proxy.close());
  address.port = String(proxy.port);
  return { proxy, uri: address.href };
}
