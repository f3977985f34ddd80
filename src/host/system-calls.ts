import type { Row } from './datastore/row.ts';
import { MalformedRowError, type Bound, type IndexSchema } from './datastore/table-schema.ts';
import type { Table } from './datastore/table.ts';
import type { TableIndex } from './datastore/table-index.ts';
import { ConstraintError, type Transaction } from './datastore/transaction.ts';

/** Error numbers of the module interface. */
export const ERRNO = {
  hostCallFailure: 1,
  notInTransaction: 2,
  cannotDecode: 3,
  noSuchTable: 4,
  noSuchIndex: 5,
  noSuchIterator: 6,
  noSuchTimer: 7,
  uniqueViolation: 12,
  indexNotUnique: 14,
  noSuchRow: 15,
  autoIncrementOverflow: 16,
  wouldBlockTransaction: 17,
  transactionNotAnonymous: 18,
  httpFailed: 21,
} as const;

/** What system calls need of the database they belong to. */
export interface ModuleHost {
  /** Null outside a transaction. */
  transaction(): Transaction | null;
  table(name: string): Table | undefined;
  tables(): Iterable<Table>;
  /** The database's identity as a number. */
  readonly identity: bigint;
  /** The claims of a live connection's token as JSON; empty when there are none. */
  claimsOf(connectionId: bigint): string;
  log(level: number, message: string): void;
  nowMicros(): bigint;
  /** Begins a transaction outside a reducer; null when one is under way. Returns its time. */
  beginAnonymous(): bigint | null;
  /** Ends such a transaction; false when there is none. */
  endAnonymous(commit: boolean): boolean;
  scheduleImmediate(reducer: string, args: Buffer): void;
  /** The error the module wants for an error number. */
  errorFor(code: number, message: string): Error;
}

type Call = (...args: never[]) => unknown;

export interface SystemCalls {
  readonly version20: Readonly<Record<string, Call>>;
  readonly version21: Readonly<Record<string, Call>>;
  /** Forgets iterators that a call left open. */
  endCall(): void;
}

interface IndexHandle {
  readonly table: Table;
  readonly index: TableIndex;
  readonly schema: IndexSchema;
}

interface RowIterator {
  readonly rows: readonly Row[];
  next: number;
}

/** The functions a module imports from `spacetime:sys`. */
export function systemCalls(host: ModuleHost): SystemCalls {
  const calls = new Calls(host);
  const version20: Record<string, Call> = {
    register_hooks: () => calls.fail(ERRNO.hostCallFailure, 'only the default export registers'),
    table_id_from_name: (name: string) => calls.tableId(name),
    index_id_from_name: (name: string) => calls.indexId(name),
    datastore_table_row_count: (id: number) => BigInt(calls.table(id).rowCount),
    datastore_table_scan_bsatn: (id: number) => calls.open(calls.table(id).allRows()),
    datastore_index_scan_point_bsatn: (id: number, buffer: ArrayBuffer, length: number) =>
      calls.open(calls.point(id, buffer, length)),
    datastore_index_scan_range_bsatn: (id: number, buffer: ArrayBuffer, ...lengths: Lengths) =>
      calls.open(calls.range(id, buffer, lengths)),
    datastore_delete_by_index_scan_point_bsatn: (id: number, buffer: ArrayBuffer, length: number) =>
      calls.deleteRows(calls.index(id).table, calls.point(id, buffer, length)),
    datastore_delete_by_index_scan_range_bsatn: (
      id: number,
      buffer: ArrayBuffer,
      ...lengths: Lengths
    ) => calls.deleteRows(calls.index(id).table, calls.range(id, buffer, lengths)),
    row_iter_bsatn_advance: (id: number, buffer: ArrayBuffer) => calls.advance(id, buffer),
    row_iter_bsatn_close: (id: number) => calls.close(id),
    datastore_insert_bsatn: (id: number, buffer: ArrayBuffer, length: number) =>
      calls.insert(id, buffer, length),
    datastore_update_bsatn: (id: number, index: number, buffer: ArrayBuffer, length: number) =>
      calls.update(id, index, buffer, length),
    datastore_delete_all_by_eq_bsatn: (id: number, buffer: ArrayBuffer, length: number) =>
      calls.deleteEqual(id, buffer, length),
    volatile_nonatomic_schedule_immediate: (reducer: string, args: Uint8Array) =>
      host.scheduleImmediate(reducer, Buffer.from(args)),
    console_log: (level: number, message: string) => host.log(level, message),
    console_timer_start: (name: string) => calls.startTimer(name),
    console_timer_end: (id: number) => calls.endTimer(id),
    identity: () => host.identity,
    get_jwt_payload: (connectionId: bigint) =>
      new TextEncoder().encode(host.claimsOf(connectionId)),
    procedure_http_request: () =>
      calls.fail(ERRNO.httpFailed, 'this host makes no requests for modules'),
    procedure_start_mut_tx: () =>
      host.beginAnonymous() ?? calls.fail(ERRNO.wouldBlockTransaction, 'already in a transaction'),
    procedure_commit_mut_tx: () => calls.endAnonymous(true),
    procedure_abort_mut_tx: () => calls.endAnonymous(false),
  };
  const version21: Record<string, Call> = {
    datastore_clear: (id: number) => {
      const table = calls.table(id);
      return BigInt(calls.deleteRows(table, table.allRows()));
    },
  };
  return { version20, version21, endCall: () => calls.endCall() };
}

