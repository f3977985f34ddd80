import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommittedOp, OpenFile } from '../../../spacetimedb/src/file-work.ts';
import { type FileSource, planBatch } from '../../../spacetimedb/src/plan-batch.ts';
import type { Changes } from '../../../src/core/change.ts';
import { DEFAULT_LIMITS } from '../../../src/core/limits.ts';
import type { Batch, SubmittedOp } from '../../../src/core/op.ts';
import { Text } from '../../../src/core/text.ts';
import { TICKET_WORK, Work, WORK_BUDGETS } from '../../../src/core/work.ts';
import { assertSameWorld, restored } from './imported-world.ts';
import { change, insert, TestWorld } from './test-world.ts';

test('each reducer and route of the module has its budget, and nothing else has one', async () => {
  const { def } = (await TestWorld.published()).runtime;
  const routes = def.routes.map(({ path }) => path.slice(1));
  const names = [...def.reducers.map(({ name }) => name), ...routes];
  assert.deepEqual(Object.keys(WORK_BUDGETS).sort(), names.sort());
});

test('an edit of thousands of places over thousands of others’ costs no more than its budget', () => {
  // Kept an engine’s only thread for 24 s.
  const { work, plan } = planned({ ops: 40, changes: 1900, others: 1900 });
  assert.equal(plan.tag === 'ticket' && plan.cause.reason, 'too_stale');
  const most = WORK_BUDGETS.apply_file_ops + TICKET_WORK;
  assert.ok(work.spent <= most + 10_000, `${work.spent} units`);
});

test('what people and agents send is far from it', () => {
  const typing = planned({ ops: 128, changes: 1, others: 500 });
  assert.equal(typing.plan.tag, 'apply');
  assert.ok(typing.work.spent < WORK_BUDGETS.apply_file_ops / 4, `${typing.work.spent} units`);
  const patch = planned({ ops: 1, changes: 1900, others: 1900 });
  assert.equal(patch.plan.tag, 'apply');
  assert.ok(patch.work.spent < WORK_BUDGETS.apply_file_ops / 4, `${patch.work.spent} units`);
});

test('such an edit is kept as a ticket, and a world restored from its log has the same one', async () => {
  const world = await TestWorld.create();
  const ann = world.join('ann');
  const lines = Array.from({ length: 2400 }, (_, index) => `line ${index}`);
  const fileId = world.createFile(world.owner, 'a.txt', lines.join('\n'));
  const COUNT = 1100;
  for (let start = 0; start < COUNT; start += 100) {
    const ops = Array.from({ length: 100 }, (_, at) => {
      const base = at === 0 ? world.headOf(fileId).version : 0;
      return world.op(fileId, base, insert(((start + at) % 1200) * 2, 0, 'x'));
    });
    const batch = { batchId: world.nextId(), extends: 0, ops };
    world.mustCall(world.owner, 'apply_file_ops', { batch });
  }
  const everywhere = Array.from({ length: 1200 }, (_, at) =>
    change(2 * at + 1, 0, 2 * at + 1, 0, 'y'),
  );
  const ops = Array.from({ length: 20 }, (_, at) => world.op(fileId, at === 0 ? 1 : 0, everywhere));
  const batch = { batchId: world.nextId(), extends: 0, ops };
  const result = world.mustCall(ann, 'apply_file_ops', { batch });
  const outcomes = result.inserted('op_outcome').map(({ outcome }) => outcome);
  assert.deepEqual(new Set(outcomes), new Set(['ticket', 'held']));
  const [ticket] = world.rows('conflict_ticket');
  assert.equal(ticket!.reason, 'too_stale');
  assertSameWorld(await restored(world, () => false), world);
});

test('a batch of as many changes as a message can bring is taken, or refused as too much', async () => {
  const lines = Array.from({ length: 5000 }, (_, index) => `line ${index}`).join('\n');
  for (const [count, code] of [
    [40, 'ok'],
    [70, 'ok'],
    [260, 'too_much_work'],
  ] as const) {
    const world = await TestWorld.create();
    const fileId = world.createFile(world.owner, 'a.txt', lines);
    const changes = Array.from({ length: 5000 }, (_, at) => change(at, 0, at, 0, 'y'));
    const ops = Array.from({ length: count }, (_, at) => {
      return world.op(fileId, at === 0 ? 1 : 0, changes);
    });
    const state = world.stateHash();
    const batch = { batchId: world.nextId(), extends: 0, ops };
    const result = world.call(world.owner, 'apply_file_ops', { batch });
    assert.equal(result.code, code, result.message);
    if (code === 'ok') assert.ok(world.text(fileId).startsWith(`${'y'.repeat(count)}line 0\n`));
    else assert.equal(world.stateHash(), state);
  }
});

