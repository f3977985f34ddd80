// Agents' clients over HTTP: the official client against the installed command, in both eras of the protocol.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { InstalledCommand } from '../harness/installed-command.ts';

interface Told {
  readonly outcome: string;
  readonly code: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** `agent-world mcp --http` of one agent. */
class HttpAgent {
  readonly child: ChildProcess;
  readonly url: URL;
  readonly tokenFile: string;
  readonly token: string;

  private constructor(child: ChildProcess, url: string, tokenFile: string) {
    this.child = child;
    this.url = new URL(url);
    this.tokenFile = tokenFile;
    this.token = fs.readFileSync(tokenFile, 'utf8').trim();
  }

  static async start(name: string, ...more: readonly string[]): Promise<HttpAgent> {
    const args = ['mcp', '--as', name, '--world', project, '--http', '--json', ...more];
    const child = installed.start(home, ...args);
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    const said = String((await lines.next()).value);
    const { url, tokenFile } = JSON.parse(said) as {
      readonly url: string;
      readonly tokenFile: string;
    };
    return new HttpAgent(child, url, tokenFile);
  }

  async connect(mode: 'legacy' | { pin: string } = 'legacy', name = 'test'): Promise<Client> {
    const client = new Client({ name, version: '1.0.0' }, { versionNegotiation: { mode } });
    const headers = { authorization: `Bearer ${this.token}` };
    await client.connect(new StreamableHTTPClientTransport(this.url, { requestInit: { headers } }));
    return client;
  }

