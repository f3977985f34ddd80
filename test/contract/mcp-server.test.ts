// Agents by the Model Context Protocol: the official client against the installed command.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { killHost, recordOf, until } from '../harness/host-life.ts';
import { InstalledCommand } from '../harness/installed-command.ts';

let installed: InstalledCommand;
let home: string;
let project: string;

before(async () => {
  installed = await InstalledCommand.install();
  home = installed.home('home');
  project = path.join(installed.place, 'project');
  fs.mkdirSync(path.join(project, 'src'), { recursive: true });
  fs.writeFileSync(path.join(project, 'src/app.ts'), 'const one = 1;\nconst two = 2;\n');
  fs.writeFileSync(path.join(project, 'README.md'), '# Project\n');
  const { code, err } = await installed.run(home, 'open', project);
  assert.equal(code, 0, err);
});

after(() => installed.dispose());

interface Told {
  readonly outcome: string;
  readonly code: string;
  readonly message: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly world?: { readonly name: string; readonly head_seq: number };
}

/** A client of one era that runs `agent-world mcp` as an agent. */
class AgentClient implements AsyncDisposable {
  readonly client: Client;

  /** Of its server. */
  readonly pid: number;

  private constructor(client: Client, pid: number) {
    this.client = client;
    this.pid = pid;
  }

  static async start(
    name: string,
    era: 'legacy' | { pin: string } = 'legacy',
  ): Promise<AgentClient> {
    const { command, args, env } = installed.spawned(home, 'mcp', '--as', name, '--world', project);
    const client = new Client(
      { name: 'test', version: '1.0.0' },
      { versionNegotiation: { mode: era } },
    );
    const transport = new StdioClientTransport({ command, args, env });
    await client.connect(transport);
    return new AgentClient(client, transport.pid!);
  }

