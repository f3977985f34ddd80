// Turns of agents: ops of the history that frame what was asked for, and prompts beside it that can be erased.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { readPayload } from '../../../src/core/op-payload.ts';
import { turnOf } from '../../../src/core/turn.ts';
import { ENDED_TURNS, OPEN_TURNS, PROMPT_LENGTH, SALT_BYTES } from '../../../src/core/turn-mark.ts';
import { changing } from './change-files-kit.ts';
import { assertSameWorld, forged, restored } from './imported-world.ts';
import { HOST, inviteOf, PERSON, redeem } from './invite-kit.ts';
import {
  type Arguments,
  type CallResult,
  identity,
  insert,
  personNamed,
  TestWorld,
} from './test-world.ts';

const AGENT = { kind: 'agent' } as const;
const SALT = new Uint8Array(SALT_BYTES).fill(7);

async function scene(): Promise<{ world: TestWorld; robot: string; fileId: number }> {
  const world = await TestWorld.create();
  const robot = world.join('robot', AGENT);
  return { world, robot, fileId: world.createFile(world.owner, 'a.txt', 'one\ntwo\n') };
}

test('what comes over a connection belongs to the turn of the session that it has taken', async () => {
  const { world, robot, fileId } = await scene();
  world.connect(robot, 1n);
  const edit = () => world.edit(robot, fileId, world.headOf(fileId).version, insert(0, 0, 'x'));
  const turnOfLast = () => turnOf(world.rows('file_op').at(-1)!);
  edit();
  assert.equal(turnOfLast(), undefined, 'unknown');
  world.mustCall(robot, 'take_session', { session: 'morning' });
  edit();
  assert.equal(turnOfLast(), undefined, 'it was asked for nothing yet');
  const first = begin(world, robot, { session: 'morning' });
  begin(world, robot, { session: 'another' });
  edit();
  assert.equal(turnOfLast(), first, 'turns may overlap');
  const last = world.rows('file_op').at(-1)!;
  assert.equal(last.payload, `{"turn":${first}}`);
  const second = begin(world, robot, { session: 'morning' });
  edit();
  assert.equal(turnOfLast(), second, 'a session is asked for one thing at a time');
  assert.equal(turn(world, first).isOpen, false);
  world.mustCall(robot, 'end_turn', { opId: world.nextId(), session: 'morning' });
  edit();
  assert.equal(turnOfLast(), undefined);
  assert.equal(turn(world, second).isOpen, false);
});

test('every kind of op of a file names the turn, whatever its payload says beside that', async () => {
  const { world, robot, fileId } = await scene();
  world.connect(robot, 1n);
  world.mustCall(robot, 'take_session', { session: 's' });
  const turnId = begin(world, robot);
  const on = () => {
    const expectedBaseVersion = world.headOf(fileId).version;
    return { opId: world.nextId(), author: '', fileId, expectedBaseVersion };
  };
  world.mustCall(robot, 'create_file', { author: '', file: world.newFile('b.txt', 'new\n') });
  world.mustCall(robot, 'rename_file', { ...on(), fromPath: 'a.txt', path: 'c.txt' });
  world.mustCall(robot, 'set_file_mode', { ...on(), mode: 'executable', eol: 'lf', bom: false });
  const { content } = world.newFile('', 'whole\n');
  world.mustCall(robot, 'replace_content', { ...on(), content });
  world.edit(world.owner, fileId, 2, [change('WHOLE')]);
  world.edit(robot, fileId, 2, [change('mine')]);
  const [ticket] = world.rows('conflict_ticket');
  const decided = { ticketId: ticket!.ticketId, expectedHeadVersion: 3, parts: [] };
  const by = { ...decided, resolution: 'rebase', opId: world.nextId() };
  world.mustCall(robot, 'resolve_ticket', by);
  world.mustCall(robot, 'delete_file', on());
  world.mustCall(robot, 'restore_file', { ...on(), path: '' });
  world.mustCall(robot, 'add_note', { opId: world.nextId(), kind: 'message', to: '', text: 'x' });
  const ops = world.rows('file_op').filter((op) => op.actor.toHexString() === robot);
  const named = ops.filter(({ kind }) => kind !== 'note' && kind !== 'member');
  assert.deepEqual([...new Set(named.map(({ kind }) => kind))].sort(), [
    'conflict',
    'create',
    'delete',
    'edit',
    'mode',
    'rename',
    'resolve',
    'restore',
  ]);
  for (const op of named) assert.equal(turnOf(op), turnId, op.kind);
  const spoken = ops.filter((op) => op.kind === 'note' && !op.payload.includes('"mark"'));
  assert.deepEqual(spoken.map(turnOf), [undefined]);
  assert.deepEqual(
    world.rows('note').map(({ kind }) => kind),
    ['message'],
    'clients of 0.1.0 are shown no turns as messages',
  );
  assertSameWorld(await restored(world, () => true), world);
});

