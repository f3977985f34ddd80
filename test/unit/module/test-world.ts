import { createHash } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  AlgebraicType,
  BinaryReader,
  BinaryWriter,
  ConnectionId,
  Identity,
  type Infer,
  type InferTypeOfParams,
  RowBuilder,
  t,
  table,
  Timestamp,
} from 'spacetimedb';
import {
  privateTables,
  publicTables,
  reducerArguments,
  worldTypes,
} from '../../../spacetimedb/src/schema.ts';
import type { Changes } from '../../../src/core/change.ts';
import { LineBuffer } from '../../../src/core/line-buffer.ts';
import { identityNumber, identityOf } from '../../../src/host/identity.ts';
import { silentLog } from '../../../src/host/log.ts';
import { loggedBytes } from '../../../src/host/log-bytes.ts';
import { ModuleRuntime } from '../../../src/host/module-runtime.ts';
import { bundleModule } from '../../contract/engine-harness.ts';

const kit = { t, table };
const types = worldTypes(kit);
const tables = { ...publicTables(kit, types), ...privateTables(kit) };
const reducers = reducerArguments(kit, types);

export const reducerNames = Object.keys(reducers) as ReducerName[];

export type TableName = keyof typeof tables;
export type Row<Name extends TableName> = Infer<(typeof tables)[Name]['rowType']>;
export type ReducerName = keyof typeof reducers;
export type Arguments<Name extends ReducerName> = InferTypeOfParams<(typeof reducers)[Name]>;

/** What a call did, or why it was refused. */
export interface CallResult {
  /** `ok`, or the code of a refusal. */
  readonly code: string;
  readonly message: string;
  readonly inserted: <Name extends TableName>(name: Name) => Row<Name>[];
  /** What the call would add to a server's commit log; 0 for one that was refused. */
  readonly loggedBytes: number;
}

/** Tables by which a world knows calls again that changed nothing. */
export const CALL_MEMORY_TABLES = ['settled_call', 'member_call_memory', 'call_memory'] as const;

export const EPOCH = 'ab'.repeat(32);

/** Whatever runs a world in a test. */
export type WorldRows = Pick<TestWorld, 'rows'>;

/** All rows of a table of a world that is run in this process. */
export function rowsIn<Name extends TableName>(runtime: ModuleRuntime, name: Name): Row<Name>[] {
  const stored = runtime.datastore.table(name);
  if (!stored) throw new Error(`the module has no table ${name}`);
  return stored.allRows().map((row) => decodeRow(name, row.bytes));
}

let bundle: Promise<string> | undefined;

/** The world module in an engine of its own, called without sockets; time moves when told to. */
export class TestWorld {
  readonly runtime: ModuleRuntime;
  readonly owner = personNamed('owner');
  nowMicros = 1_700_000_000_000_000n;
  #nextId = 1;

  readonly #source: string;

  private constructor(source: string, strictness: 'strict' | 'as_0.1.0' = 'strict') {
    this.#source = source;
    this.runtime = new ModuleRuntime({
      source,
      strictness,
      tableIds: new Map(),
      identity: personNamed('database'),
      clock: { nowMicros: () => this.nowMicros, after: () => () => {} },
      log: { ...silentLog, error: (event, fields) => console.error(event, fields) },
      claimsOf: () => '',
      scheduleImmediate: () => {},
      committed: () => {},
    });
  }

  /** A world as it is after publishing: with its publisher and without a name. */
  static async published(publisher = personNamed('owner'), isOnServer = false): Promise<TestWorld> {
    bundle ??= bundleModule(entryPath);
    const source = await bundle;
    // A server's module finds no global of the embedded host's.
    const world = new TestWorld(isOnServer ? source.replaceAll('nativeSha256', 'absent') : source);
    world.lifecycle('init', publisher);
    return world;
  }

  /** A world with the module of 0.1.0, as it is after publishing. */
  static ofFirstModule(source: string): TestWorld {
    const world = new TestWorld(source, 'as_0.1.0');
    world.lifecycle('init', world.owner);
    return world;
  }

