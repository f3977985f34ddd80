// Whoever is no member of a world gets nothing of it from the embedded host: no row, no write.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Identity } from 'spacetimedb';
import type { EmbeddedServer } from './engine-harness.ts';
import type { HostLog } from '../../src/host/log.ts';
import { callMessage, queryMessage, subscribeMessage } from '../../src/contract/client-messages.ts';
import { newSigningKey, TokenAuthority } from '../../src/host/token-authority.ts';
import { newIdentity, type StoredIdentity } from '../../src/world/identities.ts';
import { publishModule } from '../../src/world/publish.ts';
import {
  type Actor,
  moduleBundle,
  newId,
  newTextFile,
  WorldStage,
} from '../harness/world-stage.ts';
import { askRaw, frame, RawSocket } from '../harness/raw-client.ts';

const SECRETS = ['the text of a file', 'private-plans.md', 'Hidden name', 'a whispered note'];

let stage: WorldStage;
let host: EmbeddedServer;
let member: Actor;
let removed: StoredIdentity;
let otherWorldsOwner: StoredIdentity;
/** Each a query and a header, as a client brings its token in either. */
let strangers: ReadonlyMap<string, string | undefined>;
const errors: string[] = [];

before(async () => {
  // These tests look into the host, so they never run against another server.
  delete process.env['AGENT_WORLD_TEST_SERVER'];
  stage = await WorldStage.open({ name: 'Hidden name' }, { log: logInto(errors) });
  assert.ok(stage.server.embedded);
  host = stage.server.embedded;
  member = await stage.join('Hidden name');
  const file = newTextFile('private-plans.md', 'the text of a file\n');
  await member.mustCall('create_file', { author: '', file });
  const note = { opId: newId(), kind: 'message', to: '' };
  await member.mustCall('add_note', { ...note, text: 'a whispered note' });
  removed = (await stage.join('Gone')).self;
  await stage.owner.mustCall('remove_member', { identity: new Identity(removed.identity) });
  otherWorldsOwner = await ownerOfAnotherWorld();
  strangers = await tokensOfStrangers();
});

after(async () => {
  await stage.close();
  assert.deepEqual(errors, []);
});

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'];

/** What the key alone opens; a world's own contents are none of it. */
const OPEN = new Set([
  'GET v1/ping',
  'POST v1/identity',
  'POST v1/identity/websocket-token',
  'GET v1/identity/OWNER/databases',
  'GET v1/database/WORLD',
  'GET v1/database/WORLD/names',
  'GET v1/database/WORLD/identity',
  'GET v1/database/WORLD/program',
  'GET v1/database/WORLD/route/hello?identity=OWNER',
]);

const ROUTES = [
  'v1/ping',
  'v1/identity',
  'v1/identity/websocket-token',
  'v1/identity/OWNER/databases',
  'v1/identity/OWNER/verify',
  'v1/database',
  'v1/database/WORLD',
  'v1/database/WORLD/names',
  'v1/database/WORLD/identity',
  'v1/database/WORLD/program',
  'v1/database/WORLD/schema',
  'v1/database/WORLD/logs',
  'v1/database/WORLD/sql',
  'v1/database/WORLD/call/rename_world',
  'v1/database/WORLD/call/init',
  'v1/database/WORLD/call/maintain',
  'v1/database/WORLD/subscribe',
  'v1/database/WORLD/route',
  'v1/database/WORLD/route/join',
  'v1/database/WORLD/route/hello?identity=OWNER',
  'v1/database/%57ORLD/sql',
  'v1/../databases/world.db',
  '../identity/signing-key.pem',
  'agent-world/health',
  'agent-world/leases',
  '',
];

const BODIES = ['SELECT * FROM file_op', '["mine"]'];

