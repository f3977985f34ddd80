import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Timestamp } from 'spacetimedb';
import { newIdentity } from '../../src/world/identities.ts';
import { createInvite, type InviteTerms } from '../../src/world/invite.ts';
import { joinWorld } from '../../src/world/join.ts';
import { databaseNameFor, publishModule } from '../../src/world/publish.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { bundleModule } from './engine-harness.ts';
import { bundle, profileOf, whenever, WorldLab } from './world-lab.ts';

const TERMS: InviteTerms = {
  kind: 'human',
  role: 'editor',
  capabilities: ['edit'],
  pathScope: [],
  uses: 1,
  expiresAtMs: Date.now() + 60_000,
};

test('a world that is not there is told as such', async (t) => {
  const lab = await WorldLab.open(t);
  const session = lab.begin(lab.owner, { database: 'no-such-world-here' });
  await assert.rejects(session.whenOnline(), { code: 'no_such_world' });
});

test('a database that is no world is told as such, not shown as empty', async (t) => {
  const lab = await WorldLab.open(t);
  const database = databaseNameFor('other', systemRandomBytes);
  const { token } = lab.owner;
  const other = new TextEncoder().encode(await bundleModule());
  await publishModule({ uri: lab.server.uri, token, database, bundle: other });
  await assert.rejects(lab.begin(lab.owner, { database }).whenOnline(), { code: 'not_a_world' });
});

test('a stranger is told that they are no member, and gets in after joining', async (t) => {
  const lab = await WorldLab.open(t);
  const { uri } = lab.server;
  const stranger = await newIdentity(uri);
  const session = lab.begin(stranger);
  await assert.rejects(session.whenOnline(), { code: 'not_a_member' });
  assert.equal(session.state.tag, 'refused');
  const owner = await lab.enter(lab.owner);
  const { secret } = await createInvite(owner, uri, TERMS, systemRandomBytes);
  const { database } = lab;
  await joinWorld({ uri, database, secret, self: stranger, profile: profileOf('Ada') });
  session.retryNow();
  await session.whenOnline();
  assert.equal(session.view.members.get(stranger.identity)?.displayName, 'Ada');
});

test('a removed member is told so', async (t) => {
  const lab = await WorldLab.open(t);
  const member = await lab.join();
  const session = await lab.enter(member);
  const owner = await lab.enter(lab.owner);
  const row = [...owner.view.members.values()].find((each) => each.identity === member.identity);
  assert.equal(row?.removed, false);
  const { Identity } = await import('spacetimedb');
  await owner.call('remove_member', { identity: new Identity(member.identity) });
  await whenever(owner, () => owner.view.members.get(member.identity)?.removed === true);
  // The embedded host closes the connection; a SpacetimeDB server does at the next connection.
  session.link?.close();
  await whenever(session, () => session.state.tag === 'refused');
  assert.equal(session.state.tag === 'refused' && session.state.error.code, 'removed');
});

test('a token of another server is refused as such', async (t) => {
  const lab = await WorldLab.open(t);
  const [header, payload, signature] = lab.owner.token.split('.');
  const token = [header, payload, [...signature!].toReversed().join('')].join('.');
  const session = lab.begin({ identity: lab.owner.identity, token });
  await assert.rejects(session.whenOnline(), { code: 'bad_token' });
});

test('a server that does not answer leaves the session trying', async (t) => {
  const lab = await WorldLab.open(t);
  const session = lab.begin(lab.owner, { uri: 'http://127.0.0.1:9/key/' });
  await whenever(session, () => session.state.tag === 'offline');
  const { state } = session;
  assert.ok(state.tag === 'offline' && state.retryAtMs >= state.sinceMs);
});

test('an invite lets in as often as it says, and no secret but its own opens', async (t) => {
  const lab = await WorldLab.open(t);
  const { uri } = lab.server;
  const { database } = lab;
  const owner = await lab.enter(lab.owner);
  const { secret } = await createInvite(owner, uri, TERMS, systemRandomBytes);
  const join = async (opened: string): Promise<void> => {
    const self = await newIdentity(uri);
    await joinWorld({ uri, database, secret: opened, self, profile: profileOf('X') });
  };
  await assert.rejects(join('0'.repeat(64)), { code: 'bad_invite' });
  await join(secret);
  await assert.rejects(join(secret), { code: 'bad_invite' });
});

test('an invite that has expired opens nothing', async (t) => {
  const lab = await WorldLab.open(t);
  const owner = await lab.enter(lab.owner);
  const secret = 'cd'.repeat(32);
  const answer = await owner.call('create_invite', {
    secretHash: createHash('sha256').update(secret).digest('hex'),
    role: 'editor',
    kind: 'human',
    capabilities: [],
    pathScope: [],
    expiresAt: new Timestamp(1_000_000n),
    uses: 1,
  });
  // Either it is not made, or it does not open.
  const self = await newIdentity(lab.server.uri);
  const { uri } = lab.server;
  const { database } = lab;
  await assert.rejects(joinWorld({ uri, database, secret, self, profile: profileOf('X') }));
  assert.notEqual(answer.tag, 'unanswered');
});

test('who may not invite is refused with a code', async (t) => {
  const lab = await WorldLab.open(t);
  const viewer = await lab.enter(await lab.join({ role: 'viewer' }));
  await assert.rejects(createInvite(viewer, lab.server.uri, TERMS, systemRandomBytes), {
    code: 'refused',
    message: /^forbidden: /,
  });
});

test('a name that belongs to somebody else cannot be published to', async (t) => {
  const lab = await WorldLab.open(t);
  const { token } = await newIdentity(lab.server.uri);
  const publishing = { uri: lab.server.uri, token, database: lab.database };
  await assert.rejects(publishModule({ ...publishing, bundle: await bundle() }), {
    code: 'name_taken',
  });
});

test('what is no module is not published', async (t) => {
  const lab = await WorldLab.open(t);
  const { token } = lab.owner;
  const database = databaseNameFor('bad', systemRandomBytes);
  const bad = new TextEncoder().encode('this is not a module');
  await assert.rejects(publishModule({ uri: lab.server.uri, token, database, bundle: bad }), {
    code: 'bad_module',
  });
});
