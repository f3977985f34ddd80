import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { hostStatus, stopHost } from '../../src/host/handover.ts';
import { killHost, openHostLab, type HostLab } from '../harness/host-life.ts';
import { connectLedger, markOf, type LedgerClient } from '../harness/ledger-client.ts';
import { publishLedger } from '../harness/ledger-server.ts';
import { seededRandom, testSeed } from '../harness/seeded-random.ts';

/** `world-kill.test.ts` kills more often; this one also sees that nothing is there out of its order. */
const KILLS = process.env['AGENT_WORLD_SOAK'] === '1' ? 200 : 5;
const WRITERS = 3;
/** Writes each client has under way at once. */
const PIPELINE = 16;
const MOST_ANSWERS_BEFORE_A_KILL = 150;

describe('SIGKILL of the host under load', { timeout: 60_000 + KILLS * 10_000 }, () => {
  let lab: HostLab;
  before(async () => {
    lab = await openHostLab();
  });
  after(() => lab.dispose());

  it(`loses nothing acknowledged, ${KILLS} times`, async (test) => {
    const seed = testSeed();
    const random = seededRandom(seed);
    const home = lab.newHome();
    const token = await publishLedger((await lab.ensure(home)).uri, 'ledger');
    const writers = Array.from({ length: WRITERS }, (_, id) => new Writer(id));

    for (let kill = 1; kill <= KILLS; kill += 1) {
      const { uri } = await lab.ensure(home);
      await assertLedgerHolds(uri, token, writers, `seed ${seed}, after ${kill - 1} kills`);
      const answers = new Countdown(1 + Math.floor(random() * MOST_ANSWERS_BEFORE_A_KILL));
      const clients = await Promise.all(writers.map(() => connectLedger(uri, 'ledger', token)));
      const working = writers.map((writer, id) =>
        writer.writeUntilClosed(clients[id] as LedgerClient, () => answers.count()),
      );
      await Promise.race([answers.done, ...working]);
      await killHost(home);
      await Promise.all(working);
    }

    const { uri } = await lab.ensure(home);
    await assertLedgerHolds(uri, token, writers, `seed ${seed}, at the end`);
    const acknowledged = writers.reduce((sum, writer) => sum + writer.acknowledged.size, 0);
    test.diagnostic(`seed ${seed}: ${KILLS} kills, ${acknowledged} acknowledged writes kept`);
    assert.ok(acknowledged >= KILLS);
  });

  it('loses nothing acknowledged at a handover to a newer version, nor at a stop', async () => {
    const home = lab.newHome();
    const token = await publishLedger((await lab.ensure(home)).uri, 'ledger');
    const writers = Array.from({ length: WRITERS }, (_, id) => new Writer(id));
    const ends = [
      () => lab.ensure(home, { version: '1.1.0' }),
      () => lab.ensure(home, { version: '1.2.0' }),
      () => stopHost({ home }),
    ];
    for (const [place, end] of ends.entries()) {
      const { uri } = await lab.ensure(home);
      const answers = new Countdown(100);
      const clients = await Promise.all(writers.map(() => connectLedger(uri, 'ledger', token)));
      const working = writers.map((writer, id) =>
        writer.writeUntilClosed(clients[id] as LedgerClient, () => answers.count()),
      );
      await Promise.race([answers.done, ...working]);
      const status = await hostStatus({ home });
      assert.ok(status.state === 'running');
      assert.deepEqual([status.databases, status.connections], [1, WRITERS]);
      await end();
      await Promise.all(working);
      const { uri: next } = await lab.ensure(home);
      await assertLedgerHolds(next, token, writers, `after end ${place}`);
    }
  });
});

/** Writes numbers one after the other, and remembers which were acknowledged. */
class Writer {
  readonly acknowledged = new Set<number>();
  /** The first number sent on each connection, and the one after the last. */
  readonly runs: { readonly first: number; end: number }[] = [];
  readonly #id: number;
  #next = 0;
  #client: LedgerClient | undefined;

  constructor(id: number) {
    this.#id = id;
  }

  mark(number: number): string {
    return markOf(this.#id, number);
  }

  /** Rejects when the host refuses a write; a write that a kill cut off just has no answer. */
  writeUntilClosed(client: LedgerClient, onAcknowledged: () => void): Promise<void> {
    this.#client = client;
    const run = { first: this.#next, end: this.#next };
    this.runs.push(run);
    const state = { open: true };
    const lanes = Array.from({ length: PIPELINE }, () => this.#write(run, state, onAcknowledged));
    const close = async (): Promise<void> => {
      await client.closed;
      state.open = false;
    };
    return Promise.race([close(), ...lanes]);
  }

  async #write(
    run: { end: number },
    state: { readonly open: boolean },
    onAcknowledged: () => void,
  ): Promise<void> {
    while (state.open) {
      const number = this.#next;
      this.#next += 1;
      run.end = this.#next;
      await this.#client?.append(this.#id, number);
      this.acknowledged.add(number);
      onAcknowledged();
    }
  }
}

/** Resolves `done` when `count` was called a number of times. */
class Countdown {
  readonly done: Promise<void>;
  readonly #resolve: () => void;
  #left: number;

  constructor(times: number) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#left = times;
    this.done = promise;
    this.#resolve = resolve;
  }

  count(): void {
    this.#left -= 1;
    if (this.#left === 0) this.#resolve();
  }
}

async function assertLedgerHolds(
  uri: string,
  token: string,
  writers: readonly Writer[],
  when: string,
): Promise<void> {
  const reader = await connectLedger(uri, 'ledger', token);
  await reader.subscribe();
  const found = new Set(reader.marks());
  reader.close();
  await reader.closed;
  let explained = 0;
  for (const writer of writers) {
    for (const number of writer.acknowledged) {
      assert.ok(found.has(writer.mark(number)), `${writer.mark(number)} is missing, ${when}`);
    }
    // What was sent but not acknowledged may be there, but only after all that was sent before it.
    for (const { first, end } of writer.runs) {
      let number = first;
      while (number < end && found.has(writer.mark(number))) number += 1;
      explained += number - first;
    }
  }
  assert.equal(explained, found.size, `the ledger holds what nobody sent, or has a gap, ${when}`);
}
