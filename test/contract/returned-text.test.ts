// Text that comes back belongs to who wrote it, whoever puts it back and in whichever way; words that
// somebody types are theirs. By members of a world, as clients do it.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { describeOp } from '../../src/cli/describe-op.ts';
import { authorshipOfFile } from '../../src/core/authorship-fold.ts';
import { replace } from '../../src/core/change.ts';
import { returnedOf } from '../../src/core/op-payload.ts';
import { mirrorWorldOf } from '../../src/mirror/mirror-world.ts';
import { DEFAULT_BINDING_OPTIONS, DocumentBinding } from '../../src/sync/document-binding.ts';
import { applyTakeBack } from '../../src/world/apply-take-back.ts';
import { changeFile, editFile, type FileChanger } from '../../src/world/change-file.ts';
import { readFile } from '../../src/world/file-reader.ts';
import { openFile } from '../../src/world/file-feed.ts';
import { silentLog } from '../../src/world/log.ts';
import { nativeHash } from '../../src/world/native-hash.ts';
import { readFileOps } from '../../src/world/read-file-ops.ts';
import { restoreVersion } from '../../src/world/restore-version.ts';
import { planMemberTakeBack } from '../../src/world/take-back.ts';
import { detectContent } from '../../src/world/text-format.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import { bringIn, exportTo } from '../harness/git-world.ts';
import { GitLab } from '../harness/git-lab.ts';
import { MemoryDocument } from '../harness/memory-document.ts';
import { caughtUp, WorldLab } from './world-lab.ts';

let lab: WorldLab;
let ada: AgentSession;
let bot: AgentSession;
let cleo: AgentSession;
const ending: (() => Promise<void>)[] = [];

before(async () => {
  lab = await WorldLab.open({
    after: (end: () => Promise<void>) => ending.push(end),
  });
  ada = await lab.agent();
  bot = await lab.agent({ kind: 'agent' });
  cleo = await lab.agent();
});

after(async () => {
  for (const end of ending) await end();
});

const LINES = 'let a = 1;\nlet b = 2;\nlet c = 3;\n';
const START = 'head\nfirst\nlast\n';
const BELOW = { line: 2, character: 0 };

function changerOf({ session }: AgentSession): FileChanger {
  return { session, randomBytes: systemRandomBytes, author: '' };
}

async function edit(who: AgentSession, file: string, search: string, replacement: string) {
  await who.read(file);
  const result = await who.replace(file, [{ search, replacement }]);
  assert.equal(result.tag, 'applied', JSON.stringify(result));
  await caughtUp(ada.session, bot.session, cleo.session);
}

/** Ada has written three lines into Cleo’s file. */
async function written(file: string) {
  assert.equal((await cleo.create(file, START)).tag, 'applied');
  await caughtUp(ada.session, bot.session, cleo.session);
  await edit(ada, file, 'last', `${LINES}last`);
  return ada.session.view.fileAt(file)!;
}

/** The same, and the bot took them away. */
async function scene(file: string): Promise<number> {
  const { fileId } = await written(file);
  await edit(bot, file, LINES, '');
  return fileId;
}

/** Whose each line of a file is, and what was done last, in words. */
async function blame(fileId: number) {
  const { session } = ada;
  await caughtUp(session);
  const link = await session.whenOnline();
  const file = await readFile(link, session.view, fileId);
  assert.equal(file.kind, 'text');
  const { text } = file as typeof file & { kind: 'text' };
  const ops = await readFileOps(link, fileId, 0, file.version);
  const owners = authorshipOfFile(ops, fileId)!
    .linesByAuthor(text)
    .flatMap(({ firstLine, lastLine, author }) =>
      Array<string>(lastLine - firstLine + 1).fill(nameOf(author)),
    );
  return { text: text.toString(), owners, last: ops.at(-1)! };
}

async function textIn(session: AgentSession['session'], file: string): Promise<string> {
  const { fileId } = session.view.fileAt(file)!;
  const read = await readFile(await session.whenOnline(), session.view, fileId);
  return read.kind === 'text' ? read.text.toString() : read.kind;
}

