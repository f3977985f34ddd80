import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { ANSWER_BYTES } from '../../src/core/answer-size.ts';
import { replace, type Changes } from '../../src/core/change.ts';
import { backupWorld } from '../../src/world/backup.ts';
import { readFile } from '../../src/world/file-reader.ts';
import { publishModule } from '../../src/world/publish.ts';
import { readFileOps } from '../../src/world/read-file-ops.ts';
import { opsBetween, readOps } from '../../src/world/read-ops.ts';
import { planMemberTakeBack } from '../../src/world/take-back.ts';
import { verifyWorld } from '../../src/world/verify-world.ts';
import { WorldList } from '../../src/world/world-list.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { watchAnswers } from '../harness/answer-watch.ts';
import { newId, newOp, newTextFile } from '../harness/world-stage.ts';
import { bundle, WorldLab } from './world-lab.ts';

const isOurs = process.env['AGENT_WORLD_TEST_SERVER'] === undefined;
const KIB = 1024;
const MIB = 1024 * KIB;
/** A connection ends where more than this waits to be read: the fault is seen with less than a full world. */
const OUTBOUND_BYTES = 12 * MIB;
const OP_BYTES = 16 * KIB;
const OPS = 850;

test(
  'a world of large ops is verified, backed up, read and taken back, no answer above 4 MiB',
  { skip: !isOurs && 'looks into the embedded host' },
  async (context) => {
    const lab = await WorldLab.open(context, {
      engine: { limits: { outboundBytes: OUTBOUND_BYTES } },
    });
    const session = await lab.enter(lab.owner);
    const fileId = await write(session, OPS, () => 'x'.repeat(OP_BYTES));
    const watch = watchAnswers(context);

    const world = { server: lab.server.uri, database: lab.database };
    const worlds = new WorldList(lab.folder);
    const verdict = await verifyWorld({ session, world, worlds, bundle });
    assert.equal(verdict.tag, 'verified');
    await backupWorld({ session, file: path.join(lab.folder, 'world.archive') });
    const link = await session.whenOnline();
    const ops = await readFileOps(link, fileId, 0, OPS + 1);
    assert.equal(ops.length, OPS + 1 + checkpoints(ops));
    const old = await readFile(link, session.view, fileId, 500);
    assert.equal(old.version, 500);
    const plan = await planMemberTakeBack(session, { member: session.identity, sinceSeq: 0 });
    assert.equal(plan.files.length, 1);

    assert.ok(watch.answers.some((bytes) => bytes > 3 * MIB));
    assert.ok(watch.largest() <= ANSWER_BYTES, `an answer of ${watch.largest()} bytes`);
    assert.equal(session.link, link, 'the connection never ended');
  },
);

test(
  'a page is found by an index: reading it looks at its own rows and a few more',
  { skip: !isOurs && 'looks into the embedded host' },
  async (context) => {
    const lab = await WorldLab.open(context);
    const session = await lab.enter(lab.owner);
    const fileId = await write(session, 4000, (index) => `${index}`);
    const watch = watchAnswers(context);
    const link = await session.whenOnline();
    const rowsFor = async (read: () => Promise<readonly unknown[]>): Promise<number> => {
      watch.reset();
      assert.ok((await read()).length > 0);
      return watch.rowsRead();
    };
    // Each row is looked at twice: for the answer, and when the client says that it has read it.
    const one = await rowsFor(() => readOps(link, [2000]));
    assert.ok(one <= 2, `${one} rows for an op`);
    const stretch = await rowsFor(() => all(opsBetween(session, 1500, 1600)));
    assert.ok(stretch <= 2 * (100 + 40), `${stretch} rows for a hundred ops`);
    const versions = await rowsFor(() => readFileOps(link, fileId, 3000, 3100));
    assert.ok(versions <= 2 * (100 + 40), `${versions} rows for a hundred versions`);
  },
);

test(
  'a world whose module has no pages is read a few ops at a time, and more where they are small',
  { skip: !isOurs && 'looks into the embedded host' },
  async (context) => {
    const lab = await WorldLab.open(context, {
      engine: { limits: { outboundBytes: OUTBOUND_BYTES } },
    });
    const source = new TextDecoder().decode(await bundle());
    const former = source.replace(/module_level: \w+,/, '');
    assert.notEqual(former, source);
    const { server, owner, database } = lab;
    const publishing = { uri: server.uri, token: owner.token, database };
    await publishModule({ ...publishing, bundle: new TextEncoder().encode(former) });
    const session = await lab.enter(owner);
    assert.equal(session.moduleLevel, 1);
    // Each is larger than four of those before it, and many in a row more than a connection carries.
    const sizeOf = (index: number): number => (index % 200 < 180 ? 10 : 300 * KIB);
    const fileId = await write(session, 400, (index) => 'x'.repeat(sizeOf(index)), 20);
    const watch = watchAnswers(context);
    const world = { server: server.uri, database };
    const worlds = new WorldList(lab.folder);
    const verdict = await verifyWorld({ session, world, worlds, bundle });
    assert.equal(verdict.tag, 'verified');
    const ops = await readFileOps(await session.whenOnline(), fileId, 0, 401);
    assert.equal(ops.filter(({ kind }) => kind === 'edit').length, 400);
    assert.ok(watch.answers.length > 20);
  },
);

async function all<Item>(pieces: AsyncIterable<readonly Item[]>): Promise<readonly Item[]> {
  const found: Item[] = [];
  for await (const piece of pieces) found.push(...piece);
  return found;
}

function checkpoints(ops: readonly { readonly kind: string }[]): number {
  return ops.filter(({ kind }) => kind === 'checkpoint').length;
}

/** Writes ops that each replace a file's only line. Returns the file. */
async function write(
  session: WorldSession,
  count: number,
  textAt: (index: number) => string,
  opsPerBatch = 100,
): Promise<number> {
  const file = newTextFile(`${newId()}.txt`, 'start');
  const made = await session.judge('create_file', { author: '', file }, [file.opId]);
  assert.ok(made.tag === 'judged');
  const fileId = made.outcomes[0]!.opSeq;
  let length = 'start'.length;
  for (let at = 0; at < count;) {
    const ops = Array.from({ length: Math.min(opsPerBatch, count - at) }, (_, index) => {
      const text = textAt(at + index);
      const changes: Changes = [
        replace({ line: 0, character: 0 }, { line: 0, character: length }, text),
      ];
      length = text.length;
      return newOp(fileId, index === 0 ? at + 1 : 0, changes, { intent: 'patch' });
    });
    const batch = { batchId: newId(), extends: 0, ops };
    const answer = await session.call('apply_file_ops', { batch });
    assert.equal(answer.tag, 'done', JSON.stringify(answer));
    at += ops.length;
  }
  return fileId;
}
