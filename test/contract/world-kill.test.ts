// The whole way: typists on bindings, sessions that find their host as the extension's do, module and
// host as they ship, and SIGKILL. Nobody but the sessions themselves does anything about it.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ensureBuilt } from '../../scripts/build.mjs';
import { projectRoot } from '../../scripts/setup/paths.mjs';
import { AgentSession } from '../../src/agents/agent-session.ts';
import { joinAgent } from '../../src/agents/join-agent.ts';
import { toHex } from '../../src/core/hash.ts';
import { type ExtensionSurroundings, openSurroundings } from '../../src/editor/surroundings.ts';
import { opsBetween } from '../../src/world/read-ops.ts';
import { LinkFailure } from '../../src/world/link-failure.ts';
import { openFolder, type OpenedFolder } from '../../src/world/open-folder.ts';
import { readHeadSeq } from '../../src/world/read-head.ts';
import { verifyWorld } from '../../src/world/verify-world.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { BindingTypist } from '../harness/binding-typist.ts';
import { killHost, killIfAlive, recordOf } from '../harness/host-life.ts';
import { keptErrors } from '../harness/kept-errors.ts';
import { seededRandom, testSeed } from '../harness/seeded-random.ts';
import { caughtUp } from './world-lab.ts';

const KILLS = process.env['AGENT_WORLD_SOAK'] === '1' ? 200 : 20;
const MOST_OPS_BEFORE_A_KILL = 20;
const FILE = 'shared.txt';

const errors = keptErrors();
const sessions: WorldSession[] = [];
let place: string;
let surroundings: ExtensionSurroundings;
let opened: OpenedFolder;