type Lengths = [prefix: number, prefixColumns: number, lower: number, upper: number];

class Calls {
  readonly #host: ModuleHost;
  // Ids are handed out once and never again: a module asks for each only at its first use.
  readonly #tables: Table[] = [];
  readonly #indexes: IndexHandle[] = [];
  readonly #iterators = new Map<number, RowIterator>();
  readonly #timers = new Map<number, { name: string; startMicros: bigint }>();
  #lastHandle = 0;
  #viewed: { readonly buffer: ArrayBuffer; readonly bytes: Buffer } | null = null;

  constructor(host: ModuleHost) {
    this.#host = host;
  }

  fail(code: number, message: string): never {
    throw this.#host.errorFor(code, message);
  }

  tableId(name: string): number {
    this.#transaction();
    const table = this.#host.table(name);
    if (table === undefined) this.fail(ERRNO.noSuchTable, `no such table: ${name}`);
    const known = this.#tables.indexOf(table);
    return known >= 0 ? known : this.#tables.push(table) - 1;
  }

  indexId(name: string): number {
    this.#transaction();
    const found = this.#findIndex(name);
    if (found === null) this.fail(ERRNO.noSuchIndex, `no such index: ${name}`);
    return this.#indexes.push(found) - 1;
  }

  table(id: number): Table {
    this.#transaction();
    return this.#tables[id] ?? this.fail(ERRNO.noSuchTable, 'no such table');
  }

  index(id: number): IndexHandle {
    this.#transaction();
    return this.#indexes[id] ?? this.fail(ERRNO.noSuchIndex, 'no such index');
  }

  open(rows: readonly Row[]): number {
    const id = ++this.#lastHandle;
    this.#iterators.set(id, { rows, next: 0 });
    return id;
  }

  /** Fills the buffer with whole rows: positive when more are to come, negative at the end. */
  advance(id: number, buffer: ArrayBuffer): number {
    const iterator = this.#iterators.get(id);
    if (iterator === undefined) this.fail(ERRNO.noSuchIterator, 'no such iterator');
    const bytes = this.#view(buffer);
    let written = 0;
    for (; iterator.next < iterator.rows.length; iterator.next++) {
      const row = iterator.rows[iterator.next];
      if (row === undefined) break;
      if (written + row.bytes.length > bytes.length) {
        // Not an error but a protocol: the module grows its buffer and asks again.
        if (written === 0)
          throw Object.assign(new Error(), { __buffer_too_small__: row.bytes.length });
        return written;
      }
      row.bytes.copy(bytes, written);
      written += row.bytes.length;
    }
    this.#iterators.delete(id);
    return -written;
  }

  close(id: number): void {
    // A finalizer may close an iterator of a call that is long over: nothing is left to close then.
    if (!this.#iterators.delete(id) && this.#host.transaction() !== null) {
      this.fail(ERRNO.noSuchIterator, 'no such iterator');
    }
  }

  point(id: number, buffer: ArrayBuffer, length: number): readonly Row[] {
    const { table, index, schema } = this.index(id);
    const point = this.#slice(buffer, 0, length);
    return this.#decoding(() => index.many(table.schema.pointKey(schema, point)));
  }

