import { LogVerifier } from '../core/verify-log.ts';
import { addParts, type StoredPart } from './download-log.ts';
import { nativeHash } from './native-hash.ts';
import { readHeadSeq } from './read-head.ts';
import { LOG_FAULTS } from './log-faults.ts';
import { opsBetween } from './read-ops.ts';
import { WorldError } from './world-error.ts';
import type { WorldSession } from './world-session.ts';
import type { Tree } from './write-tree.ts';

/** A world's files as they were after an op: all of them at that very point, whoever types on. */
export interface WorldSnapshot extends Tree {
  readonly opSeq: number;
}

/**
 * Replays a world's history up to an op, or up to now, and checks it on the way. Throws `WorldError`
 * `refused` for an op that was not made yet, `damaged`, or `cancelled`.
 */
export async function snapshotWorld(
  session: WorldSession,
  atSeq: number | undefined,
  signal?: AbortSignal,
): Promise<WorldSnapshot> {
  const link = await session.whenOnline(signal);
  const headSeq = await readHeadSeq(link);
  const opSeq = atSeq ?? headSeq;
  if (opSeq > headSeq) {
    throw new WorldError('refused', `There is no op ${opSeq} yet: the last one is ${headSeq}`);
  }
  const parts = new Map<string, StoredPart>();
  const log = new LogVerifier(nativeHash, (key) => parts.get(key));
  for await (const ops of opsBetween(session, 0, opSeq)) {
    if (signal?.aborted) throw new WorldError('cancelled', 'Cancelled');
    await addParts(link, parts, ops);
    for (const op of ops) refuse(log.add(op));
  }
  refuse(log.finish());
  return { opSeq, files: () => log.files(), partOf: (key) => parts.get(key) };
}

function refuse(fault: ReturnType<LogVerifier['add']>): void {
  if (!fault) return;
  const why = LOG_FAULTS[fault.kind];
  throw new WorldError('damaged', `The world does not verify: op ${fault.opSeq}: ${why}`);
}
