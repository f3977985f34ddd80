// Every question that the product asks a world is in docs/limits.md, and found by an index.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SubscriptionSet } from '../../src/host/subscriptions/subscription-set.ts';
import { type Condition, parseQuery } from '../../src/host/subscriptions/sql.ts';
import { snakeCase } from '../../src/host/module-def.ts';
import { backupWorld } from '../../src/world/backup.ts';
import { AuthorshipReader } from '../../src/world/file-authorship.ts';
import { HistoryReader } from '../../src/world/history-reader.ts';
import { LastActions } from '../../src/world/last-actions.ts';
import { followOps } from '../../src/world/op-feed.ts';
import { planMemberTakeBack } from '../../src/world/take-back.ts';
import { verifyWorld } from '../../src/world/verify-world.ts';
import { beginTurn, readPrompt, readTurn, readTurnsOf } from '../../src/world/turns.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { linesSince } from '../../src/world/lines-since.ts';
import { changedSince, fileVersionAt, opSeqAtTime } from '../../src/world/version-at.ts';
import { historyOfSession } from '../../src/world/world-history.ts';
import { WorldList } from '../../src/world/world-list.ts';
import { newId, newOp, newTextFile } from '../harness/world-stage.ts';
import { bundle, WorldLab } from './world-lab.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const skip = process.env['AGENT_WORLD_TEST_SERVER'] !== undefined;

/** Whoever asks a world anything. The limits of their answers are in docs/limits.md: add a row there. */
const ASKING = [
  'compare-tables.ts',
  'log-pages.ts',
  'read-head.ts',
  'read-rows.ts',
  'read-ticket.ts',
  'renewal.ts',
  'stray-ops.ts',
  'world-view.ts',
];

test('a world is asked in these places only', async () => {
  const asking: string[] = [];
  for (const folder of ['agents', 'cli', 'editor', 'git', 'mirror', 'sync', 'views', 'world']) {
    const entries = await readdir(path.join(root, 'src', folder), { recursive: true });
    for (const entry of entries.filter((name) => name.endsWith('.ts'))) {
      const source = await readFile(path.join(root, 'src', folder, entry), 'utf8');
      if (/\blink\.subscribe\(/.test(source)) asking.push(path.basename(entry));
    }
  }
  assert.deepEqual(asking.sort(), ASKING);
});

test(
  'every question that reading asks is in the table of answers, found by an index',
  { skip },
  async (t) => {
    const lab = await WorldLab.open(t);
    const asked = new Map<string, string>();
    const session = await lab.enter(lab.owner);
    const file = newTextFile('a.txt', 'one\n'.repeat(50));
    await session.judge('create_file', { author: '', file }, [file.opId]);
    const { fileId } = session.view.fileAt('a.txt')!;
    const ops = Array.from({ length: 1300 }, (_, index) =>
      newOp(fileId, index === 0 ? 1 : 0, [
        { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0, text: 'y' },
      ]),
    );
    const batch = { batchId: newId(), extends: 0, ops };
    assert.equal((await session.call('apply_file_ops', { batch })).tag, 'done');
    const link = await session.whenOnline();

    const add = Reflect.get(SubscriptionSet.prototype, 'add') as SubscriptionSet<unknown>['add'];
    SubscriptionSet.prototype.add = function (subscriber, id, queries) {
      for (const { text } of queries) asked.set(shapeOf(text), text);
      add.call(this, subscriber, id, queries);
    };
    t.after(() => {
      SubscriptionSet.prototype.add = add;
    });
    const agent = await lab.agent();
    await agent.read('a.txt');
    await agent.edit('a.txt', [
      { startLine: 1, startCharacter: 0, endLine: 1, endCharacter: 0, text: 'z' },
    ]);
    const first = new Set(asked.keys());
    await (await HistoryReader.open(session)).older(50);
    await (await HistoryReader.open(session, { fileId })).older(50);
    await new AuthorshipReader(session).read(fileId);
    await new LastActions(session, () => {}).readNewest();
    await planMemberTakeBack(session, { member: session.identity, sinceSeq: 0 });
    await changedSince(session, 3);
    await readTurnsOf(session, session.identity);
    await readTurn(session, 2);
    await readPrompt(session, await askedTurn(lab));
    await opSeqAtTime(session, Date.now());
    await fileVersionAt(link, session.view, fileId, 200);
    await linesSince(
      link,
      session.view,
      { fileId, lines: { firstLine: 0, lastLine: 1 }, opSeq: 3 },
      4,
    );
    await historyOfSession(session).notes();
    await backupWorld({ session, file: path.join(lab.folder, 'world.archive') });
    await new Promise<void>((resolve) => {
      t.after(followOps(session, 0, ({ opSeq }) => opSeq > 1200 && resolve()));
    });
    const read = [...asked].filter(([shape]) => !first.has(shape) || !isWhole(shape));

    const documented = await documentedShapes();
    const { runtime } = lab.server.embedded!.host.engine.database(lab.database);
    for (const [shape, text] of read) {
      assert.ok(documented.has(shape), `docs/limits.md does not say what answers ${text}`);
      const { table, where } = parseQuery(text);
      if (where === null || shape.includes('watched')) continue;
      const { schema } = runtime.datastore.table(table)!;
      const equal = equalColumns(where);
      const isIndexed = schema.indexes.some(({ columns }) =>
        columns.every((column) =>
          equal.includes(snakeCase(schema.def.columns[column]!.name ?? '')),
        ),
      );
      assert.ok(isIndexed, `no index finds ${text}`);
    }
    const world = { server: lab.server.uri, database: lab.database };
    const worlds = new WorldList(lab.folder);
    assert.equal((await verifyWorld({ session, world, worlds, bundle })).tag, 'verified');
  },
);

async function askedTurn(lab: WorldLab): Promise<number> {
  const { session } = await lab.agent({ kind: 'agent' });
  const asked = { session: 's', name: '', client: '', title: '', prompt: 'please' };
  return beginTurn(session, asked, systemRandomBytes);
}

/** A table and the columns whose value a query names. */
function shapeOf(text: string): string {
  const { table, where } = parseQuery(text);
  if (where === null) return `${table}: all`;
  const columns = equalColumns(where);
  if (table === 'file_op' && columns.join() === 'file_id')
    return `${table}: file_id, watched from here`;
  if (table === 'note' && columns.length === 0) return `${table}: watched from here`;
  // Of what is found by its number, the rest is a filter.
  if (table === 'file_op' && columns.includes('op_seq')) return `${table}: op_seq`;
  return `${table}: ${columns.join(', ')}`;
}

function isWhole(shape: string): boolean {
  return shape.endsWith(': all') || /: (status|actor|is_open)$/.test(shape);
}

function equalColumns(where: Condition): string[] {
  if (where.kind === 'and') return [...equalColumns(where.left), ...equalColumns(where.right)];
  if (where.kind !== 'compare' || where.comparison !== '=') return [];
  return where.left.kind === 'column' ? [where.left.name] : [];
}

async function documentedShapes(): Promise<ReadonlySet<string>> {
  const page = await readFile(path.join(root, 'docs/limits.md'), 'utf8');
  const [, section = ''] = page.split(/^## Answers$/m);
  const rows = section
    .split(/^## /m)[0]!
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  return new Set(
    rows.map((line) => {
      const [, table = '', by = ''] = line
        .split('|')
        .map((cell) => cell.trim().replaceAll('`', ''));
      return `${table}: ${by}`;
    }),
  );
}
