import { ByteReader } from '../core/byte-reader.ts';
import { ArchiveReader, type ArchiveEntry } from '../core/log-archive.ts';
import { OpDecoder } from '../core/op-codec.ts';
import type { LogHead } from '../core/verify-log.ts';
import { readPieces } from './archive-file.ts';
import type { OpProgress } from './backup.ts';
import type { ReducerArguments } from './bindings.ts';
import type { Link } from './link.ts';
import type { Profile } from './publish.ts';
import { WorldError } from './world-error.ts';

type ImportCall = ReducerArguments<'import_log'>;

export interface SendLogOptions {
  /** To an empty world, as its publisher. */
  readonly link: Link;
  /** An archive that was verified. */
  readonly file: string;
  readonly head: LogHead;
  /** For whoever becomes an owner by it. */
  readonly profile: Profile;
  readonly onProgress?: (progress: OpProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Has a world replay an archive, some of it a call, so that other worlds of the server get their turn.
 * The last call makes it whole. Throws `WorldError` `refused`, `unreachable` or `cancelled`.
 */
export async function sendLog(options: SendLogOptions): Promise<void> {
  const { file, head, signal } = options;
  const calls = new Calls(options);
  const reader = new ArchiveReader();
  for await (const piece of readPieces(file, signal)) {
    for (const entry of reader.push(piece)) await calls.add(entry);
  }
  await calls.send(head);
}

/** Collects what goes into a call. Calls end where a batch ends; parts go before ops that need them. */
class Calls {
  readonly #options: SendLogOptions;
  readonly #decoder = new OpDecoder();
  #ops: ImportCall['ops'] = [];
  #parts: ImportCall['parts'] = [];
  #opBytes = 0;
  #partBytes = 0;
  #batchId = '';
  #sentOps = 0;

  constructor(options: SendLogOptions) {
    this.#options = options;
  }

  async add(entry: ArchiveEntry): Promise<void> {
    if (entry.tag === 'part') {
      // Ops that are waiting need none of the parts behind them.
      if (this.#partBytes >= CALL_BYTES) await this.#call([], this.#takeParts(), undefined);
      const { key: hash, part } = entry;
      this.#parts.push({ hash, text: part.text, bytes: part.bytes });
      this.#partBytes += part.text?.length ?? part.bytes?.length ?? 0;
    }
    if (entry.tag !== 'op') return;
    const { batchId } = this.#decoder.read(new ByteReader(entry.op.bytes));
    const isFull = this.#opBytes >= CALL_BYTES || this.#ops.length >= CALL_OPS;
    if (isFull && batchId !== this.#batchId) await this.send(undefined);
    this.#batchId = batchId;
    this.#ops.push(entry.op);
    this.#opBytes += entry.op.bytes.length;
  }

  async send(expectedHead: LogHead | undefined): Promise<void> {
    const ops = this.#ops;
    this.#ops = [];
    this.#opBytes = 0;
    await this.#call(ops, this.#takeParts(), expectedHead);
    this.#sentOps += ops.length;
    const { onProgress, head } = this.#options;
    onProgress?.({ ops: this.#sentOps, totalOps: head.opSeq });
  }

  async #call(
    ops: ImportCall['ops'],
    parts: ImportCall['parts'],
    head: LogHead | undefined,
  ): Promise<void> {
    const { link, profile, signal } = this.#options;
    const expectedHead = head && { opSeq: head.opSeq, chainHash: head.chainHash };
    const args = { ops, parts, expectedHead, ...profile };
    const answer = await link.call('import_log', args, signal === undefined ? {} : { signal });
    if (answer.tag === 'done') return;
    if (answer.tag === 'refused') {
      const { code, message } = answer.refusal;
      throw new WorldError('refused', `The server does not take the world: ${message} (${code})`);
    }
    if (answer.why === 'cancelled') throw new WorldError('cancelled', 'Cancelled');
    throw new WorldError('unreachable', 'The connection to the server ended');
  }

  #takeParts(): ImportCall['parts'] {
    const parts = this.#parts;
    this.#parts = [];
    this.#partBytes = 0;
    return parts;
  }
}

const CALL_BYTES = 1024 * 1024;
const CALL_OPS = 250;