  async call(name: string, args: Record<string, unknown>): Promise<{ told: Told; text: string }> {
    const { content, structuredContent } = await this.client.callTool({ name, arguments: args });
    const texts = (content as readonly { readonly text: string }[]).map(({ text }) => text);
    return { told: structuredContent as Told, text: texts.join('\n') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}

for (const [era, mode] of [
  ['2025', 'legacy'],
  ['2026-07-28', { pin: '2026-07-28' }],
] as const) {
  test(`an agent of the era ${era} reads, searches and edits under its own name`, async () => {
    await using agent = await AgentClient.start(`mo-${era}`, mode);
    const { tools } = await agent.client.listTools();
    assert.ok(tools.length <= 14, `${tools.length} tools`);
    assert.ok(
      tools.every(({ outputSchema }) => outputSchema),
      'all say what they answer',
    );

    const listed = await agent.call('list_files', { glob: 'src/**' });
    assert.match(listed.text, /src\/app\.ts/);
    const found = await agent.call('search', { text: 'two' });
    assert.match(found.text, /src\/app\.ts/);
    const read = await agent.call('read_file', { path: 'src/app.ts' });
    assert.equal(read.told.body['kind'], 'text');
    assert.match(read.text, /1→const one/);

    const edited = await agent.call('edit_file', {
      path: 'src/app.ts',
      edits: [{ search: '\n', replacement: `\n// by ${era}\n`, occurrence: 1 }],
    });
    assert.equal(edited.told.code, 'ok', edited.text);
    const blamed = await installed.run(home, 'blame', 'src/app.ts', project);
    assert.match(blamed.out, new RegExp(`^2 +mo-${era} \\(agent\\)`, 'm'), blamed.err);
    assert.ok(edited.told.world!.head_seq > read.told.world!.head_seq);
    assert.match(
      (await agent.call('read_file', { path: 'src/app.ts' })).text,
      new RegExp(`// by ${era}`),
    );
  });
}

test('each way to change files is a tool, and a change of others in between stays', async () => {
  await using agent = await AgentClient.start('ada-bot');
  await using other = await AgentClient.start('other-bot');
  const code = async (name: string, args: Record<string, unknown>): Promise<string> => {
    const { told, text } = await agent.call(name, args);
    return told.code === 'ok' ? 'ok' : text;
  };
  const made = { path: 'notes/plan.md', text: 'one\ntwo\nthree\nfour\nfive\n' };
  assert.equal(await code('write_file', made), 'ok');
  await other.call('read_file', { path: made.path });
  const edits = [{ search: 'five', replacement: 'FIVE' }];
  assert.equal((await other.call('edit_file', { path: made.path, edits })).told.code, 'ok');

  const lines = [{ first_line: 1, last_line: 1, old_text: 'one', text: 'One' }];
  assert.equal(await code('edit_lines', { path: made.path, edits: lines }), 'ok');
  const patch = `*** Begin Patch\n*** Update File: ${made.path}\n@@\n One\n-two\n+Two\n three\n*** End Patch`;
  await agent.call('read_file', { path: made.path });
  assert.equal(await code('apply_patch', { patch }), 'ok');
  const whole = { path: made.path, text: 'One\nTwo\nThree\nfour\nFIVE\n' };
  assert.equal(await code('write_file', whole), 'ok');
  const rename = { kind: 'rename', path: made.path, to: 'notes/done.md' };
  assert.equal(await code('change_files', { changes: [rename] }), 'ok');
  assert.match(
    (await other.call('read_file', { path: 'notes/done.md' })).text,
    /1→One\n2→Two\n3→Three\n4→four\n5→FIVE/,
  );
  assert.equal(
    await code('change_files', { changes: [{ kind: 'delete', path: 'notes/done.md' }] }),
    'ok',
  );
});

test('agents claim, meet in a ticket, settle it, talk, and look at what was done', async () => {
  await using ann = await AgentClient.start('ann-bot');
  await using bob = await AgentClient.start('bob-bot');
  const file = { path: 'shared/list.txt' };
  await ann.call('write_file', { ...file, text: 'alpha\nbeta\ngamma\n' });
  await ann.call('read_file', file);
  await bob.call('read_file', file);

  const claimed = await ann.call('claim', { action: 'take', ...file, first_line: 1, last_line: 1 });
  assert.equal(claimed.told.code, 'ok', claimed.text);
  const edit = (search: string, replacement: string) => ({
    ...file,
    edits: [{ search, replacement }],
  });
  const refused = await bob.call('edit_file', edit('alpha', 'ALPHA'));
  assert.equal(refused.told.code, 'locked', refused.text);
  assert.match(refused.text, /ann-bot/);

  assert.equal((await ann.call('edit_file', edit('beta', 'beta of ann'))).told.code, 'ok');
  const met = await bob.call('edit_file', edit('beta', 'beta of bob'));
  assert.equal(met.told.outcome, 'ticket', met.text);
  assert.match(met.text, /beta of ann/);
  assert.match(met.text, /beta of bob/);
  const { ticket } = met.told.body['ticket'] as { readonly ticket: number };
  const settled = await bob.call('tickets', { action: 'withdraw', ticket });
  assert.equal(settled.told.code, 'ok', settled.text);

  await bob.call('message', { action: 'send', to: 'ann-bot', text: 'Your beta stands.' });
  assert.match((await ann.call('news', {})).text, /Your beta stands\./);
  assert.match((await ann.call('history', { action: 'blame', ...file })).text, /1-3 ann-bot/);
  assert.match((await ann.call('history', { action: 'members' })).text, /bob-bot/);
  const lacking = await ann.call('history', { action: 'blame' });
  assert.equal(lacking.told.code, 'bad_request');
  assert.match(lacking.text, /blame needs path/);
});

test('arguments that do not fit, and tools that are not there, are refused in words with a stable code', async () => {
  await using agent = await AgentClient.start('mo');
  const { told, text } = await agent.call('read_file', { file: 'src/app.ts' });
  assert.equal(told.code, 'bad_request');
  assert.match(text, /bad_request/);
  assert.match(text, /path, first_line, last_line, max_bytes/);
  await assert.rejects(agent.call('erase_all', {}), /There is no tool erase_all/);
  assert.equal((await agent.call('read_file', { path: '../outside' })).told.code, 'bad_path');
});

for (const how of ['SIGINT', 'SIGTERM', 'the end of its input'] as const) {
  test(`the server ends with ${how}, and the agent is gone from the world`, async (t) => {
    const { command, args, env } = installed.spawned(
      home,
      'mcp',
      '--as',
      'gone',
      '--world',
      project,
    );
    const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    t.after(() => child.kill('SIGKILL'));
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const ask = async (id: number, method: string, params: object): Promise<string> => {
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
      return String((await answers.next()).value);
    };
    const clientInfo = { name: 'test', version: '1' };
    const hello = { protocolVersion: '2024-11-05', capabilities: {}, clientInfo };
    assert.match(await ask(1, 'initialize', hello), /"protocolVersion":"2024-11-05"/);
    const read = { name: 'read_file', arguments: { path: 'README.md' } };
    assert.match(await ask(2, 'tools/call', read), /# Project/);
    assert.match(await placesOf('gone'), /README\.md/);
    const ended = once(child, 'close');
    if (how === 'the end of its input') child.stdin.end();
    else child.kill(how);
    assert.deepEqual(await ended, [0, null]);
    assert.doesNotMatch(await placesOf('gone'), /README\.md/);
  });
}

test(
  'an agent’s server gives way to whoever types, and the host that it starts does not',
  { skip: process.platform !== 'linux' },
  async () => {
    await killHost(home);
    const own = os.getPriority();
    await using agent = await AgentClient.start('background');
    const { told } = await agent.call('read_file', { path: 'README.md' });
    assert.equal(told.code, 'ok');
    const host = await recordOf(home);
    assert.equal(os.getPriority(host!.pid), own);
    // Nor does it weigh more than whoever runs all this with little weight lets it.
    assert.equal(os.getPriority(agent.pid), Math.max(own, 5));
    // Where nobody else starts one, it does: a call before it has noticed is told to try again.
    await killHost(home);
    await until(async () => (await recordOf(home))?.pid !== host!.pid);
    const again = await agent.call('read_file', { path: 'README.md' });
    assert.equal(again.told.code, 'ok');
  },
);

test('a world that is not known is told in words, with the first call', async () => {
  const { command, args, env } = installed.spawned(home, 'mcp', '--as', 'mo', '--world', 'nowhere');
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(new StdioClientTransport({ command, args, env }));
  const answer = await client.callTool({ name: 'list_files', arguments: {} });
  const { content, isError, structuredContent } = answer;
  assert.equal(isError, true);
  assert.equal((structuredContent as Told).code, 'no_such_world');
  assert.doesNotMatch(JSON.stringify(content), /Try again/);
  assert.match(JSON.stringify(content), /No world is known by nowhere/);
  await client.close();
});

/** Where a member is, as `members` tells it. */
async function placesOf(name: string): Promise<string> {
  const { out } = await installed.run(home, 'members', project);
  return out
    .split('\n')
    .filter((line) => line.includes(name))
    .join('\n');
}

test('on a full disk an agent works on, and a copy that has no room is refused in words', async (t) => {
  if (process.platform === 'win32') return;
  {
    // Who is new needs room for the key of its identity.
    await using agent = await AgentClient.start('full');
    assert.equal((await agent.call('list_files', {})).told.code, 'ok');
  }
  const { command, args, env } = installed.spawned(home, 'mcp', '--as', 'full', '--world', project);
  // Whatever this process writes to a file fails, as on a disk without room; the host is another process.
  const script = 'ulimit -f 0; exec "$0" "$@"';
  const client = new Client({ name: 'test', version: '1.0.0' });
  const transport = new StdioClientTransport({
    command: 'sh',
    args: ['-c', script, command, ...args],
    env,
  });
  await client.connect(transport);
  t.after(() => client.close());
  const call = async (name: string, args: Record<string, unknown>): Promise<Told> =>
    (await client.callTool({ name, arguments: args })).structuredContent as Told;
  assert.equal((await call('read_file', { path: 'README.md' })).code, 'ok');
  const folder = path.join(installed.place, 'copy');
  const refused = await call('snapshot', { folder });
  assert.equal(refused.outcome, 'refused', refused.message);
  assert.match(refused.message, /cannot be written/);
  const edits = [{ search: '# Project', replacement: '# The project' }];
  assert.equal((await call('edit_file', { path: 'README.md', edits })).code, 'ok');
});
