// SIGKILL at any moment of a backup, a restore, a move and an upgrade, to the command and to the host:
// the worlds are as before or as after, and the next command tidies up.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { hostStatus } from '../../src/host/handover.ts';
import { killIfAlive, until } from '../harness/host-life.ts';
import { ended, type Ended, InstalledCommand } from '../harness/installed-command.ts';
import { seededRandom, testSeed } from '../harness/seeded-random.ts';

const KILLS = process.env['AGENT_WORLD_SOAK'] === '1' ? 20 : 1;
const FILES = 120;
const LINES_PER_FILE = 400;

type Victim = 'command' | 'host';
const VICTIMS: readonly Victim[] = ['command', 'host'];

interface Listed {
  readonly name: string;
  readonly database: string;
  readonly server: string;
  readonly folder: string;
  readonly isReady: boolean;
  readonly movedTo?: unknown;
}

const seed = testSeed();
const random = seededRandom(seed);
let agentWorld: InstalledCommand;
let home: string;
let folder: string;
let archive: string;

before(async () => {
  agentWorld = await InstalledCommand.install();
  home = agentWorld.home('home');
  folder = path.join(agentWorld.place, 'project');
  archive = path.join(agentWorld.place, 'project.world');
  await mkdir(folder);
  for (let file = 0; file < FILES; file++) {
    const lines = Array.from(
      { length: LINES_PER_FILE },
      (_, line) => `${file} ${line} ${random()}`,
    );
    await writeFile(path.join(folder, `${file}.txt`), `${lines.join('\n')}\n`);
  }
  await agentWorld.json(home, 'open', folder);
  await agentWorld.json(home, 'backup', folder, archive);
});

after(() => agentWorld.dispose());

for (const victim of VICTIMS) {
  test(`backup, ${KILLS} times SIGKILL of the ${victim}: the old file or the new one`, async (t) => {
    const before = await worlds();
    const again = ['backup', folder, archive, '--force'];
    const look = async () => {
      const { code, out } = await agentWorld.run(home, 'verify', archive);
      assert.deepEqual([code, /^verified \d+ ops, 120 files\n$/.test(out)], [0, true], out);
      assert.deepEqual(await worlds(), before);
    };
    const draftOf = (child: ChildProcess) => `${archive}.${child.pid}.partial`;
    await killing(t, victim, again, look, (child) => existsSync(draftOf(child)));
    await agentWorld.json(home, ...again);
    const left = (await readdir(agentWorld.place)).filter((name) => name.includes('.partial'));
    assert.deepEqual(left, [], 'the next backup tidies up');
  });

  test(`restore, ${KILLS} times SIGKILL of the ${victim}: no world or a whole one`, async (t) => {
    const expected = await verdictOf(folder);
    await killing(t, victim, ['restore', archive], async (known, { code }) => {
      const made = (await worlds()).filter(({ database }) => !known.has(database));
      assert.ok(made.length <= 1 && made.every(({ isReady }) => isReady));
      if (code === 0) assert.equal(made.length, 1, 'what was told to be done is');
      for (const { database } of made) assert.deepEqual(await verdictOf(database), expected);
    });
    await leaveUnlisted('project-00000000');
    await agentWorld.json(home, 'restore', archive);
    await assertNothingLeft();
  });

  test(`upgrade, ${KILLS} times SIGKILL of the ${victim}: the world opens with all it had`, async (t) => {
    const expected = await verdictOf(folder);
    const module = path.join(agentWorld.dist, 'module.js');
    await killing(t, victim, ['upgrade', folder], async () => {
      assert.deepEqual(await verdictOf(folder), expected);
      await appendFile(module, '// newer\n');
    });
    await agentWorld.json(home, 'upgrade', folder);
    assert.match((await agentWorld.run(home, 'upgrade', folder)).out, /nothing to do/);
    assert.deepEqual(await verdictOf(folder), expected);
  });

  test(`move, ${KILLS} times SIGKILL of the ${victim}: the folder is in a whole world`, async (t) => {
    const there = agentWorld.home('there');
    await agentWorld.run(there, 'host', 'start');
    const record = await readFile(path.join(there, 'host.json'), 'utf8');
    const { uri } = JSON.parse(record) as { readonly uri: string };
    const expected = await verdictOf(folder);
    const target = async () => {
      const now = (await worlds()).find((world) => world.folder === folder)!;
      return ['move', folder, '--to', now.server === 'embedded' ? uri : 'embedded'];
    };
    await killing(t, victim, target, async (known, { code }) => {
      const list = await worlds();
      const [world, ...others] = list.filter((each) => each.folder === folder);
      assert.ok(world && others.length === 0, 'the folder is in one world');
      assert.ok(list.every(({ isReady }) => isReady));
      if (code === 0) assert.ok(!known.has(world.database), 'what was told to be done is');
      const verdict = await verdictOf(folder);
      assert.ok(verdict.ops >= expected.ops && verdict.files === expected.files);
    });
    await agentWorld.json(home, ...(await target()));
    await assertNothingLeft();
  });
}

