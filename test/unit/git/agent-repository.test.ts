import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { BasePoint } from '../../../src/core/git-point.ts';
import { standOnBase } from '../../../src/git/agent-repository.ts';
import { NOTICES_FILE } from '../../../src/world/own-names.ts';
import { GitLab } from '../../harness/git-lab.ts';

let place: string;

before(() => {
  place = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-git-')));
});

after(() => fs.rmSync(place, { recursive: true, force: true }));

function pointsAt(commit: string, folder = '') {
  const base: BasePoint = { kind: 'base', commit, upTo: 1, folder, autoLineEnds: 'false' };
  return { bases: [{ ...base, opSeq: 1 }], exports: [] };
}

function git(folder: string, ...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trimEnd();
}

test('a world that is a folder of a repository has this folder alone as its base', async () => {
  const lab = await GitLab.init(path.join(place, 'whole'));
  await lab.write({ 'app/a.txt': 'a\n', 'other/b.txt': 'b\n' });
  await lab.link('app/link', 'a.txt');
  const commit = lab.commitAll();
  const own = path.join(lab.folder, 'app-claude');
  fs.mkdirSync(own);
  fs.writeFileSync(path.join(own, 'a.txt'), 'a\n');
  const source = path.join(lab.folder, 'app');
  const base = await standOnBase(own, source, pointsAt(commit, 'app/'));
  assert.deepEqual(base, { tag: 'commit', commit });
  assert.equal(git(own, 'status', '--porcelain'), '');
  assert.match(git(own, 'log', '--format=%s'), new RegExp(`^app/ as it is in ${commit}$`));
  const tip = git(own, 'rev-parse', 'HEAD');
  await standOnBase(own, source, pointsAt(commit, 'app/'));
  assert.equal(git(own, 'rev-parse', 'HEAD'), tip, 'the same each time');
  assert.equal(git(own, 'branch', '--format=%(refname:short)'), 'world');
});

test('where the person has no repository clients find one without a commit', async () => {
  const own = path.join(place, 'plain-codex');
  fs.mkdirSync(own);
  fs.writeFileSync(path.join(own, 'a.txt'), 'a\n');
  assert.deepEqual(await standOnBase(own, '', { bases: [], exports: [] }), { tag: 'empty' });
  fs.mkdirSync(path.join(own, 'node_modules/a'), { recursive: true });
  fs.writeFileSync(path.join(own, 'node_modules/a/index.js'), '');
  assert.equal(git(own, 'status', '--porcelain'), '?? a.txt');
  assert.deepEqual(
    fs.readdirSync(place).filter((name) => name.startsWith('.')),
    [],
  );
});

test('a repository that somebody made there stays as it is', async () => {
  const lab = await GitLab.init(path.join(place, 'clone'));
  await lab.write({ 'a.txt': 'a\n' });
  const commit = lab.commitAll();
  const base = await standOnBase(lab.folder, lab.folder, pointsAt(commit));
  assert.deepEqual(base, { tag: 'theirs' });
  assert.equal(lab.git('branch', '--show-current'), 'main');
});

test('what the person leaves out without telling others is left out here, too; so is the rest of a shallow clone', async () => {
  const first = await GitLab.init(path.join(place, 'deep'));
  await first.write({ 'a.txt': 'a\n' });
  first.commitAll('one');
  await first.write({ 'a.txt': 'b\n' });
  first.commitAll('two');
  const source = path.join(place, 'shallow');
  git(place, 'clone', '-q', '--depth=1', `file://${first.folder}`, source);
  fs.writeFileSync(path.join(source, '.git/info/exclude'), 'mine/\n');
  const own = path.join(place, 'shallow-qwen');
  fs.mkdirSync(path.join(own, 'mine'), { recursive: true });
  fs.writeFileSync(path.join(own, 'mine/x'), '');
  fs.writeFileSync(path.join(own, 'a.txt'), 'b\n');
  fs.writeFileSync(path.join(own, NOTICES_FILE), 'of Agent World itself\n');
  await standOnBase(own, source, pointsAt(git(source, 'rev-parse', 'HEAD')));
  assert.equal(git(own, 'status', '--porcelain'), '');
  assert.equal(git(own, 'log', '--format=%s'), 'two');
});
