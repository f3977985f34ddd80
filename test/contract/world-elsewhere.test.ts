// Commands on a world that is on another host than this home's own.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { startHoldingProxy } from '../harness/holding-proxy.ts';
import { ended, InstalledCommand } from '../harness/installed-command.ts';

let installed: InstalledCommand;
let here: string;
let project: string;
/** The other host. */
let elsewhere: string;

before(async () => {
  installed = await InstalledCommand.install();
  here = installed.home('here');
  const there = installed.home('there');
  project = path.join(installed.place, 'project');
  await mkdir(project);
  await writeFile(path.join(project, 'a.md'), 'one\n');
  await installed.run(there, 'host', 'start');
  const record = await readFile(path.join(there, 'host.json'), 'utf8');
  elsewhere = (JSON.parse(record) as { readonly uri: string }).uri;
  await installed.json(here, 'publish', project, '--server', elsewhere);
});

after(() => installed.dispose());

test('a mirror keeps a directory in step with a world on another host', async () => {
  const directory = path.join(installed.place, 'of scribe');
  const args = ['mirror', directory, '--as', 'scribe', '--world', project, '--json'];
  const mirror = installed.start(here, ...args);
  const end = ended(mirror);
  try {
    await printed(mirror.stdout, '"pulled"');
    assert.equal(await readFile(path.join(directory, 'a.md'), 'utf8'), 'one\n');
    const watch = installed.start(here, 'watch', project, '--from', '1', '--json');
    const watched = ended(watch);
    await writeFile(path.join(directory, 'b.md'), 'two\n');
    await printed(watch.stdout, '"b.md"');
    watch.kill('SIGINT');
    assert.equal((await watched).code, 0);
  } finally {
    mirror.kill('SIGINT');
    assert.equal((await end).code, 0);
  }
});

test('a command that waits says for what, and goes on when it comes', async (t) => {
  const address = new URL(elsewhere);
  const proxy = await startHoldingProxy(Number(address.port));
  t.after(() => proxy.close());
  proxy.release();
  address.port = String(proxy.port);
  const slow = path.join(installed.place, 'slow');
  await mkdir(slow);
  await installed.json(here, 'publish', slow, '--server', address.href);
  proxy.hold();
  const members = installed.start(here, 'members', slow);
  const end = ended(members);
  await printed(members.stderr, 'the server is loading the world');
  proxy.release();
  const { code, out } = await end;
  assert.deepEqual([code, /owner/.test(out)], [0, true], out);
});

test('a server that does not answer a request is waited for in words', async (t) => {
  const address = new URL(elsewhere);
  const proxy = await startHoldingProxy(Number(address.port));
  t.after(() => proxy.close());
  address.port = String(proxy.port);
  const late = path.join(installed.place, 'late');
  await mkdir(late);
  const publish = installed.start(here, 'publish', late, '--server', address.href);
  const end = ended(publish);
  await printed(publish.stderr, 'Waiting for the server’s answer');
  proxy.release();
  assert.equal((await end).code, 0);
});

/** Resolves once a command has printed this; rejects when it ends without. */
function printed(stream: ChildProcess['stdout'], text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let all = '';
    stream!.on('data', (bytes) => {
      all += String(bytes);
      if (all.includes(text)) resolve();
    });
    stream!.on('end', () => reject(new Error(`it ended without ${text}: ${all}`)));
  });
}
