import { createHash, randomBytes } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Timestamp } from 'spacetimedb';
import type { Changes } from '../../src/core/change.ts';
import { LineBuffer } from '../../src/core/line-buffer.ts';
import {
  callReducer,
  connectWorld,
  type ReducerArguments,
  type ReducerName,
  type Row,
  tableOf,
  type TableName,
  type WorldConnection,
} from '../../src/world/bindings.ts';
import type { ServerOptions } from '../../src/host/server.ts';
import { systemClock } from '../../src/world/clock.ts';
import { newIdentity, type StoredIdentity } from '../../src/world/identities.ts';
import { publishModule } from '../../src/world/publish.ts';
import { askServer, type ServerAnswer } from '../../src/world/server-request.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import { bundleModule, openTestServer, type TestServer } from '../contract/engine-harness.ts';

type SentOp = ReducerArguments<'apply_file_ops'>['batch']['ops'][number];
type InviteRights = Partial<ReducerArguments<'create_invite'>>;

/** What a call came to: `ok` or the code of a refusal, and what its caller was told of ops. */
export interface CallResult {
  readonly code: string;
  readonly message: string;
  readonly outcomes: readonly Row<'op_outcome'>[];
}

const PUBLIC_TABLES = [
  'workspace',
  'log_head',
  'workspace_member',
  'member_origin',
  'member_pause',
  'file_head',
  'line_ends',
  'file_op',
  'file_snapshot',
  'content_chunk',
  'soft_lock',
  'path_claim',
  'lock_lease',
  'turn',
  'conflict_ticket',
  'note',
  'restoration',
  'restoration_rule',
  'unreviewed_file',
  'export_rule',
] as const satisfies readonly TableName[];
const EVENT_TABLES = [
  'presence',
  'presence_event',
  'op_outcome',
  'conflict_event',
  'audit_event',
] as const satisfies readonly TableName[];

/** A member of a world under test, connected through the client library and watching everything. */
export class Actor {
  readonly self: StoredIdentity;
  readonly connection: WorldConnection;
  readonly #outcomes: Row<'op_outcome'>[] = [];
  readonly audits: Row<'audit_event'>[] = [];
  readonly movements: Row<'presence_event'>[] = [];

