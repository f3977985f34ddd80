import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { Changes } from '../../src/core/change.ts';
import { newIdentity } from '../../src/world/identities.ts';
import { badCalls, GROUND_TEXT } from '../harness/bad-input.ts';
import { Actor, newId, newOp, newTextFile, textOf, WorldStage } from '../harness/world-stage.ts';

let stage: WorldStage;
let ann: Actor;
let bob: Actor;
let counter = 0;

before(async () => {
  stage = await WorldStage.open();
  ann = await stage.join('Ann');
  bob = await stage.join('Bob');
});

after(() => stage.close());

test('bad input of every kind is refused with its code, and nothing changes', async () => {
  const textFile = await ann.createFile('inside/text.txt', GROUND_TEXT.slice(1));
  const usedId = newId();
  await ann.edit(textFile, 1, insert(0, 0, 'o'), { opId: usedId });
  const deletedFile = await ann.createFile('gone.txt', 'gone');
  await ann.mustCall('delete_file', { ...call(deletedFile, 1) });
  const content = { kind: 'binary', eol: 'lf', bom: false, text: '', bytes: Uint8Array.of(0, 1) };
  const file = { opId: newId(), path: 'a.bin', mode: 'regular', content };
  const binary = await ann.mustCall('create_file', { author: '', file });
  const ticket = await bob.edit(textFile, 1, insert(0, 1, 'x'), { overlaps: [1] });
  const closedTicket = ticket.outcomes[0]!.ticketId;
  await bob.mustCall('resolve_conflict', decision(closedTicket, 2, 'accept_head'));
  await bob.mustCall('acquire_soft_lock', claim(textFile, 2, 2));
  const lock = bob.rows('soft_lock')[0]!.lockId;
  await ann.until(() => ann.rows('soft_lock').length === 1);
  const before = ann.stateHash();
  const ids = { textFile, deletedFile, closedTicket, lock, usedId, other: bob.identity };
  const nowMicros = BigInt(Date.now()) * 1000n;
  const ground = { ...ids, binaryFile: binary.outcomes[0]!.opSeq, nowMicros };
  for (const bad of badCalls(ground)) {
    const result = await ann.call(bad.reducer, bad.args);
    assert.equal(result.code, bad.code, `${bad.why}: ${result.message.slice(0, 200)}`);
    assert.equal(ann.stateHash(), before, `${bad.why}: something changed`);
  }
});

test('a retry of an applied edit tells the same outcome and applies nothing', async () => {
  const fileId = await newFile('abc\n');
  const op = newOp(fileId, 1, insert(0, 3, 'd'));
  const first = await ann.send([op]);
  await ann.edit(fileId, 2, insert(0, 0, '> '));
  const before = ann.stateHash();
  const again = await ann.send([op]);
  const told = again.outcomes.map(({ outcome, opSeq, version }) => [outcome, opSeq, version]);
  assert.deepEqual(told, [['duplicate', first.outcomes[0]!.opSeq, 2]]);
  assert.equal(ann.stateHash(), before);
});

test('a retry of a held batch tells the ticket again, also after it was resolved', async () => {
  const fileId = await newFile('abc\ndef\n');
  await bob.edit(fileId, 1, replace(0, 0, 3, 'ABC'));
  const ops = [newOp(fileId, 1, replace(0, 1, 2, 'x')), newOp(fileId, 0, insert(1, 0, '- '))];
  const first = await ann.send(ops);
  const outcomes = first.outcomes.map(({ outcome }) => outcome);
  assert.deepEqual(outcomes, ['ticket', 'held']);
  const { ticketId } = first.outcomes[0]!;
  const again = await ann.send(ops);
  assert.deepEqual(again.outcomes, first.outcomes);
  await ann.mustCall('resolve_conflict', decision(ticketId, 2, 'accept_head'));
  const before = ann.stateHash();
  const late = await ann.send(ops);
  assert.deepEqual(late.outcomes, first.outcomes);
  assert.equal(ann.stateHash(), before);
});

