import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { Changes } from '../../src/core/change.ts';
import { type Actor, newId, newOp, textOf, WorldStage } from '../harness/world-stage.ts';

let stage: WorldStage;
let ann: Actor;
let bob: Actor;
let robot: Actor;
let counter = 0;

before(async () => {
  stage = await WorldStage.open();
  ann = await stage.join('Ann');
  bob = await stage.join('Bob');
  robot = await stage.join('Robot', { kind: 'agent' });
});

after(() => stage.close());

test('insisting on a refused edit puts it in the place of what won', async () => {
  const { fileId, ticketId } = await dispute('let x = foo;\n', [8, 11, 'bar'], [8, 11, 'baz']);
  const ticket = bob.ticket(ticketId);
  const [part] = ticket.parts;
  assert.deepEqual([part!.baseText, part!.headText, part!.proposedText], ['foo', 'bar', 'baz']);
  await bob.mustCall('resolve_conflict', decision(ticketId, 2, 'rebase'));
  assert.equal(textOf(bob, fileId), 'let x = baz;\n');
  const closed = bob.ticket(ticketId);
  assert.deepEqual([closed.status, closed.resolution], ['resolved', 'rebase']);
  const op = bob.rows('file_op').find((row) => row.opSeq === closed.resolutionOpSeq)!;
  assert.deepEqual([op.kind, op.overwrote], ['resolve', ticket.overlapping]);
});

test('accepting the head changes no text; by the author themselves it is a withdrawal', async () => {
  const { fileId, ticketId } = await dispute('abc\n', [0, 3, 'ABC'], [1, 2, '-']);
  await ann.mustCall('resolve_conflict', decision(ticketId, 2, 'accept_head'));
  assert.equal(textOf(ann, fileId), 'ABC\n');
  assert.deepEqual([ann.head(fileId).version, ann.ticket(ticketId).status], [2, 'resolved']);
  const own = await dispute('abc\n', [0, 3, 'ABC'], [1, 2, '-']);
  await bob.mustCall('resolve_conflict', decision(own.ticketId, 2, 'accept_head'));
  assert.equal(bob.ticket(own.ticketId).status, 'withdrawn');
});

test('a patch resolves by what it says, moved over what landed elsewhere meanwhile', async () => {
  const { fileId, ticketId } = await dispute('abc\ndef\n', [0, 3, 'ABC'], [1, 2, '-']);
  await ann.edit(fileId, 2, insert(1, 0, '> '));
  const parts = [{ fileId, expectedHeadVersion: 2, changes: plain(replace(0, 0, 3, 'A-C')) }];
  await ann.mustCall('resolve_conflict', { ...decision(ticketId, 2, 'patch'), parts });
  assert.equal(textOf(ann, fileId), 'A-C\n> def\n');
});

test('where others wrote on the disputed lines since, a decision is refused with the fresh text', async () => {
  const { fileId, ticketId } = await dispute('abc\ndef\n', [0, 3, 'ABC'], [1, 2, '-']);
  await ann.edit(fileId, 2, insert(0, 3, '!'));
  await bob.until(() => bob.head(fileId).version === 3);
  const before = bob.stateHash();
  const result = await bob.call('resolve_conflict', decision(ticketId, 2, 'rebase'));
  assert.equal(result.code, 'head_moved');
  const details = JSON.parse(result.message.split('\n')[1]!) as Record<string, unknown>;
  assert.deepEqual([details['headVersion'], details['fileId']], [3, fileId]);
  assert.equal(bob.stateHash(), before);
  assert.equal((await bob.call('resolve_conflict', decision(ticketId, 3, 'rebase'))).code, 'ok');
});

test('a ticket’s place moves with the text around it', async () => {
  const { fileId, ticketId } = await dispute('one\ntwo\nabc\n', [0, 3, 'ABC'], [1, 2, '-'], 2);
  await ann.edit(fileId, 2, insert(0, 0, 'zero\n'));
  await bob.until(() => bob.ticket(ticketId).parts[0]!.startLine === 3);
  await bob.mustCall('resolve_conflict', decision(ticketId, 3, 'rebase'));
  assert.equal(textOf(bob, fileId), 'zero\none\ntwo\n-\n');
});

