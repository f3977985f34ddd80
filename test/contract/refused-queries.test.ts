// A server that refuses a query, here because the connection has too many: what wants the rows says so and
// goes on once it may.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { type Clock, systemClock } from '../../src/world/clock.ts';
import { FileFeed, openFile } from '../../src/world/file-feed.ts';
import { followOps } from '../../src/world/op-feed.ts';
import type { WorldError } from '../../src/world/world-error.ts';
import { caughtUp, WorldLab } from './world-lab.ts';

test('a file that cannot be followed says so with a code, and is followed once it may be', async (t) => {
  const { session, fileId, write, fill } = await scene(t);
  const free = await fill();
  const feed = new FileFeed(session, fileId, 1);
  const versions: number[] = [];
  feed.onEvent((event) => event.tag === 'committed' && versions.push(event.op.version));
  const failed = new Promise<WorldError>((resolve) => void feed.onFailure(resolve));
  await assert.rejects(feed.whenConnected(), { code: 'query_refused' });
  assert.equal((await failed).code, 'query_refused');
  await write('one ');
  free();
  await caughtUp(session);
  await assert.rejects(feed.whenConnected(), { code: 'query_refused' }, 'it is not tried for ever');
  feed.retry();
  await feed.whenConnected();
  assert.deepEqual([versions, feed.failure], [[2], undefined]);
});

test('a refusal that passes is nobody’s concern', async (t) => {
  const { session, fileId, fill } = await scene(t);
  const free = await fill();
  const feed = new FileFeed(session, fileId, 1);
  feed.onFailure(() => assert.fail('it was told'));
  const connected = feed.whenConnected();
  // Answers come in order: the feed has been refused when this has.
  await assert.rejects(caughtUp(session), { code: 'query_refused' });
  free();
  await connected;
});

test('the next connection tries again by itself', async (t) => {
  const { session, fileId, fill } = await scene(t);
  await fill();
  const feed = new FileFeed(session, fileId, 1);
  await assert.rejects(feed.whenConnected(), { code: 'query_refused' });
  session.link?.close();
  await session.whenOnline();
  await feed.whenConnected();
  assert.equal(feed.failure, undefined);
});

test('who follows every op is told, and opening a file fails with the code', async (t) => {
  const { session, fileId, fill } = await scene(t);
  await fill();
  await assert.rejects(openFile(session, fileId), { code: 'query_refused' });
  const failed = await new Promise<WorldError>((resolve) => {
    t.after(followOps(session, 0, () => assert.fail('an op was told'), resolve));
  });
  assert.equal(failed.code, 'query_refused');
});

/** Ten seconds pass in one. */
const QUICK: Clock = {
  nowMs: () => systemClock.nowMs(),
  after: (delayMs, fire) => systemClock.after(delayMs / 10, fire),
};

const MOST = 28;

/** A session on a server that allows few queries a connection, and a file of somebody else's. */
async function scene(t: TestContext) {
  const lab = await WorldLab.open(t, { engine: { limits: { queriesPerConnection: MOST } } });
  const writer = await lab.agent();
  await writer.create('a.txt', 'x');
  await writer.read('a.txt');
  const session = await lab.enter(await lab.join(), { clock: QUICK });
  const { fileId } = session.view.fileAt('a.txt')!;
  return {
    session,
    fileId,
    write: async (text: string) => {
      const at = { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0 };
      assert.equal((await writer.edit('a.txt', [{ ...at, text }])).tag, 'applied');
    },
    /** Uses up what the connection may ask; the function that it resolves to gives it back. */
    fill: async () => {
      const taken: { end(): void }[] = [];
      for (;;) {
        try {
          taken.push(await session.link!.subscribe(['SELECT * FROM log_head WHERE id = 7']));
        } catch {
          return () => taken.forEach((each) => each.end());
        }
      }
    },
  };
}
