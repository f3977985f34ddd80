// Repositories and machines as one meets them: an export works, or says why not and changes nothing.
import assert from 'node:assert/strict';
import { chmod, lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { MAX_MESSAGE } from '../../../src/core/git-point.ts';
import { GitError } from '../../../src/git/git-error.ts';
import { makeRepository } from '../../../src/git/new-repository.ts';
import { Repository } from '../../../src/git/repository.ts';
import { verifyCommit } from '../../../src/git/verify-commit.ts';
import { GitLab } from '../../harness/git-lab.ts';
import { exported, mark, scene, type Scene } from '../../harness/git-scene.ts';
import { historyOf } from '../../harness/history-of.ts';
import { insert, TestWorld } from '../module/test-world.ts';
import { temporaryFolder } from '../world/temporary-folder.ts';

interface Odd {
  readonly name: string;
  /** What is odd. Returns the repository to export to, if it is another. */
  readonly prepare: (scene: Scene, t: TestContext) => Promise<GitLab | void> | GitLab | void;
  /** Of the error; without it the export works. */
  readonly code?: string;
  /** What the error says. */
  readonly says?: RegExp;
  readonly init?: readonly string[];
  /** Whatever else was there must be left as it is. */
  readonly afterwards?: (lab: GitLab, scene: Scene) => Promise<void> | void;
}

const ODD: readonly Odd[] = [
  { name: 'SHA-256', init: ['--object-format=sha256'], prepare: () => {} },
  { name: 'a detached HEAD', prepare: ({ lab }) => void lab.git('checkout', '-q', '--detach') },
  {
    name: 'an unborn branch',
    prepare: ({ lab }) => void lab.git('checkout', '-q', '--orphan', 'x'),
  },
  {
    name: 'a bare repository',
    prepare: ({ lab }) => clone(lab, 'bare', '--bare'),
  },
  { name: 'a shallow clone', prepare: ({ lab }) => clone(lab, 'shallow', '--depth=1') },
  {
    name: 'a clone that borrows its objects',
    prepare: ({ lab }) => clone(lab, 'borrower', '--shared'),
  },
  {
    name: 'a worktree',
    prepare({ lab }) {
      const folder = path.join(lab.folder, '..', 'worktree');
      lab.git('worktree', 'add', '-q', '-b', 'beside', folder);
      return new GitLab(folder);
    },
  },
  {
    name: 'packed refs',
    prepare({ lab }) {
      lab.git('branch', 'world/other');
      lab.git('pack-refs', '--all');
    },
    afterwards: (lab) =>
      assert.equal(lab.git('rev-parse', 'world/other'), lab.git('rev-parse', 'main')),
  },
  {
    name: 'an index that somebody has locked',
    prepare: ({ lab }) => lab.write({ '.git/index.lock': 'somebody' }),
    afterwards: async (lab) => assert.equal(String(await lab.read('.git/index.lock')), 'somebody'),
  },
  {
    name: 'hooks, signatures and settings for commits',
    async prepare({ lab }) {
      for (const hook of [
        'pre-commit',
        'commit-msg',
        'reference-transaction',
        'post-index-change',
      ]) {
        await lab.write({
          [`.git/hooks/${hook}`]: `#!/bin/sh\ntouch "${lab.folder}/ran"\nexit 1\n`,
        });
        await chmod(path.join(lab.folder, '.git/hooks', hook), 0o755);
      }
      lab.git('config', 'commit.gpgsign', 'true');
      lab.git('config', 'gpg.program', 'false');
      lab.git('config', 'i18n.commitEncoding', 'ISO-8859-1');
      lab.git('config', 'core.fsmonitor', `touch "${lab.folder}/ran"`);
      lab.git('config', 'fastimport.unpackLimit', '0');
    },
    afterwards: async ({ folder }) => {
      assert.ok(!(await readdir(folder)).includes('ran'), 'no program of theirs has run');
    },
  },
  {
    name: 'notes that others wrote',
    prepare({ lab }) {
      lab.git('notes', '--ref', 'agent-trace', 'add', '-m', 'theirs', 'main');
    },
    afterwards(lab) {
      assert.equal(lab.git('notes', '--ref', 'agent-trace', 'show', 'main'), 'theirs');
      assert.match(lab.git('notes', '--ref', 'agent-trace', 'show', 'world/test'), /agent-world/);
    },
  },
  {
    name: 'a branch that is locked',
    async prepare({ lab }) {
      await lab.write({ '.git/refs/heads/world/test.lock': '' });
    },
    code: 'branch_taken',
    says: /nothing was changed.*test\.lock/s,
  },
  {
    name: 'notes that are locked',
    prepare: ({ lab }) => lab.write({ '.git/refs/notes/agent-trace.lock': '' }),
    code: 'branch_taken',
    says: /nothing was changed.*agent-trace\.lock/s,
  },
  {
    name: 'a branch with the name of the folder of ours',
    prepare: ({ lab }) => void lab.git('branch', 'world'),
    code: 'branch_taken',
    says: /nothing was changed.*refs\/heads\/world/s,
  },
  {
    name: 'a branch that only stands for another',
    prepare: ({ lab }) => void lab.git('symbolic-ref', 'refs/heads/world/test', 'refs/heads/main'),
    code: 'branch_taken',
    says: /export to another branch/,
  },
  {
    name: 'objects that cannot be written',
    async prepare({ lab }) {
      await rm(path.join(lab.folder, '.git/objects/pack'), { recursive: true });
      await lab.write({ '.git/objects/pack': 'a file' });
    },
    code: 'git_failed',
    says: /fast-import/,
  },
  {
    name: 'a commit that is not there',
    async prepare({ lab }) {
      const other = await GitLab.init(path.join(lab.folder, '..', 'other'));
      other.commitAll();
      return other;
    },
    code: 'no_commit',
    says: /has no commit [0-9a-f]{40}/,
  },
  {
    name: 'somebody else’s repository',
    prepare(_, t) {
      setEnvironment(t, { GIT_TEST_ASSUME_DIFFERENT_OWNER: '1', GIT_CONFIG_GLOBAL: '/dev/null' });
    },
    code: 'unsafe_repository',
    says: /dubious ownership.*safe\.directory/s,
  },
  {
    name: 'settings that git cannot read',
    prepare: ({ lab }) => void lab.git('config', 'core.autocrlf', 'perhaps'),
    code: 'git_failed',
    says: /core\.autocrlf/,
  },
  {
    name: 'no git',
    prepare: async (_, t) => setEnvironment(t, { PATH: await temporaryFolder(t) }),
    code: 'no_git',
    says: /install it, or add it to PATH/,
  },
  {
    name: 'a git from long ago',
    async prepare(_, t) {
      const bin = await temporaryFolder(t);
      await writeFile(path.join(bin, 'git'), '#!/bin/sh\necho git version 2.17.1\n', {
        mode: 0o755,
      });
      setEnvironment(t, { PATH: bin });
    },
    code: 'old_git',
    says: /git version 2\.17\.1, but 2\.31 or newer is needed/,
  },
  {
    name: 'a folder that is not there',
    prepare: ({ lab }) => new GitLab(path.join(lab.folder, 'nowhere')),
    code: 'no_repository',
    says: /nowhere is not there/,
  },
];

for (const { name, init = [], prepare, code, says, afterwards } of ODD) {
  test(`${name}: ${code === undefined ? 'an export works' : `an export is refused (${code})`}`, async (t) => {
    const found = await scene(t, ...init);
    const { world } = found;
    world.edit(world.owner, world.head('a.txt').fileId, 1, insert(0, 0, 'zero\n'));
    const lab = (await prepare(found, t)) ?? found.lab;
    const ops = world.rows('file_op').length;
    const before = await refsOf(found.lab);
    const error = await exported(world, lab).catch((reason: unknown) => reason);
    if (code !== undefined) {
      assert.ok(error instanceof GitError, String(error));
      assert.deepEqual([error.code, says!.test(error.message)], [code, true], error.message);
      assert.equal(world.rows('file_op').length, ops, 'the history tells of nothing');
      assert.deepEqual(await refsOf(found.lab), before, 'no ref has moved');
      return;
    }
    assert.ok(!(error instanceof Error), String(error));
    const base = found.lab.git('rev-parse', 'main');
    assert.equal(lab.git('rev-parse', 'world/test^'), base);
    assert.equal(lab.git('show', 'world/test:a.txt'), 'zero\none\ntwo\nthree');
    assert.equal(lab.git('log', '-1', '--format=%G?', 'world/test'), 'N');
    await afterwards?.(lab, found);
    const question = { history: historyOf(world), repository: await Repository.open(lab.folder) };
    assert.equal((await verifyCommit({ ...question, rev: 'world/test' })).tag, 'verified');
    assert.equal((await exported(world, lab)).outcome, 'again');
    lab.fsck();
  });
}

/** All refs, without asking git, which the test may have made odd. */
async function refsOf({ folder }: GitLab): Promise<readonly string[]> {
  const place = path.join(folder, '.git');
  const names = ['HEAD', ...(await readdir(path.join(place, 'refs'), { recursive: true }))];
  const refs = names.map(async (name) => {
    const ref = path.join(place, name === 'HEAD' ? name : `refs/${name}`);
    return (await lstat(ref)).isDirectory() ? [] : [`${name} ${await readFile(ref, 'utf8')}`];
  });
  return (await Promise.all(refs)).flat();
}

function setEnvironment(t: TestContext, values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values)) {
    const before = process.env[name];
    process.env[name] = value;
    t.after(() => {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    });
  }
}

