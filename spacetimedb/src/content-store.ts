import { CACHE_BYTES } from '../../src/core/cache-sizes.ts';
import type { Group } from '../../src/core/chunk.ts';
import { toHex } from '../../src/core/hash.ts';
import { groupCutAs, type KeptCut, keptCutOf, textCutInto } from '../../src/core/kept-cut.ts';
import { LineBuffer } from '../../src/core/line-buffer.ts';
import type { ContentPayload } from '../../src/core/op-payload.ts';
import { Text } from '../../src/core/text.ts';
import { utf8Length } from '../../src/core/path.ts';
import { bytesOfString, CountedCache } from './counted-cache.ts';
import { contentHasher } from './hash.ts';
import type { Database, Row } from './world.ts';

/** Writes a text as parts that snapshots of other versions share where they are the same. */
export function storeText(db: Database, text: Text): string[] {
  return text.groups.map((group) => {
    const key = keyOf(group);
    putChunk(db, { hash: key, text: textOf(group), bytes: undefined });
    cuts.put(key, keptCutOf(group));
    return key;
  });
}

/** Writes bytes as parts of bounded size. */
export function storeBytes(db: Database, bytes: Uint8Array): string[] {
  const parts: string[] = [];
  for (let start = 0; start < bytes.length; start += PART_BYTES) {
    const part = bytes.subarray(start, start + PART_BYTES);
    const key = toHex(contentHasher.binary(part));
    putChunk(db, { hash: key, text: undefined, bytes: part });
    parts.push(key);
  }
  return parts;
}

/** The text that parts make. Throws when one is missing: that is damage, not a refusal. */
export function loadText(db: Database, parts: readonly string[]): string {
  return loadParts(db, parts).join('\n');
}

function loadParts(db: Database, parts: readonly string[]): string[] {
  return parts.map((key) => {
    const text = db.content_chunk.hash.find(key)?.text;
    if (text === undefined) throw new Error(`content part ${key} is missing`);
    return text;
  });
}

/**
 * The same as a text. How a part is cut, and what its chunks hash to, is worked out once while this instance
 * lives: a part never changes, and its key is its hash.
 */
function textOfParts(db: Database, parts: readonly string[]): Text {
  const contents = loadParts(db, parts);
  const groups = contents.map((content, index) => groupCutAs(cuts.get(parts[index]!), content));
  const text = textCutInto(groups);
  return text ?? cutAnew(contents.join('\n'));
}

function cutAnew(content: string): Text {
  const text = Text.of(content);
  for (const group of text.groups) cuts.put(keyOf(group), keptCutOf(group));
  return text;
}

/** The content hash of stored content. */
export function contentHashOf(db: Database, content: ContentPayload): Uint8Array {
  if (content.kind === 'text') return contentHasher.text(Text.of(loadText(db, content.parts)));
  return contentHasher.binary(loadBytes(db, content.parts));
}

/** The bytes that parts make. Throws when one is missing. */
export function loadBytes(db: Database, parts: readonly string[]): Uint8Array {
  const pieces = parts.map((key) => {
    const bytes = db.content_chunk.hash.find(key)?.bytes;
    if (bytes === undefined) throw new Error(`content part ${key} is missing`);
    return bytes;
  });
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

type Changed = { readonly changes: Row<'file_op'>['changes'] };

/** Folds changes onto the text of a snapshot. */
export function foldFrom(
  db: Database,
  snapshot: Row<'file_snapshot'>,
  ops: readonly Changed[],
): Text {
  let changes = 0;
  for (const op of ops) changes += op.changes.length;
  if (changes > FEW_CHANGES) return foldAnew(db, snapshot, ops);
  let text = textOfParts(db, snapshot.parts);
  for (const op of ops) text = text.apply(op.changes);
  return text;
}

/** The same from nothing but what is stored: all of it is to be cut and hashed. */
export function foldAnew(
  db: Database,
  snapshot: Row<'file_snapshot'>,
  ops: readonly Changed[],
): Text {
  const content = loadText(db, snapshot.parts);
  if (ops.length === 0) return Text.of(content);
  const buffer = LineBuffer.of(content);
  for (const op of ops) buffer.apply(op.changes);
  // In one piece: of most of it nobody will ask for the lines.
  return Text.of(buffer.toString());
}

/** What history says of a text's content; its parts must be stored too. */
export function describeText(
  text: Text,
  content: string,
  shape: Pick<ContentPayload, 'eol' | 'otherEnds' | 'bom'>,
  parts: readonly string[],
): ContentPayload {
  const byteLength = utf8Length(content);
  return { kind: 'text', ...shape, byteLength, lineCount: text.lineCount, parts };
}

function putChunk(db: Database, row: Row<'content_chunk'>): void {
  // An identical row is left as it is: equal parts are stored once.
  db.content_chunk.insert(row);
}

function textOf(group: Group): string {
  return group.chunks.map(({ content }) => content).join('\n');
}

function keyOf(group: Group): string {
  return toHex(contentHasher.group(group));
}

const PART_BYTES = 256 * 1024;
/** So many are put one by one into a text that is cut already, in less time than it is cut. */
const FEW_CHANGES = 24;
/** A view of some bytes, and those. */
const CUT_BYTES = 160;
const cuts = new CountedCache<string, KeptCut>(
  CACHE_BYTES.cuts,
  (key, cut) => bytesOfString(key) + CUT_BYTES + cut.length,
);
