// A world that asks for review before an export: who is held up, by what, and what a person can do.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { AgentSession } from '../../src/agents/agent-session.ts';
import { AgentTools } from '../../src/agents/tools/agent-tools.ts';
import { MemoryRecord } from '../../src/agents/tools/agent-record.ts';
import { exportWorld } from '../../src/git/export-world.ts';
import { Repository } from '../../src/git/repository.ts';
import {
  demandReviewed,
  lookForReview,
  mayExportUnreviewed,
  type ExportWish,
} from '../../src/review/export-review.ts';
import { Review } from '../../src/review/review.ts';
import type { FolderWorld } from '../../src/editor/folder-world.ts';
import { within } from '../../src/views/coalescer.ts';
import { ReviewBoard } from '../../src/views/review/review-board.ts';
import { SettledFiles } from '../../src/views/review/settled-files.ts';
import { changeExportRule, exportRule } from '../../src/world/export-rule.ts';
import { markGitPoint } from '../../src/world/mark-git-point.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { verifyWorld } from '../../src/world/verify-world.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { WorldList } from '../../src/world/world-list.ts';
import { GitLab } from '../harness/git-lab.ts';
import { bringIn } from '../harness/git-world.ts';
import { bundle, caughtUp, WorldLab } from './world-lab.ts';

const randomBytes = systemRandomBytes;

async function scene(t: TestContext) {
  const lab = await WorldLab.open(t);
  const repository = await GitLab.init(path.join(lab.folder, 'repository'));
  await repository.write({ 'a.txt': 'one\ntwo\nthree\n', 'b.txt': 'bee\n' });
  repository.commitAll();
  const owner = await lab.enter(lab.owner);
  await bringIn(owner, repository.folder);
  const robot = await lab.agent({ kind: 'agent', rights: ['edit', 'export'] });
  const ann = (await lab.agent({ kind: 'human', rights: ['edit', 'export'] })).session;
  const everybody = (): Promise<void> => caughtUp(owner, robot.session, ann);
  await everybody();
  const edit = async (name: string, search: string, replacement: string): Promise<void> => {
    await robot.read(name);
    assert.equal((await robot.replace(name, [{ search, replacement }])).tag, 'applied');
    await everybody();
  };
  return { lab, repository, owner, robot, ann, everybody, edit };
}

/** As the commands do. */
async function exported(session: WorldSession, { folder }: GitLab, wish: ExportWish = {}) {
  const reviewed = await lookForReview(session, randomBytes, wish);
  demandReviewed(session, reviewed);
  return marked(session, folder, reviewed);
}

async function marked(
  session: WorldSession,
  folder: string,
  { upTo, unreviewed }: Pick<Awaited<ReturnType<typeof lookForReview>>, 'upTo' | 'unreviewed'>,
) {
  const { historyOfSession } = await import('../../src/world/world-history.ts');
  return exportWorld({
    history: historyOfSession(session),
    repository: await Repository.open(folder),
    choice: { mode: 'one', branch: 'world/lab', message: '' },
    upTo,
    unreviewed,
    record: (point) => markGitPoint(session, point, '', randomBytes),
  });
}

const trailer = (repository: GitLab): string =>
  repository.git('log', '-1', '--format=%(trailers:key=Unreviewed,valueonly)', 'world/lab').trim();

test('a world that asks for nothing exports all, and the commit says what nobody has looked at', async (t) => {
  const { repository, owner, edit } = await scene(t);
  await edit('a.txt', 'two', 'TWO');
  assert.equal(exportRule(owner), 'any');
  assert.equal((await exported(owner, repository)).outcome, 'exported');
  assert.equal(trailer(repository), '1 change in 1 file (Member 1)');
});

test('where the world asks for it people and agents are held up until a person has looked', async (t) => {
  const { lab, repository, owner, robot, ann, everybody, edit } = await scene(t);
  await changeExportRule(owner, 'reviewed');
  await everybody();
  assert.equal(exportRule(ann), 'reviewed');
  await edit('a.txt', 'two', 'TWO');
  await edit('b.txt', 'bee', 'sea');
  const text =
    /unreviewed: this world asks for review before an export, and 2 changes were not looked at: a\.txt, b\.txt \(Member 1\)\. A person can look/;
  for (const session of [owner, ann, robot.session]) {
    await assert.rejects(exported(session, repository), text);
  }
  const tools = new AgentTools({ agent: robot, record: new MemoryRecord(), folders: [] });
  const answer = await tools.export({ repository: repository.folder, branch: 'world/lab' });
  assert.deepEqual([answer.outcome, answer.code], ['refused', 'unreviewed']);
  assert.match(answer.message, /2 changes were not looked at: a\.txt, b\.txt/);
  assert.match(answer.next.join(), /Ask a person to look/);
  // Whoever does not look, or looked before, is refused by the world.
  const { upTo } = await lookForReview(ann, randomBytes, {});
  const late = marked(ann, repository.folder, { upTo, unreviewed: undefined });
  await assert.rejects(
    late,
    /unreviewed: .* nobody has looked at what agents did: a\.txt, b\.txt\./,
  );
  assert.equal(repository.git('branch', '--list', 'world/*'), '', 'no branch was made');
  const review = new Review(ann, randomBytes);
  const hunks = (await review.files()).flatMap((each) => each.hunks);
  assert.equal((await review.keep(hunks)).decided, 2);
  await everybody();
  assert.equal((await exported(robot.session, repository)).outcome, 'exported');
  assert.equal(trailer(repository), '');
  const world = { server: 'test', database: lab.database };
  const worlds = new WorldList(lab.folder);
  const verdict = await verifyWorld({ session: owner, world, worlds, bundle });
  assert.equal(verdict.tag, 'verified', JSON.stringify(verdict));
});

