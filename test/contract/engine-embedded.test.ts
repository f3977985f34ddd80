// What holds of the embedded host alone: its key, its door, its limits, its files.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { on } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { before, describe, test, type TestContext } from 'node:test';
import type { ServerOptions } from '../../src/host/server.ts';
import { newIdentity, publish } from '../../src/contract/engine-http.ts';
import { connectNotes, subscribe, until } from '../../src/contract/note-client.ts';
import {
  bundleModule,
  openTestServer,
  type EmbeddedServer,
  type TestServer,
} from './engine-harness.ts';

let source: string;

before(async () => {
  source = await bundleModule();
});

type Opened = TestServer & { readonly embedded: EmbeddedServer };

async function open(t: TestContext, options: Partial<ServerOptions> = {}): Promise<Opened> {
  // These tests look into the host, so they never run against another server.
  delete process.env['AGENT_WORLD_TEST_SERVER'];
  const server = await openTestServer(options);
  t.after(() => server.close());
  assert.ok(server.embedded);
  return { ...server, embedded: server.embedded };
}

async function openWithNotes(t: TestContext, options: Partial<ServerOptions> = {}) {
  const server = await open(t, options);
  const owner = await newIdentity(server.uri);
  assert.equal((await publish(server.uri, 'notes', owner.token, source)).status, 200);
  return { server, owner };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A request with headers that `fetch` would not let through. */
function ask(
  uri: string,
  headers: Record<string, string>,
  { method = 'GET', body = '' } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(uri, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** What a server sends to a raw upgrade request before it closes the socket. */
function askUpgrade(
  port: number,
  path: string,
  headers: string[] = ['Sec-WebSocket-Protocol: v2.bsatn.spacetimedb'],
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(port, '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
    const lines = [
      `GET ${path} HTTP/1.1`,
      'Host: 127.0.0.1',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      ...headers,
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  });
}

const note = (slug: string, text = '') => ({ slug, folder: 'f', rank: 0, text });

describe('the door', () => {
  test('without the key there is nothing, whatever the path', async (t) => {
    const { server } = await openWithNotes(t);
    const { port } = server.embedded.host;
    const { key } = server.embedded;
    const wrong = ['', key.slice(1), `${key}x`, key.toUpperCase(), 'v1', randomKey()];
    for (const given of wrong) {
      for (const rest of ['', '/v1/ping', '/v1/identity', '/v1/database/notes']) {
        const answer = await ask(`http://127.0.0.1:${port}/${given}${rest}`, {});
        assert.deepEqual([answer.status, answer.body], [404, ''], `${given}${rest}`);
      }
      const subscribe = `/${given}/v1/database/notes/subscribe`;
      assert.equal(await askUpgrade(port, subscribe), '', 'an upgrade gets no answer at all');
    }
    assert.equal((await ask(`${server.uri}v1/ping`, {})).status, 200);
  });

  test('a web page gets nothing, even with the key', async (t) => {
    const { server } = await openWithNotes(t);
    for (const origin of ['http://example.com', 'null', 'http://127.0.0.1:1', '']) {
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        const answer = await ask(`${server.uri}v1/identity`, { origin }, { method });
        assert.deepEqual([answer.status, answer.body], [403, '']);
        const cors = Object.keys(answer.headers).filter((name) =>
          name.startsWith('access-control'),
        );
        assert.deepEqual(cors, []);
      }
    }
    const { host, key } = server.embedded;
    const page = ['Origin: http://example.com', 'Sec-WebSocket-Protocol: v2.bsatn.spacetimedb'];
    const refused = await askUpgrade(host.port, `/${key}/v1/database/notes/subscribe`, page);
    assert.match(refused, /^HTTP\/1\.1 403 /);
    assert.match(refused, /\r\n\r\n$/, 'no body');
  });

  test('another name for this machine is refused', async (t) => {
    const server = await open(t);
    for (const host of ['example.com', 'example.com:80', '127.0.0.1.example.com', '10.0.0.1']) {
      assert.equal((await ask(`${server.uri}v1/ping`, { host })).status, 403, host);
    }
    for (const host of ['localhost', 'localhost:1', '[::1]:1', '127.0.0.1']) {
      assert.equal((await ask(`${server.uri}v1/ping`, { host })).status, 200, host);
    }
  });

  test('mounted routes answer behind the same door, and first', async (t) => {
    const server = await open(t, {
      extraRoutes: [
        ({ path, query }, response) => {
          if (path !== '/agent-world/hello') return false;
          response.end(query.get('name'));
          return true;
        },
      ],
      extraUpgrades: [
        ({ path }, socket) => {
          if (path !== '/agent-world/lease') return false;
          socket.end('mine');
          return true;
        },
      ],
    });
    const { host, key } = server.embedded;
    assert.equal((await ask(`${server.uri}agent-world/hello?name=x`, {})).body, 'x');
    assert.equal((await ask(`http://127.0.0.1:${host.port}/agent-world/hello`, {})).status, 404);
    assert.equal(await askUpgrade(host.port, `/${key}/agent-world/lease`), 'mine');
  });
});

describe('limits', () => {
  test('an oversized message ends its connection, an oversized body its request', async (t) => {
    const { server, owner } = await openWithNotes(t, { largestMessageBytes: 2 * 1024 * 1024 });
    const other = await connectNotes(server.uri, 'notes');
    const client = await connectNotes(server.uri, 'notes');
    const large = 'x'.repeat(3 * 1024 * 1024);
    void client.connection.reducers.addNote(note('large', large)).catch(() => {});
    await client.ended;
    const response = await publish(server.uri, 'other', owner.token, large);
    assert.equal(response.status, 413);
    await other.connection.reducers.addNote(note('still-served'));
    await other.close();
  });

  test('a refusal that comes before the whole body is heard, and the connection goes on', async (t) => {
    const { server, owner } = await openWithNotes(t);
    const { port, host, pathname } = new URL(server.uri);
    const socket = connectSocket(Number(port), '127.0.0.1');
    t.after(() => socket.destroy());
    socket.setEncoding('latin1');
    const hear = async (what: string): Promise<string> => {
      let heard = '';
      for await (const text of on(socket, 'data', { close: ['end', 'close'] })) {
        heard += String(text[0]);
        if (heard.includes(what)) return heard;
      }
      throw new Error(`the connection ended after: ${heard}`);
    };
    const address = `${pathname}v1/database/notes?host_type=Js&policy=BreakClients`;
    const authorization = `authorization: Bearer ${owner.token}`;
    const head = [
      `PUT ${address} HTTP/1.1`,
      `host: ${host}`,
      authorization,
      'content-length: 400000',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${'x'.repeat(1000)}`);
    assert.match(await hear('no migration token'), /^HTTP\/1.1 400 /);
    socket.write('x'.repeat(399_000));
    socket.write(`GET ${pathname}v1/ping HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
    assert.match(await hear('\r\n\r\n'), /^HTTP\/1.1 200 /);
  });

  test('a client that does not read is cut off, and nobody else waits for it', async (t) => {
    const { server } = await openWithNotes(t, { engine: { limits: { outboundBytes: 1_000_000 } } });
    const [writer, reader] = [
      await connectNotes(server.uri, 'notes'),
      await connectNotes(server.uri, 'notes'),
    ];
    const { host, key } = server.embedded;
    const path = `/${key}/v1/database/notes/subscribe?compression=None`;
    const { socket: deaf, closed } = await deafSubscriber(host.port, path);
    t.after(() => deaf.destroy());
    await subscribe(reader, 'SELECT * FROM note');
    await until(reader, () => host.engine.connectionCount === 3);
    const text = 'x'.repeat(500_000);
    for (let index = 0; host.engine.connectionCount === 3; index++) {
      assert.ok(index < 200, 'the deaf client was never cut off');
      await writer.connection.reducers.addNote(note(`n${index}`, text));
    }
    deaf.resume();
    await closed;
    await writer.connection.reducers.addNote(note('afterwards'));
    await until(reader, () => [...reader.connection.db.note.iter()].at(-1)?.slug === 'afterwards');
    await Promise.all([writer.close(), reader.close()]);
  });

  test('light mode and unknown protocols are refused with a reason', async (t) => {
    const { server } = await openWithNotes(t);
    const { host, key } = server.embedded;
    const subscribe = `/${key}/v1/database/notes/subscribe`;
    assert.match(await askUpgrade(host.port, `${subscribe}?light=true`), /light mode/);
    const unknown = ['Sec-WebSocket-Protocol: v9.unknown'];
    assert.match(await askUpgrade(host.port, subscribe, unknown), /^HTTP\/1\.1 400 /);
    assert.match(await askUpgrade(host.port, subscribe, []), /^HTTP\/1\.1 400 /);
  });
});

describe('a restart', () => {
  test('keeps everything: rows, tokens, numbers, names, owners, schedules', async (t) => {
    const home = await mkdtemp(path.join(tmpdir(), 'agent-world-engine-'));
    t.after(() => rm(home, { recursive: true, force: true }));
    const first = await open(t, { home });
    const owner = await newIdentity(first.uri);
    await publish(first.uri, 'notes', owner.token, source);
    const before = await connectNotes(first.uri, 'notes');
    await before.connection.reducers.addNotes({ prefix: 'n', count: 10 });
    await before.connection.reducers.removeNote({ slug: 'n9' });
    await before.connection.reducers.editNote({ slug: 'n3', folder: 'moved', text: 'edited' });
    await before.connection.reducers.setAlarm({ label: 'late', delayMicros: 400_000n, repeats: 1 });
    await first.embedded.host.close();

    const second = await open(t, { home });
    const after = await connectNotes(second.uri, 'notes', before.token);
    assert.equal(after.identity, before.identity);
    await subscribe(after, 'SELECT * FROM note', 'SELECT * FROM tick');
    const rows = [...after.connection.db.note.iter()].map((row) => `${row.slug} ${row.folder}`);
    assert.deepEqual(rows.sort(), [
      'n0 n',
      'n1 n',
      'n2 n',
      'n3 moved',
      'n4 n',
      'n5 n',
      'n6 n',
      'n7 n',
      'n8 n',
    ]);
    await after.connection.reducers.addNote(note('new'));
    const ids = [...after.connection.db.note.iter()].map((row) => row.id);
    assert.equal(new Set(ids).size, 10, 'numbers are not given twice');
    assert.ok(!ids.includes(10n), 'nor that of a deleted row');
    await until(after, () => after.connection.db.tick.count() === 1n);
    const stranger = await newIdentity(second.uri);
    assert.equal((await publish(second.uri, 'notes', stranger.token, source)).status, 403);
    assert.equal((await publish(second.uri, 'notes', owner.token, source)).status, 200);
  });

  test('after a crash, clients that were connected are disconnected once', async (t) => {
    const home = await mkdtemp(path.join(tmpdir(), 'agent-world-engine-'));
    const copy = await mkdtemp(path.join(tmpdir(), 'agent-world-engine-'));
    t.after(() => Promise.all([home, copy].map((each) => rm(each, { recursive: true }))));
    const first = await open(t, { home });
    const owner = await newIdentity(first.uri);
    await publish(first.uri, 'notes', owner.token, source);
    const client = await connectNotes(first.uri, 'notes');
    await client.connection.reducers.addNote(note('acknowledged'));
    // The files as a crash at this moment would leave them.
    await cp(home, copy, { recursive: true });
    await client.close();

    for (const _ of ['crashed', 'restarted']) {
      const second = await open(t, { home: copy });
      const watcher = await connectNotes(second.uri, 'notes');
      await subscribe(watcher, 'SELECT * FROM visit', 'SELECT * FROM note');
      const visits = [...watcher.connection.db.visit.iter()]
        .filter((visit) => visit.identity.toHexString() === client.identity)
        .map((visit) => visit.what);
      assert.deepEqual(visits.sort(), ['connect', 'disconnect']);
      assert.equal(watcher.connection.db.note.count(), 1n);
      await watcher.close();
      await second.embedded.host.close();
    }
  });

  test('a damaged database says so, and the others are served', async (t) => {
    const home = await mkdtemp(path.join(tmpdir(), 'agent-world-engine-'));
    t.after(() => rm(home, { recursive: true, force: true }));
    const first = await open(t, { home });
    const owner = await newIdentity(first.uri);
    for (const name of ['whole', 'damaged']) await publish(first.uri, name, owner.token, source);
    const directory = first.embedded.host.engine.info('damaged')?.identity ?? '';
    await first.embedded.host.close();
    const file = path.join(home, 'databases', directory, 'world.db');
    const bytes = await readFile(file);
    await writeFile(file, bytes.fill(0xa5, 0, bytes.length / 2));

    const second = await open(t, { home });
    await assert.rejects(connectNotes(second.uri, 'damaged'));
    const answer = await fetch(`${second.uri}v1/database/damaged/sql`, {
      method: 'POST',
      body: 'SELECT * FROM note',
    });
    assert.equal(answer.status, 503);
    assert.match(await answer.text(), /cannot be opened/);
    const client = await connectNotes(second.uri, 'whole');
    await client.connection.reducers.addNote(note('served'));
    await client.close();
  });

  test('files are private, and a deleted database leaves none', async (t) => {
    const { server, owner } = await openWithNotes(t);
    const { home } = server.embedded;
    const modeOf = async (...parts: string[]) =>
      (await stat(path.join(home, ...parts))).mode & 0o777;
    assert.equal(await modeOf('identity'), 0o700);
    assert.equal(await modeOf('identity', 'signing-key.pem'), 0o600);
    assert.equal(await modeOf('databases'), 0o700);
    const [directory = ''] = await readdir(path.join(home, 'databases'));
    assert.equal(await modeOf('databases', directory), 0o700);
    const client = await connectNotes(server.uri, 'notes');
    const deleted = await fetch(`${server.uri}v1/database/notes`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${owner.token}` },
    });
    assert.equal(deleted.status, 200);
    await client.ended;
    assert.deepEqual(await readdir(path.join(home, 'databases')), []);
  });

  test('databases are listed by owner, renamed and found by either name', async (t) => {
    const { server, owner } = await openWithNotes(t);
    const info = server.embedded.host.engine.info('notes');
    const listed = await fetch(`${server.uri}v1/identity/${owner.identity}/databases`);
    assert.deepEqual(await listed.json(), { identities: [info?.identity] });
    const renamed = await fetch(`${server.uri}v1/database/notes/names`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${owner.token}` },
      body: '["journal"]',
    });
    assert.equal(renamed.status, 200);
    for (const name of ['journal', info?.identity ?? '']) {
      await (await connectNotes(server.uri, name)).close();
    }
    await assert.rejects(connectNotes(server.uri, 'notes'));
  });
});

/** A subscriber to all notes that has stopped reading its socket. */
async function deafSubscriber(port: number, path: string) {
  const socket = connectSocket(port, '127.0.0.1');
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('error', () => {});
  socket.write(
    [
      `GET ${path} HTTP/1.1`,
      'Host: 127.0.0.1',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      'Sec-WebSocket-Protocol: v2.bsatn.spacetimedb',
      '\r\n',
    ].join('\r\n'),
  );
  await new Promise((resolve) => socket.once('data', resolve));
  const query = Buffer.from('SELECT * FROM note');
  const message = Buffer.concat([
    Buffer.from([0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, query.length, 0, 0, 0]),
    query,
  ]);
  // A client's frame is masked; a mask of zeros leaves the message as it is.
  socket.write(Buffer.concat([Buffer.from([0x82, 0x80 | message.length, 0, 0, 0, 0]), message]));
  await new Promise((resolve) => socket.once('data', resolve));
  socket.pause();
  return { socket, closed };
}

function randomKey(): string {
  return randomBytes(32).toString('base64url');
}
