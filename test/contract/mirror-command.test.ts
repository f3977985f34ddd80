import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { ended, InstalledCommand } from '../harness/installed-command.ts';
import { RunningMirror } from '../harness/running-mirror.ts';
import { until } from '../harness/until.ts';

let installed: InstalledCommand;
let home: string;
let project: string;

before(async () => {
  installed = await InstalledCommand.install();
  home = installed.home('home');
  project = path.join(installed.place, 'project');
  for (const [file, text] of Object.entries({
    'a.md': 'one\ntwo\nthree\n',
    'held.md': 'one\ntwo\nthree\n',
    'disputed.md': 'one\ntwo\nthree\n',
    '.gitignore': 'built/\n*.log\n!kept.log\n',
    '.vscode/settings.json': '{\n  // Ours alone.\n  "agentWorld.exclude": ["/secret"],\n}\n',
    'built/out.js': 'made\n',
    'secret/key.txt': 'mine\n',
  })) {
    fs.mkdirSync(path.dirname(path.join(project, file)), { recursive: true });
    fs.writeFileSync(path.join(project, file), text);
  }
  const { code, err } = await installed.run(home, 'open', project);
  assert.equal(code, 0, err);
});

after(() => installed.dispose());

test('a directory of its own: an agent that only writes files works under its own name', async () => {
  await using scribe = startMirror('scribe');
  await scribe.says('pulled');
  assert.equal(scribe.read('a.md'), 'one\ntwo\nthree\n');
  assert.equal(fs.existsSync(scribe.at('built')), false, 'left out by .gitignore');
  assert.equal(fs.existsSync(scribe.at('secret')), false, 'left out by the setting');

  await using reader = startMirror('reader');
  await reader.says('pulled');
  scribe.write('a.md', 'one\ntwo, by the scribe\nthree\n');
  scribe.write('deep/new.md', 'new\n');
  fs.writeFileSync(scribe.at('run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  fs.writeFileSync(scribe.at('picture.bin'), Uint8Array.of(0, 1, 2));
  scribe.write('noise.log', 'noise\n');
  scribe.write('kept.log', 'kept\n');
  await reader.has('a.md', 'one\ntwo, by the scribe\nthree\n');
  assert.notDeepEqual(await placesOf('scribe'), [], 'others see in which file it writes');
  await reader.has('deep/new.md', 'new\n');
  await reader.has('run.sh', '#!/bin/sh\n');
  await reader.has('kept.log', 'kept\n');
  await until(() => fs.existsSync(reader.at('picture.bin')));
  assert.equal(fs.statSync(reader.at('run.sh')).mode & 0o111, 0o111, 'executable');
  assert.deepEqual([...fs.readFileSync(reader.at('picture.bin'))], [0, 1, 2]);

  fs.renameSync(scribe.at('deep'), scribe.at('other'));
  fs.chmodSync(scribe.at('run.sh'), 0o644);
  await reader.has('other/new.md', 'new\n');
  await until(() => !fs.existsSync(reader.at('deep')));
  await until(() => (fs.statSync(reader.at('run.sh')).mode & 0o111) === 0);
  fs.rmSync(scribe.at('other'), { recursive: true });
  await until(() => !fs.existsSync(reader.at('other')));
  assert.equal(fs.existsSync(reader.at('noise.log')), false);

  // What the rules let in from now on comes in, and what is in the world stays.
  scribe.write('.gitignore', 'built/\n');
  await reader.has('noise.log', 'noise\n');
  assert.equal(reader.read('kept.log'), 'kept\n');
  const op = await firstOp(({ kind, path: file }) => kind === 'edit' && file === 'a.md');
  assert.equal(op['name'], 'scribe');
});

test('with --hold others’ changes come when asked, and the agent’s own go out at once', async () => {
  await using writer = startMirror('writer');
  await using tester = startMirror('tester', '--hold');
  await Promise.all([writer.says('pulled'), tester.says('pulled')]);
  writer.write('held.md', 'one\ntwo\nthree, by the writer\n');
  writer.write('made.md', 'made\n');
  tester.write('held.md', 'one, by the tester\ntwo\nthree\n');
  await writer.has('held.md', 'one, by the tester\ntwo\nthree, by the writer\n');
  tester.write('held.md', 'one, by the tester\ntwo, too\nthree\n');
  await writer.has('held.md', 'one, by the tester\ntwo, too\nthree, by the writer\n');
  assert.equal(tester.read('held.md'), 'one, by the tester\ntwo, too\nthree\n', 'it does not move');
  await created('made.md');
  assert.equal(fs.existsSync(tester.at('made.md')), false);

  const pulled = await installed.json(home, 'mirror', tester.directory, '--pull');
  assert.equal(pulled['tag'], 'pulled');
  assert.equal(tester.read('held.md'), 'one, by the tester\ntwo, too\nthree, by the writer\n');
  assert.equal(tester.read('made.md'), 'made\n');

  // Both change one line: the one that comes second is a ticket, and the file waits for the pull.
  writer.write('disputed.md', 'one\nTWO\nthree\n');
  await until(() => fs.existsSync(writer.at('disputed.md')));
  await using reader = startMirror('late reader');
  await reader.says('pulled');
  await reader.has('disputed.md', 'one\nTWO\nthree\n');
  tester.write('disputed.md', 'one\nzwei\nthree\n');
  const told = await tester.says('ticketed');
  assert.equal(told['path'], 'disputed.md');
  assert.equal(tester.read('disputed.md'), 'one\nzwei\nthree\n');
  await installed.json(home, 'mirror', tester.directory, '--pull');
  assert.equal(tester.read('disputed.md'), 'one\nTWO\nthree\n');
});

test('a file that was made on both sides while a mirror was away is told as a ticket with both', async () => {
  const gone = startMirror('was away');
  await gone.says('pulled');
  await gone[Symbol.asyncDispose]();
  gone.write('both.md', 'by who was away\n');
  await using writer = startMirror('was there');
  await writer.says('pulled');
  writer.write('both.md', 'by who was there\n');
  await created('both.md');
  await using back = startMirror('was away');
  assert.equal((await back.says('ticketed'))['path'], 'both.md');
  await back.has('both.md', 'by who was there\n');
  const shown = await installed.run(home, 'tickets', project, '--text');
  assert.match(shown.out, /both\.md/);
  assert.match(shown.out, /by who was away/);
});

test('a file that is overwritten with more than a message holds is told, and the mirror goes on', async () => {
  await using writer = startMirror('large writer');
  await writer.says('pulled');
  writer.write('grown.md', 'small\n');
  await using reader = startMirror('large reader');
  await reader.has('grown.md', 'small\n');
  fs.writeFileSync(writer.at('grown.md'), Buffer.alloc(33 * 1024 * 1024, 1));
  const told = await writer.says('refused');
  assert.deepEqual([told['path'], told['code']], ['grown.md', 'too_large']);
  writer.write('beside.md', 'beside\n');
  await reader.has('beside.md', 'beside\n');
  assert.equal(reader.read('grown.md'), 'small\n');
  assert.deepEqual([writer.saidOf('outside'), writer.saidOf('refused').length], [[], 1], 'once');
  writer.write('grown.md', 'small again\n');
  await reader.has('grown.md', 'small again\n');
});

test('names that collide, kinds that change, and names that no world can have lose nothing', async (t) => {
  await using scribe = startMirror('namer');
  await using reader = startMirror('reader of names');
  await Promise.all([scribe.says('pulled'), reader.says('pulled')]);
  scribe.write('thing', 'one\n');
  scribe.write('error.ts', 'one\n');
  await reader.has('thing', 'one\n');
  await reader.has('error.ts', 'one\n');
  fs.rmSync(scribe.at('thing'));
  scribe.write('thing/x', 'two\n');
  scribe.write('thing/y', 'three\n');
  await reader.has('thing/x', 'two\n');
  await reader.has('thing/y', 'three\n');
  fs.rmSync(scribe.at('thing'), { recursive: true });
  scribe.write('thing', 'four\n');
  await reader.has('thing', 'four\n');
  if (process.platform === 'win32') return t.diagnostic('no such names on Windows');

  fs.renameSync(scribe.at('thing'), scribe.at('CON'));
  const strayed = await scribe.says('strayed');
  assert.deepEqual([strayed['path'], strayed['name']], ['thing', 'CON']);
  reader.write('thing', 'four\nfive\n');
  fs.renameSync(scribe.at('CON'), scribe.at('good'));
  await reader.has('good', 'four\nfive\n');
  await until(() => !fs.existsSync(reader.at('thing')));
  if (process.platform !== 'linux') return t.diagnostic('no twins on this disk');

  const notUtf8 = Buffer.from(scribe.at('caf\xe9'), 'latin1');
  fs.renameSync(scribe.at('good'), notUtf8);
  const { path: kept, why } = await scribe.says('strayed');
  assert.deepEqual([kept, why], ['good', 'not_utf8']);
  assert.equal(reader.read('good'), 'four\nfive\n');
  fs.renameSync(notUtf8, scribe.at('better'));
  await reader.has('better', 'four\nfive\n');

  scribe.write('Error.ts', 'two\n');
  const twin = await scribe.says('twin');
  assert.deepEqual([twin['path'], twin['other']], ['Error.ts', 'error.ts']);
  scribe.write('.later.md.swp', 'an editor at work\n');
  scribe.write('later.md.tmp.4711.18c3f9a2', 'later\n');
  scribe.write('before.md', 'before\n');
  await reader.has('before.md', 'before\n');
  fs.renameSync(scribe.at('later.md.tmp.4711.18c3f9a2'), scribe.at('later.md'));
  await reader.has('later.md', 'later\n');
  assert.deepEqual(
    fs.readdirSync(reader.directory).filter((name) => /swp|\.tmp\./.test(name)),
    [],
    'what is there for a moment stays out',
  );
  const tickets = await installed.run(home, 'tickets', project, '--json');
  const about = tickets.out.split('\n').filter((line) => line.includes('rror.ts'));
  assert.equal(about.length, 1, tickets.out);
  fs.rmSync(scribe.at('error.ts'));
  await reader.has('Error.ts', 'two\n');
  return undefined;
});

test('a folder that two rename at once stays whole, and is one ticket', async () => {
  const names = ['a.md', 'b.md', 'deep/c.md'];
  await using first = startMirror('first renamer');
  await first.says('pulled');
  for (const name of names) first.write(`pair/${name}`, `${name}\n`);
  // The second takes in what is there when it begins, and no more.
  await created(...names.map((name) => `pair/${name}`));
  await using second = startMirror('second renamer', '--hold');
  await second.says('pulled');
  for (const name of names) assert.equal(second.read(`pair/${name}`), `${name}\n`);
  fs.renameSync(first.at('pair'), first.at('one'));
  await firstOp(({ kind, path: file }) => kind === 'rename' && file === 'one/deep/c.md');
  fs.renameSync(second.at('pair'), second.at('two'));
  await second.says('ticketed');
  await installed.json(home, 'mirror', second.directory, '--pull');
  for (const name of names) await second.has(`one/${name}`, `${name}\n`);
  assert.equal(fs.existsSync(second.at('two')), false);
  const { out } = await installed.run(home, 'tickets', project);
  const lines = out.split('\n').filter((line) => line.includes('rename'));
  assert.equal(lines.length, 1, out);
  assert.match(lines[0]!, /rename to two\/.*, with 2 more files/);
});

test('a mirror says what keeps it from its directory', async () => {
  const inside = await installed.run(
    home,
    'mirror',
    path.join(project, 'x'),
    '--as',
    'x',
    '--world',
    project,
  );
  assert.equal(inside.code, 2);
  assert.equal(fs.existsSync(path.join(project, 'x')), false);
  const nobody = await installed.run(home, 'mirror', project, '--as', ' ');
  assert.equal(nobody.code, 2);
  const none = await installed.run(home, 'mirror', path.join(installed.place, 'none'), '--pull');
  assert.equal(none.code, 2);
  assert.match(none.err, /No mirror runs on/);
});

test('a second mirror on a folder, in it or around it is refused with words, in another world too', async () => {
  const other = path.join(installed.place, 'other project');
  fs.mkdirSync(other);
  fs.writeFileSync(path.join(other, 'o.md'), 'other\n');
  assert.equal((await installed.run(home, 'open', other)).code, 0);
  await using first = startMirror('first');
  await first.says('pulled');
  const link = path.join(installed.place, 'a link');
  fs.symlinkSync(first.directory, link);
  for (const [directory, world] of [
    [first.directory, project],
    [link, project],
    [first.directory, other],
    [first.at('inner'), project],
    [installed.place, other],
  ] as const) {
    const options = ['--as', 'second', '--world', world];
    const { code, err } = await installed.run(home, 'mirror', directory, ...options);
    assert.equal(code, 2, err);
    assert.match(err, /A mirror runs on .+of first already; give each agent a directory/);
  }
  assert.equal(fs.existsSync(first.at('o.md')), false);
});

function startMirror(name: string, ...options: readonly string[]): RunningMirror {
  return RunningMirror.start({ installed, home, project }, name, ...options);
}

/** Resolves when the world has all of these files. */
async function created(...paths: readonly string[]): Promise<void> {
  const missing = new Set<unknown>(paths);
  await firstOp(({ kind, path: file }) => {
    if (kind === 'create') missing.delete(file);
    return missing.size === 0;
  });
}

/** The first op of the world's history that is so. */
async function firstOp(isSo: (op: Record<string, unknown>) => boolean) {
  const child = installed.start(home, 'watch', project, '--from', '1', '--json');
  const end = ended(child);
  try {
    for await (const line of createInterface({ input: child.stdout! })) {
      const op = JSON.parse(line) as Record<string, unknown>;
      if (isSo(op)) return op;
    }
    throw new Error('no such op');
  } finally {
    child.kill('SIGINT');
    await end;
  }
}

/** The paths of the files in which a member is seen. */
async function placesOf(name: string): Promise<readonly string[]> {
  const { code, out, err } = await installed.run(home, 'members', project, '--json');
  assert.equal(code, 0, err);
  const members = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly name: string; readonly at: readonly string[] });
  return members.find((member) => member.name === name)?.at ?? [];
}
