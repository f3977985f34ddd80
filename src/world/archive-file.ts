import { createReadStream } from 'node:fs';
import { ArchiveError, ArchiveVerifier } from '../core/log-archive.ts';
import type { LogHead, LogVerifier } from '../core/verify-log.ts';
import { systemCode } from '../host/host-error.ts';
import { nativeHash } from './native-hash.ts';
import { LOG_FAULTS } from './log-faults.ts';
import { WorldError } from './world-error.ts';

/** What a right archive holds. */
export interface ArchiveSummary {
  /** The world's name at the end. */
  readonly name: string;
  readonly head: LogHead;
  /** Files that are not deleted. */
  readonly files: number;
  readonly bytes: number;
  /** The log replayed: the files at its end. */
  readonly log: LogVerifier;
  readonly partOf: ArchiveVerifier['partOf'];
}

/**
 * Replays an archive and checks everything in it. Throws `WorldError` `bad_archive`, which names the
 * first op that does not fit, or `cancelled`.
 */
export async function verifyArchive(file: string, signal?: AbortSignal): Promise<ArchiveSummary> {
  const verifier = new ArchiveVerifier(nativeHash);
  let bytes = 0;
  await reading(file, async () => {
    for await (const piece of readPieces(file, signal)) {
      bytes += piece.length;
      refuseFault(file, verifier.push(piece));
    }
    refuseFault(file, verifier.finish());
  });
  const { log } = verifier;
  const name = log.settings?.name;
  if (!log.settings?.worldEpoch || name === undefined) {
    throw new WorldError('bad_archive', `${file} holds a world that was never set up`);
  }
  const files = [...log.files()].filter(({ deleted }) => !deleted).length;
  const partOf = (key: string) => verifier.partOf(key);
  return { name, head: log.head, files, bytes, log, partOf };
}

/** The bytes of a file, some at a time. Each piece is a buffer of its own. */
export async function* readPieces(
  file: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const stream = createReadStream(file, { highWaterMark: PIECE_BYTES });
  for await (const piece of stream) {
    if (signal?.aborted) throw new WorldError('cancelled', 'Cancelled');
    yield piece as Uint8Array;
  }
}

/** Runs what reads an archive; what is wrong with it becomes a `WorldError`. */
export async function reading<Result>(file: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ArchiveError) throw badArchive(file, error.message, error);
    const code = systemCode(error);
    if (code === 'ENOENT') throw badArchive(file, 'there is no such file', error);
    if (code === 'EISDIR') throw badArchive(file, 'this is a folder', error);
    throw error;
  }
}

function refuseFault(file: string, fault: ReturnType<ArchiveVerifier['push']>): void {
  if (fault) throw badArchive(file, `op ${fault.opSeq}: ${LOG_FAULTS[fault.kind]}`);
}

function badArchive(file: string, why: string, cause?: unknown): WorldError {
  return new WorldError('bad_archive', `${file} does not verify: ${why}`, { cause });
}

const PIECE_BYTES = 1024 * 1024;
