import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { replace } from '../../src/core/change.ts';
import { DEFAULT_LIMITS } from '../../src/core/limits.ts';
import type { ReducerArguments, ReducerName } from '../../src/world/bindings.ts';
import { systemClock } from '../../src/world/clock.ts';
import { type Decision, decideTicket } from '../../src/world/decide-ticket.ts';
import { fileIdentityStore } from '../../src/world/identities.ts';
import { silentLog } from '../../src/world/log.ts';
import { readTicket } from '../../src/world/read-ticket.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import type { Ticket } from '../../src/world/world-rows.ts';
import { openWorld, type WorldSession } from '../../src/world/world-session.ts';
import { InstalledCommand } from '../harness/installed-command.ts';
import { newId, newOp, newTextFile } from '../harness/world-stage.ts';
import { caughtUp } from './world-lab.ts';

/** The largest thing of every kind that a world takes, on its way through everything. */

const { textFileBytes, binaryFileBytes, noteLength, nameLength, scopesPerMember } = DEFAULT_LIMITS;
/** Every third byte is one that JSON has as two: a batch of it fills what a call may add to the history. */
const LINE = `${'a"b'.repeat(21)}\n`;
const LONGEST_TEXT = LINE.repeat(Math.floor(textFileBytes / LINE.length));
const HELD = ['h1', 'h2', 'h3', 'h4', 'h5'];

let agentWorld: InstalledCommand;
let home: string;
let folder: string;
let archive: string;
let session: WorldSession;

before(async () => {
  agentWorld = await InstalledCommand.install();
  home = agentWorld.home('home');
  folder = path.join(agentWorld.place, 'project');
  archive = path.join(agentWorld.place, 'project.world');
  await mkdir(folder);
  await writeFile(path.join(folder, 'long.txt'), LONGEST_TEXT);
  await writeFile(path.join(folder, 'line.txt'), 'x'.repeat(textFileBytes));
  await writeFile(path.join(folder, 'bytes.bin'), new Uint8Array(binaryFileBytes));
  for (const name of HELD) await writeFile(path.join(folder, name), 'one\ntwo\n');
  for (const name of ['escaped', 'edited', 'patched']) {
    await writeFile(path.join(folder, name), 'one\ntwo\n');
  }
  const git = promisify(execFile);
  await git('git', ['init', '-q', folder]);
  const { uri, database } = await agentWorld.json(home, 'open', folder);
  const self = await fileIdentityStore(home).read('embedded', 'person');
  const surroundings = { clock: systemClock, random: Math.random, log: silentLog };
  session = openWorld({
    uri: String(uri),
    database: String(database),
    self: self!,
    ...surroundings,
  });
  await session.whenOnline();
});

after(async () => {
  session.close();
  await agentWorld.dispose();
});

test('each is written', async () => {
  // Both whole: what was there, and what takes its place.
  await edit(['edited'], LONGEST_TEXT.slice(0, -8));
  for (const name of [...HELD, 'escaped', 'patched']) await edit([name], 'ONE');
  assert.equal(await edit(HELD, LONGEST_TEXT.slice(0, -16), 1), 'ticket', 'a batch of 20 MiB');
  // One control character is six in the JSON of the history.
  assert.equal(await edit(['escaped'], '\u0001'.repeat(textFileBytes - 64), 1), 'ticket');
  assert.equal(await edit(['patched'], 'TWO', 1), 'ticket');
  const wide = '漢'.repeat(nameLength);
  await call('rename_world', { name: wide });
  const profile = { displayName: wide, gitName: wide, gitEmail: wide, color: 'a'.repeat(64) };
  await call('set_profile', profile);
  const text = '漢'.repeat(noteLength);
  await call('add_note', { opId: newId(), kind: 'message', to: '', text });
  await call('add_note', { opId: newId(), kind: 'checkpoint', to: '', text });
  await call('set_policy', {
    policyMode: 'auto',
    lockPolicy: 'enforce',
    limits: JSON.stringify(DEFAULT_LIMITS),
  });
  const { fileId } = head('long.txt');
  const claim = { fileId, version: 1, firstLine: 0, lastLine: 60_000 };
  await call('acquire_soft_lock', {
    ...claim,
    requestId: newId(),
    reason: wide,
    durationMs: 60_000,
  });
  await call('checkpoint_file', { fileId: head('edited').fileId });
  const longPath = `${'d'.repeat(254)}/`.repeat(4).slice(0, 1019);
  await call('create_file', { author: '', file: newTextFile(longPath, 'deep\n') });
  const globs = Array.from({ length: scopesPerMember }, (_, nth) => `${nth}`.padEnd(128, 'x'));
  const invite = await agentWorld.json(home, 'invite', folder, '--scope', globs.join(','));
  assert.ok(invite);
});