test('a retry is answered before anything else is checked: also when its author is paused now', async () => {
  const cara = await stage.join('Cara');
  const fileId = await cara.createFile(`file-${counter++}.txt`, 'abc\n');
  const op = newOp(fileId, 1, insert(0, 0, 'x'));
  await cara.send([op]);
  const row = stage.owner
    .rows('workspace_member')
    .find((member) => member.identity.toHexString() === cara.identity)!;
  await stage.owner.mustCall('set_member', { ...row, paused: true });
  assert.equal((await cara.send([op])).outcomes[0]!.outcome, 'duplicate');
  assert.equal((await cara.edit(fileId, 2, insert(0, 0, 'y'))).code, 'paused');
});

test('nobody can answer for an op that somebody else sent', async () => {
  const fileId = await newFile('abc\n');
  const op = newOp(fileId, 1, insert(0, 0, 'x'));
  await ann.send([op]);
  assert.equal((await bob.send([op])).code, 'op_id_reused');
});

test('retries of whole-file calls do nothing again', async () => {
  const path = `file-${counter++}.txt`;
  const file = newTextFile(path, 'abc\n');
  const [created] = (await ann.mustCall('create_file', { author: '', file })).outcomes;
  const fileId = created!.opSeq;
  const rename = { ...call(fileId, 1), fromPath: path, path: `${path}.new` };
  await ann.mustCall('rename_file', rename);
  const remove = call(fileId, 1);
  await ann.mustCall('delete_file', remove);
  const before = ann.stateHash();
  for (const retry of [
    await ann.mustCall('create_file', { author: '', file }),
    await ann.mustCall('rename_file', rename),
    await ann.mustCall('delete_file', remove),
  ]) {
    assert.equal(retry.outcomes[0]!.outcome, 'duplicate');
  }
  assert.equal(ann.stateHash(), before);
});

test('a batch is applied whole, each op on the result of the one before, across files', async () => {
  const one = await newFile('abc\n');
  const two = await newFile('xyz\n');
  await bob.edit(one, 1, insert(0, 0, '> '));
  const { outcomes } = await ann.send([
    newOp(one, 1, insert(0, 3, 'd')),
    newOp(two, 1, insert(0, 0, '#')),
    newOp(one, 0, insert(0, 4, 'e')),
    newOp(one, 0, replace(0, 0, 5, 'ABCDE')),
  ]);
  const told = outcomes.map(({ outcome, version }) => [outcome, version]);
  assert.deepEqual(told, [
    ['rebased', 3],
    ['applied', 2],
    ['rebased', 4],
    ['rebased', 5],
  ]);
  assert.equal(textOf(ann, one), '> ABCDE\n');
  assert.equal(textOf(ann, two), '#xyz\n');
});

test('where one op of a batch cannot be applied, nothing of it is: one ticket holds all', async () => {
  const one = await newFile('abc\n');
  const two = await newFile('xyz\n');
  await bob.edit(two, 1, replace(0, 0, 3, 'XYZ'));
  const { outcomes } = await ann.send([
    newOp(one, 1, insert(0, 3, 'd')),
    newOp(two, 1, replace(0, 1, 2, '-')),
    newOp(one, 0, insert(0, 4, 'e')),
  ]);
  assert.deepEqual(
    outcomes.map(({ outcome }) => outcome),
    ['held', 'ticket', 'held'],
  );
  assert.equal(new Set(outcomes.map(({ ticketId }) => ticketId)).size, 1);
  assert.deepEqual([textOf(ann, one), textOf(ann, two)], ['abc\n', 'XYZ\n']);
  const ticket = ann.ticket(outcomes[0]!.ticketId);
  assert.equal(ticket.fileId, two);
  const proposed = ticket.parts.map((part) => [part.fileId, part.proposedText, part.headText]);
  assert.deepEqual(proposed, [
    [one, 'de', ''],
    [two, '-', 'XYZ'],
  ]);
  const parts = [{ fileId: one, expectedHeadVersion: 1, changes: [] }];
  const resolve = { ...decision(ticket.ticketId, 2, 'rebase'), parts };
  await ann.mustCall('resolve_conflict', resolve);
  assert.deepEqual([textOf(ann, one), textOf(ann, two)], ['abcde\n', '-\n']);
});