function clone(lab: GitLab, name: string, ...how: readonly string[]): GitLab {
  const folder = path.join(lab.folder, '..', name);
  // Over a protocol, or git takes all there is.
  const from = how.includes('--shared') ? lab.folder : `file://${lab.folder}`;
  lab.git('clone', '-q', ...how, from, folder);
  return new GitLab(folder);
}

test('a world whose files were all deleted is an empty tree', async (t) => {
  const { world, lab } = await scene(t);
  for (const name of ['a.txt', 'src/b.txt']) {
    const { fileId, version } = world.head(name);
    const opId = world.nextId();
    const call = { opId, author: '', fileId, expectedBaseVersion: version };
    world.mustCall(world.owner, 'delete_file', call);
  }
  await exported(world, lab);
  assert.equal(lab.git('ls-tree', '-r', '--name-only', 'world/test'), 'link', 'what lies outside');
  lab.fsck();
});

test('a message as long as one may be is kept to its last letter, and a longer one is refused', async (t) => {
  const { world, lab } = await scene(t);
  world.edit(world.owner, world.head('a.txt').fileId, 1, insert(0, 0, 'zero\n'));
  const long = `Long\n\n${'ü'.repeat(MAX_MESSAGE)}`;
  const ops = world.rows('file_op').length;
  await assert.rejects(exported(world, lab, { message: long }), { code: 'bad_message' });
  assert.equal(world.rows('file_op').length, ops);
  const message = long.slice(0, MAX_MESSAGE);
  await exported(world, lab, { message });
  assert.ok(
    lab.git('log', '-1', '--format=%B', 'world/test').startsWith(`${message}\n\nAgent-World`),
  );
  lab.fsck();
});

