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
    '.gitignore': 'cache/\nnode_modules\n.env\n',
  });
  upstream.commitAll('the first');
  place = { installed, home, project };
  const { code, err } = await installed.run(home, 'open', project);
  assert.equal(code, 0, err);
  await upstream.write({ 'cache/made': 'made', 'node_modules/a/index.js': 'a', '.env': 'SECRET' });
  await upstream.write({ '.venv/pyvenv.cfg': 'no rule leaves it out' });
  const added = await agents('add', 'qwen', '--as', 'own', '--world', project, '--folder', own);
  assert.equal(added.code, 0, added.err);
  assert.match(added.out, /Not copied: \.venv \(no \.gitignore file leaves it out/);
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

test('what builds need is copied into an agent’s folder, and into nobody else’s; secrets only if asked', async () => {
  assert.equal(fs.readFileSync(path.join(own, 'node_modules/a/index.js'), 'utf8'), 'a');
  assert.equal(fs.existsSync(path.join(own, 'cache')), false, 'it is not in the list');
  assert.equal(fs.existsSync(path.join(own, '.env')), false);
  fs.writeFileSync(path.join(place.home, 'builds.json'), '{ "folders": ["cache"] }');
  const again = await agents('refresh', 'qwen', '--as', 'own', '--with-secrets');
  assert.equal(again.code, 0, again.err);
  assert.match(again.out, /Copied for builds: \.env, cache, 2 files/);
  assert.equal(fs.readFileSync(path.join(own, '.env'), 'utf8'), 'SECRET');
  await using other = RunningMirror.start(place, 'other');
  await other.says('pulled');
  assert.deepEqual(fs.readdirSync(other.directory).sort(), NAMES);
});

test('a command runs on a text that does not move, and what others did meanwhile comes when it is over', async () => {
  await using mirror = RunningMirror.start(place, 'own');
  await using other = RunningMirror.start(place, 'other');
  await Promise.all([mirror.says('pulled'), other.says('pulled')]);
  fs.writeFileSync(
    path.join(user, 'build.mjs'),
    `import fs from 'node:fs';
    fs.writeFileSync('built.txt', fs.readFileSync('b.txt'));
    while (!fs.existsSync(process.argv[2])) await new Promise((done) => setTimeout(done, 10));
    fs.appendFileSync('built.txt', fs.readFileSync('b.txt'));
    process.exitCode = 7;`,
  );
  const goOn = path.join(user, 'go-on');
  const end = ended(held('--', process.execPath, path.join(user, 'build.mjs'), goOn));
  await other.has('built.txt', 'text\n');
  other.write('b.txt', 'text, by another\n');
  other.write('late.txt', 'late\n');
  await using reader = RunningMirror.start(place, 'reader');
  await reader.has('b.txt', 'text, by another\n');
  await reader.has('late.txt', 'late\n');
  // The mirror has taken in more of the world since.
  mirror.write('probe.txt', 'probe\n');
  await reader.has('probe.txt', 'probe\n');
  assert.equal(mirror.read('b.txt'), 'text\n');
  assert.equal(fs.existsSync(mirror.at('late.txt')), false);
  fs.writeFileSync(goOn, '');
  const { code, err } = await end;
  assert.equal(code, 7, err);
  await mirror.has('b.txt', 'text, by another\n');
  await mirror.has('late.txt', 'late\n');
  await other.has('built.txt', 'text\ntext\n');

  // Where it is killed the text moves on.
  const killed = held('--', process.execPath, '-e', WAITS);
  await until(() => fs.existsSync(at('pid')) && fs.readFileSync(at('pid'), 'utf8') !== '');
  other.write('b.txt', 'after the kill\n');
  await reader.has('b.txt', 'after the kill\n');
  assert.equal(mirror.read('b.txt'), 'text, by another\n');
  killed.kill('SIGKILL');
  await mirror.has('b.txt', 'after the kill\n');
  process.kill(Number(fs.readFileSync(at('pid'), 'utf8')));
});

test('a command’s signal, its time and its place end it as they should', async () => {
  fs.rmSync(at('pid'), { force: true });
  const stopped = held('--', process.execPath, '-e', WAITS);
  await until(() => fs.existsSync(at('pid')));
  const end = ended(stopped);
  stopped.kill('SIGTERM');
  assert.equal((await end).code, 128 + 15);
  const late = await ended(held('--minutes', '0.001', '--', process.execPath, '-e', WAITS));
  assert.equal(late.code, 124, late.err);
  const nowhere = await place.installed.run(place.home, 'run-held', '--folder', user, '--', 'true');
  assert.equal(nowhere.code, 2);
});

/** Says that it runs, in a file that is in no world, and goes on for as long as it is let. */
const WAITS = `require('fs').writeFileSync('cache/pid', String(process.pid)); setInterval(() => {}, 1000)`;

function held(...args: readonly string[]) {
  return place.installed.start(place.home, 'run-held', '--folder', own, ...args);
}

function at(name: string): string {
  const folder = path.join(own, 'cache');
  fs.mkdirSync(folder, { recursive: true });
  return path.join(folder, name);
}

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
