import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { followOps } from '../../src/world/op-feed.ts';
import { FileFeed, openFile } from '../../src/world/file-feed.ts';
import { readHeadSeq } from '../../src/world/read-head.ts';
import { systemRandomBytes, newUuid } from '../../src/world/uuid.ts';
import type { WorldFileEvent } from '../../src/sync/ports.ts';
import type { WorldState } from '../../src/world/world-session.ts';
import { startCuttingProxy } from '../harness/cutting-proxy.ts';
import { WorldLab, whenever } from './world-lab.ts';

/** The lab's server behind a proxy that can lose answers. */
async function behindProxy(lab: WorldLab) {
  const address = new URL(lab.server.uri);
  const proxy = await startCuttingProxy(Number(address.port || 80));
  address.port = String(proxy.port);
  return { proxy, uri: address.href };
}

async function fileOf(agent: AgentSession, path: string, text: string): Promise<number> {
  await agent.create(path, text);
  const { view } = agent.session;
  await whenever(agent.session, () => view.fileAt(path) !== undefined);
  return view.fileAt(path)!.fileId;
}

function insertion(text: string, line = 0) {
  return [{ startLine: line, startCharacter: 0, endLine: line, endCharacter: 0, text }];
}

function batchOf(fileId: number, base: number, texts: readonly string[]) {
  const id = (): string => newUuid(Date.now(), systemRandomBytes);
  const ops = texts.map((text, index) => ({
    opId: id(),
    fileId,
    expectedBaseVersion: index === 0 ? base : 0,
    intent: 'typing' as const,
    author: '',
    carriedFrom: 0,
    overlaps: [],
    rangeHashes: [],
    changes: insertion(text),
  }));
  return { batchId: id(), extends: 0, ops };
}

/** Collects a feed's events; `until` resolves when one fits. */
function collect(feed: FileFeed) {
  const events: WorldFileEvent[] = [];
  const until = (fits: (event: WorldFileEvent) => boolean): Promise<void> =>
    new Promise((resolve) => {
      if (events.some(fits)) {
        resolve();
        return;
      }
      const stop = feed.onEvent((event) => {
        if (!fits(event)) return;
        stop();
        resolve();
      });
    });
  feed.onEvent((event) => void events.push(event));
  const versions = (): number[] =>
    events.flatMap((event) => (event.tag === 'committed' ? [event.op.version] : []));
  return { events, until, versions };
}

test('what one member writes the other reads', async (t) => {
  const lab = await WorldLab.open(t);
  const ada = await lab.agent();
  const bob = await lab.agent();
  await fileOf(ada, 'notes/a.md', '# A\n\none\n');
  await whenever(bob.session, () => bob.session.view.fileAt('notes/a.md') !== undefined);
  const read = await bob.read('notes/a.md');
  assert.equal(read.tag, 'text');
  const edited = await bob.replace('notes/a.md', [{ search: 'one', replacement: 'two' }]);
  assert.deepEqual(edited, { tag: 'applied', version: 2, rebased: false });
  await whenever(ada.session, () => ada.session.view.fileAt('notes/a.md')?.version === 2);
  const opened = await openFile(ada.session, ada.session.view.fileAt('notes/a.md')!.fileId);
  assert.equal(opened.text.toString(), '# A\n\ntwo\n');
  opened.feed.close();
});

test('a feed tells every version once and in order, own ones before their answer', async (t) => {
  const lab = await WorldLab.open(t);
  const ada = await lab.agent();
  const bob = await lab.agent();
  const fileId = await fileOf(ada, 'a.txt', 'x');
  await whenever(bob.session, () => bob.session.view.files.get(fileId) !== undefined);
  const feed = new FileFeed(ada.session, fileId, 1);
  const heard = collect(feed);
  await feed.whenConnected();
  const batch = batchOf(fileId, 1, ['one ', 'two ', 'three ']);
  feed.send(batch);
  await heard.until((event) => event.tag === 'answered');
  assert.deepEqual(
    heard.events.map((event) => event.tag),
    ['connected', 'committed', 'committed', 'committed', 'answered'],
  );
  assert.deepEqual(heard.events.at(-1), {
    tag: 'answered',
    batchId: batch.batchId,
    answer: { tag: 'applied', version: 4 },
  });
  await bob.read('a.txt');
  await bob.edit('a.txt', insertion('four '));
  await heard.until((event) => event.tag === 'committed' && event.op.version === 5);
  assert.deepEqual(heard.versions(), [2, 3, 4, 5]);
});

test('after a cut the feed tells what was missed, then that it is connected', async (t) => {
  const lab = await WorldLab.open(t);
  const { proxy, uri } = await behindProxy(lab);
  t.after(() => proxy.close());
  const ada = await lab.agent({}, { uri });
  const bob = await lab.agent();
  const fileId = await fileOf(bob, 'a.txt', 'x');
  await whenever(ada.session, () => ada.session.view.files.get(fileId) !== undefined);
  const feed = new FileFeed(ada.session, fileId, 1);
  const heard = collect(feed);
  await feed.whenConnected();
  proxy.refuses = true;
  proxy.cut();
  await heard.until((event) => event.tag === 'disconnected');
  await bob.read('a.txt');
  for (const text of ['one ', 'two ']) await bob.edit('a.txt', insertion(text));
  proxy.refuses = false;
  ada.session.retryNow();
  await heard.until((event) => event.tag === 'committed' && event.op.version === 3);
  await feed.whenConnected();
  assert.deepEqual(
    heard.events.map((event) => event.tag),
    ['connected', 'disconnected', 'committed', 'committed', 'connected'],
  );
  assert.equal((await feed.readHead())!.text.toString(), 'two one x');
});

