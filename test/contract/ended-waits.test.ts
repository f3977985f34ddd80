// Whatever is waited for ends with what it waits for: a connection that is cut, a session that is closed, a world that
// refuses, a signal that has aborted. Nothing is asked for ever.
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { replace } from '../../src/core/change.ts';
import { decided } from '../../src/editor/ticket-decision.ts';
import { TicketTexts } from '../../src/editor/ticket-texts.ts';
import { decideTicket } from '../../src/world/decide-ticket.ts';
import { FileFeed } from '../../src/world/file-feed.ts';
import { readFile as readWorldFile } from '../../src/world/file-reader.ts';
import { newIdentity } from '../../src/world/identities.ts';
import { createInvite } from '../../src/world/invite.ts';
import { joinWorld } from '../../src/world/join.ts';
import { LinkFailure } from '../../src/world/link-failure.ts';
import { openLink } from '../../src/world/open-link.ts';
import { readFileOps } from '../../src/world/read-file-ops.ts';
import { readHeadSeq } from '../../src/world/read-head.ts';
import { readTicket } from '../../src/world/read-ticket.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import type { Ticket } from '../../src/world/world-rows.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { startCuttingProxy } from '../harness/cutting-proxy.ts';
import { KeptFolder } from '../harness/term-lab.ts';
import { newId, newOp } from '../harness/world-stage.ts';
import { caughtUp, profileOf, whenever, WorldLab } from './world-lab.ts';

/** Its texts are in rows of their own. */
const LONG = 200_000;

test('what is asked while the connection is cut, at whatever moment, is answered or ended', async (t) => {
  const { session, proxy, ticket } = await conflict(t);
  const { fileId } = ticket;
  const texts = new TicketTexts(session, () => undefined);
  for (let turns = 0; turns < 40; turns++) {
    const link = await session.whenOnline();
    const feed = new FileFeed(session, fileId, 1);
    const ofLink = Promise.allSettled([
      readHeadSeq(link),
      readWorldFile(link, session.view, fileId, 1),
      readFileOps(link, fileId, 0, 2),
      readTicket(link, ticket),
      feed.whenConnected(),
      link.subscribe(['SELECT * FROM log_head']),
    ]);
    texts.forget(ticket.ticketId);
    const ofSession = Promise.all([texts.read(ticket), session.call('renew_leases', {})]);
    for (let left = turns; left > 0; left--) await turn();
    proxy.cut();
    for (const { status, ...ended } of await ofLink) {
      const { reason } = ended as { readonly reason?: unknown };
      assert.ok(status === 'fulfilled' || reason instanceof LinkFailure, String(reason));
    }
    await ofSession;
    feed.close();
  }
});

test('a decision is carried out though the connection ends while what it is about is read', async (t) => {
  const { session, proxy, ticket } = await conflict(t);
  proxy.losesAnswers = true;
  const deciding = decideTicket(session, ticket, { resolution: 'rebase' }, systemRandomBytes);
  await turn();
  proxy.losesAnswers = false;
  proxy.cut();
  assert.equal((await deciding).tag, 'judged');
  await caughtUp(session);
  assert.equal(session.view.tickets.size, 0);
});

test('a decision about which the world says nothing any more is told as such', async (t) => {
  const { session, proxy, ticket } = await conflict(t);
  const decide = () => decided(session, ticket, { resolution: 'rebase' }, systemRandomBytes);
  proxy.refuses = true;
  const deciding = decide();
  proxy.cut();
  await whenever(session, () => session.state.tag === 'offline');
  assert.deepEqual(await decide(), { tag: 'not_connected' });
  session.close();
  assert.deepEqual(await deciding, { tag: 'failed', message: 'The session was closed' });
});

