// A world of the real module, exported by the real git.
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { EXPORT_MODES } from '../../../src/core/git-point.ts';
import { UNATTRIBUTED } from '../../../src/core/unattributed.ts';
import { previewExport } from '../../../src/git/preview-export.ts';
import { Repository } from '../../../src/git/repository.ts';
import { verifyCommit } from '../../../src/git/verify-commit.ts';
import { historyOfArchive } from '../../../src/world/world-history.ts';
import { archiveOf } from '../../harness/archive-of.ts';
import { GitLab } from '../../harness/git-lab.ts';
import { exported, mark, scene } from '../../harness/git-scene.ts';
import { historyOf } from '../../harness/history-of.ts';
import { restored } from '../module/imported-world.ts';
import { review, reviewing } from '../module/review-kit.ts';
import { change, insert, type TestWorld } from '../module/test-world.ts';

test('one commit on its own branch: what the world is now, and nothing else is touched', async (t) => {
  const { world, lab, base } = await scene(t);
  const ann = world.join('ann');
  const robot = world.join('robot', { kind: 'agent' });
  const { fileId } = world.head('a.txt');
  world.edit(ann, fileId, 1, insert(0, 0, 'zero\n'));
  world.edit(robot, fileId, 2, [change(2, 0, 2, 3, 'TWO')]);
  world.createFile(robot, 'new/deep.txt', 'made\n');
  const before = await lab.untouchable();
  const report = await exported(world, lab);
  assert.deepEqual([report.outcome, report.commits, report.files], ['exported', 1, 2]);
  assert.equal(lab.git('rev-parse', 'world/test'), report.commit);
  assert.equal(lab.git('rev-parse', 'world/test^'), base);
  assert.equal(lab.git('show', 'world/test:a.txt'), 'zero\none\nTWO\nthree');
  assert.equal(lab.git('ls-tree', 'world/test', 'link').split(' ')[0], '120000');
  assert.deepEqual(await lab.untouchable(), before);
  assert.equal(lab.git('status', '--porcelain'), '', 'the index and the files are as they were');
  const message = lab.git('log', '-1', '--format=%an <%ae>%n%B', 'world/test');
  assert.match(message, /^ann <.*@agent-world\.invalid>\nChange 2 files: a\.txt, deep\.txt\n/);
  assert.match(message, /^- robot \(agent\): a\.txt, new\/deep\.txt$/m);
  assert.match(message, /^Co-authored-by: robot <.*>$/m);
  assert.match(message, new RegExp(`^Agent-World-Epoch: ${'ab'.repeat(32)}$`, 'm'));
  const trailers = lab.git('log', '-1', '--format=%(trailers:only,unfold)', 'world/test');
  assert.equal(trailers.split('\n').filter((line) => line !== '').length, 5);
  const note = JSON.parse(lab.git('notes', '--ref', 'agent-trace', 'show', 'world/test'));
  assert.deepEqual(note.vcs, { revision: report.commit, type: 'git' });
  // By the published schema of Agent Trace.
  assert.match(note.version, /^[0-9]+\.[0-9]+$/);
  assert.match(note.id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(note.timestamp, '2023-11-14T22:13:20Z');
  assert.deepEqual(
    [typeof note.tool.name, typeof note.tool.version, typeof note.metadata],
    ['string', 'string', 'object'],
  );
  const conversations = note.files.flatMap(
    (file: { conversations: object[] }) => file.conversations,
  );
  for (const { contributor, url } of conversations) {
    assert.ok(['human', 'ai'].includes(contributor.type) && URL.canParse(url));
  }
  assert.deepEqual(
    note.files.map((file: { path: string; conversations: { ranges: unknown }[] }) => [
      file.path,
      file.conversations.map(({ ranges }) => ranges),
    ]),
    [
      ['a.txt', [[{ start_line: 1, end_line: 1 }], [{ start_line: 3, end_line: 3 }]]],
      ['new/deep.txt', [[{ start_line: 1, end_line: 2 }]]],
    ],
  );
  lab.fsck();
});

test('who kept agents’ work of the export is named in the commit and the note, and another machine makes the same', async (t) => {
  const { world, lab } = await scene(t);
  const clone = new GitLab(path.join(path.dirname(lab.folder), 'clone'));
  lab.git('clone', '-q', lab.folder, clone.folder);
  const [ann, bob] = [world.join('ann'), world.join('bob')];
  const robot = world.join('robot', { kind: 'agent' });
  const [a, b] = ['a.txt', 'src/b.txt'].map((name) => world.head(name).fileId);
  world.edit(robot, a!, 1, insert(0, 0, 'zero\n'));
  world.edit(robot, b!, 1, insert(0, 0, 'zoo\n'));
  world.mustCall(ann, 'review_files', reviewing(world, [review(world, a!)]));
  // Taking back is no review that somebody stands for.
  const taken = review(world, b!, { does: 'take' });
  const back = {
    kind: 'edit',
    fileId: b!,
    expectedBaseVersion: 2,
    changes: [change(0, 0, 1, 0, '')],
  };
  world.mustCall(bob, 'review_files', reviewing(world, [taken], back));
  const names = { namesReviewers: true };
  const trailers = (where: GitLab): string[] =>
    where
      .git('log', '-1', '--format=%(trailers:key=Reviewed-by,valueonly)', 'world/test')
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [line.replace(/ <.*/, '')]));
  const { commit } = await exported(world, lab, {}, historyOf(world), names);
  assert.deepEqual(trailers(lab), ['ann'], 'it is named, although no file changed after it');
  const note = JSON.parse(lab.git('notes', '--ref', 'agent-trace', 'show', 'world/test'));
  const { reviewed, members } = note.metadata['dev.agent-world'];
  assert.deepEqual(reviewed, [{ by: [ann], path: 'a.txt' }]);
  assert.ok(members.some(({ identity }: { identity: string }) => identity === ann));
  const there = await exported(world, clone, {}, historyOf(world), names);
  assert.deepEqual([there.outcome, there.commit], ['again', commit]);
  world.edit(robot, a!, 2, insert(0, 0, 'more\n'));
  await exported(world, lab, { mode: 'authors' }, historyOf(world), names);
  assert.deepEqual(trailers(lab), [], 'what was kept before is no review of what came after');
  world.edit(robot, a!, 3, insert(0, 0, 'and more\n'));
  world.mustCall(bob, 'review_files', reviewing(world, [review(world, a!, { agent: robot })]));
  await exported(world, lab, { mode: 'authors' }, historyOf(world), names);
  assert.deepEqual(trailers(lab), ['bob']);
  await exported(world, clone, {}, historyOf(world));
  assert.deepEqual(trailers(clone), ['bob'], 'also to a machine that names nobody itself');
});

