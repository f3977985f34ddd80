// What is typed is sent in a short form where the world's module understands it: what becomes of it is the
// same, and is known to its sender although the world tells only the op itself.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Batch } from '../../src/core/op.ts';
import { createFile } from '../../src/world/change-file.ts';
import { batchAnswerOf } from '../../src/world/file-feed.ts';
import { judgeBatch } from '../../src/world/judge-batch.ts';
import { publishModule } from '../../src/world/publish.ts';
import { readFileOps } from '../../src/world/read-file-ops.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import { verifyWorld } from '../../src/world/verify-world.ts';
import { WorldList } from '../../src/world/world-list.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { bundle, caughtUp, WorldLab } from './world-lab.ts';

const newId = () => newUuid(Date.now(), systemRandomBytes);

async function open(t: TestContext) {
  const lab = await WorldLab.open(t);
  const writer = await lab.enter(await lab.join());
  const changer = { session: writer, randomBytes: systemRandomBytes, author: '' };
  const content = { kind: 'text', text: 'one\n', eol: 'lf', bom: false } as const;
  const [made] = await createFile(changer, 'a.txt', { content, mode: 'regular' });
  const fileId = made!.opSeq;
  const opsOf = async (session: WorldSession) =>
    readFileOps(await session.whenOnline(), fileId, 1, 1_000);
  return { lab, writer, fileId, opsOf };
}

/** Somebody types a letter over the first one. */
function typed(fileId: number, version: number, text = 'k'): Batch {
  const changes = [{ startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 1, text }];
  const op = { opId: newId(), fileId, expectedBaseVersion: version, intent: 'typing', changes };
  const plain = { author: '', carriedFrom: 0, overlaps: [], rangeHashes: [] };
  return { batchId: newId(), extends: 0, ops: [{ ...op, ...plain } as Batch['ops'][number]] };
}

async function send(session: WorldSession, batch: Batch) {
  const answer = await judgeBatch(session, batch);
  if (answer.tag === 'unanswered') throw new Error('unanswered');
  return batchAnswerOf(answer);
}

test('it is applied, once, and its batch has the number of its op', async (t) => {
  const { lab, writer, fileId, opsOf } = await open(t);
  const first = typed(fileId, 1);
  assert.deepEqual(await send(writer, first), { tag: 'applied', version: 2 });
  assert.deepEqual(await send(writer, first), { tag: 'applied', version: 2 }, 'sent again');
  assert.deepEqual(await send(writer, typed(fileId, 2, 'l')), { tag: 'applied', version: 3 });
  const ops = await opsOf(writer);
  assert.deepEqual(
    ops.map(({ opSeq, batchId, version }) => [batchId === String(opSeq), version]),
    [
      [true, 2],
      [true, 3],
    ],
  );
  const worlds = new WorldList(lab.folder);
  const world = { server: lab.server.uri, database: lab.database };
  const session = await lab.enter(lab.owner);
  const verdict = await verifyWorld({ session, world, worlds, bundle });
  assert.equal(verdict.tag, 'verified');
});

test('what overlaps is a ticket, and its sender is told which', async (t) => {
  const { lab, writer, fileId } = await open(t);
  const other = await lab.enter(await lab.join());
  await send(writer, typed(fileId, 1));
  await caughtUp(other);
  const answer = await send(other, typed(fileId, 1, 'z'));
  assert.equal(answer.tag, 'ticketed');
  const [ticket] = [...other.view.tickets.values()];
  assert.deepEqual(answer, { tag: 'ticketed', ticketId: ticket!.ticketId });
});

test('who may not write is refused, and a copy that comes late, too', async (t) => {
  const { lab, fileId } = await open(t);
  const viewer = await lab.enter(await lab.join({ role: 'viewer' }));
  const batch = typed(fileId, 1);
  for (let time = 0; time < 2; time++) {
    const answer = await send(viewer, batch);
    assert.deepEqual([answer.tag, 'code' in answer && answer.code], ['refused', 'forbidden']);
  }
});

test('a world of 0.1.0 gets the form that it knows', async (t) => {
  const { lab, fileId } = await open(t);
  const source = new TextDecoder().decode(await bundle());
  const old = source.replace(/module_level: \w+,/, '');
  const { uri } = lab.server;
  const { token } = lab.owner;
  const encoded = new TextEncoder().encode(old);
  await publishModule({ uri, token, database: lab.database, bundle: encoded });
  const writer = await lab.enter(lab.owner);
  const batch = typed(fileId, 1);
  assert.deepEqual(await send(writer, batch), { tag: 'applied', version: 2 });
  const [op] = await readFileOps(await writer.whenOnline(), fileId, 1, 2);
  assert.equal(op!.batchId, batch.batchId);
});
