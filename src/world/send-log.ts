import { ByteReader } from '../core/byte-reader.ts';
import { ArchiveReader, type ArchiveEntry } from '../core/log-archive.ts';
import { OpDecoder } from '../core/op-codec.ts';
import type { LogHead } from '../core/verify-log.ts';
import { readPieces } from './archive-file.ts';
import type { OpProgress } from './backup.ts';
import { halvesOf, type ImportCall, ImportCalls } from './import-calls.ts';
import type { Link } from './link.ts';
import type { Profile } from './publish.ts';
import { WorldError } from './world-error.ts';

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
  const { file, head, signal, onProgress } = options;
  const calls = new ImportCalls();
  const decoder = new OpDecoder();
  const reader = new ArchiveReader();
  let sentOps = 0;
  const send = async (call: ImportCall): Promise<void> => {
    await callImport(options, call);
    if (call.ops.length === 0) return;
    sentOps += call.ops.length;
    onProgress?.({ ops: sentOps, totalOps: head.opSeq });
  };
  for await (const piece of readPieces(file, signal)) {
    for (const entry of reader.push(piece)) {
      for (const call of added(calls, decoder, entry)) await send(call);
    }
  }
  await send(calls.rest(head));
}

function* added(
  calls: ImportCalls,
  decoder: OpDecoder,
  entry: ArchiveEntry,
): Generator<ImportCall> {
  if (entry.tag === 'part') yield* calls.addPart(entry.key, entry.part);
  if (entry.tag !== 'op') return;
  yield* calls.addOp(entry.op, decoder.read(new ByteReader(entry.op.bytes)));
}

async function callImport(options: SendLogOptions, call: ImportCall): Promise<void> {
  const { link, profile, signal } = options;
  const cancel = signal === undefined ? {} : { signal };
  const answer = await link.call('import_log', { ...call, ...profile }, cancel);
  if (answer.tag === 'done') return;
  if (answer.tag === 'refused') {
    const { code, message } = answer.refusal;
    const halves = code === 'too_much_work' ? halvesOf(call) : undefined;
    if (halves) {
      for (const half of halves) await callImport(options, half);
      return;
    }
    throw new WorldError('refused', `The server does not take the world: ${message} (${code})`);
  }
  if (answer.why === 'cancelled') throw new WorldError('cancelled', 'Cancelled');
  throw new WorldError('unreachable', 'The connection to the server ended');
}
