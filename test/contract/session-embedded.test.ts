// What sessions need of the embedded host alone: it moves, and it is killed.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { AgentSession } from '../../src/agents/agent-session.ts';
import { silentLog as hostLog } from '../../src/host/log.ts';
import { startServer, type HostServer } from '../../src/host/server.ts';
import { systemClock } from '../../src/world/clock.ts';
import { newIdentity } from '../../src/world/identities.ts';
import { silentLog } from '../../src/world/log.ts';
import { configureWorld, publishModule } from '../../src/world/publish.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { verifyWorld } from '../../src/world/verify-world.ts';
import { WorldList } from '../../src/world/world-list.ts';
import { openWorld } from '../../src/world/world-session.ts';
import { bundle, profileOf, whenever } from './world-lab.ts';

interface MovingHost {
  readonly home: string;
  uri(): string;
  /** Ends the host and starts it again elsewhere, with another key. */
  move(): Promise<void>;
}

async function startMovingHost(t: TestContext): Promise<MovingHost> {
  const home = await mkdtemp(path.join(tmpdir(), 'agent-world-moving-'));
  let host: HostServer;
  let key: string;
  const start = async (): Promise<void> => {
    key = randomBytes(32).toString('base64url');
    host = await startServer({ home, key, port: 0, log: hostLog, version: '0.0.0' });
  };
  await start();
  t.after(async () => {
    await host.close();
    await rm(home, { recursive: true, force: true });
  });
  return {
    home,
    uri: () => `http://127.0.0.1:${host.port}/${key}/`,
    async move() {
      await host.close();
      await start();
    },
  };
}

test('S8: a session finds its host again after it moved, and what was on the way arrives once', async (t) => {
  const host = await startMovingHost(t);
  const self = await newIdentity(host.uri());
  const database = 'moving';
  const { token } = self;
  await publishModule({ uri: host.uri(), token, database, bundle: await bundle() });
  const session = openWorld({
    uri: () => Promise.resolve(host.uri()),
    database,
    self,
    clock: systemClock,
    random: () => 0,
    log: silentLog,
  });
  t.after(() => session.close());
  const settings = { name: 'Moving', policyMode: 'auto', lockPolicy: 'enforce' } as const;
  const owner = profileOf('Owner');
  await configureWorld(session, { ...settings, baseCommit: undefined, owner }, systemRandomBytes);
  const agent = new AgentSession({ session, randomBytes: systemRandomBytes });
  await agent.create('a.txt', '');
  await agent.read('a.txt');
  const line = (text: string) =>
    agent.edit('a.txt', [
      { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0, text: `${text}\n` },
    ]);
  const edits = Array.from({ length: 30 }, (_, index) => line(`${index}`));
  const moving = host.move();
  const during = line('during');
  await moving;
  const results = await Promise.all([...edits, during]);
  assert.ok(results.every((result) => result.tag === 'applied'));
  const read = await agent.read('a.txt');
  const lines = read.tag === 'text' ? [...read.text.lines()].filter(Boolean) : [];
  assert.deepEqual(
    lines.toSorted(),
    [...Array.from({ length: 30 }, (_, index) => `${index}`), 'during'].toSorted(),
  );
  const worlds = new WorldList(host.home);
  const world = { server: 'embedded', database };
  const verdict = await verifyWorld({ session, world, worlds, bundle });
  assert.equal(verdict.tag, 'verified');
});

test('a session keeps trying when its host is away for long, and goes on when it is back', async (t) => {
  const host = await startMovingHost(t);
  const self = await newIdentity(host.uri());
  const { token } = self;
  const database = 'away';
  await publishModule({ uri: host.uri(), token, database, bundle: await bundle() });
  let isAway = false;
  const session = openWorld({
    uri: () => Promise.resolve(isAway ? 'http://127.0.0.1:9/gone/' : host.uri()),
    database,
    self,
    clock: systemClock,
    random: () => 0,
    log: silentLog,
  });
  t.after(() => session.close());
  await session.whenOnline();
  let attempts = 0;
  session.onState((state) => {
    if (state.tag === 'offline') attempts += 1;
  });
  isAway = true;
  session.link!.close();
  await whenever(session, () => attempts >= 3);
  isAway = false;
  await session.whenOnline();
  assert.equal(session.state.tag, 'online');
});