test('what nobody has looked at is told by the commit and the note, and another machine makes the same', async (t) => {
  const { world, lab } = await scene(t);
  const clone = new GitLab(path.join(path.dirname(lab.folder), 'clone'));
  lab.git('clone', '-q', lab.folder, clone.folder);
  const ann = world.join('ann');
  const robot = world.join('robot', { kind: 'agent' });
  const [a, b] = ['a.txt', 'src/b.txt'].map((name) => world.head(name).fileId);
  world.edit(robot, a!, 1, insert(0, 0, 'zero\n'));
  world.edit(robot, b!, 1, insert(0, 0, 'zoo\n'));
  const found = { changes: 3, files: 2, fileIds: [a!, b!], by: [robot] };
  const told = (where: GitLab, rev = 'world/test'): string =>
    where.git('log', '-1', '--format=%(trailers:key=Unreviewed,valueonly)', rev).trim();
  const more = { namesReviewers: true, unreviewed: found };
  const { commit } = await exported(world, lab, {}, historyOf(world), more);
  assert.equal(told(lab), '3 changes in 2 files (robot)');
  const note = JSON.parse(lab.git('notes', '--ref', 'agent-trace', 'show', 'world/test'));
  const { unreviewed, members } = note.metadata['dev.agent-world'];
  const paths = ['a.txt', 'src/b.txt'];
  assert.deepEqual(unreviewed, { by: [robot], changes: 3, files: 2, paths });
  assert.deepEqual(
    members.map(({ identity }: { identity: string }) => identity),
    [robot],
  );
  const there = await exported(world, clone, {}, historyOf(world));
  assert.deepEqual([there.outcome, there.commit], ['again', commit]);
  assert.equal(told(clone), told(lab));
  world.edit(robot, a!, 2, insert(0, 0, 'more\n'));
  world.edit(ann, b!, 2, insert(0, 0, 'hers\n'));
  const one = { changes: 1, files: 1, fileIds: [a!], by: [robot] };
  await exported(world, lab, { mode: 'authors' }, historyOf(world), { unreviewed: one });
  assert.equal(told(lab, 'world/test~1'), '1 change in 1 file (robot)', 'in the agent’s commit');
  assert.equal(told(lab), '1 change in 1 file (robot)', 'and in the one that has all');
  world.edit(ann, b!, 3, insert(0, 0, 'more\n'));
  checkpoint(world, 'hers');
  world.edit(robot, a!, 3, insert(0, 0, 'and more\n'));
  const mode = 'checkpoints' as const;
  await exported(world, lab, { mode }, historyOf(world), { unreviewed: one });
  assert.equal(told(lab, 'world/test~1'), '', 'none of these files is in it');
  assert.equal(told(lab), '1 change in 1 file (robot)');
  await exported(world, clone, {}, historyOf(world));
  assert.equal(told(clone), told(lab), 'also to a machine that looks nothing up itself');
  world.edit(ann, b!, 4, insert(0, 0, 'last\n'));
  await exported(world, lab, {}, historyOf(world));
  assert.equal(told(lab), '', 'nothing is said where nothing is left');
});