test('a call of several steps names its session itself', async () => {
  const { world, robot, fileId } = await scene();
  const turnId = begin(world, robot, { session: 'hook' });
  const step = { kind: 'edit', fileId, expectedBaseVersion: 1, changes: insert(0, 0, 'x') };
  world.mustCall(robot, 'change_files', { ...changing(world, step), turn: 'hook' });
  assert.equal(turnOf(world.rows('file_op').at(-1)!), turnId);
  const next = { ...step, expectedBaseVersion: 2 };
  world.mustCall(robot, 'change_files', { ...changing(world, next), turn: 'unheard of' });
  assert.equal(turnOf(world.rows('file_op').at(-1)!), undefined);
});

test('a session is a connection’s own, and people have none', async () => {
  const { world, robot, fileId } = await scene();
  world.connect(robot, 1n);
  world.connect(robot, 2n);
  world.mustCall(robot, 'take_session', { session: 's' });
  begin(world, robot);
  const op = world.op(fileId, 1, insert(0, 0, 'x'));
  const batch = { batchId: world.nextId(), extends: 0, ops: [op] };
  world.callOver(2n, robot, 'apply_file_ops', { batch });
  assert.equal(turnOf(world.rows('file_op').at(-1)!), undefined);
  world.mustCall(robot, 'take_session', { session: '' });
  world.edit(robot, fileId, 2, insert(0, 0, 'x'));
  assert.equal(turnOf(world.rows('file_op').at(-1)!), undefined);
  assert.deepEqual(world.rows('connection_session'), []);
  for (let at = 0; at < 70; at++) {
    world.nowMicros += 1_000n;
    const args = { session: `s${at}` };
    assert.equal(world.callOver(BigInt(100 + at), robot, 'take_session', args).code, 'ok');
  }
  assert.equal(world.rows('connection_session').length, 64, 'rows of connections without an end');
  assert.equal(world.call(world.owner, 'take_session', { session: 's' }).code, 'forbidden');
});

test('the prompt is beside the history, which has a salted hash of it', async () => {
  const { world, robot } = await scene();
  const prompt = 'Tidy up the parser — 漢字.';
  const turnId = begin(world, robot, { prompt, salt: SALT });
  const [row] = world.rows('turn_prompt');
  assert.deepEqual([row!.turnId, row!.text], [turnId, prompt]);
  const hash = createHash('sha256').update(SALT).update(prompt, 'utf8').digest('hex');
  assert.equal(turn(world, turnId).promptHash, hash);
  const op = world.rows('file_op').find(({ opSeq }) => opSeq === turnId)!;
  const { mark } = readPayload('note', op.payload);
  assert.ok(mark?.does === 'begin' && mark.promptHash === hash);
  const stored = [...world.runtime.datastore.table('file_op')!.allRows()].map(({ bytes }) => bytes);
  assert.ok(
    stored.every((bytes) => !bytes.includes('parser') && !bytes.includes(Buffer.from(SALT))),
  );
  const copy = await restored(world, () => true);
  assert.deepEqual(copy.rows('turn_prompt'), [], 'what is restored has no prompts');
  assert.deepEqual(copy.rows('turn'), world.rows('turn'));
});

