import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { hostStatus } from '../../src/host/handover.ts';
import { InstalledCommand } from '../harness/installed-command.ts';

let agentWorld: InstalledCommand;
let home: string;
let folder: string;
let archive: string;

const FILES: Readonly<Record<string, Uint8Array>> = {
  'README.md': Buffer.from('# Notes\n\nOne 😀\n'),
  'dos.txt': Buffer.from('one\r\ntwo\r\n'),
  'marked.txt': Buffer.from('\ufeffwith a mark\n'),
  'deep/er/bytes.bin': Buffer.from([0, 1, 2, 255, 254]),
  'run.sh': Buffer.from('#!/bin/sh\necho hello\n'),
};

before(async () => {
  agentWorld = await InstalledCommand.install();
  home = agentWorld.home('home');
  folder = path.join(agentWorld.place, 'project');
  archive = path.join(agentWorld.place, 'project.world');
  for (const [name, bytes] of Object.entries(FILES)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), bytes);
  }
  await chmod(path.join(folder, 'run.sh'), 0o755);
  await agentWorld.json(home, 'open', folder);
});

after(() => agentWorld.dispose());

test('a backup is one private file that verifies without a server', async () => {
  const made = await agentWorld.json(home, 'backup', 'project', archive);
  assert.equal(made['file'], archive);
  assert.equal((await stat(archive)).mode & 0o777, 0o600);
  assert.deepEqual(await besides(archive), []);
  const alone = agentWorld.home('nobody');
  const verified = await agentWorld.run(alone, 'verify', archive);
  assert.deepEqual(
    [verified.code, verified.out],
    [0, `verified ${String(made['ops'])} ops, 5 files\n`],
  );
  assert.equal((await hostStatus({ home: alone })).state, 'stopped');
  const again = await agentWorld.run(home, 'backup', 'project', archive);
  assert.deepEqual([again.code, /--force/.test(again.err)], [2, true]);
  assert.equal((await agentWorld.run(home, 'backup', 'project', archive, '--force')).code, 0);
});

test('a world restored elsewhere has the same ops, hash for hash, and goes into a folder whole', async () => {
  const other = agentWorld.home('other');
  const target = path.join(agentWorld.place, 'again');
  const restored = await agentWorld.json(other, 'restore', archive, '--folder', target);
  assert.deepEqual([restored['world'], restored['folder']], ['project', target]);
  await assertTree(target);
  const before = await verdictOf(home, 'project');
  const verdict = await verdictOf(other, target);
  // Another home is another person to the host: one op more makes them an owner.
  assert.equal(verdict.ops, before.ops + 1);
  const list = await agentWorld.run(other, 'worlds');
  assert.match(list.out, /^project .*again$/m);
  assert.doesNotMatch(list.out, /unfinished/);
  const again = await agentWorld.run(other, 'restore', archive, '--folder', target);
  assert.equal(again.code, 4, again.err);
});

test('a world restored beside itself is the same to the last hash', async () => {
  const restored = await agentWorld.json(home, 'restore', archive);
  const copy = await verdictOf(home, String(restored['database']));
  assert.deepEqual(copy, await verdictOf(home, folder));
});

test('an archive in which one bit is another is refused, and nothing is made', async () => {
  const bytes = await readFile(archive);
  const worlds = await agentWorld.run(home, 'worlds');
  for (const at of [0, 9, 200, bytes.length >> 1, bytes.length - 3]) {
    const damaged = path.join(agentWorld.place, `damaged-${at}.world`);
    const flipped = Buffer.from(bytes);
    flipped[at]! ^= 4;
    await writeFile(damaged, flipped);
    const refused = await agentWorld.run(home, 'restore', damaged);
    assert.deepEqual([refused.code, refused.out], [1, ''], `byte ${at}`);
    assert.match(refused.err, /does not verify/);
    const verdict = await agentWorld.run(home, 'verify', damaged, '--json');
    assert.deepEqual([verdict.code, JSON.parse(verdict.out).verdict.tag], [1, 'bad_archive']);
  }
  const missing = await agentWorld.run(home, 'restore', '/no/such/file');
  assert.deepEqual([missing.code, /no such file/.test(missing.err)], [1, true]);
  assert.equal((await agentWorld.run(home, 'worlds')).out, worlds.out);
});

