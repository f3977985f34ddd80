// What an export puts into a repository is byte for byte what git itself would commit for the folder.
import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { bringIn as bringInCommit } from '../../src/git/bring-in.ts';
import { Repository } from '../../src/git/repository.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { GitLab } from '../harness/git-lab.ts';
import { bringIn, exportTo, followFolder } from '../harness/git-world.ts';
import { WorldLab } from './world-lab.ts';

const MANY = process.env['AGENT_WORLD_SOAK'] === '1' ? 10_000 : 600;

/** What a repository begins with, what its folder is when it is opened, and what it becomes. */
interface Awkward {
  readonly name: string;
  readonly settings?: readonly (readonly [string, string])[];
  readonly begin: (lab: GitLab) => Promise<void>;
  readonly dirty: (lab: GitLab) => Promise<void>;
  readonly become: (lab: GitLab) => Promise<void>;
  /** Of the import: paths that are left out, and why. */
  readonly skipped?: readonly object[];
}

const none = async (): Promise<void> => {};
const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'ab'.repeat(32)}\nsize 12345\n`;

const AWKWARD: readonly Awkward[] = [
  {
    name: 'line ends by attributes',
    begin: (lab) =>
      lab.write({
        '.gitattributes':
          '*.txt text\n*.auto text=auto\n*.crlf eol=crlf\n*.bin -text\nsub/x.txt -text\n',
        'a.txt': 'one\r\ntwo\r\n',
        'b.auto': 'one\r\ntwo\r\n',
        'c.crlf': 'one\r\ntwo\r\n',
        'd.bin': 'one\r\ntwo\r\n',
        'sub/x.txt': 'one\r\ntwo\r\n',
        'plain.md': 'one\r\ntwo\r\n',
      }),
    dirty: (lab) =>
      lab.write({ 'c.crlf': 'one\r\n2\r\n', 'new.crlf': 'new\r\n', 'n.auto': 'n\r\n' }),
    become: (lab) =>
      lab.write({
        'a.txt': 'one\r\n2\r\nthree\r\n',
        'mixed.txt': 'one\r\ntwo\nthree\r\n',
        'mixed.auto': 'one\r\ntwo\nthree\r\n',
        'lonely.auto': 'one\r\ntwo\rthree\r\n',
        'zero.auto': 'one\r\n\0two\r\n',
        'sub/.gitattributes': 'y.* text\n',
        'sub/y.anything': 'one\r\ntwo\r\n',
        'plain.md': 'one\r\ntwo\r\nthree\r\n',
      }),
  },
  {
    name: 'attributes that begin to hold later',
    begin: (lab) => lab.write({ 'a.txt': 'one\r\ntwo\r\n', 'b.auto': 'one\r\ntwo\r\n' }),
    dirty: none,
    become: (lab) =>
      lab.write({
        '.gitattributes': '[attr]lines text\n*.txt lines\n*.auto text=auto\n',
        'a.txt': 'one\r\ntwo\r\nthree\r\n',
        'b.auto': 'one\r\ntwo\r\nthree\r\n',
        'c.auto': 'one\r\ntwo\r\n',
      }),
  },
  {
    name: 'core.autocrlf',
    settings: [['core.autocrlf', 'true']],
    begin: (lab) => lab.write({ 'a.txt': 'one\r\ntwo\r\n', 'lf.txt': 'one\n' }),
    dirty: (lab) => lab.write({ 'a.txt': 'one\r\n2\r\n' }),
    become: (lab) => lab.write({ 'b.txt': 'new\r\n', 'a.txt': 'one\r\n2\r\n3\r\n' }),
  },
  {
    name: 'bits of files that do not count',
    settings: [['core.fileMode', 'false']],
    begin: async (lab) => {
      await lab.write({ 'run.sh': '#!/bin/sh\n', 'plain.txt': 'one\n' });
      lab.git('add', '-A');
      lab.git('update-index', '--chmod=+x', 'run.sh');
    },
    dirty: async (lab) => {
      await lab.write({ 'plain.txt': 'two\n', 'new.sh': '#!/bin/sh\n' });
      for (const name of ['plain.txt', 'new.sh']) await lab.makeExecutable(name);
    },
    become: none,
  },
  {
    name: 'filters, ident and other encodings',
    settings: [
      ['filter.upper.clean', 'tr a-z A-Z'],
      ['filter.upper.smudge', 'tr A-Z a-z'],
    ],
    begin: (lab) =>
      lab.write({
        '.gitattributes':
          '*.up filter=upper\n*.id ident\n*.u16 text working-tree-encoding=UTF-16\n',
        'a.up': 'letters\n',
        'a.id': 'v $Id$ v\n',
        'a.u16': Buffer.from('\ufeffüber\nzwei\n', 'utf16le'),
      }),
    dirty: (lab) => lab.write({ 'a.up': 'other letters\n' }),
    become: (lab) =>
      lab.write({
        'b.up': 'more\n',
        'a.id': 'v $Id: 0123456789 $ w\n',
        'a.u16': Buffer.from('\ufeffüber\ndrei\n', 'utf16le'),
      }),
  },
  {
    name: 'modes, links, empty files, pointers and a submodule',
    begin: async (lab) => {
      const inner = await GitLab.init(path.join(lab.folder, '..', 'inner'));
      await inner.write({ 'x.txt': 'x\n' });
      inner.commitAll();
      await lab.write({
        'run.sh': '#!/bin/sh\n',
        'plain.sh': '#!/bin/sh\n',
        empty: '',
        'gone.txt': 'gone\n',
        '.gitattributes': '*.psd filter=lfs diff=lfs merge=lfs -text\n',
        'large.psd': POINTER,
        'with space and "quotes"': 'q\n',
      });
      await lab.makeExecutable('run.sh');
      await lab.link('link', 'run.sh');
      await lab.link('broken', 'nowhere');
      lab.git('-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', '../inner', 'inner');
    },
    dirty: async (lab) => {
      await lab.remove('gone.txt');
      await lab.makeExecutable('plain.sh');
      await lab.write({ 'empty too': '' });
    },
    become: async (lab) => {
      await lab.write({ empty: 'no more\n', 'large.psd': POINTER.replace('12345', '54321') });
      await lab.makeExecutable('empty too');
      await lab.remove('run.sh');
    },
    skipped: [
      { path: 'broken', why: 'symlink' },
      { path: 'inner', why: 'submodule' },
      { path: 'link', why: 'symlink' },
      { path: 'with space and "quotes"', why: 'forbidden_character' },
    ],
  },
  {
    name: 'deep and foreign names, renames, folders for files',
    begin: (lab) =>
      lab.write({
        'ünïcødé/日本語/😀.md': 'one\n',
        [`${'deep/'.repeat(40)}end.txt`]: 'deep\n',
        'moved.txt': 'a\nb\nc\n',
        file: 'to be a folder\n',
        other: 'to be a folder\n',
        'folder/x.txt': 'to be a file\n',
        '.hidden/-dash': 'x',
      }),
    dirty: async (lab) => {
      await lab.remove('other');
      await lab.write({ 'other/inside.txt': 'x\n' });
      await rename(path.join(lab.folder, 'moved.txt'), path.join(lab.folder, 'elsewhere.txt'));
      const raw = Buffer.concat([Buffer.from(`${lab.folder}/`), Buffer.from([0xff, 0x2e, 0x74])]);
      await writeFile(raw, 'raw');
    },
    become: async (lab) => {
      await lab.remove('file');
      await lab.write({ 'file/inside.txt': 'x\n' });
      await lab.remove('folder');
      await lab.write({ folder: 'x\n', 'e\u0301.txt': 'decomposed\n' });
      await rename(
        path.join(lab.folder, 'ünïcødé/日本語/😀.md'),
        path.join(lab.folder, 'ünïcødé/😀.md'),
      );
      await lab.remove('ünïcødé/日本語');
    },
    skipped: [{ path: '\ufffd.t', why: 'not_utf8' }],
  },
  {
    name: `${MANY} files`,
    begin: (lab) => lab.write(numbered('old')),
    dirty: none,
    become: async (lab) => {
      await lab.write(numbered('new'));
      for (let file = 0; file < MANY; file += 7) await lab.remove(`d${file % 40}/${file}.txt`);
    },
  },
];

function numbered(word: string): Record<string, string> {
  const names = Array.from({ length: MANY }, (_, file) => `d${file % 40}/${file}.txt`);
  return Object.fromEntries(names.map((name) => [name, `${name}\n${word}\n`]));
}

for (const awkward of AWKWARD) {
  test(`the tree of an export is git's own: ${awkward.name}`, async (t) => {
    const { lab, session } = await stage(t, { skipped: [], ...awkward });
    const before = await lab.untouchable();
    const first = await exportTo(session, lab.folder);
    if (lab.git('status', '--porcelain') === '' || first.outcome === 'nothing') {
      assert.equal(first.outcome, 'nothing', 'what was brought in is what the commit has');
    }
    assertSameTree(lab, first.commit ?? 'HEAD');
    if (awkward.become === none) return;
    await awkward.become(lab);
    await followFolder(session, lab.folder);
    const second = await exportTo(session, lab.folder);
    assert.equal(second.outcome, 'exported');
    assert.deepEqual(await lab.untouchable(), before);
    assertSameTree(lab, second.commit!);
    assert.equal((await exportTo(session, lab.folder)).outcome, 'again');
    lab.fsck();
  });
}

