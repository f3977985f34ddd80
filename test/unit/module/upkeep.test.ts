import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Timestamp } from 'spacetimedb';
import { CALL_MEMORY_TABLES, change, insert, type Row, TestWorld } from './test-world.ts';

const POLICY = { policyMode: 'auto', lockPolicy: 'enforce' };

test('a keystroke writes one small row and no content', async () => {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a.txt', 'x'.repeat(100_000));
  const chunks = world.rows('content_chunk').length;
  const result = world.edit(world.owner, fileId, 1, insert(0, 5, 'y'));
  assert.equal(result.inserted('file_op').length, 1);
  assert.equal(world.rows('content_chunk').length, chunks);
  assert.equal(result.inserted('file_snapshot').length, 0);
  const [row] = world.runtime.datastore.table('file_op')!.allRows().slice(-1);
  assert.ok(row!.bytes.length <= 800, `${row!.bytes.length} bytes`);
});

test('a call that was rolled back leaves no trace in what the next ones see', async () => {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a.txt', 'one\ntwo\n');
  // The second op is refused after the first one was folded.
  const reused = world.op(fileId, 1, insert(0, 0, 'GHOST'));
  const batch = (ops: ReturnType<TestWorld['op']>[]) => ({
    batch: { batchId: world.nextId(), extends: 0, ops },
  });
  const refused = world.call(
    world.owner,
    'apply_file_ops',
    batch([reused, { ...reused, expectedBaseVersion: 0 }]),
  );
  assert.equal(refused.code, 'op_id_reused');
  world.edit(world.owner, fileId, 1, insert(0, 0, 'real '));
  world.edit(world.owner, fileId, 1, insert(1, 0, 'late '));
  assert.equal(world.text(fileId), 'real one\nlate two\n');
  assertAudited(world, fileId);
});

test('what was in memory may vanish at any time: a world opened again goes on with the same text', async () => {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a.txt', 'one\ntwo\n');
  for (let version = 1; version < 20; version++) {
    world.edit(world.owner, fileId, version, insert(0, version - 1, 'x'));
  }
  const again = world.reopened();
  const { code } = again.edit(again.owner, fileId, 5, insert(1, 3, '!'));
  assert.equal(code, 'ok');
  assert.equal(again.text(fileId), `${'x'.repeat(19)}one\ntwo!\n`);
  assertAudited(again, fileId);
});

test('the same calls give the same log, hash for hash', async () => {
  const play = async () => {
    const world = await TestWorld.create();
    const ann = world.join('ann');
    const fileId = world.createFile(ann, 'a.txt', 'one\ntwo\n');
    world.edit(ann, fileId, 1, insert(0, 0, 'x'));
    world.edit(world.owner, fileId, 1, [change(0, 0, 1, 0, '')]);
    return world.rows('log_head')[0]!.chainHash;
  };
  assert.deepEqual(await play(), await play());
});

test('maintenance writes the snapshot that a long-edited file needs, and opening reads little', async () => {
  const world = await TestWorld.create({ limits: '{"versionsPerSnapshot":10}' });
  const fileId = world.createFile(world.owner, 'a.txt', 'one\n');
  for (let version = 1; version <= 12; version++) type(world, fileId, version);
  assert.equal(world.headOf(fileId).snapshotVersion, 1);
  assert.equal(world.maintain().code, 'ok');
  assert.equal(world.headOf(fileId).snapshotVersion, 13);
  const state = world.rows('file_op').length;
  world.maintain();
  assert.equal(world.rows('file_op').length, state, 'run again, it finds nothing to do');
  assertAudited(world, fileId);
});

test('maintenance writes no snapshot of a file that got one since it was due', async () => {
  const world = await TestWorld.create({ limits: '{"versionsPerSnapshot":10}' });
  const fileId = world.createFile(world.owner, 'a.txt', 'one\n');
  for (let version = 1; version <= 12; version++) type(world, fileId, version);
  world.mustCall(world.owner, 'checkpoint_file', { fileId });
  type(world, fileId, 13);
  world.maintain();
  assert.equal(world.headOf(fileId).snapshotVersion, 13);
});

test('where maintenance does not come, the write path writes the snapshot itself', async () => {
  const world = await TestWorld.create({ limits: '{"versionsPerSnapshot":10}' });
  const fileId = world.createFile(world.owner, 'a.txt', 'one\n');
  for (let version = 1; version <= 45; version++) type(world, fileId, version);
  assert.equal(world.headOf(fileId).snapshotVersion, 41);
  assertAudited(world, fileId);
});

test('claims, invites and forgotten connections end by themselves', async () => {
  const world = await TestWorld.create();
  const ann = world.join('ann');
  const robot = world.join('robot', { kind: 'agent' });
  const fileId = world.createFile(ann, 'a.txt', 'one\n');
  const lines = { firstLine: 0, lastLine: 0, reason: '', durationMs: 1000 };
  world.mustCall(ann, 'acquire_soft_lock', {
    requestId: world.nextId(),
    fileId,
    version: 1,
    ...lines,
  });
  world.lifecycle('connect', ann);
  const expiresAt = new Timestamp(world.nowMicros + 10_000_000n);
  const rights = { role: 'viewer', kind: 'human', capabilities: [], pathScope: [] };
  const invite = { ...rights, secretHash: 'ab'.repeat(32), expiresAt, uses: 1 };
  world.mustCall(world.owner, 'create_invite', invite);
  assert.equal(world.edit(robot, fileId, 1, insert(0, 1, 'x')).code, 'locked');
  world.nowMicros += 1_500_000n;
  assert.equal(world.edit(robot, fileId, 1, insert(0, 1, 'x')).code, 'ok', 'over, swept or not');
  world.maintain();
  assert.equal(world.rows('soft_lock').length, 0);
  assert.equal(world.rows('invite').length, 1);
  world.nowMicros += 10_000_000n;
  world.maintain();
  assert.equal(world.rows('invite').length, 0);
  assert.equal(world.rows('presence').length, 1);
  world.nowMicros += 25n * 3_600_000_000n;
  world.maintain();
  assert.equal(world.rows('presence').length, 0);
});

