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
import { inTurn, readRows } from './read-rows.ts';
import { opRecordOf } from './world-rows.ts';

type Weight = Pick<Row<'op_weight'>, 'opSeq' | 'version' | 'bytes'>;
type WeightsByVersion = ReadonlyMap<number, readonly Weight[]>;

/** The ops of a file after one version up to another. */
export interface WantedOps {
  readonly file: FileOps;
  readonly afterVersion: number;
  readonly upToVersion: number;
}

/** Some ops of one file. */
interface OpsCondition {
  readonly fileId: number;
  readonly conditions: readonly string[];
  /** Says the same of a row of that file. */
  readonly isWanted: (row: Row<'file_op'>) => boolean;
}

/** A part of what is wanted at an index, and how large it may be. */
interface AskedOps extends OpsCondition {
  readonly index: number;
  readonly bytes: number;
}

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
  readonly #weights: WeightsByVersion | undefined;
  readonly #afterSeq: number;
  readonly #headSeq: number;

  private constructor(
    link: Link,
    fileId: number,
    weights: WeightsByVersion | undefined,
    [afterSeq, headSeq]: readonly [afterSeq: number, headSeq: number],
  ) {
    this.#link = link;
    this.#fileId = fileId;
    this.#weights = weights;
    this.#afterSeq = afterSeq;
    this.#headSeq = headSeq;
  }

  /** Learns what the file's ops weigh. Rejects with `LinkFailure` when the connection ends. */
  static async open(link: Link, fileId: number): Promise<FileOps> {
    return (await FileOps.openAll(link, [fileId]))[0]!;
  }

  /**
   * The same of several files, in their order, with as few questions as can be. Whoever wants no op up to one of the
   * world, be it of a version that is read, says so: what came before costs nothing then.
   */
  static async openAll(
    link: Link,
    fileIds: readonly number[],
    afterSeq = 0,
  ): Promise<readonly FileOps[]> {
    if (fileIds.length === 0) return [];
    const log = await readPagedLog(link);
    const seqs = [afterSeq, log?.headSeq ?? 0] as const;
    if (!log?.isCut) return fileIds.map((fileId) => new FileOps(link, fileId, undefined, seqs));
    const weights = await readWeights(link, fileIds, seqs);
    return fileIds.map((fileId) => {
      return new FileOps(link, fileId, weights.get(fileId) ?? new Map(), seqs);
    });
  }

  /**
   * The newest versions up to one that have an unusual op, newest first: a large one, or one that made no version, as a
   * snapshot that was written later. None where nobody knows.
   */
  unusualUpTo(upToVersion: number, most: number): readonly number[] {
    const versions = [...(this.#weights?.keys() ?? [])].filter((version) => version <= upToVersion);
    return versions.sort((a, b) => b - a).slice(0, most);
  }

  /** Reads what is wanted of several files, in their order; what fits in an answer is asked for together. */
  static async readAll(wanted: readonly WantedOps[]): Promise<readonly OpRecord[][]> {
    const found = wanted.map((): OpRecord[] => []);
    const [first] = wanted;
    if (!first) return found;
    const link = first.file.#link;
    const requests = together(FileOps.#askedOf(wanted));
    for await (const rows of inTurn(requests, (request) => readAsked(link, request))) {
      for (const [index, row] of rows) found[index]!.push(opRecordOf(row));
    }
    for (const [index, { file, afterVersion, upToVersion }] of wanted.entries()) {
      if (file.#weights) continue;
      found[index] = await file.#readUnsized(afterVersion, upToVersion);
    }
    return found.map((ops) => ops.sort((a, b) => a.opSeq - b.opSeq));
  }

  /** The ops after one version up to another, in order. */
  async read(afterVersion: number, upToVersion: number): Promise<OpRecord[]> {
    return (await FileOps.readAll([{ file: this, afterVersion, upToVersion }]))[0]!;
  }

  static *#askedOf(wanted: readonly WantedOps[]): Generator<AskedOps> {
    for (const [index, each] of wanted.entries()) yield* each.file.#asked(each, index);
  }

  /** As many versions in one answer as fit; a version with too much in several. */
  *#asked({ afterVersion, upToVersion }: WantedOps, index: number): Generator<AskedOps> {
    const weights = this.#weights;
    if (!weights) return;
    let first = afterVersion + 1;
    let bytes = 0;
    for (let version = first; version <= upToVersion; version++) {
      const heavy = weights.get(version) ?? [];
      const weight = heavy.reduce((sum, each) => sum + weightOf(each), PLAIN_BYTES);
      if (version > first && bytes + weight > OP_PAGE.bytes) {
        yield { index, bytes, ...this.#versions(first, version - 1) };
        [first, bytes] = [version, 0];
      }
      bytes += weight;
      if (weight <= OP_PAGE.bytes) continue;
      for (const piece of this.#pieces(version, heavy)) yield { index, ...piece };
      [first, bytes] = [version + 1, 0];
    }
    if (first <= upToVersion) yield { index, bytes, ...this.#versions(first, upToVersion) };
  }

  #versions(first: number, last: number): OpsCondition {
    const conditions: string[] = [];
    for (let version = first; version <= last; version++) {
      // What came before was not weighed; it can only be at the first version that is read.
      const after = version === first && this.#afterSeq > 0;
      const since = after ? ` AND op_seq > ${this.#afterSeq}` : '';
      // The same of what came since, at the newest version.
      const until = version === last ? ` AND op_seq <= ${this.#headSeq}` : '';
      conditions.push(`${this.#at(version)}${since}${until}`);
    }
    return {
      fileId: this.#fileId,
      conditions,
      isWanted: ({ version, opSeq }) => version >= first && version <= last && this.#isSeen(opSeq),
    };
  }

  /** One version's ops: what is heavy tells where to cut, and one op beside those is small. */
  *#pieces(
    version: number,
    heavy: readonly Weight[],
  ): Generator<OpsCondition & { readonly bytes: number }> {
    let after = this.#afterSeq;
    let bytes = PLAIN_BYTES;
    for (const [index, each] of heavy.entries()) {
      bytes += weightOf(each);
      const next = heavy[index + 1];
      if (next && bytes + weightOf(next) <= OP_PAGE.bytes) continue;
      yield { bytes, ...this.#piece(version, after, next ? each.opSeq : this.#headSeq) };
      [after, bytes] = [each.opSeq, PLAIN_BYTES];
    }
  }

  #piece(version: number, afterSeq: number, upToSeq: number): OpsCondition {
    return {
      fileId: this.#fileId,
      conditions: [`${this.#at(version)} AND op_seq > ${afterSeq} AND op_seq <= ${upToSeq}`],
      isWanted: (row) => row.version === version && row.opSeq > afterSeq && row.opSeq <= upToSeq,
    };
  }

  #isSeen(opSeq: number): boolean {
    return opSeq > this.#afterSeq && opSeq <= this.#headSeq;
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
        isWanted: ({ fileId, version, opSeq }: Row<'file_op'>) =>
          fileId === this.#fileId && version >= first && version <= last && opSeq > this.#afterSeq,
      });
      const ops = rows.map(opRecordOf);
      found.push(...ops);
      count = nextCount(count, ops);
      after = last;
    }
    return found;
  }
}