  /** A configured world with an owner and no files. */
  static async create(
    settings: Partial<Arguments<'configure_world'>> = {},
    { isOnServer = false } = {},
  ): Promise<TestWorld> {
    const world = await TestWorld.published(personNamed('owner'), isOnServer);
    world.mustCall(world.owner, 'configure_world', {
      name: 'test',
      worldEpoch: EPOCH,
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
    return world;
  }

  /**
   * The same tables, but those that are empty now, in an engine that has just started. `rewritten` has
   * bytes of rows in the place of others, by their table.
   */
  reopened(
    emptied: readonly TableName[] = [],
    rewritten: (table: string, bytes: Buffer) => Buffer = (_table, bytes) => bytes,
  ): TestWorld {
    const world = new TestWorld(this.#source);
    world.nowMicros = this.nowMicros;
    world.#nextId = this.#nextId;
    const rows = [...this.runtime.datastore.tables()].flatMap((stored) => {
      if (emptied.some((name) => name === stored.schema.name)) return [];
      const { id: tableId } = world.runtime.datastore.table(stored.schema.name)!;
      const { name } = stored.schema;
      return stored
        .allRows()
        .map((row) => ({ id: row.id, tableId, bytes: rewritten(name, row.bytes) }));
    });
    world.runtime.datastore.load(rows, this.runtime.datastore.sequences());
    return world;
  }

  /** The text of a file, folded from its last snapshot and the ops after it. */
  text(fileId: number): string {
    const head = this.headOf(fileId);
    const snapshot = this.rows('file_snapshot').find(
      (row) => row.fileId === fileId && row.version === head.snapshotVersion,
    )!;
    const chunks = new Map(this.rows('content_chunk').map((row) => [row.hash, row.text]));
    const buffer = LineBuffer.of(snapshot.parts.map((key) => chunks.get(key)).join('\n'));
    for (const op of this.rows('file_op')) {
      if (op.fileId === fileId && op.version > head.snapshotVersion) buffer.apply(op.changes);
    }
    return buffer.toString();
  }

  /** A fresh UUID of version 7, made now or at another time. */
  nextId(atMicros = this.nowMicros): string {
    const number = (this.#nextId++).toString(16).padStart(12, '0');
    const time = (atMicros / 1000n).toString(16).padStart(12, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${number}`;
  }

  /** Calls a reducer as a client would, over connection 1 of the sender. */
  call<Name extends ReducerName>(sender: string, name: Name, args: Arguments<Name>): CallResult {
    return this.callOver(1n, sender, name, args);
  }

  /** The same over one of several connections of the sender's. */
  callOver<Name extends ReducerName>(
    connection: bigint,
    sender: string,
    name: Name,
    args: Arguments<Name>,
  ): CallResult {
    const writer = new BinaryWriter(256);
    serializerOf(name)(writer, args);
    const found = this.runtime.clientReducer(name, Buffer.from(writer.getBuffer()));
    if (typeof found === 'string') return refused('rejected', found);
    return this.#run(found.index, sender, Buffer.from(writer.getBuffer()), connection);
  }

  /** Calls a reducer that must succeed. */
  mustCall<Name extends ReducerName>(
    sender: string,
    name: Name,
    args: Arguments<Name>,
  ): CallResult {
    const result = this.call(sender, name, args);
    if (result.code !== 'ok') throw new Error(`${name}: ${result.code}: ${result.message}`);
    return result;
  }

  /** Runs a lifecycle reducer. */
  lifecycle(name: 'init' | 'connect' | 'disconnect', sender: string): CallResult {
    const index = this.runtime.def.lifecycle.get(name);
    if (index === undefined) throw new Error(`the module has no ${name}`);
    return this.#run(index, sender, Buffer.alloc(0));
  }

  /** Somebody connects. */
  connect(sender: string, connection: bigint): CallResult {
    const index = this.runtime.def.lifecycle.get('connect');
    if (index === undefined) throw new Error('the module asks nobody who connects');
    return this.#run(index, sender, Buffer.alloc(0), connection);
  }

  /** Runs the maintenance reducer as the schedule would. */
  maintain(): CallResult {
    const index = this.runtime.def.reducers.findIndex(({ name }) => name === 'maintain');
    const row = this.runtime.datastore.table('maintenance_schedule')!.allRows()[0]!;
    return this.#run(index, personNamed('database'), Buffer.from(row.bytes));
  }

  rows<Name extends TableName>(name: Name): Row<Name>[] {
    return rowsIn(this.runtime, name);
  }

  /** A hash over every row of every table: the same before and after means nothing changed. */
  stateHash(without: readonly string[] = []): string {
    const hash = createHash('sha256');
    for (const stored of this.runtime.datastore.tables()) {
      if (without.includes(stored.schema.name)) continue;
      hash.update(stored.schema.name);
      const rows = stored.allRows().map((row) => row.bytes.toString('hex'));
      for (const row of rows.sort()) hash.update(row);
    }
    return hash.digest('hex');
  }

  /** Lets somebody in with an invite's rights; returns their identity. */
  join(name: string, rights: Partial<Arguments<'create_invite'>> = {}, displayName = name): string {
    const answer = this.joining(name, rights, displayName);
    if (answer.status !== 200) throw new Error(`${name} could not join: ${answer.body}`);
    return personNamed(name);
  }

  /** The same; returns what the world answers. */
  joining(
    name: string,
    rights: Partial<Arguments<'create_invite'>> = {},
    displayName = name,
  ): { status: number; body: string } {
    const secret = `secret of ${name}`;
    this.mustCall(this.owner, 'create_invite', {
      secretHash: createHash('sha256').update(secret).digest('hex'),
      role: 'editor',
      kind: 'human',
      capabilities: ['edit', 'lock', 'resolve'],
      pathScope: [],
      expiresAt: new Timestamp(this.nowMicros + 60_000_000n),
      uses: 1,
      ...rights,
    });
    const identity = personNamed(name);
    return this.post('join', { invite: secret, identity, display_name: displayName });
  }

  post(route: 'join', body: object): { status: number; body: string } {
    return this.#http(route, { tag: 'Post' }, `/${route}`, JSON.stringify(body));
  }

  get(route: 'hello', query: string): { status: number; body: string } {
    return this.#http(route, { tag: 'Get' }, `/${route}?${query}`, '');
  }

  /** Creates a text file; returns its id. */
  createFile(sender: string, filePath: string, text: string): number {
    this.mustCall(sender, 'create_file', { author: '', file: this.newFile(filePath, text) });
    return this.head(filePath).fileId;
  }

  newFile(filePath: string, text: string): Arguments<'create_file'>['file'] {
    const content = { kind: 'text', eol: 'lf', bom: false, text, bytes: new Uint8Array() };
    return { opId: this.nextId(), path: filePath, mode: 'regular', content };
  }

  /** One edit in a batch of its own. */
  edit(
    sender: string,
    fileId: number,
    base: number,
    changes: Changes,
    more: Partial<Arguments<'apply_file_ops'>['batch']['ops'][number]> = {},
  ): CallResult {
    return this.call(sender, 'apply_file_ops', {
      batch: { batchId: this.nextId(), extends: 0, ops: [this.op(fileId, base, changes, more)] },
    });
  }

  op(
    fileId: number,
    base: number,
    changes: Changes,
    more: Partial<Arguments<'apply_file_ops'>['batch']['ops'][number]> = {},
  ): Arguments<'apply_file_ops'>['batch']['ops'][number] {
    return {
      opId: this.nextId(),
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

  head(filePath: string): Row<'file_head'> {
    const found = this.rows('file_head').find((row) => row.path === filePath && !row.deleted);
    if (!found) throw new Error(`no file at ${filePath}`);
    return found;
  }

  headOf(fileId: number): Row<'file_head'> {
    return this.rows('file_head').find((row) => row.fileId === fileId)!;
  }

  ticket(ticketId: number): Row<'conflict_ticket'> {
    const found = this.rows('conflict_ticket').find((row) => row.ticketId === ticketId);
    if (!found) throw new Error(`no ticket ${ticketId}`);
    return found;
  }

  #run(index: number, sender: string, args: Buffer, connectionId = 1n): CallResult {
    this.nowMicros += 1000n;
    const caller = { identity: identityNumber(sender), connectionId };
    const outcome = this.runtime.callReducer(index, caller, args);
    if (outcome.kind !== 'ok') {
      const code = outcome.kind === 'refused' ? outcome.message.split(':')[0]! : outcome.kind;
      return refused(code, outcome.message);
    }
    const inserted = <Name extends TableName>(name: Name): Row<Name>[] =>
      outcome.changes
        .filter((change) => change.table.schema.name === name)
        .flatMap((change) => change.inserted.map((row) => decodeRow(name, row.bytes)));
    const bytes = loggedBytes(args.length, outcome.changes);
    return { code: 'ok', message: '', inserted, loggedBytes: bytes };
  }

  #http(route: string, method: object, uri: string, body: string) {
    this.nowMicros += 1000n;
    const index = this.runtime.def.routes.find((each) => each.path === `/${route}`)!.handlerIndex;
    const request = encodeRequest(method, uri);
    const answer = this.runtime.callHandler(index, request, Buffer.from(body));
    if (answer.kind !== 'returned') throw new Error(`${route} failed: ${answer.message}`);
    const [response, responseBody] = answer.value;
    const status = new DataView(response.buffer, response.byteOffset + response.byteLength - 2);
    return {
      status: status.getUint16(0, true),
      body: Buffer.from(responseBody).toString('utf8'),
    };
  }
}

function refused(code: string, message: string): CallResult {
  return { code, message, inserted: () => [], loggedBytes: 0 };
}

/** The identity of somebody in tests, always the same for a name. */
export function personNamed(name: string): string {
  return identityOf('localhost', name);
}

export function identity(hex: string): Identity {
  return new Identity(hex);
}

export function connectionOne(): ConnectionId {
  return new ConnectionId(1n);
}

/** A change, written short. */
export function change(
  startLine: number,
  startCharacter: number,
  endLine: number,
  endCharacter: number,
  text: string,
): Changes[number] {
  return { startLine, startCharacter, endLine, endCharacter, text };
}

/** Inserts text at a place. */
export function insert(line: number, character: number, text: string): Changes {
  return [change(line, character, line, character, text)];
}

/** Built once a reducer: building costs more than most calls. */
function serializerOf(name: ReducerName): (writer: BinaryWriter, args: unknown) => void {
  let serialize = serializers.get(name);
  if (!serialize) {
    const builder = new RowBuilder(reducers[name] as never);
    serialize = AlgebraicType.makeSerializer(builder.algebraicType);
    serializers.set(name, serialize);
  }
  return serialize;
}

const serializers = new Map<ReducerName, (writer: BinaryWriter, args: unknown) => void>();

/** A row from its BSATN. */
export function decodeRow<Name extends TableName>(name: Name, bytes: Buffer): Row<Name> {
  const type = tables[name].rowType.algebraicType as AlgebraicType;
  return AlgebraicType.makeDeserializer(type)(new BinaryReader(new Uint8Array(bytes))) as Row<Name>;
}

/** The BSATN of a row. */
export function encodeRow<Name extends TableName>(name: Name, row: Row<Name>): Buffer {
  const type = tables[name].rowType.algebraicType as AlgebraicType;
  const writer = new BinaryWriter(1024);
  AlgebraicType.makeSerializer(type)(writer, row);
  return Buffer.from(writer.getBuffer());
}

/** HttpRequest in BSATN: method, headers, no timeout, uri, version HTTP/1.1. */
function encodeRequest(method: object, uri: string): Buffer {
  const writer = new BinaryWriter(64);
  writer.writeU8('tag' in method && method.tag === 'Post' ? 2 : 0);
  writer.writeU32(0);
  writer.writeU8(1);
  writer.writeString(uri);
  writer.writeU8(2);
  return Buffer.from(writer.getBuffer());
}

const entryPath = path.join(
  fileURLToPath(new URL('../../../', import.meta.url)),
  'spacetimedb/src/index.ts',
);
