/**
 * Owns: reading a file's ops by its versions in answers of bounded size. Does not know: what the ops
 * are read for.
 */
import { LARGE_OP_BYTES, OP_PAGE, ROW_FRAME_BYTES, shelfOf } from '../core/answer-size.ts';
import type { OpRecord } from '../core/op.ts';
import type { Row } from './bindings.ts';
import type { Link } from './link.ts';
import { readPagedLog } from './log-pages.ts';
import { FIRST_COUNT, nextCount } from './read-ops.ts';
import { inTurn, readRows, type RowsRequest } from './read-rows.ts';
import { opRecordOf } from './world-rows.ts';

type Weight = Pick<Row<'op_weight'>, 'opSeq' | 'version' | 'bytes'>;
type OpsRequest = RowsRequest<'file_op'>;

/** Reads a file's ops after one version up to another, those that change no text included, in order. */
export async function readFileOps(
  link: Link,
  fileId: number,
  afterVersion: number,
  upToVersion: number,
): Promise<OpRecord[]> {
  if (afterVersion >= upToVersion) return [];
  const reader = await FileOps.open(link, fileId);
  return reader.read(afterVersion, upToVersion);
}

/** A file's ops as they are when it is opened, for whoever reads them piece by piece. */
export class FileOps {
  readonly #link: Link;
  readonly #fileId: number;
  /** What weighs more than a small edit, by version, in order; undefined where nobody knows. */
  readonly #weights: ReadonlyMap<number, readonly Weight[]> | undefined;
  readonly #headSeq: number;

  private constructor(
    link: Link,
    fileId: number,
    weights: ReadonlyMap<number, readonly Weight[]> | undefined,
    headSeq: number,
  ) {
    this.#link = link;
    this.#fileId = fileId;
    this.#weights = weights;
    this.#headSeq = headSeq;
  }

  /** Learns what the file's ops weigh. Rejects with `LinkFailure` when the connection ends. */
  static async open(link: Link, fileId: number): Promise<FileOps> {
    const log = await readPagedLog(link);
    if (!log?.isCut) return new FileOps(link, fileId, undefined, 0);
    return new FileOps(link, fileId, await readWeights(link, fileId, log.headSeq), log.headSeq);
  }

  /** The ops after one version up to another, in order. */
  async read(afterVersion: number, upToVersion: number): Promise<OpRecord[]> {
    const found = this.#weights
      ? await this.#readWeighed(this.#weights, afterVersion, upToVersion)
      : await this.#readUnsized(afterVersion, upToVersion);
    return found.sort((a, b) => a.opSeq - b.opSeq);
  }