  private constructor(self: StoredIdentity, connection: WorldConnection) {
    this.self = self;
    this.connection = connection;
    tableOf(connection, 'op_outcome').onInsert((_, row) => this.#outcomes.push(row));
    tableOf(connection, 'audit_event').onInsert((_, row) => this.audits.push(row));
    tableOf(connection, 'presence_event').onInsert((_, row) => this.movements.push(row));
  }

  /** Connects and waits for all tables. Rejects when the world does not let them in. */
  static async connect(uri: string, database: string, self: StoredIdentity): Promise<Actor> {
    const connection = await connected(uri, database, self.token);
    const actor = new Actor(self, connection);
    await new Promise<void>((resolve, reject) => {
      connection
        .subscriptionBuilder()
        .onApplied(() => resolve())
        .onError((context: { event?: Error }) => reject(context.event ?? new Error('no rows')))
        .subscribe([...PUBLIC_TABLES, ...EVENT_TABLES].map((name) => `SELECT * FROM ${name}`));
    });
    return actor;
  }

  get identity(): string {
    return this.self.identity;
  }

  async call<Name extends ReducerName>(
    name: Name,
    args: ReducerArguments<Name>,
  ): Promise<CallResult> {
    this.#outcomes.length = 0;
    try {
      await callReducer(this.connection, name, args);
      const own = this.#outcomes.filter((row) => row.actor.toHexString() === this.identity);
      return { code: 'ok', message: '', outcomes: own };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { code: message.split(':')[0] ?? '', message, outcomes: [] };
    }
  }

  /** A call that must succeed. */
  async mustCall<Name extends ReducerName>(
    name: Name,
    args: ReducerArguments<Name>,
  ): Promise<CallResult> {
    const result = await this.call(name, args);
    if (result.code !== 'ok') throw new Error(`${name}: ${result.message}`);
    return result;
  }

  rows<Name extends TableName>(name: Name): Row<Name>[] {
    return [...tableOf(this.connection, name).iter()];
  }

  /** Resolves once the condition holds over what this actor sees. */
  async until(condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve) => {
      const check = (): void => {
        if (condition()) resolve();
      };
      for (const name of [...PUBLIC_TABLES, 'presence'] as const) {
        tableOf(this.connection, name).onInsert(check);
        tableOf(this.connection, name).onUpdate(check);
        tableOf(this.connection, name).onDelete(check);
      }
      tableOf(this.connection, 'presence_event').onInsert(check);
      tableOf(this.connection, 'audit_event').onInsert(check);
    });
  }

  /**
   * Resolves once this actor has heard of all that was committed before. A call's answer may come
   * before others hear of what it did; but nobody is answered before they have heard what was earlier.
   */
  caughtUp(): Promise<void> {
    return new Promise((resolve, reject) => {
      const subscription = this.connection
        .subscriptionBuilder()
        .onApplied(() => {
          subscription.unsubscribe();
          resolve();
        })
        .onError((context: { event?: Error }) => reject(context.event ?? new Error('no answer')))
        .subscribe('SELECT * FROM file_op WHERE op_seq = 0');
    });
  }

  /** A hash over all that members may read: the same before and after means nothing changed. */
  stateHash(): string {
    const hash = createHash('sha256');
    for (const name of PUBLIC_TABLES) {
      const rows = this.rows(name).map((row) => JSON.stringify(row, plainValue));
      hash.update(name).update(rows.sort().join('\n'));
    }
    return hash.digest('hex');
  }

  head(fileId: number): Row<'file_head'> {
    const found = this.rows('file_head').find((row) => row.fileId === fileId);
    if (!found) throw new Error(`no file ${fileId}`);
    return found;
  }

  ticket(ticketId: number): Row<'conflict_ticket'> {
    const found = this.rows('conflict_ticket').find((row) => row.ticketId === ticketId);
    if (!found) throw new Error(`no ticket ${ticketId}`);
    return found;
  }

  /** Creates a text file; returns its id. */
  async createFile(filePath: string, text: string): Promise<number> {
    const file = newTextFile(filePath, text);
    const { outcomes } = await this.mustCall('create_file', { author: '', file });
    const [outcome] = outcomes;
    if (outcome?.outcome !== 'applied') throw new Error(`not created: ${outcome?.outcome}`);
    return outcome.opSeq;
  }

  /** One edit in a batch of its own. */
  edit(
    fileId: number,
    base: number,
    changes: Changes,
    more: Partial<SentOp> = {},
  ): Promise<CallResult> {
    return this.send([newOp(fileId, base, changes, more)]);
  }

  send(ops: readonly SentOp[], extending = 0): Promise<CallResult> {
    const batch = { batchId: newId(), extends: extending, ops: [...ops] };
    return this.call('apply_file_ops', { batch });
  }

  close(): void {
    this.connection.disconnect();
  }
}

/** A published and configured world with its owner; closes all that it opened. */
export class WorldStage {
  readonly server: TestServer;
  readonly database: string;
  readonly owner: Actor;
  readonly #actors: Actor[];

  private constructor(server: TestServer, database: string, owner: Actor) {
    this.server = server;
    this.database = database;
    this.owner = owner;
    this.#actors = [owner];
  }

  static async open(
    settings: Partial<ReducerArguments<'configure_world'>> = {},
    serverOptions: Partial<ServerOptions> = {},
  ): Promise<WorldStage> {
    const server = await openTestServer(serverOptions);
    const { uri } = server;
    const self = await newIdentity(uri);
    const database = `world-${randomBytes(6).toString('hex')}`;
    const source = new TextEncoder().encode(await moduleBundle());
    await publishModule({ uri, token: self.token, database, bundle: source });
    const owner = await Actor.connect(uri, database, self);
    await owner.mustCall('configure_world', {
      name: 'stage',
      worldEpoch: randomBytes(32).toString('hex'),
      policyMode: 'auto',
      lockPolicy: 'enforce',
      limits: '',
      baseCommit: undefined,
      displayName: 'Owner',
      gitName: '',
      gitEmail: '',
      color: '',
      ...settings,
    });
    return new WorldStage(server, database, owner);
  }

  /** Lets somebody new in, by an invite, and connects them. */
  async join(name: string, rights: InviteRights = {}): Promise<Actor> {
    const self = await newIdentity(this.server.uri);
    const secret = await this.invite(rights);
    const answer = await this.redeem(secret, self.identity, name);
    if (answer.status !== 200) throw new Error(`${name} could not join: ${answer.text}`);
    await this.owner.caughtUp();
    return this.connect(self);
  }

