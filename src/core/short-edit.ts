import type { Batch } from './op.ts';

/** A batch of one plain change that somebody typed, which is what nearly all batches are. */
export interface ShortEdit {
  /** The op's UUID as a number. */
  readonly op: bigint;
  readonly fileId: number;
  /** That the change is made on. */
  readonly version: number;
  readonly startLine: number;
  readonly startCharacter: number;
  readonly endLine: number;
  readonly endCharacter: number;
  readonly text: string;
}

/** The short form of a batch that has one; its batch id is not in it. */
export function shortEditOf(batch: Batch): ShortEdit | undefined {
  const [op, ...others] = batch.ops;
  const [change, ...more] = op?.changes ?? [];
  if (!op || !change || others.length + more.length + batch.extends > 0) return undefined;
  const { author, carriedFrom, overlaps, rangeHashes, intent, opId } = op;
  if (author !== '' || carriedFrom !== 0 || intent !== 'typing' || !UUID.test(opId))
    return undefined;
  if (overlaps.length + rangeHashes.length + (op.returned?.length ?? 0) > 0) return undefined;
  const { fileId, expectedBaseVersion: version } = op;
  return { op: BigInt(`0x${opId.replaceAll('-', '')}`), fileId, version, ...change };
}

/** The batch that a short form stands for. Its op's id stands for the batch's as well. */
export function batchOfShortEdit({ op, fileId, version, ...change }: ShortEdit): Batch {
  const opId = uuidOf(op);
  const edit = {
    opId,
    fileId,
    expectedBaseVersion: version,
    intent: 'typing',
    author: '',
    carriedFrom: 0,
    overlaps: [],
    rangeHashes: [],
    changes: [change],
  } as const;
  return { batchId: opId, extends: 0, ops: [edit] };
}

export function uuidOf(number: bigint): string {
  const hex = number.toString(16).padStart(32, '0');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return `${parts.join('-')}-${hex.slice(20)}`;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
