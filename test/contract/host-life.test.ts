import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { newHostSecrets, hostUri, type HostRecord } from '../../src/host/discovery.ts';
import { hostStatus, stopHost } from '../../src/host/handover.ts';
import { homeAt } from '../../src/host/home.ts';
import { HostError, type HostErrorCode } from '../../src/host/host-error.ts';
import { tryLock } from '../../src/host/process-lock.ts';
import {
  exitOf,
  openHostLab,
  recordOf,
  startHostProcess,
  until,
  type HostLab,
} from '../harness/host-life.ts';

const run = promisify(execFile);
const onWindows = process.platform === 'win32';

describe('the life of the embedded host', { timeout: 300_000 }, () => {
  let lab: HostLab;
  before(async () => {
    lab = await openHostLab();
  });
  after(() => lab.dispose());

  it('starts once for twenty processes that ask at the same time', async () => {
    const home = lab.newHome();
    const options = JSON.stringify(lab.options(home));
    const asked = Array.from({ length: 20 }, () =>
      run(process.execPath, [lab.ensureScript, options]),
    );
    const answers = (await Promise.all(asked)).map(({ stdout }) => stdout);
    assert.equal(new Set(answers).size, 1);
    const log = await readFile(path.join(home, 'logs', 'host.log'), 'utf8');
    assert.equal(log.match(/host\.started/g)?.length, 1);
  });

  it('starts once for many calls inside one process', async () => {
    const home = lab.newHome();
    const hosts = await Promise.all(Array.from({ length: 8 }, () => lab.ensure(home)));
    assert.equal(new Set(hosts.map(({ pid }) => pid)).size, 1);
    assert.equal((await lab.ensure(home)).pid, hosts[0]?.pid);
  });

  it('keeps its address where only its user can read it, and out of the log', async () => {
    const home = lab.newHome();
    const host = await lab.ensure(home);
    const record = await recordOf(home);
    assert.equal(record?.uri, host.uri);
    assert.equal(record?.uri, `http://127.0.0.1:${record?.port}/${record?.key}/`);
    const log = await readFile(path.join(home, 'logs', 'host.log'), 'utf8');
    assert.ok(!log.includes(record?.key ?? ''));
    if (onWindows) return;
    assert.equal((await stat(path.join(home, 'host.json'))).mode & 0o777, 0o600);
    assert.equal((await stat(home)).mode & 0o777, 0o700);
  });

  it(
    'lets its own compiler and collector give way to the thread that answers',
    { skip: process.platform !== 'linux' },
    async () => {
      const { pid } = await lab.ensure(lab.newHome());
      assert.ok(pid);
      const threads = (await readdir(`/proc/${pid}/task`)).map(Number);
      const weights = new Map(threads.map((thread) => [thread, os.getPriority(thread)]));
      const own = os.getPriority();
      assert.equal(weights.get(pid), own);
      // There is no lower weight than 19: whoever runs all this with little weight gets there.
      const lower = Math.min(own + 10, 19);
      const helpers = [...weights.values()].filter((priority) => priority === lower);
      assert.ok(helpers.length >= 4, `priorities of its threads: ${[...weights.values()].join()}`);
    },
  );

  it(
    'inherits no secret from whoever starts it',
    { skip: process.platform !== 'linux' },
    async () => {
      const home = lab.newHome();
      const environment = { ...process.env, SOME_API_TOKEN: 'hunter2', NODE_OPTIONS: '--title=x' };
      const host = await lab.ensure(home, { environment });
      const inherited = await readFile(`/proc/${host.pid}/environ`, 'utf8');
      assert.doesNotMatch(inherited, /hunter2|NODE_OPTIONS/);
      assert.match(inherited, /ELECTRON_RUN_AS_NODE=1/);
    },
  );

  it('uses the host that AGENT_WORLD_HOST_URI names, and starts none', async () => {
    const home = lab.newHome();
    const environment = { AGENT_WORLD_HOST_URI: 'http://127.0.0.1:9/key' };
    const host = await lab.ensure(home, { environment });
    assert.equal(host.uri, 'http://127.0.0.1:9/key/');
    await assert.rejects(stat(home), { code: 'ENOENT' });
  });

  it('is replaced after SIGKILL, whatever its record still says', async () => {
    const home = lab.newHome();
    const first = await lab.ensure(home);
    process.kill(first.pid as number, 'SIGKILL');
    await until(async () => (await hostStatus({ home })).state === 'stopped');
    assert.equal((await recordOf(home))?.pid, first.pid);
    const second = await lab.ensure(home);
    assert.notEqual(second.pid, first.pid);
    assert.notEqual(second.uri, first.uri);
  });

  for (const garbage of ['', '{', 'null', '[]', '{"pid":1}', '\u0000\u0001']) {
    it(`starts over a record of garbage: ${JSON.stringify(garbage)}`, async () => {
      const home = lab.newHome();
      await mkdir(home, { mode: 0o700 });
      await writeFile(path.join(home, 'host.json'), garbage);
      assert.equal((await lab.ensure(home)).version, '1.0.0');
    });
  }

  it('takes nobody for its host who cannot prove it wrote the record', async () => {
    const home = lab.newHome();
    await mkdir(home, { mode: 0o700 });
    const impostor = createServer((_request, response) => {
      response.end(JSON.stringify({ version: '9.9.9', pid: process.pid, proof: 'guessed' }));
    });
    impostor.listen(0, '127.0.0.1');
    await once(impostor, 'listening');
    const port = (impostor.address() as AddressInfo).port;
    await writeFile(path.join(home, 'host.json'), JSON.stringify(recordAt(port)));
    const host = await lab.ensure(home);
    assert.notEqual(host.pid, process.pid);
    assert.equal(host.version, '1.0.0');
    impostor.close();
  });

  it('puts its record back when somebody deletes or overwrites it', async () => {
    const home = lab.newHome();
    const { pid } = await lab.ensure(home);
    const file = path.join(home, 'host.json');
    await rm(file);
    assert.equal((await lab.ensure(home)).pid, pid);
    await writeFile(file, 'nonsense');
    assert.equal((await lab.ensure(home)).pid, pid);
  });

  it('ends when its lock file was removed, before another host serves the home', async () => {
    const home = lab.newHome();
    const child = startHostProcess(lab, home);
    await until(async () => (await recordOf(home)) !== undefined);
    await rm(homeAt(home).hostLock);
    assert.equal(await exitOf(child), 0);
    assert.match(await readFile(path.join(home, 'logs/host.log'), 'utf8'), /reason="lock_lost"/);
  });

  it('hands over to a newer version, and serves older clients as it is', async () => {
    const home = lab.newHome();
    const old = await lab.ensure(home);
    const [first, second] = await Promise.all([
      lab.ensure(home, { version: '1.1.0' }),
      lab.ensure(home, { version: '1.1.0' }),
    ]);
    assert.equal(first.version, '1.1.0');
    assert.equal(first.pid, second.pid);
    assert.notEqual(first.pid, old.pid);
    assert.equal((await lab.ensure(home)).pid, first.pid);
    const log = await readFile(path.join(home, 'logs/host.log'), 'utf8');
    assert.deepEqual(
      [...log.matchAll(/host\.(?:started|ended)/g)].map(([event]) => event),
      ['host.started', 'host.ended', 'host.started'],
    );
  });

  it('ends up as the newest version when clients of several ask at the same time', async () => {
    const home = lab.newHome();
    const versions = Array.from({ length: 12 }, (_, place) => `1.${place % 3}.0`);
    await Promise.all(
      versions.map((version) => {
        const options = JSON.stringify(lab.options(home, { version }));
        return run(process.execPath, [lab.ensureScript, options]);
      }),
    );
    assert.equal((await lab.ensure(home)).version, '1.2.0');
    const log = await readFile(path.join(home, 'logs/host.log'), 'utf8');
    const events = [...log.matchAll(/host\.(started|ended)/g)].map(([, event]) => event);
    for (const [place, event] of events.entries()) {
      assert.equal(event, place % 2 === 0 ? 'started' : 'ended', 'never two hosts at once');
    }
    assert.ok(events.length <= 5, 'one start a version');
  });

  it('ends when idle, with exit code 0 and no record left', async () => {
    const home = lab.newHome();
    const child = startHostProcess(lab, home, '--idle-exit-ms', '200');
    assert.equal(await exitOf(child), 0);
    assert.equal(await recordOf(home), undefined);
    assert.match(await readFile(path.join(home, 'logs/host.log'), 'utf8'), /reason="idle"/);
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`ends in order on ${signal}`, { skip: onWindows }, async () => {
      const home = lab.newHome();
      const child = startHostProcess(lab, home);
      await until(async () => (await hostStatus({ home })).state === 'running');
      child.kill(signal);
      assert.equal(await exitOf(child), 0);
      assert.equal(await recordOf(home), undefined);
    });
  }

  it('tells its status, and stops when asked', async () => {
    const home = lab.newHome();
    assert.deepEqual(await hostStatus({ home }), { state: 'stopped' });
    assert.equal(await stopHost({ home }), false);
    const { pid, uri } = await lab.ensure(home);
    const status = await hostStatus({ home });
    assert.equal(status.state, 'running');
    assert.deepEqual(status.state === 'running' && [status.pid, status.uri, status.connections], [
      pid,
      uri,
      0,
    ]);
    assert.equal(await stopHost({ home }), true);
    assert.deepEqual(await hostStatus({ home }), { state: 'stopped' });
    assert.equal(await recordOf(home), undefined);
  });

  it('says that a host is frozen', { skip: onWindows }, async () => {
    const home = lab.newHome();
    const { pid = 0 } = await lab.ensure(home);
    process.kill(pid, 'SIGSTOP');
    assert.deepEqual(await hostStatus({ home }), { state: 'unresponsive', pid });
  });

  it('says which runtime lacks SQLite', { skip: onWindows }, async () => {
    const runtime = await fakeRuntime(
      'old runtime',
      `"${process.execPath}" --require "${await writeScript('hide-sqlite.cjs', HIDE_SQLITE)}"`,
    );
    await assert.rejects(
      lab.ensure(lab.newHome(), { runtime }),
      failsWith('runtime_too_old', /has Node \d+.*needs node:sqlite .*VS Code 1\.103/),
    );
  });

  it('says that the runtime is missing, or that the host crashed', async () => {
    await assert.rejects(
      lab.ensure(lab.newHome(), { runtime: path.join(lab.directory, 'no-such-node') }),
      failsWith('runtime_not_found', /no-such-node/),
    );
    await assert.rejects(
      lab.ensure(lab.newHome(), { hostScript: await writeScript('crash.cjs', 'boom()') }),
      failsWith('host_crashed', /host-output\.log/),
    );
  });

  it('says that the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await assert.rejects(lab.ensure(lab.newHome(), { port }), failsWith('port_taken', /\d+/));
    other.close();
  });

  it('gives up at the deadline or when cancelled, and lets the next caller through', async () => {
    const home = lab.newHome();
    const options = { hostScript: await writeScript('mute.cjs', 'setTimeout(() => {}, 1000)') };
    await assert.rejects(
      lab.ensure(home, { ...options, deadlineMs: 100 }),
      failsWith('start_timeout', /logs/),
    );
    const cancel = new AbortController();
    const waiting = lab.ensure(home, { ...options, signal: cancel.signal });
    setImmediate(() => cancel.abort());
    await assert.rejects(waiting, failsWith('cancelled', /cancelled/));
    assert.equal((await lab.ensure(home)).version, '1.0.0');
  });

  it('starts while another starter hangs only once that one lets go', async () => {
    const home = lab.newHome();
    await mkdir(home, { mode: 0o700 });
    const lock = tryLock(homeAt(home).startLock);
    assert.ok(lock.kind === 'held');
    await assert.rejects(lab.ensure(home, { deadlineMs: 50 }), failsWith('start_timeout', /./));
    const waiting = lab.ensure(home);
    lock.release();
    assert.equal((await waiting).version, '1.0.0');
  });

  it('refuses a home that others may write to', { skip: onWindows }, async () => {
    const home = lab.newHome();
    await mkdir(home);
    await chmod(home, 0o777);
    await assert.rejects(lab.ensure(home), failsWith('home_unsafe', /chmod go-w/));
    await chmod(home, 0o700);
  });

  for (const argv of [['--port', '70000'], ['--idle-exit-ms', '0'], ['--verbose'], ['stray']]) {
    it(`refuses ${argv.join(' ')}`, async () => {
      assert.equal(await exitOf(startHostProcess(lab, lab.newHome(), ...argv)), 64);
    });
  }

  async function writeScript(name: string, text: string): Promise<string> {
    const file = path.join(lab.directory, name);
    await writeFile(file, text);
    return file;
  }

  async function fakeRuntime(name: string, command: string): Promise<string> {
    const file = await writeScript(name, `#!/bin/sh\nexec ${command} "$@"\n`);
    await chmod(file, 0o700);
    return file;
  }
});

const HIDE_SQLITE = `
const find = process.getBuiltinModule;
process.getBuiltinModule = (name) => name === 'node:sqlite' ? undefined : find(name);
`;

function failsWith(code: HostErrorCode, message: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof HostError);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };
}

function recordAt(port: number): HostRecord {
  const secrets = newHostSecrets();
  return {
    pid: process.pid,
    port,
    ...secrets,
    uri: hostUri(port, secrets.key),
    version: '9.9.9',
    startedAt: new Date().toISOString(),
    runtime: process.execPath,
  };
}
