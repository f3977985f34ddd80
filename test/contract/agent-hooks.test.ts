// Hooks of an agent's client: the real hook process asks the real server of the agent.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { hookForm } from '../../src/agents/hooks/hook-forms.ts';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { type Ended, ended, InstalledCommand } from '../harness/installed-command.ts';
import { until } from '../harness/until.ts';

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
  for (const { id } of recorded()) {
    fs.mkdirSync(path.join(project, id));
    fs.writeFileSync(path.join(project, id, 'a.txt'), 'one\ntwo\nthree\nfour\nfive\n');
  }
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

  const a = await arrives(path.join(own, 'src/a.txt'));
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
  const unread = denied(await writes('Write', a, { content: 'one\ntwo\nthree\nfour\n5\n' }));
  assert.match(unread, /src\/a\.txt is there already, and you have not read it/);
  silent(await uses('Read', a, {}));
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

  // Who is paused is told by whom before it writes, and what gets to the disk all the same stays there.
  await changes('mo', '--pause');
  await call(other, 'list_files', {});
  const edit = { old_string: 'C', new_string: 'D' };
  const paused = denied(await writes('Edit', b, edit));
  assert.match(paused, /^Nothing was written\. \S+.* has paused mo since \d{4}-/);
  const shell = path.join(own, 'b.txt');
  fs.writeFileSync(shell, 'by a command\n');
  await call(agent, 'list_files', {});
  assert.equal(fs.readFileSync(shell, 'utf8'), 'by a command\n');
  await changes('mo', '--resume');
  while (!(await call(other, 'read_file', { path: 'b.txt' })).includes('by a command')) {
    await call(other, 'news', { wait: true, seconds: 5 });
  }
  const goesOn = context(await uses('Edit', b, { old_string: 'command', new_string: 'hook' }));
  assert.match(goesOn, /You are paused no more/);

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

test('a prompt and its end are a turn of all that its tools and its folder do', async () => {
  const folder = path.join(installed.place, 'turns');
  fs.mkdirSync(folder);
  const agent = await start('tess', '--folder', folder, '--prompts');
  await call(agent, 'list_files', {});
  const file = await arrives(path.join(folder, 'b.txt'));
  const in_ = { session_id: 'first', cwd: folder };
  await hook({ ...in_, hook_event_name: 'UserPromptSubmit', prompt: 'Make it better.' });
  await call(agent, 'write_file', { path: 'made.txt', text: 'by a tool\n' });
  await writesInTurn(in_, file, 'b, by its folder\n');
  silent(await hook({ ...in_, hook_event_name: 'Stop', stop_hook_active: false }));
  await call(agent, 'write_file', { path: 'later.txt', text: 'after it\n' });

  // Two at once: nobody knows whose the folder's next write is.
  const other = { session_id: 'second', cwd: folder };
  await hook({ ...in_, hook_event_name: 'UserPromptSubmit', prompt: 'And more.' });
  await hook({ ...other, hook_event_name: 'UserPromptSubmit', prompt: 'Beside it.' });
  await writesInTurn(other, file, 'b, by one of two\n');
  await agent.close();

  const turns = await lines('turns', project, '--agent', 'tess');
  assert.deepEqual(
    turns.map(({ session, client, title, prompt, isOpen }) => ({
      session,
      client,
      title,
      prompt,
      isOpen,
    })),
    ['second', 'first', 'first'].map((session) => ({
      session,
      client: 'claude-code',
      title: '',
      prompt: 'kept',
      isOpen: false,
    })),
    'turns end with the client',
  );
  const first = String(turns.at(-1)!['turnId']);
  const ops = await lines('history', project, '--turn', first);
  assert.deepEqual(new Set(ops.map((op) => op['path'])), new Set(['b.txt', 'made.txt']));
  const kept = await lines('turns', project, '--prompt', first);
  assert.equal(kept[0]!['prompt'], 'Make it better.');
});

