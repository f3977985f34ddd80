import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  exitOf,
  killIfAlive,
  openHostLab,
  recordOf,
  until,
  type HostLab,
} from '../harness/host-life.ts';
import { connectLedger, markOf } from '../harness/ledger-client.ts';
import { publishLedger } from '../harness/ledger-server.ts';
import {
  readTrace,
  requireStrace,
  straceCommand,
  type TracedCall,
} from '../harness/syscall-trace.ts';

const WRITES = 120;

describe('acknowledged means on disk', { timeout: 300_000, skip: notLinux() }, () => {
  let lab: HostLab;
  let host: ChildProcess | undefined;
  before(async () => {
    lab = await openHostLab();
  });
  after(async () => {
    if (host?.pid !== undefined && host.exitCode === null) killIfAlive(host.pid);
    await lab.dispose();
  });

  it('sends no answer before the file that holds the write was synced', async (test) => {
    requireStrace((message) => test.diagnostic(message));
    const home = lab.newHome();
    const output = path.join(lab.directory, 'trace');
    const [command = '', ...argv] = straceCommand(output);
    host = spawn(
      command,
      [...argv, process.execPath, lab.hostScript, '--home', home, '--version', '1.0.0'],
      { stdio: 'inherit' },
    );
    await until(async () => (await recordOf(home)) !== undefined || host?.exitCode !== null);
    const record = await recordOf(home);
    assert.ok(record, 'the host did not start under strace');

    const marks = await writeToLedger(record.uri);
    process.kill(record.pid, 'SIGTERM');
    assert.equal(await exitOf(host), 0);
    const calls = await readTrace(output);
    for (const mark of marks) assertSyncedBeforeAnswered(calls, mark, home);
    const syncs = calls.filter(isSync).length;
    test.diagnostic(`${marks.length} answers after their sync, ${syncs} syncs in all`);
  });
});

/** Alone and pipelined, so that both single and grouped commits are seen. */
async function writeToLedger(uri: string): Promise<string[]> {
  const token = await publishLedger(uri, 'ledger');
  const client = await connectLedger(uri, 'ledger', token);
  await client.subscribe(); // an answer then carries the rows it added
  for (let number = 0; number < WRITES / 2; number += 1) await client.append(1, number);
  const rest = Array.from({ length: WRITES / 2 }, (_, place) => WRITES / 2 + place);
  await Promise.all(rest.map((number) => client.append(1, number)));
  client.close();
  await client.closed;
  return Array.from({ length: WRITES }, (_, number) => markOf(1, number));
}

function assertSyncedBeforeAnswered(
  calls: readonly TracedCall[],
  mark: string,
  home: string,
): void {
  const carrying = calls.filter(({ text }) => text.includes(mark));
  const answer = carrying.find(({ target }) => target.startsWith('TCP:'));
  assert.ok(answer, `no answer carries ${mark}`);
  const written = carrying.find(({ target }) => target.startsWith(home));
  assert.ok(written, `no write to disk carries ${mark}`);
  const sync = calls.find(
    (call) => isSync(call) && call.target === written.target && call.began > written.ended,
  );
  assert.ok(sync, `${written.target} was never synced after ${mark}`);
  assert.ok(sync.ended < answer.began, `${mark} was answered before ${written.target} was synced`);
}

function isSync({ name }: TracedCall): boolean {
  return name === 'fsync' || name === 'fdatasync';
}

function notLinux(): string | false {
  return process.platform === 'linux' ? false : 'system calls are traced on Linux only';
}
