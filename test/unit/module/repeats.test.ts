// A call that is made again has no second effect, however late it comes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CALL_MEMORY } from '../../../src/core/limits.ts';
import { restored } from './imported-world.ts';
import {
  type Arguments,
  CALL_MEMORY_TABLES,
  type CallResult,
  insert,
  type ReducerName,
  TestWorld,
} from './test-world.ts';

const DAY_MS = 24 * 3_600_000;

/** A call that finds everything as it wants it; `after` makes it so that it would do something. */
interface Settled<Name extends ReducerName = ReducerName> {
  readonly name: Name;
  readonly args: (world: TestWorld, fileId: number) => Arguments<Name>;
  readonly before?: (world: TestWorld, fileId: number) => void;
  readonly after: (world: TestWorld, fileId: number) => void;
}

const SETTLED: Readonly<Record<string, Settled>> = {
  'a delete of what is deleted, then somebody restores it': settled({
    name: 'delete_file',
    before: remove,
    args: (world, fileId) => on(world, fileId),
    after: restore,
  }),
  'a restore of what is there, then somebody deletes it': settled({
    name: 'restore_file',
    args: (world, fileId) => ({ ...on(world, fileId), path: '' }),
    after: remove,
  }),
  'a rename to the name that it has, then somebody renames it back': settled({
    name: 'rename_file',
    before: (world, fileId) => rename(world, fileId, 'a.txt', 'b.txt'),
    args: (world, fileId) => ({ ...on(world, fileId), fromPath: 'a.txt', path: 'b.txt' }),
    after: (world, fileId) => rename(world, fileId, 'b.txt', 'a.txt'),
  }),
  'a mode that it has, then somebody sets another': settled({
    name: 'set_file_mode',
    before: (world, fileId) => shape(world, fileId, 'executable'),
    args: (world, fileId) => ({ ...on(world, fileId), ...SHAPE, mode: 'executable' }),
    after: (world, fileId) => shape(world, fileId, 'regular'),
  }),
  'a file that is there, then somebody deletes it': settled({
    name: 'create_file',
    args: (world) => ({ author: '', file: world.newFile('a.txt', TEXT) }),
    after: remove,
  }),
  'files that are there, then somebody deletes one': settled({
    name: 'import_files',
    args: (world) => ({
      batchId: world.nextId(),
      author: '',
      files: [world.newFile('a.txt', TEXT), world.newFile('other.txt', TEXT)],
    }),
    after: remove,
  }),
};

const LATER: Readonly<Record<string, { readonly ms: number; readonly code: string }>> = {
  'at once': { ms: 0, code: 'ok' },
  'some days later': { ms: CALL_MEMORY.rememberedMs - DAY_MS, code: 'ok' },
  'weeks later': { ms: 3 * CALL_MEMORY.rememberedMs, code: 'stale_retry' },
};

for (const [what, { name, args, before, after }] of Object.entries(SETTLED)) {
  for (const [when, { ms, code }] of Object.entries(LATER)) {
    for (const isTended of [false, true]) {
      const tended = isTended ? ', and the world was tended' : '';
      test(`${what}; the retry comes ${when}${tended}`, async () => {
        const world = await worldWithFiles();
        const { fileId } = world.head('a.txt');
        before?.(world, fileId);
        const call = args(world, fileId);
        const first = world.mustCall(world.owner, name, call);
        assert.ok(first.inserted('op_outcome').every(({ outcome }) => outcome === 'duplicate'));
        after(world, fileId);
        world.nowMicros += BigInt(ms) * 1000n;
        if (isTended) for (let run = 0; run < 3; run++) world.maintain();
        const state = world.stateHash();
        const retry = world.call(world.owner, name, call);
        assert.equal(world.stateHash(), state, 'the retry changes nothing');
        if (isTended || code === 'ok') assert.equal(retry.code, code);
        if (code === 'ok') assert.deepEqual(told(retry), told(first));
      });
    }
  }
  test(`${what}; the retry comes after the world was restored`, async () => {
    const world = await worldWithFiles();
    const { fileId } = world.head('a.txt');
    before?.(world, fileId);
    const call = args(world, fileId);
    world.mustCall(world.owner, name, call);
    after(world, fileId);
    const copy = await restored(world);
    const state = copy.stateHash(CALL_MEMORY_TABLES);
    assert.equal(copy.call(copy.owner, name, call).code, 'stale_retry');
    assert.equal(copy.stateHash(CALL_MEMORY_TABLES), state);
    const fresh = args(copy, fileId);
    assert.equal(copy.call(copy.owner, name, fresh).code, 'ok', 'who decides anew is taken');
    assert.notEqual(copy.stateHash(CALL_MEMORY_TABLES), state);
  });
}