function nameOf(identity: string): string {
  const names = { ada, bot, cleo };
  return Object.entries(names).find(([, { session }]) => session.identity === identity)![0];
}

const WHOLE = 'head\nfirst\nlet a = 1;\nlet b = 2;\nlet c = 3;\nlast\n';
const ADAS = ['cleo', 'cleo', 'ada', 'ada', 'ada', 'cleo'];

async function assertAdas(fileId: number, putBackBy: string): Promise<void> {
  const { text, owners, last } = await blame(fileId);
  assert.equal(text, WHOLE);
  assert.deepEqual(owners, ADAS);
  assert.equal(nameOf(last.author), putBackBy);
  assert.deepEqual(
    returnedOf(last).map(({ version }) => version),
    [2],
  );
  assert.match(describeOp(last, ada.session.view), /puts text back/);
}

for (const who of ['ada', 'cleo'] as const) {
  test(`what the bot took away and ${who} takes back is Ada’s`, async () => {
    const fileId = await scene(`taken-by-${who}.ts`);
    const taker = { ada, cleo }[who];
    const request = { member: bot.session.identity, sinceSeq: 0, fileId };
    const plan = await planMemberTakeBack(taker.session, request);
    const choice = { hunks: plan.files[0]!.hunks.map(() => 'take' as const), fate: false };
    await applyTakeBack(changerOf(taker), plan, new Map([[fileId, choice]]));
    await assertAdas(fileId, who);
  });
}

test('a file, or lines of it, that are restored have their authors again', async () => {
  const whole = await scene('restored.ts');
  await restoreVersion(changerOf(cleo), { fileId: whole, version: 2 });
  await assertAdas(whole, 'cleo');
  const some = await scene('restored-lines.ts');
  await edit(bot, 'restored-lines.ts', 'head', 'HEAD');
  const lines = { side: 'then', firstLine: 2, lastLine: 4 } as const;
  await restoreVersion(changerOf(cleo), { fileId: some, version: 2, lines });
  const { text, owners } = await blame(some);
  assert.equal(text, WHOLE.replace('head', 'HEAD'));
  assert.deepEqual(owners, ['bot', ...ADAS.slice(1)]);
});

test('a restoration that a folder’s mirror is told to take gives back what is old in it', async () => {
  const fileId = await scene('mirrored.ts');
  const { signal } = new AbortController();
  const newId = () => newUuid(Date.now(), systemRandomBytes);
  const world = mirrorWorldOf(cleo.session, newId, signal);
  const returned = [{ change: 0, line: 1, lines: 3, version: 2, fromLine: 2 }];
  const changes = [replace(BELOW, BELOW, `new\n${LINES}`)];
  const verdict = await world.edit(fileId, 3, changes, undefined, { returned });
  assert.equal(verdict.tag, 'applied');
  const { owners } = await blame(fileId);
  assert.deepEqual(owners, ['cleo', 'cleo', 'cleo', 'ada', 'ada', 'ada', 'cleo']);
});

test('S7: lines of somebody else that are deleted in an editor and taken back are theirs', async () => {
  const { fileId } = await written('undone.ts');
  const { session } = cleo;
  const opened = await openFile(session, fileId);
  const document = new MemoryDocument(opened.text);
  const binding = new DocumentBinding(
    {
      document,
      file: opened.feed,
      ids: { next: () => newUuid(session.clock.nowMs(), systemRandomBytes) },
      clock: session.clock,
      drafts: { append: async () => {}, putDraft: async () => {} },
      log: silentLog,
      hash: nativeHash,
    },
    { base: opened },
    { ...DEFAULT_BINDING_OPTIONS, invariants: 'fatal' },
  );
  await opened.feed.whenConnected();
  const settled = () =>
    new Promise<void>((resolve) => {
      const look = (): void => {
        if (!binding.isSettled) return;
        stop();
        resolve();
      };
      const stop = binding.onUpdate(look);
      look();
    });
  document.type([replace(BELOW, { line: 5, character: 0 }, '')]);
  await settled();
  assert.equal((await blame(fileId)).text, START);
  assert.ok(binding.takeBack('undo'));
  await settled();
  await assertAdas(fileId, 'cleo');
  binding.dispose();
  opened.feed.close();
});

