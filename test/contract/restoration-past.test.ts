import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import type { IdentityHex } from '../../src/core/op.ts';
import { Text } from '../../src/core/text.ts';
import { UNATTRIBUTED } from '../../src/core/unattributed.ts';
import { NO_GIT } from '../../src/mirror/folder-git.ts';
import { type MirrorWorld, mirrorWorldOf } from '../../src/mirror/mirror-world.ts';
import { PastJudge } from '../../src/mirror/restorations/past-judge.ts';
import { WorldPast } from '../../src/mirror/restorations/world-past.ts';
import { minimalChanges } from '../../src/sync/minimal-changes.ts';
import { systemClock } from '../../src/world/clock.ts';
import { readFile } from '../../src/world/file-reader.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import { caughtUp, whenever, WorldLab } from './world-lab.ts';

const FIRST = 'one of all\ntwo of all\nthree of all\n';

function folderOf({ session }: AgentSession, author: IdentityHex = ''): MirrorWorld {
  const newId = (): string => newUuid(Date.now(), systemRandomBytes);
  return mirrorWorldOf(session, newId, new AbortController().signal, () => Promise.resolve(author));
}

interface Scene {
  readonly ada: AgentSession;
  readonly bot: AgentSession;
  readonly judge: PastJudge;
}

async function openScene(context: TestContext, kind: 'human' | 'agent' = 'agent'): Promise<Scene> {
  const lab = await WorldLab.open(context);
  const ada = await lab.agent();
  const bot = await lab.agent({ kind });
  const past = new WorldPast(bot.session, new AbortController().signal);
  return { ada, bot, judge: new PastJudge(past, NO_GIT, systemClock) };
}

async function create({ ada, bot }: Scene, who: AgentSession, text: string): Promise<number> {
  assert.equal((await who.create('a.ts', text)).tag, 'applied');
  await caughtUp(ada.session, bot.session);
  return bot.session.view.fileAt('a.ts')!.fileId;
}

async function edit({ ada, bot }: Scene, who: AgentSession, search: string, replacement: string) {
  await who.read('a.ts');
  const result = await who.replace('a.ts', [{ search, replacement }]);
  assert.equal(result.tag, 'applied', JSON.stringify(result));
  await caughtUp(ada.session, bot.session);
}

/** What a tool in the bot's folder writes over the newest version. */
async function writes({ bot, judge }: Scene, fileId: number, after: string) {
  const link = await bot.session.whenOnline();
  const file = await readFile(link, bot.session.view, fileId);
  assert.ok(file.kind === 'text');
  return judge.judge({
    path: 'a.ts',
    fileId,
    version: file.version,
    before: file.text,
    after: Text.of(after),
    bytes: Buffer.from(after),
    changes: minimalChanges(file.text, after),
    byGit: false,
  });
}

test('old text over a peer’s work is told from a world’s own history, again after both went on', async (t) => {
  const scene = await openScene(t);
  const { ada, bot } = scene;
  const fileId = await create(scene, bot, FIRST);
  assert.equal(await writes(scene, fileId, 'new\n'), undefined);
  await edit(scene, bot, 'one of all', 'one of the bot');
  assert.equal(await writes(scene, fileId, FIRST), undefined, 'its own work');
  await edit(scene, ada, 'two of all', 'two of Ada');
  const found = await writes(scene, fileId, 'one of the bot\ntwo of all\nthree of all\n');
  assert.deepEqual(found?.owners, [ada.session.identity]);
  const at = { change: 0, line: 0, lines: 1 };
  assert.deepEqual(found?.returned, [{ ...at, version: 2, fromLine: 1 }]);
  await edit(scene, ada, 'three of all', 'three of Ada\nand four');
  assert.deepEqual((await writes(scene, fileId, FIRST))?.restoring, [0]);
  const mixed = 'one of the bot\ntwo of Ada\nthree of all\na really new line\n';
  assert.deepEqual((await writes(scene, fileId, mixed))?.owners, [ada.session.identity]);
});

test('what nobody is named for is the work of whose folder it came from', async (t) => {
  const scene = await openScene(t, 'human');
  const { ada, bot } = scene;
  const fileId = await create(scene, bot, FIRST);
  for (const [who, search, next] of [
    [bot, 'one', 'uno'],
    [ada, 'two', 'due'],
  ] as const) {
    const folder = folderOf(who, UNATTRIBUTED.identity);
    const before = await folder.read(fileId);
    assert.ok(before.kind === 'text');
    const changes = minimalChanges(before.text, before.text.toString().replace(search, next));
    const verdict = await folder.edit(fileId, before.version, changes);
    assert.equal(verdict.tag, 'applied');
    await caughtUp(ada.session, bot.session);
  }
  const own = await writes(scene, fileId, 'one of all\ndue of all\nthree of all\n');
  assert.equal(own, undefined, 'a tool in the same folder wrote it');
  assert.deepEqual((await writes(scene, fileId, FIRST))?.owners, [ada.session.identity]);
  assert.deepEqual(await scene.judge.ownersOf(fileId), [ada.session.identity]);
});