  /** A request as any program can make it. */
  async ask(
    headers: Readonly<Record<string, string>>,
    body: string | Buffer = INITIALIZE,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const request = http.request(this.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${this.token}`,
        ...headers,
      },
    });
    // A server that does not read on ends the connection while more is sent.
    request.on('error', () => undefined);
    const answered = once(request, 'response') as Promise<[http.IncomingMessage]>;
    request.end(body);
    const [response] = await answered;
    let text = '';
    for await (const chunk of response) text += String(chunk);
    return { status: response.statusCode!, text };
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<readonly unknown[]> {
    const ended = once(this.child, 'close');
    this.child.kill(signal);
    return ended;
  }
}

const clientInfo = { name: 'plain', version: '1' };
const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo },
});

const ERAS = [
  ['2025', 'legacy'],
  ['2026-07-28', { pin: '2026-07-28' }],
] as const;

let installed: InstalledCommand;
let home: string;
let project: string;
let agent: HttpAgent;

before(async () => {
  installed = await InstalledCommand.install();
  home = installed.home('home');
  project = path.join(installed.place, 'project');
  fs.mkdirSync(project, { recursive: true });
  fs.writeFileSync(path.join(project, 'app.ts'), 'const one = 1;\nconst two = 2;\n');
  const { code, err } = await installed.run(home, 'open', project);
  assert.equal(code, 0, err);
  agent = await HttpAgent.start('web-bot');
});

after(async () => {
  agent.child.kill('SIGKILL');
  await installed.dispose();
});

async function call(client: Client, name: string, args: Record<string, unknown>): Promise<Told> {
  const { structuredContent } = await client.callTool({ name, arguments: args });
  return structuredContent as Told;
}

for (const [era, mode] of ERAS) {
  test(`a client of the era ${era} reads and edits over HTTP under its agent's name`, async () => {
    const client = await agent.connect(mode);
    assert.ok((await client.listTools()).tools.length >= 10);
    const read = await call(client, 'read_file', { path: 'app.ts' });
    assert.equal(read.code, 'ok');
    const edits = [{ search: 'const two', replacement: `// ${era}\nconst two` }];
    assert.equal((await call(client, 'edit_file', { path: 'app.ts', edits })).code, 'ok');
    const blamed = await installed.run(home, 'blame', 'app.ts', project);
    assert.match(blamed.out, /^2(–3)? +web-bot \(agent\)/m, blamed.err);
    await client.close();
  });
}

test('a client that names no session says which text it writes over: another conversation may have read since', async () => {
  const client = await agent.connect({ pin: '2026-07-28' }, 'two conversations');
  const file = { path: 'plan.md' };
  assert.equal((await call(client, 'write_file', { ...file, text: 'one\ntwo\n' })).code, 'ok');
  const { body } = await call(client, 'read_file', file);
  const refused = await call(client, 'write_file', { ...file, text: 'one\n2\n' });
  assert.equal(refused.code, 'base_needed');
  const named = { ...file, text: 'one\n2\n', base_version: body['version'] };
  assert.equal((await call(client, 'write_file', named)).code, 'ok');
  await client.close();
});

test('who has no token, or comes by another name or from another page, is not answered', async () => {
  const asked = async (headers: Readonly<Record<string, string>>) => {
    const { status, text } = await agent.ask(headers);
    return [status, (JSON.parse(text) as { error: { data: { code: string } } }).error.data.code];
  };
  assert.deepEqual(await asked({ authorization: '' }), [401, 'bad_token']);
  assert.deepEqual(await asked({ authorization: 'Bearer wrong' }), [401, 'bad_token']);
  assert.deepEqual(await asked({ authorization: `Bearer ${agent.token}x` }), [401, 'bad_token']);
  assert.deepEqual(await asked({ host: 'evil.example' }), [403, 'bad_host']);
  assert.deepEqual(await asked({ host: `evil.example:${agent.url.port}` }), [403, 'bad_host']);
  assert.deepEqual(await asked({ origin: 'https://evil.example' }), [403, 'bad_origin']);
  assert.deepEqual(await asked({ origin: 'null' }), [403, 'bad_origin']);
  assert.equal((await agent.ask({ host: `localhost:${agent.url.port}` })).status, 200);
  assert.equal((await agent.ask({ origin: `http://localhost:${agent.url.port}` })).status, 200);
  assert.equal((await agent.ask({ authorization: `bearer ${agent.token}` })).status, 200);
});

test('the token is in a file that only its owner can read, and one that others can read is not used', async () => {
  if (process.platform !== 'win32') {
    assert.equal(fs.statSync(agent.tokenFile).mode & 0o777, 0o600);
    assert.equal(fs.statSync(path.dirname(agent.tokenFile)).mode & 0o777, 0o700);
    const other = await HttpAgent.start('open-bot');
    await other.end();
    fs.chmodSync(other.tokenFile, 0o644);
    const { code, err } = await installed.run(home, 'mcp', '--as', 'open-bot', '--http');
    assert.equal(code, 4);
    assert.match(err, /Others may read the token in .*chmod 600/);
    assert.ok(!err.includes(other.token));
  }
});

test('30 MB of arguments are refused in words by the tool, and what is longer by the server, which works on', async () => {
  const client = await agent.connect();
  const text = 'x'.repeat(30_000_000);
  assert.equal((await call(client, 'write_file', { path: 'big.txt', text })).code, 'too_large');
  const { status, text: said } = await agent.ask({}, Buffer.alloc(41 * 1024 * 1024, ' '));
  assert.equal(status, 413);
  assert.match(said, /longer than 40 MiB/);
  const counted = { 'transfer-encoding': 'chunked' };
  assert.equal((await agent.ask(counted, Buffer.alloc(41 * 1024 * 1024, ' '))).status, 413);
  assert.equal((await agent.ask({}, '{"jsonrpc":')).status, 400);
  assert.equal((await agent.ask({}, '[]')).status, 400);
  assert.equal((await call(client, 'list_files', {})).code, 'ok');
  await client.close();
});

test('the server ends by a signal, its agent is gone, and the next one is at the same address', async () => {
  const gone = await HttpAgent.start('gone-bot');
  const client = await gone.connect();
  await call(client, 'read_file', { path: 'app.ts' });
  assert.match(await placeOf('gone-bot'), /app\.ts/);
  assert.deepEqual(await gone.end('SIGTERM'), [0, null]);
  assert.doesNotMatch(await placeOf('gone-bot'), /app\.ts/);
  await client.close();
  const again = await HttpAgent.start('gone-bot');
  assert.equal(again.url.href, gone.url.href);
  assert.equal(again.token, gone.token);
  const taken = await installed.run(home, 'mcp', '--as', 'gone-bot', '--http');
  assert.equal(taken.code, 1);
  assert.match(taken.err, /Port \d+ of this machine is taken/);
  assert.deepEqual(await again.end('SIGINT'), [0, null]);
});

test('a client that ends its session is gone from the world', async () => {
  const client = await agent.connect();
  const last = { path: 'last.md' };
  await call(client, 'write_file', { ...last, text: 'last\n' });
  await call(client, 'read_file', last);
  assert.match(await placeOf('web-bot'), /last\.md/);
  await (client.transport as StreamableHTTPClientTransport).terminateSession();
  assert.doesNotMatch(await placeOf('web-bot'), /last\.md/);
  await client.close();
});

/** Where a member is, as `members` tells it. */
async function placeOf(name: string): Promise<string> {
  const { out } = await installed.run(home, 'members', project);
  return out
    .split('\n')
    .filter((line) => line.includes(name))
    .join('\n');
}
