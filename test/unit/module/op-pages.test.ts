import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  ANSWER_BYTES,
  isListedOp,
  LARGE_OP_BYTES,
  OP_PAGE,
  opRowBytes,
  ROW_FRAME_BYTES,
} from '../../../src/core/answer-size.ts';
import { busyWorld, play, steps } from './random-steps.ts';
import { change, insert, TestWorld } from './test-world.ts';

const PAGE_TABLES = ['op_page', 'paged_log', 'op_weight'] as const;

test('the history is cut into pages that fit in an answer, one row when a page is full', async () => {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a.txt', 'x\n');
  let written = 0;
  for (let version = 1; version < 2500; version++) {
    const { inserted } = world.edit(world.owner, fileId, version, insert(0, 0, 'y'));
    written += inserted('op_page').length;
    assert.equal(inserted('op_weight').length, 0, 'a key has no row but its own');
  }
  assertPages(world);
  const pages = world.rows('op_page');
  assert.equal(pages.length, 2);
  assert.equal(written, 2);
  assert.deepEqual(
    pages.map(({ count }) => count),
    [OP_PAGE.ops, OP_PAGE.ops],
  );
});

test('a page ends before it is larger than an answer, and a larger op is a page of its own', async () => {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a.txt', 'x');
  const sizes = [1_000_000, 1_500_000, 1_500_000, 1_500_000, 10, 3_000_000];
  const replaceAll = (version: number, length: number) => {
    const before = version === 1 ? 1 : sizes[version - 2]!;
    const changes = [change(0, 0, 0, before, 'x'.repeat(length))];
    assert.equal(world.edit(world.owner, fileId, version, changes).code, 'ok');
  };
  for (const [index, length] of sizes.entries()) replaceAll(index + 1, length);
  assertPages(world);
  assert.ok(world.rows('op_page').every(({ bytes }) => bytes <= ANSWER_BYTES));
  assert.equal(world.rows('op_page').length, 2);
});

test('pages are a function of the ops: whatever is lost from memory, and in a world of 0.1.0', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(steps(), { minLength: 20, maxLength: 60 }),
      fc.array(fc.nat(60), { maxLength: 4 }),
      async (done, losses) => {
        const { world, people } = await busyWorld();
        let other: TestWorld = world;
        for (const [index, each] of done.entries()) {
          if (losses.includes(index)) other = other.reopened();
          play(other, people[each.who]!, each);
        }
        assertPages(other);
        for (const row of other.rows('file_op')) {
          const stored = other.runtime.datastore.table('file_op')!.allRows();
          const { bytes } = stored.find(({ keys }) => keys.includes(row.opSeq))!;
          assert.equal(opRowBytes(row), bytes.length, row.kind);
        }
        const old = other.reopened(PAGE_TABLES);
        old.maintain();
        assertPages(old);
      },
    ),
    { numRuns: 10, endOnFailure: true },
  );
});

test('a long history of 0.1.0 is cut by maintenance, bit by bit, while people go on', async () => {
  const world = await TestWorld.create({ limits: '{"versionsPerSnapshot":100000}' });
  const fileId = world.createFile(world.owner, 'a.txt', 'x\n'.repeat(500));
  const type = (to: TestWorld, from: number, count: number): void => {
    for (let done = 0; done < count; done += 500) {
      const ops = Array.from({ length: 500 }, (_, index) =>
        to.op(
          fileId,
          index === 0 ? from + done : 0,
          insert(index, 0, index % 250 ? 'y' : 'y'.repeat(5000)),
        ),
      );
      const batch = { batchId: to.nextId(), extends: 0, ops };
      to.mustCall(to.owner, 'apply_file_ops', { batch });
    }
  };
  type(world, 1, 6_000);
  const old = world.reopened(PAGE_TABLES);
  let runs = 0;
  for (let version = 6_001; ; version += 500) {
    old.maintain();
    runs++;
    const [paged] = old.rows('paged_log');
    if (old.rows('log_head')[0]!.opSeq - paged!.pagedSeq <= OP_PAGE.ops) break;
    type(old, version, 500);
  }
  assert.ok(runs >= 2, `${runs} runs`);
  assertPages(old);
});

test('who comes first to a world that a new module got finds its open page counted', async () => {
  const world = await TestWorld.create();
  const fileId = world.createFile(world.owner, 'a.txt', 'x');
  world.edit(world.owner, fileId, 1, insert(0, 0, 'y'.repeat(LARGE_OP_BYTES)));
  const old = world.reopened(PAGE_TABLES);
  old.lifecycle('connect', old.owner);
  assert.deepEqual(pageRows(old), pageRows(world));
  assert.equal(old.rows('op_weight').length, 1);
});

function pageRows(world: TestWorld): unknown {
  return PAGE_TABLES.map((name) => [...world.rows(name)]);
}

/** The pages and weights that a world has are those that its ops lead to. */
function assertPages(world: TestWorld): void {
  const ops = world.rows('file_op').sort((a, b) => a.opSeq - b.opSeq);
  const pages: { pageId: number; firstSeq: number; count: number; bytes: number }[] = [];
  let open = { pageId: 1, firstSeq: 1, count: 0, bytes: 0 };
  for (const op of ops) {
    const bytes = opRowBytes(op) + ROW_FRAME_BYTES;
    if (open.count === OP_PAGE.ops || (open.count > 0 && open.bytes + bytes > OP_PAGE.bytes)) {
      pages.push(open);
      open = { pageId: pages.length + 1, firstSeq: op.opSeq, count: 0, bytes: 0 };
    }
    open = { ...open, count: open.count + 1, bytes: open.bytes + bytes };
  }
  assert.deepEqual(world.rows('op_page'), pages);
  const last = pages.at(-1);
  const pagedSeq = last ? last.firstSeq + last.count - 1 : 0;
  assert.deepEqual(world.rows('paged_log'), [{ id: 1, pages: pages.length, pagedSeq }]);
  assert.deepEqual(
    world.rows('op_weight').map(({ opSeq, bytes }) => [opSeq, bytes]),
    ops
      .map((op) => [op, opRowBytes(op)] as const)
      .filter(([op, bytes]) => isListedOp(op, bytes))
      .map(([op, bytes]) => [op.opSeq, bytes]),
  );
}
