// A mirror folder that is a git clone, with real git and a real world: what git puts back is asked about.
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { authorshipOfFile } from '../../src/core/authorship-fold.ts';
import { replace } from '../../src/core/change.ts';
import { Text } from '../../src/core/text.ts';
import { UNATTRIBUTED } from '../../src/core/unattributed.ts';
import { editFile } from '../../src/world/change-file.ts';
import { readFile } from '../../src/world/file-reader.ts';
import { readFileOps } from '../../src/world/read-file-ops.ts';
import { answerRestoration, standingRestorations } from '../../src/world/restorations.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { GitLab } from '../harness/git-lab.ts';
import { KeptFolder } from '../harness/term-lab.ts';
import { newId, newTextFile } from '../harness/world-stage.ts';
import { caughtUp, whenever, WorldLab } from './world-lab.ts';

const BEFORE = 'one\ntwo\nthree\nfour\nfive\n';
const AFTER = 'one\ntwo\nthree\nfour\nfive, and what Ada has to say of it\n';
const MADE = 'made by Ada, who thought long about it\n';

test('git checkout: nothing changes for others; what was asked is answered by whose work it is', async (t) => {
  const { ada, clone, git } = await openClone(t);
  git.git('checkout', '-q', '--', 'src/a.ts');
  const asked = await clone.says('asked');
  assert.equal(asked.cause, 'git');
  assert.deepEqual(asked.files, ['src/a.ts']);
  assert.deepEqual(asked.owners, [ada.identity]);
  await caughtUp(ada);
  assert.equal(await textOf(ada, 'src/a.ts'), AFTER);
  assert.equal((await clone.texts())['src/a.ts'], BEFORE);
  const [question] = standingRestorations(ada.view);
  assert.equal(question?.restorationId, asked.question);
  await answerRestoration(ada, asked.question, 'put_back', systemRandomBytes);
  await clone.says('answered');
  await clone.look();
  assert.deepEqual(await clone.texts(), { 'b.ts': MADE, 'src/a.ts': AFTER });
  await caughtUp(ada);
  assert.deepEqual(standingRestorations(ada.view), []);
});

test('git reset --hard and git clean: one question about both files; taken, they are as git left them', async (t) => {
  const { ada, clone, git } = await openClone(t);
  git.git('reset', '-q', '--hard');
  git.git('clean', '-fdq');
  const asked = await clone.says('asked');
  assert.equal(asked.cause, 'git');
  assert.deepEqual(asked.files, ['b.ts', 'src/a.ts']);
  await caughtUp(ada);
  assert.equal(await textOf(ada, 'src/a.ts'), AFTER);
  assert.equal(await textOf(ada, 'b.ts'), MADE);
  await answerRestoration(ada, asked.question, 'take', systemRandomBytes);
  await whenever(ada, () => ada.view.fileAt('b.ts') === undefined);
  await clone.says('answered');
  await clone.look();
  await caughtUp(ada);
  assert.equal(await textOf(ada, 'src/a.ts'), BEFORE);
  assert.deepEqual(await clone.texts(), { 'src/a.ts': BEFORE });
});

test('git clean -x of a file that git leaves out and the world has: it waits, and is put back', async (t) => {
  const { ada, clone, git } = await openClone(t);
  await writeFile(path.join(git.folder, '.git', 'info', 'exclude'), 'b.ts\n');
  git.git('clean', '-fdxq');
  const asked = await clone.says('asked');
  assert.deepEqual(asked.files, ['b.ts']);
  await caughtUp(ada);
  assert.equal(await textOf(ada, 'b.ts'), MADE);
  await answerRestoration(ada, asked.question, 'put_back', systemRandomBytes);
  await clone.says('answered');
  await clone.look();
  assert.equal((await clone.texts())['b.ts'], MADE);
});