test('a whole file that was made from an older text brings nothing back that others wrote since', async () => {
  const folder = path.join(installed.place, 'whole');
  fs.mkdirSync(folder);
  const agent = await start('wally', '--folder', folder);
  const other = await start('bea');
  const path_ = 'src/a.txt';
  await call(other, 'read_file', { path: path_ });
  await call(agent, 'list_files', {});
  const file = await arrives(path.join(folder, path_));
  const first = fs.readFileSync(file, 'utf8');
  const in_ = { session_id: 'whole', cwd: folder };
  const tool = { tool_name: 'Write', tool_input: { file_path: file } };
  const wrote = async (content: string): Promise<string> => {
    const input = { ...tool, tool_input: { ...tool.tool_input, content } };
    silent(await hook({ ...in_, hook_event_name: 'PreToolUse', ...input }));
    fs.writeFileSync(file, content);
    return context(await hook({ ...in_, hook_event_name: 'PostToolUse', ...input }));
  };
  const changes = (line: number, text: string): Promise<string> => {
    const of = { first_line: line, last_line: line, old_text: first.split('\n')[line - 1] };
    return call(other, 'edit_lines', { path: path_, edits: [{ ...of, text }] });
  };

  await hook({ ...in_, hook_event_name: 'SessionStart' });
  await hook({ ...in_, hook_event_name: 'PostToolUse', ...tool, tool_name: 'Read' });
  await changes(5, 'five, by bea');
  await until(() => fs.readFileSync(file, 'utf8').includes('by bea'));
  const told = await wrote(first.replace('one', 'one, by wally'));
  assert.match(told, /src\/a\.txt changed by bea/);
  const both = first.replace('one', 'one, by wally').replace('five', 'five, by bea');
  await until(() => fs.readFileSync(file, 'utf8') === both);
  assert.match(await call(other, 'read_file', { path: path_ }), /one, by wally.*five, by bea/);

  // On a line that both changed there is a ticket, with both texts.
  await hook({ ...in_, hook_event_name: 'PostToolUse', ...tool, tool_name: 'Read' });
  await changes(4, 'four, by bea');
  await until(() => fs.readFileSync(file, 'utf8').includes('four, by bea'));
  const met = await wrote(both.replace('four', 'four, by wally'));
  assert.match(met, /\[ticket\] Your write to src\/a\.txt/);
  assert.match(met, /Proposed:\nfour, by wally\nThere now:\nfour, by bea/);
  await until(() => !fs.readFileSync(file, 'utf8').includes('four, by wally'));
  const asked = stopReason(
    await hook({ ...in_, hook_event_name: 'Stop', stop_hook_active: false }),
  );
  assert.match(asked, /Changes of yours wait in tickets: \d+ \(src\/a\.txt\)/);

  // What it has in mind now is no text that is there.
  const content = first.replace('one', 'x');
  const input = { ...tool, tool_input: { ...tool.tool_input, content } };
  const mixed = denied(await hook({ ...in_, hook_event_name: 'PreToolUse', ...input }));
  assert.match(mixed, /You have not seen src\/a\.txt as it is now/);
  await agent.close();
  await other.close();
});

test('what the real clients told their hooks is understood, and each of their writes is one op of the agent', async () => {
  const folder = path.join(installed.place, 'recorded');
  fs.mkdirSync(folder);
  const agent = await start('rita', '--folder', folder);
  await call(agent, 'list_files', {});
  for (const { id, hooks } of recorded()) {
    const cwd = path.join(folder, id);
    const file = await arrives(path.join(cwd, 'a.txt'));
    const said: string[] = [];
    for (const { event, text } of hooks) {
      const input: unknown = JSON.parse(text.replaceAll('/work', cwd));
      const { code, out, err } = await run(JSON.stringify(input), id, event);
      assert.deepEqual({ code, err }, { code: 0, err: '' });
      if (out !== '') said.push(out);
      const told = hookForm(id)!.eventOf(input, event);
      if (told?.kind !== 'writing' || out !== '') continue;
      for (const { file: name, write } of told.files) {
        // It refuses to create what is there.
        if (id === 'copilot' && write.kind === 'whole' && fs.existsSync(name)) continue;
        const before = fs.existsSync(name) ? fs.readFileSync(name, 'utf8') : '';
        WRITES_AS[id]!(name, write.kind === 'whole' ? write.text : before.replace('two', '2'));
      }
    }
    assert.match(said[0]!, /you are rita/, `${id} is told where it is`);
    const tail = HAS_WHOLE_WRITES.includes(id) ? '5' : 'five';
    assert.equal(fs.readFileSync(file, 'utf8'), `one\n2\nthree\nfour\n${tail}\n`);
  }
  const turns = await lines('turns', project, '--agent', 'rita');
  assert.deepEqual(
    turns.map(({ client, isOpen }) => `${String(client)} ${String(isOpen)}`).sort(byName),
    [
      'claude-code false',
      'codex false',
      'copilot-cli false',
      'gemini-cli false',
      'opencode false',
      'qwen-code false',
    ],
  );
  for (const { turnId, client } of turns) {
    const ops = await lines('history', project, '--turn', String(turnId));
    const id = recorded().find((each) => hookForm(each.id)!.client === client)!.id;
    const whole = HAS_WHOLE_WRITES.includes(id) ? [`${id}/a.txt`] : [];
    assert.deepEqual(
      ops.map((op) => String(op['path'])).sort(byName),
      [`${id}/a.txt`, ...whole, `${id}/new.txt`],
      'each write once, no temporary file',
    );
  }

  // Somebody else's claim stops each of them, in its own form.
  const other = await start('carl');
  for (const { id, hooks } of recorded()) {
    await call(other, 'claim', { action: 'take', path: `${id}/**`, reason: 'a rewrite' });
    await call(agent, 'list_files', {});
    const cwd = path.join(folder, id);
    const asked = hooks.map(({ event, text }) => {
      const input: unknown = JSON.parse(text.replaceAll('/work', cwd));
      return { event, input, kind: hookForm(id)!.eventOf(input, event)?.kind };
    });
    const { event, input } = asked.find(({ kind }) => kind === 'writing')!;
    const { out } = await run(JSON.stringify(input), id, event);
    assert.match(out, DENIED_AS[id]!);
    assert.match(out, /carl has claimed/);
  }
  await agent.close();
  await other.close();
});

