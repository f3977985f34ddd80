// Setting up an agent's client: what a newcomer runs, and what it leaves behind.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { standInClients } from '../harness/client-programs.ts';
import { ended, InstalledCommand } from '../harness/installed-command.ts';

const SETTINGS = '{\n  // Mine.\n  "theme": "dark"\n}\n';

interface Standing {
  readonly name: string;
  readonly role: string;
  readonly capabilities: readonly string[];
  readonly pathScope: readonly string[];
}

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
  const rules = path.join(user, '.gemini/GEMINI.md');
  const told = fs.readFileSync(rules, 'utf8');
  fs.writeFileSync(rules, '');
  const checked = await agents('check', 'gemini');
  assert.equal(checked.code, 1);
  assert.match(checked.out, /does not have the rules any more; agents remove and add/);
  fs.writeFileSync(rules, told);
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
  const withClient = { PATH: standInClients(bin, ['claude']) };
  const added = await agentsIn(withClient, 'add', 'claude', '--world', project, '--here');
  assert.equal(added.code, 0, added.err);
  fs.rmSync(bin, { recursive: true });
  const removed = await agents('remove', 'claude');
  assert.equal(removed.code, 0, removed.err);
  assert.match(removed.out, /not on the path.*claude mcp remove --scope local agent-world/);
  assert.doesNotMatch((await agents('list')).out, /claude/);
});

for (const [id, files] of [
  ['claude', { '.claude/settings.json': SETTINGS, '.claude/CLAUDE.md': '# Mine\n' }],
  ['codex', { '.codex/config.toml': '# Mine.\nmodel = "some"\n', '.codex/AGENTS.md': '' }],
] as const) {
  test(`${id} is set up by its own command, and its files are byte for byte as before at the end`, async () => {
    const bin = path.join(installed.place, `bin-${id}`);
    const withClient = { PATH: standInClients(bin, [id]) };
    for (const [name, text] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(user, name)), { recursive: true });
      fs.writeFileSync(path.join(user, name), text);
    }
    const added = await agentsIn(withClient, 'add', id, '--as=Own', '--world', project);
    assert.equal(added.code, 0, added.err);
    const rules = path.join(user, Object.keys(files)[1]!);
    assert.match(added.out, /reads the rules in/);
    assert.match(fs.readFileSync(rules, 'utf8'), /## Agent World[^]*tickets/);

    assert.equal((await agentsIn(withClient, 'remove', id, '--as', 'Own')).code, 0);
    for (const [name, text] of Object.entries(files)) {
      assert.equal(fs.readFileSync(path.join(user, name), 'utf8'), text, name);
    }
  });
}

test('an agent edits and claims only, and has more or less when that is asked for', async () => {
  const rights = async (name: string, ...asked: readonly string[]) => {
    const added = await agents('add', 'qwen', '--as', name, '--world', project, '--here', ...asked);
    assert.equal(added.code, 0, added.err);
    const { out } = await installed.run(home, 'members', project, '--json');
    const members = out.trim().split('\n');
    const found = members.map((line) => JSON.parse(line) as Standing);
    const { role, capabilities, pathScope } = found.find((each) => each.name === name)!;
    return { role, capabilities, pathScope };
  };
  assert.deepEqual(await rights('plain'), {
    role: 'editor',
    capabilities: ['edit', 'lock'],
    pathScope: [],
  });
  assert.deepEqual(await rights('judge', '--role', 'editor', '--scope', 'src/**,docs/**'), {
    role: 'editor',
    capabilities: ['edit', 'lock', 'resolve'],
    pathScope: ['src/**', 'docs/**'],
  });
  assert.equal((await agents('remove', 'qwen', '--as', 'plain')).code, 0);
  const again = await agents('add', 'qwen', '--as', 'plain', '--world', project, '--role=viewer');
  assert.equal(again.code, 2);
  assert.match(again.err, /a member already.*members --change/);
  assert.doesNotMatch((await agents('list')).out, /plain/);
});

test('a file of a client that belongs to a world stays as it is', async () => {
  const dotfiles = path.join(installed.place, 'dotfiles');
  fs.mkdirSync(dotfiles);
  fs.writeFileSync(path.join(dotfiles, 'opencode.json'), '{}\n');
  assert.equal((await installed.run(home, 'open', dotfiles)).code, 0);
  fs.mkdirSync(path.join(user, '.config/opencode'), { recursive: true });
  fs.symlinkSync(
    path.join(dotfiles, 'opencode.json'),
    path.join(user, '.config/opencode/opencode.json'),
  );
  const added = await agents('add', 'opencode', '--world', project, '--here');
  assert.match(added.err, /belongs to a world.*stays as it is/);
  assert.equal(fs.readFileSync(path.join(dotfiles, 'opencode.json'), 'utf8'), '{}\n');
});

test('a server of that name that is not ours is left as it is', async () => {
  const file = path.join(user, '.cline/data/settings/cline_mcp_settings.json');
  const theirs = '{\n  "mcpServers": { "agent-world": { "command": "theirs" } }\n}\n';
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, theirs);
  const added = await agents('add', 'cline', '--world', project, '--here');
  assert.equal(added.code, 0, added.err);
  assert.match(fs.readFileSync(file, 'utf8'), /"agent-world": \{ "command": "theirs" \}/);
  assert.equal((await agents('remove', 'cline')).code, 0);
  assert.equal(fs.readFileSync(file, 'utf8'), theirs);
  assert.equal(fs.existsSync(path.join(user, 'Documents/Cline/Rules/agent-world.md')), false);
});

test('nobody becomes a member for a client whose settings cannot be understood', async () => {
  fs.mkdirSync(path.join(user, '.qwen'), { recursive: true });
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
