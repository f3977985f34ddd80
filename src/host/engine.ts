import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Credentials } from './client-session.ts';
import { systemClock, type Clock } from './clock.ts';
import {
  Database,
  type DatabaseLimits,
  type DatabaseOptions,
  type UpdatePlan,
} from './database.ts';
import { DatabaseError } from './database-error.ts';
import { syncDirectory, writeDurably } from './durable-file.ts';
import { identityOf, isIdentity, type IdentityHex } from './identity.ts';
import { flushNextTurn, type ScheduleFlush } from './lane.ts';
import type { HostLog } from './log.ts';
import { SqliteJournal } from './sqlite-journal.ts';
import { TokenAuthority } from './token-authority.ts';
import { DATABASE_FILE, DATABASES, INFO_FILE } from './stored-databases.ts';

export interface EngineOptions {
  /** Directory for databases and keys; created when missing. */
  readonly home: string;
  readonly log: HostLog;
  readonly clock?: Clock;
  readonly scheduleFlush?: ScheduleFlush;
  readonly random?: (byteCount: number) => Buffer;
  /** Tables whose changes nobody waits for to be on disk; `presence` unless said otherwise. */
  readonly volatileTables?: ReadonlySet<string>;
  readonly limits?: Partial<DatabaseLimits>;
  /** See {@link DatabaseOptions}; for tests. */
  readonly lateSeed?: number;
}

/** What is known of a database without opening it. */
export interface DatabaseInfo {
  readonly identity: IdentityHex;
  readonly owner: IdentityHex;
  /** Null for one that was published without a name. */
  readonly name: string | null;
}

const DEFAULT_LIMITS: DatabaseLimits = {
  outboundBytes: 64 * 1024 * 1024,
  inboundBytes: 64 * 1024 * 1024,
  queriesPerConnection: 10_000,
};

const DELETED = '.deleted';

