// Hooks of an agent's client: the real hook process asks the real server of the agent.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { type Ended, ended, InstalledCommand } from '../harness/installed-command.ts';

let installed: InstalledCommand;
let home: string;
let user: string;
let project: string;
let own: string;

before(async () => {
  installed = await InstalledCommand.install();
  home = installed.home('home');
  project = path.join(installed.place, 'project');
  own = path.join(installed.place, 'own');
  user = path.join(installed.place, 'user');
  fs.mkdirSync(path.join(project, 'src'), { recursive: true });
  fs.mkdirSync(own);
  fs.writeFileSync(path.join(project, 'src/a.txt'), 'one\ntwo\nthree\nfour\nfive\n');
  fs.writeFileSync(path.join(project, 'b.txt'), 'b\n');
  const { code, err } = await installed.run(home, 'open', project);
  assert.equal(code, 0, err);
});

const clients: Client[] = [];

after(async () => {
  for (const client of clients) await client.close();
  await installed.dispose();
});

test('an agent that uses its own file tools is stopped by claims, told of others, and never held up', async () => {
  const agent = await start('mo', '--folder', own);
  const other = await start('ann');
  await call(other, 'read_file', { path: 'src/a.txt' });
  const read = await call(agent, 'list_files', {});
  assert.match(read, /src\/a\.txt/, 'the world is entered, and hooks are heard');

  const begun = context(await hook({ hook_event_name: 'SessionStart', source: 'startup' }));
  assert.match(begun, /world project; you are mo/);
  assert.match(begun, /Here now: .*ann \(agent/);
  assert.ok(begun.split('\n').length <= 10, begun);

  // The mirror puts the files there; what is on the disk here stands for them.
  fs.mkdirSync(path.join(own, 'src'), { recursive: true });
  const a = path.join(own, 'src/a.txt');
  fs.writeFileSync(a, 'one\ntwo\nthree\nfour\nfive\n');
  await call(other, 'claim', {
    action: 'take',
    path: 'src/a.txt',
    first_line: 2,
    last_line: 3,
    reason: 'mine now',
  });
  await call(other, 'claim', { action: 'take', path: 'docs/**', reason: 'a rewrite' });
  await call(agent, 'list_files', {});

  const met = denied(await writes('Edit', a, { old_string: 'three', new_string: '3' }));
  assert.match(
    met,
    /ann has claimed lines 2 to 3 of src\/a\.txt until \d{4}-.*The reason: mine now\./,
  );
  denied(await writes('Write', a, { content: 'one\n2\nthree\nfour\nfive\n' }));
  silent(await writes('Edit', a, { old_string: 'five', new_string: '5' }));
  silent(await writes('Write', a, { content: 'one\ntwo\nthree\nfour\n5\n' }));
  const yet = denied(await writes('Write', path.join(own, 'docs/new.md'), { content: 'x' }));
  assert.match(yet, /ann has claimed docs\/\*\* until .*a rewrite/);
  silent(await writes('Write', path.join(installed.place, 'elsewhere.md'), { content: 'x' }));

  // What others do in a file that it read is told after its next write, once.
  silent(await uses('Read', a, {}));
  await call(other, 'edit_lines', {
    path: 'src/a.txt',
    edits: [{ first_line: 2, last_line: 2, old_text: 'two', text: 'two, by ann' }],
  });
  const b = path.join(own, 'b.txt');
  const news = context(await uses('Edit', b, { old_string: 'b', new_string: 'B' }));
  assert.match(news, /src\/a\.txt changed by ann/);
  assert.match(news, /\+two, by ann/);
  silent(await uses('Edit', b, { old_string: 'B', new_string: 'C' }));

  // Below its folder, too; nothing outside of it, for other events, other clients, or no JSON.
  const again = { hook_event_name: 'SessionStart', source: 'compact' };
  assert.match(context(await hook(again, path.join(own, 'src'))), /you are mo/);
  silent(await hook(again, installed.place));
  silent(await hook(again, path.join(own, 'gone')));
  silent(await hook({ hook_event_name: 'Notification' }));
  silent(await hook({ hook_event_name: 'Stop', stop_hook_active: false }));
  silent(await run('no JSON'));
  silent(await run(JSON.stringify({ ...again, cwd: own }), 'nobody'));
  const folder = path.join(home, 'hooks');
  assert.equal(fs.statSync(folder).mode & 0o077, 0, 'only its owner can ask');

  await agent.close();
  silent(await hook(again));
  assert.deepEqual(fs.readdirSync(folder), []);

  // A server that was killed leaves its name behind: that is no error, and goes.
  const killed = await start('mo', '--folder', own);
  await call(killed, 'list_files', {});
  const { pid } = killed.transport as StdioClientTransport;
  process.kill(pid!, 'SIGKILL');
  await killed.close();
  silent(await hook(again));
  assert.deepEqual(
    fs.readdirSync(folder).filter((name) => !name.endsWith('.sock')),
    [],
  );
  await other.close();
});

async function start(name: string, ...more: readonly string[]): Promise<Client> {
  const spawned = installed.spawned(home, 'mcp', '--as', name, '--world', project, ...more);
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(new StdioClientTransport(spawned));
  clients.push(client);
  return client;
}

async function call(client: Client, name: string, args: Record<string, unknown>): Promise<string> {
  const { content, structuredContent } = await client.callTool({ name, arguments: args });
  const text = JSON.stringify(content);
  assert.equal((structuredContent as { readonly code: string }).code, 'ok', text);
  return text;
}

function writes(tool: string, file: string, input: object): Promise<Ended> {
  return ofTool('PreToolUse', tool, file, input);
}

function uses(tool: string, file: string, input: object): Promise<Ended> {
  return ofTool('PostToolUse', tool, file, input);
}

function ofTool(event: string, tool: string, file: string, input: object): Promise<Ended> {
  const tool_input = { file_path: file, ...input };
  return hook({ hook_event_name: event, tool_name: tool, tool_input });
}

function hook(input: object, cwd = own): Promise<Ended> {
  return run(JSON.stringify({ session_id: 'one', transcript_path: '', cwd, ...input }));
}

async function run(input: string, client = 'claude'): Promise<Ended> {
  const { command, args, env } = installed.spawned(home, 'hook', client);
  const child = spawn(command, args, { env: { ...env, HOME: user }, cwd: installed.place });
  child.stdin.end(input);
  return ended(child);
}

function silent({ code, out, err }: Ended): void {
  assert.deepEqual({ code, out, err }, { code: 0, out: '', err: '' });
}

function output({ code, out, err }: Ended): Readonly<Record<string, string>> {
  assert.equal(code, 0, err);
  assert.notEqual(out, '', 'it says something');
  return (JSON.parse(out) as { hookSpecificOutput: Record<string, string> }).hookSpecificOutput;
}

function context(told: Ended): string {
  return output(told)['additionalContext'] ?? '';
}

function denied(told: Ended): string {
  const { permissionDecision, permissionDecisionReason = '' } = output(told);
  assert.equal(permissionDecision, 'deny');
  return permissionDecisionReason;
}
