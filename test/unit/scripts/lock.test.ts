import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { withLock } from '../../../scripts/setup/lock.mjs';

const previous = process.env['AGENT_WORLD_CACHE'];
let cache: string;

before(() => {
  cache = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-lock-'));
  process.env['AGENT_WORLD_CACHE'] = cache;
});

after(() => {
  if (previous === undefined) delete process.env['AGENT_WORLD_CACHE'];
  else process.env['AGENT_WORLD_CACHE'] = previous;
  fs.rmSync(cache, { recursive: true, force: true });
});

const lockFile = (name: string): string => path.join(cache, 'locks', `${name}.lock`);

test('two set-ups under one name run one after the other', async () => {
  const events: string[] = [];
  const first = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const one = withLock('shared', async () => {
    events.push('one starts');
    started.resolve();
    await first.promise;
    events.push('one ends');
  });
  await started.promise;
  const two = withLock('shared', async () => void events.push('two'));
  first.resolve();
  await Promise.all([one, two]);
  assert.deepEqual(events, ['one starts', 'one ends', 'two']);
});

test('the lock of a process that died is taken over', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  fs.mkdirSync(path.dirname(lockFile('dead')), { recursive: true });
  fs.writeFileSync(lockFile('dead'), String(pid));
  assert.equal(await withLock('dead', async () => 'done'), 'done');
});

test('a lock that nobody has touched for long is taken over, whoever has its number now', async () => {
  fs.mkdirSync(path.dirname(lockFile('old')), { recursive: true });
  fs.writeFileSync(lockFile('old'), String(process.ppid));
  const longAgo = new Date(Date.now() - 120_000);
  fs.utimesSync(lockFile('old'), longAgo, longAgo);
  assert.equal(await withLock('old', async () => 'done'), 'done');
});

test('a failure gives the lock back', async () => {
  const failing = withLock('failing', () => Promise.reject(new Error('no')));
  await assert.rejects(failing, /no/);
  assert.equal(fs.existsSync(lockFile('failing')), false);
});
