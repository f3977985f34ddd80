import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type Changes, replace } from '../../src/core/change.ts';
import { MODULE_LEVEL } from '../../src/core/module-level.ts';
import type { Batch } from '../../src/core/op.ts';
import { shortEditOf } from '../../src/core/short-edit.ts';
import type { PolicyMode } from '../../src/core/policy.ts';
import { Text } from '../../src/core/text.ts';
import { BsatnReader } from '../../src/host/bsatn/reader.ts';
import { BsatnWriter } from '../../src/host/bsatn/writer.ts';
import { Database, type DatabaseOptions } from '../../src/host/database.ts';
import type { TableChange } from '../../src/host/datastore/transaction.ts';
import { identityNumber, identityOf } from '../../src/host/identity.ts';
import { silentLog } from '../../src/host/log.ts';
import { MemoryJournal } from '../../src/host/memory-journal.ts';
import { encodeModuleRequest } from '../../src/host/module-http.ts';
import type { CallOutcome } from '../../src/host/module-runtime.ts';
import { readJsonValue, writeJsonValue } from '../../src/host/sats-json.ts';
import type { BatchAnswer } from '../../src/sync/ports.ts';
import { batchCall } from '../../src/world/judge-batch.ts';
import { bundleModule } from '../contract/engine-harness.ts';
import { type Row, rowsIn, type TableName } from '../unit/module/test-world.ts';
import type { Authority, Disputed, HistoryOp, Ticket } from './authority.ts';
import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

const entry = fileURLToPath(new URL('../../spacetimedb/src/index.ts', import.meta.url));
const OWNER = 'the owner';
/** A time of day at which the world begins, so that nothing is at zero. */
const EPOCH_MICROS = 1_700_000_000_000_000n;

let bundled: Promise<string> | undefined;

/** The world's own module in the embedded engine, in this process: its journal is in memory. */
export class ModuleAuthority implements Authority {
  readonly history: HistoryOp[] = [];
  policy: PolicyMode;
  readonly #options: DatabaseOptions;
  readonly #journal: MemoryJournal;
  readonly #time: VirtualTime;
  readonly #texts: Text[];
  readonly #tickets = new Map<number, Ticket>();
  readonly #decided: Ticket[] = [];
  readonly #timedIds = new Map<string, string>();
  readonly #disputed = new Map<number, Disputed>();
  readonly #batches = new Map<string, Batch>();
  readonly #ticketOfOp = new Map<string, number>();
  #database: Database;
  #fileId = 0;
  #ownOps = 0;

  private constructor(
    database: Database,
    options: DatabaseOptions,
    journal: MemoryJournal,
    text: string,
    policy: PolicyMode,
    time: VirtualTime,
  ) {
    this.#time = time;
    this.#database = database;
    this.#options = options;
    this.#journal = journal;
    this.#texts = [Text.of(text)];
    this.policy = policy;
  }

  /** A configured world with one file and these members. */
  static async create(
    text: string,
    policy: PolicyMode,
    actors: readonly { readonly name: string; readonly isAgent: boolean }[],
    time: VirtualTime,
    random: Random,
  ): Promise<ModuleAuthority> {
    bundled ??= bundleModule(entry);
    const journal = new MemoryJournal();
    const options: DatabaseOptions = {
      identity: identityOf('simulation', 'the world'),
      owner: identityOf('simulation', OWNER),
      journal,
      clock: {
        nowMicros: () => EPOCH_MICROS + BigInt(Math.floor(time.nowMs() * 1000)),
        after: (delayMs, fire) => time.after(delayMs, fire),
      },
      log: silentLog,
      random: (count) => Buffer.from(Array.from({ length: count }, () => random.integer(0, 255))),
      scheduleFlush: (flush) => queueMicrotask(flush),
      volatileTables: new Set(['presence']),
      limits: { outboundBytes: 1e9, inboundBytes: 1e9, queriesPerConnection: 10 },
    };
    const database = Database.create(options, await bundled);
    const authority = new ModuleAuthority(database, options, journal, text, policy, time);
    await authority.#configure(policy);
    for (const { name, isAgent } of actors) await authority.#join(name, isAgent);
    await authority.#createFile(text);
    return authority;
  }

  tickets(): readonly Ticket[] {
    return [...this.#tickets.values()];
  }

  decided(): readonly Ticket[] {
    return this.#decided;
  }

  disputed(): readonly Disputed[] {
    return [...this.#disputed.values()];
  }

  async decide(actor: string, opId: string, shown: Disputed, text: string): Promise<string> {
    const { ticketId, headVersion, start, end } = shown;
    // The module looks at the time in an id whose call it may have forgotten.
    const timed = this.#timedIds.get(opId) ?? this.#nextOpId();
    this.#timedIds.set(opId, timed);
    const changes = [replace(start, end, text)];
    const fileId = this.#fileId;
    const outcome = await this.#call(actor, 'resolve_ticket', {
      opId: timed,
      ticketId,
      expectedHeadVersion: headVersion,
      resolution: 'patch',
      parts: [{ fileId, expectedHeadVersion: headVersion, changes }],
    });
    if (outcome.kind === 'failed') throw new Error('the module met an error of its own');
    return outcome.kind === 'ok' ? 'ok' : (outcome.message.split(': ')[0] ?? '');
  }

