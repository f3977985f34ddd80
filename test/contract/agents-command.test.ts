// Setting up an agent's client: what a newcomer runs, and what it leaves behind.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { ended, InstalledCommand } from '../harness/installed-command.ts';

const SETTINGS = '{\n  // Mine.\n  "theme": "dark"\n}\n';

let installed: InstalledCommand;
let home: string;
let user: string;
let project: string;

before(async () => {
  installed = await InstalledCommand.install();
  home = installed.home('home');
  user = path.join(installed.place, 'user');
  project = path.join(installed.place, 'project');
  fs.mkdirSync(path.join(user, '.gemini'), { recursive: true });
  fs.writeFileSync(path.join(user, '.gemini/settings.json'), SETTINGS);
  fs.mkdirSync(project);
  fs.writeFileSync(path.join(project, 'a.txt'), 'one\ntwo\nthree\n');
  const { code, err } = await installed.run(home, 'open', project);
  assert.equal(code, 0, err);
});

after(() => installed.dispose());

test('an agent gets a folder, a name and a server; nothing of it reaches the world', async () => {
  const added = await agents('add', 'gemini', '--world', project);
  assert.equal(added.code, 0, added.err);
  assert.match(added.out, /The server answers with \d+ tools\. 1 file\./);
  const own = `${project}-gemini`;
  assert.equal(fs.readFileSync(path.join(own, 'a.txt'), 'utf8'), 'one\ntwo\nthree\n');
  assert.deepEqual(fs.readdirSync(project), ['a.txt']);
  assert.match((await agents('list')).out, /gemini +Gemini CLI, in project/);
  assert.equal((await agents('check', 'gemini')).code, 0);
  assert.equal((await agents('add', 'gemini', '--world', project)).code, 2, 'not twice');

  const settings = fs.readFileSync(path.join(user, '.gemini/settings.json'), 'utf8');
  assert.match(settings, /\/\/ Mine\./);
  const entry = (
    JSON.parse(settings.replace('// Mine.', '')) as {
      mcpServers: Record<string, { command: string; args: string[] }>;
    }
  ).mcpServers['agent-world']!;
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(new StdioClientTransport(entry));
  await client.callTool({ name: 'list_files', arguments: {} });
  // By its own file tools, too, it works under its name, for as long as its server runs.
  fs.writeFileSync(path.join(own, 'a.txt'), 'one\ntwo, by the agent\nthree\n');
  const watching = installed.start(home, 'watch', project, '--from', '1');
  for await (const line of createInterface({ input: watching.stdout! })) {
    if (/Gemini CLI edit a\.txt/.test(line)) watching.kill('SIGINT');
  }
  await client.close();

  const removed = await agents('remove', 'gemini');
  assert.equal(removed.code, 0, removed.err);
  assert.equal(fs.readFileSync(path.join(user, '.gemini/settings.json'), 'utf8'), SETTINGS);
  assert.match((await agents('list')).out, /No agent was set up/);

  // A folder that is thrown away and made anew is filled again, and nothing is missing in it for anybody.
  fs.rmSync(own, { recursive: true });
  assert.equal((await agents('add', 'gemini', '--world', project)).code, 0);
  assert.match(fs.readFileSync(path.join(own, 'a.txt'), 'utf8'), /two, by the agent/);
  const { out: history } = await installed.run(home, 'history', project);
  assert.doesNotMatch(history, /delete/);
  assert.match(
    (await installed.run(home, 'restorations', '--world', project)).out,
    /No folder asks/,
  );
});

test('two that are set up at once are both there, and each goes again', async () => {
  const names = ['Ann’s "bot" $HOME', '-b'];
  const added = await Promise.all(
    names.map((name) => agents('add', 'copilot', `--as=${name}`, '--world', project, '--here')),
  );
  for (const { code, err } of added) assert.equal(code, 0, err);
  const file = path.join(user, '.copilot/mcp-config.json');
  const { mcpServers } = JSON.parse(fs.readFileSync(file, 'utf8')) as { mcpServers: object };
  assert.deepEqual(Object.keys(mcpServers).sort(), ['agent-world', 'agent-world-2']);
  const removed = await Promise.all(
    names.map((name) => agents('remove', 'copilot', `--as=${name}`)),
  );
  for (const { code, err } of removed) assert.equal(code, 0, err);
  assert.doesNotMatch(fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '', /agent-world/);
});

test('an agent can be removed when its client is gone, and the person is told what to do', async () => {
  const bin = path.join(installed.place, 'bin');
  fs.mkdirSync(bin);
  fs.writeFileSync(path.join(bin, 'claude'), '#!/bin/sh\n', { mode: 0o755 });
  const withClient = { PATH: `${bin}${path.delimiter}${process.env['PATH']}` };
  const added = await agentsIn(withClient, 'add', 'claude', '--world', project, '--here');
  assert.equal(added.code, 0, added.err);
  fs.rmSync(bin, { recursive: true });
  const removed = await agents('remove', 'claude');
  assert.equal(removed.code, 0, removed.err);
  assert.match(removed.out, /not on the path.*claude mcp remove --scope local agent-world/);
  assert.doesNotMatch((await agents('list')).out, /claude/);
});

test('nobody becomes a member for a client whose settings cannot be understood', async () => {
  fs.mkdirSync(path.join(user, '.qwen'));
  fs.writeFileSync(path.join(user, '.qwen/settings.json'), '[');
  const added = await agents('add', 'qwen', '--as', 'nobody-yet', '--world', project);
  assert.match(added.err, /settings\.json is no JSON.*stays as it is/);
  assert.doesNotMatch((await installed.run(home, 'members', project)).out, /nobody-yet/);
});

test('a command line that cannot be understood says what to do', async () => {
  assert.match((await agents('add', 'nobody')).err, /one of claude, codex/);
  assert.match((await agents(project)).err, /demo-agents FOLDER/);
  assert.match((await agents('check', 'qwen')).err, /agents list/);
  assert.match((await agents('add', 'qwen', '--as', '')).err, /Say who the agent is/);
});

function agents(...args: readonly string[]) {
  return agentsIn({}, ...args);
}

async function agentsIn(environment: Record<string, string>, ...args: readonly string[]) {
  const { command, args: whole, env } = installed.spawned(home, 'agents', ...args);
  return ended(spawn(command, whole, { env: { ...env, HOME: user, ...environment } }));
}
