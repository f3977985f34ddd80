import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentSession } from '../../src/agents/agent-session.ts';
import { changeMember, removeMember } from '../../src/world/change-member.ts';
import { MemberFeed } from '../../src/views/members/member-feed.ts';
import type { Schedule } from '../../src/views/coalescer.ts';
import { MemberList, type MemberListChange } from '../../src/views/members/member-list.ts';
import { caughtUp, WorldLab, whenever } from './world-lab.ts';

const MEMBERS = 50;
/** What is waited for comes at once, or never. */
const WAIT = { timeout: 60_000 };

/** A list that is brought up to date when the test says so. */
class Shown {
  readonly told: MemberListChange[] = [];
  readonly list = new MemberList((change) => this.told.push(change));
  #fire: (() => void) | undefined;
  readonly feed: MemberFeed;

  constructor(session: ConstructorParameters<typeof MemberFeed>[0]['session']) {
    const schedule: Schedule = (fire) => {
      this.#fire = fire;
      return () => (this.#fire = undefined);
    };
    this.feed = new MemberFeed({ session }, this.list, { schedule });
  }

  /** What has changed since the last time, told at once. */
  turn(): readonly MemberListChange[] {
    this.told.length = 0;
    const fire = this.#fire;
    this.#fire = undefined;
    fire?.();
    return [...this.told];
  }
}

test(
  'of fifty members only what has changed is told, once a turn, whoever types',
  WAIT,
  async (t) => {
    const lab = await WorldLab.open(t);
    const owner = await lab.enter(lab.owner);
    const agents: AgentSession[] = [];
    for (let index = 0; index < MEMBERS - 1; index++) agents.push(await lab.agent());
    await agents[0]!.create('a.md', 'x\n');
    await whenever(owner, () => owner.view.presence.size >= MEMBERS);
    await whenever(owner, () => owner.view.fileAt('a.md') !== undefined);
    const shown = new Shown(owner);
    shown.turn();
    assert.equal(shown.list.size, MEMBERS);
    assert.equal(shown.list.inGroup('here').length, MEMBERS);
    assert.equal(shown.list.inGroup('here')[0]?.isSelf, true);

    const [typist] = agents;
    for (let round = 0; round < 30; round++) {
      await typist!.read('a.md');
      const [search, replacement] = round % 2 === 0 ? ['x', 'y'] : ['y', 'x'];
      await typist!.replace('a.md', [{ search, replacement }]);
    }
    await whenever(owner, () => (owner.view.fileAt('a.md')?.version ?? 0) >= 31);
    const { identity } = typist!.session;
    assert.deepEqual(shown.turn(), [{ tag: 'member', identity }], 'thirty edits are one row, once');
    assert.equal(shown.list.get(identity)?.last?.path, 'a.md');
    assert.equal(shown.list.get(identity)?.last?.kind, 'edit');

    const quiet = agents[1]!.session;
    await changeMember(owner, owner.view.members.get(quiet.identity)!, { paused: true });
    await whenever(owner, () => owner.view.members.get(quiet.identity)?.paused === true);
    assert.deepEqual(shown.turn(), [{ tag: 'member', identity: quiet.identity }]);
    quiet.close();
    await whenever(owner, () =>
      [...owner.view.presence.values()].every((place) => place.identity !== quiet.identity),
    );
    shown.turn();
    assert.deepEqual(
      shown.list.inGroup('away').map((entry) => entry.identity),
      [quiet.identity],
    );
    await removeMember(owner, quiet.identity);
    await whenever(owner, () => owner.view.members.get(quiet.identity)?.removed === true);
    shown.turn();
    assert.equal(shown.list.get(quiet.identity), undefined);
    shown.feed.dispose();
    assert.equal(shown.list.size, 0);
  },
);

test(
  'what somebody did last is found behind what others did at the same file since',
  WAIT,
  async (t) => {
    const lab = await WorldLab.open(t);
    const owner = await lab.enter(lab.owner);
    const first = await lab.agent();
    const second = await lab.agent();
    await first.create('a.md', 'x\n');
    const { session } = second;
    await whenever(session, () => session.view.fileAt('a.md') !== undefined);
    await second.read('a.md');
    await second.replace('a.md', [{ search: 'x', replacement: 'y' }]);
    await whenever(owner, () => owner.view.fileAt('a.md')?.version === 2);
    const shown = new Shown(owner);
    const { identity } = first.session;
    assert.equal(shown.list.get(identity)?.last, undefined, 'the head names the second one');
    await shown.feed.readNewest();
    shown.turn();
    const last = shown.list.get(identity)?.last;
    assert.deepEqual([last?.kind, last?.path], ['create', 'a.md']);
    assert.equal(shown.list.get(second.session.identity)?.last?.kind, 'edit');
    shown.feed.dispose();
  },
);

test('a row tells by whose invite somebody came', WAIT, async (t) => {
  const lab = await WorldLab.open(t);
  const owner = await lab.enter(lab.owner);
  const { session } = await lab.agent();
  const { identity } = session;
  await whenever(owner, () => owner.view.members.has(identity));
  await caughtUp(owner);
  const shown = new Shown(owner);
  shown.turn();
  assert.equal(shown.list.get(identity)?.invitedBy, 'Owner');
  assert.equal(shown.list.get(lab.owner.identity)?.invitedBy, undefined, 'nobody invited them');
  shown.feed.dispose();
});

test('a row tells the line, the claims and the conflicts of whoever it is of', WAIT, async (t) => {
  const lab = await WorldLab.open(t);
  const owner = await lab.enter(lab.owner);
  const agent = await lab.agent();
  const other = await lab.agent();
  const { identity } = agent.session;
  await agent.create('a.md', 'one\ntwo\nthree\n');
  await whenever(other.session, () => other.session.view.fileAt('a.md') !== undefined);
  await other.read('a.md');
  const read = await agent.read('a.md');
  assert.ok(read.tag === 'text');
  const shown = new Shown(owner);
  shown.turn();
  const lines = { firstLine: 1, lastLine: 1 };
  agent.showPlace(read, lines, 'editing');
  assert.equal((await other.claim('a.md', lines, 'mine', 60_000)).tag, 'claimed');
  await whenever(owner, () => owner.view.locks.size === 1);
  await whenever(owner, () =>
    [...owner.view.presence.values()].some(({ activity }) => activity === 'editing'),
  );
  shown.turn();
  const { path, line, activity, claims } = shown.list.get(identity)!;
  assert.deepEqual(
    { path, line, activity, claims },
    { path: 'a.md', line: 2, activity: 'editing', claims: 0 },
  );
  assert.equal(shown.list.get(other.session.identity)?.claims, 1);
  const edits = [{ search: 'one', replacement: 'eins' }];
  assert.equal((await other.replace('a.md', edits)).tag, 'applied');
  const late = await agent.replace('a.md', [{ search: 'one', replacement: 'uno' }]);
  assert.equal(late.tag, 'ticketed');
  await whenever(owner, () => owner.view.tickets.size === 1);
  shown.turn();
  assert.equal(shown.list.get(identity)?.conflicts, 1);
  assert.equal(shown.list.get(other.session.identity)?.conflicts, 0);
  shown.feed.dispose();
});
