import { sameBytes, toHex } from '../core/hash.ts';
import { LineBuffer } from '../core/line-buffer.ts';
import { ContentHasher } from '../core/content-hash.ts';
import { contentOf, makesVersion, readPayload } from '../core/op-payload.ts';
import type { OpRecord } from '../core/op.ts';
import { type NamedParts, partsOf } from '../core/part-keys.ts';
import { Text } from '../core/text.ts';
import type { Row } from './bindings.ts';
import { downloadParts, type StoredPart } from './download-log.ts';
import type { Link } from './link.ts';
import { nativeHash, nativeTextHash } from './native-hash.ts';
import { FileOps } from './read-file-ops.ts';
import { readRows } from './read-rows.ts';
import { WorldError } from './world-error.ts';
import type { FileHead } from './world-rows.ts';
import type { WorldView } from './world-view.ts';

/** A file's whole content at a version. */
export type FileAt = { readonly version: number; readonly contentHash: Uint8Array } & (
  | { readonly kind: 'text'; readonly text: Text }
  | { readonly kind: 'binary'; readonly bytes: Uint8Array }
);

const hasher = new ContentHasher(nativeHash, nativeTextHash);

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

/** A file that is wanted at its newest version, or at an older one. */
export interface WantedContent {
  readonly fileId: number;
  readonly atVersion?: number | undefined;
  /** True for the text that it has, where somebody knows that text and can tell it sooner than by its content hash. */
  readonly isText?: ((text: string) => boolean) | undefined;
}

/**
 * The same of several files with as few questions as can be: those that are a snapshot are asked for
 * together. Undefined, in its place, for one that has to be read by itself.
 */
export async function readSnapshots(
  link: Link,
  view: WorldView,
  wanted: readonly WantedContent[],
): Promise<readonly (FileAt | undefined)[]> {
  const heads = wanted.map(({ fileId, atVersion = Number.MAX_SAFE_INTEGER }) => {
    const head = view.files.get(fileId);
    const isSnapshot = head?.snapshotVersion === Math.min(head?.version ?? 0, atVersion);
    return isSnapshot ? head : undefined;
  });
  const sources = await snapshotSources(
    link,
    heads.filter((head) => head !== undefined),
  );
  const found = await downloadParts(
    link,
    [...sources.values()].map(({ parts }) => parts),
  );
  return wanted.map(({ fileId, atVersion = Number.MAX_SAFE_INTEGER, isText }, index) => {
    const source = heads[index] && sources.get(fileId);
    // What others did before this was asked for has been heard of by now.
    const version = Math.min(view.files.get(fileId)?.version ?? 0, atVersion);
    if (source?.version !== version) return undefined;
    const parts = source.parts.keys.map((key) => found.get(key));
    if (!parts.every((part) => part !== undefined)) return undefined;
    return assemble(fileId, source, parts, isText);
  });
}

const ATTEMPTS = 5;

/** Where a file's content is to be had. */
interface Source {
  readonly version: number;
  readonly kind: string;
  readonly parts: NamedParts;
  /** Later ops that change the text, in order. */
  readonly edits: readonly OpRecord[];
  /** Content hash at `version`. */
  readonly hash: Uint8Array;
}

async function findSource(
  link: Link,
  view: WorldView,
  fileId: number,
  atVersion = Number.MAX_SAFE_INTEGER,
): Promise<Source | undefined> {
  const known = headOf(view, fileId);
  if (known.snapshotVersion === Math.min(known.version, atVersion)) {
    const source = await snapshotSource(link, known);
    // What others did before this was asked for has been heard of by now.
    if (source?.version === Math.min(headOf(view, fileId).version, atVersion)) return source;
  }
  const file = await FileOps.open(link, fileId);
  const head = headOf(view, fileId);
  const version = Math.min(head.version, atVersion);
  let ops: readonly OpRecord[] = [];
  let before = version > head.snapshotVersion ? head.snapshotVersion - 1 : version - VERSIONS_BACK;
  for (let upTo = version; upTo > 0 && !ops.some(isBase); before = upTo - VERSIONS_BACK) {
    ops = [...(await file.read(Math.max(0, before), upTo)), ...ops];
    upTo = Math.max(0, before);
  }
  return sourceOf(ops);
}

