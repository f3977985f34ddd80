import { summaryOf } from '../core/history-entries.ts';
import { readPayload } from '../core/op-payload.ts';
import type { OpRecord } from '../core/op.ts';
import type { Link } from './link.ts';
import { readHeadSeq } from './read-head.ts';
import { FileOps } from './read-file-ops.ts';
import { opsBetween, readOps } from './read-ops.ts';
import type { FileHead } from './world-rows.ts';
import type { WorldSession } from './world-session.ts';
import type { WorldView } from './world-view.ts';

/** A file that is not as it was at some point. */
export interface ChangedFile {
  readonly head: FileHead;
  /** The version it had then; 0 when it was not there. */
  readonly versionThen: number;
  readonly pathThen: string;
  /** False when it was not made yet, or was deleted. */
  readonly wasThere: boolean;
}

/** The version that a file had after an op of the world; 0 when it was not made yet. */
export async function fileVersionAt(
  link: Link,
  view: WorldView,
  fileId: number,
  opSeq: number,
): Promise<number> {
  if (fileId > opSeq) return 0;
  const file = await FileOps.open(link, fileId);
  let low = 1;
  let high = view.files.get(fileId)?.version ?? 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const ops = await file.read(middle - 1, middle);
    if ((ops[0]?.opSeq ?? 0) <= opSeq) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The newest op that was made before a time; 0 when there was none. */
export async function opSeqAtTime(session: WorldSession, atMs: number): Promise<number> {
  const link = await session.whenOnline();
  let low = 0;
  let high = await readHeadSeq(link);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const [op] = await readOps(link, [middle]);
    if (op && Number(op.madeAtMicros / 1000n) < atMs) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The files that ops after `opSeq` changed in any way, by path, with what they were before. */
export async function changedSince(
  session: WorldSession,
  opSeq: number,
  signal?: AbortSignal,
): Promise<readonly ChangedFile[]> {
  const link = await session.whenOnline(signal);
  const found = new Map<number, ThenState>();
  for await (const ops of opsBetween(session, opSeq, await readHeadSeq(link))) {
    signal?.throwIfAborted();
    for (const op of ops) if (op.fileId > 0) noteFirst(found, op);
  }
  const changed: ChangedFile[] = [];
  for (const [fileId, { version, path, wasDeleted }] of found) {
    const head = session.view.files.get(fileId);
    if (!head) continue;
    const wasThere = version > 0 && !(wasDeleted ?? head.deleted);
    const pathThen = path ?? head.path;
    const isSame = wasThere !== head.deleted && version === head.version && pathThen === head.path;
    if (isSame || (!wasThere && head.deleted)) continue;
    changed.push({ head, versionThen: version, pathThen, wasThere });
  }
  return changed.sort((a, b) => (a.head.path < b.head.path ? -1 : 1));
}

/** What the first ops after a point tell of the time before. */
interface ThenState {
  readonly version: number;
  readonly path?: string | undefined;
  readonly wasDeleted?: boolean | undefined;
}

function noteFirst(found: Map<number, ThenState>, op: OpRecord): void {
  const known = found.get(op.fileId) ?? { version: summaryOf(op).fromVersion };
  const { path = pathBefore(op), wasDeleted = wasDeletedBefore(op) } = known;
  found.set(op.fileId, { ...known, path, wasDeleted });
}

function pathBefore({ kind, payload }: OpRecord): string | undefined {
  if (kind === 'rename') return readPayload('rename', payload).from;
  return kind === 'delete' ? readPayload('delete', payload).path : undefined;
}

function wasDeletedBefore({ kind, payload }: OpRecord): boolean | undefined {
  if (kind === 'delete') return false;
  if (kind === 'restore') return true;
  if (kind !== 'resolve') return undefined;
  const effect = readPayload('resolve', payload).effect?.kind;
  return effect === 'delete' ? false : effect === 'restore' ? true : undefined;
}