test('typing that was carried for long is judged by line, fresh typing by character', async () => {
  const world = await TestWorld.create();
  const ann = world.join('ann');
  const fileId = world.createFile(ann, 'a.txt', 'one two three\nfour\nfive\n');
  world.edit(world.owner, fileId, 1, insert(0, 0, 'zero '));
  // Moved over that edit by Ann’s side already; on the same line, but no character in common.
  const moved = insert(0, 18, '!');
  const fresh = world.edit(ann, fileId, 2, moved, { carriedFrom: 1 });
  assert.equal(fresh.inserted('op_outcome')[0]!.outcome, 'applied');
  world.nowMicros += 10_000_000n;
  const late = world.edit(ann, fileId, 3, moved, { carriedFrom: 1 });
  assert.equal(late.inserted('op_outcome')[0]!.outcome, 'ticket');
  assert.equal(late.inserted('conflict_ticket')[0]!.reason, 'overlap');
  const elsewhere = world.edit(ann, fileId, 3, insert(2, 4, '!'), { carriedFrom: 1 });
  assert.equal(elsewhere.inserted('op_outcome')[0]!.outcome, 'applied');
});

test('typing on an old base is judged by line too: an hour offline does not merge silently', async () => {
  const world = await TestWorld.create();
  const ann = world.join('ann');
  const fileId = world.createFile(ann, 'a.txt', 'one two three\n');
  world.edit(world.owner, fileId, 1, insert(0, 0, 'zero '));
  world.nowMicros += 3_600_000_000n;
  const result = world.edit(ann, fileId, 1, insert(0, 13, '!'));
  assert.equal(result.inserted('op_outcome')[0]!.outcome, 'ticket');
});

test('too many ops between count as long, whatever the clock says', async () => {
  const world = await TestWorld.create({ limits: '{"carriedOps":3}' });
  const ann = world.join('ann');
  const fileId = world.createFile(ann, 'a.txt', 'one two three\n');
  for (let version = 1; version <= 4; version++) type(world, fileId, version);
  const result = world.edit(ann, fileId, 1, insert(0, 13, '!'));
  assert.equal(result.inserted('op_outcome')[0]!.outcome, 'ticket');
});

test('folders are forgotten with their last file', async () => {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a/b/c.txt', '');
  const on = { opId: world.nextId(), author: '', fileId, expectedBaseVersion: 1 };
  world.mustCall(world.owner, 'rename_file', { ...on, fromPath: 'a/b/c.txt', path: 'a/d.txt' });
  assert.deepEqual(world.rows('folder'), [{ pathKey: 'a', files: 1 }]);
  world.mustCall(world.owner, 'delete_file', { ...on, opId: world.nextId() });
  assert.deepEqual(world.rows('folder'), []);
  world.createFile(world.owner, 'a', 'a file now');
});

test('an import brings many files at once; those that are there already do nothing', async () => {
  const world = await TestWorld.create();
  const files = Array.from({ length: 50 }, (_, i) => world.newFile(`src/${i}.txt`, `file ${i}\n`));
  const batchId = world.nextId();
  world.mustCall(world.owner, 'import_files', { batchId, author: '', files });
  assert.equal(world.rows('file_head').length, 50);
  const before = world.stateHash(CALL_MEMORY_TABLES);
  const fresh = files.map((file) => ({ ...file, opId: world.nextId() }));
  const again = { batchId: world.nextId(), author: '', files: fresh };
  const result = world.mustCall(world.owner, 'import_files', again);
  const outcomes = new Set(result.inserted('op_outcome').map(({ outcome }) => outcome));
  assert.deepEqual([...outcomes], ['duplicate']);
  assert.equal(world.stateHash(CALL_MEMORY_TABLES), before);
});

test('the world’s own settings are an owner’s, and its name is given once', async () => {
  const world = await TestWorld.create();
  const again = world.call(world.owner, 'configure_world', {
    ...POLICY,
    name: 'other',
    worldEpoch: 'cd'.repeat(32),
    limits: '',
    baseCommit: undefined,
    displayName: '',
    gitName: '',
    gitEmail: '',
    color: '',
  });
  assert.equal(again.code, 'already_configured');
  const set = (change: object) =>
    world.call(world.owner, 'set_policy', { ...POLICY, limits: '', ...change }).code;
  assert.equal(set({ policyMode: 'anarchy' }), 'bad_request');
  assert.equal(set({ lockPolicy: 'none' }), 'bad_request');
  assert.equal(set({ limits: '{"staleOps":0}' }), 'bad_request');
  assert.equal(set({ policyMode: 'line' }), 'ok');
  const [policy] = world.rows('file_op').slice(-1);
  assert.equal(policy!.kind, 'policy', 'history tells the rules');
});

function type(world: TestWorld, fileId: number, version: number): void {
  const result = world.edit(world.owner, fileId, version, insert(0, 0, 'x'));
  assert.equal(result.code, 'ok', result.message);
}

function assertAudited(world: TestWorld, fileId: number): void {
  const args = { fileId, version: world.headOf(fileId).version };
  const result = world.mustCall(world.owner, 'rebuild_file_from_snapshot', args);
  const [audit]: Row<'audit_event'>[] = result.inserted('audit_event');
  assert.deepEqual([audit!.outcome, audit!.opSeq], ['verified', 0]);
}
