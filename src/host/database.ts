import { layoutOf, type Layout } from './bsatn/layout.ts';
import { BsatnWriter } from './bsatn/writer.ts';
import {
  ClientSession,
  type Credentials,
  type ProtocolVersion,
  type SessionLimits,
  type Transport,
} from './client-session.ts';
import { handleClientMessage } from './client-requests.ts';
import type { Clock } from './clock.ts';
import { CommitRecorder } from './commit-recorder.ts';
import { DatabaseError } from './database-error.ts';
import { appendDefaults, CLIENT_TABLE } from './datastore/datastore.ts';
import type { Row } from './datastore/row.ts';
import type { Table } from './datastore/table.ts';
import type { TableChange } from './datastore/transaction.ts';
import { bsatnToHex, hexToBsatn, identityNumber, type IdentityHex } from './identity.ts';
import type { Journal, StoredRow } from './journal.ts';
import { Lane, type ScheduleFlush } from './lane.ts';
import type { HostLog } from './log.ts';
import { removedMembers } from './membership-watch.ts';
import { checkMigration } from './migration.ts';
import type { Lifecycle } from './module-def.ts';
import { BadModuleError } from './module-loader.ts';
import { ModuleRuntime, type CallOutcome, type Caller } from './module-runtime.ts';
import {
  initialConnection,
  transactionUpdate,
  type QuerySetUpdate,
} from './protocol/server-message.ts';
import { Scheduler, type DueRow } from './scheduler.ts';
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
  #scheduler: Scheduler;
  readonly #sessions = new Map<bigint, ClientSession>();
  readonly #accepted = new Set<ClientSession>();
  readonly #claims = new Map<bigint, string>();
  readonly #touched = new Set<ClientSession>();
  #settled: ((failure: DatabaseError | null) => void)[] = [];
  #failure: DatabaseError | null = null;
  #lifecycle = new Map<Lifecycle, Layout>();

  private constructor(options: DatabaseOptions, source: string, recorder: CommitRecorder) {
    this.options = options;
    this.#recorder = recorder;
    this.#lane = new Lane(options.scheduleFlush, () => this.#settle());
    this.#runtime = this.#load(source, recorder.tableIds);
    this.#scheduler = this.#newScheduler();
  }

  /**
   * Makes a new database in an empty journal and runs `init` as its owner. Throws `bad_module`, or
   * `rejected` when `init` does not succeed; nothing is kept then.
   */
  static create(options: DatabaseOptions, source: string): Database {
    const database = badModule(
      () => new Database(options, source, new CommitRecorder(options.volatileTables, new Map())),
    );
    database.#initialise(source);
    return database;
  }

  /** Opens what a journal holds; null when it holds nothing. Throws when it is damaged. */
  static open(options: DatabaseOptions): Database | null {
    const stored = options.journal.read();
    if (stored === null) return null;
    const recorder = new CommitRecorder(options.volatileTables, stored.program.tableIds);
    const database = new Database(options, stored.program.source, recorder);
    const rows = [...stored.rows];
    for (const { id } of rows) recorder.seen(id);
    database.#runtime.datastore.load(rows, stored.sequences);
    database.#disconnectFormerClients();
    database.#watchSchedules();
    return database;
  }

  get runtime(): ModuleRuntime {
    return this.#runtime;
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
        work: (session, message, done) => {
          this.#lane.submit(() => {
            done();
            if (this.#failure === null && this.#accepted.has(session)) {
              handleClientMessage(this, session, message);
            }
          });
        },
        touched: (session) => this.#touched.add(session),
        ended: (session) => this.#lane.submit(() => this.#leave(session)),
      },
      { version, limits: this.options.limits },
    );
    this.#sessions.set(session.caller.connectionId, session);
    this.#lane.submit(() => this.#welcome(session));
    return { receive: (frame) => session.receive(frame), close: () => session.close() };
  }

  /** Ends all connections of an identity. */
  disconnectIdentity(identity: IdentityHex): void {
    for (const session of this.#sessions.values()) {
      if (session.credentials.identity === identity) session.cut('no longer a member');
    }
  }

  /** Runs work in the lane; resolves with its result once everything it did is durable. */
  run<Result>(work: () => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#lane.submit(() => {
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
      const welcome = this.#callConnected(caller);
      if (welcome.kind !== 'ok') throw new DatabaseError('rejected', welcome.message);
      try {
        return call(caller);
      } finally {
        this.#callDisconnected(caller);
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
      if (session !== caller) session.send(transactionUpdate(sets));
    }
    this.#scheduler.observe(changes);
    for (const identity of removedMembers(changes)) {
      this.#settled.push(() => this.disconnectIdentity(identity));
    }
    return caller === null ? [] : (updates.get(caller) ?? []);
  }

  /**
   * Replaces the module. Throws `bad_module` or `migration_refused`, with nothing changed. Clients
   * are disconnected: what they subscribed to may have another shape now.
   */
  async update(source: string): Promise<void> {
    await this.run(() => {
      const next = badModule(() => this.#load(source, this.#recorder.tableIds));
      checkMigration(this.#runtime.def, next.def);
      for (const session of this.#sessions.values()) session.cut('the module was updated');
      for (const session of this.#accepted) this.#leave(session);
      this.#flushJournal();
      const migrated = this.#migrateInto(next);
      const tableIds = next.datastore.tableIds();
      this.#journaling(() =>
        this.options.journal.install(
          { source, tableIds },
          { puts: migrated, deletes: [], sequences: next.datastore.sequences() },
        ),
      );
      this.#recorder.tableIds = tableIds;
      this.#runtime = next;
      this.#scheduler.close();
      this.#scheduler = this.#newScheduler();
      this.#watchSchedules();
    });
  }

  /** Disconnects everyone, makes everything durable and lets go of the journal. */
  async close(): Promise<void> {
    for (const session of this.#sessions.values()) session.cut('the host is closing');
    await this.#lane.idle();
    this.#scheduler.close();
    this.#failure ??= new DatabaseError('closed', 'the database is closed');
    this.options.journal.close();
  }

  #load(source: string, tableIds: ReadonlyMap<string, number>): ModuleRuntime {
    const { identity, clock, log } = this.options;
    return new ModuleRuntime({
      source,
      tableIds,
      identity,
      clock,
      log,
      claimsOf: (connectionId) => this.#claims.get(connectionId) ?? '',
      scheduleImmediate: (reducer, args) => this.#lane.submit(() => this.#runSystem(reducer, args)),
      committed: (changes) => void this.applied(changes, null),
    });
  }

  #initialise(source: string): void {
    const init = this.#runtime.def.lifecycle.get('init');
    const caller = { identity: identityNumber(this.options.owner), connectionId: 0n };
    const outcome = init === undefined ? null : this.#runtime.callReducer(init, caller, EMPTY);
    if (outcome !== null && outcome.kind !== 'ok') {
      throw new DatabaseError('rejected', `init did not succeed: ${outcome.message}`);
    }
    if (outcome !== null) this.#recorder.record(outcome.changes);
    const delta = this.#recorder.takeMerged();
    const tableIds = this.#runtime.datastore.tableIds();
    this.#recorder.tableIds = tableIds;
    this.options.journal.install({ source, tableIds }, delta);
    this.#watchSchedules();
  }

  #welcome(session: ClientSession): void {
    if (!session.isOpen || this.#failure !== null) return;
    this.#claims.set(session.caller.connectionId, session.credentials.claims);
    const outcome = this.#callConnected(session.caller);
    if (outcome.kind !== 'ok') {
      this.#claims.delete(session.caller.connectionId);
      session.cut('rejected');
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
    this.#callDisconnected(session.caller);
    this.#claims.delete(session.caller.connectionId);
  }

  #callConnected(caller: Caller): CallOutcome {
    const clients = this.#clientTable();
    const enter = (transaction: Parameters<Parameters<ModuleRuntime['transact']>[0]>[1]) =>
      void transaction.insert(clients, clientRow(caller));
    const hook = this.#runtime.def.lifecycle.get('connect');
    const outcome =
      hook === undefined
        ? this.#runtime.transact((_, transaction) => enter(transaction))
        : this.#runtime.callReducer(hook, caller, EMPTY, enter);
    if (outcome.kind === 'ok') this.applied(outcome.changes, null);
    return outcome;
  }

  #callDisconnected(caller: Caller): void {
    const clients = this.#clientTable();
    const hook = this.#runtime.def.lifecycle.get('disconnect');
    const leave = (transaction: Parameters<Parameters<ModuleRuntime['transact']>[0]>[1]) => {
      const row = clients.byIdentity(clients.makeRow(clientRow(caller)).keys[0] ?? '');
      if (row !== undefined) transaction.delete(clients, row);
    };
    let outcome = hook === undefined ? null : this.#runtime.callReducer(hook, caller, EMPTY, leave);
    // The client has left whatever the module thinks of it.
    if (outcome?.kind !== 'ok') outcome = this.#runtime.transact((_, tx) => leave(tx));
    if (outcome.kind === 'ok') this.applied(outcome.changes, null);
  }

  /** Runs the disconnects that a crash left owing. */
  #disconnectFormerClients(): void {
    for (const { bytes } of this.#clientTable().allRows()) {
      this.#callDisconnected({
        connectionId: BigInt(`0x${bsatnToHex(bytes.subarray(0, 16))}`),
        identity: BigInt(`0x${bsatnToHex(bytes.subarray(16, 48))}`),
      });
    }
    this.#lane.submit(() => {});
  }

  #clientTable(): Table {
    const table = this.#runtime.datastore.table(CLIENT_TABLE);
    if (table === undefined) throw new Error('the client table is missing');
    return table;
  }

  #newScheduler(): Scheduler {
    return new Scheduler(this.options.clock, (due) => this.#lane.submit(() => this.#runDue(due)));
  }

  #watchSchedules(): void {
    for (const schedule of this.#runtime.def.schedules) {
      const table = this.#runtime.datastore.table(schedule.tableName);
      if (table !== undefined) this.#scheduler.watch(table, schedule);
    }
  }

  #runDue(due: DueRow): void {
    if (this.#failure !== null || !isStored(due.table, due.row)) return;
    this.#runSystem(due.schedule.functionName, due.row.bytes);
    if (due.intervalMicros === null && isStored(due.table, due.row)) {
      const outcome = this.#runtime.transact((_, tx) => tx.delete(due.table, due.row));
      if (outcome.kind === 'ok') this.applied(outcome.changes, null);
    }
    this.#scheduler.ran(due);
  }

  /** Runs a reducer or procedure as the database itself. */
  #runSystem(name: string, args: Buffer): void {
    if (this.#failure !== null) return;
    const { def } = this.#runtime;
    const caller = { identity: identityNumber(this.options.identity), connectionId: 0n };
    const reducer = def.reducers.findIndex(
      (each) => each.name === name || each.sourceName === name,
    );
    if (reducer >= 0) {
      const outcome = this.#runtime.callReducer(reducer, caller, args);
      if (outcome.kind === 'ok') this.applied(outcome.changes, null);
      return;
    }
    const procedure = def.procedures.findIndex((each) => each.name === name);
    if (procedure >= 0) this.#runtime.callProcedure(procedure, caller, args);
    else this.options.log.error('schedule.no_such_function', { name });
  }

  /** Copies all rows into the tables of another definition; returns those that changed. */
  #migrateInto(next: ModuleRuntime): StoredRow[] {
    const migrated: StoredRow[] = [];
    const rows: StoredRow[] = [];
    for (const table of this.#runtime.datastore.tables()) {
      const successor = next.datastore.table(table.schema.name);
      if (successor === undefined) continue;
      const [before, after] = [table.schema.def, successor.schema.def];
      const grows = after.columns.length > before.columns.length;
      for (const { id, bytes } of table.allRows()) {
        const row = {
          id,
          tableId: successor.id,
          bytes: grows ? appendDefaults(bytes, before, after) : bytes,
        };
        rows.push(row);
        if (grows) migrated.push(row);
      }
    }
    next.datastore.load(rows, this.#runtime.datastore.sequences());
    return migrated;
  }

  #settle(): void {
    if (this.#failure === null) this.#flushJournal();
    for (const session of this.#touched) if (this.#failure === null) session.flush();
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
      this.#failure = new DatabaseError(
        'storage_failed',
        'the database could not be written to disk and accepts nothing more until it is reopened',
        { cause: error },
      );
      this.options.log.error('journal.failed', { reason: String(error) });
      for (const session of this.#sessions.values()) session.cut('the storage failed');
    }
  }
}

const EMPTY = Buffer.alloc(0);

function clientRow(caller: Caller): Buffer {
  return new BsatnWriter().integer(caller.connectionId, 16).integer(caller.identity, 32).take();
}

function isStored(table: Table, row: Row): boolean {
  return table.byIdentity(table.identityOf(row)) === row;
}

function badModule<Result>(load: () => Result): Result {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof BadModuleError)) throw error;
    throw new DatabaseError('bad_module', error.message, { cause: error });
  }
}
