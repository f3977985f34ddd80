// A client of today in a world that still runs the module of 0.1.0, and in the same world upgraded.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { identityOf } from '../../src/host/identity.ts';
import { removeMember } from '../../src/world/change-member.ts';
import { systemClock } from '../../src/world/clock.ts';
import { newIdentity, type StoredIdentity } from '../../src/world/identities.ts';
import { createInvite } from '../../src/world/invite.ts';
import { joinWorld } from '../../src/world/join.ts';
import { silentLog } from '../../src/world/log.ts';
import { memberName } from '../../src/world/member-name.ts';
import { publishModule } from '../../src/world/publish.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { openWorld, type WorldSession } from '../../src/world/world-session.ts';
import { openTestServer } from './engine-harness.ts';
import { bundle, caughtUp, profileOf } from './world-lab.ts';

const STORED = fileURLToPath(new URL('../fixtures/worlds/0.1.0.db.gz', import.meta.url));
const skip = process.env['AGENT_WORLD_TEST_SERVER'] !== undefined;

test(
  'inviting and joining go on under 0.1.0; upgraded, the world tells who came by whom',
  { skip },
  async (t) => {
    const home = await mkdtemp(path.join(tmpdir(), 'agent-world-first-'));
    t.after(() => rm(home, { recursive: true, force: true }));
    const owner = identityOf('localhost', 'owner');
    const identity = identityOf('localhost', 'a stored world');
    const folder = path.join(home, 'databases', identity);
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'world.db'), gunzipSync(await readFile(STORED)));
    const database = 'stored';
    await writeFile(
      path.join(folder, 'database.json'),
      JSON.stringify({ identity, owner, name: database }),
    );
    const server = await openTestServer({ home });
    t.after(() => server.close());
    const claims = JSON.stringify({ iss: 'localhost', sub: 'owner', aud: ['spacetimedb'] });
    const { tokens } = server.embedded!.host.engine;
    const { token } = tokens.shortLived({ identity: owner, token: '', claims });
    const { uri } = server;
    const enter = async (self: StoredIdentity): Promise<WorldSession> => {
      const surroundings = { clock: systemClock, random: () => 0.5, log: silentLog };
      const session = openWorld({ uri, database, self, ...surroundings });
      t.after(() => session.close());
      await session.whenOnline();
      return session;
    };
    const inviteOf = async (session: WorldSession, uses: number): Promise<string> => {
      const terms = {
        kind: 'human',
        role: 'editor',
        capabilities: ['edit'],
        pathScope: [],
      } as const;
      const expiresAtMs = Date.now() + 60_000;
      return (await createInvite(session, uri, { ...terms, uses, expiresAtMs }, systemRandomBytes))
        .secret;
    };
    const join = async (secret: string, self: StoredIdentity, name: string): Promise<void> =>
      joinWorld({ uri, database, secret, self, profile: profileOf(name) });

    const before = await enter({ identity: owner, token });
    assert.equal(before.moduleLevel, 1);
    assert.ok(before.view.files.size > 0);
    const early = await newIdentity(uri);
    const twin = await newIdentity(uri);
    const old = await inviteOf(before, 9);
    await join(old, early, 'Ada');
    await join(old, twin, 'ada');
    await caughtUp(before);
    assert.equal(before.view.origins.size, 0);
    assert.equal(memberName(before.view, early.identity), `Ada (${early.identity.slice(0, 8)})`);
    await removeMember(before, early.identity);

    await publishModule({ uri, token, database, bundle: await bundle() });
    const after = await enter({ identity: owner, token });
    assert.equal(after.moduleLevel, 2);
    await assert.rejects(join(old, early, 'Ada'), /removed after the invite was made/);
    const late = await newIdentity(uri);
    await join(old, late, 'Ada');
    await join(await inviteOf(after, 1), early, 'Eve');
    await caughtUp(after);
    assert.equal(after.view.origins.get(late.identity)?.invitedBy, owner);
    assert.equal(memberName(after.view, late.identity), 'Ada 2', 'the twin of before has the name');
    assert.equal(memberName(after.view, twin.identity), 'ada');
    assert.equal(before.state.tag, 'online', 'a client of before stays connected');
    assert.equal(before.view.members.get(late.identity)?.displayName, 'Ada 2');
  },
);
