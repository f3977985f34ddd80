import { createHash } from 'node:crypto';
import { ClientLifecycle } from './client-lifecycle.ts';
import {
  ClientSession,
  type Credentials,
  type ProtocolVersion,
  type SessionLimits,
  type Transport,
} from './client-session.ts';
import { handleClientMessage, planFor } from './client-requests.ts';
import type { Clock } from './clock.ts';
import { CommitRecorder } from './commit-recorder.ts';
import { DatabaseError } from './database-error.ts';
import type { TableChange } from './datastore/transaction.ts';
import { identityNumber, type IdentityHex } from './identity.ts';
import type { Delta, Journal } from './journal.ts';
import { Lane, type ScheduleFlush } from './lane.ts';
import { LateDelivery } from './late-delivery.ts';
import type { HostLog } from './log.ts';
import { removedMembers } from './membership-watch.ts';
import { expectPermitted, migrateRows, planMigration, type MigrationPlan } from './migration.ts';
import type { Strictness } from './module-context.ts';
import { BadModuleError } from './module-loader.ts';
import { ModuleRuntime, type Caller } from './module-runtime.ts';
import {
  initialConnection,
  subscriptionError,
  transactionUpdate,
  type QuerySetUpdate,
} from './protocol/server-message.ts';
import { ScheduledCalls } from './scheduled-calls.ts';
import { QueryError } from './subscriptions/sql.ts';
import { SubscriptionSet } from './subscriptions/subscription-set.ts';

export interface DatabaseLimits extends SessionLimits {
  /** Queries one connection may subscribe to at a time. */
  readonly queriesPerConnection: number;
}

export interface DatabaseOptions {
  readonly identity: IdentityHex;
  readonly owner: IdentityHex;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: HostLog;
  /** Cryptographically random bytes; a simulation's own instead. */
  random(byteCount: number): Buffer;
  readonly scheduleFlush: ScheduleFlush;
  /** Tables whose changes need not be on disk before anyone hears of them. */
  readonly volatileTables: ReadonlySet<string>;
  readonly limits: DatabaseLimits;
  /** Seed by which clients hear late of what others did; everybody hears at once without one. */
  readonly lateSeed?: number;
}

/** A plan with what shows that it was seen. */
export interface UpdatePlan extends MigrationPlan {
  readonly token: string;
}

/** The client's half of a connection made with `Database.connect`. */
export interface Connection {
  receive(frame: Buffer): void;
  /** Says that the client is gone. */
  close(): void;
}

/**
 * One database: a module, its tables, whoever is connected, and the journal. Everything runs in one
 * lane; nobody hears of a change before the journal has it.
 */
export class Database {
  readonly options: DatabaseOptions;
  readonly subscriptions = new SubscriptionSet<ClientSession>();
  #runtime: ModuleRuntime;
  readonly #recorder: CommitRecorder;
  readonly #lane: Lane;
  #lifecycle: ClientLifecycle;
  #schedule: ScheduledCalls;
  readonly #sessions = new Map<bigint, ClientSession>();
  readonly #accepted = new Set<ClientSession>();
  readonly #claims = new Map<bigint, string>();
  readonly #touched = new Set<ClientSession>();
  #settled: ((failure: DatabaseError | null) => void)[] = [];
  readonly #late: LateDelivery | null;
  #failure: DatabaseError | null = null;
  #programHash: string;

