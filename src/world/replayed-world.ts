import { randomBytes } from 'node:crypto';
import { AlgebraicType, BinaryWriter } from 'spacetimedb';
import { ByteWriter } from '../core/byte-writer.ts';
import { OpEncoder } from '../core/op-codec.ts';
import type { OpRecord } from '../core/op.ts';
import { partKeysOf } from '../core/part-keys.ts';
import type { EncodedOp, PartSource } from '../core/verify-log.ts';
import { identityNumber } from '../host/identity.ts';
import { silentLog } from '../host/log.ts';
import { type CallOutcome, ModuleRuntime } from '../host/module-runtime.ts';
import { argumentsType, type TableName } from './bindings.ts';
import { halvesOf, type ImportCall, ImportCalls } from './import-calls.ts';
import { parseRefusal, type Refusal } from './refusal.ts';

/** The module refused to replay an op. */
export interface ReplayFault {
  readonly opSeq: number;
  readonly message: string;
}

/**
 * The tables that a history makes, in memory: the world module itself replays it, as it does when a world
 * is restored. What it was told of last waits until its batch is known to be whole.
 */
export class ReplayedWorld {
  readonly #runtime: ModuleRuntime;
  readonly #importLog: number;
  readonly #parts: PartSource;
  readonly #sentParts = new Set<string>();
  readonly #calls = new ImportCalls();
  readonly #encoder = new OpEncoder();
  readonly #writer = new ByteWriter();
  #nowMicros = 0n;
  #publisher = 0n;

  /** `bundle` is the module, `parts` has what ops name by the time they are taken. */
  constructor(bundle: string, parts: PartSource) {
    this.#parts = parts;
    this.#runtime = new ModuleRuntime({
      source: bundle,
      tableIds: new Map(),
      identity: randomBytes(32).toString('hex'),
      clock: { nowMicros: () => this.#nowMicros, after: () => () => {} },
      log: silentLog,
      claimsOf: () => '',
      scheduleImmediate: () => {},
      committed: () => {},
    });
    const { reducers } = this.#runtime.def;
    this.#importLog = reducers.findIndex(({ name }) => name === 'import_log');
  }

  /** An op's encoding, for `take`. Valid until the next one is made. */
  encode(op: OpRecord): Uint8Array {
    this.#writer.reset();
    this.#encoder.write(this.#writer, op);
    return this.#writer.written;
  }

  /** Takes the next op of the history. */
  take(op: OpRecord, encoded: Uint8Array): ReplayFault | undefined {
    if (op.opSeq === 1) this.#publish(op);
    for (const key of partKeysOf(op)) {
      const part = this.#parts(key);
      if (!part || this.#sentParts.has(key)) continue;
      this.#sentParts.add(key);
      const fault = this.#import(this.#calls.addPart(key, part));
      if (fault) return fault;
    }
    const { chainHash } = op;
    const kept: EncodedOp = { bytes: encoded.slice(), chainHash };
    return this.#import(this.#calls.addOp(kept, op));
  }

  /** Replays what was taken and waits. The last op must be the last of its batch. */
  settle(): ReplayFault | undefined {
    return this.#import([this.#calls.rest(undefined)]);
  }

  /** A table's rows as they are stored. Undefined where the module has no such table. */
  rows(name: TableName): readonly Uint8Array[] | undefined {
    return this.#runtime.datastore
      .table(name)
      ?.allRows()
      .map(({ bytes }) => bytes);
  }

  /** Before it has a name, a world is what its publisher left: the first op tells who and when. */
  #publish({ actor, madeAtMicros }: OpRecord): void {
    this.#nowMicros = madeAtMicros;
    this.#publisher = identityNumber(actor);
    const index = this.#runtime.def.lifecycle.get('init');
    if (index === undefined) throw new Error('the module has no init');
    demandDone(this.#call(index, Buffer.alloc(0)));
  }

  #import(calls: Iterable<ImportCall>): ReplayFault | undefined {
    for (const call of calls) {
      const args = new BinaryWriter(ARGUMENT_BYTES);
      writeArguments(args, { ...call, ...NOBODY });
      const outcome = this.#call(this.#importLog, Buffer.from(args.getBuffer()));
      if (outcome.kind === 'ok') continue;
      if (outcome.kind !== 'refused') throw new Error(`the module fails: ${outcome.message}`);
      const refusal = parseRefusal(outcome.message);
      const halves = refusal.code === 'too_much_work' ? halvesOf(call) : undefined;
      const fault = halves ? this.#import(halves) : faultOf(refusal);
      if (fault) return fault;
    }
    return undefined;
  }

  #call(index: number, args: Buffer): CallOutcome {
    const caller = { identity: this.#publisher, connectionId: 1n };
    return this.#runtime.callReducer(index, caller, args);
  }
}

function faultOf({ details, message }: Refusal): ReplayFault {
  return { opSeq: Number(details['opSeq'] ?? 0), message };
}

function demandDone(outcome: CallOutcome): void {
  if (outcome.kind !== 'ok') throw new Error(`the module fails: ${outcome.message}`);
}

const writeArguments = AlgebraicType.makeSerializer(argumentsType('import_log'));
const NOBODY = { displayName: '', gitName: '', gitEmail: '', color: '' };
const ARGUMENT_BYTES = 64 * 1024;