test('who has no right to resolve may withdraw their own ticket and nothing else', async () => {
  const writer = await stage.join('Writer', { capabilities: ['edit'] });
  const fileId = await newFile('abc\n');
  await ann.edit(fileId, 1, replace(0, 0, 3, 'ABC'));
  const { outcomes } = await writer.edit(fileId, 1, replace(0, 1, 2, '-'));
  const { ticketId } = outcomes[0]!;
  const rebase = await writer.call('resolve_conflict', decision(ticketId, 2, 'rebase'));
  assert.equal(rebase.code, 'forbidden');
  const other = await dispute('abc\n', [0, 3, 'ABC'], [1, 2, '-']);
  const accept = decision(other.ticketId, 2, 'accept_head');
  assert.equal((await writer.call('resolve_conflict', accept)).code, 'forbidden');
  await writer.mustCall('resolve_conflict', decision(ticketId, 2, 'accept_head'));
});

test('edits that build on a refused one take its place in the ticket, and nothing is applied', async () => {
  const { fileId, ticketId } = await dispute('let x = foo;\n', [8, 11, 'bar'], [8, 11, 'baz']);
  const longer = newOp(fileId, 2, insert(0, 11, 'bazaar'));
  const { outcomes } = await bob.send([longer], ticketId);
  assert.deepEqual([outcomes[0]!.outcome, outcomes[0]!.ticketId], ['ticket', ticketId]);
  assert.equal(textOf(bob, fileId), 'let x = bar;\n');
  assert.equal(bob.ticket(ticketId).parts[0]!.proposedText, 'bazaar');
  const retry = await bob.send([longer], ticketId);
  assert.deepEqual(retry.outcomes, outcomes);
  assert.equal((await ann.send([newOp(fileId, 2, [])], ticketId)).code, 'forbidden');
  await bob.mustCall('resolve_conflict', decision(ticketId, 2, 'rebase'));
  assert.equal(
    textOf(bob, fileId),
    'let x = bazaar;\n',
    'it still replaces what it was in conflict with',
  );
});

test('edits that build on a closed ticket become one of their own', async () => {
  const { fileId, ticketId } = await dispute('abc\n', [0, 3, 'ABC'], [1, 2, '-']);
  await ann.mustCall('resolve_conflict', decision(ticketId, 2, 'accept_head'));
  const { outcomes } = await bob.send([newOp(fileId, 2, insert(0, 1, '--'))], ticketId);
  const next = bob.ticket(outcomes[0]!.ticketId);
  assert.notEqual(next.ticketId, ticketId);
  assert.deepEqual([next.extends, next.reason, next.status], [ticketId, 'extends', 'open']);
});

test('a range hash that no longer holds makes a ticket', async () => {
  const fileId = await newFile('one\ntwo\nthree\n');
  const hash = createHash('sha256').update('three').digest();
  const range = { startLine: 2, startCharacter: 0, endLine: 2, endCharacter: 5 };
  const rangeHashes = [{ ...range, hash: new Uint8Array(hash) }];
  await ann.edit(fileId, 1, insert(1, 0, 'x'));
  const kept = await bob.edit(fileId, 1, insert(0, 0, '- '), { rangeHashes });
  assert.equal(kept.outcomes[0]!.outcome, 'rebased');
  await ann.edit(fileId, 3, insert(2, 2, 'x'));
  const { outcomes } = await bob.edit(fileId, 3, insert(0, 0, '- '), { rangeHashes });
  assert.equal(bob.ticket(outcomes[0]!.ticketId).reason, 'range_changed');
});

test('a base that is too far behind becomes a ticket; a patch resolves it', async () => {
  const policy = { policyMode: 'auto', lockPolicy: 'enforce' };
  await stage.owner.mustCall('set_policy', { ...policy, limits: '{"staleOps":3}' });
  const fileId = await newFile('abc\n');
  for (let version = 1; version <= 4; version++) await ann.edit(fileId, version, insert(0, 0, 'x'));
  const { outcomes } = await bob.edit(fileId, 1, insert(0, 3, '!'));
  const ticket = bob.ticket(outcomes[0]!.ticketId);
  assert.equal(ticket.reason, 'too_stale');
  assert.deepEqual(ticket.parts[0]!.proposed, insert(0, 3, '!'), 'nothing of it is lost');
  const rebase = decision(ticket.ticketId, 5, 'rebase');
  assert.equal((await bob.call('resolve_conflict', rebase)).code, 'too_stale');
  const parts = [{ fileId, expectedHeadVersion: 5, changes: plain(insert(0, 7, '!')) }];
  await bob.mustCall('resolve_conflict', { ...decision(ticket.ticketId, 5, 'patch'), parts });
  assert.equal(textOf(bob, fileId), 'xxxxabc!\n');
  await stage.owner.mustCall('set_policy', { ...policy, limits: '' });
});

