// Calls that a server ends the connection for: they end with a code, and everything else goes on.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { SIZES } from '../../src/core/sizes.ts';
import { DEFAULT_BINDING_OPTIONS, DocumentBinding } from '../../src/sync/document-binding.ts';
import type { Draft } from '../../src/sync/draft.ts';
import { openFile } from '../../src/world/file-feed.ts';
import { silentLog } from '../../src/world/log.ts';
import { nativeHash } from '../../src/world/native-hash.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { startCuttingProxy } from '../harness/cutting-proxy.ts';
import { MemoryDocument } from '../harness/memory-document.ts';
import { caughtUp, WorldLab } from './world-lab.ts';

test('what is longer than a message is refused as too large, and the connection stays', async (t) => {
  const lab = await WorldLab.open(t);
  const ada = await lab.agent();
  const states: string[] = [];
  ada.session.onState(({ tag }) => states.push(tag));
  const bytes = new Uint8Array(SIZES.message + 1);
  const content = { kind: 'binary', eol: 'lf', bom: false, text: '', bytes };
  const file = { opId: newId(), path: 'large.bin', mode: 'regular', content };
  const args = { author: '', file };
  const answer = await ada.session.deliver('create_file', args, [file.opId]);
  assert.equal(answer.tag === 'refused' && answer.refusal.code, 'too_large');
  assert.deepEqual(await ada.create('a.txt', 'x'), { tag: 'applied', version: 1, rebased: false });
  assert.deepEqual(states, []);
});

test('a call that the connection ends for is sent twice, then refused; calls beside it are done', async (t) => {
  const lab = await WorldLab.open(t);
  const { proxy, uri } = await behind(t, lab);
  const ada = await lab.agent({}, { uri });
  const bob = await lab.agent();
  proxy.mostBytes = 200_000;
  const [large, ...small] = await Promise.all([
    ada.create('large.txt', 'x'.repeat(300_000)),
    ada.create('a.txt', 'x'),
    ada.create('b.txt', 'x'),
  ]);
  assert.equal(large.tag === 'refused' && large.refusal.code, 'ends_connection');
  const done = { tag: 'applied', version: 1, rebased: false };
  assert.deepEqual(small, [done, done]);
  assert.equal(proxy.closes, 2);
  assert.deepEqual(await ada.create('c.txt', 'x'), done);
  await caughtUp(bob.session);
  const paths = [...bob.session.view.files.values()].map(({ path }) => path).sort();
  assert.deepEqual(paths, ['a.txt', 'b.txt', 'c.txt']);
});

test('S6: typing that the connection ends for is kept as a draft, and what is typed after it arrives', async (t) => {
  const lab = await WorldLab.open(t);
  const { proxy, uri } = await behind(t, lab);
  const ada = await lab.agent({}, { uri });
  const bob = await lab.agent();
  await ada.create('a.txt', 'one\ntwo\n');
  await caughtUp(ada.session, bob.session);
  const typed = await bind(ada.session, 'a.txt');
  proxy.mostBytes = 200_000;
  typed.document.type([{ ...at(0, 0), text: 'x'.repeat(300_000) }]);
  const draft = await typed.refused;
  assert.equal(draft.code, 'ends_connection');
  assert.equal(proxy.closes, 2);
  typed.document.type([{ ...at(1, 3), text: ' and more' }]);
  await typed.settled();
  await caughtUp(bob.session);
  const read = await bob.read('a.txt');
  assert.equal(read.tag === 'text' && read.text.toString(), 'one\ntwo and more\n');
  assert.equal(typed.document.text(), 'one\ntwo and more\n');
});

const newId = (): string => newUuid(Date.now(), systemRandomBytes);

function at(line: number, character: number) {
  return { startLine: line, startCharacter: character, endLine: line, endCharacter: character };
}

/** A document without an editor that is bound to a file. */
async function bind(session: WorldSession, path: string) {
  const opened = await openFile(session, session.view.fileAt(path)!.fileId);
  const document = new MemoryDocument(opened.text);
  const refused = Promise.withResolvers<Draft>();
  const watchers = new Set<() => void>();
  const binding = new DocumentBinding(
    {
      document,
      file: opened.feed,
      ids: { next: newId },
      clock: session.clock,
      drafts: {
        append: () => Promise.resolve(),
        putDraft: (draft) => {
          refused.resolve(draft);
          return Promise.resolve();
        },
      },
      log: silentLog,
      hash: nativeHash,
    },
    { base: opened },
    { ...DEFAULT_BINDING_OPTIONS, invariants: 'fatal' },
  );
  binding.onUpdate(() => {
    for (const look of watchers) look();
  });
  const settled = (): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!binding.isSettled) return;
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
      look();
    });
  return { document, refused: refused.promise, settled };
}

/** The lab's server behind a proxy. */
async function behind(t: TestContext, lab: WorldLab) {
  const address = new URL(lab.server.uri);
  const proxy = await startCuttingProxy(Number(address.port || 80));
  t.after(() => proxy.close());
  address.port = String(proxy.port);
  return { proxy, uri: address.href };
}
