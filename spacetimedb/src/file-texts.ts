import { Range } from 'spacetimedb/server';
import { CACHE_BYTES } from '../../src/core/cache-sizes.ts';
import { contentOf, makesVersion } from '../../src/core/op-payload.ts';
import { sameBytes } from '../../src/core/hash.ts';
import type { Text } from '../../src/core/text.ts';
import { WORK_UNITS } from '../../src/core/work.ts';
import { hexOf } from './caller.ts';
import { foldAnew, foldFrom, loadBytes } from './content-store.ts';
import type { CommittedOp } from './file-work.ts';
import type { MostChanges } from './plan-batch.ts';
import { contentHasher } from './hash.ts';
import { Refusal } from './refusal.ts';
import { TextCache } from './text-cache.ts';
import { spend, spendFolding } from './work.ts';
import type { Database, Row } from './world.ts';

/** The text of a file's head. */
export function headText(db: Database, head: Row<'file_head'>): Text {
  const { fileId, version, contentHash, snapshotVersion } = head;
  return textAt(db, fileId, version, contentHash, spendFolding, snapshotVersion);
}

/**
 * The text of a version whose content hash history gives; `count` counts what it costs. `snapshotVersion`: that
 * of the newest snapshot before, where it is known. Throws when the fold differs from the hash.
 */
export function textAt(
  db: Database,
  fileId: number,
  version: number,
  hash: Uint8Array,
  count = spendFolding,
  snapshotVersion?: number,
): Text {
  const cached = cache.get(fileId, version, hash);
  if (cached) return cached;
  const text = foldAt(db, fileId, version, count, { snapshotVersion });
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
    const text = foldAt(db, fileId, version, spendFolding, { fold: foldAnew });
    return sameBytes(contentHasher.text(text), contentHash);
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

/** The snapshot of a version; to find one by its version takes a part of looking for the newest. */
function snapshotOf(
  db: Database,
  fileId: number,
  version: number | undefined,
  count: (units: number) => void,
): Row<'file_snapshot'> | undefined {
  if (version === undefined) return undefined;
  let last: Row<'file_snapshot'> | undefined;
  for (const row of db.file_snapshot.byFileVersion.filter([fileId, version])) {
    count(WORK_UNITS.row);
    last = row;
  }
  return last;
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
  const rows: Row<'file_op'>[] = [];
  let [changes, characters] = [0, 0];
  for (const row of opsBetween(db, fileId, after, last)) {
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

/** Rows of ops with versions above `after` and up to `last`. */
function opsBetween(
  db: Database,
  fileId: number,
  after: number,
  last: number,
): Iterable<Row<'file_op'>> {
  if (last <= after) return [];
  // Most files are one or two ops beyond their snapshot, and most bases as far behind the head.
  if (last - after <= ONE_BY_ONE) return opsOneByOne(db, fileId, after, last);
  const range = new Range<number>(
    { tag: 'excluded', value: after },
    { tag: 'included', value: last },
  );
  return db.file_op.byFileVersion.filter([fileId, range]);
}

function* opsOneByOne(
  db: Database,
  fileId: number,
  after: number,
  last: number,
): Generator<Row<'file_op'>> {
  for (let version = after + 1; version <= last; version++) {
    yield* db.file_op.byFileVersion.filter([fileId, version]);
  }
}

/** So many versions are found one after the other in less time than as a range. */
const ONE_BY_ONE = 4;

function foldAt(
  db: Database,
  fileId: number,
  version: number,
  count: (units: number) => void = spendFolding,
  { snapshotVersion, fold = foldFrom }: Folding = {},
): Text {
  const snapshot =
    snapshotOf(db, fileId, snapshotVersion, count) ?? snapshotBefore(db, fileId, version, count);
  if (!snapshot) throw new Error(`file ${fileId} has no snapshot before version ${version}`);
  if (snapshot.kind !== 'text') {
    throw new Refusal('bad_text', `the file was kept as binary at version ${version}`);
  }
  return fold(db, snapshot, readTextOps(db, fileId, snapshot.version, version, count));
}

interface Folding {
  /** The version of the newest snapshot before, where it is known. */
  readonly snapshotVersion?: number | undefined;
  readonly fold?: typeof foldFrom;
}

function upTo(version: number): Range<number> {
  return new Range<number>({ tag: 'unbounded' }, { tag: 'included', value: version });
}

const cache = new TextCache(256, 128, CACHE_BYTES.texts);
