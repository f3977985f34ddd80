import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { HistoryEntries, summaryOf } from '../../src/core/history-entries.ts';
import type { OpRecord } from '../../src/core/op.ts';
import { isClean } from '../../src/core/take-back.ts';
import { Text } from '../../src/core/text.ts';
import { applyTakeBack, type FileChoice } from '../../src/world/apply-take-back.ts';
import {
  deleteFile,
  editFiles,
  type FileChanger,
  renameFile,
} from '../../src/world/change-file.ts';
import { HistoryList } from '../../src/views/history/history-list.ts';
import type { Change } from '../../src/core/change.ts';
import { AuthorshipReader } from '../../src/world/file-authorship.ts';
import { HistoryReader, type HistoryFilter } from '../../src/world/history-reader.ts';
import { readHeadSeq } from '../../src/world/read-head.ts';
import { restoreAllFiles } from '../../src/world/restore-all-files.ts';
import { restoreVersion } from '../../src/world/restore-version.ts';
import { planMemberTakeBack, type TakeBackPlan } from '../../src/world/take-back.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import { linesSince } from '../../src/world/lines-since.ts';
import { changedSince, fileVersionAt } from '../../src/world/version-at.ts';
import { caughtUp, WorldLab } from './world-lab.ts';

let lab: WorldLab;
let ada: AgentSession;
let bot: AgentSession;
const ending: (() => Promise<void>)[] = [];

before(async () => {
  lab = await WorldLab.open({
    after: (end: () => Promise<void>) => ending.push(end),
  });
  ada = await lab.agent();
  bot = await lab.agent({ kind: 'agent' });
});

after(async () => {
  for (const end of ending) await end();
});

async function headSeq(): Promise<number> {
  return readHeadSeq(await ada.session.whenOnline());
}

/** Replaces some text of a file, as it is by now. */
async function edit(who: AgentSession, path: string, search: string, replacement: string) {
  await who.read(path);
  const result = await who.replace(path, [{ search, replacement }]);
  assert.equal(result.tag, 'applied', JSON.stringify(result));
  await bothCaughtUp();
}

/** Whoever did something, the other knows of it from here on. */
const bothCaughtUp = (): Promise<void> => caughtUp(ada.session, bot.session);

async function create(who: AgentSession, path: string, text: string): Promise<number> {
  assert.equal((await who.create(path, text)).tag, 'applied');
  await bothCaughtUp();
  const read = await ada.read(path);
  assert.equal(read.tag, 'text');
  return (read as { fileId: number }).fileId;
}

async function textOf(path: string): Promise<string> {
  const read = await ada.read(path);
  return read.tag === 'text' ? read.text.toString() : read.tag;
}

async function all(filter: HistoryFilter, count: number): Promise<readonly OpRecord[]> {
  const reader = await HistoryReader.open(ada.session, filter);
  const ops: OpRecord[] = [];
  while (!reader.isAtStart) ops.push(...(await reader.older(count)));
  return ops;
}

const seqs = (ops: readonly OpRecord[]): number[] => ops.map(({ opSeq }) => opSeq);

test('the history is read newest first, page by page, of the world, a file, an author and lines', async () => {
  const fileId = await create(ada, 'pages.md', 'one\ntwo\nthree\n');
  await edit(bot, 'pages.md', 'one', 'uno');
  await edit(ada, 'pages.md', 'three', 'tres\nand more');
  await create(bot, 'other.md', 'x\n');
  await edit(bot, 'pages.md', 'two', 'dos');
  const world = await all({}, 2);
  assert.deepEqual(
    seqs(world),
    Array.from({ length: await headSeq() }, (_, index) => world.length - index),
  );
  const ofFile = await all({ fileId }, 1);
  assert.deepEqual(
    ofFile.map(({ version }) => version),
    [4, 3, 2, 1],
  );
  const { identity } = bot.session;
  const ofBot = await all({ author: identity }, 2);
  assert.deepEqual(seqs(ofBot), seqs(world.filter(({ author }) => author === identity)));
  assert.equal((await all({ fileId, author: identity }, 1)).length, 2);
  const range = { firstLine: 2, lastLine: 3 };
  const ofLines = await all({ fileId, lines: { range, version: 4 } }, 1);
  assert.deepEqual(
    ofLines.map(({ version }) => version),
    [3, 1],
  );
});

test('what comes while one reads is told once', async () => {
  const reader = await HistoryReader.open(ada.session);
  const first = await reader.older(3);
  await edit(bot, 'other.md', 'x', 'y');
  const newer = await reader.newer();
  assert.deepEqual(seqs(newer), [first[0]!.opSeq + 1]);
  assert.deepEqual(await reader.newer(), []);
});

