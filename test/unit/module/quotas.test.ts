import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_QUOTAS, NOTES_PER_SECOND, type Quotas } from '../../../src/core/quota.ts';
import { assertSameWorld, restored } from './imported-world.ts';
import { change, identity, insert, personNamed, TestWorld } from './test-world.ts';

const USAGE = ['world_usage', 'member_usage'] as const;

test('who has written their share can read, decide, delete and let go, and write no more', async () => {
  const world = await worldWith({ memberMebibytes: 1 });
  const ann = world.join('ann');
  const fileId = world.createFile(ann, 'a.txt', 'one\ntwo\n');
  const spare = world.createFile(ann, 'spare.txt', '');
  world.edit(world.owner, fileId, 1, [change(0, 0, 0, 3, 'ONE')]);
  world.edit(ann, fileId, 1, [change(0, 0, 0, 3, 'uno')]);
  const [ticket] = world.rows('conflict_ticket');
  world.mustCall(ann, 'acquire_soft_lock', claim(world, fileId));
  assert.equal(fill(world, ann), 'quota_exceeded');
  const before = world.stateHash();
  const long = world.edit(ann, fileId, 2, insert(1, 0, 'x'.repeat(110_000)));
  assert.equal(long.code, 'quota_exceeded');
  assert.match(long.message, /"of":"member","what":"bytes","used":\d+,"quota":1048576/);
  assert.equal(world.stateHash(), before, 'nothing of it happened');

  const asked = { fileId, version: 1 };
  const audits = world.mustCall(ann, 'rebuild_file_from_snapshot', asked).inserted('audit_event');
  assert.equal(audits[0]!.outcome, 'verified');
  const whole = { opId: world.nextId(), author: '', fileId: spare, expectedBaseVersion: 1 };
  world.mustCall(ann, 'delete_file', whole);
  const [lock] = world.rows('soft_lock');
  world.mustCall(ann, 'release_soft_lock', { lockId: lock!.lockId });
  world.mustCall(ann, 'resolve_conflict', {
    opId: world.nextId(),
    ticketId: ticket!.ticketId,
    expectedHeadVersion: world.headOf(fileId).version,
    resolution: 'rebase',
    parts: [],
  });
  assert.equal(world.edit(world.owner, fileId, 3, insert(0, 0, 'z')).code, 'ok', 'others go on');
});

test('an owner has no share, but the world has its own; an owner may change both', async () => {
  const world = await worldWith({ memberMebibytes: 1, worldMebibytes: 2 });
  const ann = world.join('ann');
  const refused = fill(world, world.owner);
  assert.equal(refused, 'quota_exceeded');
  const usage = world.rows('world_usage')[0]!;
  assert.ok(usage.bytes > 1_000_000n, `${usage.bytes} bytes of two mebibytes`);
  assert.equal(world.call(ann, 'set_quotas', DEFAULT_QUOTAS).code, 'forbidden');
  const none = { ...DEFAULT_QUOTAS, worldMebibytes: 0 };
  assert.equal(world.call(world.owner, 'set_quotas', none).code, 'bad_request');
  world.mustCall(world.owner, 'set_quotas', { ...DEFAULT_QUOTAS, worldMebibytes: 4 });
  const file = world.newFile('more.txt', 'x'.repeat(300_000));
  world.mustCall(world.owner, 'create_file', { author: '', file });
});

test('a member writes so many notes, a second as well as in all; a mark of an export is none', async () => {
  const world = await worldWith({ memberNotes: 2 * NOTES_PER_SECOND + 3 });
  const viewer = world.join('viewer', { role: 'viewer', capabilities: [] });
  const say = () => {
    const note = { kind: 'message', to: '', text: 'hello' };
    return world.call(viewer, 'add_note', { opId: world.nextId(), ...note }).code;
  };
  const said = Array.from({ length: 2 * NOTES_PER_SECOND + 1 }, say);
  assert.equal(said.at(-1), 'too_many', 'thirty thousand a second are no conversation');
  assert.equal(said.indexOf('too_many') >= 2 * NOTES_PER_SECOND - 1, true);
  world.nowMicros += 10_000_000n;
  const more = Array.from({ length: 6 }, say);
  assert.deepEqual(new Set(more.slice(-2)), new Set(['quota_exceeded']));
  assert.equal(world.rows('note').length, 2 * NOTES_PER_SECOND + 3);
});

test('what is counted follows from the history: restored, reopened, or counted afterwards', async () => {
  const world = await busy();
  assert.ok(world.rows('world_usage')[0]!.uptoSeq > 256);
  assert.equal(world.rows('quota')[0]!.worldMebibytes, 77);
  assertSameWorld(await restored(world, () => false), world);

  // A world of a module that counted nothing.
  const old = world.reopened([...USAGE]);
  const fileId = old.rows('file_head')[0]!.fileId;
  old.edit(old.owner, fileId, old.headOf(fileId).version, insert(0, 0, 'meanwhile'));
  assert.deepEqual(old.rows('world_usage'), [], 'keys do not wait for it');
  for (let run = 0; run < 3; run++) old.maintain();
  const copy = await restored(old, () => false);
  assertSameWorld(copy, old);
});