  range(id: number, buffer: ArrayBuffer, lengths: Lengths): readonly Row[] {
    const { table, index, schema } = this.index(id);
    const [prefixLength, prefixColumns, lowerLength, upperLength] = lengths;
    const prefix = this.#slice(buffer, 0, prefixLength);
    const lower = this.#slice(buffer, prefixLength, lowerLength);
    const upper =
      upperLength === 0 ? lower : this.#slice(buffer, prefixLength + lowerLength, upperLength);
    return this.#decoding(() =>
      index.range(table.schema.keyRange(schema, prefix, prefixColumns, bound(lower), bound(upper))),
    );
  }

  deleteRows(table: Table, rows: readonly Row[]): number {
    const transaction = this.#transaction();
    for (const row of rows) transaction.delete(table, row);
    return rows.length;
  }

  insert(id: number, buffer: ArrayBuffer, length: number): number {
    const table = this.table(id);
    const given = this.#slice(buffer, 0, length);
    const row = Buffer.from(given);
    const filled = this.#writing(() => this.#transaction().insert(table, row));
    return writeGenerated(table, filled.bytes, given, this.#view(buffer));
  }

  update(id: number, indexId: number, buffer: ArrayBuffer, length: number): number {
    const table = this.table(id);
    const { index } = this.index(indexId);
    if (!index.unique) this.fail(ERRNO.indexNotUnique, 'the index is not unique');
    const given = this.#slice(buffer, 0, length);
    const row = Buffer.from(given);
    const filled = this.#writing(() => this.#transaction().update(table, index, row));
    return writeGenerated(table, filled.bytes, given, this.#view(buffer));
  }

  deleteEqual(id: number, buffer: ArrayBuffer, length: number): number {
    const table = this.table(id);
    const relation = this.#slice(buffer, 0, length);
    const rows = this.#decoding(() => rowsOf(table, relation));
    return this.deleteRows(table, rows);
  }

  startTimer(name: string): number {
    const id = ++this.#lastHandle;
    this.#timers.set(id, { name, startMicros: this.#host.nowMicros() });
    return id;
  }

  endTimer(id: number): void {
    const timer = this.#timers.get(id);
    if (timer === undefined) this.fail(ERRNO.noSuchTimer, 'no such timer');
    this.#timers.delete(id);
    this.#host.log(2, `${timer.name}: ${this.#host.nowMicros() - timer.startMicros} µs`);
  }

  endAnonymous(commit: boolean): void {
    if (!this.#host.endAnonymous(commit)) {
      this.fail(ERRNO.transactionNotAnonymous, 'no transaction of a procedure is under way');
    }
  }

  endCall(): void {
    if (this.#iterators.size > 0) this.#iterators.clear();
    if (this.#timers.size > 0) this.#timers.clear();
  }

  #transaction(): Transaction {
    return this.#host.transaction() ?? this.fail(ERRNO.notInTransaction, 'not in a transaction');
  }

  #findIndex(name: string): IndexHandle | null {
    // Index names are unique in a module and begin with their table's name, but where that name
    // ends cannot be told, so every table is asked.
    for (const table of this.#host.tables()) {
      const position = table.schema.indexes.findIndex((index) => index.names.includes(name));
      const index = table.indexes[position];
      const schema = table.schema.indexes[position];
      if (index !== undefined && schema !== undefined) return { table, index, schema };
    }
    return null;
  }

  #slice(buffer: ArrayBuffer, start: number, length: number): Buffer {
    const bytes = this.#view(buffer);
    if (start + length > bytes.length) throw new RangeError('length argument out of bounds');
    return bytes.subarray(start, start + length);
  }

  /** Modules pass the same few buffers over and over. */
  #view(buffer: ArrayBuffer): Buffer {
    if (this.#viewed?.buffer !== buffer) this.#viewed = { buffer, bytes: Buffer.from(buffer) };
    return this.#viewed.bytes;
  }

  #decoding<Result>(decode: () => Result): Result {
    try {
      return decode();
    } catch (error) {
      if (error instanceof MalformedRowError || error instanceof RangeError) {
        this.fail(ERRNO.cannotDecode, error.message);
      }
      throw error;
    }
  }

  #writing<Result>(write: () => Result): Result {
    return this.#decoding(() => {
      try {
        return write();
      } catch (error) {
        if (error instanceof ConstraintError)
          this.fail(CONSTRAINT_CODES[error.code], error.message);
        throw error;
      }
    });
  }
}

const CONSTRAINT_CODES = {
  unique_violation: ERRNO.uniqueViolation,
  auto_increment_overflow: ERRNO.autoIncrementOverflow,
  no_such_row: ERRNO.noSuchRow,
} as const;

function bound(encoded: Buffer): Bound {
  const tag = encoded.readUInt8(0);
  if (tag === 2) return { kind: 'unbounded' };
  if (tag > 2) throw new RangeError(`bound tag ${tag}`);
  return { kind: tag === 0 ? 'included' : 'excluded', value: encoded.subarray(1) };
}

/** Writes the columns that filled themselves to the front of the module's buffer. */
function writeGenerated(table: Table, row: Buffer, given: Buffer, target: Buffer): number {
  const { autoColumns } = table.schema;
  if (autoColumns.length === 0) return 0;
  const filled: Buffer[] = [];
  for (const auto of autoColumns) {
    const { start, end } = table.schema.columnSpan(row, auto.column);
    if (given.subarray(start, end).every((byte) => byte === 0))
      filled.push(row.subarray(start, end));
  }
  let written = 0;
  for (const bytes of filled) written += bytes.copy(target, written);
  return written;
}

/** The rows of the table that equal one in an encoded list of rows. */
function rowsOf(table: Table, relation: Buffer): Row[] {
  const found = new Set<Row>();
  const count = relation.readUInt32LE(0);
  let offset = 4;
  for (let index = 0; index < count; index++) {
    const end = table.schema.rowEnd(relation, offset);
    const wanted = table.makeRow(relation.subarray(offset, end));
    const present = table.byIdentity(table.identityOf(wanted));
    if (present?.bytes.equals(wanted.bytes)) found.add(present);
    offset = end;
  }
  return [...found];
}
