import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { copyBuilds } from '../../../src/agents/copy-builds.ts';

let place: string;
let from: string;
let to: string;

beforeEach(() => {
  place = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-copies-')));
  from = path.join(place, 'project');
  to = path.join(place, 'project-claude');
  write('.gitignore', 'cache/\n.env\n');
  fs.mkdirSync(to);
  fs.copyFileSync(path.join(from, '.gitignore'), path.join(to, '.gitignore'));
});

afterEach(() => fs.rmSync(place, { recursive: true, force: true }));

function write(name: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(from, name)), { recursive: true });
  fs.writeFileSync(path.join(from, name), text);
}

function read(name: string): string {
  return fs.readFileSync(path.join(to, name), 'utf8');
}

const WANTED = {
  isLeftOut: (name: string): Promise<boolean> =>
    Promise.resolve(/(^|\/)(node_modules|cache|\.env)$/.test(name)),
  folders: ['node_modules', 'cache', '.venv', 'target'],
  files: [],
  mostFiles: 1000,
  mostBytes: 1e6,
};

test('installed packages are copied whole, with their times, in place of what was copied before', async () => {
  write('node_modules/a/index.js', 'one');
  fs.utimesSync(path.join(from, 'node_modules/a/index.js'), 1000, 1000);
  fs.chmodSync(path.join(from, 'node_modules/a/index.js'), 0o755);
  const first = await copyBuilds({ ...WANTED, from, to });
  assert.deepEqual(first, { copied: ['node_modules'], files: 1, bytes: 3, leftOut: [] });
  const copied = fs.statSync(path.join(to, 'node_modules/a/index.js'));
  assert.equal(copied.mtimeMs, 1_000_000);
  assert.equal(copied.mode & 0o777, 0o755);
  assert.equal(copied.nlink, 1);
  fs.rmSync(path.join(from, 'node_modules/a'), { recursive: true });
  write('node_modules/b/index.js', 'two');
  await copyBuilds({ ...WANTED, from, to });
  assert.deepEqual(fs.readdirSync(path.join(to, 'node_modules')), ['b']);
  assert.deepEqual(fs.readdirSync(place).sort(), ['project', 'project-claude'], 'nothing is left');
});

test('what the world would take in is not copied, nor is a secret that nobody asked for', async () => {
  write('target/out', 'x');
  write('cache/x', 'x');
  write('deep/cache/y', 'y');
  write('.env', 'SECRET=1');
  fs.mkdirSync(path.join(to, 'deep'));
  const { copied, leftOut } = await copyBuilds({ ...WANTED, from, to });
  assert.deepEqual(copied, ['cache', 'deep/cache']);
  assert.deepEqual(leftOut, [{ path: 'target', why: 'not_ignored' }]);
  assert.equal(fs.existsSync(path.join(to, '.env')), false);
  await copyBuilds({ ...WANTED, from, to, files: ['.env'] });
  assert.equal(read('.env'), 'SECRET=1');
  const isShared = (name: string): boolean => name === 'cache';
  assert.deepEqual((await copyBuilds({ ...WANTED, from, to, isShared })).copied, ['deep/cache']);
});

test('a link that stays in the folder is kept, a program elsewhere is copied, all others are left out', async () => {
  write('node_modules/.bin/run', '');
  fs.rmSync(path.join(from, 'node_modules/.bin/run'));
  write('node_modules/a/run.js', 'run');
  write('packages/own/index.js', 'own');
  fs.symlinkSync('../a/run.js', path.join(from, 'node_modules/.bin/run'));
  fs.symlinkSync(path.join(from, 'packages/own'), path.join(from, 'node_modules/own'));
  fs.writeFileSync(path.join(place, 'key'), 'SECRET', { mode: 0o600 });
  fs.writeFileSync(path.join(place, 'python'), 'program', { mode: 0o755 });
  fs.symlinkSync(path.join(place, 'key'), path.join(from, 'node_modules/key'));
  fs.symlinkSync(place, path.join(from, 'node_modules/out'));
  fs.symlinkSync(path.join(place, 'python'), path.join(from, 'node_modules/python'));
  const { leftOut } = await copyBuilds({ ...WANTED, from, to });
  assert.deepEqual(leftOut, [{ path: 'node_modules', why: 'leads_out' }]);
  assert.equal(fs.readlinkSync(path.join(to, 'node_modules/.bin/run')), '../a/run.js');
  assert.equal(fs.readlinkSync(path.join(to, 'node_modules/own')), '../packages/own');
  assert.equal(read('node_modules/python'), 'program');
  assert.deepEqual(fs.readdirSync(path.join(to, 'node_modules')).sort(), [
    '.bin',
    'a',
    'own',
    'python',
  ]);
});

test('what is too much is left out whole, and one that is ended leaves what was there', async () => {
  write('node_modules/a', 'x'.repeat(10));
  write('cache/b', 'x');
  const bounded = await copyBuilds({ ...WANTED, from, to, mostBytes: 5 });
  assert.deepEqual(bounded.copied, ['cache']);
  assert.deepEqual(bounded.leftOut, [{ path: 'node_modules', why: 'too_much' }]);
  const signal = AbortSignal.abort();
  await assert.rejects(copyBuilds({ ...WANTED, from, to, signal }), /abort/i);
  assert.deepEqual(fs.readdirSync(to).sort(), ['.gitignore', 'cache']);
  fs.symlinkSync(place, path.join(to, 'deep'));
  write('deep/cache/z', 'z');
  const { leftOut } = await copyBuilds({ ...WANTED, from, to });
  assert.deepEqual(leftOut, [{ path: 'deep/cache', why: 'in_the_way' }]);
});
