// What `agent-world doctor` says of machines: a fresh one, one at work, and one with a broken world.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, beforeEach, describe, test } from 'node:test';
import { ended, InstalledCommand } from '../harness/installed-command.ts';

let installed: InstalledCommand;
let home: string;
let folder: string;
let count = 0;

before(async () => {
  installed = await InstalledCommand.install();
});
after(() => installed.dispose());

beforeEach(async () => {
  count += 1;
  home = installed.home(`home-${count}`);
  folder = path.join(installed.place, `project-${count}`);
  await mkdir(folder);
  await writeFile(path.join(folder, 'notes.md'), 'one\n');
});

const doctor = (...more: readonly string[]) => installed.run(home, 'doctor', ...more);

const openProject = () => installed.json(home, 'open', folder);

/** What a check said, with what differs from machine to machine and from run to run left out. */
function lineOf(out: string, check: string): string {
  const lines = out.split('\n').filter((line) => line.slice(6).startsWith(check));
  return lines
    .map((line) => line.replace(/process \d+/, 'process N').replace(/in [\d.]+ [KM]B/, 'in SIZE'))
    .join('\n');
}

test('a fresh machine: all is well, no host is started, and nothing is made', async () => {
  const { code, out, err } = await doctor();
  assert.deepEqual([code, err], [0, '']);
  const expected = [
    /^OK {4}host {6}Nothing of Agent World is on this machine yet, and no host runs\.$/,
    /^OK {4}worlds {4}No world is known here: agent-world open FOLDER makes one\.$/,
    /^OK {4}module {4}This version, 0\.1\.0, brings a module of level \d+\.$/,
    /^OK {4}editors {3}No host runs, so nobody keeps a folder\.$/,
    /^OK {4}clock {5}The clock fits what was written here before\.$/,
    /^(OK|WARN) +disk {6}(Only )?[\d.]+ GB are free for worlds at .*home-\d+\.$/,
    /^(OK|WARN|FAIL) +watchers {2}.+\.$/,
    /^(OK|WARN) +git {7}git .+\.$/,
    /^$/,
  ];
  const lines = out.split('\n');
  assert.equal(lines.length, expected.length, out);
  for (const [index, pattern] of expected.entries()) assert.match(lines[index]!, pattern);
  assert.ok(!existsSync(home));
});

test('a machine at work: the host, the world and who keeps its folder; no secret', async () => {
  await openProject();
  const mirror = installed.start(
    home,
    'mirror',
    path.join(installed.place, 'scribe'),
    '--as',
    'scribe',
    '--world',
    folder,
  );
  const mirrorEnded = ended(mirror);
  await new Promise<void>((resolve) => mirror.stdout!.once('data', () => resolve()));
  const { code, out } = await doctor();
  assert.equal(code, 0, out);
  assert.match(
    lineOf(out, 'host'),
    /^OK {4}host {6}The host of version 0\.1\.0 runs \(process N\) with 1 world and \d+ connections?\.$/,
  );
  assert.match(
    lineOf(out, 'worlds'),
    /^OK {4}worlds {4}project-\d+ has \d+ ops in SIZE, \d+ % of what it may keep, and its history verifies\.$/,
  );
  assert.match(lineOf(out, 'module'), /brings a module of level \d+, which 1 world runs\.$/);
  assert.match(
    lineOf(out, 'editors'),
    /^OK {4}editors {3}Agent-world mirror \(process N\) keeps .* in the world project-\d+-[0-9a-f]+\.$/,
  );
  const { key, proofKey } = JSON.parse(
    readFileSync(path.join(home, 'host.json'), 'utf8'),
  ) as Record<string, string>;
  assert.ok(![key!, proofKey!, 'eyJ'].some((secret) => out.includes(secret)));
  mirror.kill('SIGINT');
  await mirrorEnded;
});

test('a world that has nearly used up a quota is a warning', async () => {
  await writeFile(path.join(folder, 'large.txt'), `${'x'.repeat(99)}\n`.repeat(18_000));
  await openProject();
  assert.equal((await installed.run(home, 'quota', folder, '--set', 'worldMebibytes=2')).code, 0);
  const { code, out } = await doctor();
  assert.equal(code, 0, out);
  assert.match(
    lineOf(out, 'worlds'),
    /^WARN {2}worlds {4}project-\d+ has \d+ ops in SIZE, 8\d % of a quota, and its history verifies: see agent-world quota project-\d+\.$/,
  );
});

test('for programs: one object a line', async () => {
  const { code, out } = await doctor('--json');
  assert.equal(code, 0);
  const findings = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    findings.map(({ check }) => check),
    ['host', 'worlds', 'module', 'editors', 'clock', 'disk', 'watchers', 'git'],
  );
  for (const finding of findings) {
    assert.deepEqual(Object.keys(finding), ['check', 'verdict', 'message']);
    assert.match(String(finding['verdict']), /^(OK|WARN|FAIL)$/);
  }
});

