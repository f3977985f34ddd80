import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { ended, InstalledCommand } from '../harness/installed-command.ts';

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
  await using scribe = await RunningMirror.start('scribe');
  await scribe.says('pulled');
  assert.equal(scribe.read('a.md'), 'one\ntwo\nthree\n');
  assert.equal(fs.existsSync(scribe.at('built')), false, 'left out by .gitignore');
  assert.equal(fs.existsSync(scribe.at('secret')), false, 'left out by the setting');

  await using reader = await RunningMirror.start('reader');
  await reader.says('pulled');
  scribe.write('a.md', 'one\ntwo, by the scribe\nthree\n');
  scribe.write('deep/new.md', 'new\n');
  fs.writeFileSync(scribe.at('run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  fs.writeFileSync(scribe.at('picture.bin'), Uint8Array.of(0, 1, 2));
  scribe.write('noise.log', 'noise\n');
  scribe.write('kept.log', 'kept\n');
  await reader.has('a.md', 'one\ntwo, by the scribe\nthree\n');
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
  await using writer = await RunningMirror.start('writer');
  await using tester = await RunningMirror.start('tester', '--hold');
  await Promise.all([writer.says('pulled'), tester.says('pulled')]);
  writer.write('held.md', 'one\ntwo\nthree, by the writer\n');
  writer.write('made.md', 'made\n');
  tester.write('held.md', 'one, by the tester\ntwo\nthree\n');
  await writer.has('held.md', 'one, by the tester\ntwo\nthree, by the writer\n');
  tester.write('held.md', 'one, by the tester\ntwo, too\nthree\n');
  await writer.has('held.md', 'one, by the tester\ntwo, too\nthree, by the writer\n');
  assert.equal(tester.read('held.md'), 'one, by the tester\ntwo, too\nthree\n', 'it does not move');
  assert.equal(fs.existsSync(tester.at('made.md')), false);

  const pulled = await installed.json(home, 'mirror', tester.directory, '--pull');
  assert.equal(pulled['tag'], 'pulled');
  assert.equal(tester.read('held.md'), 'one, by the tester\ntwo, too\nthree, by the writer\n');
  assert.equal(tester.read('made.md'), 'made\n');

  // Both change one line: the one that comes second is a ticket, and the file waits for the pull.
  writer.write('disputed.md', 'one\nTWO\nthree\n');
  await until(() => fs.existsSync(writer.at('disputed.md')));
  await using reader = await RunningMirror.start('late reader');
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
  const gone = await RunningMirror.start('was away');
  await gone.says('pulled');
  await gone[Symbol.asyncDispose]();
  gone.write('both.md', 'by who was away\n');
  await using writer = await RunningMirror.start('was there');
  await writer.says('pulled');
  writer.write('both.md', 'by who was there\n');
  await firstOp(({ kind, path: file }) => kind === 'create' && file === 'both.md');
  await using back = await RunningMirror.start('was away');
  assert.equal((await back.says('ticketed'))['path'], 'both.md');
  await back.has('both.md', 'by who was there\n');
  const shown = await installed.run(home, 'tickets', project, '--text');
  assert.match(shown.out, /both\.md/);
  assert.match(shown.out, /by who was away/);
});

test('a file that is overwritten with more than a message holds is told, and the mirror goes on', async () => {
  await using writer = await RunningMirror.start('large writer');
  await writer.says('pulled');
  writer.write('grown.md', 'small\n');
  await using reader = await RunningMirror.start('large reader');
  await reader.has('grown.md', 'small\n');
  fs.writeFileSync(writer.at('grown.md'), Buffer.alloc(33 * 1024 * 1024, 1));
  const told = await writer.says('refused');
  assert.deepEqual([told['path'], told['code']], ['grown.md', 'too_large']);
  writer.write('beside.md', 'beside\n');
  await reader.has('beside.md', 'beside\n');
  assert.equal(reader.read('grown.md'), 'small\n');
  writer.write('grown.md', 'small again\n');
  await reader.has('grown.md', 'small again\n');
});

test('names that collide, kinds that change, and names that no world can have lose nothing', async (t) => {
  await using scribe = await RunningMirror.start('namer');
  await using reader = await RunningMirror.start('reader of names');
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
    fs.readdirSync(reader.directory).filter((name) => /swp|tmp/.test(name)),
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
  await using first = await RunningMirror.start('first renamer');
  await first.says('pulled');
  for (const name of names) first.write(`pair/${name}`, `${name}\n`);
  await using second = await RunningMirror.start('second renamer', '--hold');
  await second.says('pulled');
  await until(() => names.every((name) => fs.existsSync(second.at(`pair/${name}`))));
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

/** `agent-world mirror` on a directory of its own. */
class RunningMirror {
  readonly directory: string;
  readonly #child: ChildProcess;
  readonly #said: Record<string, unknown>[] = [];
  #read = 0;

  static async start(name: string, ...options: readonly string[]): Promise<RunningMirror> {
    const directory = path.join(installed.place, `of ${name}`);
    const args = ['mirror', directory, '--as', name, '--world', project, '--json', ...options];
    return new RunningMirror(directory, installed.start(home, ...args));
  }

  private constructor(directory: string, child: ChildProcess) {
    this.directory = directory;
    this.#child = child;
    createInterface({ input: child.stdout! }).on('line', (line) =>
      this.#said.push(JSON.parse(line) as Record<string, unknown>),
    );
    child.stderr!.on('data', (text) => process.stderr.write(String(text)));
  }

  at(file: string): string {
    return path.join(this.directory, file);
  }

  read(file: string): string {
    return fs.readFileSync(this.at(file), 'utf8');
  }

  write(file: string, text: string): void {
    fs.mkdirSync(path.dirname(this.at(file)), { recursive: true });
    fs.writeFileSync(this.at(file), text);
  }

  /** Resolves with the next event of that kind that was not asked for before. */
  async says(tag: string): Promise<Record<string, unknown>> {
    const next = (): number =>
      this.#said.findIndex((each, at) => at >= this.#read && each['tag'] === tag);
    await until(() => next() >= 0 || this.#child.exitCode !== null);
    const at = next();
    assert.ok(at >= 0, 'it ended');
    this.#read = at + 1;
    return this.#said[at]!;
  }

  async has(file: string, text: string): Promise<void> {
    const isFile = (): boolean =>
      fs.statSync(this.at(file), { throwIfNoEntry: false })?.isFile() ?? false;
    await until(() => isFile() && this.read(file) === text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const end = ended(this.#child);
    this.#child.kill('SIGINT');
    assert.equal((await end).code, 0);
  }
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

async function until(isSo: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 30_000;
  while (!isSo()) {
    if (performance.now() > deadlineMs) throw new Error(`Not so in time: ${isSo.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
