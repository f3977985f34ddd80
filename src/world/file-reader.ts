import { sameBytes, toHex } from '../core/hash.ts';
import { LineBuffer } from '../core/line-buffer.ts';
import { ContentHasher } from '../core/content-hash.ts';
import { contentOf, makesVersion } from '../core/op-payload.ts';
import { Text } from '../core/text.ts';
import { tableOf, type Row } from './bindings.ts';
import { downloadParts, type StoredPart } from './download-log.ts';
import type { Link } from './link.ts';
import { nativeHash } from './native-hash.ts';
import { WorldError } from './world-error.ts';
import type { WorldView } from './world-view.ts';

/** A file's whole content at a version. */
export type FileAt = { readonly version: number; readonly contentHash: Uint8Array } & (
  | { readonly kind: 'text'; readonly text: Text }
  | { readonly kind: 'binary'; readonly bytes: Uint8Array }
);

const hasher = new ContentHasher(nativeHash);

/**
 * Reads a file at its newest version, or at an older one, from the latest snapshot before it and
 * the ops after that, and checks the content against the history's hash. Rejects with `WorldError`
 * `no_such_file` or `damaged`, or with `LinkFailure` when the connection ends.
 */
export async function readFile(
  link: Link,
  view: WorldView,
  fileId: number,
  atVersion?: number,
): Promise<FileAt> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const source = await findSource(link, view, fileId, atVersion);
    const parts = source && (await readParts(link, source.parts));
    // Maintenance may replace a snapshot between two questions: then there is a newer one.
    if (source && parts) return assemble(fileId, source, parts);
  }
  throw new WorldError('damaged', `File ${fileId} has parts that the world does not have`);
}

const ATTEMPTS = 5;

/** Where a file's content is to be had. */
interface Source {
  readonly version: number;
  readonly kind: string;
  /** Keys of content chunks. */
  readonly parts: readonly string[];
  /** Later ops that change the text, in order. */
  readonly edits: readonly Row<'file_op'>[];
  /** Content hash at `version`. */
  readonly hash: Uint8Array;
}

async function findSource(
  link: Link,
  view: WorldView,
  fileId: number,
  atVersion: number | undefined,
): Promise<Source | undefined> {
  const head = view.files.get(fileId);
  if (!head) throw new WorldError('no_such_file', `The world has no file ${fileId}`);
  const isRecent = atVersion === undefined || atVersion >= head.snapshotVersion;
  const after = isRecent ? head.snapshotVersion : await lastSnapshot(link, fileId, atVersion);
  const upTo = atVersion === undefined ? '' : ` AND version <= ${atVersion}`;
  let source: Source | undefined;
  const subscription = await link.subscribe(
    [
      `SELECT * FROM file_snapshot WHERE file_id = ${fileId} AND version >= ${after}${upTo}`,
      `SELECT * FROM file_op WHERE file_id = ${fileId} AND version >= ${after}${upTo}`,
    ],
    () => (source = sourceOf(link, fileId, atVersion ?? Number.MAX_SAFE_INTEGER)),
  );
  subscription.end();
  return source;
}

/** The version of the last snapshot up to a version; 0 when there is none. */
async function lastSnapshot(link: Link, fileId: number, atVersion: number): Promise<number> {
  let last = 0;
  const condition = `file_id = ${fileId} AND version <= ${atVersion}`;
  const subscription = await link.subscribe(
    [`SELECT * FROM file_snapshot WHERE ${condition}`],
    () => {
      for (const row of tableOf(link.connection, 'file_snapshot').iter()) {
        if (row.fileId === fileId && row.version <= atVersion) last = Math.max(last, row.version);
      }
    },
  );
  subscription.end();
  return last;
}

function sourceOf(link: Link, fileId: number, atVersion: number): Source | undefined {
  const isOurs = (row: { readonly fileId: number; readonly version: number }): boolean =>
    row.fileId === fileId && row.version <= atVersion;
  const snapshots = [...tableOf(link.connection, 'file_snapshot').iter()].filter(isOurs);
  const ops = versionMakers([...tableOf(link.connection, 'file_op').iter()].filter(isOurs));
  const snapshot = snapshots.toSorted((a, b) => a.version - b.version).at(-1);
  const whole = ops.findLast((op) => contentOf(op) !== undefined);
  const content = whole && contentOf(whole);
  const last = ops.at(-1);
  if (content && whole.version > (snapshot?.version ?? 0)) {
    const edits = ops.filter((op) => op.version > whole.version);
    const { kind, parts } = content;
    return { version: last!.version, kind, parts, edits, hash: last!.afterHash };
  }
  if (!snapshot) return undefined;
  const { kind, parts, version } = snapshot;
  const edits = ops.filter((op) => op.version > version);
  const hash = edits.at(-1)?.afterHash ?? snapshot.contentHash;
  return { version: edits.at(-1)?.version ?? version, kind, parts, edits, hash };
}

/** The ops that made versions, in order. */
export function versionMakers(ops: readonly Row<'file_op'>[]): readonly Row<'file_op'>[] {
  return ops.filter(makesVersion).sort((a, b) => a.version - b.version);
}

/** Undefined when one is not there any more. */
async function readParts(
  link: Link,
  keys: readonly string[],
): Promise<readonly StoredPart[] | undefined> {
  const found = await downloadParts(link, keys);
  const parts = keys.map((key) => found.get(key));
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

function assemble(fileId: number, source: Source, parts: readonly StoredPart[]): FileAt {
  const { version, kind, hash: contentHash } = source;
  if (kind === 'binary') {
    const bytes = concatenate(parts.map((part) => part.bytes ?? new Uint8Array()));
    check(fileId, source, hasher.binary(bytes));
    return { kind, version, contentHash, bytes };
  }
  const text = fold(parts.map((part) => part.text ?? '').join('\n'), source.edits);
  check(fileId, source, hasher.text(text));
  return { kind: 'text', version, contentHash, text };
}

function fold(content: string, edits: readonly Row<'file_op'>[]): Text {
  if (edits.length === 0) return Text.of(content);
  const buffer = LineBuffer.of(content);
  for (const edit of edits) buffer.apply(edit.changes);
  return buffer.toText();
}

function check(fileId: number, { version, hash }: Source, actual: Uint8Array): void {
  if (sameBytes(actual, hash)) return;
  throw new WorldError(
    'damaged',
    `File ${fileId} at version ${version} hashes to ${toHex(actual)}, not ${toHex(hash)}`,
  );
}

function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return bytes;
}