test('a refusal of one op takes the whole batch back', async () => {
  const one = await newFile('abc\n');
  const before = ann.stateHash();
  const bad = newOp(one, 0, insert(9, 0, 'x'));
  const result = await ann.send([newOp(one, 1, insert(0, 0, 'y')), bad]);
  assert.equal(result.code, 'bad_range');
  assert.equal(ann.stateHash(), before);
});

test('somebody with a scope is held to it, and a viewer to reading', async () => {
  const scoped = await stage.join('Scoped', { pathScope: ['docs/**'] });
  const viewer = await stage.join('Viewer', { role: 'viewer', capabilities: [] });
  const inside = await ann.createFile(`docs/in-${counter}.md`, 'a\n');
  const outside = await ann.createFile(`src/out-${counter++}.ts`, 'a\n');
  await scoped.until(() => scoped.rows('file_head').some((head) => head.fileId === outside));
  const before = scoped.stateHash();
  assert.equal((await scoped.edit(outside, 1, insert(0, 0, 'x'))).code, 'out_of_scope');
  const path = scoped.head(inside).path;
  const away = { ...call(inside, 1), fromPath: path, path: 'src/away.md' };
  assert.equal((await scoped.call('rename_file', away)).code, 'out_of_scope');
  const file = { author: '', file: newTextFile('README.md', '') };
  assert.equal((await scoped.call('create_file', file)).code, 'out_of_scope');
  assert.equal((await viewer.edit(inside, 1, insert(0, 0, 'x'))).code, 'forbidden');
  assert.equal(scoped.stateHash(), before);
  assert.equal((await scoped.edit(inside, 1, insert(0, 0, 'x'))).code, 'ok');
});

test('who may attribute names another member as author; history tells both', async () => {
  const mirror = await stage.join('Mirror', { capabilities: ['edit', 'attribute'] });
  const fileId = await newFile('abc\n');
  const { outcomes } = await mirror.edit(fileId, 1, insert(0, 0, 'x'), { author: ann.identity });
  const row = mirror.rows('file_op').find((op) => op.opSeq === outcomes[0]!.opSeq)!;
  const names = [row.actor.toHexString(), row.author.toHexString()];
  assert.deepEqual(names, [mirror.identity, ann.identity]);
  const stranger = 'c2'.repeat(32);
  const result = await mirror.edit(fileId, 2, insert(0, 0, 'x'), { author: stranger });
  assert.equal(result.code, 'no_such_member');
});

test('a flood is refused as too many, and passes when it has become slow', async () => {
  // Slow enough that no machine is slower.
  const limits = JSON.stringify({ opsPerSecond: 1, presencePerSecond: 1 });
  const policy = { policyMode: 'auto', lockPolicy: 'enforce' };
  const dora = await stage.join('Dora');
  const fileId = await newFile('abc\n');
  await stage.owner.mustCall('set_policy', { ...policy, limits });
  const burst = [newOp(fileId, 1, insert(0, 0, 'x')), newOp(fileId, 0, insert(0, 0, 'x'))];
  const codes = [(await dora.send(burst)).code];
  for (let index = 0; index < 10; index++) codes.push((await dora.edit(fileId, 3, [])).code);
  assert.ok(codes.includes('too_many'), codes.join());
  assert.equal(codes[0], 'ok');
  const presence = { fileId: 0, version: 0, selections: [], typing: false, activity: '' };
  const moves = [];
  for (let index = 0; index < 10; index++)
    moves.push((await dora.call('update_presence', presence)).code);
  assert.ok(moves.includes('too_many'), moves.join());
  await stage.owner.mustCall('set_policy', { ...policy, limits: '' });
  assert.equal((await dora.edit(fileId, 3, insert(0, 0, 'y'))).code, 'ok');
});