test('what is a byte longer is refused, and changes nothing', async () => {
  const tooLong = 'x'.repeat(textFileBytes + 1);
  assert.equal(await edit(['edited'], tooLong), 'too_large');
  const file = newTextFile('more.txt', tooLong);
  assert.equal(await edit(['edited'], 'once more', 1).then(() => 'ok'), 'ok');
  const answer = await session.call('create_file', { author: '', file });
  assert.equal(answer.tag === 'refused' && answer.refusal.code, 'too_large');
});

test('each conflict is read as it was sent', async () => {
  await caughtUp(session);
  const link = await session.whenOnline();
  const tickets = [...session.view.tickets.values()].sort((a, b) => a.ticketId - b.ticketId);
  const wholes = await Promise.all(tickets.map((ticket) => readTicket(link, ticket)));
  const texts = wholes.map((whole) => whole!.parts.map(({ proposed }) => proposed[0]!.text.length));
  const held = LONGEST_TEXT.length - 16;
  assert.deepEqual(texts.slice(0, 2), [HELD.map(() => held), [textFileBytes - 64]]);
});

test('each is decided; one stays open for what comes', async () => {
  const [held, , patched] = [...session.view.tickets.values()].sort(
    (a, b) => a.ticketId - b.ticketId,
  );
  const decide = async (ticket: Ticket, decision: Decision): Promise<void> => {
    const answer = await decideTicket(session, ticket, decision, systemRandomBytes);
    assert.equal(answer.tag, 'judged', JSON.stringify(answer).slice(0, 300));
    await caughtUp(session);
  };
  const changes = [
    replace({ line: 0, character: 0 }, { line: 0, character: 3 }, LONGEST_TEXT.slice(0, -16)),
  ];
  await decide(patched!, { resolution: 'patch', changes });
  await decide(held!, { resolution: 'rebase' });
});

test('it is backed up', async () => {
  await succeeds(home, 'backup', folder, archive);
});

test('it is restored, with its conflicts, and verifies there', async () => {
  const other = agentWorld.home('other');
  const place = path.join(agentWorld.place, 'again');
  await succeeds(other, 'restore', archive, '--folder', place);
  await succeeds(other, 'verify', place);
  const shown = await succeeds(other, 'tickets', place, '--json', '--text');
  assert.ok(shown.length > 0);
  const text = await readFile(path.join(place, 'h1'), 'utf8');
  assert.equal(text.length, LONGEST_TEXT.length - 16 + '\ntwo\n'.length);
  assert.equal((await readFile(path.join(place, 'bytes.bin'))).length, binaryFileBytes);
});

test('its history is listed, and it is exported', async () => {
  await succeeds(home, 'history', folder);
  await succeeds(
    home,
    'export',
    folder,
    '--allow',
    'tickets,claims,secrets,outside',
    '--message',
    'm'.repeat(60_000),
  );
});

test('it moves to another server', async () => {
  const there = agentWorld.home('there');
  await succeeds(there, 'host', 'start');
  const { uri } = JSON.parse(await readFile(path.join(there, 'host.json'), 'utf8')) as {
    readonly uri: string;
  };
  session.close();
  await succeeds(home, 'move', folder, '--to', uri);
});

/** Puts a text in the place of the first three characters of each file; says what it came to. */
async function edit(paths: readonly string[], text: string, version?: number): Promise<string> {
  await caughtUp(session);
  const changes = [replace({ line: 0, character: 0 }, { line: 0, character: 3 }, text)];
  const ops = paths.map((each) => {
    const { fileId, version: newest } = head(each);
    return newOp(fileId, version ?? newest, changes, { intent: 'patch' });
  });
  const batch = { batchId: newId(), extends: 0, ops };
  const opIds = ops.map(({ opId }) => opId);
  const answer = await session.deliver('apply_file_ops', { batch }, opIds);
  if (answer.tag === 'refused') return answer.refusal.code;
  assert.ok(answer.tag === 'judged');
  return answer.outcomes[0]!.outcome;
}

async function call<Name extends ReducerName>(
  name: Name,
  args: ReducerArguments<Name>,
): Promise<void> {
  const answer = await session.call(name, args, { timeoutMs: 120_000 });
  assert.equal(answer.tag, 'done', `${name}: ${JSON.stringify(answer)}`);
}

function head(name: string) {
  return session.view.fileAt(name)!;
}

async function succeeds(where: string, ...args: readonly string[]): Promise<string> {
  const { code, out, err } = await agentWorld.run(where, ...args);
  assert.equal(code, 0, `${args[0]!}: ${err.slice(0, 500)}${out.slice(-300)}`);
  return out;
}
