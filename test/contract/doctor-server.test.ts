// What `agent-world doctor --server` says of servers: our own host, and what else may answer.
import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server as HttpServer } from 'node:http';
import { createServer as createTcpServer, connect, type AddressInfo, type Server } from 'node:net';
import path from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { ENGINE_RULES } from '../../src/contract/rules.ts';
import { ended, InstalledCommand } from '../harness/installed-command.ts';

let installed: InstalledCommand;
let home: string;
let uri: string;

before(async () => {
  installed = await InstalledCommand.install();
  home = installed.home('home');
  await installed.json(home, 'host', 'start');
  uri = await hostUri();
});
after(() => installed.dispose());

async function hostUri(): Promise<string> {
  return (JSON.parse(await readFile(path.join(home, 'host.json'), 'utf8')) as { uri: string }).uri;
}

const doctor = (address: string, ...more: readonly string[]) =>
  installed.run(home, 'doctor', '--server', address, ...more);

/** How many databases the host has. */
async function databases(): Promise<unknown> {
  return (await installed.json(home, 'host', 'status'))['databases'];
}

describe('our own host', () => {
  test('every rule that it shares holds, the others are named, and nothing stays', async () => {
    const { code, out, err } = await doctor(uri);
    assert.equal(code, 0, out + err);
    assert.equal(err, '');
    const lines = out.split('\n');
    assert.match(lines[0]!, /^Agent World's own host 0\.1\.0 at http:\/\/127\.0\.0\.1:\d+$/);
    for (const { subject, rules } of ENGINE_RULES) {
      for (const { name, unchecked } of rules) {
        const why = unchecked.embedded;
        const expected =
          why === undefined
            ? `OK    ${subject}: ${name}`
            : `-     ${subject}: ${name} (not looked at: ${why})`;
        assert.ok(lines.includes(expected), expected);
      }
    }
    assert.match(out, /^OK {4}time: a call takes [\d.]+ ms/m);
    assert.match(out, /^OK {4}time: a key to another client takes [\d.]+ ms/m);
    assert.match(out, /^\d+ rules hold, 0 do not, 5 were not looked at\.$/m);
    assert.match(out, /^All that was made there was removed\.$/m);
    assert.ok(!out.includes(new URL(uri).pathname), 'the key of the host is not told');
    assert.equal(await databases(), 0);
  });

  test('interrupted, it removes what it made; a program is told how much was left out', async () => {
    const child = installed.start(home, 'doctor', '--server', 'embedded', '--json');
    const end = ended(child);
    await new Promise<void>((resolve) => {
      let out = '';
      child.stdout!.on('data', (text) => {
        out += String(text);
        if (out.includes('"subject":"subscriptions"')) resolve();
      });
    });
    child.kill('SIGINT');
    const { code, out } = await end;
    assert.equal(code, 1);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.equal(lines[0]!['engine'], 'embedded');
    const rules = lines.slice(1, -1);
    assert.ok(rules.every(({ check, verdict }) => check === 'rule' && verdict === 'OK'));
    const total = ENGINE_RULES.flatMap((group) => group.rules).length;
    assert.deepEqual(lines.at(-1), {
      holding: rules.length,
      broken: 0,
      unchecked: 0,
      missing: total - rules.length,
      left: [],
    });
    assert.equal(await databases(), 0);
  });

  test('a rule that does not hold is named with the reason, and the others are checked', async (t) => {
    const { port } = new URL(uri);
    // Nothing but a header is changed on the way.
    const server = createTcpServer((socket) => {
      const upstream = connect(Number(port), '127.0.0.1');
      socket.pipe(upstream);
      upstream.on('data', (data) => {
        socket.write(Buffer.from(data.toString('latin1').replaceAll('x-note', 'y-note'), 'latin1'));
      });
      upstream.on('end', () => socket.end());
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
    });
    const changed = new URL(uri);
    changed.port = String(await listening(t, server));
    const { code, out } = await doctor(changed.href);
    assert.equal(code, 1, out);
    const failed = out.split('\n').filter((line) => line.startsWith('FAIL'));
    assert.equal(failed.length, 1, out);
    assert.match(
      failed[0]!,
      /^FAIL {2}HTTP routes of the module: answer with status, headers .* null/,
    );
    assert.equal(await databases(), 0);
  });
});

describe('an address where no server is to be looked at is told in one sentence', () => {
  test('where nothing listens', async (t) => {
    const server = createServer();
    const port = await listening(t, server);
    await new Promise((closed) => server.close(closed));
    await told(
      `http://127.0.0.1:${port}`,
      3,
      `Nothing listens at http://127.0.0.1:${port}: is the server started, and is it this port?`,
    );
  });

  test('what is no address', () => told('3000', 3, 'Not the address of a server: 3000'));

  test('another program: a web page that is not there', async (t) => {
    const address = await serving(t, (_, response) => response.writeHead(404).end('<h1>No</h1>'));
    await told(
      address,
      3,
      `Another program listens at ${address}, no SpacetimeDB server: it answers 404 to v1/ping`,
    );
  });

  test('another program that answers whatever it is asked', async (t) => {
    const address = await serving(t, (_, response) => response.end('<h1>Welcome</h1>'));
    await told(
      address,
      3,
      `Another program listens at ${address}, no SpacetimeDB server: it made no identity (status 200)`,
    );
  });

  test('another program that does not speak HTTP', async (t) => {
    const server = createTcpServer((socket) => socket.end('SSH-2.0-nothing\r\n'));
    const address = `http://127.0.0.1:${await listening(t, server)}`;
    const { code, err } = await doctor(address);
    assert.equal(code, 3);
    assert.match(
      err,
      new RegExp(`^What listens at ${address} does not answer in HTTP \\(.*\\)\n$`),
    );
  });

  test('a host whose key is another', async () => {
    const wrong = new URL('/not-the-key/', uri);
    await told(
      wrong.href,
      3,
      `Another program listens at ${wrong.origin}, no SpacetimeDB server: it answers 404 to v1/ping`,
    );
  });

  test('a server of version 1, which says so', async (t) => {
    const address = await serving(t, (request, response) => {
      if (request.url === '/v1/ping') response.end();
      else if (request.url === '/v1/health') response.end('{"version":"1.11.3","nodes":[0]}');
      else response.writeHead(404).end();
    });
    await told(address, 4, `${address} runs SpacetimeDB 1.11.3; Agent World needs version 2`);
  });

  test('a server of version 1, which shows only when one knocks', async (t) => {
    const removed: string[] = [];
    const address = await serving(t, (request, response) => {
      const place = `${request.method} ${request.url?.split('?')[0]}`;
      if (request.method === 'DELETE') removed.push(request.url!);
      if (place === 'POST /v1/identity') {
        response.end(JSON.stringify({ identity: 'c2'.padEnd(64, '0'), token: 'a.b.c' }));
      } else if (place.endsWith('/subscribe')) {
        response.writeHead(400).end('no valid protocol selected');
      } else if (place === 'GET /v1/health') response.writeHead(404).end();
      else request.resume().on('end', () => response.end('{}'));
    });
    await told(address, 4, `${address} runs SpacetimeDB 1; Agent World needs version 2`);
    assert.equal(removed.length, 1);
  });
});

describe('an identity of one’s own', () => {
  const file = (name: string) => path.join(installed.place, name);

  async function tokenFile(name: string, content: string, mode = 0o600): Promise<string> {
    await writeFile(file(name), content);
    await chmod(file(name), mode);
    return file(name);
  }

  test('a token that the server did not make is not accepted, and not told', async () => {
    const claims = Buffer.from('{"iss":"localhost","sub":"somebody"}').toString('base64url');
    const wrong = await tokenFile('wrong', `${claims}.${claims}.secret`);
    const { origin } = new URL(uri);
    const { code, out, err } = await doctor(uri, '--token-file', wrong);
    assert.deepEqual([code, out], [4, '']);
    assert.equal(err, `${origin} does not accept the token in ${wrong} (status 401)\n`);
  });

  test('a file that others may read, that has no token, or that is not there', async () => {
    const claims = Buffer.from('{"iss":"localhost","sub":"somebody"}').toString('base64url');
    const open = await tokenFile('open', `${claims}.${claims}.secret`, 0o644);
    const empty = await tokenFile('empty', 'nothing\n');
    const cases = [
      [open, `Others may read the token in ${open}; run: chmod 600 '${open}'`],
      [empty, `${empty} holds no token of an identity`],
      [file('gone'), `The token file ${file('gone')} cannot be read (ENOENT)`],
    ] as const;
    for (const [named, message] of cases) {
      const { code, err } = await doctor(uri, '--token-file', named);
      assert.deepEqual([code, err], [4, `${message}\n`]);
    }
  });
});

async function told(address: string, code: number, sentence: string): Promise<void> {
  const ended = await doctor(address);
  assert.deepEqual([ended.code, ended.out, ended.err], [code, '', `${sentence}\n`]);
}

async function serving(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  // Without this an upgrade would be answered by nobody.
  server.on('upgrade', (request, socket) => {
    socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    request.destroy();
  });
  return `http://127.0.0.1:${await listening(t, server)}`;
}

async function listening(t: TestContext, server: HttpServer | Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}