test('an owner erases a prompt, and whoever invited the agent; no agent does', async () => {
  const { world } = await scene();
  const [ann, bob] = [world.join('ann', HOST), world.join('bob')];
  const chief = world.join('chief', { kind: 'agent', role: 'owner' });
  world.mustCall(ann, 'create_invite', inviteOf('come in', { ...PERSON, kind: 'agent' }));
  assert.equal(redeem(world, 'come in', 'anns robot').status, 200);
  const robot = personNamed('anns robot');
  const erase = (who: string, turnId: number) =>
    world.call(who, 'erase_prompt', { opId: world.nextId(), turnId }).code;
  const asked = (): number => begin(world, robot, { prompt: 'a secret', salt: SALT });
  const [first, second] = [asked(), asked()];
  for (const who of [bob, robot, chief]) assert.equal(erase(who, first), 'forbidden');
  assert.ok(world.rows('turn_prompt').every(({ text }) => text === 'a secret'));
  assert.equal(erase(ann, first), 'ok');
  assert.equal(erase(world.owner, second), 'ok');
  assert.equal(erase(world.owner, second), 'already_resolved');
  assert.equal(erase(world.owner, begin(world, robot)), 'already_resolved', 'it has none');
  const kept = world.rows('turn_prompt').map(({ text, salt }) => [text, salt.length]);
  assert.deepEqual(kept, [
    ['', 0],
    ['', 0],
  ]);
  assert.ok(turn(world, first).promptErased && turn(world, second).promptErased);
  for (const stored of world.runtime.datastore.tables()) {
    const rows = stored.allRows().map(({ bytes }) => bytes);
    assert.ok(
      rows.every((bytes) => !bytes.includes('a secret')),
      stored.schema.name,
    );
  }
  assertSameWorld(await restored(world, () => true), world);
});

test('so many turns are open and so many have rows, with their prompts', async () => {
  const { world, robot } = await scene();
  for (let at = 0; at < OPEN_TURNS + 3; at++) {
    world.nowMicros += 1_000_000n;
    begin(world, robot, { session: `s${at}` });
  }
  const open = () => world.rows('turn').filter(({ isOpen }) => isOpen);
  assert.equal(open().length, OPEN_TURNS);
  assert.ok(
    open().every(({ session }) => session !== 's0'),
    'the oldest ended',
  );
  for (let at = 0; at < ENDED_TURNS + 5; at++) {
    world.nowMicros += 1_000_000n;
    begin(world, robot, { session: 'again', prompt: `prompt ${at}`, salt: SALT });
  }
  assert.equal(world.rows('turn').length, ENDED_TURNS + OPEN_TURNS);
  const kept = new Set(world.rows('turn').map(({ turnId }) => turnId));
  assert.ok(world.rows('turn_prompt').every(({ turnId }) => kept.has(turnId)));
  assertSameWorld(await restored(world, () => true), world);
  const codes = Array.from({ length: 50 }, () => tryBegin(world, robot).code);
  assert.ok(codes.includes('too_many'), 'there is a rate');
});

test('the same call again begins nothing anew; who is removed has no open turn', async () => {
  const { world, robot } = await scene();
  const args = beginning(world, { prompt: 'p', salt: SALT });
  world.mustCall(robot, 'begin_turn', args);
  const before = world.stateHash();
  const [again] = world.mustCall(robot, 'begin_turn', args).inserted('op_outcome');
  assert.equal(again!.outcome, 'duplicate');
  assert.equal(world.stateHash(), before);
  assert.equal(world.call(robot, 'begin_turn', { ...args, prompt: 'q' }).code, 'op_id_reused');
  world.mustCall(world.owner, 'remove_member', { identity: identity(robot) });
  assert.ok(world.rows('turn').every(({ isOpen }) => !isOpen));
  assertSameWorld(await restored(world, () => true), world);
});