test('an edit beside many conflicts is taken or becomes one, however many places it has', async () => {
  for (const ops of [16, 24, 40]) {
    const world = await TestWorld.create();
    const ann = world.join('ann');
    const fileId = world.createFile(world.owner, 'a.txt', `${'x'.repeat(1000)}\none\n`);
    world.edit(world.owner, fileId, 1, [change(1, 0, 1, 3, 'ONE')]);
    for (let nth = 0; nth < 200; nth++) {
      world.edit(ann, fileId, 1, [change(1, 0, 1, 3, `uno ${nth}`)]);
    }
    assert.equal(world.rows('conflict_ticket').length, 200);
    const places = Array.from({ length: 999 }, (_, at) => change(0, at, 0, at, 'y'));
    const sent = Array.from({ length: ops }, (_, at) => {
      return world.op(fileId, at === 0 ? 2 : 0, [...places, change(0, 999, 0, 999, '\n')]);
    });
    const batch = { batchId: world.nextId(), extends: 0, ops: sent };
    const { code, message } = world.call(world.owner, 'apply_file_ops', { batch });
    assert.equal(code, 'ok', `${ops} edits: ${message}`);
    assertSameWorld(await restored(world, () => false), world);
  }
});

test('a call that would need too much work is refused whole', async () => {
  const world = await TestWorld.create();
  const before = world.stateHash();
  const files = Array.from({ length: 41_000 }, (_, index) => world.newFile(`${index}`, ''));
  const args = { batchId: world.nextId(), author: '', files };
  assert.equal(world.call(world.owner, 'import_files', args).code, 'too_much_work');
  assert.equal(world.stateHash(), before);
});

interface Size {
  readonly ops: number;
  readonly changes: number;
  readonly others: number;
}

/** A batch on every second line of a file, over ops of others on the lines between. */
function planned(size: Size) {
  const lineCount = 2 * Math.max(size.changes, size.others) + 2;
  const text = Text.of(Array.from({ length: lineCount }, (_, at) => `line ${at}`).join('\n'));
  const between: CommittedOp[] = Array.from({ length: size.others }, (_, at) => ({
    opSeq: at + 2,
    version: at + 2,
    actor: '11'.repeat(32),
    madeAtMicros: 0n,
    beforeHash: new Uint8Array(32),
    replacesAll: false,
    changes: insert((at * 14) % (lineCount - 2), 0, 'x'),
  }));
  const head = text.apply([]);
  const file: OpenFile = {
    fileId: 1,
    path: 'a.txt',
    version: size.others + 1,
    kind: 'text',
    deleted: false,
    byteLength: text.length,
    text: head,
    claims: [],
  };
  const source: FileSource = {
    open: () => file,
    committed: (_fileId, after, upTo) => between.slice(after - 1, upTo - 1),
    textAt: () => text,
    hashText: () => new Uint8Array(32),
  };
  const changes: Changes = Array.from({ length: size.changes }, (_, at) =>
    change(2 * at + 1, 0, 2 * at + 1, 0, 'y'),
  );
  const ops = Array.from({ length: size.ops }, (_, at) => op(at === 0 ? 1 : 0, changes));
  const batch: Batch = { batchId: '', extends: 0, ops };
  const work = new Work(WORK_BUDGETS.apply_file_ops);
  const rules = {
    policyMode: 'auto',
    obeysClaims: false,
    isAgent: false,
    actor: '22'.repeat(32),
    limits: DEFAULT_LIMITS,
    nowMicros: 0n,
    work,
  } as const;
  return { work, plan: planBatch(batch, rules, source) };
}

function op(expectedBaseVersion: number, changes: Changes): SubmittedOp {
  return {
    opId: '',
    fileId: 1,
    expectedBaseVersion,
    intent: 'patch',
    author: '',
    carriedFrom: 0,
    overlaps: [],
    rangeHashes: [],
    changes,
  };
}
