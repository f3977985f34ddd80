import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ArchiveVerifier } from '../../../src/core/log-archive.ts';
import { apartBytes, TICKET_TEXTS } from '../../../src/core/ticket-texts.ts';
import { nativeHash } from '../../../src/world/native-hash.ts';
import { archiveOf } from '../../harness/archive-of.ts';
import { assertSameWorld, forged, restored } from './imported-world.ts';
import { change, decodeRow, encodeRow, type Row, TestWorld } from './test-world.ts';
import { wholeTicket } from './whole-ticket.ts';

const MIB = 1024 * 1024;

test('the texts of a small ticket are in its row, as they were in 0.1.0', async () => {
  const { world, robot, fileId } = await disputedWorld();
  const ticket = refusedEdit(world, robot, [fileId], 'theirs');
  assert.equal(ticket.parts[0]!.proposedText, 'theirs');
  assert.equal(ticket.parts[0]!.headText, 'ONE');
  assert.equal(ticket.parts[0]!.baseText, 'one');
  assert.deepEqual(world.rows('ticket_text'), []);
});

test('three refused edits of 19 MB make three rows of at most 16 KiB', async () => {
  const { world, robot } = await disputedWorld();
  const files = ['b', 'c', 'd', 'e', 'f'].map((name) => disputedFile(world, `${name}.txt`));
  for (let nth = 0; nth < 3; nth++) {
    const text = `${nth}`.repeat(3.8 * MIB);
    const ticket = refusedEdit(world, robot, files, text);
    const { parts } = wholeTicket(world, ticket);
    assert.deepEqual(
      parts.map((part) => part.changes[0]!.text === text && part.proposed[0]!.text === text),
      files.map(() => true),
    );
  }
  assertRowsShort(world);
  const pieces = world.runtime.datastore.table('ticket_text')!.allRows();
  assert.ok(pieces.every(({ bytes }) => bytes.length <= 256 * 1024));
});

test('an edit with more text than a file can have is refused, and makes no ticket', async () => {
  const { world, robot, fileId } = await disputedWorld();
  const changes = [change(0, 0, 0, 3, 'x'.repeat(4 * MIB + 1))];
  assert.equal(world.edit(robot, fileId, 1, changes).code, 'too_large');
  // Piece by piece it is no shorter.
  const half = 'x'.repeat(2 * MIB + 1);
  const ops = [
    world.op(fileId, 1, [change(0, 0, 0, 3, half)]),
    world.op(fileId, 0, [change(0, 0, 0, 0, half)]),
  ];
  const batch = { batchId: world.nextId(), extends: 0, ops };
  assert.equal(world.call(robot, 'apply_file_ops', { batch }).code, 'too_large');
  assert.deepEqual(world.rows('conflict_ticket'), []);
});

test('a ticket of very many files names some in its row, and proposes for all', async () => {
  const { world, robot, fileId } = await disputedWorld();
  const files = Array.from({ length: 400 }, (_, nth) => disputedFile(world, `many/${nth}.txt`));
  const ticket = refusedEdit(world, robot, [...files, fileId], 'y'.repeat(20));
  assert.equal(ticket.parts.length, TICKET_TEXTS.partsInRow);
  assert.ok(ticket.parts.some((part) => part.fileId === ticket.fileId));
  assertRowsShort(world);
  const { parts } = wholeTicket(world, ticket);
  assert.deepEqual(
    parts.map((part) => part.fileId),
    [...files, fileId],
  );
  const { code } = resolve(world, ticket, 'rebase');
  assert.equal(code, 'ok');
  assert.equal(world.text(files[399]!), `${'y'.repeat(20)}\ntwo\n`);
});

test('texts that are apart move with what others write, and the row stays short', async () => {
  const { world, robot, fileId } = await disputedWorld();
  const text = 'z'.repeat(100_000);
  const { ticketId } = refusedEdit(world, robot, [fileId], text);
  const { version } = world.headOf(fileId);
  world.edit(world.owner, fileId, version, [change(0, 0, 0, 0, 'above\n')]);
  const row = world.ticket(ticketId);
  assert.equal(row.parts[0]!.startLine, 1, 'the row tells the place');
  const [part] = wholeTicket(world, row).parts;
  assert.equal(part!.startLine, 1);
  assert.equal(part!.changes[0]!.text, text);
  // What others write between the two ends is what would give way.
  world.edit(world.owner, fileId, version + 1, [change(1, 1, 1, 1, '+')]);
  const [grown] = wholeTicket(world, world.ticket(ticketId)).parts;
  assert.equal(grown!.headText, 'O+NE');
  assertSameWorld(await restored(world), world);
});

