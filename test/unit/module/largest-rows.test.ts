import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Timestamp } from 'spacetimedb';
import { DEFAULT_LIMITS, type Limits } from '../../../src/core/limits.ts';
import { MOST_RUNS } from '../../../src/core/other-ends.ts';
import { HIGHEST_LIMITS, SIZES, subscribedRowBytes } from '../../../src/core/sizes.ts';
import { SALT_BYTES, TURN_NAME_LENGTH } from '../../../src/core/turn-mark.ts';
import { change, identity, TestWorld } from './test-world.ts';

/** Of all texts of a length in UTF-16 code units, one of the most bytes. */
const wide = (length: number): string => '漢'.repeat(length);
const ALL = ['edit', 'lock', 'resolve', 'invite', 'export', 'attribute'];

test('the longest rows that everybody is sent are no longer than the limits say', async () => {
  const world = await largestWorld(DEFAULT_LIMITS, '');
  assertRows(world, DEFAULT_LIMITS);
});

test('nor are they with the highest limits that an owner may set', async () => {
  const limits = { ...DEFAULT_LIMITS, ...HIGHEST_LIMITS };
  assertRows(await largestWorld(limits, JSON.stringify(HIGHEST_LIMITS)), limits);
});

test('a scope whose globs are too long together is refused, for a member and for an invite', async () => {
  const world = await TestWorld.create();
  const ann = world.join('ann');
  const pathScope = globs(SIZES.globs + 1, 64);
  const rights = { role: 'editor', capabilities: ['edit'], pathScope };
  const set = { identity: identity(ann), ...rights, paused: false };
  assert.equal(world.call(world.owner, 'set_member', set).code, 'too_large');
  const invite = {
    ...rights,
    secretHash: 'ab'.repeat(32),
    kind: 'human',
    expiresAt: new Timestamp(world.nowMicros + 60_000_000n),
    uses: 1,
  };
  assert.equal(world.call(world.owner, 'create_invite', invite).code, 'too_large');
});

test('a batch that no restore could send is refused, and a restorable one is not', async () => {
  const world = await TestWorld.create();
  const robot = world.join('robot', { kind: 'agent' });
  const files = ['a.txt', 'b.txt'].map((name) => world.createFile(world.owner, name, 'one\n'));
  for (const fileId of files) world.edit(world.owner, fileId, 1, [change(0, 0, 0, 3, 'ONE')]);
  // A control character is six in the JSON of the history.
  const send = (length: number) => {
    const changes = [change(0, 0, 0, 3, '\u0001'.repeat(length))];
    const ops = files.map((fileId) => world.op(fileId, 1, changes, { intent: 'patch' }));
    const batch = { batchId: world.nextId(), extends: 0, ops };
    return world.call(robot, 'apply_file_ops', { batch }).code;
  };
  const longest = Math.floor(SIZES.batchLog / 2 / 6);
  assert.equal(send(longest + 1), 'too_large');
  assert.deepEqual(world.rows('conflict_ticket'), []);
  assert.equal(send(longest - 1024), 'ok');
});

test('a limit above what a world can keep is refused, unless it is in force', async () => {
  const world = await TestWorld.create();
  const rules = { policyMode: 'auto', lockPolicy: 'enforce' };
  for (const [name, highest] of Object.entries(HIGHEST_LIMITS)) {
    const set = (value: number) =>
      world.call(world.owner, 'set_policy', {
        ...rules,
        limits: JSON.stringify({ [name]: value }),
      });
    assert.equal(set(highest + 1).code, 'too_large', name);
    assert.equal(set(highest).code, 'ok', name);
  }
});

