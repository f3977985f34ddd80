import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { tryLock } from '../../../src/host/process-lock.ts';

describe('a lock that ends with its process', () => {
  let directory: string;
  let file: string;
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'agent-world-lock-'));
    file = path.join(directory, 'some.lock');
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('is held by one, within a process too, until it is released', () => {
    const first = tryLock(file);
    assert.ok(first.kind === 'held');
    assert.equal(tryLock(file).kind, 'busy');
    assert.equal(tryLock(file).kind, 'busy', 'a failed attempt takes nothing away');
    first.release();
    first.release();
    const second = tryLock(file);
    assert.ok(second.kind === 'held');
    second.release();
  });

  it('is free the moment its holder was killed', { timeout: 30_000 }, async () => {
    const module = new URL('../../../src/host/process-lock.ts', import.meta.url).href;
    const program = `
      const { tryLock } = await import(${JSON.stringify(module)});
      console.log(tryLock(${JSON.stringify(file)}).kind);
      setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = await once(holder.stdout, 'data');
    assert.equal(String(said).trim(), 'held');
    assert.equal(tryLock(file).kind, 'busy');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const lock = tryLock(file);
    assert.ok(lock.kind === 'held');
    lock.release();
  });

  it('knows when its file was taken away', { skip: process.platform === 'win32' }, async () => {
    const lock = tryLock(file);
    assert.ok(lock.kind === 'held');
    assert.equal(lock.guardsItsPath(), true);
    await rm(file);
    assert.equal(lock.guardsItsPath(), false);
    const other = tryLock(file);
    assert.ok(other.kind === 'held');
    assert.equal(lock.guardsItsPath(), false);
    lock.release();
    other.release();
  });

  it('throws where there can be no lock', () => {
    assert.throws(() => tryLock(path.join(directory, 'missing', 'some.lock')));
  });
});
