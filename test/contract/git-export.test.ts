// The command on real repositories: what it says, what it refuses, and SIGKILL at any moment.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { GitLab } from '../harness/git-lab.ts';
import { ended, InstalledCommand } from '../harness/installed-command.ts';
import { seededRandom, testSeed } from '../harness/seeded-random.ts';

const KILLS = process.env['AGENT_WORLD_SOAK'] === '1' ? 200 : 20;
const FILES = 150;

let agentWorld: InstalledCommand;
let home: string;
let lab: GitLab;

before(async () => {
  agentWorld = await InstalledCommand.install();
  home = agentWorld.home('home');
  lab = await GitLab.init(path.join(agentWorld.place, 'project'));
  lab.git('config', 'user.name', 'Ada');
  lab.git('config', 'user.email', 'ada@example.org');
  await lab.write(Object.fromEntries(names().map((name) => [name, `${name}\n`])));
  await lab.link('link', 'f/1.txt');
  lab.commitAll();
  await lab.write(Object.fromEntries(names().map((name) => [name, `${name}\nchanged\n`])));
  await agentWorld.json(home, 'open', lab.folder);
  await agentWorld.json(home, 'backup', lab.folder, backup());
});

after(() => agentWorld.dispose());

function names(): readonly string[] {
  return Array.from({ length: FILES }, (_, file) => `f/${file}.txt`);
}

function backup(): string {
  return path.join(agentWorld.place, 'project.world');
}

async function cloned(name: string): Promise<GitLab> {
  const clone = new GitLab(path.join(agentWorld.place, name));
  lab.git('clone', '-q', '--branch', 'main', '--single-branch', lab.folder, clone.folder);
  clone.git('remote', 'set-head', 'origin', '--delete');
  clone.git('remote', 'remove', 'origin');
  return clone;
}

test(`SIGKILL during an export, ${KILLS} times: the repository is as before or as after`, async (t) => {
  const seed = testSeed();
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  const started = performance.now();
  const expected = await agentWorld.json(home, 'export', lab.folder);
  const usualMs = performance.now() - started;
  const outcomes = { before: 0, after: 0 };
  let world = lab.folder;
  for (let kill = 0; kill < KILLS; kill++) {
    // Half of them a first export, the others one that the history tells of.
    if (kill % 2 === 0) world = await restoredWorld();
    const clone = await cloned(`clone-${kill}`);
    const untouchable = await clone.untouchable();
    const child = agentWorld.start(home, 'export', world, '--repository', clone.folder);
    const end = ended(child);
    await Promise.race([delay(random() * usualMs), once(child, 'exit')]);
    child.kill('SIGKILL');
    await end;
    await settled(clone);
    const branch = clone.git('for-each-ref', '--format=%(objectname)', 'refs/heads/world/');
    assert.ok(branch === '' || branch === expected['commit'], `killed to ${branch}`);
    outcomes[branch === '' ? 'before' : 'after']++;
    assert.deepEqual(await clone.untouchable(), untouchable);
    clone.fsck();
    const again = await agentWorld.json(home, 'export', world, '--repository', clone.folder);
    assert.equal(
      again['commit'],
      expected['commit'],
      'the next one ends where this one would have',
    );
    assert.equal(clone.git('rev-parse', 'refs/heads/world/project'), expected['commit']);
    clone.git('notes', '--ref', 'agent-trace', 'show', String(expected['commit']));
    clone.fsck();
  }
  t.diagnostic(`killed before ${outcomes.before} times, after ${outcomes.after} times`);
  assert.ok(outcomes.before > 0, 'no kill came in time');
});

/** A world of the same history, in which nobody has exported yet. */
async function restoredWorld(): Promise<string> {
  const { database } = await agentWorld.json(home, 'restore', backup());
  return String(database);
}

/** Git's own processes end by themselves once their caller is gone, and leave no lock. */
async function settled(clone: GitLab): Promise<void> {
  const refs = path.join(clone.folder, '.git', 'refs');
  const isLocked = async () =>
    (await readdir(refs, { recursive: true })).some((name) => name.endsWith('.lock'));
  for (let tries = 0; await isLocked(); tries++) {
    assert.ok(tries < 500, 'a lock is left');
    await delay(10);
  }
}

