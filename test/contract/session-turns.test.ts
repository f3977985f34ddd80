// Turns of agents, as their clients make them and as others read them.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { SessionTaker } from '../../src/agents/session-taker.ts';
import { verifyArchive } from '../../src/world/archive-file.ts';
import { backupWorld } from '../../src/world/backup.ts';
import { applyTakeBack } from '../../src/world/apply-take-back.ts';
import { changeMember } from '../../src/world/change-member.ts';
import { planMemberTakeBack } from '../../src/world/take-back.ts';
import {
  beginTurn,
  endTurn,
  erasePrompt,
  opsOfTurn,
  readPrompt,
  readTurn,
  readTurnsOf,
} from '../../src/world/turns.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { verifyWorld } from '../../src/world/verify-world.ts';
import { WorldList } from '../../src/world/world-list.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { bundle, caughtUp, WorldLab } from './world-lab.ts';

const MORNING = {
  session: 'morning',
  name: 'turn-1',
  client: 'a-client',
  title: 'renaming things',
};

async function edit(agent: AgentSession, search: string, replacement: string): Promise<void> {
  await agent.read('a.txt');
  const { tag } = await agent.replace('a.txt', [{ search, replacement }]);
  assert.equal(tag, 'applied');
}

async function numbersOf(session: WorldSession, turnId: number): Promise<readonly number[]> {
  const found: number[] = [];
  for await (const ops of opsOfTurn(session, turnId))
    found.push(...ops.map(({ version }) => version));
  return found;
}

test('what an agent does for one request is listed and taken back together', async (t) => {
  const lab = await WorldLab.open(t);
  const robot = await lab.agent({ kind: 'agent' });
  const ada = await lab.agent();
  await robot.create('a.txt', 'one\ntwo\nthree\nfour\n');
  const taker = new SessionTaker(robot.session);
  await taker.take('morning');
  await edit(robot, 'one', '1');
  const first = await beginTurn(robot.session, MORNING, systemRandomBytes);
  await edit(robot, 'two', '2');
  robot.session.link!.close();
  await robot.session.whenOnline();
  await edit(robot, 'three', '3');
  await endTurn(robot.session, 'morning', systemRandomBytes);
  await endTurn(robot.session, 'morning', systemRandomBytes);
  const second = await beginTurn(robot.session, { ...MORNING, title: '' }, systemRandomBytes);
  await edit(robot, 'four', '4');
  await caughtUp(ada.session);
  assert.deepEqual(await numbersOf(ada.session, first), [3, 4]);
  assert.deepEqual(await numbersOf(ada.session, second), [5]);
  const turns = await readTurnsOf(ada.session, robot.session.identity);
  assert.deepEqual(
    turns.map(({ turnId, isOpen, title, prompt }) => ({ turnId, isOpen, title, prompt })),
    [
      { turnId: second, isOpen: true, title: '', prompt: 'none' },
      { turnId: first, isOpen: false, title: 'renaming things', prompt: 'none' },
    ],
  );
  const member = robot.session.identity;
  const plan = await planMemberTakeBack(ada.session, { member, sinceSeq: first, turn: first });
  const choices = new Map(
    plan.files.map(({ head, hunks }) => [
      head.fileId,
      { hunks: hunks.map(() => 'take' as const), fate: true },
    ]),
  );
  const changer = { session: ada.session, randomBytes: systemRandomBytes, author: '' };
  await applyTakeBack({ ...changer, signal: undefined }, plan, choices);
  const left = await ada.read('a.txt');
  assert.equal(left.tag === 'text' && left.text.toString(), '1\ntwo\nthree\n4\n');
  taker.dispose();
});

test('what an agent does once it is paused no more belongs to the turn of the session that it took meanwhile', async (t) => {
  const lab = await WorldLab.open(t);
  const robot = await lab.agent({ kind: 'agent' });
  const owner = await lab.enter(lab.owner);
  await robot.create('a.txt', 'one\ntwo\n');
  const turn = await beginTurn(robot.session, MORNING, systemRandomBytes);
  const pause = async (paused: boolean): Promise<void> => {
    await caughtUp(owner);
    await changeMember(owner, owner.view.members.get(robot.session.identity)!, { paused });
    await caughtUp(owner, robot.session);
  };
  const taker = new SessionTaker(robot.session);
  await pause(true);
  await taker.take('morning');
  await pause(false);
  await edit(robot, 'one', '1');
  await pause(true);
  robot.session.link!.close();
  await robot.session.whenOnline();
  await pause(false);
  await edit(robot, 'two', '2');
  await caughtUp(owner);
  assert.deepEqual(await numbersOf(owner, turn), [2, 3]);
  taker.dispose();
});

test('a prompt is kept where that is wanted, checked when it is read, and erased for good', async (t) => {
  const lab = await WorldLab.open(t);
  const robot = await lab.agent({ kind: 'agent' });
  const owner = await lab.enter(lab.owner);
  const prompt = 'Rename everything\0 — 漢字 🙂';
  const turnId = await beginTurn(robot.session, { ...MORNING, prompt }, systemRandomBytes);
  await caughtUp(owner);
  assert.deepEqual(await readPrompt(owner, turnId), {
    tag: 'kept',
    text: 'Rename everything  — 漢字 🙂',
  });
  assert.equal((await readTurn(owner, turnId))?.prompt, 'kept');
  await assert.rejects(erasePrompt(robot.session, turnId, systemRandomBytes), /forbidden/);
  const home = lab.server.embedded?.home;
  const isOnDisk = async (): Promise<boolean> => home !== undefined && hasBytes(home, '— 漢字 🙂');
  assert.equal(await isOnDisk(), home !== undefined);
  await erasePrompt(owner, turnId, systemRandomBytes);
  assert.equal(await isOnDisk(), false);
  assert.deepEqual(await readPrompt(owner, turnId), { tag: 'erased' });
  assert.deepEqual(await readPrompt(owner, 1), { tag: 'none' });
  assert.equal(await readTurn(owner, 1), undefined);
  const long = { ...MORNING, prompt: '🙂'.repeat(40_000) };
  const cut = await beginTurn(robot.session, long, systemRandomBytes);
  const kept = await readPrompt(owner, cut);
  assert.ok(kept.tag === 'kept' && kept.text.length === 32_000);
});

test('a world with turns is verified, and its backup has turns and no prompts', async (t) => {
  const lab = await WorldLab.open(t);
  const robot = await lab.agent({ kind: 'agent' });
  await robot.create('a.txt', 'one\n');
  await new SessionTaker(robot.session).take('morning');
  const prompt = 'a prompt that is kept';
  const turnId = await beginTurn(robot.session, { ...MORNING, prompt }, systemRandomBytes);
  await edit(robot, 'one', '1');
  const owner = await lab.enter(lab.owner);
  await caughtUp(owner);
  const world = { server: 'test', database: lab.database };
  const worlds = new WorldList(lab.folder);
  const verdict = await verifyWorld({ session: owner, world, worlds, bundle });
  assert.equal(verdict.tag, 'verified', JSON.stringify(verdict));
  const file = path.join(lab.folder, 'turns.world');
  await backupWorld({ session: owner, file });
  assert.ok((await verifyArchive(file)).head.opSeq > turnId);
  const kept = await readFile(file);
  assert.ok(kept.includes('renaming things') && !kept.includes(prompt));
});

/** Whether any file of a folder has this text in it. */
async function hasBytes(folder: string, text: string): Promise<boolean> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((each) => each.isFile())) {
    const bytes = await readFile(path.join(entry.parentPath, entry.name));
    if (bytes.includes(text)) return true;
  }
  return false;
}