test('a snapshot is all files at one point, byte for byte', async () => {
  const now = path.join(agentWorld.place, 'now');
  const made = await agentWorld.json(home, 'snapshot', now, '--world', folder);
  assert.equal(made['files'], 5);
  await assertTree(now);
  const refused = await agentWorld.run(home, 'snapshot', now, '--world', folder);
  assert.deepEqual([refused.code, /not empty/.test(refused.err)], [2, true]);
  await writeFile(path.join(now, 'README.md'), 'mine');
  await writeFile(path.join(now, 'other.txt'), 'stays');
  assert.equal((await agentWorld.run(home, 'snapshot', now, '--world', folder, '--force')).code, 0);
  assert.equal(await readFile(path.join(now, 'other.txt'), 'utf8'), 'stays');
  assert.deepEqual(await readFile(path.join(now, 'README.md')), FILES['README.md']);
  // The first ops are about the owner and the rules: there are no files yet.
  const early = path.join(agentWorld.place, 'early');
  assert.equal(
    (await agentWorld.json(home, 'snapshot', '2', early, '--world', folder))['files'],
    0,
  );
  const late = await agentWorld.run(home, 'snapshot', '99999', early, '--world', folder);
  assert.deepEqual([late.code, /no op 99999/.test(late.err)], [4, true]);
});

test('an upgrade says when there is nothing to do, and does it when there is', async () => {
  assert.match((await agentWorld.run(home, 'upgrade', folder)).out, /nothing to do/);
  const module = path.join(agentWorld.dist, 'module.js');
  const source = await readFile(module);
  await writeFile(module, Buffer.concat([source, Buffer.from('\n// newer\n')]));
  const before = await verdictOf(home, folder);
  assert.match((await agentWorld.run(home, 'upgrade', folder)).out, /now, with all of its \d+ ops/);
  assert.deepEqual(await verdictOf(home, folder), before);
  const column = /(["']soft_lock["'][^]+?firstLine:\s*\w+)\.u32\(\)/;
  const other = source.toString('utf8').replace(column, '$1.u64()');
  assert.notEqual(other, source.toString('utf8'));
  await writeFile(module, other);
  const refused = await agentWorld.run(home, 'upgrade', folder);
  const isTold = /table soft_lock: column firstLine has another type/.test(refused.err);
  assert.deepEqual([refused.code, isTold], [4, true], refused.err);
  await writeFile(module, source);
  assert.deepEqual(await verdictOf(home, folder), before);
});

test('a world moves to another server, and back, with its folder', async () => {
  const there = agentWorld.home('there');
  await agentWorld.run(there, 'host', 'start');
  const status = await hostStatus({ home: there });
  assert.ok(status.state === 'running');
  const uri = await addressOf(there);
  const before = await verdictOf(home, folder);
  const moved = await agentWorld.json(home, 'move', folder, '--to', uri);
  assert.equal(moved['folder'], folder);
  const after = await verdictOf(home, folder);
  assert.equal(after.ops, before.ops + 1);
  const old = moved['old'] as { readonly database: string; readonly deleted: boolean };
  assert.equal(old.deleted, false);
  assert.match((await agentWorld.run(home, 'worlds')).out, new RegExp(`${old.database}.*moved to`));
  assert.deepEqual(await verdictOf(home, old.database), before, 'the old world is kept');
  const back = await agentWorld.json(home, 'move', folder, '--to', 'embedded', '--delete-old');
  assert.equal((back['old'] as { deleted: boolean }).deleted, true);
  assert.equal((await verdictOf(home, folder)).ops, after.ops, 'here they were a member before');
  const again = await agentWorld.run(home, 'move', folder, '--to', 'embedded');
  assert.deepEqual([again.code, /already/.test(again.err)], [4, true]);
});

async function verdictOf(where: string, world: string): Promise<{ readonly ops: number }> {
  const { verdict } = await agentWorld.json(where, 'verify', world);
  return verdict as { readonly ops: number };
}

async function addressOf(where: string): Promise<string> {
  const { uri } = JSON.parse(await readFile(path.join(where, 'host.json'), 'utf8')) as {
    readonly uri: string;
  };
  return uri;
}

async function assertTree(root: string): Promise<void> {
  for (const [name, bytes] of Object.entries(FILES)) {
    assert.deepEqual(await readFile(path.join(root, name)), Buffer.from(bytes), name);
  }
  assert.notEqual((await stat(path.join(root, 'run.sh'))).mode & 0o100, 0);
  assert.equal((await stat(path.join(root, 'README.md'))).mode & 0o100, 0);
  const found = await readdir(root, { recursive: true, withFileTypes: true });
  assert.equal(found.filter((entry) => entry.isFile()).length, Object.keys(FILES).length);
}

/** Other files whose names begin like this one's. */
async function besides(file: string): Promise<readonly string[]> {
  const name = path.basename(file);
  return (await readdir(path.dirname(file))).filter((each) => each.startsWith(`${name}.`));
}