test('git checkout that is taken: the lines are again those of who wrote them, not the folder’s', async (t) => {
  const lab = await WorldLab.open(t);
  const ada = await lab.enter(await lab.join());
  const bot = await lab.enter(await lab.join({ kind: 'agent' }));
  const cleo = await lab.enter(await lab.join());
  const file = newTextFile('a.ts', BEFORE);
  await cleo.judge('create_file', { author: '', file }, [file.opId]);
  await caughtUp(ada, bot);
  const git = await GitLab.init(path.join(lab.folder, 'bot', 'folder'));
  const clone = await KeptFolder.keep(bot, path.join(lab.folder, 'bot'));
  lab.endsFirst(() => clone.close());
  git.commitAll();
  const { fileId } = ada.view.fileAt('a.ts')!;
  const changes = [
    { startLine: 1, startCharacter: 0, endLine: 4, endCharacter: 0, text: 'Ada’s\n' },
  ];
  const changer = { session: ada, randomBytes: systemRandomBytes, author: '' };
  await editFile(changer, { fileId, version: 1, changes });
  await caughtUp(bot);
  await clone.look();
  git.git('checkout', '-q', '--', 'a.ts');
  const { question } = await clone.says('asked');
  await answerRestoration(ada, question, 'take', systemRandomBytes);
  await clone.says('answered');
  await clone.look();
  await caughtUp(ada);
  assert.equal(await textOf(ada, 'a.ts'), BEFORE);
  const ops = await readFileOps(await ada.whenOnline(), fileId, 0, 3);
  assert.equal(ops.at(-1)!.author, bot.identity, 'the history says who put it back');
  const lines = authorshipOfFile(ops, fileId)!.linesByAuthor(Text.of(BEFORE));
  assert.deepEqual(
    lines.map(({ firstLine, lastLine, author }) => [firstLine, lastLine, author]),
    [[0, 4, cleo.identity]],
  );
});

test('lines of a peer that the bot took out and git brings back are the peer’s again', async (t) => {
  const scene = await openTakenOut(t);
  const { ada, git, fileId, all } = scene;
  git.git('checkout', '-q', '--', 'src/a.ts');
  await whenever(ada, () => ada.view.files.get(fileId)!.version === 5);
  assert.equal(await textOf(ada, 'src/a.ts'), all);
  assert.deepEqual(await authorOfFirst(scene, 5), [ada.identity, 1]);
});

test('so are those in a file that waits for what git takes away there, also where that is put back', async (t) => {
  const scene = await openTakenOut(t);
  const { ada, clone, git, fileId, all } = scene;
  const end = { line: 5, character: 0 };
  const changer = { session: ada, randomBytes: systemRandomBytes, author: '' };
  const changes = [replace(end, end, 'what git never knew\n')];
  await editFile(changer, { fileId, version: 4, changes });
  await caughtUp(clone.session);
  await clone.look();
  git.git('checkout', '-q', '--', 'src/a.ts');
  await whenever(ada, () => standingRestorations(ada.view).length === 1);
  const { restorationId } = standingRestorations(ada.view)[0]!;
  await answerRestoration(ada, restorationId, 'put_back', systemRandomBytes);
  await whenever(ada, () => ada.view.files.get(fileId)!.version === 6);
  assert.equal(await textOf(ada, 'src/a.ts'), `${all}what git never knew\n`);
  assert.deepEqual(await authorOfFirst(scene, 6), [ada.identity, 1]);
});

test('a file that is deleted for everybody and git brings back is the same file: its lines are whose they were', async (t) => {
  const { ada, clone, git } = await openClone(t);
  git.commitAll();
  const { fileId } = ada.view.fileAt('b.ts')!;
  git.git('rm', '-q', 'b.ts');
  const { question } = await clone.says('asked');
  await answerRestoration(ada, question, 'take', systemRandomBytes);
  await whenever(ada, () => ada.view.fileAt('b.ts') === undefined);
  git.git('checkout', '-q', 'HEAD', '--', 'b.ts');
  await whenever(ada, () => ada.view.fileAt('b.ts') !== undefined);
  assert.equal(ada.view.fileAt('b.ts')?.fileId, fileId);
  const link = await ada.whenOnline();
  const ops = await readFileOps(link, fileId, 0, ada.view.fileAt('b.ts')!.version);
  const lines = authorshipOfFile(ops, fileId)!.linesByAuthor(Text.of(MADE));
  assert.deepEqual(
    lines.map(({ author }) => author),
    [ada.identity],
  );
});

