// Every code that an agent may be answered, by the official client, in both eras of the protocol.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { Client, InMemoryTransport } from '@modelcontextprotocol/client';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { AgentSession } from '../../src/agents/agent-session.ts';
import { MemoryRecord } from '../../src/agents/tools/agent-record.ts';
import { AgentTools, type AgentToolsOptions } from '../../src/agents/tools/agent-tools.ts';
import { AgentDoor } from '../../src/mcp/agent-door.ts';
import { agentServer } from '../../src/mcp/agent-server.ts';
import { removeMember } from '../../src/world/change-member.ts';
import { systemClock } from '../../src/world/clock.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { startCuttingProxy } from '../harness/cutting-proxy.ts';
import { openFirstWorld } from '../harness/first-world.ts';
import { ManualClock } from '../unit/agents/manual-clock.ts';
import { textLacks, type ToolUser, ToolsLab } from './tools-lab.ts';
import { whenever } from './world-lab.ts';

const ERAS = [
  ['2025', 'legacy'],
  ['2026-07-28', { pin: '2026-07-28' }],
] as const;
type Mode = (typeof ERAS)[number][1];

/** These no client is answered: no tool exports, and who cancels a call takes no answer. */
const OF_NO_CLIENT = ['blocked', 'cancelled'];

interface Told {
  readonly outcome: string;
  readonly code: string;
  readonly message: string;
  readonly next: readonly string[];
  readonly body: Readonly<Record<string, unknown>>;
}

type Args = Readonly<Record<string, unknown>>;

/** One agent as its client has it. */
class Served {
  readonly #client: Client;
  readonly #seen: Set<string>;

  private constructor(client: Client, seen: Set<string>) {
    this.#client = client;
    this.#seen = seen;
  }

  static async connect(t: TestContext, tools: AgentTools, mode: Mode, seen: Set<string>) {
    const [here, there] = InMemoryTransport.createLinkedPair();
    const door = new AgentDoor({
      clock: systemClock,
      enter: () => Promise.resolve({ tools, leave: () => undefined }),
    });
    const handle = serveStdio(() => agentServer({ door, version: '1.0.0', worldName: 'Lab' }), {
      transport: there,
    });
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
    await client.connect(here);
    t.after(async () => {
      await client.close();
      await handle.close();
    });
    return new Served(client, seen);
  }

  /** The answer, which says the same in words; its code counts as seen. */
  async tell(name: string, args: Args): Promise<Told> {
    const answer = await this.#client.callTool({ name, arguments: { ...args } });
    const told = answer.structuredContent as Told;
    const [said] = answer.content as readonly { readonly text: string }[];
    assert.equal(textLacks(said!.text, told), undefined);
    assert.ok(told.message.length > 10 || told.code === 'ok', `${told.code}: ${told.message}`);
    this.#seen.add(told.code);
    return told;
  }

  async code(name: string, args: Args): Promise<string> {
    return (await this.tell(name, args)).code;
  }

  /** The code of an edit by quotes. */
  edit(file: string, search: string, replacement: string, more: Args = {}): Promise<string> {
    return this.code('edit_file', { path: file, edits: [{ search, replacement }], ...more });
  }
}

function toolsOf(session: WorldSession, more: Partial<AgentToolsOptions> = {}): AgentTools {
  const agent = new AgentSession({ session, randomBytes: systemRandomBytes });
  return new AgentTools({ agent, record: new MemoryRecord(), ...more });
}

for (const [era, mode] of ERAS) {
  test(`each code that an agent may be answered comes to a client of the era ${era}`, async (t) => {
    const seen = new Set<string>();
    const lab = await ToolsLab.open(t);
    const folder = path.join(lab.lab.folder, 'own');
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, '.env'), 'KEY=1\n');
    const ada = await lab.join('agent', [folder]);
    const person = await lab.join('human');
    await lab.file(person, 'a.txt', 'one\ntwo\nthree\ntwo\n');
    await lab.file(person, 'unread.txt', 'text\n');
    await putBytes(person, 'image.png', new Uint8Array([0, 1, 2]));
    await lab.caughtUp();
    const client = await Served.connect(t, ada.tools, mode, seen);

    await reads(client, folder);
    await edits(client, person);
    await meets(lab, client, person);
    await isShared(t, ada, mode, seen);
    await failures(t, lab, mode, seen);

    const codes = await codesOf();
    // Only an embedded host can be given a world that an older version left.
    const unseen = lab.lab.server.embedded ? OF_NO_CLIENT : [...OF_NO_CLIENT, 'upgrade_needed'];
    const missing = codes.filter((code) => !seen.has(code) && !unseen.includes(code));
    assert.deepEqual(missing, []);
    assert.deepEqual(
      OF_NO_CLIENT.filter((code) => seen.has(code)),
      [],
    );
  });
}