test('an agent is refused on claimed lines, a person is not', async () => {
  const fileId = await newFile('one\ntwo\nthree\n');
  await ann.mustCall('acquire_soft_lock', claim(fileId, 1, 1, 1));
  const result = await robot.edit(fileId, 1, insert(1, 1, 'x'));
  assert.equal(result.code, 'locked');
  const details = JSON.parse(result.message.split('\n')[1]!) as Record<string, unknown>;
  assert.equal(details['holder'], ann.identity);
  assert.ok(BigInt(String(details['expiresAtMicros'])) > BigInt(Date.now()) * 1000n);
  const whole = await robot.edit(fileId, 1, insert(1, 0, 'new\n'));
  assert.equal(whole.outcomes[0]!.outcome, 'applied', 'lines put in above touch nothing');
  assert.equal((await bob.edit(fileId, 2, insert(2, 1, 'x'))).outcomes[0]!.outcome, 'applied');
});

test('whole lines put strictly inside a claim touch it, below it they do not', async () => {
  const fileId = await newFile('one\ntwo\nthree\nfour\n');
  await ann.mustCall('acquire_soft_lock', claim(fileId, 1, 1, 2));
  assert.equal((await robot.edit(fileId, 1, insert(2, 0, 'new\n'))).code, 'locked');
  assert.equal((await robot.edit(fileId, 1, insert(3, 0, 'new\n'))).code, 'ok');
});

test('a claim moves with its text and is named on the version it was made on', async () => {
  const fileId = await newFile('one\ntwo\nthree\n');
  await bob.edit(fileId, 1, insert(0, 0, 'zero\n'));
  await ann.mustCall('acquire_soft_lock', claim(fileId, 1, 2, 2));
  const find = () => ann.rows('soft_lock').find((lock) => lock.fileId === fileId)!;
  assert.equal(find().firstLine, 3, '“three” stands a line lower by now');
  await bob.edit(fileId, 2, insert(0, 0, 'minus one\n'));
  await ann.until(() => find().firstLine === 4);
  assert.equal((await robot.edit(fileId, 3, insert(4, 1, 'x'))).code, 'locked');
  assert.equal((await robot.edit(fileId, 3, insert(3, 1, 'x'))).code, 'ok');
});

test('a claim can be renewed and given back, and binds nobody under advise', async () => {
  const fileId = await newFile('one\ntwo\n');
  const mine = claim(fileId, 1, 0, 0);
  await ann.mustCall('acquire_soft_lock', mine);
  const find = () => ann.rows('soft_lock').filter((lock) => lock.fileId === fileId);
  const expires = find()[0]!.expiresAt.microsSinceUnixEpoch;
  await ann.mustCall('acquire_soft_lock', { ...mine, durationMs: 120_000 });
  assert.equal(find().length, 1);
  assert.ok(find()[0]!.expiresAt.microsSinceUnixEpoch > expires);
  const policy = { policyMode: 'auto', limits: '' };
  await stage.owner.mustCall('set_policy', { ...policy, lockPolicy: 'advise' });
  assert.equal((await robot.edit(fileId, 1, insert(0, 1, 'x'))).code, 'ok');
  await stage.owner.mustCall('set_policy', { ...policy, lockPolicy: 'enforce' });
  await ann.mustCall('release_soft_lock', { lockId: find()[0]!.lockId });
  assert.equal((await robot.edit(fileId, 2, insert(0, 1, 'x'))).code, 'ok');
});

test('presence tells others every movement, and stores only the change of file', async () => {
  const fileId = await newFile('one\n');
  const at = (line: number) => ({
    fileId,
    version: 1,
    selections: [{ anchorLine: 0, anchorCharacter: 0, activeLine: line, activeCharacter: 0 }],
    typing: true,
    activity: '',
  });
  await ann.mustCall('update_presence', at(0));
  await ann.mustCall('update_presence', at(1));
  await bob.until(() => bob.movements.filter((move) => move.fileId === fileId).length === 2);
  const rows = bob.rows('presence').filter((row) => row.fileId === fileId);
  assert.equal(rows.length, 1);
  assert.equal(rows[0]!.identity.toHexString(), ann.identity);
  const leaving = await stage.join('Leaver');
  const isHere = () =>
    bob.rows('presence').some((row) => row.identity.toHexString() === leaving.identity);
  await bob.until(isHere);
  leaving.close();
  await bob.until(() => !isHere());
});