/** What is asked for in one answer each. */
function* together(asked: Iterable<AskedOps>): Generator<readonly AskedOps[]> {
  let some: AskedOps[] = [];
  let bytes = 0;
  for (const each of asked) {
    if (some.length > 0 && bytes + each.bytes > OP_PAGE.bytes) {
      yield some;
      [some, bytes] = [[], 0];
    }
    some.push(each);
    bytes += each.bytes;
  }
  if (some.length > 0) yield some;
}

/** The rows of one answer, each with the index of what it was asked for. */
async function readAsked(
  link: Link,
  asked: readonly AskedOps[],
): Promise<readonly (readonly [index: number, row: Row<'file_op'>])[]> {
  const byFile = Map.groupBy(asked, ({ fileId }) => fileId);
  const askedFor = (row: Row<'file_op'>): readonly AskedOps[] =>
    (byFile.get(row.fileId) ?? []).filter(({ isWanted }) => isWanted(row));
  const rows = await readRows(link, {
    table: 'file_op',
    conditions: asked.flatMap(({ conditions }) => conditions),
    isWanted: (row: Row<'file_op'>) => askedFor(row).length > 0,
  });
  return rows.flatMap((row) => askedFor(row).map(({ index }) => [index, row] as const));
}

/** What weighs something among files' ops, by file and version, in order of their numbers. */
async function readWeights(
  link: Link,
  fileIds: readonly number[],
  seqs: readonly [afterSeq: number, headSeq: number],
): Promise<ReadonlyMap<number, WeightsByVersion>> {
  const found = new Map<number, Map<number, Weight[]>>();
  for await (const rows of inTurn(
    shelvesOf(fileIds, seqs),
    (shelves) => readShelves(link, shelves),
    SHELVES_UNDER_WAY,
  )) {
    for (const row of rows.sort((a, b) => a.opSeq - b.opSeq)) {
      const ofFile = found.get(row.fileId) ?? new Map<number, Weight[]>();
      found.set(row.fileId, ofFile);
      const others = ofFile.get(row.version);
      if (others) others.push(row);
      else ofFile.set(row.version, [row]);
    }
  }
  return found;
}

interface FileShelf {
  readonly fileId: number;
  readonly shelf: number;
}

/**
 * The shelves that are read at once. All entries of one fit in an answer, be they of many files: so the
 * same shelf of different files is asked for together.
 */
function* shelvesOf(
  fileIds: readonly number[],
  [afterSeq, headSeq]: readonly [afterSeq: number, headSeq: number],
): Generator<readonly FileShelf[]> {
  for (let shelf = shelfOf(afterSeq); shelf <= shelfOf(headSeq); shelf++) {
    // A file has the number of the op that made it: it has none before.
    const there = fileIds.filter((fileId) => shelfOf(fileId) <= shelf);
    for (let at = 0; at < there.length; at += FILES_PER_SHELF) {
      yield there.slice(at, at + FILES_PER_SHELF).map((fileId) => ({ fileId, shelf }));
    }
  }
}

function readShelves(link: Link, shelves: readonly FileShelf[]): Promise<Row<'op_weight'>[]> {
  const [{ shelf } = { shelf: 0 }] = shelves;
  const fileIds = new Set(shelves.map(({ fileId }) => fileId));
  return readRows(link, {
    table: 'op_weight',
    conditions: [...fileIds].map((fileId) => `file_id = ${fileId} AND shelf = ${shelf}`),
    isWanted: (row) => row.shelf === shelf && fileIds.has(row.fileId),
  });
}

function weightOf({ bytes }: Weight): number {
  return bytes + ROW_FRAME_BYTES;
}

/** The one op of a version that no weight tells of. */
const PLAIN_BYTES = LARGE_OP_BYTES + ROW_FRAME_BYTES;
const SHELVES_UNDER_WAY = 16;
const FILES_PER_SHELF = 256;
