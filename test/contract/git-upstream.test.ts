// A base that moved is brought in: rebased like any other edits, overlaps become tickets.
import assert from 'node:assert/strict';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { UPSTREAM } from '../../src/core/git-point.ts';
import { bringIn as bringInCommit } from '../../src/git/bring-in.ts';
import { Repository } from '../../src/git/repository.ts';
import { changeFile, renameFile } from '../../src/world/change-file.ts';
import { decideTicket } from '../../src/world/decide-ticket.ts';
import { detectContent } from '../../src/world/text-format.ts';
import { readFile } from '../../src/world/file-reader.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { historyOfSession } from '../../src/world/world-history.ts';
import { verifyCommit } from '../../src/git/verify-commit.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { GitLab } from '../harness/git-lab.ts';
import { bringIn, exportTo } from '../harness/git-world.ts';
import { WorldLab } from './world-lab.ts';

const LINES = Array.from({ length: 12 }, (_, line) => `line ${line}`);
const textOf = (changes: Readonly<Record<number, string>>): string =>
  `${LINES.map((line, index) => changes[index] ?? line).join('\n')}\n`;

interface Scene {
  readonly lab: GitLab;
  readonly session: WorldSession;
}

async function scene(t: TestContext): Promise<Scene> {
  const world = await WorldLab.open(t);
  const lab = await GitLab.init(path.join(world.folder, 'repository'));
  await lab.write({
    'a.txt': textOf({}),
    'b.txt': 'bee\n',
    'gone.txt': 'gone\n',
    'moved.txt': textOf({ 1: 'm' }),
  });
  lab.commitAll('base');
  const session = await world.enter(world.owner);
  await bringIn(session, lab.folder);
  return { lab, session };
}

/** Somebody's edit in the world. */
async function edit(session: WorldSession, name: string, text: string): Promise<void> {
  const changer = { session, randomBytes: systemRandomBytes, author: '' };
  const content = detectContent(Buffer.from(text));
  await changeFile(changer, session.view.fileAt(name)!, { content, mode: 'regular' });
}

async function pulled({ lab, session }: Scene, rev?: string) {
  const repository = await Repository.open(lab.folder);
  return bringInCommit({ session, repository, rev, randomBytes: systemRandomBytes });
}

async function textAt(session: WorldSession, name: string): Promise<string> {
  const file = await readFile(session.link!, session.view, session.view.fileAt(name)!.fileId);
  return file.kind === 'text' ? file.text.toString() : 'binary';
}

test('what others pushed comes in beside what was done meanwhile, and the next export has both parents', async (t) => {
  const { lab, session } = await scene(t);
  await edit(session, 'a.txt', textOf({ 2: 'ours' }));
  const first = await exportTo(session, lab.folder);
  const changer = { session, randomBytes: systemRandomBytes, author: '' };
  await renameFile(changer, session.view.fileAt('moved.txt')!, 'here.txt');
  await lab.write({
    'a.txt': textOf({ 8: 'theirs' }),
    'moved.txt': textOf({ 1: 'm', 5: 'theirs' }),
    'new.txt': 'new\n',
  });
  await lab.remove('gone.txt');
  await rename(path.join(lab.folder, 'b.txt'), path.join(lab.folder, 'c.txt'));
  await lab.makeExecutable('c.txt');
  const to = lab.commitAll('pushed');
  const report = await pulled({ lab, session });
  assert.deepEqual([report.to, report.disputed], [to, []]);
  assert.equal(await textAt(session, 'a.txt'), textOf({ 2: 'ours', 8: 'theirs' }));
  assert.equal(
    await textAt(session, 'here.txt'),
    textOf({ 1: 'm', 5: 'theirs' }),
    'renames are followed',
  );
  assert.equal(await textAt(session, 'c.txt'), 'bee\n');
  assert.equal(session.view.fileAt('c.txt')?.mode, 'executable');
  assert.deepEqual(
    [session.view.fileAt('gone.txt'), session.view.fileAt('b.txt')],
    [undefined, undefined],
  );
  assert.equal(session.workspace?.baseCommit, to);
  assert.equal(session.view.members.get(UPSTREAM.identity)?.displayName, 'upstream');
  assert.equal((await pulled({ lab, session })).changed.length, 0, 'once');
  const second = await exportTo(session, lab.folder);
  assert.equal(lab.git('log', '-1', '--format=%P', second.commit!), `${first.commit} ${to}`);
  // Against what was pushed it shows what was done here, and nothing else.
  assert.equal(
    lab.git('diff', '--name-status', '--no-renames', to, second.commit!),
    'M\ta.txt\nA\there.txt\nD\tmoved.txt',
  );
  const message = lab.git('log', '-1', '--format=%B', second.commit!);
  assert.doesNotMatch(message, /upstream|c\.txt|new\.txt/, 'what others pushed is no news');
  const proved = {
    history: historyOfSession(session),
    repository: await Repository.open(lab.folder),
  };
  assert.equal((await verifyCommit({ ...proved, rev: second.commit! })).tag, 'verified');
  lab.fsck();
});

