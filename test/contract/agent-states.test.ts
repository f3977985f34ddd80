// What each agent is at, as a window is told: at work, done, waiting for a person, or silent for too long.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentStates, STUCK_MS } from '../../src/world/agent-states.ts';
import { changeMember } from '../../src/world/change-member.ts';
import { beginTurn, endTurn } from '../../src/world/turns.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { ManualClock } from '../unit/agents/manual-clock.ts';
import { caughtUp, WorldLab } from './world-lab.ts';

const TURN = { session: 's', name: '', client: 'c', title: 'tidying up' };

test('an agent is at work while a turn of its is open, and done when the last has ended', async (t) => {
  const { owner, states, told, bot, session } = await scene(t);
  assert.equal(states.of(bot), 'idle');
  await beginTurn(session, TURN, systemRandomBytes);
  await caughtUp(owner);
  await beginTurn(session, { ...TURN, session: 'other' }, systemRandomBytes);
  await endTurn(session, 's', systemRandomBytes);
  await caughtUp(owner);
  assert.equal(states.of(bot), 'working', 'another turn is open');
  // The next prompt ends the turn before: the agent was never done in between.
  await beginTurn(session, { ...TURN, session: 'other' }, systemRandomBytes);
  await caughtUp(owner);
  await endTurn(session, 'other', systemRandomBytes);
  await caughtUp(owner);
  assert.deepEqual(told, ['working', 'done']);
});

test('silence for five minutes is told once, a sign ends it, and a paused agent is silent for a reason', async (t) => {
  const { owner, states, told, bot, session, clock, agent } = await scene(t);
  await beginTurn(session, TURN, systemRandomBytes);
  await caughtUp(owner);
  clock.pass(STUCK_MS - 10_000);
  assert.equal(states.of(bot), 'working');
  clock.pass(20_000);
  assert.deepEqual(told, ['working', 'stuck']);
  await agent.create('a.md', 'a\n');
  await caughtUp(owner);
  assert.deepEqual(told, ['working', 'stuck', 'working']);
  await changeMember(owner, owner.view.members.get(bot)!, { paused: true });
  await caughtUp(owner);
  clock.pass(2 * STUCK_MS);
  assert.equal(states.of(bot), 'working');
  await endTurn(session, 's', systemRandomBytes);
  await caughtUp(owner);
  assert.equal(states.of(bot), 'done', 'the end of its turn is taken from a paused agent');
});

test('a conflict of its waits for a person until it is decided', async (t) => {
  const { owner, states, bot, agent, lab } = await scene(t);
  const person = await lab.agent({ kind: 'human' });
  await agent.create('a.md', 'one\n');
  await caughtUp(person.session, owner);
  await Promise.all([agent.read('a.md'), person.read('a.md')]);
  await person.replace('a.md', [{ search: 'one', replacement: 'eins' }]);
  const late = await agent.replace('a.md', [{ search: 'one', replacement: 'uno' }]);
  assert.ok(late.tag === 'ticketed');
  await caughtUp(owner);
  assert.equal(states.of(bot), 'asks');
  await agent.withdraw(late.ticketId);
  await caughtUp(owner);
  assert.equal(states.of(bot), 'idle');
});

test('what cannot be heard for want of a connection is no silence', async (t) => {
  const { owner, states, told, bot, session, clock, connection } = await scene(t);
  await beginTurn(session, TURN, systemRandomBytes);
  await caughtUp(owner);
  clock.pass(STUCK_MS - 60_000);
  connection.become('connecting');
  clock.pass(2 * STUCK_MS);
  assert.equal(states.of(bot), 'working');
  connection.become('online');
  clock.pass(50_000);
  assert.equal(states.of(bot), 'working', 'a minute is left');
  clock.pass(20_000);
  assert.deepEqual(told, ['working', 'stuck']);
});

type StateListener = Parameters<WorldSession['onState']>[0];

/** The owner's connection, as a test says that it is. */
class Connection {
  state: WorldSession['state'] = { tag: 'online' };
  readonly #listeners = new Set<StateListener>();

  onState(listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  become(tag: 'online' | 'connecting'): void {
    this.state = { tag };
    for (const listener of this.#listeners) listener(this.state);
  }
}

/** An owner's view of one agent, by a clock of the test's. */
async function scene(t: Parameters<typeof WorldLab.open>[0]) {
  const lab = await WorldLab.open(t);
  const owner = await lab.enter(lab.owner);
  const agent = await lab.agent({ kind: 'agent' });
  const { session } = agent;
  await caughtUp(owner);
  const clock = new ManualClock(Date.now());
  const told: string[] = [];
  const connection = new Connection();
  const watched = {
    view: owner.view,
    clock,
    onState: (listener: StateListener) => connection.onState(listener),
    get state() {
      return connection.state;
    },
  };
  const states = new AgentStates(watched, (_agent, state) => told.push(state));
  t.after(() => states.stop());
  return { lab, owner, agent, session, bot: session.identity, clock, told, states, connection };
}