test('a message that looks like trailers does not lead a proof astray', async (t) => {
  const { world, lab } = await scene(t);
  world.edit(world.owner, world.head('a.txt').fileId, 1, insert(0, 0, 'zero\n'));
  const forged = 'Odd\n\nAgent-World: other\nAgent-World-Ops: 1-2\nAgent-World-Authors: 1/3\n';
  await exported(world, lab, { message: forged });
  const repository = await Repository.open(lab.folder);
  const verdict = await verifyCommit({ history: historyOf(world), repository, rev: 'world/test' });
  assert.equal(verdict.tag, 'verified');
});

test('edits that land while an export is made are for the next one', async (t) => {
  const { world, lab } = await scene(t);
  const { fileId } = world.head('a.txt');
  world.edit(world.owner, fileId, 1, insert(0, 0, 'zero\n'));
  const quiet = historyOf(world);
  let version = 2;
  const type = () => world.edit(world.owner, fileId, version++, insert(0, 0, 'more\n'));
  const history = {
    ...quiet,
    async notes() {
      const found = await quiet.notes();
      type();
      return found;
    },
  };
  await exported(world, lab, {}, history);
  assert.equal(lab.git('show', 'world/test:a.txt'), 'zero\none\ntwo\nthree');
  assert.equal((await exported(world, lab)).outcome, 'exported');
  assert.equal(
    lab.git('show', 'world/test:a.txt'),
    `${'more\n'.repeat(version - 2)}zero\none\ntwo\nthree`,
  );
});