function headOf(view: WorldView, fileId: number): FileHead {
  const head = view.files.get(fileId);
  if (!head) throw new WorldError('no_such_file', `The world has no file ${fileId}`);
  return head;
}

/** What a version is made from when it is old: so many versions are read at a time to find its base. */
const VERSIONS_BACK = 1000;

/** The version of a file's newest snapshot. */
async function snapshotSource(link: Link, head: FileHead): Promise<Source | undefined> {
  return (await snapshotSources(link, [head])).get(head.fileId);
}

/** By the file. */
async function snapshotSources(
  link: Link,
  heads: readonly FileHead[],
): Promise<ReadonlyMap<number, Source>> {
  const byFile = new Map(heads.map((head) => [head.fileId, head]));
  const rows = await readRows(link, {
    table: 'file_snapshot',
    conditions: [...byFile.values()].map(
      ({ fileId, snapshotVersion }) => `file_id = ${fileId} AND version = ${snapshotVersion}`,
    ),
    isWanted: (row: Row<'file_snapshot'>) =>
      byFile.get(row.fileId)?.snapshotVersion === row.version,
  });
  const sources = rows.map(({ fileId, version, kind, parts: keys, contentHash: hash }) => {
    const { version: newest, byteLength } = byFile.get(fileId)!;
    const parts = { keys, byteLength: newest === version ? byteLength : undefined };
    return [fileId, { version, kind, parts, edits: [], hash }] as const;
  });
  return new Map(sources);
}

function sourceOf(ops: readonly OpRecord[]): Source | undefined {
  const base = ops.findLast(isBase);
  if (!base) return undefined;
  const parts = partsOf(base);
  const edits = versionMakers(ops.filter(({ version }) => version > base.version));
  const { version, afterHash: hash } = edits.at(-1) ?? base;
  return { version, kind: kindOf(base), parts, edits, hash };
}

/** True for an op that has the whole content of its version, as those have that a snapshot came with. */
function isBase(op: OpRecord): boolean {
  return op.kind === 'checkpoint' || contentOf(op) !== undefined;
}

function kindOf(base: OpRecord): string {
  if (base.kind === 'checkpoint') return readPayload('checkpoint', base.payload).kind;
  return contentOf(base)!.kind;
}

/** What tells an op that made a version. */
type VersionMaker = Parameters<typeof makesVersion>[0] & { readonly version: number };

/** The ops that made versions, in order. */
export function versionMakers<Op extends VersionMaker>(ops: readonly Op[]): readonly Op[] {
  return ops.filter(makesVersion).sort((a, b) => a.version - b.version);
}

/** Undefined when one is not there any more. */
async function readParts(
  link: Link,
  named: NamedParts,
): Promise<readonly StoredPart[] | undefined> {
  const found = await downloadParts(link, [named]);
  const parts = named.keys.map((key) => found.get(key));
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

function assemble(
  fileId: number,
  source: Source,
  parts: readonly StoredPart[],
  isText?: WantedContent['isText'],
): FileAt {
  const { version, kind, hash: contentHash } = source;
  if (kind === 'binary') {
    const bytes = concatenate(parts.map((part) => part.bytes ?? new Uint8Array()));
    check(fileId, source, hasher.binary(bytes));
    return { kind, version, contentHash, bytes };
  }
  const content = parts.map((part) => part.text ?? '').join('\n');
  const text = fold(content, source.edits);
  const isKnown = source.edits.length === 0 && isText?.(content);
  if (!isKnown) check(fileId, source, hasher.text(text));
  return { kind: 'text', version, contentHash, text };
}

function fold(content: string, edits: readonly OpRecord[]): Text {
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