async function reads(client: Served, folder: string): Promise<void> {
  assert.equal(
    await client.code('read_file', { path: 'a.txt', first_line: 1, last_line: 2 }),
    'ok',
  );
  assert.equal(await client.code('read_file', { path: 'a.txt', first_line: 99 }), 'bad_range');
  assert.equal(await client.code('read_file', { path: '../../etc/passwd' }), 'bad_path');
  assert.equal(await client.code('read_file', { path: 'nowhere.txt' }), 'no_such_file');
  assert.equal(await client.code('read_file', { path: path.join(folder, '.env') }), 'secret');
  assert.equal(await client.code('history', { action: 'blame', path: 'image.png' }), 'not_text');
  assert.equal(await client.code('search', { regex: '(' }), 'bad_pattern');
  assert.equal(await client.code('search', {}), 'bad_request');
}

async function edits(client: Served, person: ToolUser): Promise<void> {
  const whole = { path: 'a.txt', text: 'mine\n' };
  assert.equal(await client.code('write_file', whole), 'partly_read');
  assert.equal(await client.code('write_file', { ...whole, path: 'unread.txt' }), 'unread');
  assert.equal(await client.code('read_file', { path: 'a.txt' }), 'ok');
  assert.equal(await client.edit('a.txt', 'one', 'one'), 'no_change');
  assert.equal(await client.edit('a.txt', 'four', '4'), 'not_found');
  assert.equal(await client.edit('a.txt', 'two', '2'), 'ambiguous');
  assert.equal(await client.edit('a.txt', 'one', '1', { base_version: 99 }), 'unknown_base');
  assert.equal(await client.edit('image.png', 'one', '1'), 'not_text');
  const overlapping = ['one\ntwo', 'two\nthree'].map((search) => ({ search, replacement: 'x' }));
  assert.equal(
    await client.code('edit_file', { path: 'a.txt', edits: overlapping }),
    'overlapping',
  );
  const line = { first_line: 1, last_line: 1, text: '1' };
  const lines = (more: Args) => ({ path: 'a.txt', edits: [{ ...line, ...more }] });
  assert.equal(await client.code('edit_lines', lines({})), 'hash_needed');
  assert.equal(await client.code('edit_lines', lines({ old_text: 'six' })), 'range_changed');
  assert.equal(await client.code('edit_lines', lines({ last_line: 99 })), 'bad_range');
  assert.equal(await client.code('apply_patch', { patch: 'no patch' }), 'bad_patch');
  const patch = '*** Begin Patch\n*** Update File: a.txt\n@@\n-six\n+6\n*** End Patch';
  assert.equal(await client.code('apply_patch', { patch }), 'patch_misfit');
  const taken = { kind: 'create', path: 'a.txt', text: 'x' };
  assert.equal(await client.code('change_files', { changes: [taken] }), 'path_taken');
  const big = { path: 'big.txt', text: 'x'.repeat(30_000_000) };
  assert.equal(await client.code('write_file', big), 'too_large');
  // It edits the file, and so does the person, elsewhere: what it has in mind is no version.
  assert.equal(await client.edit('a.txt', 'three', 'THREE'), 'ok');
  await person.agent.read('a.txt');
  await person.agent.replace('a.txt', [{ search: 'one\n', replacement: 'ONE\n' }]);
  assert.equal(await client.edit('a.txt', 'THREE', '3', { base_version: 2 }), 'ok');
  assert.equal(await client.code('write_file', { path: 'a.txt', text: 'mine\n' }), 'stale_copy');
}

async function meets(lab: ToolsLab, client: Served, person: ToolUser): Promise<void> {
  await lab.file(person, 'met.txt', 'one\ntwo\nthree\n');
  assert.equal(await client.code('read_file', { path: 'met.txt' }), 'ok');
  await person.agent.read('met.txt');
  await person.agent.replace('met.txt', [{ search: 'two', replacement: 'TWO' }]);
  const base = { base_version: 1 };
  assert.equal(await client.edit('met.txt', 'two', '2', base), 'ticket');
  const { body } = await client.tell('tickets', { action: 'list' });
  const [{ ticket }] = body['tickets'] as readonly [{ readonly ticket: number }];
  assert.equal(await client.code('tickets', { action: 'insist', ticket }), 'needs_person');
  assert.equal(
    await client.code('tickets', { action: 'withdraw', ticket: 99_999 }),
    'no_such_ticket',
  );
}

