// `agent-world mirror` on a directory that is a git clone.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { GitLab } from '../harness/git-lab.ts';
import { InstalledCommand } from '../harness/installed-command.ts';
import { type MirrorPlace, RunningMirror } from '../harness/running-mirror.ts';

let place: MirrorPlace;
let upstream: GitLab;

before(async () => {
  const installed = await InstalledCommand.install();
  const home = installed.home('home');
  const project = path.join(installed.place, 'project');
  upstream = await GitLab.init(project);
  await upstream.write({ 'a.txt': 'one\ntwo\n', 'src/s.txt': 'text\n', 'docs/d.txt': 'text\n' });
  upstream.commitAll();
  place = { installed, home, project };
  const { code, err } = await installed.run(home, 'open', project);
  assert.equal(code, 0, err);
});

after(() => place.installed.dispose());

test('a sparse checkout, a nested repository and a renamed git folder: nothing of it reaches others', async () => {
  const clone = cloneOf('sparse');
  await using mirror = RunningMirror.start(place, 'sparse');
  await mirror.says('pulled');
  await using reader = RunningMirror.start(place, 'reader');
  await reader.says('pulled');
  clone.git('sparse-checkout', 'set', '--cone', 'src');
  assert.ok(!fs.existsSync(mirror.at('docs/d.txt')));
  clone.git('clone', '-q', upstream.folder, 'nested');
  fs.renameSync(mirror.at('nested/.git'), mirror.at('nested/.git_disabled'));
  await clone.write({ 'src/last.txt': 'last\n' });
  await reader.has('src/last.txt', 'last\n');
  await place.installed.json(place.home, 'mirror', reader.directory, '--pull');
  assert.equal(reader.read('docs/d.txt'), 'text\n');
  assert.deepEqual(filesIn(reader.directory), ['a.txt', 'docs/d.txt', 'src/last.txt', 'src/s.txt']);
});

test('after a kill in the middle of a rebase --status and doctor name it, the files and the next step', async () => {
  const clone = cloneOf('killed');
  {
    await using mirror = RunningMirror.start(place, 'killed');
    await mirror.says('pulled');
  }
  clone.git('checkout', '-q', '-b', 'theirs');
  await clone.write({ 'a.txt': 'one\ntheirs\n' });
  clone.commitAll();
  clone.git('checkout', '-q', 'main');
  await clone.write({ 'a.txt': 'one\nmine\n' });
  clone.commitAll();
  assert.throws(() => clone.git('rebase', '-q', 'theirs'));
  const lock = path.join(clone.folder, '.git', 'index.lock');
  fs.writeFileSync(lock, '');
  const { installed, home } = place;
  const told = await installed.run(home, 'mirror', clone.folder, '--status');
  assert.equal(told.code, 0, told.err);
  for (const pattern of [
    /^No mirror runs on .+of killed/m,
    /^git rebase stands still at step 1 of 1\. .+git rebase --continue.+git rebase --abort\.$/m,
    /^In conflict, and not taken in until git add says it is resolved: a\.txt\.$/m,
    /index\.lock of .+ is \d+ seconds? old and held by no process/m,
    /^1 file with other content than the world: a\.txt$/m,
  ]) {
    assert.match(told.out, pattern);
  }
  const doctor = await installed.run(home, 'doctor');
  assert.match(doctor.out, /^WARN {2}git .+of killed: git rebase stands still.+--status\.$/m);
  fs.rmSync(lock);
  clone.git('rebase', '--abort');
  clone.git('checkout', '-q', 'HEAD~1');
  const status = await installed.json(home, 'mirror', clone.folder, '--status');
  assert.deepEqual([status['changed'], status['git'], status['isRunning']], [[], undefined, false]);
  fs.rmSync(clone.folder, { recursive: true });
  const gone = await installed.run(home, 'mirror', clone.folder, '--status');
  assert.match(
    gone.out,
    /of killed is not there\.$/m,
    'a directory that is gone is told by its name',
  );
  const nobodys = await installed.run(home, 'mirror', installed.place, '--status');
  assert.equal(nobodys.code, 2);
});

/** The directory of an agent, as a clone of the project. */
function cloneOf(name: string): GitLab {
  const folder = path.join(place.installed.place, `of ${name}`);
  upstream.git('clone', '-q', upstream.folder, folder);
  return new GitLab(folder);
}

function filesIn(directory: string): readonly string[] {
  const found = fs.readdirSync(directory, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
    .sort();
}