  textAt(version: number): Text {
    return this.#texts[version - 1]!;
  }

  ticketOf(opId: string): number | undefined {
    return this.#ticketOfOp.get(opId);
  }

  async submit(actor: string, batch: Batch): Promise<BatchAnswer> {
    const ops = batch.ops.map((op) => ({ ...op, fileId: this.#fileId }));
    this.#batches.set(batch.batchId, batch);
    const edit = shortEditOf({ ...batch, ops });
    if (edit) this.#batches.set(ops[0]!.opId, batch);
    const outcome = edit
      ? await this.#call(actor, 'type_text', { ...edit, op: `${edit.op}` })
      : await this.#callBatch(actor, { ...batch, ops });
    if (outcome.kind === 'ok') {
      const told = rowsOf(outcome.changes, 'op_outcome');
      if (told.length > 0) return answerOf(told);
      const made = rowsOf(outcome.changes, 'file_op').find((op) => op['opId'] === ops[0]!.opId);
      return { tag: 'applied', version: made!['version'] };
    }
    if (outcome.kind === 'failed') throw new Error('the module met an error of its own');
    const [code = '', message = ''] = outcome.message.split(': ');
    return { tag: 'refused', code, message };
  }

  #callBatch(actor: string, batch: Batch) {
    const { name, args } = batchCall(batch, MODULE_LEVEL);
    return this.#call(actor, name, args);
  }

  async setPolicy(policy: PolicyMode): Promise<void> {
    await this.#mustCall(OWNER, 'set_policy', {
      policyMode: policy,
      lockPolicy: 'enforce',
      limits: '',
    });
    this.policy = policy;
  }