test('what cannot be a name, a title or a prompt is refused', async () => {
  const { world, robot } = await scene();
  for (const [change, code] of [
    [{ session: '' }, 'bad_request'],
    [{ session: 'x'.repeat(129) }, 'bad_request'],
    [{ name: 'a\nb' }, 'bad_request'],
    [{ client: 'a\u0000' }, 'bad_request'],
    [{ title: 'a\tb' }, 'bad_request'],
    [{ title: 'x'.repeat(201) }, 'too_large'],
    [{ prompt: 'x'.repeat(PROMPT_LENGTH + 1), salt: SALT }, 'too_large'],
    [{ prompt: 'x' }, 'bad_request'],
    [{ prompt: 'x', salt: SALT.slice(1) }, 'bad_request'],
    [{ salt: SALT }, 'bad_request'],
    [{ prompt: 'no\0text', salt: SALT }, 'bad_text'],
  ] as const) {
    world.nowMicros += 1_000_000n;
    const before = world.stateHash();
    assert.equal(tryBegin(world, robot, change).code, code, JSON.stringify(change));
    assert.equal(world.stateHash(), before);
  }
  begin(world, robot, { prompt: 'x'.repeat(PROMPT_LENGTH), salt: SALT, title: 'x'.repeat(200) });
});

test('a forged history of turns is refused', async () => {
  const { world, robot, fileId } = await scene();
  world.connect(robot, 1n);
  world.mustCall(robot, 'take_session', { session: 's' });
  const turnId = begin(world, robot, { prompt: 'p', salt: SALT });
  world.edit(robot, fileId, 1, insert(0, 0, 'x'));
  const edited = world.rows('file_op').at(-1)!.opSeq;
  world.mustCall(robot, 'end_turn', { opId: world.nextId(), session: 's' });
  const ended = world.rows('file_op').at(-1)!.opSeq;
  for (const [opSeq, from, to] of [
    [turnId, '"does":"begin"', '"does":"doze"'],
    [turnId, '"session":"s"', '"session":""'],
    [turnId, '"title":"', `"title":"${'x'.repeat(600)}`],
    [turnId, '"promptHash":"', '"promptHash":"x'],
    [ended, `"turn":${turnId}`, '"turn":1'],
    [ended, '"does":"end"', '"does":"erase","more":1'],
    [edited, `"turn":${turnId}`, `"turn":${turnId},"words":"more"`],
    [edited, `"turn":${turnId}`, '"turn":0'],
  ] as const) {
    const copy = await TestWorld.published();
    const log = forged(world, opSeq, (payload) => payload.replace(from, to));
    const isFine = from === '"does":"end"';
    const code = copy.call(copy.owner, 'import_log', log).code;
    // Erasing what the copy does not have is as good as what was said.
    assert.equal(code, isFine ? 'ok' : 'bad_log', `${from} as ${to}`);
  }
});

function beginning(
  world: TestWorld,
  more: Partial<Arguments<'begin_turn'>> = {},
): Arguments<'begin_turn'> {
  const names = { session: 's', name: 'turn', client: 'a-client', title: 'tidying up' };
  return { opId: world.nextId(), ...names, prompt: '', salt: new Uint8Array(), ...more };
}

function tryBegin(
  world: TestWorld,
  who: string,
  more: Partial<Arguments<'begin_turn'>> = {},
): CallResult {
  return world.call(who, 'begin_turn', beginning(world, more));
}

/** Begins a turn, and returns its number. */
function begin(world: TestWorld, who: string, more: Partial<Arguments<'begin_turn'>> = {}): number {
  world.nowMicros += 100_000n;
  return world.mustCall(who, 'begin_turn', beginning(world, more)).inserted('op_outcome')[0]!.opSeq;
}

function turn(world: TestWorld, turnId: number) {
  return world.rows('turn').find((row) => row.turnId === turnId)!;
}

/** In the first line of the file. */
function change(text: string) {
  return { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 3, text };
}