test('moving a ticket with long texts does not write them again', async () => {
  const { world, robot, fileId } = await disputedWorld();
  refusedEdit(world, robot, [fileId], 'z'.repeat(2 * MIB));
  const { version } = world.headOf(fileId);
  const result = world.edit(world.owner, fileId, version, [change(0, 0, 0, 0, 'above\n')]);
  assert.ok(result.loggedBytes < 8 * 1024, `${result.loggedBytes} bytes for a line`);
});

test('texts come back into the row when it is short again, and go out when it is not', async () => {
  const { world, robot, fileId } = await disputedWorld();
  const { ticketId } = refusedEdit(world, robot, [fileId], 'short');
  const isApart = (): boolean => apartBytes(world.ticket(ticketId).payload) !== undefined;
  const say = (text: string): void => {
    const changes = [change(0, 0, 0, 3, text)];
    const batch = {
      batchId: world.nextId(),
      extends: ticketId,
      ops: [world.op(fileId, 1, changes)],
    };
    world.mustCall(robot, 'apply_file_ops', { batch });
  };
  assert.equal(isApart(), false);
  say('long '.repeat(4000));
  assert.equal(isApart(), true);
  say('short again');
  assert.equal(isApart(), false);
  assert.deepEqual(world.rows('ticket_text'), []);
  assert.equal(world.ticket(ticketId).parts[0]!.proposedText, 'short again');
  // The head's text grows under it.
  const { version } = world.headOf(fileId);
  world.edit(world.owner, fileId, version, [change(0, 1, 0, 1, 'h'.repeat(20_000))]);
  assert.equal(isApart(), true);
  assertSameWorld(await restored(world), world);
});

test('a client of 0.1.0 cannot decide what it cannot show; one of today can', async () => {
  const { world, robot, fileId } = await disputedWorld();
  const ticket = refusedEdit(world, robot, [fileId], 'z'.repeat(20_000));
  const { version } = world.headOf(fileId);
  const decided = {
    opId: world.nextId(),
    ticketId: ticket.ticketId,
    expectedHeadVersion: version,
    resolution: 'rebase',
    parts: [],
  };
  assert.equal(world.call(world.owner, 'resolve_conflict', decided).code, 'upgrade_needed');
  assert.equal(world.ticket(ticket.ticketId).status, 'open');
  const again = { ...decided, opId: world.nextId() };
  assert.equal(world.call(world.owner, 'resolve_ticket', again).code, 'ok');
  assert.equal(world.text(fileId), `${'z'.repeat(20_000)}\ntwo\n`);
});

test('a closed ticket keeps no long texts: the history has them', async () => {
  const { world, robot, fileId } = await disputedWorld();
  for (const resolution of ['accept_head', 'rebase'] as const) {
    const ticket = refusedEdit(world, robot, [fileId], 'z'.repeat(MIB));
    assert.equal(resolve(world, ticket, resolution).code, 'ok');
    assert.equal(world.ticket(ticket.ticketId).status, 'resolved');
  }
  const kept = world.runtime.datastore.table('ticket_text')!.allRows();
  assert.ok(kept.reduce((sum, { bytes }) => sum + bytes.length, 0) < 1024);
  assertSameWorld(await restored(world), world);
});

test('who adds to a closed ticket with long texts opens another one', async () => {
  const { world, robot, fileId } = await disputedWorld();
  const ticket = refusedEdit(world, robot, [fileId], 'z'.repeat(20_000));
  resolve(world, ticket, 'accept_head');
  const ops = [world.op(fileId, 1, [change(0, 0, 0, 3, 'more '.repeat(5000))])];
  const batch = { batchId: world.nextId(), extends: ticket.ticketId, ops };
  world.mustCall(robot, 'apply_file_ops', { batch });
  const opened = world.rows('conflict_ticket').find(({ extends: of }) => of === ticket.ticketId);
  assert.equal(opened?.status, 'open');
  assertSameWorld(await restored(world), world);
});