function checkpoint(world: TestWorld, text: string): void {
  const note = { kind: 'checkpoint', to: '', text };
  world.mustCall(world.owner, 'add_note', { opId: world.nextId(), ...note });
}

test('what nobody is known to have written is unknown in the trace, in the commit of whose folder it came from', async (t) => {
  const { world, lab } = await scene(t);
  const ann = world.join('ann');
  const { fileId } = world.head('a.txt');
  const nobody = { author: UNATTRIBUTED.identity };
  world.edit(ann, fileId, 1, insert(0, 0, 'hers\n'));
  world.edit(ann, fileId, 2, insert(1, 0, 'a tool’s\nand more\n'), nobody);
  const report = await exported(world, lab);
  assert.match(lab.git('log', '-1', '--format=%an%n%B', 'world/test'), /^ann\n/);
  assert.doesNotMatch(
    lab.git('log', '-1', '--format=%B', 'world/test'),
    /unattributed|Co-authored/,
  );
  const note = JSON.parse(lab.git('notes', '--ref', 'agent-trace', 'show', 'world/test'));
  assert.deepEqual(
    note.files[0].conversations.map(({ contributor, ranges }: Record<string, unknown>) => [
      contributor,
      ranges,
    ]),
    [
      [{ type: 'human' }, [{ start_line: 1, end_line: 1 }]],
      [{ type: 'unknown' }, [{ start_line: 2, end_line: 3 }]],
    ],
  );
  const named = note.metadata['dev.agent-world'].members.map(({ name }: { name: string }) => name);
  assert.deepEqual(named, ['ann']);
  const repository = await Repository.open(lab.folder);
  const proved = await verifyCommit({ history: historyOf(world), repository, rev: report.commit! });
  assert.equal(proved.tag, 'verified');
  world.edit(ann, fileId, 3, insert(0, 0, 'later\n'), nobody);
  await exported(world, lab, { mode: 'authors' });
  assert.equal(lab.git('log', '-1', '--format=%an', 'world/test'), 'ann');
  // A world that is restored from its history names nobody there, either.
  const authors = (await restored(world)).rows('file_op').map(({ author }) => author.toHexString());
  assert.equal(authors.filter((author) => author === UNATTRIBUTED.identity).length, 2);
});