test('an id that changed nothing belongs to its call for ever', async () => {
  const world = await worldWithFiles();
  const ann = world.join('ann');
  const { fileId } = world.head('a.txt');
  remove(world, fileId);
  const call = on(world, fileId);
  world.mustCall(world.owner, 'delete_file', call);
  const other = { ...call, fileId: world.head('other.txt').fileId };
  assert.equal(world.call(world.owner, 'delete_file', other).code, 'op_id_reused');
  assert.equal(world.call(ann, 'delete_file', call).code, 'op_id_reused');
});

test('one id for two files that are there is refused', async () => {
  const world = await worldWithFiles();
  const file = world.newFile('a.txt', TEXT);
  const files = [file, { ...world.newFile('other.txt', TEXT), opId: file.opId }];
  const call = { batchId: world.nextId(), author: '', files };
  assert.equal(world.call(world.owner, 'import_files', call).code, 'op_id_reused');
});

test('an edit is taken however old its id is, also by a restored world', async () => {
  const world = await worldWithFiles();
  const { fileId } = world.head('a.txt');
  const old = world.nextId(world.nowMicros - 1000n * BigInt(60 * DAY_MS));
  const copy = await restored(world);
  for (const each of [world, copy]) {
    each.nowMicros += 1000n * BigInt(60 * DAY_MS);
    const op = each.op(fileId, 1, insert(0, 0, 'typed offline '), { opId: old });
    const batch = { batchId: each.nextId(), extends: 0, ops: [op] };
    each.mustCall(each.owner, 'apply_file_ops', { batch });
    each.mustCall(each.owner, 'apply_file_ops', { batch });
    assert.equal(each.text(fileId), `typed offline ${TEXT}`);
  }
});

test('a whole new content is an edit, too: the world takes it however old its id is', async () => {
  const world = await worldWithFiles();
  const { fileId } = world.head('a.txt');
  const opId = world.nextId(world.nowMicros - 1000n * BigInt(60 * DAY_MS));
  const { content } = world.newFile('', 'anew\n');
  const call = { ...on(world, fileId), opId, content };
  world.mustCall(world.owner, 'replace_content', call);
  world.mustCall(world.owner, 'replace_content', call);
  assert.deepEqual([world.text(fileId), world.headOf(fileId).version], ['anew\n', 2]);
});

test('a clock that is wrong by hours locks nobody out', async () => {
  const world = await worldWithFiles();
  for (const hours of [-23, -1, 1, 23]) {
    const opId = world.nextId(world.nowMicros + BigInt(hours) * 3_600_000_000n);
    const note = { opId, kind: 'message', to: '', text: `${hours} hours` };
    assert.equal(world.call(world.owner, 'add_note', note).code, 'ok', `${hours} hours`);
  }
});

test('a refusal for its age tells what the time is, so that a clock can be set', async () => {
  const world = await worldWithFiles();
  const { fileId } = world.head('a.txt');
  for (const days of [-8, 2]) {
    const opId = world.nextId(world.nowMicros + 1000n * BigInt(days * DAY_MS));
    const { message } = world.call(world.owner, 'delete_file', { ...on(world, fileId), opId });
    const details = JSON.parse(message.split('\n')[1]!) as {
      readonly madeMs: number;
      readonly worldMs: number;
    };
    assert.equal(details.worldMs, Number(world.nowMicros / 1000n));
    assert.equal(Math.round((details.madeMs - details.worldMs) / DAY_MS), days);
  }
});

