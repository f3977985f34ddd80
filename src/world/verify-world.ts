import { fromHex, sameBytes, toHex } from '../core/hash.ts';
import { LogVerifier, type LogFaultKind, type LogHead } from '../core/verify-log.ts';
import type { OpProgress } from './backup.ts';
import { addParts, downloadOps, type StoredPart } from './download-log.ts';
import { nativeHash } from './native-hash.ts';
import { readHead } from './read-head.ts';
import type { KnownWorld, WorldList } from './world-list.ts';
import type { FileHead } from './world-rows.ts';
import { WorldError } from './world-error.ts';
import type { WorldSession } from './world-session.ts';

export type WorldVerdict =
  | {
      readonly tag: 'verified';
      readonly ops: number;
      readonly files: number;
      /** Hexadecimal. */
      readonly headChainHash: string;
    }
  /** `opSeq` is the first op that does not fit. */
  | {
      readonly tag: 'broken';
      readonly opSeq: number;
      readonly reason: LogFaultKind | 'rewritten' | 'file_head';
      readonly message: string;
    };

export interface VerifyOptions {
  readonly session: WorldSession;
  readonly world: Pick<KnownWorld, 'server' | 'database'>;
  /** Where the last head that this machine saw is remembered. */
  readonly worlds: WorldList;
  readonly onProgress?: (progress: OpProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Downloads a world's history up to now, replays it here, and compares it with the heads of the
 * world and with the last one this machine saw. Rejects when the connection ends meanwhile.
 */
export async function verifyWorld({
  session,
  world,
  worlds,
  onProgress,
  signal,
}: VerifyOptions): Promise<WorldVerdict> {
  const link = await session.whenOnline(signal);
  const { head, files } = await readHead(link, (head) => {
    return { head, files: [...session.view.files.values()] };
  });
  const remembered = (await worlds.find(world.server, world.database))?.lastHead;
  const parts = new Map<string, StoredPart>();
  const verifier = new LogVerifier(nativeHash, (key) => parts.get(key));
  let seen: LogHead | undefined;
  for await (const ops of downloadOps(link, head.opSeq)) {
    await addParts(link, parts, ops);
    if (signal?.aborted) throw new WorldError('cancelled', 'The verification was given up');
    for (const op of ops) {
      const fault = verifier.add(op);
      if (fault) return broken(fault.opSeq, fault.kind);
      if (op.opSeq === remembered?.opSeq) seen = op;
    }
    onProgress?.({ ops: verifier.head.opSeq, totalOps: head.opSeq });
  }
  const fault = verifier.finish(head) ?? wrongHead(verifier, files, head.opSeq);
  if (fault) return broken(fault.opSeq, fault.kind);
  if (remembered && !(seen && sameBytes(seen.chainHash, fromHex(remembered.chainHash)))) {
    return broken(remembered.opSeq, 'rewritten');
  }
  const chainHash = toHex(head.chainHash);
  await worlds.rememberHead(world.server, world.database, { opSeq: head.opSeq, chainHash });
  const living = files.filter((file) => !file.deleted).length;
  return { tag: 'verified', ops: head.opSeq, files: living, headChainHash: chainHash };
}

/** What a world shows as a file's head must be what its history leads to. */
function wrongHead(
  verifier: LogVerifier,
  files: readonly FileHead[],
  opSeq: number,
): { readonly opSeq: number; readonly kind: 'file_head' } | undefined {
  const folded = new Map([...verifier.files()].map((file) => [file.fileId, file]));
  const isWrong = files.some((head) => {
    const file = folded.get(head.fileId);
    if (file?.version !== head.version || !sameBytes(file.contentHash, head.contentHash))
      return true;
    const isThere = file.path === head.path && file.deleted === head.deleted;
    const isSame = file.mode === head.mode && file.eol === head.eol && file.bom === head.bom;
    return !isThere || !isSame;
  });
  return isWrong || folded.size !== files.length ? { opSeq, kind: 'file_head' } : undefined;
}

type Reason = Extract<WorldVerdict, { readonly tag: 'broken' }>['reason'];

/** What is wrong with an op, for a person. */
export const LOG_FAULTS: Readonly<Record<LogFaultKind, string>> = {
  sequence: 'an op is missing or stands in the wrong place',
  chain: 'the op was changed, or what came before it',
  encoding: 'its bytes are not those of an op',
  version: 'it does not follow the version before it',
  before_hash: 'it was made on another text than the history holds',
  content_hash: 'the text it leaves is not the one it claims',
  changes: 'its changes leave the text',
  payload: 'its payload cannot be read',
  part: 'content is missing, or is not what its name says',
  head: 'the history ends elsewhere than the world says',
};

const MESSAGES: Readonly<Record<Reason, string>> = {
  ...LOG_FAULTS,
  rewritten: 'this machine saw another op there: the history was rewritten',
  file_head: 'a file shows another content or place than its history leads to',
};

function broken(opSeq: number, reason: Reason): WorldVerdict {
  return { tag: 'broken', opSeq, reason, message: MESSAGES[reason] };
}