test('exporting again says that nothing is new; what comes later follows the last export', async (t) => {
  const { world, lab } = await scene(t);
  const { fileId } = world.head('a.txt');
  assert.equal((await exported(world, lab)).outcome, 'nothing');
  world.edit(world.owner, fileId, 1, insert(0, 0, 'zero\n'));
  const first = await exported(world, lab);
  const again = await exported(world, lab, { mode: 'authors', message: 'something else' });
  assert.deepEqual([again.outcome, again.commit], ['again', first.commit]);
  const ops = world.rows('file_op').length;
  world.edit(world.owner, fileId, 2, insert(0, 0, 'minus one\n'));
  const second = await exported(world, lab, { message: 'Second\n\nReviewed-by: Ann <a@b>\n' });
  assert.equal(lab.git('rev-parse', `${second.commit}^`), first.commit);
  assert.equal(lab.git('rev-list', '--count', 'world/test'), '4');
  const message = lab.git('log', '-1', '--format=%B', second.commit!);
  assert.match(message, /^Second\n\nReviewed-by: Ann <a@b>\nAgent-World: test\n/);
  assert.match(message, new RegExp(`^Agent-World-Ops: ${ops}-${ops + 1}$`, 'm'));
  lab.fsck();
});

test('another branch gets the export that has all there is, and a foreign one does not', async (t) => {
  const { world, lab } = await scene(t);
  world.edit(world.owner, world.head('a.txt').fileId, 1, insert(0, 0, 'zero\n'));
  const first = await exported(world, lab);
  const other = await exported(world, lab, { branch: 'world/other' });
  assert.deepEqual([other.outcome, other.branch], ['again', 'world/other']);
  assert.equal(lab.git('rev-parse', 'world/other'), first.commit);
  lab.git('branch', 'mine', 'main');
  await assert.rejects(exported(world, lab, { branch: 'mine' }), { code: 'branch_taken' });
  assert.equal(lab.git('rev-parse', 'mine'), lab.git('rev-parse', 'main'));
});

test('what became a link in the base is kept where the world has no file any more', async (t) => {
  const { world, lab } = await scene(t);
  const { fileId, version } = world.head('src/b.txt');
  const seen = { fileId, expectedBaseVersion: version };
  world.mustCall(world.owner, 'delete_file', { opId: world.nextId(), author: '', ...seen });
  await rm(path.join(lab.folder, 'src/b.txt'));
  await lab.link('src/b.txt', '../a.txt');
  const commit = lab.commitAll('b is a link now');
  mark(world, { kind: 'base', folder: '', autoLineEnds: 'false', commit });
  world.edit(world.owner, world.head('a.txt').fileId, 1, insert(0, 0, 'zero\n'));
  await exported(world, lab);
  const modeOf = (rev: string): string => lab.git('ls-tree', rev, 'src/b.txt').slice(0, 6);
  assert.equal(modeOf('world/test'), '120000');
  // Deleting a file there again, in a later export, leaves the link as well.
  const again = world.createFile(world.owner, 'src/b.txt', 'a file of the world\n');
  const found = await previewExport({
    history: historyOf(world),
    repository: await Repository.open(lab.folder),
    choice: { mode: 'one', branch: 'world/test', message: '' },
  });
  assert.deepEqual(found.replacedLinks, ['src/b.txt'], 'it is said that a file takes its place');
  await exported(world, lab);
  assert.equal(modeOf('world/test'), '100644');
  const last = { fileId: again, expectedBaseVersion: 1 };
  world.mustCall(world.owner, 'delete_file', { opId: world.nextId(), author: '', ...last });
  await exported(world, lab);
  assert.equal(modeOf('world/test'), '120000', 'what the base has there comes back');
});