test('git stash -u and git stash pop leave no trace in others’ files', async (t) => {
  const { ada, clone, git } = await openClone(t);
  const heads = (): unknown => [...ada.view.files.values()];
  const before = heads();
  git.git('stash', '-q', '-u');
  const asked = await clone.says('asked');
  git.git('stash', 'pop', '-q');
  const withdrawn = await clone.says('withdrawn');
  assert.equal(withdrawn.question, asked.question);
  await caughtUp(ada);
  assert.deepEqual(heads(), before);
  assert.deepEqual(standingRestorations(ada.view), []);
  assert.deepEqual(await clone.texts(), { 'b.ts': MADE, 'src/a.ts': AFTER });
});

test('git stash in a person’s own folder: their own lines go and come back, others’ wait', async (t) => {
  const lab = await WorldLab.open(t);
  const ada = await lab.enter(await lab.join());
  const bot = await lab.enter(await lab.join({ kind: 'agent' }));
  const git = await GitLab.init(path.join(lab.folder, 'ada', 'folder'));
  await git.write({ 'own.md': 'one\ntwo\n', 'theirs.md': 'one\ntwo\n', 'both.md': 'one\ntwo\n' });
  git.commitAll();
  const folder = await KeptFolder.keep(ada, path.join(lab.folder, 'ada'), {
    author: UNATTRIBUTED.identity,
  });
  lab.endsFirst(() => folder.close());
  await whenever(bot, () => bot.view.files.size === 3);
  const writes = [
    [ada, 'own.md'],
    [bot, 'theirs.md'],
    [ada, 'both.md'],
    [bot, 'both.md'],
  ] as const;
  for (const [who, name] of writes) {
    const { fileId, version } = who.view.fileAt(name)!;
    const text = `what ${who === ada ? 'Ada' : 'the bot'} has to say of this\n`;
    const start = { line: 1, character: 0 };
    const changer = { session: who, randomBytes: systemRandomBytes, author: '' };
    await editFile(changer, { fileId, version, changes: [replace(start, start, text)] });
    for (const each of [ada, bot]) await caughtUp(each);
  }
  await folder.look();
  const before = await folder.texts();
  git.git('stash', '-q', '-u');
  const asked = await folder.says('asked');
  assert.deepEqual(asked.files, ['both.md', 'theirs.md']);
  await folder.look();
  assert.equal(git.git('status', '--porcelain'), '', 'nothing is written over what git left');
  assert.equal(await textOf(bot, 'own.md'), 'one\ntwo\n');
  git.git('stash', 'pop', '-q');
  assert.equal((await folder.says('withdrawn')).question, asked.question);
  await folder.look();
  assert.deepEqual(await folder.texts(), before);
  // Made, written to, put back and written again.
  await whenever(bot, () => bot.view.fileAt('own.md')!.version === 4);
  assert.equal(await textOf(bot, 'own.md'), before['own.md']);
});

test('git sparse-checkout deletes nothing for anybody', async (t) => {
  const { ada, clone, git } = await openClone(t);
  git.commitAll();
  git.git('sparse-checkout', 'set', '--no-cone', '/src/');
  await clone.look();
  assert.deepEqual(await clone.texts(), { 'src/a.ts': AFTER });
  await caughtUp(ada);
  assert.equal(await textOf(ada, 'b.ts'), MADE);
  git.git('sparse-checkout', 'disable');
  await clone.look();
  assert.deepEqual(await clone.texts(), { 'b.ts': MADE, 'src/a.ts': AFTER });
  assert.deepEqual(clone.events, []);
});

for (const when of ['while it is kept', 'at its start'] as const) {
  test(`a folder that is deleted ${when}: nothing is deleted for others; put back it is watched as before`, async (t) => {
    const lab = await WorldLab.open(t);
    const ada = await lab.enter(await lab.join());
    const bot = await lab.enter(await lab.join({ kind: 'agent' }));
    const names = ['a.ts', 'b.ts', 'in/c.ts'];
    for (const name of names) {
      const file = newTextFile(name, MADE);
      await ada.judge('create_file', { author: '', file }, [file.opId]);
    }
    await caughtUp(bot);
    const place = path.join(lab.folder, 'bot');
    let kept = await KeptFolder.keep(bot, place);
    lab.endsFirst(() => kept.close());
    if (when === 'at its start') await kept.close();
    await rm(kept.folder, { recursive: true });
    if (when === 'at its start') kept = await KeptFolder.keep(bot, place);
    else await kept.look();
    const asked = await kept.says('asked');
    assert.equal(asked.cause, 'missing_folder');
    assert.equal(asked.fileCount, 3);
    assert.deepEqual(asked.owners, [ada.identity]);
    await caughtUp(ada);
    assert.equal([...ada.view.files.values()].filter(({ deleted }) => deleted).length, 0);
    await answerRestoration(ada, asked.question, 'put_back', systemRandomBytes);
    await kept.says('answered');
    await kept.look();
    assert.deepEqual(Object.keys(await kept.texts()), names);
    await writeFile(path.join(kept.folder, 'in', 'new.ts'), 'new\n');
    await whenever(ada, () => ada.view.fileAt('in/new.ts') !== undefined);
  });
}