before(async () => {
  await ensureBuilt();
  place = await realpath(await mkdtemp(path.join(tmpdir(), 'agent-world-kill-')));
  const folder = path.join(place, 'project');
  await mkdir(folder);
  // A line each. What was typed counts as a patch once it has waited for five seconds, or for many ops of others, and a
  // patch of a line that others changed becomes a ticket: how long a host takes to start is not this test's matter.
  await writeFile(path.join(folder, FILE), '[A:]\n[B:]\nagent:\n');
  const manifest = await readFile(path.join(projectRoot, 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const home = path.join(place, 'home');
  surroundings = openSurroundings({ installation: projectRoot, version, log: errors.log, home });
  const profile = { displayName: 'Ada', gitName: 'Ada', gitEmail: '', color: '' };
  const server = surroundings.defaultServer;
  opened = await openFolder(surroundings, { folder, server, profile });
  sessions.push(opened.session);
});

after(async () => {
  for (const session of sessions) session.close();
  await killHost(surroundings.home);
  await rm(place, { recursive: true, force: true });
});

test(
  `S8: typists and an agent go on by themselves after SIGKILL of the host, ${KILLS} times`,
  { timeout: 60_000 + KILLS * 10_000 },
  async (t) => {
    const seed = testSeed();
    t.diagnostic(`seed ${seed}`);
    const random = seededRandom(seed);
    const typists = await Promise.all([
      startTypist(opened.session, 'A'),
      startTypist(await enter('ben', 'human'), 'B'),
    ]);
    const robot = new AppendingAgent(await enter('robot', 'agent'));
    const working = Promise.all([...typists, robot].map((worker) => worker.work()));

    for (let kill = 0; kill < KILLS; kill++) {
      const ops = 1 + Math.floor(random() * MOST_OPS_BEFORE_A_KILL);
      // All have come through the last kill and have gone on for a while.
      const progress = [...typists.map((each) => each.nextOps(ops)), robot.nextEdit()];
      await Promise.race([Promise.all(progress).then(killRunningHost), working]);
    }
    for (const worker of [...typists, robot]) worker.stop();
    await working;
    await Promise.all(typists.map((each) => each.whenSettled()));
    // The agent's last edit, too, which it may have heard of before they do.
    await caughtUp(opened.session);
    const newest = opened.session.view.fileAt(FILE)!.version;
    await Promise.all(typists.map((each) => each.whenSettled(newest)));

    const { text } = typists[0];
    for (const each of typists) {
      assert.equal(each.text, text, 'all see the same');
      assert.deepEqual(
        each.keysIn(text),
        each.keysTyped,
        `the keys of ${each.mark} in their order`,
      );
    }
    assert.deepEqual(robot.editsIn(text), robot.acknowledged);
    await assertHistoryHolds(typists);
    assert.deepEqual(errors.kept(), []);
    const keys = typists.reduce((sum, { keysTyped }) => sum + keysTyped.length, 0);
    t.diagnostic(`${KILLS} hosts killed; ${keys} keys, ${robot.acknowledged.length} edits kept`);
  },
);

async function enter(name: string, kind: 'human' | 'agent'): Promise<WorldSession> {
  const { defaultServer } = surroundings;
  const profile = { name, displayName: name, color: '', kind };
  const session = await joinAgent(surroundings, opened.session, defaultServer, profile);
  sessions.push(session);
  return session;
}

function startTypist(session: WorldSession, mark: string): Promise<BindingTypist> {
  return BindingTypist.start({ session, file: FILE, mark, log: errors.log });
}

/**
 * Kills the host that all sessions are at, and resolves when they are at the next one: what a host said before it was
 * killed may come after that, and is no sign that anybody has gone on. A call that two hosts ended with is sent to
 * no third.
 */
async function killRunningHost(): Promise<void> {
  const host = await recordOf(surroundings.home);
  assert.ok(host);
  const atTheNext = sessions.map(nextConnection);
  killIfAlive(host.pid);
  await Promise.all(atTheNext);
}

function nextConnection(session: WorldSession): Promise<void> {
  const former = session.link;
  assert.ok(former);
  return new Promise((resolve, reject) => {
    const stop = session.onState((state) => {
      if (state.tag === 'refused') reject(state.error);
      if (session.link === undefined || session.link === former) return;
      stop();
      resolve();
    });
  });
}

/** Appends to a line of its own, one edit after the other, and takes the answers at their word. */
class AppendingAgent {
  readonly acknowledged: number[] = [];
  readonly #agent: AgentSession;
  #isStopped = false;
  #waiting: (() => void)[] = [];

  constructor(session: WorldSession) {
    this.#agent = new AgentSession({ session, randomBytes: surroundings.randomBytes });
  }

  async work(): Promise<void> {
    while (!this.#isStopped) {
      const text = await this.#read();
      if (text === undefined) continue;
      const line = text.split('\n').findIndex((each) => each.startsWith('agent:'));
      const character = text.split('\n')[line]!.length;
      const place = { startLine: line, startCharacter: character, endLine: line };
      const number = this.acknowledged.length;
      const changes = [{ ...place, endCharacter: character, text: ` ${number}` }];
      const result = await this.#agent.edit(FILE, changes);
      assert.equal(result.tag, 'applied');
      this.acknowledged.push(number);
      for (const resolve of this.#waiting.splice(0)) resolve();
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Resolves when the world has taken one more. */
  nextEdit(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  editsIn(text: string): readonly number[] {
    const [, edits = ''] = /^agent:(.*)$/m.exec(text) ?? [];
    return edits.trim().split(' ').map(Number);
  }

  /** Undefined when the host went away meanwhile: reading, unlike editing, is asked for again. */
  async #read(): Promise<string | undefined> {
    try {
      const read = await this.#agent.read(FILE);
      assert.ok(read.tag === 'text');
      return read.text.toString();
    } catch (error) {
      if (error instanceof LinkFailure) return undefined;
      throw error;
    }
  }
}

/** It verifies, and has every op that a replica was ever told of in its place, none of them twice. */
async function assertHistoryHolds(typists: readonly BindingTypist[]): Promise<void> {
  const { session, world } = opened;
  const verdict = await verifyWorld({ ...surroundings, session, world });
  assert.equal(verdict.tag, 'verified');
  const log = new Map<number, string>();
  const headSeq = await readHeadSeq(await session.whenOnline());
  for await (const ops of opsBetween(session, 0, headSeq)) {
    for (const op of ops) log.set(op.opSeq, describe(op));
  }
  for (const { told } of typists) {
    assert.ok(told.length >= KILLS);
    for (const op of told) assert.equal(log.get(op.opSeq), describe(op), `op ${op.opSeq}`);
  }
}

function describe(op: { readonly opId: string; readonly afterHash: Uint8Array }): string {
  return `${op.opId} ${toHex(op.afterHash)}`;
}