test('edits of one author in a row are one entry, whoever else writes elsewhere meanwhile', async () => {
  await create(ada, 'rows.md', 'a\nb\n');
  await edit(bot, 'rows.md', 'a', 'aa');
  await edit(ada, 'other.md', 'y', 'z');
  await edit(bot, 'rows.md', 'b', 'bb');
  await edit(ada, 'rows.md', 'bb', 'b');
  const reader = await HistoryReader.open(ada.session);
  const entries = new HistoryEntries();
  for (const op of await reader.older(5)) entries.addOlder(summaryOf(op));
  assert.deepEqual(
    entries
      .all()
      .map(({ kind, ops, author }) => [kind, ops.length, author === bot.session.identity]),
    [
      ['edit', 1, false],
      ['edit', 2, true],
      ['edit', 1, false],
      ['create', 1, false],
    ],
  );
});

test('who wrote the lines of a file is known, and kept up with', async () => {
  const fileId = await create(ada, 'whose.md', 'mine\nalso mine\n');
  const reader = new AuthorshipReader(ada.session);
  const authors = async () => {
    const text = Text.of(await textOf('whose.md'));
    const { authorship } = (await reader.read(fileId))!;
    return authorship.linesByAuthor(text).map(({ author }) => author);
  };
  assert.deepEqual(await authors(), [ada.session.identity]);
  await edit(bot, 'whose.md', 'also mine', 'the bot’s');
  assert.deepEqual(await authors(), [ada.session.identity, bot.session.identity]);
});

test('what was different at a point of the history is known file by file', async () => {
  const made = await create(ada, 'then.md', 'old\n');
  const gone = await create(ada, 'gone.md', 'soon\n');
  const point = await headSeq();
  await edit(bot, 'then.md', 'old', 'new');
  await create(bot, 'fresh.md', 'fresh\n');
  await rename('then.md', 'now.md');
  await remove(gone);
  const changed = await changedSince(ada.session, point);
  assert.deepEqual(
    changed.map(({ head, versionThen, pathThen, wasThere }) => [
      head.path,
      versionThen,
      pathThen,
      wasThere,
    ]),
    [
      ['fresh.md', 0, 'fresh.md', false],
      ['gone.md', 1, 'gone.md', true],
      ['now.md', 1, 'then.md', true],
    ],
  );
  const link = await ada.session.whenOnline();
  assert.equal(await fileVersionAt(link, ada.session.view, made, point), 1);
  assert.equal(await fileVersionAt(link, ada.session.view, made, await headSeq()), 2);
  assert.equal(await fileVersionAt(link, ada.session.view, made, 1), 0);
});

test('lines that were named are found where they are by now, whoever wrote above them since', async () => {
  const fileId = await create(ada, 'named.md', 'one\ntwo\nthree\n');
  const opSeq = await headSeq();
  await edit(bot, 'named.md', 'one', 'zero\none');
  await edit(ada, 'named.md', 'three', 'three\nfour');
  await edit(bot, 'named.md', 'zero', 'zero\nhalf');
  const { session } = ada;
  const named = { fileId, opSeq, lines: { firstLine: 1, lastLine: 1 } };
  const link = await session.whenOnline();
  const at = async (version: number): Promise<number> =>
    (await linesSince(link, session.view, named, version)).firstLine;
  assert.deepEqual(await Promise.all([1, 2, 3, 4].map(at)), [1, 2, 2, 3]);
});

async function rename(from: string, path: string): Promise<void> {
  const { fileId, version } = ada.session.view.fileAt(from)!;
  const args = { opId: newId(), author: '', fileId, expectedBaseVersion: version };
  const renamed = { ...args, fromPath: from, path };
  assert.equal((await ada.session.call('rename_file', renamed)).tag, 'done');
  await bothCaughtUp();
}

async function remove(fileId: number): Promise<void> {
  const { version } = ada.session.view.files.get(fileId)!;
  const args = { opId: newId(), author: '', fileId, expectedBaseVersion: version };
  assert.equal((await ada.session.call('delete_file', args)).tag, 'done');
  await bothCaughtUp();
}

function newId(): string {
  return newUuid(Date.now(), systemRandomBytes);
}

const changer = (): FileChanger => ({
  session: ada.session,
  randomBytes: systemRandomBytes,
  author: '',
});

