// What was exported is pushed and proposed by GitHub's own command line: by a stand-in here, and by the
// real one where AGENT_WORLD_TEST_GITHUB names a repository of yours to be cloned and written to.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { writeFakeHub } from '../harness/fake-hub.ts';
import { GitLab } from '../harness/git-lab.ts';
import { InstalledCommand } from '../harness/installed-command.ts';

const real = process.env['AGENT_WORLD_TEST_GITHUB'] ?? '';
const surroundings = { ...process.env };

let agentWorld: InstalledCommand;
let home: string;
let lab: GitLab;
let branch: string;

before(async () => {
  agentWorld = await InstalledCommand.install();
  home = agentWorld.home('home');
  const bin = path.join(agentWorld.place, 'bin');
  await mkdir(bin);
  lab = new GitLab(path.join(agentWorld.place, 'project'));
  if (real === '') {
    await writeFakeHub(bin);
    process.env['PATH'] = `${bin}${path.delimiter}${process.env['PATH']}`;
    const remote = await GitLab.init(path.join(agentWorld.place, 'remote'), '--bare');
    await GitLab.init(lab.folder);
    lab.git('remote', 'add', 'origin', remote.folder);
    await lab.write({ 'a.txt': 'one\n' });
    lab.commitAll();
    lab.git('push', '-q', 'origin', 'main');
  } else {
    await mkdir(lab.folder);
    lab.git('clone', '-q', real, '.');
  }
  lab.git('config', 'user.name', 'Ada');
  lab.git('config', 'user.email', 'ada@example.org');
  // As a dirty file that is there is opened: the importer's own edit.
  await lab.write({ 'proposed.txt': 'line\n'.repeat(20) });
  await agentWorld.json(home, 'open', lab.folder);
  branch = `world/push-${Date.now().toString(36)}`;
});

after(async () => {
  Object.assign(process.env, surroundings);
  await agentWorld.dispose();
});

const push = (...args: readonly string[]) => agentWorld.run(home, 'push', lab.folder, ...args);

test('where nothing was exported there is nothing to push', async () => {
  const { code, err } = await push();
  assert.deepEqual([code, /^no_commit: .*agent-world export/.test(err)], [1, true], err);
});

test('a pull request says who did what, what somebody wrote, and which ops these are', async () => {
  const message = 'Propose a file\n\nIt has *twenty* lines; "quotes", `ticks` and $HOME stay.';
  const made = await agentWorld.json(
    home,
    'export',
    lab.folder,
    '--branch',
    branch,
    '--message',
    message,
  );
  const hook = '.git/hooks/pre-push';
  await lab.write({ [hook]: '#!/bin/sh\ncat >>.git/pushed\n' });
  await chmod(path.join(lab.folder, hook), 0o755);
  const { address, hasNotes } = await agentWorld.json(home, 'push', lab.folder, '--pull-request');
  assert.match(String(address), /^https:\/\/\S+\/pull\/\d+$/);
  assert.equal(hasNotes, true);
  const tip = lab.git('ls-remote', 'origin', `refs/heads/${branch}`).split('\t')[0];
  assert.equal(tip, made['commit']);
  assert.ok(String(await lab.read('.git/pushed')).includes(branch), 'the user’s own hook has run');
  const view = ['pr', 'view', branch, '--json', 'title,body'];
  const seen = execFileSync('gh', view, { cwd: lab.folder, encoding: 'utf8' });
  const { title, body } = JSON.parse(seen) as { title: string; body: string };
  assert.equal(title, 'Propose a file');
  assert.match(body, /^It has \*twenty\* lines; "quotes", `ticks` and \$HOME stay\.\n\n- Ada: /);
  assert.match(body, /^- Ada: proposed\.txt$/m);
  assert.match(body, /^Agent-World-Ops: \d+-\d+\nAgent-World-Chain: [0-9a-f]{64}$/m);
});

test('what GitHub says no to is told in its words; the branch is pushed all the same', async () => {
  const again = await push('--pull-request', '--json');
  const { error } = JSON.parse(again.err.trim().split('\n').at(-1)!);
  assert.equal(again.code, 1);
  assert.deepEqual([error.code, /already exists/.test(error.message)], ['no_github', true]);
});

test('a branch that others went on with is not overwritten', { skip: real !== '' }, async () => {
  const other = new GitLab(path.join(agentWorld.place, 'other'));
  const remote = path.join(agentWorld.place, 'remote');
  lab.git('clone', '-q', '--branch', branch, remote, other.folder);
  await other.write({ 'a.txt': 'reviewed\n' });
  const theirs = other.commitAll('reviewed');
  other.git('push', '-q', 'origin', branch);
  lab.git('branch', '-f', branch, 'main');
  lab.git('fetch', '-q');
  const refused = await push();
  assert.deepEqual(
    [refused.code, refused.err.startsWith('git_failed: git push')],
    [1, true],
    refused.err,
  );
  assert.ok(lab.git('ls-remote', 'origin', branch).startsWith(theirs));
});