test('the same words typed by hand are the typist’s, and a forged source gives nothing', async () => {
  const fileId = await scene('typed.ts');
  await edit(bot, 'typed.ts', 'last', `${LINES}last`);
  const bots = ADAS.map((owner) => (owner === 'ada' ? 'bot' : owner));
  assert.deepEqual((await blame(fileId)).owners, bots);
  const other = await scene('forged.ts');
  const text = LINES.replaceAll('let', 'var');
  const piece = { change: 0, at: 0, length: text.length, version: 2 };
  const returned = [{ ...piece, fromLine: 2, fromCharacter: 0 }];
  const changes = [replace(BELOW, BELOW, text)];
  await editFile(changerOf(bot), { fileId: other, version: 3, changes, returned });
  assert.deepEqual((await blame(other)).owners, bots);
});

test('commits for each author have lines that came back as their author’s', async (t) => {
  const project = await WorldLab.open(t);
  const [writer, agent, keeper] = [
    await project.agent(),
    await project.agent({ kind: 'agent' }),
    await project.agent(),
  ];
  const owner = await project.enter(project.owner);
  const all = [writer.session, agent.session, keeper.session, owner];
  const replaceIn = async (who: AgentSession, search: string, replacement: string) => {
    await caughtUp(...all);
    await who.read('a.ts');
    assert.equal((await who.replace('a.ts', [{ search, replacement }])).tag, 'applied');
  };
  const git = await GitLab.init(path.join(project.folder, 'repository'));
  git.git('commit', '-q', '--allow-empty', '-m', 'start');
  await bringIn(owner, git.folder);
  await agent.create('a.ts', START);
  await replaceIn(writer, 'last', `${LINES}last`);
  await replaceIn(agent, LINES, '');
  await caughtUp(...all);
  const { fileId } = keeper.session.view.fileAt('a.ts')!;
  await restoreVersion(changerOf(keeper), { fileId, version: 2 });
  await replaceIn(keeper, 'first', 'the first');
  // One save with mixed line ends makes bytes of a text, and the next one a text again.
  await writer.create('b.txt', 'one\ntwo\nthree\n');
  await caughtUp(...all);
  for (const text of ['one\r\ntwo\nthree\n', 'one\ntwo\nmore\nthree\n']) {
    const content = detectContent(new TextEncoder().encode(text));
    const head = keeper.session.view.fileAt('b.txt')!;
    await changeFile(changerOf(keeper), head, { content, mode: head.mode });
    await caughtUp(...all);
  }
  await exportTo(owner, git.folder, { mode: 'authors' });
  const authorsOf = (file: string) => {
    const told = git.git('blame', '--line-porcelain', 'world/lab', '--', file);
    return [...told.matchAll(/^author (.*)$/gm)].map(([, author]) => author);
  };
  const names = new Map(
    [...owner.view.members.values()].map(({ identity, displayName }) => [identity, displayName]),
  );
  const namesOf = (...who: readonly AgentSession[]) =>
    who.map(({ session }) => names.get(session.identity));
  assert.deepEqual(authorsOf('a.ts'), namesOf(agent, keeper, writer, writer, writer, agent));
  assert.deepEqual(authorsOf('b.txt'), namesOf(writer, writer, keeper, writer));
  // The same where the lines went in a commit of before, which nothing of this export tells of.
  const { version } = keeper.session.view.fileAt('a.ts')!;
  await replaceIn(agent, LINES, '');
  await exportTo(owner, git.folder, { mode: 'authors' });
  assert.deepEqual(authorsOf('a.ts'), namesOf(agent, keeper, agent));
  await restoreVersion(changerOf(keeper), { fileId, version });
  await caughtUp(...all);
  await exportTo(owner, git.folder, { mode: 'authors' });
  assert.deepEqual(authorsOf('a.ts'), namesOf(agent, keeper, writer, writer, writer, agent));
  const messages = git.git('log', '-3', '--format=%an %s', 'world/lab');
  assert.ok(messages.includes(names.get(writer.session.identity)!), messages);
  assert.equal(git.git('show', 'world/lab:a.ts'), (await textIn(owner, 'a.ts')).trimEnd());
});