test('strangers are turned away at the door, and hello says why', async () => {
  const stranger = await newIdentity(stage.server.uri);
  await assert.rejects(Actor.connect(stage.server.uri, stage.database, stranger));
  const hello = await stage.route(`hello?identity=${stranger.identity}`);
  const answer = JSON.parse(hello.text) as Record<string, unknown>;
  assert.deepEqual([answer['protocol_version'], answer['member']], [1, false]);
  const known = await stage.route(`hello?identity=${ann.identity}`);
  assert.equal((JSON.parse(known.text) as Record<string, unknown>)['member'], true);
});

test('an invite lets in as often as it says, with its rights and no others', async () => {
  const first = await newIdentity(stage.server.uri);
  const second = await newIdentity(stage.server.uri);
  const secret = await stage.invite({ role: 'viewer', capabilities: [], uses: 1 });
  assert.equal((await stage.redeem('guessed', first.identity)).status, 403);
  assert.equal((await stage.redeem(secret, 'not an identity')).status, 400);
  assert.equal((await stage.redeem(secret, first.identity)).status, 200);
  const used = await stage.redeem(secret, second.identity);
  assert.match(used.text, /^no_such_invite: /);
  const viewer = await stage.connect(first);
  const row = viewer
    .rows('workspace_member')
    .find((member) => member.identity.toHexString() === first.identity)!;
  assert.deepEqual([row.role, row.kind, row.capabilities], ['viewer', 'human', []]);
  const broken = await stage.route('join', '{"invite":');
  assert.equal(broken.status, 400);
});

test('a revoked invite is worth nothing', async () => {
  const self = await newIdentity(stage.server.uri);
  const secret = await stage.invite({ uses: 5 });
  const secretHash = createHash('sha256').update(secret).digest('hex');
  await stage.owner.mustCall('revoke_invite', { secretHash });
  assert.equal((await stage.redeem(secret, self.identity)).status, 403);
});

test('a removed member is refused every write and cannot come back without an invite', async () => {
  const eve = await stage.join('Eve');
  const fileId = await newFile('abc\n');
  const row = stage.owner
    .rows('workspace_member')
    .find((member) => member.identity.toHexString() === eve.identity)!;
  await stage.owner.mustCall('remove_member', { identity: row.identity });
  await assert.rejects(Actor.connect(stage.server.uri, stage.database, eve.self));
  const hello = await stage.route(`hello?identity=${eve.identity}`);
  assert.equal((JSON.parse(hello.text) as Record<string, unknown>)['removed'], true);
  const secret = await stage.invite();
  assert.equal((await stage.redeem(secret, eve.identity, 'Eve')).status, 200);
  const back = await stage.connect(eve.self);
  assert.equal((await back.edit(fileId, 1, insert(0, 0, 'x'))).code, 'ok');
});

test('a world keeps an owner', async () => {
  const row = stage.owner
    .rows('workspace_member')
    .find((member) => member.identity.toHexString() === stage.owner.identity)!;
  const demotion = { ...row, role: 'editor' };
  assert.equal((await stage.owner.call('set_member', demotion)).code, 'forbidden');
  const removal = await stage.owner.call('remove_member', { identity: row.identity });
  assert.equal(removal.code, 'forbidden');
});

async function newFile(text: string): Promise<number> {
  return ann.createFile(`file-${counter++}.txt`, text);
}

function call(fileId: number, expectedBaseVersion: number) {
  return { opId: newId(), author: '', fileId, expectedBaseVersion };
}

function decision(ticketId: number, expectedHeadVersion: number, resolution: string) {
  return { opId: newId(), ticketId, expectedHeadVersion, resolution, parts: [] };
}

function claim(fileId: number, version: number, line: number) {
  const lines = { firstLine: line, lastLine: line };
  return { requestId: newId(), fileId, version, ...lines, reason: 'mine', durationMs: 60_000 };
}

function insert(line: number, character: number, text: string): Changes {
  return replace(line, character, character, text);
}

function replace(line: number, from: number, to: number, text: string): Changes {
  return [{ startLine: line, startCharacter: from, endLine: line, endCharacter: to, text }];
}