describe('a broken world', () => {
  async function databaseFile(): Promise<string> {
    const databases = path.join(home, 'databases');
    const [entry] = await readdir(databases);
    return path.join(databases, entry!, 'world.db');
  }

  const stop = () => installed.run(home, 'host', 'stop');

  test('a whole one whose host does not run is told so, and its host can start afterwards', async () => {
    await openProject();
    await stop();
    const before = await readdir(path.dirname(await databaseFile()));
    const { code, out } = await doctor();
    assert.equal(code, 0, out);
    assert.match(
      lineOf(out, 'host'),
      /^OK {4}host {6}No host runs, and none is started for this\.$/,
    );
    assert.match(
      lineOf(out, 'worlds'),
      /^OK {4}worlds {4}project-\d+ has \d+ ops in SIZE, and its file is whole; no host runs to replay its history\.$/,
    );
    assert.deepEqual(await readdir(path.dirname(await databaseFile())), before);
    assert.equal((await installed.run(home, 'verify', folder)).code, 0);
  });

  test('a damaged file is found, whether the host runs or not', async () => {
    await openProject();
    await stop();
    truncateSync(await databaseFile(), 6 * 1024);
    const stopped = await doctor();
    assert.equal(stopped.code, 1, stopped.out);
    assert.match(
      lineOf(stopped.out, 'worlds'),
      /^FAIL {2}worlds {4}project-\d+ has \d+ ops in SIZE, and its file is damaged \(.+\): restore it from a backup\.$/,
    );
    await installed.run(home, 'host', 'start');
    const running = await doctor();
    assert.equal(running.code, 1, running.out);
    assert.match(
      lineOf(running.out, 'worlds'),
      /^FAIL {2}worlds {4}project-\d+ has \d+ ops in SIZE, and cannot be opened: .+\.$/,
    );
  });

  test('a history that does not verify is found where the host runs', async () => {
    await openProject();
    await installed.run(home, 'note', 'unmistakable', '--in', folder);
    await stop();
    rewrite(await databaseFile(), 'unmistakable', 'unmistakabel');
    await installed.run(home, 'host', 'start');
    const { code, out } = await doctor();
    assert.equal(code, 1, out);
    assert.match(
      lineOf(out, 'worlds'),
      /^FAIL {2}worlds {4}project-\d+ has \d+ ops in SIZE, and does not verify: op \d+: .+\.$/,
    );
  });

  test('one whose database is gone, and a list of worlds that cannot be read', async () => {
    await openProject();
    await stop();
    await rm(path.dirname(await databaseFile()), { recursive: true });
    const gone = await doctor();
    assert.equal(gone.code, 1);
    assert.match(
      lineOf(gone.out, 'worlds'),
      /^FAIL {2}worlds {4}project-\d+ is known here, but its database project-\d+-[0-9a-f]+ is gone\.$/,
    );
    writeFileSync(path.join(home, 'worlds.json'), '{');
    const unread = await doctor();
    assert.equal(unread.code, 1);
    assert.match(
      lineOf(unread.out, 'worlds'),
      /^FAIL {2}worlds {4}The list of worlds cannot be read: .+\.$/,
    );
  });

  test('a folder that is gone is a warning', async () => {
    await openProject();
    await rm(folder, { recursive: true });
    const { code, out } = await doctor();
    assert.equal(code, 0, out);
    assert.match(
      lineOf(out, 'worlds'),
      /^WARN {2}worlds {4}The folder of project-\d+, .*, is gone\.\nOK/,
    );
  });
});

test('a clock that is behind what was written is found', async () => {
  await openProject();
  const tomorrow = Date.now() / 1000 + 86_400;
  utimesSync(path.join(home, 'lease-epoch'), tomorrow, tomorrow);
  const { code, out } = await doctor();
  assert.equal(code, 1);
  assert.match(
    lineOf(out, 'clock'),
    /^FAIL {2}clock {5}The clock is behind: a file of .* is from 24 hours later\.$/,
  );
});

/** Puts a text of the same length in place of another in every row of a world that no host has open. */
function rewrite(file: string, text: string, other: string): void {
  const database = new DatabaseSync(file);
  const change = database.prepare('UPDATE row SET bytes = ? WHERE id = ?');
  for (const { id, bytes } of database.prepare('SELECT id, bytes FROM row').all()) {
    const at = Buffer.from(bytes as Uint8Array).indexOf(text);
    if (at < 0) continue;
    const changed = Buffer.from(bytes as Uint8Array);
    changed.write(other, at);
    change.run(changed, id!);
  }
  database.close();
}
