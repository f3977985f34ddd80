// What one key costs everybody who is told of it: the rows and bytes that a server sends to each client.
// The bounds are what it is today: whoever makes it less writes down the less.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { systemRandomBytes, newUuid } from '../../src/world/uuid.ts';
import { FileFeed } from '../../src/world/file-feed.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import type { StoredIdentity } from '../../src/world/identities.ts';
import { startUpdateTap, type Tally, type UpdateTap } from '../harness/update-tap.ts';
import { caughtUp, whenever, WorldLab } from './world-lab.ts';

const KEYS = 20;

test('a key is told in as few rows and bytes as it was', async (t) => {
  const lab = await WorldLab.open(t);
  const writer = await tapped(t, lab, await lab.join());
  const reader = await tapped(t, lab, await lab.join());
  const onlooker = await tapped(t, lab, await lab.join());
  const agent = await lab.agent();
  const text = `${'x'.repeat(80)}\n`.repeat(200);
  await agent.create('src/some-folder/a-file.ts', text);
  await caughtUp(writer.session, reader.session, onlooker.session);
  const { fileId } = writer.session.view.fileAt('src/some-folder/a-file.ts')!;
  const feed = new FileFeed(writer.session, fileId, 1);
  const readers = new FileFeed(reader.session, fileId, 1);
  await Promise.all([feed.whenConnected(), readers.whenConnected()]);
  for (const { tap } of [writer, reader, onlooker]) tap.take();
  for (let key = 0; key < KEYS; key++) await type(feed, key);
  const all = [writer, reader, onlooker];
  await Promise.all(
    all.map(({ session }) =>
      whenever(session, () => session.view.files.get(fileId)?.version === KEYS + 1),
    ),
  );
  const told = all.map(({ tap }) => perKey(tap.take()));
  t.diagnostic(JSON.stringify(told));
  // The file's head comes as the row before and the row after.
  assert.deepEqual(
    told.map(({ asked, messages, rows }) => ({ asked, messages, rows })),
    [
      { asked: 1, messages: 1, rows: { file_op: 1, file_head: 2 } },
      { asked: 0, messages: 1, rows: { file_op: 1, file_head: 2 } },
      { asked: 0, messages: 1, rows: { file_head: 2 } },
    ],
    'who types, who has the file open, who is in the world',
  );
  for (const [index, most] of MOST_BYTES.entries()) {
    assert.ok(told[index]!.bytes <= most, `${told[index]!.bytes} bytes, not ${most}`);
  }
});

/** A key: to who types it, who has the file open, and who is in the world. */
const MOST_BYTES = [850, 835, 430];

async function tapped(
  t: TestContext,
  lab: WorldLab,
  self: StoredIdentity,
): Promise<{ readonly session: WorldSession; readonly tap: UpdateTap }> {
  const tap = await startUpdateTap(new URL(lab.server.uri));
  t.after(() => tap.close());
  const address = new URL(lab.server.uri);
  address.port = String(tap.port);
  return { session: await lab.enter(self, { uri: address.href }), tap };
}

/** Sends one key and waits for its answer. */
function type(feed: FileFeed, key: number): Promise<void> {
  const id = (): string => newUuid(Date.now(), systemRandomBytes);
  const batchId = id();
  const place = { startLine: 7, startCharacter: key, endLine: 7, endCharacter: key };
  const op = {
    opId: id(),
    fileId: feed.fileId,
    expectedBaseVersion: key + 1,
    intent: 'typing' as const,
    author: '',
    carriedFrom: 0,
    overlaps: [],
    rangeHashes: [],
    changes: [{ ...place, text: 'k' }],
  };
  return new Promise((resolve, reject) => {
    const stop = feed.onEvent((event) => {
      if (event.tag !== 'answered' || event.batchId !== batchId) return;
      stop();
      if (event.answer.tag === 'applied') resolve();
      else reject(new Error(JSON.stringify(event.answer)));
    });
    feed.send({ batchId, extends: 0, ops: [op] });
  });
}

function perKey({ asked, messages, bytes, rows }: Tally) {
  return {
    asked: asked / KEYS,
    messages: messages / KEYS,
    bytes: Math.round(bytes / KEYS),
    rows: Object.fromEntries(Object.entries(rows).map(([table, count]) => [table, count / KEYS])),
  };
}
