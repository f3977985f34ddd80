import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { replace } from '../../src/core/change.ts';
import { TicketTexts } from '../../src/editor/ticket-texts.ts';
import { decideTicket } from '../../src/world/decide-ticket.ts';
import { readTicket, readTicketPart } from '../../src/world/read-ticket.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import type { Ticket } from '../../src/world/world-rows.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { CountingProxy } from '../harness/counting-proxy.ts';
import { newId, newOp } from '../harness/world-stage.ts';
import { caughtUp, WorldLab } from './world-lab.ts';

/** Five of them are 19 MB. */
const LONG = 3_984_588;
const FILES = ['a.md', 'b.md', 'c.md', 'd.md', 'e.md'];

let lab: WorldLab;
let ada: AgentSession;
let bot: AgentSession;
const ending: (() => Promise<void>)[] = [];

before(async () => {
  lab = await WorldLab.open({ after: (end: () => Promise<void>) => ending.push(end) });
  ada = await lab.agent();
  bot = await lab.agent({ kind: 'agent' });
  for (const path of FILES) await ada.create(path, 'one\ntwo\n');
  await caughtUp(ada.session, bot.session);
  for (const path of FILES) await edit(ada.session, [path], 'ONE');
});

after(async () => {
  for (const end of ending) await end();
});

test('three refused edits of 19 MB do not reach who only connects, and are read by who looks', async () => {
  const texts = ['x', 'y', 'z'].map((letter) => letter.repeat(LONG));
  for (const text of texts) await edit(bot.session, FILES, text, 1);
  const proxy = await CountingProxy.open(lab.server.uri);
  const session = await lab.enter(await lab.join(), { uri: proxy.uri });
  assert.equal(session.view.tickets.size, 3);
  assert.ok(proxy.receivedBytes < 64 * 1024, `${proxy.receivedBytes} bytes to connect`);
  const link = await session.whenOnline();
  const [ticket] = ticketsOf(session);
  const whole = await readTicket(link, ticket!);
  assert.deepEqual(
    whole!.parts.map(({ proposed }) => proposed[0]!.text === texts[0]),
    FILES.map(() => true),
  );
  session.close();
  await proxy.close();
});

test('a text is shown as it is by now, while others go on writing', async () => {
  const [ticket] = ticketsOf(ada.session);
  const { fileId } = ticket!;
  const link = await ada.session.whenOnline();
  const reading = readTicketPart(link, ticket!, fileId);
  await edit(ada.session, ['a.md'], 'above\nONE');
  const first = await reading;
  assert.ok(first!.headText === 'ONE' || first!.headText === 'above\nONE');
  await caughtUp(ada.session);
  const then = await readTicketPart(link, ada.session.view.tickets.get(ticket!.ticketId)!, fileId);
  assert.equal(then!.headText, 'above\nONE');
});

test('an agent reads the texts of its ticket', async () => {
  await caughtUp(bot.session);
  const [row] = bot.tickets();
  assert.equal(row!.parts[0]!.proposed.length, 0, 'they are not in the row');
  const whole = await bot.ticket(row!.ticketId);
  assert.equal(whole!.parts[0]!.proposed[0]!.text.length, LONG);
  assert.equal(await bot.ticket(999_999), undefined);
});

test('in the editor texts are read when somebody looks, and it is told that they are, or why they are not', async () => {
  const session = await lab.enter(await lab.join());
  const [ticket, other] = ticketsOf(session);
  const read: number[] = [];
  const texts = new TicketTexts(session, (ticketId) => read.push(ticketId));
  assert.equal(texts.known(ticket!).state.tag, 'unread');
  assert.equal(texts.look(ticket!).state.tag, 'reading');
  await texts.read(ticket!);
  const { part, state } = texts.known(ticket!);
  assert.equal(state.tag, 'here');
  assert.equal(part!.proposed[0]!.text.length, LONG);
  assert.deepEqual(read, [ticket!.ticketId]);
  session.close();
  await texts.read(other!);
  const failed = texts.known(other!);
  assert.ok(failed.state.tag === 'failed' && failed.state.message !== '');
  assert.equal(failed.part!.proposedText, '', 'the place is known all the same');
  assert.equal(texts.known(ticket!).state.tag, 'here', 'what was read stays');
});

test('any of the three decisions is taken', async () => {
  await caughtUp(ada.session);
  const [first, second, third] = ticketsOf(ada.session);
  const decide = (ticket: Ticket, decision: Parameters<typeof decideTicket>[2]) =>
    decideTicket(ada.session, ticket, decision, systemRandomBytes);
  assert.equal((await decide(first!, { resolution: 'accept_head' })).tag, 'judged');
  const place = second!.parts.find(({ fileId }) => fileId === second!.fileId)!;
  const start = { line: place.startLine, character: place.startCharacter };
  const end = { line: place.endLine, character: place.endCharacter };
  const changes = [replace(start, end, 'patched')];
  const patched = await decide(second!, { resolution: 'patch', changes });
  assert.equal(patched.tag, 'judged', JSON.stringify(patched).slice(0, 300));
  await caughtUp(ada.session);
  assert.match(await textOf('a.md'), /^patched/);
  assert.equal((await textOf('e.md')).length, 'two\n'.length + LONG + 1);
  const last = ada.session.view.tickets.get(third!.ticketId)!;
  const rebased = await decide(last, { resolution: 'rebase' });
  assert.equal(rebased.tag, 'judged', JSON.stringify(rebased).slice(0, 300));
  await caughtUp(ada.session);
  assert.equal((await textOf('e.md'))[0], 'z');
  assert.equal(ada.session.view.tickets.size, 0);
});

function ticketsOf({ view }: WorldSession): Ticket[] {
  return [...view.tickets.values()].sort((a, b) => a.ticketId - b.ticketId);
}

/** Puts a text in the place of the first three characters of each file, as they are or were. */
async function edit(
  session: WorldSession,
  paths: readonly string[],
  text: string,
  version?: number,
): Promise<void> {
  await caughtUp(session);
  const changes = [replace({ line: 0, character: 0 }, { line: 0, character: 3 }, text)];
  const ops = paths.map((path) => {
    const head = session.view.fileAt(path)!;
    return newOp(head.fileId, version ?? head.version, changes);
  });
  const batch = { batchId: newId(), extends: 0, ops };
  const opIds = ops.map(({ opId }) => opId);
  const answer = await session.deliver('apply_file_ops', { batch }, opIds);
  assert.equal(answer.tag, 'judged', JSON.stringify(answer).slice(0, 300));
}

async function textOf(path: string): Promise<string> {
  const read = await ada.read(path);
  return read.tag === 'text' ? read.text.toString() : read.tag;
}