/**
 * Runs a command again and again and kills at some moment of it; `look` sees what that left. Every
 * other time that is the moment when it `hasBegun` to write, which may be a short one of the whole.
 */
async function killing(
  t: { diagnostic(message: string): void },
  victim: Victim,
  command: readonly string[] | (() => Promise<readonly string[]>),
  look: (knownBefore: ReadonlySet<string>, how: Ended) => Promise<void>,
  hasBegun?: (child: ChildProcess) => boolean,
): Promise<void> {
  const codes: string[] = [];
  let wholeMs = 0;
  for (let kill = 0; kill <= KILLS; kill++) {
    const known = new Set((await worlds()).map(({ database }) => database));
    const args = typeof command === 'function' ? await command() : command;
    await agentWorld.run(home, 'host', 'start');
    const host = await hostStatus({ home });
    assert.ok(host.state === 'running');
    const startedMs = performance.now();
    const child = agentWorld.start(home, ...args);
    const ending = ended(child);
    // The first run is left alone: it tells how long the moments are to choose from. Before a
    // quarter of it the command is still being loaded.
    if (kill > 0) {
      const moment = (0.25 + 0.75 * random()) * wholeMs;
      const isOver = () => child.exitCode !== null;
      if (hasBegun && kill % 2 === 1) await until(() => hasBegun(child) || isOver());
      else await Promise.race([delay(moment), once(child, 'exit')]);
      if (victim === 'command') child.kill('SIGKILL');
      else killIfAlive(host.pid);
    }
    const how = await ending;
    if (kill === 0) {
      wholeMs = performance.now() - startedMs;
      assert.equal(how.code, 0, how.err);
    }
    codes.push(how.signal ?? String(how.code));
    assert.doesNotMatch(how.err, /\n {4}at /, 'what is told is for people');
    await look(known, how);
  }
  t.diagnostic(`seed ${seed}: ${codes.join(' ')}`);
}

/** As of a restore that was killed before it was in the list of worlds, or after it was out. */
async function leaveUnlisted(database: string): Promise<void> {
  const places = path.join(home, 'restores');
  await mkdir(places, { recursive: true });
  for (const what of ['lock', 'lock-journal', 'archive', 'archive.123.partial']) {
    await writeFile(path.join(places, `${database}.${what}`), '');
  }
}

/** The host has no database that the list does not know, and no restore has files any more. */
async function assertNothingLeft(): Promise<void> {
  const here = (await worlds()).filter(({ server }) => server === 'embedded').length;
  await agentWorld.run(home, 'host', 'start');
  const status = await hostStatus({ home });
  assert.ok(status.state === 'running');
  assert.equal(status.databases, here);
  const places = path.join(home, 'restores');
  assert.deepEqual(existsSync(places) ? await readdir(places) : [], []);
}

async function worlds(): Promise<readonly Listed[]> {
  const { code, out, err } = await agentWorld.run(home, 'worlds', '--json');
  assert.equal(code, 0, err);
  const lines = out.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Listed);
}

async function verdictOf(world: string) {
  const { verdict } = await agentWorld.json(home, 'verify', world);
  return verdict as { readonly ops: number; readonly files: number };
}