  private constructor(
    options: DatabaseOptions,
    source: string,
    recorder: CommitRecorder,
    isStored: boolean,
  ) {
    this.options = options;
    this.#recorder = recorder;
    const { lateSeed, clock } = options;
    this.#late = lateSeed === undefined ? null : new LateDelivery(lateSeed, clock);
    this.#lane = new Lane({
      schedule: options.scheduleFlush,
      nowMicros: () => options.clock.nowMicros(),
      later: (delayMs, fire) => void options.clock.after(delayMs, fire),
      settle: () => this.#settle(),
      crashed: (error) =>
        this.#fail('crashed', 'the database met an error in the host itself', error),
    });
    this.#runtime = isStored
      ? this.#loadStored(source, recorder.tableIds)
      : this.#load(source, recorder.tableIds, 'strict');
    this.#programHash = hashOf(source);
    this.#lifecycle = this.#newLifecycle();
    this.#schedule = this.#newSchedule();
  }

  /**
   * Makes a new database in an empty journal and runs `init` as its owner. Throws `bad_module`, or
   * `rejected` when `init` does not succeed; nothing is kept then.
   */
  static create(options: DatabaseOptions, source: string): Database {
    const recorder = new CommitRecorder(options.volatileTables, new Map());
    const database = badModule(() => new Database(options, source, recorder, false));
    database.#initialise(source);
    return database;
  }

  /** Opens what a journal holds; null when it holds nothing. Throws when it is damaged. */
  static open(options: DatabaseOptions): Database | null {
    const stored = options.journal.read();
    if (stored === null) return null;
    const recorder = new CommitRecorder(options.volatileTables, stored.program.tableIds);
    const database = new Database(options, stored.program.source, recorder, true);
    const rows = [...stored.rows];
    for (const { id } of rows) recorder.seen(id);
    database.#runtime.datastore.load(rows, stored.sequences);
    // Disconnects that a crash left owing.
    for (const caller of database.#lifecycle.remaining()) database.#lifecycle.disconnected(caller);
    database.#lane.submit(HOST, () => {});
    database.#schedule.start();
    return database;
  }

  get runtime(): ModuleRuntime {
    return this.#runtime;
  }

  /** SHA-256 of the module's source, in hexadecimal. */
  get programHash(): string {
    return this.#programHash;
  }

  /** Why nothing works any more, or null. */
  get failure(): DatabaseError | null {
    return this.#failure;
  }

  get connectionCount(): number {
    return this.#sessions.size;
  }

  /** Connects a client. `client_connected` decides; one it rejects is dropped without a reason. */
  connect(
    credentials: Credentials,
    transport: Transport,
    version: ProtocolVersion = 2,
  ): Connection {
    const session = new ClientSession(
      credentials,
      this.options.random(16).toString('hex'),
      transport,
      {
        work: (task, isAhead) => this.#lane.submit(credentials.identity, task, isAhead),
        handle: (session, message) => {
          if (this.#failure === null && this.#accepted.has(session)) {
            handleClientMessage(this, session, message);
          }
        },
        touched: (session) => this.#touched.add(session),
        ended: (session) => this.#lane.submit(credentials.identity, () => this.#leave(session)),
      },
      { version, limits: this.options.limits },
    );
    this.#sessions.set(session.caller.connectionId, session);
    this.#lane.submit(credentials.identity, () => this.#welcome(session));
    return { receive: (frame) => session.receive(frame), close: () => session.close() };
  }

  /** Ends all connections of an identity. */
  disconnectIdentity(identity: IdentityHex): void {
    for (const session of this.#sessions.values()) {
      if (session.credentials.identity === identity) session.cut('no longer a member');
    }
  }

  /**
   * Runs work in the lane, in the turns of whoever it is for; resolves with its result once
   * everything it did is durable.
   */
  run<Result>(work: () => Result, source: IdentityHex = HOST): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#lane.submit(source, () => {
        if (this.#failure !== null) {
          reject(this.#failure);
          return;
        }
        try {
          const result = work();
          this.#settled.push((failure) => (failure === null ? resolve(result) : reject(failure)));
        } catch (error) {
          this.#settled.push((failure) => reject(failure ?? (error as Error)));
        }
      });
    });
  }

  /**
   * Runs a call that comes over no lasting connection as one of its own, so that the module's
   * lifecycle reducers see it come and go. Call it in the lane. Throws `rejected`.
   */
  asConnection<Result>(credentials: Credentials, call: (caller: Caller) => Result): Result {
    const caller = {
      identity: identityNumber(credentials.identity),
      connectionId: BigInt(`0x${this.options.random(16).toString('hex')}`),
    };
    this.#claims.set(caller.connectionId, credentials.claims);
    try {
      const welcome = this.#lifecycle.connected(caller);
      if (welcome.kind !== 'ok') throw new DatabaseError('rejected', welcome.message);
      try {
        return call(caller);
      } finally {
        this.#lifecycle.disconnected(caller);
      }
    } finally {
      this.#claims.delete(caller.connectionId);
    }
  }

  /**
   * Takes account of what a transaction changed: records it, tells watchers, plans schedules.
   * Returns what the caller's own session must hear, which goes with its answer.
   */
  applied(
    changes: readonly TableChange[],
    caller: ClientSession | null,
  ): readonly QuerySetUpdate[] {
    if (changes.length === 0) return [];
    this.#recorder.record(changes);
    const updates = this.subscriptions.updatesFor(changes);
    for (const [session, sets] of updates) {
      if (session !== caller) session.tell(transactionUpdate(sets));
    }
    this.#schedule.observe(changes);
    for (const identity of removedMembers(changes)) {
      this.#settled.push(() => this.disconnectIdentity(identity));
    }
    return caller === null ? [] : (updates.get(caller) ?? []);
  }

  /** What `update` would do with a module. Throws `bad_module` or `migration_refused`. */
  async planUpdate(source: string): Promise<UpdatePlan> {
    return this.run(() => {
      const next = this.#loadNew(source);
      const plan = planMigration(this.#runtime.def, next.def);
      return { ...plan, token: this.#migrationToken(source) };
    });
  }

  /**
   * Replaces the module. Clients stay connected, unless the change breaks them: then all are
   * disconnected, and the token that `planUpdate` gave is needed. Throws `bad_module` or
   * `migration_refused`, with nothing changed.
   */
  async update(source: string, token?: string): Promise<void> {
    await this.run(() => {
      const next = this.#loadNew(source);
      const plan = planMigration(this.#runtime.def, next.def);
      expectPermitted(plan, token, this.#migrationToken(source));
      if (hashOf(source) === this.#programHash) return;
      this.#flushJournal();
      const puts = migrateRows(this.#runtime.datastore, next.datastore);
      const tableIds = next.datastore.tableIds();
      this.#journaling(() =>
        this.options.journal.install(
          { source, tableIds },
          { puts, deletes: [], sequences: next.datastore.sequences() },
        ),
      );
      this.#recorder.tableIds = tableIds;
      this.#runtime = next;
      this.#programHash = hashOf(source);
      this.#schedule.close();
      this.#lifecycle = this.#newLifecycle();
      this.#schedule = this.#newSchedule();
      if (plan.breaksClients) this.#disconnectAll();
      else this.#watchAnew();
      this.#schedule.start();
    });
  }

  #loadNew(source: string): ModuleRuntime {
    return badModule(() => this.#load(source, this.#recorder.tableIds, 'strict'));
  }

  /** As on SpacetimeDB it is no secret: it shows that somebody has seen what the plan says. */
  #migrationToken(source: string): string {
    return `0x${hashOf(this.options.identity + this.#programHash + hashOf(source))}`;
  }

  /** As the new module's reducers see it: the tables are those of the new module already. */
  #disconnectAll(): void {
    for (const session of this.#sessions.values()) session.cut('module exited', GOING_AWAY);
    for (const session of this.#accepted) this.#leave(session);
  }

  /** Binds what clients watch to the tables of a new module. */
  #watchAnew(): void {
    for (const { subscriber, querySetId, texts } of this.subscriptions.takeAll()) {
      const { identity } = subscriber.credentials;
      try {
        const asked = texts.map((text) => ({ text, plan: planFor(this, identity, text) }));
        this.subscriptions.add(subscriber, querySetId, asked);
      } catch (error) {
        if (!(error instanceof QueryError)) throw error;
        subscriber.send(subscriptionError(null, querySetId, error.message));
      }
    }
  }

  /** Ends all connections for good: there is no module any more. */
  exit(): Promise<void> {
    for (const session of this.#sessions.values()) session.cut('module exited', GOING_AWAY);
    return this.close();
  }

  /** Disconnects everyone, makes everything durable and lets go of the journal. */
  async close(): Promise<void> {
    for (const session of this.#sessions.values()) session.cut('the host is closing');
    await this.#lane.idle();
    this.#late?.close();
    this.#schedule.close();
    const failed = this.#failure !== null;
    this.#failure ??= new DatabaseError('closed', 'the database is closed');
    this.options.journal.close({ keepUnwritten: !failed });
  }

  /** A module that is stored was taken once, perhaps by a version of this host that refused less. */
  #loadStored(source: string, tableIds: ReadonlyMap<string, number>): ModuleRuntime {
    try {
      return this.#load(source, tableIds, 'strict');
    } catch (error) {
      if (!(error instanceof BadModuleError)) throw error;
      this.options.log.info('database.older_module', { reason: error.message });
      return this.#load(source, tableIds, 'as_0.1.0');
    }
  }

  #load(
    source: string,
    tableIds: ReadonlyMap<string, number>,
    strictness: Strictness,
  ): ModuleRuntime {
    const { identity, clock, log } = this.options;
    return new ModuleRuntime({
      source,
      strictness,
      tableIds,
      identity,
      clock,
      log,
      claimsOf: (connectionId) => this.#claims.get(connectionId) ?? '',
      scheduleImmediate: (reducer, args) =>
        this.#submitUnlessFailed(() => this.#schedule.call(reducer, args)),
      committed: (changes) => void this.applied(changes, null),
    });
  }

  #initialise(source: string): void {
    const init = this.#runtime.def.lifecycle.get('init');
    const caller = { identity: identityNumber(this.options.owner), connectionId: 0n };
    const outcome =
      init === undefined ? null : this.#runtime.callReducer(init, caller, Buffer.alloc(0));
    if (outcome !== null && outcome.kind !== 'ok') {
      throw new DatabaseError('rejected', `init did not succeed: ${outcome.message}`);
    }
    if (outcome !== null) this.#recorder.record(outcome.changes);
    const [delta = NO_CHANGE] = this.#recorder.take().deltas;
    const tableIds = this.#runtime.datastore.tableIds();
    this.#recorder.tableIds = tableIds;
    this.options.journal.install({ source, tableIds }, delta);
    this.#schedule.start();
  }

  #welcome(session: ClientSession): void {
    if (this.#failure !== null) session.cut(this.#failure.message);
    if (!session.isOpen) return;
    this.#claims.set(session.caller.connectionId, session.credentials.claims);
    const outcome = this.#lifecycle.connected(session.caller);
    if (outcome.kind !== 'ok') {
      this.#claims.delete(session.caller.connectionId);
      session.cut('rejected', 'dropped');
      return;
    }
    this.#accepted.add(session);
    const { identity, token } = session.credentials;
    session.send(initialConnection(identity, session.connectionId, token));
  }

  #leave(session: ClientSession): void {
    this.#sessions.delete(session.caller.connectionId);
    this.subscriptions.removeAll(session);
    if (!this.#accepted.delete(session) || this.#failure !== null) return;
    this.#lifecycle.disconnected(session.caller);
    this.#claims.delete(session.caller.connectionId);
  }

  #newLifecycle(): ClientLifecycle {
    return new ClientLifecycle(this.#runtime, (changes) => void this.applied(changes, null));
  }

  #newSchedule(): ScheduledCalls {
    const { clock, log, identity } = this.options;
    return new ScheduledCalls({
      runtime: this.#runtime,
      caller: { identity: identityNumber(identity), connectionId: 0n },
      clock,
      log,
      submit: (task) => this.#submitUnlessFailed(task),
      applied: (changes) => void this.applied(changes, null),
    });
  }

  #submitUnlessFailed(task: () => void): void {
    this.#lane.submit(HOST, () => {
      if (this.#failure === null) task();
    });
  }

  #settle(): void {
    if (this.#failure === null) this.#flushJournal();
    if (this.#failure === null) {
      for (const session of this.#touched) {
        if (this.#late === null) session.flush();
        else this.#late.deliver(session);
      }
    }
    this.#touched.clear();
    const settled = this.#settled;
    this.#settled = [];
    for (const resolve of settled) resolve(this.#failure);
  }

  #flushJournal(): void {
    const { deltas, durable } = this.#recorder.take();
    if (deltas.length > 0) this.#journaling(() => this.options.journal.commit(deltas, durable));
  }

  /** After the storage failed, memory is ahead of it: nothing may be answered or written any more. */
  #journaling(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#fail('storage_failed', 'the database could not be written to disk', error);
    }
  }

  #fail(code: 'storage_failed' | 'crashed', message: string, cause: unknown): void {
    const stack = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    this.options.log.error('database.failed', { code, cause: stack.slice(0, 1000) });
    if (this.#failure !== null) return;
    this.#failure = new DatabaseError(
      code,
      `${message}; it accepts nothing more until it is reopened`,
      { cause },
    );
    for (const session of this.#sessions.values()) session.cut(message);
    this.#late?.close();
    this.#schedule.close();
    this.options.journal.close({ keepUnwritten: false });
  }
}

const GOING_AWAY = 1001;

/** Where tasks come from that are nobody's in particular; no identity is spelled like it. */
const HOST = 'host';

const NO_CHANGE: Delta = { deletes: [], puts: [], sequences: [] };

function hashOf(source: string): string {
  return createHash('sha256').update(source).digest('hex');
}

function badModule<Result>(load: () => Result): Result {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof BadModuleError)) throw error;
    throw new DatabaseError('bad_module', error.message, { cause: error });
  }
}
