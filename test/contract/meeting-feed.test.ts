// Where members are about to meet, as a window finds it: it is told early, and gone with the turn or the claim.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { AgentSession } from '../../src/agents/agent-session.ts';
import { SessionTaker } from '../../src/agents/session-taker.ts';
import type { Schedule } from '../../src/views/coalescer.ts';
import { MeetingFeed, type MeetingFeedOptions } from '../../src/views/presence/meeting-feed.ts';
import type { SymbolAt } from '../../src/world/file-meetings.ts';
import { readingActivity } from '../../src/world/reading-activity.ts';
import { beginTurn, endTurn } from '../../src/world/turns.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { until } from '../harness/until.ts';
import { caughtUp, whenever, WorldLab } from './world-lab.ts';

const TURN = { session: 's', name: '', client: 'c', title: '' };

/** The meetings that a window shows, looked at when the test says so. */
class Shown {
  readonly feed: MeetingFeed;
  readonly #session: WorldSession;
  #fire: (() => void) | undefined;
  #changed = Promise.withResolvers<void>();

  constructor(session: WorldSession, symbolsOf?: NonNullable<MeetingFeedOptions['symbolsOf']>) {
    const schedule: Schedule = (fire) => {
      this.#fire = fire;
      return () => (this.#fire = undefined);
    };
    const onChange = (): void => {
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    };
    this.#session = session;
    const options = { session, schedule, onChange };
    this.feed = new MeetingFeed(symbolsOf ? { ...options, symbolsOf } : options);
  }

  get waitsForALook(): boolean {
    return this.#fire !== undefined;
  }

  /** Looks, and returns what is there once that has changed. */
  async changed(fileId: number): Promise<readonly string[]> {
    const { promise } = this.#changed;
    this.look();
    await promise;
    return this.texts(fileId);
  }

  look(): void {
    const fire = this.#fire;
    this.#fire = undefined;
    fire?.();
  }

  texts(fileId: number): readonly string[] {
    const { members } = this.#session.view;
    const nameOf = (identity: string): string => members.get(identity)?.displayName ?? '';
    return this.feed
      .in(fileId)
      .meetings.map(
        ({ kind, worker, other, lines: { firstLine, lastLine } }) =>
          `${nameOf(worker)} ${kind} ${nameOf(other)} ${firstLine}-${lastLine}`,
      );
  }
}

test('what an agent has read and another one changes is told until the turn ends', async (t) => {
  const { owner, worker, reader, fileId } = await scene(t);
  const shown = new Shown(owner);
  shown.feed.watch(new Set([fileId]));
  shown.look();
  await reads(owner, reader, 24, 30);
  shown.look();
  assert.deepEqual(shown.texts(fileId), [], 'nobody changes anything');

  await replace(worker, 'line 21', 'twenty-one');
  await caughtUp(owner);
  assert.deepEqual(await shown.changed(fileId), ['Member 1 read_near Member 2 20-20']);
  // What comes above moves both along.
  await replace(worker, 'line 1\n', 'line 1\nmore\n');
  await caughtUp(owner);
  assert.deepEqual(await shown.changed(fileId), ['Member 1 read_near Member 2 21-21']);

  await endTurn(worker.session, 's', systemRandomBytes);
  await caughtUp(owner);
  assert.deepEqual(shown.texts(fileId), []);
  await replace(worker, 'line 22', 'twenty-two');
  await caughtUp(owner);
  assert.equal(shown.waitsForALook, false, 'no turn runs: nothing is looked at');
});

test('a window that shows the file later knows who reads there, and who has gone is met by nobody', async (t) => {
  const { owner, worker, reader, fileId } = await scene(t);
  await reads(owner, reader, 19, 21);
  await replace(worker, 'line 21', 'twenty-one');
  await caughtUp(owner);
  const shown = new Shown(owner);
  shown.feed.watch(new Set([fileId]));
  assert.deepEqual(await shown.changed(fileId), ['Member 1 read Member 2 20-20']);
  reader.session.close();
  await whenever(owner, () =>
    [...owner.view.presence.values()].every(({ identity }) => identity !== reader.session.identity),
  );
  assert.deepEqual(await shown.changed(fileId), []);
});

test('a claim on what one has just changed oneself is told until it ends', async (t) => {
  const { owner, worker, fileId } = await scene(t);
  const shown = new Shown(owner);
  shown.feed.watch(new Set([fileId]));
  await worker.read('a.txt');
  const claim = await worker.claim('a.txt', { firstLine: 0, lastLine: 9 }, 'mine', 60_000);
  assert.ok(claim.tag === 'claimed');
  await caughtUp(owner);
  assert.deepEqual(await shown.changed(fileId), ['Owner claimed Member 1 0-10']);
  await worker.release(claim.lock.lockId);
  await caughtUp(owner);
  assert.deepEqual(await shown.changed(fileId), []);
});

test('far apart in one symbol they meet where a language server tells of symbols', async (t) => {
  const { owner, worker, reader, fileId } = await scene(t);
  const [first, second] = [{}, {}];
  const shown = new Shown(owner, () => Promise.resolve((line) => (line < 20 ? first : second)));
  shown.feed.watch(new Set([fileId]));
  await reads(owner, reader, 1, 2);
  await replace(worker, 'line 16', 'sixteen');
  await replace(worker, 'line 36', 'thirty-six');
  await caughtUp(owner);
  assert.deepEqual(await shown.changed(fileId), ['Member 1 read_in_symbol Member 2 15-15']);
});

test('a language server that answers late puts nothing away that was found meanwhile', async (t) => {
  const { owner, worker, reader, fileId } = await scene(t);
  const late: ((symbolAt: SymbolAt) => void)[] = [];
  const shown = new Shown(owner, () => new Promise((resolve) => late.push(resolve)));
  shown.feed.watch(new Set([fileId]));
  await reads(owner, reader, 1, 2);
  await replace(worker, 'line 16', 'sixteen');
  await caughtUp(owner);
  shown.look();
  await until(() => late.length === 1);
  await reads(owner, reader, 16, 16);
  assert.deepEqual(await shown.changed(fileId), ['Member 1 read Member 2 15-15']);
  late[0]!(() => ({}));
  await until(() => shown.waitsForALook);
  assert.deepEqual(shown.texts(fileId), ['Member 1 read Member 2 15-15']);
});

/** A file whose first eleven lines are the owner's own work, an agent at work in a turn, and one that reads. */
async function scene(t: TestContext) {
  const lab = await WorldLab.open(t);
  const owner = await lab.enter(lab.owner);
  const [worker, reader] = [await lab.agent({ kind: 'agent' }), await lab.agent({ kind: 'agent' })];
  const person = new AgentSession({ session: owner, randomBytes: systemRandomBytes });
  await worker.create('a.txt', linesFrom(11, 40));
  await caughtUp(owner);
  await person.read('a.txt');
  await person.replace('a.txt', [
    { search: 'line 11\n', replacement: `${linesFrom(1, 10)}line 11\n` },
  ]);
  await caughtUp(owner, worker.session, reader.session);
  await new SessionTaker(worker.session).take('s');
  await beginTurn(worker.session, TURN, systemRandomBytes);
  await caughtUp(owner);
  const { fileId } = owner.view.fileAt('a.txt')!;
  return { owner, worker, reader, fileId };
}

function linesFrom(first: number, last: number): string {
  const numbers = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return numbers.map((number) => `line ${number}\n`).join('');
}

/** Says that it reads lines, from 1, and waits until the owner's window hears it. */
async function reads(
  owner: WorldSession,
  agent: AgentSession,
  firstLine: number,
  lastLine: number,
): Promise<void> {
  const read = await agent.read('a.txt');
  assert.ok(read.tag === 'text');
  const activity = readingActivity({ firstLine, lastLine });
  agent.showPlace(read, { firstLine: firstLine - 1, lastLine: lastLine - 1 }, activity);
  await whenever(owner, () =>
    [...owner.view.presence.values()].some((presence) => presence.activity === activity),
  );
}

async function replace(agent: AgentSession, search: string, replacement: string): Promise<void> {
  await agent.read('a.txt');
  const edit = await agent.replace('a.txt', [{ search, replacement }]);
  assert.equal(edit.tag, 'applied');
}
