import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { identityOf } from '../../src/host/identity.ts';
import { systemClock } from '../../src/world/clock.ts';
import type { StoredIdentity } from '../../src/world/identities.ts';
import { silentLog } from '../../src/world/log.ts';
import { openWorld, type WorldSession } from '../../src/world/world-session.ts';
import { openTestServer } from '../contract/engine-harness.ts';

const STORED = fileURLToPath(new URL('../fixtures/worlds/0.1.0.db.gz', import.meta.url));

/** The module that 0.1.0 published. */
export async function firstModule(t: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'agent-world-first-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'world.db');
  await writeFile(file, gunzipSync(await readFile(STORED)));
  const stored = new DatabaseSync(file, { readOnly: true });
  const row = stored.prepare("SELECT value FROM meta WHERE key = 'source'").get();
  stored.close();
  return String(row?.['value']);
}

/** A world that 0.1.0 left, still with the module of that time, on an embedded host of its own. */
export interface FirstWorld {
  readonly uri: string;
  readonly database: string;
  readonly home: string;
  readonly owner: StoredIdentity;
  /** Connects a client of today; resolves when online. */
  enter(this: void, self: StoredIdentity): Promise<WorldSession>;
}

export async function openFirstWorld(t: TestContext): Promise<FirstWorld> {
  const home = await mkdtemp(path.join(tmpdir(), 'agent-world-first-'));
  t.after(() => rm(home, { recursive: true, force: true }));
  const identity = identityOf('localhost', 'a stored world');
  const owner = identityOf('localhost', 'owner');
  const folder = path.join(home, 'databases', identity);
  const database = 'stored';
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'world.db'), gunzipSync(await readFile(STORED)));
  const info = JSON.stringify({ identity, owner, name: database });
  await writeFile(path.join(folder, 'database.json'), info);
  const server = await openTestServer({ home });
  t.after(() => server.close());
  const claims = JSON.stringify({ iss: 'localhost', sub: 'owner', aud: ['spacetimedb'] });
  const { tokens } = server.embedded!.host.engine;
  const { token } = tokens.shortLived({ identity: owner, token: '', claims });
  const { uri } = server;
  return {
    uri,
    database,
    home,
    owner: { identity: owner, token },
    async enter(self) {
      const surroundings = { clock: systemClock, random: () => 0.5, log: silentLog };
      const session = openWorld({ uri, database, self, ...surroundings });
      t.after(() => session.close());
      await session.whenOnline();
      return session;
    },
  };
}
