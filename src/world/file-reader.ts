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
  return (await readFiles(link, view, [{ fileId, atVersion }]))[0]!;
}

/** The same of several files, in their order, with as few questions as can be. All of them are in memory together. */
export async function readFiles(
  link: Link,
  view: WorldView,
  wanted: readonly FileVersion[],
): Promise<readonly FileAt[]> {
  const found = wanted.map((): FileAt | undefined => undefined);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const missing = [...found.keys()].filter((index) => !found[index]);
    const sources = await findSources(
      link,
      view,
      missing.map((index) => wanted[index]!),
    );
    const parts = await partsOfSources(link, sources);
    for (const [at, index] of missing.entries()) {
      const source = sources[at];
      // Maintenance may replace a snapshot between two questions: then there is a newer one.
      found[index] = source && assembled(wanted[index]!.fileId, source, parts);
    }
    if (found.every((file) => file !== undefined)) return found;
  }
  const { fileId } = wanted[found.findIndex((file) => file === undefined)]!;
  throw new WorldError('damaged', `File ${fileId} has parts that the world does not have`);
}

/**
 * The contents that ops brought whole, in their order; undefined for one that brought none, and where the world has a
 * newer form of it by now.
 */
export async function readContents(
  link: Link,
  ops: readonly OpRecord[],
): Promise<readonly (FileAt | undefined)[]> {
  const sources = ops.map((op) => sourceOf([op]));
  const parts = await partsOfSources(link, sources);
  return sources.map((source, index) => source && assembled(ops[index]!.fileId, source, parts));
}

/** A version of a file; the newest, where none is named. */
export interface FileVersion {
  readonly fileId: number;
  readonly atVersion?: number | undefined;
}

/** A file that is wanted at its newest version, or at an older one. */
export interface WantedContent extends FileVersion {
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
  const found = await partsOfSources(link, [...sources.values()]);
  return wanted.map(({ fileId, atVersion = Number.MAX_SAFE_INTEGER, isText }, index) => {
    const source = heads[index] && sources.get(fileId);
    // What others did before this was asked for has been heard of by now.
    const version = Math.min(view.files.get(fileId)?.version ?? 0, atVersion);
    return source?.version === version ? assembled(fileId, source, found, isText) : undefined;
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

/** In the order of what is wanted; undefined for what has none. */
async function findSources(
  link: Link,
  view: WorldView,
  wanted: readonly FileVersion[],
): Promise<readonly (Source | undefined)[]> {
  const newest = wanted.flatMap(({ fileId, atVersion = Number.MAX_SAFE_INTEGER }) => {
    const head = headOf(view, fileId);
    return head.snapshotVersion === Math.min(head.version, atVersion) ? [head] : [];
  });
  const snapshots = await snapshotSources(link, newest);
  const found = wanted.map(({ fileId, atVersion = Number.MAX_SAFE_INTEGER }) => {
    const source = snapshots.get(fileId);
    // What others did before this was asked for has been heard of by now.
    return source?.version === Math.min(headOf(view, fileId).version, atVersion)
      ? source
      : undefined;
  });
  const old = [...found.keys()].filter((index) => !found[index]);
  const sources = await foldedSources(
    link,
    view,
    old.map((index) => wanted[index]!),
  );
  for (const [at, index] of old.entries()) found[index] = sources[at];
  return found;
}

/** The same of versions that are no snapshot: those are made of one before, and of what was done since. */
async function foldedSources(
  link: Link,
  view: WorldView,
  wanted: readonly FileVersion[],
): Promise<readonly (Source | undefined)[]> {
  const files = await FileOps.openAll(
    link,
    wanted.map(({ fileId }) => fileId),
  );
  const searches = wanted.map(({ fileId, atVersion = Number.MAX_SAFE_INTEGER }, index): Search => {
    const { version: newest, snapshotVersion } = headOf(view, fileId);
    const upTo = Math.min(newest, atVersion);
    const file = files[index]!;
    const from = upTo > snapshotVersion ? snapshotVersion - 1 : stepBack(file, upTo, 1);
    return { file, ops: [], from: Math.max(0, from), upTo, step: 1 };
  });
  for (let open = searches; open.length > 0; open = open.filter(isSearching)) {
    const read = await FileOps.readAll(
      open.map(({ file, from, upTo }) => ({ file, afterVersion: from, upToVersion: upTo })),
    );
    for (const [at, search] of open.entries()) {
      search.ops = [...read[at]!, ...search.ops];
      search.step += 1;
      search.upTo = search.from;
      search.from = stepBack(search.file, search.upTo, search.step);
    }
  }
  return searches.map(({ ops }) => sourceOf(ops));
}

/** The search for what a version is made from, back from it. */
interface Search {
  readonly file: FileOps;
  /** What was read: all ops behind `upTo` that are wanted. */
  ops: readonly OpRecord[];
  /** What is read next: the versions after `from` up to `upTo`. */
  from: number;
  upTo: number;
  step: number;
}

/**
 * The version after which is read next. The world lists snapshots among a file's unusual ops: so the search goes back to
 * the newest of those, and farther each time that it was no snapshot.
 */
function stepBack(file: FileOps, upTo: number, step: number): number {
  const farthest = upTo - VERSIONS_BACK;
  const unusual = file.unusualUpTo(upTo, UNUSUAL_BACK ** (step - 1)).at(-1) ?? 0;
  return Math.max(0, farthest, unusual - 1);
}

function isSearching(search: Search): boolean {
  return search.upTo > 0 && !search.ops.some(isBase);
}

function headOf(view: WorldView, fileId: number): FileHead {
  const head = view.files.get(fileId);
  if (!head) throw new WorldError('no_such_file', `The world has no file ${fileId}`);
  return head;
}

/** What a version is made from when it is old: so many versions are read at a time to find its base. */
const VERSIONS_BACK = 1000;
/** Each step goes back over so many times as many unusual ops. */
const UNUSUAL_BACK = 8;

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

function partsOfSources(
  link: Link,
  sources: readonly (Source | undefined)[],
): Promise<ReadonlyMap<string, StoredPart>> {
  return downloadParts(
    link,
    sources.flatMap((source) => (source ? [source.parts] : [])),
  );
}

/** Undefined when a part is not there any more. */
function assembled(
  fileId: number,
  source: Source,
  found: ReadonlyMap<string, StoredPart>,
  isText?: WantedContent['isText'],
): FileAt | undefined {
  const parts = source.parts.keys.map((key) => found.get(key));
  if (!parts.every((part) => part !== undefined)) return undefined;
  return assemble(fileId, source, parts, isText);
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