test('an owner who is a person may have it exported all the same, and the history says so', async (t) => {
  const { repository, owner, robot, ann, everybody, edit } = await scene(t);
  await changeExportRule(owner, 'reviewed');
  await everybody();
  await edit('a.txt', 'two', 'TWO');
  assert.deepEqual(
    [owner, ann, robot.session].map((session) => mayExportUnreviewed(session)),
    [true, false, false],
  );
  const isAllowed = true;
  await assert.rejects(exported(ann, repository, { isAllowed }), /forbidden: only an owner/);
  assert.equal((await exported(owner, repository, { isAllowed })).outcome, 'exported');
  assert.equal(trailer(repository), '1 change in 1 file (Member 1)');
});

test('work that went by itself holds up no person, and no agent once a person has looked', async (t) => {
  const { repository, owner, robot, ann, everybody, edit } = await scene(t);
  await changeExportRule(owner, 'reviewed');
  const person = new AgentSession({ session: owner, randomBytes });
  const putBack = async (made: string): Promise<void> => {
    await edit('a.txt', 'two', 'TWO');
    await person.read('a.txt');
    await person.replace('a.txt', [{ search: 'TWO', replacement: 'two' }]);
    await person.create(made, 'mine\n');
    await everybody();
    assert.deepEqual(await new Review(ann, randomBytes).files(), [], 'there is nothing to look at');
    assert.equal(owner.view.unreviewed.files.size, 1);
  };
  await putBack('mine.txt');
  await assert.rejects(exported(robot.session, repository), /unreviewed: .*: a\.txt\./);
  await lookForReview(ann, randomBytes, { isPreview: true });
  await everybody();
  assert.equal(owner.view.unreviewed.files.size, 1, 'a preview writes nothing');
  await lookForReview(ann, randomBytes, {});
  await everybody();
  assert.equal(owner.view.unreviewed.files.size, 0);
  assert.equal((await exported(robot.session, repository)).outcome, 'exported');
  assert.equal(trailer(repository), '');
  await putBack('mine too.txt');
  assert.equal((await exported(ann, repository)).outcome, 'exported');
});

test('a window that shows agents’ work tells the world when people have put it back by hand', async (t) => {
  const { repository, owner, robot, ann, everybody, edit } = await scene(t);
  const schedule = within(0);
  const settled = new SettledFiles({ session: ann, randomBytes, onRefused: assert.fail, schedule });
  const board = new ReviewBoard({ session: ann } as FolderWorld, {
    randomBytes,
    isWanted: () => true,
    onRead: () => undefined,
    onSettled: (files) => settled.set(files),
  });
  t.after(() => {
    board.dispose();
    settled.dispose();
  });
  const { files } = owner.view.unreviewed;
  const isSettled = new Promise<void>((resolve) => {
    const stop = files.onChange(({ after }) => {
      if (after) return;
      stop();
      resolve();
    });
  });
  await edit('a.txt', 'two', 'TWO');
  const person = new AgentSession({ session: owner, randomBytes });
  await person.read('a.txt');
  await person.replace('a.txt', [{ search: 'TWO', replacement: 'two' }]);
  await person.create('mine.txt', 'mine\n');
  await everybody();
  assert.equal(files.size, 1, 'nobody asked for review');
  await changeExportRule(owner, 'reviewed');
  await isSettled;
  await everybody();
  assert.equal((await exported(robot.session, repository)).outcome, 'exported');
  assert.equal(trailer(repository), '');
});

test('what an agent does after the op that is exported up to holds nothing up', async (t) => {
  const { repository, owner, ann, everybody, edit } = await scene(t);
  await changeExportRule(owner, 'reviewed');
  await new AgentSession({ session: owner, randomBytes }).create('mine.txt', 'mine\n');
  await everybody();
  const { upTo } = await lookForReview(ann, randomBytes, {});
  await edit('a.txt', 'two', 'TWO');
  assert.equal((await exported(ann, repository, { upTo })).outcome, 'exported');
  await assert.rejects(exported(ann, repository), /unreviewed: /);
});
