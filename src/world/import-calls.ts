import { BatchEnds } from '../core/batch-ends.ts';
import { ByteReader } from '../core/byte-reader.ts';
import { OpDecoder, type UnchainedOp } from '../core/op-codec.ts';
import type { EncodedOp, LogHead, LogPart } from '../core/verify-log.ts';
import type { ReducerArguments } from './bindings.ts';

/** What one call of `import_log` takes, but for the profile of whoever imports. */
export type ImportCall = Pick<ReducerArguments<'import_log'>, 'ops' | 'parts' | 'expectedHead'>;

/**
 * Cuts a log into calls of `import_log`, in order. A call ends where a batch ends, and parts go before
 * ops that need them.
 */
export class ImportCalls {
  #ops: ImportCall['ops'] = [];
  #parts: ImportCall['parts'] = [];
  #opBytes = 0;
  #partBytes = 0;
  readonly #ends = new BatchEnds();

  /** Takes a part; yields what is full. */
  *addPart(hash: string, { text, bytes }: LogPart): Generator<ImportCall> {
    // Ops that are waiting need none of the parts behind them.
    if (this.#partBytes >= CALL_BYTES) yield this.#takeParts([], undefined);
    this.#parts.push({ hash, text, bytes });
    this.#partBytes += text?.length ?? bytes?.length ?? 0;
  }

  /** Takes the next op; yields the ones before it if they are enough and a batch ends with them. */
  *addOp(op: EncodedOp, decoded: UnchainedOp): Generator<ImportCall> {
    const begins = this.#ends.beginsWith(decoded);
    const isFull = this.#opBytes >= CALL_BYTES || this.#ops.length >= CALL_OPS;
    const isLarge = op.bytes.length >= CALL_BYTES;
    if ((isFull || isLarge) && this.#ops.length > 0 && begins) {
      yield this.rest(undefined);
    }
    // A batch of large ops may fill a message alone.
    if (isLarge && this.#parts.length > 0) yield this.#takeParts([], undefined);
    this.#ops.push(op);
    this.#opBytes += op.bytes.length;
  }

  /** All that is left; with the head that makes the world whole, if it is all. */
  rest(expectedHead: LogHead | undefined): ImportCall {
    const ops = this.#ops;
    this.#ops = [];
    this.#opBytes = 0;
    return this.#takeParts(ops, expectedHead);
  }

  #takeParts(ops: ImportCall['ops'], head: LogHead | undefined): ImportCall {
    const parts = this.#parts;
    this.#parts = [];
    this.#partBytes = 0;
    const expectedHead = head && { opSeq: head.opSeq, chainHash: head.chainHash };
    return { ops, parts, expectedHead };
  }
}

/**
 * Two calls that do the same as one, for a world that refused it with `too_much_work`: work follows from
 * the ops, not from their size. Undefined where all ops are of one batch.
 */
export function halvesOf(call: ImportCall): readonly [ImportCall, ImportCall] | undefined {
  const ends = new BatchEnds();
  const begins = call.ops.flatMap(({ bytes }, at) =>
    ends.beginsWith(decoder.read(new ByteReader(bytes))) && at > 0 ? [at] : [],
  );
  const middle = begins.at(Math.floor(begins.length / 2));
  if (middle === undefined) return undefined;
  const first = { ...call, ops: call.ops.slice(0, middle), expectedHead: undefined };
  return [first, { ...call, ops: call.ops.slice(middle), parts: [] }];
}

const decoder = new OpDecoder();
const CALL_BYTES = 1024 * 1024;
const CALL_OPS = 250;