test('maintenance gives tickets of 0.1.0 the form of today, and does so once', async () => {
  const { world, robot, fileId } = await disputedWorld();
  const texts = ['open', 'closed'].map((name) => `${name} `.repeat(20_000));
  const [open, closed] = texts.map((text) => refusedEdit(world, robot, [fileId], text));
  const whole = [open!, closed!].map((ticket) => wholeTicket(world, ticket));
  resolve(world, closed!, 'accept_head');
  const today = { tickets: world.rows('conflict_ticket'), texts: world.rows('ticket_text') };
  // As 0.1.0 wrote them: everything in the row, and nothing elsewhere.
  const old = world.reopened(['ticket_text', 'tickets_moved'], (table, bytes) => {
    if (table !== 'conflict_ticket') return bytes;
    const row = decodeRow('conflict_ticket', bytes);
    const content = whole[[open!, closed!].findIndex(({ ticketId }) => ticketId === row.ticketId)];
    return encodeRow('conflict_ticket', { ...row, ...content } as Row<'conflict_ticket'>);
  });
  assert.equal(old.maintain().code, 'ok');
  assert.deepEqual(old.rows('conflict_ticket'), today.tickets);
  assert.deepEqual(bytesOf(old), bytesOf(world));
  assert.equal(old.rows('tickets_moved')[0]?.upTo, 0xffff_ffff, 'it need not look again');
  assert.equal(resolve(old, old.ticket(open!.ticketId), 'rebase').code, 'ok');
  assert.equal(old.text(fileId), `${texts[0]!}\ntwo\n`);
});

test('an edit of 17 MB that 0.1.0 refused is archived, verified and restored with its history', async () => {
  const { world, robot, fileId } = await disputedWorld();
  const { ticketId } = refusedEdit(world, robot, [fileId], 'theirs');
  const text = 'x'.repeat(17_000_000);
  const log = forged(world, ticketId, (payload) => payload.replace('theirs', text));
  const copy = await TestWorld.published();
  copy.mustCall(copy.owner, 'import_log', log);
  assertRowsShort(copy);
  assert.equal(wholeTicket(copy, copy.ticket(ticketId)).parts[0]!.proposed[0]!.text, text);
  const verifier = new ArchiveVerifier(nativeHash);
  assert.equal(verifier.push(archiveOf(copy)), undefined);
  assert.equal(verifier.finish(), undefined);
});

/** A world with a file whose first line an agent saw before the owner changed it. */
async function disputedWorld() {
  const world = await TestWorld.create();
  const robot = world.join('robot', { kind: 'agent' });
  return { world, robot, fileId: disputedFile(world, 'a.txt') };
}

function disputedFile(world: TestWorld, path: string): number {
  const fileId = world.createFile(world.owner, path, 'one\ntwo\n');
  world.edit(world.owner, fileId, 1, [change(0, 0, 0, 3, 'ONE')]);
  return fileId;
}

/** Has the agent put a text in the place of what it saw. */
function refusedEdit(
  world: TestWorld,
  robot: string,
  fileIds: readonly number[],
  text: string,
): Row<'conflict_ticket'> {
  world.nowMicros += 10_000_000n;
  const ops = fileIds.map((fileId) => world.op(fileId, 1, [change(0, 0, 0, 3, text)]));
  const batch = { batchId: world.nextId(), extends: 0, ops };
  const result = world.mustCall(robot, 'apply_file_ops', { batch });
  return world.ticket(result.inserted('op_outcome')[0]!.ticketId);
}

function resolve(world: TestWorld, ticket: Row<'conflict_ticket'>, resolution: string) {
  const parts = wholeTicket(world, ticket).parts.map(({ fileId }) => {
    return { fileId, expectedHeadVersion: world.headOf(fileId).version, changes: [] };
  });
  return world.call(world.owner, 'resolve_ticket', {
    opId: world.nextId(),
    ticketId: ticket.ticketId,
    expectedHeadVersion: world.headOf(ticket.fileId).version,
    resolution,
    parts,
  });
}

function assertRowsShort(world: TestWorld): void {
  for (const { bytes } of world.runtime.datastore.table('conflict_ticket')!.allRows()) {
    assert.ok(bytes.length <= TICKET_TEXTS.rowBytes, `a row of ${bytes.length} bytes`);
  }
}

function bytesOf(world: TestWorld): string[] {
  const rows = world.runtime.datastore.table('ticket_text')!.allRows();
  return rows.map(({ bytes }) => bytes.toString('hex')).sort();
}