for (const mode of EXPORT_MODES) {
  test(`another machine makes the same commits of the replayed world, by ${mode}`, async (t) => {
    const { world, lab } = await scene(t);
    const clone = new GitLab(path.join(path.dirname(lab.folder), 'clone'));
    lab.git('clone', '-q', lab.folder, clone.folder);
    const robot = world.join('robot', { kind: 'agent' });
    const { fileId } = world.head('a.txt');
    world.edit(world.owner, fileId, 1, insert(1, 0, 'owner\n'));
    world.edit(robot, fileId, 2, insert(2, 0, 'robot\n'));
    beginTurn(world, robot);
    world.createFile(robot, 'asked.txt', 'asked\n');
    const name = { opId: world.nextId(), kind: 'checkpoint', to: '', text: 'Half way' };
    world.mustCall(world.owner, 'add_note', name);
    world.edit(world.owner, fileId, 3, [change(1, 0, 1, 5, 'OWNER')]);
    const twin = await restored(world);
    const here = await exported(world, lab, { mode });
    const there = await exported(twin, clone, { mode });
    assert.equal(there.commit, here.commit);
    assert.equal(here.commits, { one: 1, authors: 2, turns: 3, checkpoints: 2 }[mode]);
    assert.equal(lab.git('show', 'world/test:a.txt'), 'one\nOWNER\nrobot\ntwo\nthree');
    lab.fsck();
    // A third one has the history only, with what was chosen in it.
    const late = new GitLab(path.join(path.dirname(lab.folder), 'late'));
    lab.git('clone', '-q', '--branch', 'main', lab.folder, late.folder);
    late.git('remote', 'remove', 'origin');
    const again = await exported(await restored(world), late);
    assert.deepEqual([again.outcome, again.commit], ['again', here.commit]);
    assert.equal(late.git('rev-parse', 'world/test'), here.commit);
    const notes = ['notes', '--ref', 'agent-trace', 'show', 'world/test'];
    assert.equal(late.git(...notes), lab.git(...notes));
  });
}

test('each author has a commit with their own lines, and blame names them', async (t) => {
  const { world, lab } = await scene(t);
  const robot = world.join('robot', { kind: 'agent' });
  const { fileId } = world.head('a.txt');
  world.edit(world.owner, fileId, 1, insert(1, 0, 'owner\n'));
  world.edit(robot, fileId, 2, [change(2, 0, 2, 3, 'robot')]);
  world.edit(world.owner, fileId, 3, insert(4, 0, 'end\n'));
  await exported(world, lab, { mode: 'authors' });
  assert.equal(lab.git('show', 'world/test~:a.txt'), 'one\nowner\ntwo\nthree\nend');
  assert.equal(lab.git('show', 'world/test:a.txt'), 'one\nowner\nrobot\nthree\nend');
  const blame = lab.git('blame', '--line-porcelain', 'world/test', '--', 'a.txt');
  const names = [...blame.matchAll(/^author (.*)$/gm)].map(([, name]) => name);
  assert.deepEqual(names, ['Gitta', 'Owner', 'robot', 'Gitta', 'Owner']);
});

