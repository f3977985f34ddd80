// What an agent's own folder has beside the world's files: git that answers, what builds need, and a text that
// does not move while a command runs.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { GitLab } from '../harness/git-lab.ts';
import { ended, InstalledCommand } from '../harness/installed-command.ts';
import { until } from '../harness/until.ts';
import { type MirrorPlace, RunningMirror } from '../harness/running-mirror.ts';

const NAMES = ['.gitignore', 'a.txt', 'b.txt', 'new.txt'];

let place: MirrorPlace;
let user: string;
let own: string;
let upstream: GitLab;

before(async () => {
  const installed = await InstalledCommand.install();
  const home = installed.home('home');
  const project = path.join(installed.place, 'project');
  user = path.join(installed.place, 'user');
  own = path.join(installed.place, 'of own');
  fs.mkdirSync(user);
  upstream = await GitLab.init(project);
  await upstream.write({
    'a.txt': 'one\ntwo\n',
    'b.txt': 'text\n',
    '.gitignore': 'cache/\n.env\n',
  });
  upstream.commitAll('the first');
  place = { installed, home, project };
  const { code, err } = await installed.run(home, 'open', project);
  assert.equal(code, 0, err);
  const added = await agents('add', 'qwen', '--as', 'own', '--world', project, '--folder', own);
  assert.equal(added.code, 0, added.err);
  assert.match(added.out, new RegExp(`git answers there against ${head().slice(0, 12)}`));
});

after(() => place.installed.dispose());

test('git status, diff and log in an agent’s folder tell what the world has made of its base', async () => {
  assert.equal(git('log', '--format=%s'), 'the first');
  assert.equal(git('status', '--porcelain'), '');
  await using mirror = RunningMirror.start(place, 'own');
  await mirror.says('pulled');
  await using other = RunningMirror.start(place, 'other');
  await other.says('pulled');
  other.write('a.txt', 'one\ntwo, by another\n');
  await mirror.has('a.txt', 'one\ntwo, by another\n');
  mirror.write('new.txt', 'by the agent\n');
  await other.has('new.txt', 'by the agent\n');
  assert.equal(git('status', '--porcelain'), ' M a.txt\n?? new.txt');
  assert.match(git('diff'), /-two\n\+two, by another/);
  // git's own files are nobody else's.
  assert.deepEqual(fs.readdirSync(other.directory).sort(), NAMES);
  const commit = spawnSync('git', ['commit', '-qam', 'mine'], { cwd: own, env: environment() });
  assert.equal(commit.status, 1);
  assert.match(String(commit.stderr), /agent-world export/);
  assert.equal(git('rev-parse', 'HEAD'), head());

  // One that is made all the same stays here, under a name, when the base moves on.
  git('commit', '-qam', 'mine', '--no-verify');
  const local = git('rev-parse', 'HEAD');
  const exported = await place.installed.json(place.home, 'export', place.project);
  await until(() => git('rev-parse', 'HEAD') === exported['commit']);
  assert.equal(git('rev-parse', `local-${local.slice(0, 12)}`), local);
  assert.equal(git('status', '--porcelain'), '');
  assert.equal(upstream.git('branch', '--list', 'local-*'), '');
});

function agents(...args: readonly string[]) {
  const { command, args: whole, env } = place.installed.spawned(place.home, 'agents', ...args);
  return ended(spawn(command, whole, { env: { ...env, HOME: user } }));
}

function environment(): NodeJS.ProcessEnv {
  const person = { GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'A' };
  return { ...process.env, ...person, GIT_COMMITTER_EMAIL: 'a@b' };
}

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: own, env: environment(), encoding: 'utf8' }).trimEnd();
}

function head(): string {
  return upstream.git('rev-parse', 'HEAD');
}