  async connect(self: StoredIdentity): Promise<Actor> {
    const actor = await Actor.connect(this.server.uri, this.database, self);
    this.#actors.push(actor);
    return actor;
  }

  /** Makes an invite; returns its secret. */
  async invite(rights: InviteRights = {}): Promise<string> {
    const secret = randomBytes(32).toString('base64url');
    await this.owner.mustCall('create_invite', {
      secretHash: createHash('sha256').update(secret).digest('hex'),
      role: 'editor',
      kind: 'human',
      capabilities: ['edit', 'lock', 'resolve'],
      pathScope: [],
      expiresAt: new Timestamp(BigInt(Date.now() + 3_600_000) * 1000n),
      uses: 1,
      ...rights,
    });
    return secret;
  }

  redeem(secret: string, identity: string, name = 'somebody'): Promise<ServerAnswer> {
    const content = JSON.stringify({ invite: secret, identity, display_name: name });
    return this.route('join', content);
  }

  route(path: string, body?: string): Promise<ServerAnswer> {
    return askServer({
      uri: this.server.uri,
      path: `v1/database/${this.database}/route/${path}`,
      method: body === undefined ? 'GET' : 'POST',
      ...(body === undefined ? {} : { body: { type: 'application/json', content: body } }),
    });
  }

  /** Resolves once everybody connected has heard of all that was committed before. */
  async caughtUp(): Promise<void> {
    const there = this.#actors.filter(({ connection }) => connection.isActive);
    await Promise.all(there.map((actor) => actor.caughtUp()));
  }

  async close(): Promise<void> {
    for (const actor of this.#actors) actor.close();
    await this.server.close();
  }
}

/** The world's module as it is published. */
export function moduleBundle(): Promise<string> {
  bundle ??= bundleModule(entryPath);
  return bundle;
}

/** A UUID as clients make them. */
export function newId(madeAtMs = Date.now()): string {
  return newUuid(madeAtMs, systemRandomBytes);
}

export function newTextFile(
  filePath: string,
  text: string,
): ReducerArguments<'create_file'>['file'] {
  const content = { kind: 'text', eol: 'lf', bom: false, text, bytes: new Uint8Array() };
  return { opId: newId(), path: filePath, mode: 'regular', content };
}

export function newOp(
  fileId: number,
  base: number,
  changes: Changes,
  more: Partial<SentOp> = {},
): SentOp {
  return {
    opId: newId(),
    fileId,
    expectedBaseVersion: base,
    intent: 'typing',
    author: '',
    carriedFrom: 0,
    overlaps: [],
    rangeHashes: [],
    changes: changes.map((change) => ({ ...change })),
    ...more,
  };
}

/** The text of a file, folded from what an actor sees of its history. */
export function textOf(actor: Actor, fileId: number): string {
  const head = actor.head(fileId);
  const snapshot = actor
    .rows('file_snapshot')
    .find((row) => row.fileId === fileId && row.version === head.snapshotVersion);
  const chunks = new Map(actor.rows('content_chunk').map((row) => [row.hash, row.text ?? '']));
  const buffer = LineBuffer.of(snapshot!.parts.map((key) => chunks.get(key)).join('\n'));
  const ops = actor
    .rows('file_op')
    .filter((row) => row.fileId === fileId && row.version > head.snapshotVersion)
    .sort((a, b) => a.opSeq - b.opSeq);
  for (const op of ops) buffer.apply(op.changes);
  return buffer.toString();
}

function connected(uri: string, database: string, token: string): Promise<WorldConnection> {
  return new Promise((resolve, reject) => {
    connectWorld({
      uri,
      database,
      token,
      clock: systemClock,
      onConnect: resolve,
      onEnd: (error) => reject(error ?? new Error('the world did not let us in')),
      onRefused: (status) => reject(new Error(`refused with status ${status}`)),
      onBroken: reject,
    });
  });
}

function plainValue(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}

const entryPath = path.join(
  fileURLToPath(new URL('../../', import.meta.url)),
  'spacetimedb/src/index.ts',
);
let bundle: Promise<string> | undefined;