test('a world that a module without this memory made begins to remember when it is tended', async () => {
  const world = await worldWithFiles();
  const { fileId } = world.head('a.txt');
  const before = on(world, fileId);
  // As it is after an upgrade: the table is there and empty.
  const table = world.runtime.datastore.table('call_memory')!;
  assert.equal(table.allRows().length, 1);
  const upgraded = world.reopened(['call_memory']);
  upgraded.maintain();
  upgraded.nowMicros += 1_000_000n;
  assert.equal(upgraded.call(upgraded.owner, 'delete_file', before).code, 'stale_retry');
  upgraded.mustCall(upgraded.owner, 'delete_file', on(upgraded, fileId));
});

test('memory is bounded: the oldest calls go, and what is as old as they is refused', async () => {
  const world = await worldWithFiles();
  const ann = world.join('ann');
  const { fileId } = world.head('a.txt');
  const annsEarly = { author: '', file: world.newFile('a.txt', TEXT) };
  world.mustCall(ann, 'create_file', annsEarly);
  const early = { author: '', file: world.newFile('a.txt', TEXT) };
  world.mustCall(world.owner, 'create_file', early);
  const neverSent = on(world, fileId);
  for (let sent = 1; sent <= CALL_MEMORY.callsPerMember; sent += 512) {
    world.nowMicros += 10_000_000n;
    const files = Array.from({ length: 512 }, () => world.newFile('a.txt', TEXT));
    const call = { batchId: world.nextId(), author: '', files };
    world.mustCall(world.owner, 'import_files', call);
  }
  const own = world.rows('settled_call').filter(({ actor }) => actor.toHexString() === world.owner);
  assert.ok(
    own.length <= CALL_MEMORY.callsPerMember && own.length > CALL_MEMORY.callsPerMember / 2,
  );
  const late = { author: '', file: world.newFile('a.txt', TEXT) };
  world.mustCall(world.owner, 'create_file', late);
  remove(world, fileId);
  const state = world.stateHash();
  assert.equal(world.call(world.owner, 'create_file', early).code, 'stale_retry');
  assert.equal(world.call(world.owner, 'delete_file', neverSent).code, 'stale_retry');
  assert.equal(world.call(world.owner, 'create_file', late).code, 'ok');
  assert.equal(world.call(ann, 'create_file', annsEarly).code, 'ok', 'others lose nothing by it');
  assert.equal(world.stateHash(), state);
});

test('what is too old to come again is dropped, and the room counts again', async () => {
  const world = await worldWithFiles();
  for (let sent = 0; sent < 3; sent++) {
    const files = Array.from({ length: 900 }, () => world.newFile('a.txt', TEXT));
    world.mustCall(world.owner, 'import_files', { batchId: world.nextId(), author: '', files });
  }
  world.nowMicros += 1000n * BigInt(CALL_MEMORY.rememberedMs + DAY_MS);
  world.mustCall(world.owner, 'create_file', { author: '', file: world.newFile('a.txt', TEXT) });
  for (let run = 0; run < 3; run++) world.maintain();
  assert.equal(world.rows('settled_call').length, 1);
  assert.deepEqual(
    world.rows('member_call_memory').map(({ calls }) => calls),
    [1],
  );
});

const TEXT = 'one\ntwo\n';
const SHAPE = { eol: 'lf', bom: false };

function settled<Name extends ReducerName>(each: Settled<Name>): Settled {
  return each;
}

async function worldWithFiles(): Promise<TestWorld> {
  const world = await TestWorld.create();
  world.createFile(world.owner, 'a.txt', TEXT);
  world.createFile(world.owner, 'other.txt', TEXT);
  return world;
}

function on(world: TestWorld, fileId: number) {
  return { opId: world.nextId(), author: '', fileId, expectedBaseVersion: 1 };
}

function remove(world: TestWorld, fileId: number): void {
  world.mustCall(world.owner, 'delete_file', on(world, fileId));
}

function restore(world: TestWorld, fileId: number): void {
  world.mustCall(world.owner, 'restore_file', { ...on(world, fileId), path: '' });
}

function rename(world: TestWorld, fileId: number, fromPath: string, path: string): void {
  world.mustCall(world.owner, 'rename_file', { ...on(world, fileId), fromPath, path });
}

function shape(world: TestWorld, fileId: number, mode: string): void {
  world.mustCall(world.owner, 'set_file_mode', { ...on(world, fileId), ...SHAPE, mode });
}

function told({ inserted }: CallResult) {
  return inserted('op_outcome').map(({ opId, opSeq, version }) => [opId, opSeq, version]);
}