describe('over HTTP', () => {
  test('by no route and no method does a stranger read or write', async () => {
    const stateBefore = stateHash();
    for (const [who, token] of strangers) {
      for (const route of ROUTES) {
        for (const method of METHODS) {
          const { status, text } = await ask(method, route, token);
          const what = `${method} ${route} by ${who}: ${status} ${text.slice(0, 200)}`;
          assert.ok(status !== 500, what);
          if (status < 400) assert.ok(OPEN.has(`${method} ${route}`), what);
          for (const secret of SECRETS) assert.ok(!text.includes(secret), what);
        }
      }
    }
    assert.equal(stateHash(), stateBefore);
    assert.ok(await isServing());
  });

  test('queries are for members: nobody else reads a table, whoever they are', async () => {
    for (const table of ['file_op', 'content_chunk', 'workspace_member', 'invite', 'nothing']) {
      for (const [who, token] of strangers) {
        const answer = await ask('POST', 'v1/database/WORLD/sql', token, `SELECT * FROM ${table}`);
        const isRefused = answer.status === 401 || answer.status === 403;
        assert.ok(isRefused, `${who}: ${answer.status} ${answer.text.slice(0, 200)}`);
        assert.match(answer.text, /^(not_a_member: |the token )/, who);
      }
    }
    const token = member.self.token;
    const known = await ask('POST', 'v1/database/WORLD/sql', token, 'SELECT * FROM file_head');
    assert.match(known.text, /private-plans\.md/);
    const hidden = await ask('POST', 'v1/database/WORLD/sql', token, 'SELECT * FROM invite');
    assert.equal(hidden.status, 400);
  });

  test('hello tells who is a member, and nothing else of a world', async () => {
    const { text } = await ask('GET', 'v1/database/WORLD/route/hello?identity=OWNER', undefined);
    const answer = JSON.parse(text) as Record<string, unknown>;
    const ofModule = ['protocol_version', 'module_level'];
    const told = [...ofModule, 'configured', 'importing', 'member', 'paused', 'removed'];
    assert.deepEqual(new Set(Object.keys(answer)), new Set(told));
  });

  test('without the key no route is there, and a web page is told nothing with it', async () => {
    const { token } = member.self;
    for (const route of ROUTES) {
      for (const method of METHODS) {
        for (const key of ['', 'x', `${host.key}x`]) {
          const answer = await ask(method, route, token, 'x', { key });
          assert.deepEqual([answer.status, answer.text], [404, ''], `${method} ${key}/${route}`);
        }
        const page = { headers: { origin: 'https://example.com' } };
        const answer = await ask(method, route, token, 'x', page);
        assert.deepEqual([answer.status, answer.text], [403, ''], `${method} ${route}`);
      }
    }
  });
});

describe('over a WebSocket', () => {
  const eager = [
    subscribeMessage('SELECT * FROM file_op', 'SELECT * FROM content_chunk'),
    queryMessage('SELECT * FROM file_head'),
    callMessage('rename_world', Buffer.from([1, 0, 0, 0, 0x78])),
  ];

  test('a stranger gets no frame, however eager', async () => {
    const stateBefore = stateHash();
    const attempts = [...strangers].flatMap(([who, token]) =>
      [true, false].map((inHeader) => ({ who, socket: subscribeAs(token, inHeader) })),
    );
    for (const { socket } of attempts) {
      for (const message of eager) socket.send(frame(message));
    }
    for (const { who, socket } of attempts) {
      await socket.closed();
      const isUpgraded = socket.status === 101;
      assert.ok(isUpgraded || socket.status === 401, `${who}: ${socket.status}`);
      // Dropped without a word, as SpacetimeDB does.
      if (isUpgraded) assert.equal(socket.frames.length, 0, who);
    }
    assert.equal(stateHash(), stateBefore);
  });

  test('a member gets what is asked for in the same way', async () => {
    const socket = subscribeAs(member.self.token, true);
    for (const message of eager) socket.send(frame(message));
    await socket.until(({ frames }) => frames.includes('forbidden: '));
    for (const secret of ['the text of a file', 'private-plans.md']) {
      assert.ok(socket.frames.includes(secret), secret);
    }
    socket.destroy();
  });

  test('without the key, from a web page or for another address there is no upgrade', async () => {
    const { token } = member.self;
    const subscribe = `v1/database/${stage.database}/subscribe`;
    for (const key of ['', 'x', `${host.key}x`]) {
      const socket = open(`/${key}/${subscribe}`, [`Authorization: Bearer ${token}`]);
      await socket.closed();
      assert.deepEqual([socket.status, socket.frames.length], [0, 0]);
    }
    for (const header of [
      'Origin: https://example.com',
      'Origin: null',
      'Origin: vscode-file://',
    ]) {
      const socket = open(`/${host.key}/${subscribe}`, [`Authorization: Bearer ${token}`, header]);
      await socket.closed();
      assert.deepEqual([socket.status, socket.frames.length], [403, 0]);
    }
    for (const route of ['', '/v1/database/none/subscribe', '/v1/database/%E0%A4%A/subscribe']) {
      const socket = open(`/${host.key}${route}`, [`Authorization: Bearer ${token}`]);
      await socket.closed();
      assert.deepEqual([socket.status, await isServing()], [404, true], route);
    }
  });

  test('a member who is removed hears nothing more, on any of their connections', async () => {
    const leaving = await stage.join('Leaving');
    const sockets = [subscribeAs(leaving.self.token, true), subscribeAs(leaving.self.token, false)];
    for (const socket of sockets) socket.send(frame(subscribeMessage('SELECT * FROM file_op')));
    for (const socket of sockets) await socket.until(({ frames }) => frames.includes('create'));
    await stage.owner.mustCall('remove_member', { identity: new Identity(leaving.identity) });
    const path = 'written-afterwards.md';
    await member.mustCall('create_file', { author: '', file: newTextFile(path, '') });
    for (const socket of sockets) {
      await socket.closed();
      assert.ok(!socket.frames.includes(path));
    }
  });
});