test('a file, a range of it, and a deleted file are restored by ops of who restores', async () => {
  const fileId = await create(ada, 'restore.md', 'one\ntwo\nthree\n');
  await edit(bot, 'restore.md', 'one', 'ONE');
  await edit(bot, 'restore.md', 'three', 'THREE');
  await restoreVersion(changer(), {
    fileId,
    version: 1,
    lines: { side: 'now', firstLine: 2, lastLine: 2 },
  });
  assert.equal(await textOf('restore.md'), 'ONE\ntwo\nthree\n');
  await restoreVersion(changer(), { fileId, version: 1 });
  assert.equal(await textOf('restore.md'), 'one\ntwo\nthree\n');
  await remove(fileId);
  await restoreVersion(changer(), { fileId, version: 2 });
  assert.equal(await textOf('restore.md'), 'ONE\ntwo\nthree\n');
  const [newest] = await all({ fileId }, 1);
  assert.equal(newest!.author, ada.session.identity);
});

test('all files become what they were at a point: made, deleted, renamed twice, and changed since', async () => {
  await create(ada, 'w/kept.md', 'kept\n');
  await create(ada, 'w/gone.md', 'gone\n');
  await create(ada, 'w/moved.md', 'moved\n');
  const point = await headSeq();
  await edit(bot, 'w/kept.md', 'kept', 'changed');
  await create(bot, 'w/new.md', 'new\n');
  const file = (path: string) => ada.session.view.fileAt(path)!;
  await deleteFile(changer(), file('w/gone.md'));
  await renameFile(changer(), file('w/moved.md'), 'w/once.md');
  await renameFile(changer(), file('w/once.md'), 'w/twice.md');
  // Its place is taken.
  await renameFile(changer(), file('w/new.md'), 'w/moved.md');
  const before = await changedSince(ada.session, point);
  assert.deepEqual(
    before.map(({ head, pathThen, wasThere }) => [head.path, pathThen, wasThere]),
    [
      ['w/gone.md', 'w/gone.md', true],
      ['w/kept.md', 'w/kept.md', true],
      ['w/moved.md', 'w/new.md', false],
      ['w/twice.md', 'w/moved.md', true],
    ],
  );
  const { refused, ticketIds } = await restoreAllFiles(changer(), before);
  assert.deepEqual([refused, ticketIds], [[], []]);
  const paths = [...ada.session.view.files.values()]
    .filter(({ path, deleted }) => !deleted && path.startsWith('w/'))
    .map(({ path }) => path);
  assert.deepEqual(paths.sort(), ['w/gone.md', 'w/kept.md', 'w/moved.md']);
  for (const name of ['gone', 'kept', 'moved']) {
    assert.equal(await textOf(`w/${name}.md`), `${name}\n`);
  }
});

test('an agent’s work is taken back in part: what others built on it stays, and is told', async () => {
  await create(ada, 'work.md', 'title\nfirst\nlast\n');
  await create(ada, 'more.md', 'kept\n');
  const sinceSeq = await headSeq();
  await edit(bot, 'work.md', 'title', 'TITLE');
  await edit(bot, 'work.md', 'last\n', 'last\nthe bot wrote this\n');
  await edit(ada, 'work.md', 'bot wrote', 'bot once wrote');
  await edit(bot, 'more.md', 'kept', 'spoilt');
  await create(bot, 'made.md', 'by the bot\n');
  const plan = await planMemberTakeBack(ada.session, { member: bot.session.identity, sinceSeq });
  assert.deepEqual(
    plan.files.map(({ head, hunks, fate }) => [head.path, hunks.length, fate?.tag]),
    [
      ['made.md', 1, 'created'],
      ['more.md', 1, undefined],
      ['work.md', 2, undefined],
    ],
  );
  const work = plan.files[2]!;
  assert.deepEqual(work.hunks.map(isClean), [true, false]);
  assert.deepEqual(
    work.hunks[1]!.builtOn.map(({ text, origin }) => [text, origin.author]),
    [['once ', ada.session.identity]],
  );
  const result = await applyTakeBack(changer(), plan, cleanOnly(plan));
  assert.deepEqual(result, { applied: 3, ticketIds: [], refused: [] });
  assert.equal(await textOf('work.md'), 'title\nfirst\nlast\nthe bot once wrote this\n');
  assert.equal(await textOf('more.md'), 'kept\n');
  assert.equal(await textOf('made.md'), 'no_such_file');
  const rest = await planMemberTakeBack(ada.session, { member: bot.session.identity, sinceSeq });
  assert.deepEqual(
    rest.files.map(({ head, hunks }) => [head.path, hunks.length]),
    [['work.md', 1]],
  );
});