test('the same lines on both sides become a ticket of upstream, and the rest comes in', async (t) => {
  const { lab, session } = await scene(t);
  await edit(session, 'a.txt', textOf({ 2: 'ours', 10: 'the same' }));
  await edit(session, 'gone.txt', 'still wanted\n');
  await lab.write({ 'a.txt': textOf({ 2: 'theirs', 6: 'beside', 10: 'the same' }) });
  await lab.remove('gone.txt');
  lab.commitAll('pushed');
  const report = await pulled({ lab, session });
  assert.deepEqual(report.disputed.toSorted(), ['a.txt', 'gone.txt']);
  assert.equal(await textAt(session, 'a.txt'), textOf({ 2: 'ours', 6: 'beside', 10: 'the same' }));
  assert.equal(await textAt(session, 'gone.txt'), 'still wanted\n');
  const open = [...session.view.tickets.values()].filter(({ status }) => status === 'open');
  assert.deepEqual(
    open.map(({ author }) => author),
    [UPSTREAM.identity, UPSTREAM.identity],
  );
  const ticket = open.find(({ kind }) => kind === 'edit')!;
  await decideTicket(session, ticket, { resolution: 'rebase' }, systemRandomBytes);
  assert.match(await textAt(session, 'a.txt'), /theirs/);
});

test('a base may move again and again, and be a merge of what was exported', async (t) => {
  const { lab, session } = await scene(t);
  await edit(session, 'a.txt', textOf({ 2: 'ours' }));
  await lab.write({ 'a.txt': textOf({ 8: 'theirs' }) });
  lab.commitAll('pushed');
  await pulled({ lab, session });
  await lab.write({ 'a.txt': textOf({ 8: 'theirs again', 9: 'more' }) });
  lab.commitAll('pushed again');
  const again = await pulled({ lab, session });
  assert.deepEqual(again.disputed, []);
  assert.equal(await textAt(session, 'a.txt'), textOf({ 2: 'ours', 8: 'theirs again', 9: 'more' }));
  await exportTo(session, lab.folder);
  lab.git('merge', '-q', '--no-ff', '-m', 'merged', 'world/lab');
  const merged = lab.git('rev-parse', 'HEAD');
  assert.deepEqual((await pulled({ lab, session })).disputed, []);
  assert.equal(session.workspace?.baseCommit, merged);
  assert.equal((await exportTo(session, lab.folder)).outcome, 'again');
  await edit(session, 'b.txt', 'bumble\n');
  const last = await exportTo(session, lab.folder);
  assert.equal(lab.git('log', '-1', '--format=%P', last.commit!), merged);
});

test('what others merged of an export is common ground: the same lines may be gone on with', async (t) => {
  const { lab, session } = await scene(t);
  await edit(session, 'a.txt', textOf({ 2: 'exported' }));
  await exportTo(session, lab.folder);
  lab.git('merge', '-q', '--no-ff', '-m', 'merged', 'world/lab');
  await lab.write({ 'a.txt': textOf({ 2: 'exported', 9: 'theirs' }) });
  const to = lab.commitAll('pushed');
  await edit(session, 'a.txt', textOf({ 2: 'gone on with' }));
  const report = await pulled({ lab, session });
  assert.deepEqual([report.changed, report.disputed], [['a.txt'], []]);
  assert.equal(await textAt(session, 'a.txt'), textOf({ 2: 'gone on with', 9: 'theirs' }));
  const { commit } = await exportTo(session, lab.folder);
  assert.equal(lab.git('log', '-1', '--format=%P', commit!), to);
});

test('a world that began without git takes in what others push on its first export', async (t) => {
  const world = await WorldLab.open(t);
  const folder = path.join(world.folder, 'plain');
  await mkdir(folder);
  await writeFile(path.join(folder, 'a.txt'), textOf({}));
  const session = await world.enter(world.owner);
  await bringIn(session, folder);
  const lab = await GitLab.init(folder);
  await assert.rejects(pulled({ lab, session }), { code: 'no_commit' });
  const first = await exportTo(session, folder);
  lab.git('checkout', '-q', '-f', '-B', 'main', first.commit!);
  await edit(session, 'a.txt', textOf({ 2: 'ours' }));
  await lab.write({ 'a.txt': textOf({ 9: 'theirs' }), 'new.txt': 'new\n' });
  const to = lab.commitAll('pushed');
  const report = await pulled({ lab, session });
  assert.deepEqual([report.from, report.disputed], [first.commit, []]);
  assert.equal(await textAt(session, 'a.txt'), textOf({ 2: 'ours', 9: 'theirs' }));
  const second = await exportTo(session, folder);
  assert.equal(lab.git('log', '-1', '--format=%P', second.commit!), to);
  lab.fsck();
});