async function tokensOfStrangers(): Promise<Map<string, string | undefined>> {
  const known = member.self.token;
  const [header = '', payload = '', signature = ''] = known.split('.');
  const clock = { nowMicros: () => BigInt(Date.now() - 3_600_000) * 1000n, after: () => () => {} };
  const pem = await readFile(path.join(host.home, 'identity', 'signing-key.pem'), 'utf8');
  const hourAgo = new TokenAuthority(pem, clock);
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  const none = Buffer.from('{"typ":"JWT","alg":"none"}').toString('base64url');
  const owner = { ...claims, sub: 'somebody else' };
  const forged = Buffer.from(JSON.stringify(owner)).toString('base64url');
  return new Map([
    ['somebody without a token', undefined],
    ['a new identity', (await newIdentity(stage.server.uri)).token],
    ['a removed member', removed.token],
    ['the owner of another world', otherWorldsOwner.token],
    ['a token that is none', 'nonsense'],
    ['a very long token', 'x'.repeat(8000)],
    ['a token of another host', new TokenAuthority(newSigningKey(), clock).issue().token],
    ['an expired token', hourAgo.shortLived(hourAgo.check(known)).token],
    ['a token without a signature', `${none}.${payload}.`],
    ['another’s claims under one’s signature', `${header}.${forged}.${signature}`],
    ['a token in pieces', known.slice(0, -1)],
  ]);
}

async function ownerOfAnotherWorld(): Promise<StoredIdentity> {
  const { uri } = stage.server;
  const self = await newIdentity(uri);
  const database = `other-${randomBytes(6).toString('hex')}`;
  const bundle = new TextEncoder().encode(await moduleBundle());
  await publishModule({ uri, token: self.token, database, bundle });
  return self;
}

interface Manner {
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request; where no body is given, each of the usual ones, for the last answer. */
async function ask(
  method: string,
  route: string,
  token: string | undefined,
  body?: string,
  { key = host.key, headers = {} }: Manner = {},
) {
  const path = `/${key}/${filled(route)}`;
  const shown: Record<string, string> = { 'content-type': 'application/json', ...headers };
  if (token !== undefined) shown['authorization'] = `Bearer ${token}`;
  const request = { port: host.host.port, method, path, headers: shown };
  if (body !== undefined) return askRaw({ ...request, body });
  const first = await askRaw({ ...request, body: BODIES[0]! });
  if (first.status < 400 || method !== 'POST') return first;
  return askRaw({ ...request, body: BODIES[1]! });
}

function filled(route: string): string {
  return route.replace('WORLD', stage.database).replace('OWNER', stage.owner.identity);
}

function subscribeAs(token: string | undefined, inHeader: boolean): RawSocket {
  const subscribe = `/${host.key}/v1/database/${stage.database}/subscribe?compression=None`;
  if (token === undefined) return open(subscribe, []);
  if (inHeader) return open(subscribe, [`Authorization: Bearer ${token}`]);
  return open(`${subscribe}&token=${encodeURIComponent(token)}`, []);
}

function open(path: string, headers: readonly string[]): RawSocket {
  return new RawSocket({ port: host.host.port, path, headers });
}

async function isServing(): Promise<boolean> {
  return (await ask('GET', 'v1/ping', undefined)).status === 200;
}

/** Over all that is stored, private tables included. */
function stateHash(): string {
  const { datastore } = host.host.engine.database(stage.database).runtime;
  const hash = createHash('sha256');
  for (const stored of datastore.tables()) {
    hash.update(stored.schema.name);
    const rows = stored.allRows().map((row) => row.bytes.toString('hex'));
    for (const row of rows.sort()) hash.update(row);
  }
  return hash.digest('hex');
}

function logInto(lines: string[]): HostLog {
  const keep = (message: string, details?: object) =>
    void lines.push(`${message} ${JSON.stringify(details)}`);
  return { debug() {}, info() {}, warn() {}, error: keep };
}
