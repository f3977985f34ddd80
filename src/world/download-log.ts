import type { IdentityHex, OpRecord } from '../core/op.ts';
import { partKeysOf } from '../core/part-keys.ts';
import { tableOf, type Row } from './bindings.ts';
import type { Link } from './link.ts';
import { readOpsWhere } from './read-ops.ts';

const OPS_AT_A_TIME = 5_000;
const CHUNKS_AT_A_TIME = 200;

/** A part of content as a world stores it. */
export type StoredPart = Pick<Row<'content_chunk'>, 'hash' | 'text' | 'bytes'>;

/**
 * Downloads a world's history up to an op, or from one op to another, in order, some thousand ops at
 * a time; all of it, or what one author made. Rejects with `LinkFailure` when the connection ends.
 */
export async function* downloadOps(
  link: Link,
  upToSeq: number,
  afterSeq = 0,
  author?: IdentityHex,
): AsyncGenerator<OpRecord[]> {
  for (let after = afterSeq; after < upToSeq; after += OPS_AT_A_TIME) {
    const last = Math.min(after + OPS_AT_A_TIME, upToSeq);
    const byAuthor = author === undefined ? '' : ` AND author = 0x${author}`;
    const ops = await readOpsWhere(
      link,
      [`op_seq > ${after} AND op_seq <= ${last}${byAuthor}`],
      ({ opSeq }) => opSeq > after && opSeq <= last,
    );
    // The connection's tables hold what other subscriptions brought, too.
    yield author === undefined ? ops : ops.filter((op) => op.author === author);
  }
}

/** Downloads parts of content by their keys; those that the world does not have are missing. */
export async function downloadParts(
  link: Link,
  keys: Iterable<string>,
): Promise<ReadonlyMap<string, StoredPart>> {
  const wanted = [...new Set(keys)];
  const found = new Map<string, StoredPart>();
  for (let at = 0; at < wanted.length; at += CHUNKS_AT_A_TIME) {
    const group = new Set(wanted.slice(at, at + CHUNKS_AT_A_TIME));
    // One query for each: an index finds a key, but nothing finds a long disjunction.
    const queries = [...group].map((key) => `SELECT * FROM content_chunk WHERE hash = '${key}'`);
    const subscription = await link.subscribe(queries, () => {
      for (const chunk of tableOf(link.connection, 'content_chunk').iter()) {
        if (group.has(chunk.hash)) found.set(chunk.hash, chunk);
      }
    });
    subscription.end();
  }
  return found;
}

/** Adds to `parts` what ops name and it does not have yet. */
export async function addParts(
  link: Link,
  parts: Map<string, StoredPart>,
  ops: readonly OpRecord[],
): Promise<void> {
  const keys = ops.flatMap(partKeysOf).filter((key) => !parts.has(key));
  for (const [key, part] of await downloadParts(link, keys)) parts.set(key, part);
}
