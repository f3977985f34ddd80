import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, test } from 'node:test';
import { BsatnReader } from '../../../src/host/bsatn/reader.ts';
import { BsatnWriter } from '../../../src/host/bsatn/writer.ts';
import type { Clock } from '../../../src/host/clock.ts';
import { Database, type Connection } from '../../../src/host/database.ts';
import { hexToBsatn, identityOf } from '../../../src/host/identity.ts';
import type { Delta, Journal } from '../../../src/host/journal.ts';
import { silentLog } from '../../../src/host/log.ts';
import { MemoryJournal } from '../../../src/host/memory-journal.ts';
import { bundleModule } from '../../contract/engine-harness.ts';

let source: string;

before(async () => {
  source = await bundleModule();
});

const owner = identityOf('localhost', 'owner');
const alice = identityOf('localhost', 'alice');
const bob = identityOf('localhost', 'bob');

/** Time and turns that move only when told to. */
class Stage implements Clock {
  nowMs = 1_000_000;
  #flushes: (() => void)[] = [];
  #timers: { readonly atMs: number; readonly fire: () => void }[] = [];

  nowMicros(): bigint {
    return BigInt(this.nowMs) * 1000n;
  }

  after(delayMs: number, fire: () => void): () => void {
    const timer = { atMs: this.nowMs + delayMs, fire };
    this.#timers.push(timer);
    return () => (this.#timers = this.#timers.filter((each) => each !== timer));
  }

  schedule(flush: () => void): void {
    this.#flushes.push(flush);
  }

  /** Runs one flush, if one is due. */
  step(): void {
    this.#flushes.shift()?.();
  }

  settle(): void {
    while (this.#flushes.length > 0) this.step();
  }

  advance(byMs: number): void {
    this.nowMs += byMs;
    const due = this.#timers.filter((timer) => timer.atMs <= this.nowMs);
    this.#timers = this.#timers.filter((timer) => timer.atMs > this.nowMs);
    for (const { fire } of due) fire();
    this.settle();
  }
}

interface Opened {
  readonly stage: Stage;
  readonly database: Database;
}

function optionsFor(stage: Stage, journal: Journal) {
  let counter = 0;
  return {
    identity: identityOf('localhost', 'database'),
    owner,
    journal,
    clock: stage,
    log: silentLog,
    random: (byteCount: number) =>
      createHash('sha256').update(String(counter++)).digest().subarray(0, byteCount),
    scheduleFlush: (flush: () => void) => stage.schedule(flush),
    volatileTables: new Set(['presence']),
    limits: { outboundBytes: 1e6, inboundBytes: 1e6, queriesPerConnection: 100 },
  };
}

function create(journal: Journal, changes: { readonly lateSeed?: number } = {}): Opened {
  const stage = new Stage();
  return {
    stage,
    database: Database.create({ ...optionsFor(stage, journal), ...changes }, source),
  };
}

/** A client with no socket: what it was sent, and how its connection ended. */
class Client {
  readonly frames: Buffer[] = [];
  closedBecause: string | null = null;
  readonly #connection: Connection;
  #requests = 0;

  constructor({ database }: Opened, identity: string, heard: (frame: Buffer) => void = () => {}) {
    this.#connection = database.connect(
      { identity, token: 'token', claims: '{}' },
      {
        send: (frame) => {
          this.frames.push(frame);
          heard(frame);
        },
        close: (reason) => (this.closedBecause = reason),
      },
    );
  }

  call(reducer: string, args: BsatnWriter = new BsatnWriter()): void {
    const message = new BsatnWriter().u8(3).u32(this.#requests++).u8(0).string(reducer);
    this.#connection.receive(message.bytes(args.take()).take());
  }

  subscribe(...queries: string[]): void {
    const message = new BsatnWriter().u8(0).u32(this.#requests++).u32(this.#requests);
    message.u32(queries.length);
    for (const query of queries) message.string(query);
    this.#connection.receive(message.take());
  }

  receive(frame: Buffer): void {
    this.#connection.receive(frame);
  }

  leave(): void {
    this.#connection.close();
  }

  /** Kinds of the messages received, by their tags. */
  get heard(): string[] {
    return this.frames.map((frame) => KINDS[frame.readUInt8(1)] ?? 'unknown');
  }
}

const KINDS = [
  'welcome',
  'subscribed',
  'unsubscribed',
  'subscription error',
  'update',
  'rows',
  'result',
];

const noteArgs = (slug: string) => new BsatnWriter().string(slug).string('f').u32(0).string('');
const textArgs = (text: string) => new BsatnWriter().string(text);
const memberArgs = (identity: string, removed: boolean) =>
  new BsatnWriter().raw(hexToBsatn(identity)).bool(removed);

/** Notes what a journal is told, in one list with whatever else a test puts there. */
class WatchedJournal extends MemoryJournal {
  readonly events: string[];
  failing = false;

  constructor(events: string[]) {
    super();
    this.events = events;
  }

  override commit(deltas: readonly Delta[], durable: boolean): void {
    if (this.failing) throw new Error('the disk is full');
    this.events.push(durable ? `synced ${deltas.length}` : `noted ${deltas.length}`);
    super.commit(deltas, durable);
  }
}

test('nobody hears of a change before it is synced; changes of presence alone wait for no sync', () => {
  const events: string[] = [];
  const opened = create(new WatchedJournal(events));
  const { stage } = opened;
  const caller = new Client(opened, alice, (frame) => events.push(`caller ${frame[1]}`));
  const watcher = new Client(opened, bob, (frame) => events.push(`watcher ${frame[1]}`));
  stage.settle();
  watcher.subscribe('SELECT * FROM note', 'SELECT * FROM presence');
  stage.settle();
  events.length = 0;
  caller.call('add_note', noteArgs('one'));
  assert.deepEqual(events, []);
  stage.step();
  assert.deepEqual(events, ['synced 1', 'watcher 4', 'caller 6'].sort(byJournalFirst));
  events.length = 0;
  caller.call('set_presence', textArgs('here'));
  stage.step();
  assert.deepEqual(
    events.toSorted(byJournalFirst),
    ['noted 1', 'caller 6', 'watcher 4'].sort(byJournalFirst),
  );
});

const byJournalFirst = (left: string, right: string) =>
  Number(/^[cw]/.test(left)) - Number(/^[cw]/.test(right)) || (left < right ? 1 : -1);

test('calls that came in one turn share one sync, and each has its own answer', () => {
  const events: string[] = [];
  const opened = create(new WatchedJournal(events));
  const [first, second] = [new Client(opened, alice), new Client(opened, bob)];
  opened.stage.settle();
  events.length = 0;
  for (let index = 0; index < 10; index++) {
    first.call('add_note', noteArgs(`a${index}`));
    second.call('add_note', noteArgs(`b${index}`));
  }
  opened.stage.step();
  assert.deepEqual(events, ['synced 20']);
  assert.equal(first.heard.filter((kind) => kind === 'result').length, 10);
  assert.equal(second.heard.filter((kind) => kind === 'result').length, 10);
});

test('where clients hear late, an answer does not wait for others, and each hears all in order', () => {
  const firstHeard = new Set<string>();
  for (let lateSeed = 0; lateSeed < 12; lateSeed++) {
    const opened = create(new MemoryJournal(), { lateSeed });
    const { stage } = opened;
    const order: string[] = [];
    const caller = new Client(opened, alice);
    const watchers = ['first', 'second'].map((name) => {
      const heard: string[] = [];
      const client = new Client(opened, bob, (frame) => {
        const slug = /n\d/.exec(frame.toString('latin1'))?.[0];
        if (frame[1] !== 4 || slug === undefined) return;
        heard.push(slug);
        order.push(name);
      });
      stage.settle();
      client.subscribe('SELECT * FROM note');
      stage.settle();
      return { client, heard };
    });
    for (let index = 0; index < 5; index++) {
      caller.call('add_note', noteArgs(`n${index}`));
      stage.settle();
      assert.equal(caller.heard.filter((kind) => kind === 'result').length, index + 1);
      stage.advance(3);
    }
    stage.advance(100);
    for (const { heard } of watchers) assert.deepEqual(heard, ['n0', 'n1', 'n2', 'n3', 'n4']);
    firstHeard.add(order[0] ?? '');
    // Its own answer brings a client up to date with all that was committed before it.
    caller.call('add_note', noteArgs('n5'));
    stage.settle();
    const { client, heard } = watchers[0]!;
    client.call('touch_note', textArgs('n5'));
    stage.settle();
    assert.equal(heard.at(-1), 'n5');
  }
  assert.deepEqual(firstHeard, new Set(['first', 'second']));
});

test('after a failed sync nothing is answered and nothing more accepted', async () => {
  const journal = new WatchedJournal([]);
  const opened = create(journal);
  const { database, stage } = opened;
  const client = new Client(opened, alice);
  stage.settle();
  journal.failing = true;
  client.call('add_note', noteArgs('lost'));
  const failed = assert.rejects(
    database.run(() => 'work'),
    { code: 'storage_failed' },
  );
  stage.settle();
  await failed;
  assert.deepEqual(client.heard, ['welcome']);
  assert.match(client.closedBecause ?? '', /could not be written to disk/);
  journal.failing = false;
  const late = new Client(opened, bob);
  const refused = assert.rejects(
    database.run(() => 'work'),
    { code: 'storage_failed' },
  );
  stage.settle();
  await refused;
  assert.deepEqual(late.heard, []);
  assert.match(late.closedBecause ?? '', /could not be written/);
  assert.equal(database.failure?.code, 'storage_failed');
});

test('what was synced is there after a crash, and owed disconnects are run', () => {
  const journal = new MemoryJournal();
  const opened = create(journal);
  const client = new Client(opened, alice);
  opened.stage.settle();
  client.call('add_note', noteArgs('kept'));
  client.call('set_presence', textArgs('here'));
  opened.stage.settle();
  journal.crash();
  const stage = new Stage();
  const database = Database.open(optionsFor(stage, journal));
  assert.ok(database);
  stage.settle();
  const watcher = new Client({ stage, database }, bob);
  watcher.subscribe('SELECT * FROM note', 'SELECT * FROM presence');
  stage.settle();
  const rows = watcher.frames[1]?.toString('latin1') ?? '';
  assert.match(rows, /kept/);
  assert.doesNotMatch(rows, /here/);
  const visits = database.runtime.datastore.table('visit')?.allRows() ?? [];
  const kinds = visits.map((row) => {
    const reader = new BsatnReader(row.bytes, 8);
    return reader.string();
  });
  assert.deepEqual(kinds, ['init', 'connect', 'disconnect', 'connect']);
});

test('a module that an earlier version took still opens, and is not taken anew', () => {
  const older = `new TextDecoder('utf-8', { ignoreBOM: true });\n${source}`;
  const journal = new MemoryJournal();
  journal.install({ source: older, tableIds: new Map() }, { puts: [], deletes: [], sequences: [] });
  assert.ok(Database.open(optionsFor(new Stage(), journal)));
  assert.throws(() => Database.create(optionsFor(new Stage(), new MemoryJournal()), older), {
    code: 'bad_module',
    message: /Option 'ignoreBOM' not supported/,
  });
});

test('a member who is removed is disconnected at once, on every connection, and nobody else', () => {
  const opened = create(new MemoryJournal());
  const { stage } = opened;
  const [first, second, other] = [
    new Client(opened, alice),
    new Client(opened, alice),
    new Client(opened, bob),
  ];
  stage.settle();
  other.call('set_member', memberArgs(alice, false));
  stage.settle();
  assert.deepEqual([first.closedBecause, second.closedBecause], [null, null]);
  other.call('set_member', memberArgs(alice, true));
  stage.settle();
  assert.equal(first.closedBecause, 'no longer a member');
  assert.equal(second.closedBecause, 'no longer a member');
  assert.equal(other.closedBecause, null);
  assert.equal(opened.database.connectionCount, 1);
});

test('schedules follow the clock, skip what was missed, and end with their row', () => {
  const opened = create(new MemoryJournal());
  const { stage, database } = opened;
  const client = new Client(opened, alice);
  stage.settle();
  const ticks = () => database.runtime.datastore.table('tick')?.rowCount;
  const alarmArgs = (label: string, delayMs: number, repeats: number) =>
    new BsatnWriter()
      .string(label)
      .u64FromNumber(delayMs * 1000)
      .u32(repeats);
  client.call('set_alarm', alarmArgs('once', 50, 1));
  client.call('set_alarm', alarmArgs('often', 100, 3));
  stage.settle();
  stage.advance(49);
  assert.equal(ticks(), 0);
  stage.advance(1);
  assert.equal(ticks(), 1);
  stage.advance(50);
  assert.equal(ticks(), 2);
  stage.advance(1000);
  assert.equal(ticks(), 3, 'ten intervals at once are one run');
  stage.advance(100);
  assert.equal(ticks(), 4);
  stage.advance(10_000);
  assert.equal(ticks(), 4);
  assert.equal(database.runtime.datastore.table('alarm')?.rowCount, 0);
});

test('the same script with the same clock and random bytes sends the same bytes', () => {
  const transcript = () => {
    const opened = create(new MemoryJournal());
    const [first, second] = [new Client(opened, alice), new Client(opened, bob)];
    opened.stage.settle();
    second.subscribe('SELECT * FROM note', 'SELECT * FROM visit');
    for (let index = 0; index < 20; index++) first.call('add_note', noteArgs(`n${index}`));
    opened.stage.settle();
    first.leave();
    opened.stage.settle();
    return [first, second].map((client) => Buffer.concat(client.frames).toString('hex'));
  };
  assert.deepEqual(transcript(), transcript());
});

test('a frame that is cut, lengthened or changed anywhere harms its own connection at most', () => {
  const opened = create(new MemoryJournal());
  const witness = new Client(opened, bob);
  opened.stage.settle();
  const whole = new BsatnWriter().u8(3).u32(1).u8(0).string('add_note');
  const frame = whole.bytes(noteArgs('slug').take()).take();
  const variants: Buffer[] = [Buffer.alloc(0), Buffer.concat([frame, Buffer.of(0)])];
  for (let at = 0; at < frame.length; at++) {
    variants.push(frame.subarray(0, at));
    for (const value of [0, 1, 127, 255]) {
      const changed = Buffer.from(frame);
      changed[at] = value;
      variants.push(changed);
    }
  }
  for (const variant of variants) {
    const client = new Client(opened, alice);
    opened.stage.settle();
    client.receive(variant);
    opened.stage.settle();
    client.leave();
    opened.stage.settle();
  }
  witness.call('add_note', noteArgs('still served'));
  opened.stage.settle();
  assert.equal(witness.closedBecause, null);
  assert.equal(witness.heard.at(-1), 'result');
  assert.equal(opened.database.connectionCount, 1);
});