test('what nobody wants any more is not asked', async (t) => {
  const lab = await WorldLab.open(t);
  const session = await lab.enter(lab.owner);
  const { link } = session;
  const signal = AbortSignal.abort();
  const note = { opId: newId(), kind: 'message', to: '', text: 'unwanted' };
  const answer = await link!.call('add_note', note, { signal });
  assert.deepEqual(answer, { tag: 'unanswered', why: 'cancelled' });
  await caughtUp(session);
  assert.equal(session.view.notes.size, 0);
  const { token } = lab.owner;
  const wish = { ...lab.options, token, timeoutMs: 60_000, signal, onEnd: () => undefined };
  await assert.rejects(openLink({ ...wish, uri: lab.server.uri }), LinkFailure);
});

test('who waits for a file that nobody follows any more is told', async (t) => {
  const { session, proxy, ticket } = await conflict(t);
  proxy.losesAnswers = true;
  const feed = new FileFeed(session, ticket.fileId, 1);
  const connected = feed.whenConnected();
  feed.close();
  await assert.rejects(connected, LinkFailure);
  await assert.rejects(feed.whenConnected(), LinkFailure);
});

test('who was refused and is let in gets all that they came for', async (t) => {
  const lab = await WorldLab.open(t);
  const { uri } = lab.server;
  const { database } = lab;
  const self = await newIdentity(uri);
  const session = lab.begin(self);
  await assert.rejects(session.whenOnline(), { code: 'not_a_member' });
  await assert.rejects(session.whenLetIn(AbortSignal.abort()), { code: 'cancelled' });
  const waiting = session.whenLetIn();
  const place = path.join(lab.folder, 'kept');
  await mkdir(path.join(place, 'folder'), { recursive: true });
  const keeping = KeptFolder.keep(session, place);
  lab.endsFirst(async () => (await keeping).close());

  const owner = await lab.agent();
  await owner.create('a.md', 'one\n');
  const terms = { kind: 'human', role: 'editor', capabilities: ['edit'], pathScope: [] } as const;
  const inviter = await lab.enter(lab.owner);
  const invite = { ...terms, uses: 1, expiresAtMs: Date.now() + 60_000 };
  const { secret } = await createInvite(inviter, uri, invite, systemRandomBytes);
  await joinWorld({ uri, database, secret, self, profile: profileOf('Ada') });
  session.retryNow();
  assert.equal(await waiting, session.link);
  const { folder } = await keeping;
  assert.equal(await readFile(path.join(folder, 'a.md'), 'utf8'), 'one\n');
});

test('who waits to be let in, and leaves, is told', async (t) => {
  const lab = await WorldLab.open(t);
  const session = lab.begin(await newIdentity(lab.server.uri));
  await assert.rejects(session.whenOnline(), { code: 'not_a_member' });
  const waiting = session.whenLetIn();
  session.close();
  await assert.rejects(waiting, { code: 'closed' });
});

/** A member behind a proxy, and a long edit that waits for a decision. */
async function conflict(t: TestContext) {
  const lab = await WorldLab.open(t);
  const address = new URL(lab.server.uri);
  const proxy = await startCuttingProxy(Number(address.port || 80));
  t.after(() => proxy.close());
  address.port = String(proxy.port);
  const session = await lab.enter(await lab.join(), { uri: address.href });
  const other = await lab.agent();
  await other.create('a.md', 'one\n');
  await caughtUp(session);
  await edit(session, 'ONE');
  await edit(session, 'x'.repeat(LONG));
  await caughtUp(session);
  const [ticket] = session.view.tickets.values();
  return { session, proxy, ticket: ticket as Ticket };
}

/** Replaces the word that the file had at first. */
async function edit(session: WorldSession, text: string): Promise<void> {
  const { fileId } = session.view.fileAt('a.md')!;
  const changes = [replace({ line: 0, character: 0 }, { line: 0, character: 3 }, text)];
  const op = newOp(fileId, 1, changes);
  const batch = { batchId: newId(), extends: 0, ops: [op] };
  const answer = await session.deliver('apply_file_ops', { batch }, [op.opId]);
  assert.equal(answer.tag, 'judged', JSON.stringify(answer).slice(0, 300));
}