  async setPaused(actor: string, isPaused: boolean): Promise<void> {
    await this.#mustCall(OWNER, 'set_member', {
      identity: `0x${identityOf('simulation', actor)}`,
      role: 'editor',
      capabilities: ['edit', 'lock', 'resolve'],
      pathScope: [],
      paused: isPaused,
    });
  }

  async setDeleted(isDeleted: boolean): Promise<void> {
    const call = {
      opId: this.#nextOpId(),
      author: '',
      fileId: this.#fileId,
      expectedBaseVersion: this.#texts.length,
    };
    if (isDeleted) await this.#mustCall(OWNER, 'delete_file', call);
    else await this.#mustCall(OWNER, 'restore_file', { ...call, path: '' });
  }

  #nextOpId(): string {
    const time = (EPOCH_MICROS / 1000n).toString(16).padStart(12, '0');
    const number = (++this.#ownOps).toString(16).padStart(8, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-ffff${number}`;
  }

  /** All rows of a table, as they are now. */
  rows<Name extends TableName>(name: Name): Row<Name>[] {
    return rowsIn(this.#database.runtime, name);
  }

  /** The engine goes down without a word and opens what its journal holds. */
  async restart(): Promise<void> {
    this.#journal.crash();
    await this.#database.close();
    this.#database = Database.open(this.#options)!;
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  async #configure(policy: PolicyMode): Promise<void> {
    const names = { displayName: OWNER, gitName: '', gitEmail: '', color: '' };
    await this.#mustCall(OWNER, 'configure_world', {
      name: 'simulation',
      worldEpoch: '5eed'.repeat(16),
      policyMode: policy,
      lockPolicy: 'enforce',
      limits: '',
      baseCommit: null,
      ...names,
    });
  }

  async #join(name: string, isAgent: boolean): Promise<void> {
    const expiresAt = EPOCH_MICROS + 3_600_000_000n;
    await this.#mustCall(OWNER, 'create_invite', {
      secretHash: createHash('sha256').update(name).digest('hex'),
      role: 'editor',
      kind: isAgent ? 'agent' : 'human',
      capabilities: ['edit', 'lock', 'resolve'],
      pathScope: [],
      expiresAt: Number(expiresAt),
      uses: 1,
    });
    const identity = identityOf('simulation', name);
    const body = Buffer.from(JSON.stringify({ invite: name, identity, display_name: name }));
    const request = encodeModuleRequest({ method: 'POST', headers: {}, uri: 'join' });
    const { routes } = this.#database.runtime.def;
    const handler = routes.find((route) => route.path.endsWith('join'))!.handlerIndex;
    const joined = await this.#database.run(() =>
      this.#database.runtime.callHandler(handler, request, body),
    );
    if (joined.kind !== 'returned') throw new Error(`${name} could not join`);
  }

  async #createFile(text: string): Promise<void> {
    const content = { kind: 'text', eol: 'lf', bom: false, text, bytes: '' };
    const opId = this.#nextOpId();
    const file = { opId, path: 'file.txt', mode: 'regular', content };
    const outcome = await this.#mustCall(OWNER, 'create_file', { author: '', file });
    this.#fileId = Number(rowsOf(outcome.changes, 'op_outcome')[0]!['opSeq']);
  }

  async #mustCall(actor: string, name: string, args: object) {
    const outcome = await this.#call(actor, name, args);
    if (outcome.kind !== 'ok') throw new Error(`${name}: ${outcome.message}`);
    return outcome;
  }

  #call(actor: string, name: string, args: object): Promise<CallOutcome> {
    const database = this.#database;
    const { runtime } = database;
    const index = runtime.def.reducers.findIndex((each) => each.name === name);
    const params = { tag: 'product', elements: runtime.def.reducers[index]!.params } as const;
    const writer = new BsatnWriter();
    writeJsonValue(writer, args, params, runtime.def.typespace);
    const caller = { identity: identityNumber(identityOf('simulation', actor)), connectionId: 0n };
    return database.run(() => {
      const outcome = runtime.callReducer(index, caller, writer.take());
      if (outcome.kind === 'ok') {
        database.applied(outcome.changes, null);
        this.#take(actor, outcome.changes);
      }
      return outcome;
    });
  }

  #take(actor: string, changes: readonly TableChange[]): void {
    const ops = rowsOf(changes, 'file_op').sort((a, b) => a['opSeq'] - b['opSeq']);
    for (const op of ops) {
      if (op['version'] === this.#texts.length + 1) this.#takeOp(actor, op);
      if (op['kind'] === 'conflict') {
        const { ticket } = JSON.parse(op['payload']) as { ticket: number };
        this.#ticketOfOp.set(op['opId'], ticket);
      }
    }
    for (const ticket of rowsOf(changes, 'conflict_ticket')) this.#takeTicket(actor, ticket);
  }

  #takeOp(actor: string, op: JsonRow): void {
    const changes = changesOf(op['changes']);
    this.#texts.push(this.#texts.at(-1)!.apply(changes));
    this.history.push({
      opSeq: op['opSeq'],
      opId: op['opId'],
      version: op['version'],
      changes,
      afterHash: Buffer.from(op['afterHash'], 'hex'),
      actor,
      atMs: this.#time.nowMs(),
      overwrote: op['overwrote'],
    });
  }

  #takeTicket(actor: string, row: JsonRow): void {
    const before = this.#tickets.get(row['ticketId']);
    const part = row['parts'][0] as JsonRow[];
    if (row['status'] !== 'open') {
      if (before) this.#decided.push(before);
      this.#tickets.delete(row['ticketId']);
      this.#disputed.delete(row['ticketId']);
      return;
    }
    this.#disputed.set(row['ticketId'], {
      refusedId: `ticket-${row['ticketId']}`,
      ticketId: row['ticketId'],
      headVersion: Number(part[2]),
      start: { line: Number(part[5]), character: Number(part[6]) },
      end: { line: Number(part[7]), character: Number(part[8]) },
      baseText: part[9],
      refusedText: part[10],
      currentText: part[11],
    });
    this.#tickets.set(row['ticketId'], {
      ticketId: row['ticketId'],
      actor: before?.actor ?? actor,
      atMs: before?.atMs ?? this.#time.nowMs(),
      reason: row['reason'],
      policy: before?.policy ?? this.policy,
      overlapping: row['overlapping'],
      ops: before?.ops ?? this.#batches.get(row['batchId'])!.ops,
      baseVersion: Number(part[1]),
      proposed: changesOf(part[3]),
    });
  }
}

// oxlint-disable-next-line typescript/no-explicit-any -- JSON of whatever the table's columns are
type JsonRow = any;

function rowsOf(changes: readonly TableChange[], table: string): JsonRow[] {
  return changes
    .filter((change) => change.table.schema.name === table)
    .flatMap(({ table: { schema }, inserted }) =>
      inserted.map((row) => {
        const type = { tag: 'product', elements: schema.def.columns } as const;
        const values = readJsonValue(new BsatnReader(row.bytes), type, schema.typespace);
        const names = schema.def.columns.map((column) => column.name);
        return Object.fromEntries(names.map((name, at) => [name, (values as unknown[])[at]]));
      }),
    );
}

function changesOf(rows: unknown): Changes {
  return (rows as [number, number, number, number, string][]).map(
    ([startLine, startCharacter, endLine, endCharacter, text]) => ({
      startLine,
      startCharacter,
      endLine,
      endCharacter,
      text,
    }),
  );
}

function answerOf(outcomes: readonly JsonRow[]): BatchAnswer {
  const ticketed = outcomes.find((outcome) => outcome['ticketId'] > 0);
  if (ticketed) return { tag: 'ticketed', ticketId: ticketed['ticketId'] };
  return { tag: 'applied', version: Math.max(0, ...outcomes.map((each) => each['version'])) };
}