/** A world in which one of everything that everybody is sent is as long as may be. */
async function largestWorld(limits: Limits, json: string): Promise<TestWorld> {
  const world = await TestWorld.create({ limits: json });
  const { owner } = world;
  const name = wide(limits.nameLength);
  world.mustCall(owner, 'rename_world', { name });
  const ann = world.join('ann');
  const color = 'a'.repeat(64);
  const profile = { displayName: name, gitName: name, gitEmail: name, color };
  world.mustCall(ann, 'set_profile', profile);
  const pathScope = globs(SIZES.globs, limits.scopesPerMember);
  const rights = { role: 'editor', capabilities: ALL, pathScope, paused: true };
  world.mustCall(owner, 'set_member', { identity: identity(ann), ...rights });
  const text = wide(limits.noteLength);
  world.mustCall(owner, 'add_note', { opId: world.nextId(), kind: 'message', to: ann, text });
  const segment = 'ŉ'.repeat(127);
  const longPath = `${segment}/`.repeat(4).slice(0, 511);
  const fileId = world.createFile(owner, longPath.replace(/\/$/, ''), 'one\n');
  const lines = { firstLine: 0, lastLine: 0 };
  const claim = { requestId: world.nextId(), fileId, version: 1, ...lines, durationMs: 1000 };
  world.mustCall(owner, 'acquire_soft_lock', { ...claim, reason: name });
  world.mustCall(owner, 'lease_lines', {
    ...claim,
    requestId: world.nextId(),
    firstLine: 1,
    lastLine: 1,
    reason: name,
  });
  const pattern = `*${'ŉ'.repeat(120)}/`.repeat(4) + '*';
  const paths = { requestId: world.nextId(), pattern, isGlob: true, isLease: true };
  world.mustCall(owner, 'claim_path', { ...paths, reason: name, durationMs: 1000 });
  const presence = { fileId, version: 1, selections: [], typing: false, activity: name };
  world.mustCall(owner, 'update_presence', presence);
  const robot = world.join('robot', { kind: 'agent' });
  world.mustCall(owner, 'release_soft_lock', { lockId: world.rows('soft_lock')[0]!.lockId });
  world.mustCall(owner, 'acquire_soft_lock', {
    ...claim,
    requestId: world.nextId(),
    firstLine: 1,
    lastLine: 1,
    reason: name,
  });
  world.edit(owner, fileId, 1, [change(0, 0, 0, 3, 'ONE')]);
  const more = Array.from({ length: 49 }, (_, at) =>
    world.createFile(owner, `${segment}/${at}/${segment}/${at}`, ''),
  );
  const files = [fileId, ...more].map((each) => ({ fileId: each, what: 'deleted' }));
  const asked = { opId: world.nextId(), cause: 'missing_folder', folderName: name, fileCount: 50 };
  world.mustCall(owner, 'ask_restoration', { ...asked, files, owners: [ann, robot] });
  const mixed = world.newFile('mixed.txt', '\n'.repeat(4 * MOST_RUNS));
  const runs = Array.from({ length: MOST_RUNS }, (_, at) => `${4 * at}-${4 * at + 1}`);
  mixed.content.eol = `lf ${runs.join(',')}`;
  world.mustCall(owner, 'create_file', { author: '', file: mixed });
  world.createFile(robot, 'made.txt', '');
  const named = wide(TURN_NAME_LENGTH);
  const turn = { session: named, name: named, client: named, title: name };
  const prompt = { prompt: 'x', salt: new Uint8Array(SALT_BYTES) };
  world.mustCall(robot, 'begin_turn', { opId: world.nextId(), ...turn, ...prompt });
  // As long as a row has room for, with what is moved along.
  const room = Math.floor((SIZES.subscribedRow - 900) / 9);
  world.edit(robot, fileId, 1, [change(0, 0, 0, 3, wide(room))]);
  return world;
}

function assertRows(world: TestWorld, limits: Limits): void {
  for (const [table, most] of Object.entries(subscribedRowBytes(limits))) {
    const rows = world.runtime.datastore.table(table)!.allRows();
    const longest = Math.max(...rows.map(({ bytes }) => bytes.length));
    assert.ok(longest <= most, `a row of ${table} has ${longest} bytes, not ${most} at most`);
    assert.ok(longest >= most * 0.2, `a row of ${table} has only ${longest} of ${most} bytes`);
  }
}

/** So many globs of so many bytes together. */
function globs(bytes: number, count: number): string[] {
  const each = Math.min(512, Math.floor(bytes / count));
  const all = Array.from({ length: count }, (_, nth) => `${nth}`.padEnd(each, 'x'));
  const rest = bytes - each * count;
  return [...all.slice(1), `${all[0]!}${'y'.repeat(rest)}`];
}
