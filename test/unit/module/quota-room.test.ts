// What goes on without room, because it makes some or decides what is open, goes on whole; and nothing goes on
// for ever.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_QUOTAS } from '../../../src/core/quota.ts';
import { changing, textContent } from './change-files-kit.ts';
import { markExport } from './review-kit.ts';
import { change, insert, TestWorld } from './test-world.ts';

const RIGHTS = { capabilities: ['edit', 'lock', 'resolve', 'export'] };

test('a decision goes through where a snapshot is due with it', async () => {
  const { world, ann } = await worldOf(1, '{"versionsPerSnapshot":1}');
  const fileId = world.createFile(world.owner, 'a.txt', 'one\ntwo\n');
  world.edit(world.owner, fileId, 1, [change(0, 0, 0, 3, 'ONE')]);
  world.edit(ann, fileId, 1, [change(0, 0, 0, 3, 'uno')]);
  for (const version of [2, 3]) world.edit(world.owner, fileId, version, insert(1, 0, 'x'));
  fill(world, ann);
  const [ticket] = world.rows('conflict_ticket');
  const before = world.rows('file_snapshot').length;
  world.mustCall(ann, 'resolve_ticket', {
    opId: world.nextId(),
    ticketId: ticket!.ticketId,
    expectedHeadVersion: 4,
    resolution: 'rebase',
    parts: [],
  });
  assert.equal(world.rows('file_snapshot').length, before + 1, 'with its snapshot');
});

test('several changes that wait together are decided without room, as one change is', async () => {
  const { world, ann } = await worldOf(1);
  const fileId = world.createFile(world.owner, 'a.txt', 'one\ntwo\n');
  world.edit(world.owner, fileId, 1, [change(0, 0, 0, 3, 'ONE')]);
  const edit = { kind: 'edit', fileId, expectedBaseVersion: 1, changes: insert(0, 1, 'x') };
  const made = { kind: 'create', path: 'new.txt', content: textContent('new\n') };
  world.mustCall(ann, 'change_files', changing(world, edit, made));
  fill(world, ann);
  const state = world.stateHash();
  const more = changing(world, { ...made, path: 'more.txt' });
  assert.equal(world.call(ann, 'change_files', more).code, 'quota_exceeded');
  assert.equal(world.stateHash(), state);
  const [ticket] = world.rows('conflict_ticket');
  world.mustCall(ann, 'resolve_ticket', {
    opId: world.nextId(),
    ticketId: ticket!.ticketId,
    expectedHeadVersion: 2,
    resolution: 'rebase',
    parts: [],
  });
  assert.equal(world.text(world.head('new.txt').fileId), 'new\n');
});

test('the first export of a world is marked without room, but not any number of them', async () => {
  const { world, ann } = await worldOf(1);
  fill(world, ann);
  assert.equal(mark(world, ann, ''), 'ok');
  let code = 'ok';
  for (let count = 0; code === 'ok' && count < 40; count++) {
    world.nowMicros += 1_000_000n;
    code = mark(world, ann, 'x'.repeat(20_000));
  }
  assert.equal(code, 'quota_exceeded');
  assert.equal(mark(world, world.owner, ''), 'ok', 'others go on');
});

async function worldOf(memberMebibytes: number, limits = '') {
  const world = await TestWorld.create({ limits });
  world.mustCall(world.owner, 'set_quotas', { ...DEFAULT_QUOTAS, memberMebibytes });
  return { world, ann: world.join('ann', RIGHTS) };
}

/** Writes until there is no room for a word. */
function fill(world: TestWorld, who: string): void {
  for (const size of [100_000, 10_000, 100]) {
    for (let count = 0, code = 'ok'; code === 'ok'; count++) {
      const file = world.newFile(`fill/${size}/${count}.txt`, 'x'.repeat(size));
      ({ code } = world.call(who, 'create_file', { author: '', file }));
    }
  }
}

function mark(world: TestWorld, who: string, message: string): string {
  return markExport(world, who, { message }).code;
}