test('a feed tells again what came after a version, and goes on', async (t) => {
  const lab = await WorldLab.open(t);
  const ada = await lab.agent();
  const fileId = await fileOf(ada, 'a.txt', 'x');
  await ada.read('a.txt');
  for (const text of ['one ', 'two ']) await ada.edit('a.txt', insertion(text));
  const feed = new FileFeed(ada.session, fileId, 3);
  const heard = collect(feed);
  await feed.whenConnected();
  feed.replayAfter(1);
  assert.deepEqual(heard.versions(), [], 'nothing is told inside the call');
  await heard.until((event) => event.tag === 'committed' && event.op.version === 3);
  await ada.edit('a.txt', insertion('three '));
  await heard.until((event) => event.tag === 'committed' && event.op.version === 4);
  assert.deepEqual(heard.versions(), [2, 3, 4]);
});

test('S8: a batch whose answer was lost is sent again and applied once', async (t) => {
  const lab = await WorldLab.open(t);
  const { proxy, uri } = await behindProxy(lab);
  t.after(() => proxy.close());
  const ada = await lab.agent({}, { uri });
  const bob = await lab.agent();
  const fileId = await fileOf(bob, 'a.txt', 'x');
  await whenever(ada.session, () => ada.session.view.files.get(fileId) !== undefined);
  await ada.read('a.txt');
  proxy.losesAnswers = true;
  const result = ada.edit('a.txt', insertion('once '));
  await whenever(bob.session, () => bob.session.view.files.get(fileId)?.version === 2);
  proxy.losesAnswers = false;
  proxy.cut();
  assert.deepEqual(await result, { tag: 'applied', version: 2, rebased: false });
  const read = await bob.read('a.txt');
  assert.equal(read.tag === 'text' && read.text.toString(), 'once x');
});

test('several batches on the way when the line is cut arrive once each, in order', async (t) => {
  const lab = await WorldLab.open(t);
  const { proxy, uri } = await behindProxy(lab);
  t.after(() => proxy.close());
  const ada = await lab.agent({}, { uri });
  const fileId = await fileOf(ada, 'a.txt', '');
  await ada.read('a.txt');
  proxy.losesAnswers = true;
  const texts = Array.from({ length: 20 }, (_, index) => `${index}\n`);
  const sent = texts.map((text) => ada.edit('a.txt', insertion(text)));
  proxy.losesAnswers = false;
  proxy.cut();
  const results = await Promise.all(sent);
  assert.ok(results.every((result) => result.tag === 'applied'));
  const read = await ada.read('a.txt');
  assert.equal(read.tag === 'text' && read.fileId, fileId);
  const lines = read.tag === 'text' ? [...read.text.lines()] : [];
  // Made on the same version at the same place: committed text stands first.
  assert.deepEqual(lines, [...texts.map((text) => text.trim()), '']);
});

test('the states of a connection are told in their order', async (t) => {
  const lab = await WorldLab.open(t);
  const { proxy, uri } = await behindProxy(lab);
  t.after(() => proxy.close());
  const session = lab.begin(lab.owner, { uri });
  const states: WorldState['tag'][] = [session.state.tag];
  session.onState(({ tag }) => {
    // Where it takes long, that the server is there is told apart.
    if (tag !== states.at(-1)) states.push(tag);
  });
  await session.whenOnline();
  proxy.cut();
  await whenever(session, () => session.state.tag === 'offline');
  await session.whenOnline();
  session.close();
  assert.deepEqual(states, ['connecting', 'online', 'offline', 'connecting', 'online', 'closed']);
});

test('every op of the world can be followed, across a cut', async (t) => {
  const lab = await WorldLab.open(t);
  const { proxy, uri } = await behindProxy(lab);
  t.after(() => proxy.close());
  const watcher = await lab.enter(lab.owner, { uri });
  const ada = await lab.agent();
  const seen: number[] = [];
  let look = (): void => {};
  const stop = followOps(watcher, 0, (op) => {
    seen.push(op.opSeq);
    look();
  });
  await fileOf(ada, 'a.txt', 'x');
  proxy.cut();
  await fileOf(ada, 'b.txt', 'x');
  await watcher.whenOnline();
  const b = batchOf(ada.session.view.fileAt('b.txt')!.fileId, 1, ['1', '2', '3']);
  const feed = new FileFeed(ada.session, b.ops[0]!.fileId, 1);
  await feed.whenConnected();
  feed.send(b);
  await collect(feed).until((event) => event.tag === 'answered');
  const headSeq = await readHeadSeq(ada.session.link!);
  await new Promise<void>((resolve) => {
    look = () => {
      if (seen.at(-1) === headSeq) resolve();
    };
    look();
  });
  stop();
  assert.deepEqual(
    seen,
    Array.from({ length: headSeq }, (_, index) => index + 1),
  );
});