test('a world that began without git becomes a repository on the user’s own first branch', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'plain');
  await mkdir(folder);
  await writeFile(path.join(folder, 'a.txt'), 'one\n');
  const world = await TestWorld.create();
  world.createFile(world.owner, 'a.txt', 'one\n');
  const make = () => makeRepository(folder, (made) => exported(world, new GitLab(made.folder)));
  await symlink('nowhere', path.join(folder, '.git'));
  await assert.rejects(make(), { code: 'blocked' });
  await rm(path.join(folder, '.git'));
  const first = (await make())!;
  const lab = new GitLab(folder);
  assert.equal(lab.git('status', '--porcelain'), '');
  assert.equal(lab.git('rev-parse', 'HEAD'), first.commit);
  assert.doesNotMatch(lab.git('symbolic-ref', 'HEAD'), /world/);
  world.edit(world.owner, world.head('a.txt').fileId, 1, insert(0, 0, 'zero\n'));
  const second = await exported(world, lab);
  assert.equal(lab.git('rev-parse', `${second.commit}^`), first.commit);
  assert.equal(lab.git('rev-parse', 'HEAD'), first.commit, 'what is checked out stays');
});

test('a world that came from no commit is not put beside the commits that there are', async (t) => {
  const { lab, base } = await scene(t);
  const world = await TestWorld.create();
  world.createFile(world.owner, 'a.txt', 'other\n');
  await assert.rejects(exported(world, lab), { code: 'no_base' });
  assert.equal(lab.git('for-each-ref', '--format=%(refname)'), 'refs/heads/main');
  mark(world, { kind: 'base', folder: '', autoLineEnds: 'false', commit: base, upTo: 0 });
  const { commit } = await exported(world, lab);
  assert.equal(lab.git('rev-parse', `${commit}^`), base);
  assert.equal(lab.git('diff', '--name-only', base, commit!), 'a.txt', 'others stay');
});

test('of two that export the same at once the first is the history’s, and both end there', async (t) => {
  const { world, lab } = await scene(t);
  const other = clone(lab, 'other');
  world.edit(world.owner, world.head('a.txt').fileId, 1, insert(0, 0, 'zero\n'));
  const [one, two] = await Promise.all([
    exported(world, lab, { message: 'mine' }),
    exported(world, other, { message: 'theirs' }),
  ]);
  assert.equal(one.commit, two.commit);
  assert.equal(lab.git('rev-parse', 'world/test'), other.git('rev-parse', 'world/test'));
});

test('an export that does not follow the one before it, made at the same time, does not hold', async (t) => {
  const { world, lab } = await scene(t);
  const { fileId } = world.head('a.txt');
  world.edit(world.owner, fileId, 1, insert(0, 0, 'zero\n'));
  const first = await exported(world, lab);
  const chosen = {
    mode: 'one',
    branch: 'world/test',
    message: '',
    folder: '',
    autoLineEnds: 'false',
  };
  mark(world, { kind: 'export', ...chosen, parents: [], after: 0, commit: 'ab'.repeat(20) });
  assert.equal((await exported(world, lab)).commit, first.commit);
  world.edit(world.owner, fileId, 2, insert(0, 0, 'more\n'));
  const second = await exported(world, lab);
  assert.equal(lab.git('rev-parse', `${second.commit}^`), first.commit);
});