/** The databases of one host, by name and by identity. Each is opened when first asked for. */
export class Engine {
  readonly tokens: TokenAuthority;
  readonly #options: EngineOptions;
  readonly #clock: Clock;
  readonly #directory: string;
  readonly #known = new Map<IdentityHex, DatabaseInfo>();
  readonly #open = new Map<IdentityHex, Database>();
  #closed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.tokens = TokenAuthority.open(path.join(options.home, 'identity'), this.#clock);
    this.#directory = path.join(options.home, DATABASES);
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    for (const entry of readdirSync(this.#directory)) this.#discover(entry);
  }

  list(): DatabaseInfo[] {
    return [...this.#known.values()];
  }

  /** Connections to all open databases. */
  get connectionCount(): number {
    let count = 0;
    for (const database of this.#open.values()) count += database.connectionCount;
    return count;
  }

  info(nameOrIdentity: string): DatabaseInfo | null {
    const byIdentity = this.#known.get(nameOrIdentity);
    return byIdentity ?? this.list().find((info) => info.name === nameOrIdentity) ?? null;
  }

  /** The database, opened. Throws `no_such_database`, or `damaged` when its file is. */
  database(nameOrIdentity: string): Database {
    if (this.#closed) throw new DatabaseError('closed', 'the host is closing');
    const info = this.info(nameOrIdentity);
    if (info === null) throw new DatabaseError('no_such_database', 'No such database.');
    const open = this.#open.get(info.identity);
    if (open !== undefined && open.failure === null) return open;
    const database = this.#openFile(info);
    this.#open.set(info.identity, database);
    return database;
  }

  /**
   * Publishes a module: as a new database, or as the next version of one that the publisher owns,
   * where a change that breaks clients needs the token of `planPublish`.
   * Throws `bad_module`, `bad_name`, `forbidden`, `migration_refused` or `rejected`.
   */
  async publish(
    publisher: Credentials,
    nameOrIdentity: string | null,
    source: string,
    token?: string,
  ): Promise<{ readonly info: DatabaseInfo; readonly created: boolean }> {
    const info = nameOrIdentity === null ? null : this.info(nameOrIdentity);
    if (info !== null) {
      expectOwner(info, publisher);
      await this.database(info.identity).update(source, token);
      return { info, created: false };
    }
    if (nameOrIdentity !== null) expectName(nameOrIdentity);
    return { info: this.#create(publisher.identity, nameOrIdentity, source), created: true };
  }

  /**
   * What publishing a module in an existing database would do. Throws `no_such_database`,
   * `forbidden`, `bad_module` or `migration_refused`.
   */
  async planPublish(
    publisher: Credentials,
    nameOrIdentity: string,
    source: string,
  ): Promise<UpdatePlan> {
    const info = this.info(nameOrIdentity);
    if (info === null) throw new DatabaseError('no_such_database', 'No such database.');
    expectOwner(info, publisher);
    return this.database(info.identity).planUpdate(source);
  }

  /** Gives a database another name. Throws `no_such_database`, `forbidden` or `bad_name`. */
  rename(caller: Credentials, nameOrIdentity: string, name: string): DatabaseInfo {
    const info = this.info(nameOrIdentity);
    if (info === null) throw new DatabaseError('no_such_database', 'No such database.');
    expectOwner(info, caller);
    expectName(name);
    if (this.info(name) !== null && info.name !== name) {
      throw new DatabaseError('bad_name', `there is a database ${name} already`);
    }
    const renamed = { ...info, name };
    this.#writeInfo(renamed);
    this.#known.set(info.identity, renamed);
    return renamed;
  }

  /** Deletes a database for good. Throws `no_such_database` or `forbidden`. */
  async delete(caller: Credentials, nameOrIdentity: string): Promise<void> {
    const info = this.info(nameOrIdentity);
    if (info === null) throw new DatabaseError('no_such_database', 'No such database.');
    expectOwner(info, caller);
    this.#known.delete(info.identity);
    const database = this.#open.get(info.identity);
    this.#open.delete(info.identity);
    await database?.exit();
    const doomed = `${this.#directoryOf(info)}${DELETED}`;
    renameSync(this.#directoryOf(info), doomed);
    syncDirectory(this.#directory);
    rmSync(doomed, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(open.map((database) => database.close()));
  }

  #openFile(info: DatabaseInfo): Database {
    let journal: SqliteJournal | null = null;
    try {
      journal = new SqliteJournal(this.#file(info));
      const database = Database.open(this.#databaseOptions(info, journal));
      if (database === null) throw new Error('the file holds no database');
      return database;
    } catch (error) {
      journal?.close({ keepUnwritten: false });
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.log.error('engine.cannot_open', { database: info.identity, reason });
      throw new DatabaseError('damaged', `the database's file cannot be opened: ${reason}`, {
        cause: error,
      });
    }
  }

  #create(owner: IdentityHex, name: string | null, source: string): DatabaseInfo {
    const info = { identity: identityOf('localhost', randomUUID()), owner, name };
    const directory = this.#directoryOf(info);
    mkdirSync(directory, { mode: 0o700 });
    let journal: SqliteJournal | null = null;
    try {
      journal = new SqliteJournal(this.#file(info));
      const database = Database.create(this.#databaseOptions(info, journal), source);
      this.#writeInfo(info);
      syncDirectory(this.#directory);
      this.#open.set(info.identity, database);
    } catch (error) {
      journal?.close({ keepUnwritten: false });
      rmSync(directory, { recursive: true, force: true });
      throw error;
    }
    this.#known.set(info.identity, info);
    return info;
  }

  #discover(entry: string): void {
    const directory = path.join(this.#directory, entry);
    if (entry.endsWith(DELETED)) {
      rmSync(directory, { recursive: true, force: true });
      return;
    }
    try {
      const info = JSON.parse(
        readFileSync(path.join(directory, INFO_FILE), 'utf8'),
      ) as DatabaseInfo;
      if (info.identity === entry) this.#known.set(entry, info);
    } catch (error) {
      // Left alone: publishing it was cut short, or somebody may still rescue what is in it.
      this.#options.log.error('engine.unreadable_database', { entry, reason: String(error) });
    }
  }

  #writeInfo(info: DatabaseInfo): void {
    writeDurably(path.join(this.#directoryOf(info), INFO_FILE), JSON.stringify(info));
  }

  #databaseOptions(info: DatabaseInfo, journal: SqliteJournal): DatabaseOptions {
    const { log, random, scheduleFlush, volatileTables, limits, lateSeed } = this.#options;
    return {
      identity: info.identity,
      owner: info.owner,
      journal,
      clock: this.#clock,
      log,
      random: random ?? randomBytes,
      scheduleFlush: scheduleFlush ?? flushNextTurn,
      volatileTables: volatileTables ?? new Set(['presence', 'presence_place']),
      limits: { ...DEFAULT_LIMITS, ...limits },
      ...(lateSeed === undefined ? {} : { lateSeed }),
    };
  }

  #directoryOf(info: DatabaseInfo): string {
    return path.join(this.#directory, info.identity);
  }

  #file(info: DatabaseInfo): string {
    return path.join(this.#directoryOf(info), DATABASE_FILE);
  }
}

function expectOwner(info: DatabaseInfo, caller: Credentials): void {
  if (info.owner === caller.identity) return;
  throw new DatabaseError('forbidden', 'only the owner of a database may do that');
}

function expectName(name: string): void {
  if (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) && name.length <= 128 && !isIdentity(name)) return;
  throw new DatabaseError(
    'bad_name',
    'a database is named in lower-case letters and digits, with single dashes between',
  );
}