  async #readWeighed(
    weights: ReadonlyMap<number, readonly Weight[]>,
    after: number,
    upTo: number,
  ): Promise<OpRecord[]> {
    const found: OpRecord[] = [];
    const requests = this.#requests(weights, after, upTo);
    for await (const rows of inTurn(requests, (request) => readRows(this.#link, request))) {
      for (const row of rows) found.push(opRecordOf(row));
    }
    return found;
  }

  /** As many versions in one answer as fit; a version with too much in several. */
  *#requests(
    weights: ReadonlyMap<number, readonly Weight[]>,
    after: number,
    upTo: number,
  ): Generator<OpsRequest> {
    let first = after + 1;
    let bytes = 0;
    for (let version = first; version <= upTo; version++) {
      const heavy = weights.get(version) ?? [];
      const weight = heavy.reduce((sum, each) => sum + weightOf(each), PLAIN_BYTES);
      if (version > first && bytes + weight > OP_PAGE.bytes) {
        yield this.#versions(first, version - 1);
        [first, bytes] = [version, 0];
      }
      bytes += weight;
      if (weight <= OP_PAGE.bytes) continue;
      yield* this.#pieces(version, heavy);
      [first, bytes] = [version + 1, 0];
    }
    if (first <= upTo) yield this.#versions(first, upTo);
  }

  #versions(first: number, last: number): OpsRequest {
    const conditions: string[] = [];
    for (let version = first; version < last; version++) conditions.push(this.#at(version));
    // What came since was not weighed; it can only be at the newest version.
    conditions.push(`${this.#at(last)} AND op_seq <= ${this.#headSeq}`);
    return {
      table: 'file_op',
      conditions,
      isWanted: ({ fileId, version, opSeq }) =>
        fileId === this.#fileId && version >= first && version <= last && opSeq <= this.#headSeq,
    };
  }

  /** One version's ops: what is heavy tells where to cut, and one op beside those is small. */
  *#pieces(version: number, heavy: readonly Weight[]): Generator<OpsRequest> {
    let after = 0;
    let bytes = PLAIN_BYTES;
    for (const [index, each] of heavy.entries()) {
      bytes += weightOf(each);
      const next = heavy[index + 1];
      if (next && bytes + weightOf(next) <= OP_PAGE.bytes) continue;
      yield this.#piece(version, after, next ? each.opSeq : this.#headSeq);
      [after, bytes] = [each.opSeq, PLAIN_BYTES];
    }
  }

  #piece(version: number, afterSeq: number, upToSeq: number): OpsRequest {
    return {
      table: 'file_op',
      conditions: [`${this.#at(version)} AND op_seq > ${afterSeq} AND op_seq <= ${upToSeq}`],
      isWanted: (row) =>
        row.fileId === this.#fileId &&
        row.version === version &&
        row.opSeq > afterSeq &&
        row.opSeq <= upToSeq,
    };
  }

  #at(version: number): string {
    return `file_id = ${this.#fileId} AND version = ${version}`;
  }

  /** In a world without pages: as many versions as fit when they are like those before. */
  async #readUnsized(afterVersion: number, upToVersion: number): Promise<OpRecord[]> {
    const found: OpRecord[] = [];
    let count = FIRST_COUNT;
    for (let after = afterVersion; after < upToVersion;) {
      const [first, last] = [after + 1, Math.min(after + count, upToVersion)];
      const rows = await readRows(this.#link, {
        table: 'file_op',
        conditions: Array.from({ length: last - after }, (_, index) => this.#at(first + index)),
        isWanted: ({ fileId, version }: Row<'file_op'>) =>
          fileId === this.#fileId && version >= first && version <= last,
      });
      const ops = rows.map(opRecordOf);
      found.push(...ops);
      count = nextCount(count, ops);
      after = last;
    }
    return found;
  }
}

/** What weighs something among a file's ops, by version, in order of their numbers. */
async function readWeights(
  link: Link,
  fileId: number,
  headSeq: number,
): Promise<ReadonlyMap<number, readonly Weight[]>> {
  const found = new Map<number, Weight[]>();
  const shelves: number[] = [];
  // A file has the number of the op that made it: it has none before.
  for (let shelf = shelfOf(fileId); shelf <= shelfOf(headSeq); shelf++) shelves.push(shelf);
  const read = (shelf: number): Promise<Row<'op_weight'>[]> =>
    readRows(link, {
      table: 'op_weight',
      conditions: [`file_id = ${fileId} AND shelf = ${shelf}`],
      isWanted: (row) => row.fileId === fileId && row.shelf === shelf,
    });
  for await (const rows of inTurn(shelves, read, SHELVES_UNDER_WAY)) {
    for (const row of rows.sort((a, b) => a.opSeq - b.opSeq)) {
      const others = found.get(row.version);
      if (others) others.push(row);
      else found.set(row.version, [row]);
    }
  }
  return found;
}

function weightOf({ bytes }: Weight): number {
  return bytes + ROW_FRAME_BYTES;
}

/** The one op of a version that no weight tells of. */
const PLAIN_BYTES = LARGE_OP_BYTES + ROW_FRAME_BYTES;
const SHELVES_UNDER_WAY = 16;
