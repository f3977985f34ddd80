// An agent whose client has no hooks: a file of its folder tells what happened, and which of its writes were refused.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { NOTICES_FILE } from '../../src/world/own-names.ts';
import { InstalledCommand } from '../harness/installed-command.ts';
import { RunningMirror } from '../harness/running-mirror.ts';
import { until } from '../harness/until.ts';

let installed: InstalledCommand;
let home: string;
let project: string;

before(async () => {
  installed = await InstalledCommand.install();
  home = installed.home('home');
  project = path.join(installed.place, 'project');
  fs.mkdirSync(project);
  for (const name of ['a.md', 'b.md']) {
    fs.writeFileSync(path.join(project, name), 'one\ntwo\nthree\n');
  }
  const { code, err } = await installed.run(home, 'open', project);
  assert.equal(code, 0, err);
});

after(() => installed.dispose());

test('news come in a file of the agent’s folder, which is in no world, and go again', async () => {
  const [qwen, bob] = [start('qwen'), start('bob')];
  try {
    await Promise.all([qwen.says('pulled'), bob.says('pulled')]);
    assert.equal(fs.existsSync(qwen.at(NOTICES_FILE)), false, 'there is nothing to tell');

    qwen.write('a.md', 'one\ntwo\nthree, by qwen\n');
    await bob.has('a.md', 'one\ntwo\nthree, by qwen\n');
    bob.write('a.md', 'one, by bob\ntwo\nthree, by qwen\n');
    bob.write('b.md', 'of no interest to qwen\n');
    await qwen.has('a.md', 'one, by bob\ntwo\nthree, by qwen\n');
    const changed = await notices(qwen, /by bob/);
    assert.match(changed, /a\.md changed by bob/);
    assert.match(changed, /-one\n\+one, by bob/);
    assert.doesNotMatch(changed, /b\.md|by qwen/, 'neither what it never touched nor its own');

    await run('note', 'hello', '--to', 'qwen', '--in', project);
    await notices(qwen, /hello/);

    // Others have none of it, whatever the agent does there.
    fs.appendFileSync(qwen.at(NOTICES_FILE), 'more\n');
    qwen.write('c.md', 'c\n');
    await bob.has('c.md', 'c\n');
    await installed.json(home, 'mirror', qwen.directory, '--pull');
    assert.equal(fs.existsSync(bob.at(NOTICES_FILE)), false);
    const { out } = await run('history', project, '--json');
    assert.doesNotMatch(out, /agent-world\.md/);
    const status = await run('mirror', qwen.directory, '--status');
    assert.doesNotMatch(status.out, /agent-world\.md/);
  } finally {
    await Promise.all([qwen[Symbol.asyncDispose](), bob[Symbol.asyncDispose]()]);
  }
});

test('what is written during a pause stays on disk, the file says by whom, and it comes in afterwards', async () => {
  await using qwen = start('pia');
  await using watcher = start('watcher');
  await Promise.all([qwen.says('pulled'), watcher.says('pulled')]);
  await run('members', project, '--change', 'pia', '--pause');
  await notices(qwen, /has paused pia since/);
  qwen.write('late.md', 'made while paused\n');
  const said = await qwen.says('refused');
  assert.equal(said['copy'], '');
  await notices(qwen, /refused: paused\].*late\.md is not in the world: .* has paused pia/);
  assert.equal(qwen.read('late.md'), 'made while paused\n');
  await run('members', project, '--change', 'pia', '--resume');
  await watcher.has('late.md', 'made while paused\n');
  await until(() => !/paused/.test(readNotices(qwen)));
});

test('a write that the world refuses is named with holder, reason and copy until one is taken', async () => {
  await using qwen = start('cline');
  await qwen.says('pulled');
  const locked = await run('locks', project, '--claim', 'b.md:1-1', '--reason', 'mine');
  assert.equal(locked.code, 0, locked.err);
  qwen.write('b.md', qwen.read('b.md').replace(/^.*/, 'cline was here'));
  const { copy } = await qwen.says('refused');
  const text = await notices(qwen, /refused: locked/);
  assert.match(text, /Your write to b\.md is not in the world: .* has claimed line/);
  assert.match(text, /The reason: mine\./);
  assert.ok(text.includes(`What you wrote is kept in ${String(copy)}.`));
  assert.match(fs.readFileSync(String(copy), 'utf8'), /^cline was here/);
  assert.match(text, /^- Work elsewhere, or wait for the end of the claim/m);
  const claims = await run('locks', project, '--json');
  const { lock } = JSON.parse(claims.out.split('\n')[0]!) as { readonly lock: number };
  await run('locks', project, '--release', String(lock));
  qwen.write('b.md', qwen.read('b.md').replace(/^.*/, 'cline was here'));
  await until(() => !readNotices(qwen).includes('refused: locked'));
});

function start(name: string): RunningMirror {
  return RunningMirror.start({ installed, home, project }, name);
}

function run(...args: readonly string[]) {
  return installed.run(home, ...args);
}

async function notices(mirror: RunningMirror, wanted: RegExp): Promise<string> {
  await until(() => wanted.test(readNotices(mirror)));
  return readNotices(mirror);
}

function readNotices(mirror: RunningMirror): string {
  const file = mirror.at(NOTICES_FILE);
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}
