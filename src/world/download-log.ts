import { OP_PAGE, ROW_FRAME_BYTES } from '../core/answer-size.ts';
import type { OpRecord } from '../core/op.ts';
import { partsOf, type NamedParts } from '../core/part-keys.ts';
import type { Row } from './bindings.ts';
import type { Link } from './link.ts';
import { inTurn, readRows } from './read-rows.ts';

/** A part of content as a world stores it. */
export type StoredPart = Pick<Row<'content_chunk'>, 'hash' | 'text' | 'bytes'>;

/** Downloads parts of content; those that the world does not have are missing. */
export async function downloadParts(
  link: Link,
  contents: Iterable<NamedParts>,
): Promise<ReadonlyMap<string, StoredPart>> {
  const found = new Map<string, StoredPart>();
  const read = (keys: readonly string[]): Promise<StoredPart[]> => {
    const wanted = new Set(keys);
    return readRows(link, {
      table: 'content_chunk',
      conditions: keys.map((key) => `hash = '${key}'`),
      isWanted: ({ hash }: Row<'content_chunk'>) => wanted.has(hash),
    });
  };
  for await (const parts of inTurn(answersOf(contents), read, ANSWERS_UNDER_WAY)) {
    for (const part of parts) found.set(part.hash, part);
  }
  return found;
}

/** Adds to `parts` what ops name and it does not have yet. */
export async function addParts(
  link: Link,
  parts: Map<string, StoredPart>,
  ops: readonly OpRecord[],
): Promise<void> {
  const missing = missingParts(ops, (key) => parts.has(key));
  for (const [key, part] of await downloadParts(link, missing)) parts.set(key, part);
}

/** What of the contents that ops name somebody does not have yet. */
export function missingParts(
  ops: readonly OpRecord[],
  has: (key: string) => boolean,
): readonly NamedParts[] {
  return ops
    .map(partsOf)
    .map(({ keys, byteLength }) => ({ keys: keys.filter((key) => !has(key)), byteLength }));
}

/**
 * Keys that are asked for together: the parts of a content are together no larger than it is. Where
 * nobody says how large that is, each part has an answer of its own.
 */
function* answersOf(contents: Iterable<NamedParts>): Generator<readonly string[]> {
  const asked = new Set<string>();
  let together: string[] = [];
  let bytes = 0;
  for (const { keys, byteLength = Number.MAX_SAFE_INTEGER } of contents) {
    const news = [...new Set(keys)].filter((key) => !asked.has(key));
    for (const key of news) asked.add(key);
    const size = byteLength + news.length * PART_ROW_BYTES;
    if (size > OP_PAGE.bytes) {
      for (const key of news) yield [key];
      continue;
    }
    if (bytes + size > OP_PAGE.bytes || together.length + news.length > MOST_KEYS) {
      if (together.length > 0) yield together;
      [together, bytes] = [[], 0];
    }
    together.push(...news);
    bytes += size;
  }
  if (together.length > 0) yield together;
}

/** A part's key, the lengths of its columns and what is around its row. */
const PART_ROW_BYTES = 64 + 16 + ROW_FRAME_BYTES;
const MOST_KEYS = 1024;
const ANSWERS_UNDER_WAY = 6;