test('a preview writes nothing; what looks like a key keeps the export from being made', async () => {
  const place = await GitLab.init(path.join(agentWorld.place, 'keys'));
  await place.write({ 'a.txt': 'a\n', 'old.pem': key('old') });
  place.commitAll();
  await place.write({ 'a.txt': 'a\nb\n', 'b.env': key('new'), 'con.txt': 'no name everywhere\n' });
  await agentWorld.json(home, 'open', place.folder);
  const refs = place.git('for-each-ref');
  const { out, err } = await agentWorld.run(home, 'export', place.folder, '--preview');
  assert.match(out, /^Author: .* <.*>\n\nChange 2 files: a\.txt, b\.env\n/);
  assert.match(err, /^b\.env:\d+: looks like a secret \(PrivateKey\)$/m);
  assert.doesNotMatch(err, /old\.pem/, 'what the base has is no news');
  assert.match(err, /^con\.txt: lies outside of the world \(reserved_name\)$/m);
  assert.doesNotMatch(out + err, /MIIE/, 'the key itself is told to nobody');
  const refused = await agentWorld.run(home, 'export', place.folder);
  assert.deepEqual([refused.code, /--allow secrets/.test(refused.err)], [4, true]);
  assert.equal(place.git('for-each-ref'), refs);
  const made = await agentWorld.json(home, 'export', place.folder, '--allow', 'secrets');
  assert.equal(made['outcome'], 'exported');
  assert.equal(
    (await agentWorld.run(home, 'export', place.folder)).code,
    0,
    'nothing new, nothing to block',
  );
  const nothing = await agentWorld.run(home, 'export', place.folder, '--preview');
  assert.match(
    nothing.out,
    new RegExp(`^Nothing new: the export ${String(made['commit'])} has it`),
  );
});

function key(word: string): string {
  const kind = 'RSA PRIVATE KEY';
  const body = `MIIE${Buffer.from(word.repeat(40)).toString('base64')}`;
  return `# ${word}\n-----BEGIN ${kind}-----\n${body}\n-----END ${kind}-----\n`;
}

test('another host makes the same commit of a backup, before and after it was exported', async () => {
  const second = agentWorld.home('second');
  const exportedAt = async (host: string, file: string, name: string) => {
    const { database } = await agentWorld.json(host, 'restore', file);
    const { folder } = await cloned(name);
    return agentWorld.json(host, 'export', String(database), '--repository', folder);
  };
  const here = await exportedAt(home, backup(), 'here');
  const there = await exportedAt(second, backup(), 'there');
  assert.deepEqual([here['outcome'], there['outcome']], ['exported', 'exported']);
  assert.equal(there['commit'], here['commit']);
  const world = await restoredWorld();
  const chosen = ['--message', 'Chosen\n\nby hand', '--branch', 'world/chosen'];
  const { folder } = await cloned('chosen');
  const made = await agentWorld.json(home, 'export', world, '--repository', folder, ...chosen);
  assert.notEqual(made['commit'], here['commit']);
  const file = path.join(agentWorld.place, 'chosen.world');
  await agentWorld.json(home, 'backup', world, file);
  const again = await exportedAt(second, file, 'again');
  assert.deepEqual(
    [again['outcome'], again['commit'], again['branch']],
    ['again', made['commit'], 'world/chosen'],
    'what was chosen is in the history',
  );
});

test('a commit is proved from a backup alone, in the repository that has it', async () => {
  const clone = await cloned('proved');
  const made = await agentWorld.json(home, 'export', lab.folder, '--repository', clone.folder);
  const file = path.join(agentWorld.place, 'later.world');
  await agentWorld.json(home, 'backup', lab.folder, file);
  const prove = (rev: string) =>
    agentWorld.run(home, 'verify', file, '--commit', rev, '--repository', clone.folder);
  const proved = await prove('world/project');
  assert.deepEqual(
    [proved.code, proved.out.startsWith(String(made['commit']))],
    [0, true],
    proved.err,
  );
  clone.git('checkout', '-q', '--detach', 'world/project');
  await clone.write({ 'f/7.txt': 'something else\n' });
  clone.git('commit', '-q', '-a', '--amend', '--no-edit');
  const forged = await prove('HEAD');
  assert.equal(forged.code, 1);
  assert.match(forged.out, /is not what the history says: f\/7\.txt \(changed\)/);
  assert.equal((await prove('main')).code, 1);
});

test('a folder without git becomes a repository only when that is asked for, and at once', async () => {
  const folder = path.join(agentWorld.place, 'plain');
  await mkdir(folder);
  await writeFile(path.join(folder, 'a.txt'), 'a\n');
  await agentWorld.json(home, 'open', folder);
  const refused = await agentWorld.run(home, 'export', folder);
  assert.deepEqual(
    [refused.code, /no git repository.*--init/s.test(refused.err)],
    [1, true],
    refused.err,
  );
  const made = await agentWorld.json(home, 'export', folder, '--init');
  const plain = new GitLab(folder);
  assert.equal(plain.git('rev-parse', 'HEAD'), made['commit']);
  assert.equal(plain.git('status', '--porcelain'), '');
  const branch = plain.git('symbolic-ref', 'HEAD');
  assert.doesNotMatch(branch, /world/, 'the next export is not in the way of what is checked out');
  plain.fsck();
});