for (const awkward of AWKWARD.filter(
  ({ become, name }) => become !== none && name !== `${MANY} files`,
)) {
  test(`what others push of it comes in whole: ${awkward.name}`, async (t) => {
    const { lab, session } = await stage(t, { ...awkward, dirty: none, skipped: undefined });
    await awkward.dirty(lab);
    lab.commitAll('theirs');
    await awkward.become(lab);
    const to = lab.commitAll('theirs again');
    const repository = await Repository.open(lab.folder);
    const report = await bringInCommit({
      session,
      repository,
      rev: to,
      randomBytes: systemRandomBytes,
    });
    assert.deepEqual(report.disputed, []);
    const { outcome, commit } = await exportTo(session, lab.folder);
    const differs = commit === undefined ? '' : lab.git('diff', to, commit);
    assert.deepEqual([outcome, differs], ['nothing', ''], 'the world is what the commit is');
  });
}

test("the tree of an export is git's own: a folder of the repository with a name that few systems have", async (t) => {
  const world = await WorldLab.open(t);
  const lab = await GitLab.init(path.join(world.folder, 'repository'));
  lab.git('config', 'filter.upper.clean', 'tr a-z A-Z');
  const inside = '"quoted": con\\/aux/';
  await lab.write({
    'beside.txt': 'beside\n',
    '.gitattributes': '*.up filter=upper\n',
    [`${inside}a.txt`]: 'one\n',
    [`${inside}a.up`]: 'letters\n',
  });
  lab.commitAll();
  const folder = path.join(lab.folder, inside);
  const session = await world.enter(world.owner);
  await bringIn(session, folder);
  await lab.write({ [`${inside}a.up`]: 'more\n', [`${inside}b.up`]: 'other\n' });
  await followFolder(session, folder);
  const { commit } = await exportTo(session, folder);
  assertSameTree(lab, commit!);
  lab.fsck();
});

async function stage(
  t: TestContext,
  {
    begin,
    dirty,
    settings = [],
    skipped,
  }: Pick<Awkward, 'begin' | 'dirty' | 'settings' | 'skipped'>,
) {
  const world = await WorldLab.open(t);
  const lab = await GitLab.init(path.join(world.folder, 'repository'));
  for (const [name, value] of settings) lab.git('config', name, value);
  await begin(lab);
  lab.commitAll();
  await dirty(lab);
  const session = await world.enter(world.owner);
  const report = await bringIn(session, lab.folder);
  if (skipped) assert.deepEqual(report.skipped, skipped);
  assert.deepEqual(report.disputed, []);
  return { lab, session };
}

/** Git's own way, with an index of its own; files that nobody can have in a world are left out. */
function assertSameTree(lab: GitLab, commit: string): void {
  const tree = lab.treeOfFolder();
  assert.equal(lab.git('diff-tree', '-r', '--name-status', lab.treeOf(commit), tree), '');
  assert.equal(lab.treeOf(commit), tree);
}