test('each turn of an agent has a commit that names it; what is between and of no turn is by authors', async (t) => {
  const { world, lab } = await scene(t);
  const robot = world.join('robot', { kind: 'agent' });
  const { fileId } = world.head('a.txt');
  world.edit(robot, fileId, 1, insert(0, 0, 'of no turn\n'));
  const first = beginTurn(world, robot, { title: 'Tidy  up' });
  world.edit(robot, fileId, 2, insert(1, 0, 'first\n'));
  world.edit(world.owner, fileId, 3, insert(2, 0, 'owner\n'));
  world.edit(robot, fileId, 4, insert(2, 0, 'first, too\n'));
  const second = beginTurn(world, robot);
  world.edit(robot, fileId, 5, [change(4, 0, 4, 3, 'ONE, by the second')]);
  world.createFile(robot, 'new.txt', 'made\n');
  const report = await exported(world, lab, { mode: 'turns' });
  assert.equal(report.commits, 4);
  const text = (rev: string) => lab.git('show', `${rev}:a.txt`).split('\n');
  const was = ['one', 'two', 'three'];
  assert.deepEqual(text('world/test~3'), ['of no turn', ...was]);
  assert.deepEqual(text('world/test~2'), ['of no turn', 'first', 'first, too', ...was]);
  assert.deepEqual(text('world/test~'), ['of no turn', 'first', 'first, too', 'owner', ...was]);
  assert.deepEqual(text('world/test').slice(3), ['owner', 'ONE, by the second', 'two', 'three']);
  assert.deepEqual(
    lab.git('log', '--reverse', '--format=%an', 'world/test~4..world/test').split('\n'),
    ['robot', 'robot', 'Owner', 'robot'],
  );
  const said = (rev: string) => lab.git('log', '-1', '--format=%B', rev);
  assert.match(said('world/test~2'), new RegExp(`^Turn ${first} of claude-code: Tidy up$`, 'm'));
  assert.match(said('world/test~2'), /^Agent-World-Turns: 2\/4$/m);
  assert.match(
    said('world/test'),
    new RegExp(`^Change 2 files: .*\n\nTurn ${second} of claude-code$`, 'm'),
  );
  assert.doesNotMatch(said('world/test~'), /^Turn /m);
  const note = JSON.parse(lab.git('notes', '--ref', 'agent-trace', 'show', 'world/test'));
  const [{ conversations }] = note.files;
  const [joined, later] = conversations[0].ranges;
  assert.deepEqual(joined, { start_line: 1, end_line: 3 }, 'lines of one author are one run');
  assert.deepEqual(later, { start_line: 5, end_line: 5 });
  lab.fsck();
});

test('what is cut by turns ends as what is not cut at all, whatever happened', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record(DEED), { minLength: 1, maxLength: 12 }), async (deeds) => {
      const { world, lab } = await scene(t);
      const robots = ['one', 'two'].map((name) => world.join(name, { kind: 'agent' }));
      for (const { who, at, what } of deeds) {
        const by = [world.owner, ...robots][who]!;
        const head = world.rows('file_head').find(({ path }) => path === 'a.txt')!;
        const line = at % head.lineCount;
        if (what === 'turn' && who > 0) beginTurn(world, by);
        else if (what === 'drop' && line + 1 < head.lineCount) {
          world.edit(by, head.fileId, head.version, [change(line, 0, line + 1, 0, '')]);
        } else if (
          what === 'rules' &&
          !world.rows('file_head').some(({ path }) => path === RULES)
        ) {
          world.createFile(by, RULES, 'a.txt ident\n');
        } else {
          world.edit(by, head.fileId, head.version, insert(line, 0, `$Id: ${at} ${who} $\n`));
        }
      }
      const twin = new GitLab(path.join(path.dirname(lab.folder), 'twin'));
      lab.git('clone', '-q', '--branch', 'main', lab.folder, twin.folder);
      const replayed = await restored(world);
      const cut = await exported(world, lab, { mode: 'turns' });
      const whole = await exported(replayed, twin, { mode: 'one' });
      const treeIn = (each: GitLab, commit = 'main') => each.git('rev-parse', `${commit}^{tree}`);
      // What somebody did and others undid is no commit of all together.
      assert.equal(treeIn(lab, cut.commit), treeIn(twin, whole.commit));
      const repository = await Repository.open(lab.folder);
      for (const rev of revsOf(lab, cut.commits)) {
        const verdict = await verifyCommit({ history: historyOf(world), repository, rev });
        assert.equal(verdict.tag, 'verified');
      }
    }),
    // Each run starts some fifty processes: a failing one is told as it is.
    { numRuns: process.env['AGENT_WORLD_SOAK'] === '1' ? 20 : 3, endOnFailure: true },
  );
});

function revsOf(lab: GitLab, count: number): readonly string[] {
  return count === 0 ? [] : lab.git('rev-list', '-n', String(count), 'world/test').split('\n');
}

const RULES = '.gitattributes';
const DEED = {
  who: fc.nat(2),
  at: fc.nat(40),
  what: fc.constantFrom('add', 'add', 'drop', 'turn', 'rules'),
};