test('memory may vanish at any time: the count goes on as if it had not', async () => {
  let forgetful = await worldWith({});
  const steady = await worldWith({});
  for (let turn = 0; turn < 40; turn++) {
    for (const world of [forgetful, steady]) {
      const name = `${turn}.txt`;
      const fileId = world.createFile(world.owner, name, 'x'.repeat(turn * 1000));
      for (let version = 1; version < 10; version++) {
        world.edit(world.owner, fileId, version, insert(0, 0, 'y'));
      }
      // Refused in the middle: what it counted is not kept.
      const op = world.op(fileId, 10, insert(0, 0, 'ghost'));
      const ops = [op, { ...op, expectedBaseVersion: 0 }];
      const batch = { batchId: world.nextId(), extends: 0, ops };
      assert.equal(world.call(world.owner, 'apply_file_ops', { batch }).code, 'op_id_reused');
    }
    if (turn % 3 === 0) forgetful = forgetful.reopened();
  }
  assert.ok(steady.rows('world_usage')[0]!.uptoSeq >= 256);
  for (const name of USAGE) assert.deepEqual(forgetful.rows(name), steady.rows(name));
});

test('a key writes nothing of it down', async () => {
  const world = await worldWith({});
  const fileId = world.createFile(world.owner, 'a.txt', '');
  let written = 0;
  for (let version = 1; version <= 600; version++) {
    const result = world.edit(world.owner, fileId, version, insert(0, 0, 'x'));
    written += result.inserted('world_usage').length + result.inserted('member_usage').length;
  }
  assert.ok(written <= 6, `${written} rows for 600 keys`);
});

test('members that left and files that were deleted leave room for others', async () => {
  const world = await TestWorld.create({ limits: '{"members":2,"files":2}' });
  const ann = world.join('ann');
  assert.throws(() => world.join('ben'), /too_many/);
  world.mustCall(world.owner, 'remove_member', { identity: identity(ann) });
  world.join('cem');
  world.mustCall(world.owner, 'remove_member', { identity: identity(personNamed('cem')) });
  for (let nth = 0; nth < 7; nth++) {
    const gone = world.join(`guest ${nth}`);
    world.mustCall(world.owner, 'remove_member', { identity: identity(gone) });
  }
  assert.throws(() => world.join('one more'), /too_many: the world had too many members/);
  world.join('cem', {}, 'Cem is back');
  const first = world.createFile(world.owner, '1', '');
  world.createFile(world.owner, '2', '');
  const third = () => {
    const file = world.newFile('3', '');
    return world.call(world.owner, 'create_file', { author: '', file }).code;
  };
  assert.equal(third(), 'too_many');
  const on = (opId: string) => ({ opId, author: '', fileId: first, expectedBaseVersion: 1 });
  world.mustCall(world.owner, 'delete_file', on(world.nextId()));
  assert.equal(third(), 'ok');
  const back = world.call(world.owner, 'restore_file', { ...on(world.nextId()), path: '' });
  assert.equal(back.code, 'too_many', 'a file that comes back needs room, too');
});

async function worldWith(quotas: Partial<Quotas>): Promise<TestWorld> {
  const world = await TestWorld.create();
  world.mustCall(world.owner, 'set_quotas', { ...DEFAULT_QUOTAS, ...quotas });
  return world;
}

/** Creates files until that is refused; returns the code. */
function fill(world: TestWorld, who: string): string {
  for (let count = 0; count < 100; count++) {
    const file = world.newFile(`fill/${count}.txt`, `${count} ${'x'.repeat(100_000)}`);
    const { code } = world.call(who, 'create_file', { author: '', file });
    if (code !== 'ok') return code;
  }
  return 'ok';
}

/** A world with every kind of op that counts, and more ops than are kept in memory. */
async function busy(): Promise<TestWorld> {
  const world = await worldWith({});
  const ann = world.join('ann');
  const fileId = world.createFile(ann, 'a.txt', 'one\ntwo\nthree\n');
  for (let version = 1; version <= 300; version++) {
    world.edit(version % 3 === 0 ? ann : world.owner, fileId, version, insert(0, 0, 'x'));
  }
  world.mustCall(ann, 'checkpoint_file', { fileId });
  world.edit(ann, fileId, 1, [change(1, 0, 1, 3, 'dos')]);
  world.edit(world.owner, fileId, 1, [change(1, 0, 1, 3, 'deux')]);
  for (const name of ['b.txt', 'c.txt']) world.createFile(world.owner, name, 'y'.repeat(600_000));
  const { fileId: gone } = world.head('b.txt');
  const whole = () => ({ opId: world.nextId(), author: '', fileId: gone, expectedBaseVersion: 1 });
  world.mustCall(world.owner, 'delete_file', whole());
  world.mustCall(world.owner, 'restore_file', { ...whole(), path: 'd.txt' });
  world.mustCall(ann, 'add_note', { opId: world.nextId(), kind: 'message', to: '', text: 'hi' });
  world.mustCall(world.owner, 'set_quotas', { ...DEFAULT_QUOTAS, worldMebibytes: 77 });
  world.mustCall(world.owner, 'set_policy', {
    policyMode: 'line',
    lockPolicy: 'enforce',
    limits: '',
  });
  return world;
}

function claim(world: TestWorld, fileId: number) {
  const lines = { firstLine: 0, lastLine: 0, reason: '', durationMs: 60_000 };
  return { requestId: world.nextId(), fileId, version: 1, ...lines };
}
