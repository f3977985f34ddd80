import assert from 'node:assert/strict';
import { test } from 'node:test';
import { badCalls, GROUND_TEXT, type Ground } from '../../harness/bad-input.ts';
import { change, insert, TestWorld } from './test-world.ts';

async function prepare(): Promise<{ world: TestWorld; ann: string; ground: Ground }> {
  const world = await TestWorld.create();
  const ann = world.join('ann');
  const other = world.join('other');
  const textFile = world.createFile(ann, 'inside/text.txt', GROUND_TEXT.slice(1));
  const usedId = world.nextId();
  world.edit(ann, textFile, 1, insert(0, 0, 'o'), { opId: usedId });
  const deletedFile = world.createFile(ann, 'gone.txt', 'gone');
  const gone = { opId: world.nextId(), author: '', fileId: deletedFile, expectedBaseVersion: 1 };
  world.mustCall(ann, 'delete_file', gone);
  const bytes = Uint8Array.of(0, 1, 2);
  const content = { kind: 'binary', eol: 'lf', bom: false, text: '', bytes };
  const file = { opId: world.nextId(), path: 'a.bin', mode: 'regular', content };
  world.mustCall(ann, 'create_file', { author: '', file });
  const refused = world.edit(other, textFile, 1, [change(0, 0, 0, 1, 'x')], { overlaps: [1] });
  const closedTicket = refused.inserted('conflict_ticket')[0]!.ticketId;
  world.mustCall(other, 'resolve_conflict', {
    opId: world.nextId(),
    ticketId: closedTicket,
    expectedHeadVersion: 2,
    resolution: 'accept_head',
    parts: [],
  });
  world.mustCall(other, 'acquire_soft_lock', {
    requestId: world.nextId(),
    fileId: textFile,
    version: 2,
    firstLine: 2,
    lastLine: 2,
    reason: 'mine',
    durationMs: 60_000,
  });
  const lock = world.rows('soft_lock')[0]!.lockId;
  const binaryFile = world.head('a.bin').fileId;
  const { nowMicros } = world;
  const ids = { textFile, binaryFile, deletedFile, closedTicket, lock };
  return { world, ann, ground: { ...ids, other, usedId, nowMicros } };
}

test('what no world accepts has a stable code and changes nothing, in any table', async () => {
  const { world, ann, ground } = await prepare();
  const before = world.stateHash();
  for (const call of badCalls(ground)) {
    const result = world.call(ann, call.reducer, call.args);
    assert.equal(result.code, call.code, `${call.why}: ${result.message.slice(0, 200)}`);
    assert.equal(world.stateHash(), before, `${call.why}: something changed`);
  }
});

test('a stranger, a removed and a paused member are refused every call, and change nothing', async () => {
  const { world, ann, ground } = await prepare();
  const paused = world.join('paused');
  const removed = world.join('removed');
  const { identity } = world.rows('workspace_member').find((row) => row.displayName === 'removed')!;
  world.mustCall(world.owner, 'remove_member', { identity });
  const member = world.rows('workspace_member').find((row) => row.displayName === 'paused')!;
  world.mustCall(world.owner, 'set_member', { ...member, paused: true });
  const before = world.stateHash();
  const batch = { batchId: world.nextId(), extends: 0, ops: [world.op(ground.textFile, 2, [])] };
  const cases = [
    ['ee'.repeat(32), 'not_a_member'],
    [removed, 'not_a_member'],
    [paused, 'paused'],
  ] as const;
  for (const [sender, code] of cases) {
    assert.equal(world.call(sender, 'apply_file_ops', { batch }).code, code);
    const file = world.newFile('new.txt', '');
    assert.equal(world.call(sender, 'create_file', { author: '', file }).code, code);
    assert.equal(
      world.call(sender, 'set_policy', { policyMode: 'line', lockPolicy: 'advise', limits: '' })
        .code,
      code,
    );
    assert.equal(world.stateHash(), before);
  }
  assert.equal(world.call(ann, 'apply_file_ops', { batch }).code, 'ok', 'others go on');
});