test('who wrote there while the review went on is not overwritten: the world decides', async () => {
  await create(ada, 'race.md', 'value = 1\n');
  const sinceSeq = await headSeq();
  await edit(bot, 'race.md', '1', '2');
  const plan = await planMemberTakeBack(ada.session, { member: bot.session.identity, sinceSeq });
  await edit(bot, 'race.md', '2', '3');
  const result = await applyTakeBack(changer(), plan, cleanOnly(plan));
  assert.equal(result.ticketIds.length, 1);
  assert.equal(await textOf('race.md'), 'value = 3\n');
});

test('a file that was made and deleted again is nothing to take back, unless others wrote in it', async () => {
  const sinceSeq = await headSeq();
  const bots: FileChanger = { session: bot.session, randomBytes: systemRandomBytes, author: '' };
  const gone = async (path: string): Promise<void> => {
    await deleteFile(bots, bot.session.view.fileAt(path)!);
  };
  await create(bot, 'brief.md', 'brief\n');
  await edit(bot, 'brief.md', 'brief', 'short');
  await gone('brief.md');
  await create(bot, 'shared.md', 'bot’s\n');
  await edit(ada, 'shared.md', 'bot’s', 'bot’s\nada’s');
  await bot.read('shared.md');
  await gone('shared.md');
  await headSeq();
  const plan = await planMemberTakeBack(ada.session, { member: bot.session.identity, sinceSeq });
  assert.deepEqual(
    plan.files.map(({ head, fate }) => [head.path, fate?.tag]),
    [['shared.md', 'deleted']],
  );
});

test('deleting and renaming are taken back, too', async () => {
  const gone = await create(ada, 'deleted.md', 'precious\n');
  await create(ada, 'name.md', 'x\n');
  const sinceSeq = await headSeq();
  await bot.read('deleted.md');
  const { version } = bot.session.view.files.get(gone)!;
  const args = { opId: newId(), author: '', fileId: gone, expectedBaseVersion: version };
  assert.equal((await bot.session.call('delete_file', args)).tag, 'done');
  const { fileId } = bot.session.view.fileAt('name.md')!;
  const rename = { opId: newId(), author: '', fileId, expectedBaseVersion: 1 };
  const moved = { ...rename, fromPath: 'name.md', path: 'other-name.md' };
  assert.equal((await bot.session.call('rename_file', moved)).tag, 'done');
  await headSeq();
  const plan = await planMemberTakeBack(ada.session, { member: bot.session.identity, sinceSeq });
  assert.deepEqual(
    plan.files.map(({ fate }) => fate?.tag),
    ['deleted', 'renamed'],
  );
  await applyTakeBack(changer(), plan, cleanOnly(plan));
  assert.equal(await textOf('deleted.md'), 'precious\n');
  assert.equal(await textOf('name.md'), 'x\n');
});

function cleanOnly({ files }: TakeBackPlan): Map<number, FileChoice> {
  return new Map(
    files.map(({ head, hunks }) => {
      const choices = hunks.map((hunk) => (isClean(hunk) ? ('take' as const) : ('keep' as const)));
      return [head.fileId, { hunks: choices, fate: true }];
    }),
  );
}

test('a long history is looked at without being read whole', async (t) => {
  const fileId = await create(ada, 'long.md', 'x\n');
  const { version } = ada.session.view.files.get(fileId)!;
  const OPS = 10_000;
  const AT_A_TIME = 2_500;
  for (let done = 0; done < OPS; done += AT_A_TIME) {
    const edits = Array.from({ length: AT_A_TIME }, (_, index) => ({
      fileId,
      version: index === 0 ? version + done : 0,
      changes: [replaceAt((done + index) % 2)],
    }));
    await editFiles(changer(), edits);
  }
  let rows = 0;
  const stop = ada.session.view.onOp(() => void (rows += 1));
  const startedMs = performance.now();
  const list = new HistoryList(ada.session);
  await list.readOlder();
  t.diagnostic(`first page of ${await headSeq()} ops in ${performance.now() - startedMs} ms`);
  assert.ok(list.entries.length > 0 && list.hasOlder);
  assert.ok(rows <= 3_000, `${rows} ops were read`);
  rows = 0;
  const author = bot.session.identity;
  const ofBot = await HistoryReader.open(ada.session, { author });
  assert.ok((await ofBot.older(5)).length >= 5);
  assert.ok(rows <= 200, `${rows} ops were read for one author`);
  stop();
});

/** Puts a letter before the first one, or takes it away. */
function replaceAt(odd: number): Change {
  const end = odd === 0 ? 0 : 1;
  return { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: end, text: odd ? '' : 'y' };
}
