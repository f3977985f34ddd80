// An agent's folder is kept in step while its client is at work in it, whoever started the mirror, and no longer.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { type Door, readDoor } from '../../src/mirror/knock.ts';
import { until } from '../harness/host-life.ts';
import { ended, InstalledCommand } from '../harness/installed-command.ts';

let installed: InstalledCommand;
let home: string;
let user: string;
let project: string;
let own: string;

before(async () => {
  installed = await InstalledCommand.install();
  home = installed.home('home');
  user = path.join(installed.place, 'user');
  project = path.join(installed.place, 'project');
  own = `${project}-gemini`;
  fs.mkdirSync(project);
  fs.mkdirSync(user);
  fs.writeFileSync(path.join(project, 'a.txt'), 'one\ntwo\n');
  const opened = await installed.run(home, 'open', project);
  assert.equal(opened.code, 0, opened.err);
  const added = await run('agents', 'add', 'gemini', '--as', 'mo', '--world', project);
  assert.equal(added.code, 0, added.err);
  await kept(false);
});

after(() => installed.dispose());

test('a mirror comes with the agent’s server, after a crash again, and ends when nobody needs it', async () => {
  const one = await server();
  const first = await kept(true);
  assert.match((await run('agents', 'list')).out, /mo, in project, in .*-gemini, kept in step now/);
  process.kill(first.pid, 'SIGKILL');
  await until(() => (readDoor(stateOfOwn())?.pid ?? first.pid) !== first.pid);
  const second = await kept(true);
  fs.writeFileSync(path.join(own, 'b.txt'), 'by mo\n');
  await until(async () => /b\.txt/.test(await call(one, 'list_files')));

  // A second session in the same folder: both are told, once each.
  const two = await server();
  await until(async () => (await standing(two)) || told(two));
  await until(async () => (await standing(one)) || told(one));
  assert.equal(await standing(two), false, 'once');
  await one.close();
  fs.writeFileSync(path.join(own, 'c.txt'), 'by mo\n');
  await until(async () => /c\.txt/.test(await call(two, 'list_files')));
  assert.equal((await kept(true)).pid, second.pid, 'it is the same for both');
  await two.close();
  await kept(false);
  assert.match((await run('agents', 'list')).out, /not kept in step now/);
});

test('a hook of a client without our server has the folder kept, and the agent is told at once', async () => {
  const file = path.join(own, 'a.txt');
  const edit = {
    tool_name: 'Edit',
    tool_input: { file_path: file, old_string: 'one', new_string: '1' },
  };
  assert.equal(await hook({ hook_event_name: 'SessionStart' }, installed.place), '');
  const said = await hook({ hook_event_name: 'PreToolUse', ...edit });
  assert.match(said, /was not kept in step with its shared world; that begins now/);
  await kept(true);
  assert.equal(await hook({ hook_event_name: 'PostToolUse', ...edit }), '', 'it is kept now');
  fs.writeFileSync(file, '1\ntwo\n');
  const shown = path.join(project, 'a.txt');
  const one = await server();
  await until(async () => /1→1/.test(await call(one, 'read_file', { path: 'a.txt' })));
  assert.ok(fs.existsSync(shown));
  await one.close();
});

const standings = new Map<Client, number>();

/** Whether the answer to a call tells that another session is there. */
async function standing(client: Client): Promise<boolean> {
  const isTold = /Another session of yours works in/.test(await call(client, 'list_files'));
  if (isTold) standings.set(client, (standings.get(client) ?? 0) + 1);
  return isTold;
}

function told(client: Client): boolean {
  return (standings.get(client) ?? 0) > 0;
}

async function server(): Promise<Client> {
  const spawned = installed.spawned(home, 'mcp', '--as', 'mo', '--world', project, '--folder', own);
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(
    new StdioClientTransport({ ...spawned, env: { ...spawned.env, ...short() } }),
  );
  return client;
}

async function call(client: Client, name: string, args: object = {}): Promise<string> {
  const { content } = await client.callTool({ name, arguments: { ...args } });
  return JSON.stringify(content);
}

async function hook(input: object, cwd = own): Promise<string> {
  const { command, args, env } = installed.spawned(home, 'hook', 'claude');
  const child = spawn(command, args, {
    env: { ...env, HOME: user },
    cwd: installed.place,
  });
  child.stdin.end(JSON.stringify({ session_id: 'one', cwd, ...input }));
  const { code, out } = await ended(child);
  assert.equal(code, 0);
  return out;
}

async function run(...args: readonly string[]) {
  const { command, args: whole, env } = installed.spawned(home, ...args);
  return ended(spawn(command, whole, { env: { ...env, ...short(), HOME: user } }));
}

/** In place of ten minutes. */
function short(): Record<string, string> {
  return { AGENT_WORLD_TEST_UNUSED_MS: '2000' };
}

/** Waits until a mirror keeps the folder, or none does. */
async function kept(isKept: true): Promise<Door>;
async function kept(isKept: false): Promise<undefined>;
async function kept(isKept: boolean): Promise<Door | undefined> {
  await until(() => (readDoor(stateOfOwn()) !== undefined) === isKept);
  return readDoor(stateOfOwn());
}

/** Where what is known of the agent's folder is kept; empty before there is anything. */
function stateOfOwn(): string {
  const folders = path.join(home, 'folders');
  const found = fs.readdirSync(folders).find((name) => {
    const file = path.join(folders, name, 'directory');
    return fs.existsSync(file) && fs.readFileSync(file, 'utf8') === own;
  });
  return found === undefined ? '' : path.join(folders, found);
}