const HAS_WHOLE_WRITES: readonly string[] = ['claude', 'gemini', 'opencode', 'qwen'];

const DENIED_AS: Readonly<Record<string, RegExp>> = {
  claude: /^\{"hookSpecificOutput":\{"hookEventName":"PreToolUse","permissionDecision":"deny"/,
  codex: /^\{"hookSpecificOutput":\{"hookEventName":"PreToolUse","permissionDecision":"deny"/,
  copilot: /^\{"permissionDecision":"deny","permissionDecisionReason"/,
  gemini: /^\{"decision":"deny","reason"/,
  qwen: /^\{"hookSpecificOutput":\{"hookEventName":"PreToolUse","permissionDecision":"deny"/,
  opencode: /^\{"deny":"carl has claimed/,
};

/** How each of them writes a file. */
const WRITES_AS: Readonly<Record<string, (file: string, text: string) => void>> = {
  claude(file, text) {
    const written = `${file}.tmp.4711.0a1b2c`;
    fs.writeFileSync(written, text);
    fs.renameSync(written, file);
  },
  codex: (file, text) => fs.writeFileSync(file, text),
  gemini: (file, text) => fs.writeFileSync(file, text),
  opencode(file, text) {
    fs.writeFileSync(file, text, { flag: fs.existsSync(file) ? 'r+' : 'w' });
    fs.truncateSync(file, Buffer.byteLength(text));
  },
  qwen(file, text) {
    const written = `${file}.0a1b2c3d4e5f.tmp`;
    fs.writeFileSync(written, text);
    fs.renameSync(written, file);
  },
  copilot(file, text) {
    fs.writeFileSync(file, '');
    fs.writeFileSync(file, text, { flag: 'r+' });
  },
};

interface Recorded {
  readonly id: string;
  readonly hooks: readonly { readonly event: string; readonly text: string }[];
}

/** What real clients sent; paths and ids are others. */
function recorded(): readonly Recorded[] {
  const parent = path.join(projectRoot, 'test/fixtures/hooks');
  const names = fs.readdirSync(parent).sort(byName);
  return names.map((name) => ({
    id: name.split('-')[0]!,
    hooks: fs
      .readdirSync(path.join(parent, name))
      .sort(byName)
      .map((file) => ({
        event: /^\d+-(.+)\.json$/.exec(file)![1]!,
        text: fs.readFileSync(path.join(parent, name, file), 'utf8'),
      })),
  }));
}

function byName(one: string, other: string): number {
  return one < other ? -1 : 1;
}

/** An owner changes a member. */
async function changes(member: string, what: string): Promise<void> {
  const { code, err } = await installed.run(home, 'members', project, '--change', member, what);
  assert.equal(code, 0, err);
}

function stopReason({ code, out }: Ended): string {
  assert.equal(code, 0);
  return String((JSON.parse(out) as { readonly reason?: string }).reason);
}

/** As Claude Code writes: asked before, told afterwards. */
async function writesInTurn(session: object, file: string, content: string): Promise<void> {
  const tool = { tool_name: 'Write', tool_input: { file_path: file, content } };
  await hook({ ...session, hook_event_name: 'PostToolUse', ...tool, tool_name: 'Read' });
  silent(await hook({ ...session, hook_event_name: 'PreToolUse', ...tool }));
  fs.writeFileSync(file, content);
  await hook({ ...session, hook_event_name: 'PostToolUse', ...tool });
}

/** The path of a file once it is there, whole. */
async function arrives(file: string): Promise<string> {
  await until(() => fs.existsSync(file) && fs.statSync(file).size > 0);
  return file;
}

async function lines(...args: readonly string[]): Promise<Record<string, unknown>[]> {
  const { code, out, err } = await installed.run(home, ...args, '--json');
  assert.equal(code, 0, err);
  const rows = out.split('\n').filter((line) => line !== '');
  return rows.map((line) => JSON.parse(line) as Record<string, unknown>);
}

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

async function run(input: string, client = 'claude', event = ''): Promise<Ended> {
  const { command, args, env } = installed.spawned(home, 'hook', client, event);
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