test('an audit folds a file from its snapshot and reports', async () => {
  const fileId = await newFile('one\n');
  await ann.edit(fileId, 1, insert(0, 0, 'x'));
  await ann.mustCall('checkpoint_file', { fileId });
  assert.equal(ann.head(fileId).snapshotVersion, 2);
  await ann.edit(fileId, 2, insert(0, 0, 'y'));
  for (const version of [1, 2]) {
    await ann.mustCall('rebuild_file_from_snapshot', { fileId, version });
  }
  const found = ann.audits.filter((audit) => audit.fileId === fileId);
  assert.deepEqual(
    found.map(({ outcome, version }) => [outcome, version]),
    [
      ['verified', 3],
      ['verified', 3],
    ],
  );
});

/** Two overlapping replacements on line `line`: Ann’s wins, Bob’s becomes a ticket. */
test('a ticket whose two sides became the same closes by itself, and says so', async () => {
  const { fileId, ticketId } = await dispute('let x = foo;\n', [8, 11, 'bar'], [8, 11, 'bazar']);
  await ann.edit(fileId, 2, replace(0, 8, 11, 'baz'));
  await bob.until(() => bob.head(fileId).version === 3);
  assert.equal(bob.ticket(ticketId).status, 'open', 'not the same yet');
  await ann.edit(fileId, 3, replace(0, 9, 11, 'azar'));
  await bob.until(() => bob.ticket(ticketId).status === 'resolved');
  const { resolution, resolutionOpSeq } = bob.ticket(ticketId);
  assert.equal(resolution, 'accept_head');
  const op = bob.rows('file_op').find((row) => row.opSeq === resolutionOpSeq)!;
  assert.equal(op.payload, `{"isSettled":true,"resolution":"accept_head","ticket":${ticketId}}`);
  assert.equal(textOf(bob, fileId), 'let x = bazar;\n');
  const late = await bob.call('resolve_conflict', decision(ticketId, 4, 'rebase'));
  assert.equal(late.code, 'already_resolved');
});

test('deciding one ticket closes another that proposed the same', async () => {
  const { fileId, ticketId } = await dispute('let x = foo;\n', [8, 11, 'bar'], [8, 11, 'baz']);
  const { outcomes } = await robot.edit(fileId, 1, replace(0, 8, 11, 'baz'));
  const other = outcomes[0]!.ticketId;
  assert.notEqual(other, 0);
  await bob.mustCall('resolve_conflict', decision(ticketId, 2, 'rebase'));
  await robot.until(() => robot.ticket(other).status === 'resolved');
  assert.equal(textOf(robot, fileId), 'let x = baz;\n');
});

async function dispute(
  text: string,
  anns: readonly [from: number, to: number, text: string],
  bobs: readonly [from: number, to: number, text: string],
  line = 0,
): Promise<{ fileId: number; ticketId: number }> {
  const fileId = await newFile(text);
  await ann.edit(fileId, 1, replace(line, ...anns));
  const { outcomes } = await bob.edit(fileId, 1, replace(line, ...bobs));
  assert.equal(outcomes[0]!.outcome, 'ticket');
  return { fileId, ticketId: outcomes[0]!.ticketId };
}

async function newFile(text: string): Promise<number> {
  return ann.createFile(`file-${counter++}.txt`, text);
}

function decision(ticketId: number, expectedHeadVersion: number, resolution: string) {
  return { opId: newId(), ticketId, expectedHeadVersion, resolution, parts: [] };
}

function claim(fileId: number, version: number, firstLine: number, lastLine: number) {
  const lines = { firstLine, lastLine, reason: '', durationMs: 60_000 };
  return { requestId: newId(), fileId, version, ...lines };
}

function plain(changes: Changes) {
  return changes.map((change) => ({ ...change }));
}

function insert(line: number, character: number, text: string): Changes {
  return replace(line, character, character, text);
}

function replace(line: number, from: number, to: number, text: string): Changes {
  return [{ startLine: line, startCharacter: from, endLine: line, endCharacter: to, text }];
}