/** Where conversations of a client cannot be told apart. */
async function isShared(
  t: TestContext,
  { session }: ToolUser,
  mode: Mode,
  seen: Set<string>,
): Promise<void> {
  const client = await Served.connect(t, toolsOf(session, { isShared: true }), mode, seen);
  assert.equal(await client.code('read_file', { path: 'met.txt' }), 'ok');
  assert.equal(await client.code('write_file', { path: 'met.txt', text: 'mine\n' }), 'base_needed');
  const deleted = { kind: 'delete', path: 'met.txt' };
  assert.equal(await client.code('change_files', { changes: [deleted] }), 'base_needed');
}

/** A world that is of another version, does not answer, or lets the agent in no more. */
async function failures(
  t: TestContext,
  lab: ToolsLab,
  mode: Mode,
  seen: Set<string>,
): Promise<void> {
  const serve = (session: WorldSession) => Served.connect(t, toolsOf(session), mode, seen);
  const viewer = await serve(
    await lab.lab.enter(await lab.lab.join({ kind: 'agent', role: 'viewer' })),
  );
  assert.equal(await viewer.code('write_file', { path: 'new.txt', text: 'x' }), 'forbidden');

  if (lab.lab.server.embedded) {
    const first = await openFirstWorld(t);
    const old = await serve(await first.enter(first.owner));
    const made = ['x.txt', 'y.txt'].map((path) => ({ kind: 'create', path, text: 'x' }));
    assert.equal(await old.code('change_files', { changes: made }), 'upgrade_needed');
    assert.equal(await old.code('read_file', { path: 'x.txt' }), 'no_such_file', 'half done');
  }

  const address = new URL(lab.lab.server.uri);
  const proxy = await startCuttingProxy(Number(address.port || 80));
  t.after(() => proxy.close());
  address.port = String(proxy.port);
  const clock = new ManualClock(Date.now());
  const self = await lab.lab.join({ kind: 'agent' });
  const cut = await lab.lab.enter(self, { uri: address.href, clock });
  const slow = await serve(cut);
  assert.equal(await slow.code('read_file', { path: 'met.txt' }), 'ok');
  const owner = await lab.owner();
  proxy.losesAnswers = true;
  const edited = slow.edit('met.txt', 'three', 'THREE');
  const { view } = owner.session;
  await whenever(owner.session, () => view.fileAt('met.txt')?.version === 3);
  clock.pass(25_000);
  assert.equal(await edited, 'unanswered');
  cut.close();
  assert.equal(await slow.code('list_files', {}), 'offline');

  const gone = await lab.lab.join({ kind: 'agent' });
  const session = await lab.lab.enter(gone);
  const removed = await serve(session);
  const isOut = new Promise<void>((resolve) => {
    session.onState(({ tag }) => void (tag === 'refused' && resolve()));
  });
  await removeMember(owner.session, gone.identity);
  await isOut;
  const told = await removed.tell('list_files', {});
  assert.equal(told.code, 'removed');
  assert.match(told.next.join(' '), /Tell the person/);

  const waiting = await serve(owner.session);
  const asked = waiting.tell('news', { wait: true, seconds: 25 });
  await lab.lab.deleteWorld();
  assert.equal((await asked).code, 'no_such_world');
  assert.equal(await waiting.code('list_files', {}), 'no_such_world');
  const file = { path: 'late.txt', text: 'x' };
  assert.match((await waiting.tell('write_file', file)).message, /not at its server any more/);
}

async function codesOf(): Promise<readonly string[]> {
  const file = new URL('../../src/agents/tools/answer.ts', import.meta.url);
  const union = /export type ToolCode =([\s\S]*?);\n/.exec(await readFile(file, 'utf8'))![1]!;
  return [...union.matchAll(/\| '([a-z_]+)'/g)].map(([, code]) => code!);
}

async function putBytes({ session }: ToolUser, path: string, bytes: Uint8Array): Promise<void> {
  const opId = newUuid(Date.now(), systemRandomBytes);
  const content = { kind: 'binary', eol: 'lf', bom: false, text: '', bytes };
  const args = { author: '', file: { opId, path, mode: 'regular', content } };
  assert.equal((await session.deliver('create_file', args, [opId])).tag, 'judged');
}