interface Clone {
  readonly ada: WorldSession;
  readonly clone: KeptFolder;
  readonly git: GitLab;
}

/** A bot's clone, in which Ada has changed a line and made a file since its commit. */
async function openClone(t: TestContext): Promise<Clone> {
  const lab = await WorldLab.open(t);
  const ada = await lab.enter(await lab.join());
  const bot = await lab.enter(await lab.join({ kind: 'agent' }));
  const file = newTextFile('src/a.ts', BEFORE);
  await bot.judge('create_file', { author: '', file }, [file.opId]);
  await whenever(ada, () => ada.view.fileAt('src/a.ts') !== undefined);
  const git = await GitLab.init(path.join(lab.folder, 'bot', 'folder'));
  const clone = await KeptFolder.keep(bot, path.join(lab.folder, 'bot'));
  lab.endsFirst(() => clone.close());
  git.commitAll();
  const { fileId } = ada.view.fileAt('src/a.ts')!;
  const insertion = { startLine: 4, startCharacter: 4, endLine: 4, endCharacter: 4 };
  const op = {
    opId: newId(),
    fileId,
    expectedBaseVersion: 1,
    intent: 'patch',
    author: '',
    carriedFrom: 0,
    overlaps: [],
    rangeHashes: [],
    changes: [{ ...insertion, text: ', and what Ada has to say of it' }],
  };
  await ada.judge('apply_file_ops', { batch: { batchId: newId(), extends: 0, ops: [op] } }, [
    op.opId,
  ]);
  const made = newTextFile('b.ts', MADE);
  await ada.judge('create_file', { author: '', file: made }, [made.opId]);
  await caughtUp(bot);
  await clone.look();
  assert.deepEqual(await clone.texts(), { 'b.ts': MADE, 'src/a.ts': AFTER });
  return { ada, clone, git };
}

async function textOf(session: WorldSession, name: string): Promise<string | undefined> {
  const head = session.view.fileAt(name);
  if (!head) return undefined;
  const file = await readFile(await session.whenOnline(), session.view, head.fileId);
  return file.kind === 'text' ? file.text.toString() : undefined;
}

/** The bot's folder took two lines of Ada out, which git has in its newest commit. */
async function openTakenOut(t: TestContext) {
  const { ada, clone, git } = await openClone(t);
  const { fileId } = ada.view.fileAt('src/a.ts')!;
  const start = { line: 0, character: 0 };
  const changer = { session: ada, randomBytes: systemRandomBytes, author: '' };
  const changes = [replace(start, start, 'a line of Ada\nand another one\n')];
  await editFile(changer, { fileId, version: 2, changes });
  await caughtUp(clone.session);
  await clone.look();
  const all = (await clone.texts())['src/a.ts']!;
  git.commitAll();
  await writeFile(path.join(clone.folder, 'src/a.ts'), AFTER);
  const { question } = await clone.says('asked');
  await answerRestoration(ada, question, 'take', systemRandomBytes);
  await whenever(ada, () => ada.view.files.get(fileId)!.version === 4);
  return { ada, clone, git, fileId, all };
}

/** Whose the first lines of the file are, and the last one of those. */
async function authorOfFirst(
  { ada, fileId }: { readonly ada: WorldSession; readonly fileId: number },
  version: number,
): Promise<unknown> {
  const ops = await readFileOps(await ada.whenOnline(), fileId, 0, version);
  const text = Text.of((await textOf(ada, 'src/a.ts'))!);
  const [first] = authorshipOfFile(ops, fileId)!.linesByAuthor(text);
  return [first?.author, first?.lastLine];
}