/** Begins a turn to which what the agent does from now on belongs; returns its number. */
function beginTurn(world: TestWorld, agent: string, { title = '' } = {}): number {
  const turn = { session: 's', name: '', client: 'claude-code', title };
  world.connect(agent, BigInt(world.rows('file_op').length + 1));
  world.mustCall(agent, 'take_session', { session: 's' });
  world.mustCall(agent, 'begin_turn', {
    ...turn,
    opId: world.nextId(),
    prompt: '',
    salt: new Uint8Array(),
  });
  return world.rows('file_op').length;
}

test('a branch that somebody went on with, or has checked out, stays where it is', async (t) => {
  const { world, lab } = await scene(t);
  const { fileId } = world.head('a.txt');
  world.edit(world.owner, fileId, 1, insert(0, 0, 'zero\n'));
  lab.git('branch', 'world/test');
  const refused = { code: 'branch_taken' };
  const tip = lab.git('rev-parse', 'world/test');
  await assert.rejects(exported(world, lab), refused);
  assert.equal(lab.git('rev-parse', 'world/test'), tip);
  assert.equal((await exported(world, lab, { branch: 'world/other' })).outcome, 'exported');
  lab.git('checkout', '-q', 'world/other');
  world.edit(world.owner, fileId, 2, insert(0, 0, 'more\n'));
  await assert.rejects(exported(world, lab, { branch: 'world/other' }), refused);
  assert.equal(lab.git('status', '--porcelain'), '');
});

for (const mode of EXPORT_MODES) {
  test(`each commit is proved by the history alone, by ${mode}`, async (t) => {
    const { world, lab, base } = await scene(t);
    const robot = world.join('robot', { kind: 'agent' });
    const { fileId } = world.head('a.txt');
    world.edit(robot, fileId, 1, insert(1, 0, 'robot\n'));
    beginTurn(world, robot);
    world.edit(robot, fileId, 2, insert(2, 0, 'asked\n'));
    const name = { opId: world.nextId(), kind: 'checkpoint', to: '', text: 'Half way' };
    world.mustCall(world.owner, 'add_note', name);
    world.edit(world.owner, fileId, 3, insert(0, 0, 'owner\n'));
    await exported(world, lab, { mode });
    const file = path.join(lab.folder, '..', 'backup.world');
    await writeFile(file, archiveOf(world));
    const repository = await Repository.open(lab.folder);
    const verdict = (rev: string, history = historyOfArchive(file)) =>
      verifyCommit({ history, repository, rev });
    for (const commit of lab.git('rev-list', `${base}..world/test`).split('\n')) {
      assert.deepEqual((await verdict(commit)).tag, 'verified');
    }
    assert.equal((await verdict(base)).tag, 'no_export');
    const other = await scene(t);
    assert.equal((await verdict('world/test', historyOf(other.world))).tag, 'other_history');
    // The same message on other files.
    const forge = async (change: () => Promise<void>): Promise<string> => {
      lab.git('checkout', '-q', '--detach', 'world/test');
      await change();
      lab.git('add', '-A');
      lab.git('commit', '-q', '--amend', '--no-edit');
      return lab.git('rev-parse', 'HEAD');
    };
    const changed = await forge(() => lab.write({ 'src/b.txt': 'bad\n', 'z.txt': 'more\n' }));
    const found = await verdict(changed);
    assert.deepEqual(
      { ...found, commit: '' },
      { tag: 'differs', commit: '', path: 'src/b.txt', why: 'changed' },
    );
    const extra = await verdict(await forge(() => lab.write({ 'z.txt': 'more\n' })));
    assert.deepEqual(
      { ...extra, commit: '' },
      { tag: 'differs', commit: '', path: 'z.txt', why: 'extra' },
    );
    const unlinked = await verdict(await forge(() => lab.remove('link')));
    assert.deepEqual(
      { ...unlinked, commit: '' },
      { tag: 'differs', commit: '', path: 'link', why: 'missing' },
    );
    const mode755 = await verdict(await forge(() => lab.makeExecutable('a.txt')));
    assert.deepEqual(
      { ...mode755, commit: '' },
      { tag: 'differs', commit: '', path: 'a.txt', why: 'mode' },
    );
  });
}
