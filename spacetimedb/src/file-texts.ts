import { Range } from 'spacetimedb/server';
import { CACHE_BYTES } from '../../src/core/cache-sizes.ts';
import { contentOf, makesVersion } from '../../src/core/op-payload.ts';
import { sameBytes } from '../../src/core/hash.ts';
import type { Text } from '../../src/core/text.ts';
import { WORK_UNITS } from '../../src/core/work.ts';
import { hexOf } from './caller.ts';
import { foldFrom, loadBytes } from './content-store.ts';
import type { CommittedOp } from './file-work.ts';
import type { MostChanges } from './plan-batch.ts';
import { contentHasher } from './hash.ts';
import { Refusal } from './refusal.ts';
import { TextCache } from './text-cache.ts';
import { spend, spendFolding } from './work.ts';
import type { Database, Row } from './world.ts';

/** The text of a file's head. */
export function headText(db: Database, head: Row<'file_head'>): Text {
  return textAt(db, head.fileId, head.version, head.contentHash);
}

/**
 * The text of a version whose content hash history gives; `count` counts what it costs. Throws when the
 * fold differs from it.
 */
export function textAt(
  db: Database,
  fileId: number,
  version: number,
  hash: Uint8Array,
  count = spendFolding,
): Text {
  const cached = cache.get(fileId, version, hash);
  if (cached) return cached;
  const text = foldAt(db, fileId, version, count);
  if (!sameBytes(contentHasher.text(text), hash)) {
    throw new Error(`file ${fileId} version ${version} does not fold to its hash`);
  }
  cache.put(fileId, version, hash, text);
  return text;
}

/** The same if it is at hand, which that of a version of a short while ago is. */
export function knownText(fileId: number, version: number, hash: Uint8Array): Text | undefined {
  return cache.get(fileId, version, hash);
}

/** Whether what is stored of a file folds to the content hash of its head; no cache is asked. */
export function holdsItsHash(db: Database, head: Row<'file_head'>): boolean {
  const { fileId, version, contentHash } = head;
  if (head.kind === 'text') {
    return sameBytes(contentHasher.text(foldAt(db, fileId, version)), contentHash);
  }
  const snapshot = snapshotBefore(db, fileId, version);
  if (!snapshot) return false;
  return sameBytes(contentHasher.binary(loadBytes(db, snapshot.parts)), contentHash);
}

/** Keeps a text that was just made, for the next call. */
export function rememberText(fileId: number, version: number, hash: Uint8Array, text: Text): void {
  cache.put(fileId, version, hash, text);
}

/** Text-changing ops with versions above `after` and up to `upTo`, in order; `most` as in `FileSource`. */
export function committedOps(
  db: Database,
  fileId: number,
  after: number,
  upTo: number,
  most?: MostChanges,
  count = spend,
): CommittedOp[] {
  return readTextOps(db, fileId, after, upTo, count, most).map((row) => ({
    opSeq: row.opSeq,
    version: row.version,
    actor: hexOf(row.actor),
    madeAtMicros: row.madeAt.microsSinceUnixEpoch,
    beforeHash: row.beforeHash,
    changes: row.changes,
    replacesAll: row.payload !== '' && contentOf(row) !== undefined,
  }));
}

/** The newest snapshot that is not after a version. */
export function snapshotBefore(
  db: Database,
  fileId: number,
  version: number,
  count: (units: number) => void = spendFolding,
): Row<'file_snapshot'> | undefined {
  let newest: Row<'file_snapshot'> | undefined;
  for (const row of db.file_snapshot.byFileVersion.filter([fileId, upTo(version)])) {
    count(WORK_UNITS.row);
    if (!newest || row.version >= newest.version) newest = row;
  }
  return newest;
}

/** Rows of ops that made a version above `after` and up to `last`. */
function readTextOps(
  db: Database,
  fileId: number,
  after: number,
  last: number,
  count: (units: number) => void,
  most?: MostChanges,
): Row<'file_op'>[] {
  const range = new Range<number>(
    { tag: 'excluded', value: after },
    { tag: 'included', value: last },
  );
  const rows: Row<'file_op'>[] = [];
  let [changes, characters] = [0, 0];
  for (const row of db.file_op.byFileVersion.filter([fileId, range])) {
    count(WORK_UNITS.row + row.changes.length * WORK_UNITS.change);
    if (makesVersion(row)) rows.push(row);
    if (!most) continue;
    changes += row.changes.length;
    for (const { text } of row.changes) characters += text.length;
    if (changes > most.changes || characters > most.characters) break;
  }
  // The rows of the running transaction may come before those of earlier ones.
  return rows.sort((a, b) => a.opSeq - b.opSeq);
}

function foldAt(
  db: Database,
  fileId: number,
  version: number,
  count: (units: number) => void = spendFolding,
): Text {
  const snapshot = snapshotBefore(db, fileId, version, count);
  if (!snapshot) throw new Error(`file ${fileId} has no snapshot before version ${version}`);
  if (snapshot.kind !== 'text') {
    throw new Refusal('bad_text', `the file was kept as binary at version ${version}`);
  }
  const ops = readTextOps(db, fileId, snapshot.version, version, count);
  return foldFrom(db, snapshot, ops);
}

function upTo(version: number): Range<number> {
  return new Range<number>({ tag: 'unbounded' }, { tag: 'included', value: version });
}

const cache = new TextCache(256, 128, CACHE_BYTES.texts);
