// A world of the real module, exported by the real git.
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
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
import { change, insert } from '../module/test-world.ts';

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

for (const mode of ['one', 'authors', 'checkpoints'] as const) {
  test(`another machine makes the same commits of the replayed world, by ${mode}`, async (t) => {
    const { world, lab } = await scene(t);
    const clone = new GitLab(path.join(path.dirname(lab.folder), 'clone'));
    lab.git('clone', '-q', lab.folder, clone.folder);
    const robot = world.join('robot', { kind: 'agent' });
    const { fileId } = world.head('a.txt');
    world.edit(world.owner, fileId, 1, insert(1, 0, 'owner\n'));
    world.edit(robot, fileId, 2, insert(2, 0, 'robot\n'));
    const name = { opId: world.nextId(), kind: 'checkpoint', to: '', text: 'Half way' };
    world.mustCall(world.owner, 'add_note', name);
    world.edit(world.owner, fileId, 3, [change(1, 0, 1, 5, 'OWNER')]);
    const twin = await restored(world);
    const here = await exported(world, lab, { mode });
    const there = await exported(twin, clone, { mode });
    assert.equal(there.commit, here.commit);
    assert.equal(here.commits, { one: 1, authors: 2, checkpoints: 2 }[mode]);
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

for (const mode of ['one', 'authors', 'checkpoints'] as const) {
  test(`each commit is proved by the history alone, by ${mode}`, async (t) => {
    const { world, lab, base } = await scene(t);
    const robot = world.join('robot', { kind: 'agent' });
    const { fileId } = world.head('a.txt');
    world.edit(robot, fileId, 1, insert(1, 0, 'robot\n'));
    const name = { opId: world.nextId(), kind: 'checkpoint', to: '', text: 'Half way' };
    world.mustCall(world.owner, 'add_note', name);
    world.edit(world.owner, fileId, 2, insert(0, 0, 'owner\n'));
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