test('a proposal that somebody else let in is the work of who proposed it', async (t) => {
  const scene = await openScene(t);
  const { ada, bot } = scene;
  const fileId = await create(scene, bot, FIRST);
  await ada.read('a.ts');
  await edit(scene, bot, 'two of all', 'two of the bot');
  const result = await ada.replace('a.ts', [{ search: 'two of all', replacement: 'two of Ada' }]);
  assert.ok(result.tag === 'ticketed');
  await whenever(bot.session, () => bot.session.view.tickets.get(result.ticketId) !== undefined);
  assert.equal((await bot.insist(result.ticketId)).tag, 'applied');
  await caughtUp(ada.session, bot.session);
  assert.deepEqual((await writes(scene, fileId, FIRST))?.owners, [ada.session.identity]);
});

test('whose text is in a file: its maker’s, those who wrote on, and nobody’s where it was imported', async (t) => {
  const scene = await openScene(t);
  const { ada, bot, judge } = scene;
  const fileId = await create(scene, ada, FIRST);
  assert.deepEqual(await judge.ownersOf(fileId), [ada.session.identity]);
  await edit(scene, bot, FIRST, '0123\n');
  assert.deepEqual(await judge.ownersOf(fileId), []);
  const folder = folderOf(ada);
  const content = { kind: 'text', text: 'x\n', eol: 'lf', bom: false } as const;
  const file = { mode: 'regular', content, isOwn: true } as const;
  await folder.createAll(['b.ts', 'c.ts'].map((path) => ({ ...file, path })));
  await caughtUp(ada.session, bot.session);
  assert.deepEqual(await judge.ownersOf(bot.session.view.fileAt('b.ts')!.fileId), []);
});

test('a file is its maker’s, also after the folder’s own member has moved it, or brought it back', async (t) => {
  const scene = await openScene(t);
  const { ada, bot, judge } = scene;
  const fileId = await create(scene, ada, FIRST);
  const folder = folderOf(bot);
  const head = () => bot.session.view.files.get(fileId)!;
  assert.equal((await folder.rename(head(), 'b.ts')).tag, 'applied');
  await caughtUp(ada.session, bot.session);
  assert.deepEqual(await judge.ownersOf(fileId), [ada.session.identity]);
  assert.equal((await folder.remove(fileId, head().version)).tag, 'applied');
  await caughtUp(ada.session, bot.session);
  assert.equal((await folder.restore(head())).tag, 'applied');
  await caughtUp(ada.session, bot.session);
  assert.deepEqual(await judge.ownersOf(fileId), [ada.session.identity]);
});

test('of many files that a folder’s own member changed nothing is read one by one, and a peer’s edit is seen', async (t) => {
  const { ada, bot } = await openScene(t);
  const past = new WorldPast(bot.session, new AbortController().signal);
  let reads = 0;
  const opsOf = past.opsOf.bind(past);
  past.opsOf = (...args) => {
    reads += 1;
    return opsOf(...args);
  };
  const scene = { ada, bot, judge: new PastJudge(past, NO_GIT, systemClock) };
  const folder = folderOf(bot);
  const content = { kind: 'text', text: FIRST, eol: 'lf', bom: false } as const;
  const file = { mode: 'regular', content, isOwn: true } as const;
  const names = Array.from({ length: 150 }, (_, index) => `f${index}.ts`);
  await folder.createAll(names.map((path) => ({ ...file, path })));
  await caughtUp(ada.session, bot.session);
  const ids = names.map((name) => bot.session.view.fileAt(name)!.fileId);
  const changes = minimalChanges(Text.of(FIRST), FIRST.replace('two', 'due'));
  await Promise.all(ids.map((fileId) => folder.edit(fileId, 1, changes)));
  await folderOf(ada).edit(
    ids[140]!,
    2,
    minimalChanges(Text.of(FIRST), FIRST.replace('three', 'tre')),
  );
  await caughtUp(ada.session, bot.session);
  const owners = [];
  for (const fileId of ids) owners.push((await writes(scene, fileId, FIRST))?.owners ?? []);
  assert.deepEqual(
    owners.map(([owner]) => owner),
    ids.map((_, index) => (index === 140 ? ada.session.identity : undefined)),
  );
  assert.ok(reads < ids.length, `${reads} reads`);
});
