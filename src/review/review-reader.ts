/** Owns: reading what is to be looked at from a world, file by file, and keeping up with it. Does not know: who shows it. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OpRecord } from '../core/op.ts';
import { partsOf } from '../core/part-keys.ts';
import { VERSIONS_BEFORE_WORK } from '../core/review.ts';
import { Text } from '../core/text.ts';
import { type FileAt, readContents, readFile, readFiles } from '../world/file-reader.ts';
import type { Link } from '../world/link.ts';
import { FileOps } from '../world/read-file-ops.ts';
import type { UnreviewedFile } from '../world/unreviewed-rows.ts';
import type { FileHead } from '../world/world-rows.ts';
import type { WorldSession } from '../world/world-session.ts';
import { FileReview } from './file-review.ts';

/** A file is forgotten, the one asked for longest ago first, where all together keep more ops. */
const MOST_OPS = 100_000;
const MOST_FILES = 1_000;
/** So many versions of a file are read at a time. */
const VERSIONS_AT_A_TIME = 2_000;
/** What is read together has so much to read at most, be it one file. */
const TOGETHER = { files: 64, bytes: 8 * 1024 * 1024, versions: 20_000 } as const;

interface Followed {
  review: FileReview;
  /** What the world's tables said when it was last caught up with: while they say the same nothing was done. */
  known: { readonly head: FileHead; readonly row: UnreviewedFile } | undefined;
}

/** Looks at a file in its newest version that is known. The value goes on with the next question: use it at once. */
export type TakeReview = (review: FileReview, head: FileHead) => void;

/**
 * What agents did to files, read since nobody looks at it when it is asked for, and caught up with when it is asked
 * again: so it costs what was done since, and not the history before. Does nothing in between.
 */
export class ReviewReader {
  readonly #session: WorldSession;
  readonly #files = new Map<number, Followed>();
  /** The reading under way; the next waits for it. */
  #reading: Promise<unknown> = Promise.resolve();

  constructor(session: WorldSession) {
    this.#session = session;
  }

  /** The same of one file: undefined where nothing is to be looked at. */
  async read(fileId: number): Promise<FileReview | undefined> {
    let found: FileReview | undefined;
    await this.each([fileId], undefined, (review) => {
      found = review;
    });
    return found;
  }

  /**
   * Reads files, many with one question, and hands on those that have something to look at. Others have a turn after
   * each. Rejects with `LinkFailure` when the connection ends.
   */
  async each(
    fileIds: Iterable<number>,
    signal: AbortSignal | undefined,
    take: TakeReview,
  ): Promise<void> {
    for (const some of this.#together(fileIds)) {
      const reading = this.#reading.then(() => this.#readSome(some, signal, take));
      this.#reading = reading.catch(() => undefined);
      await reading;
    }
  }

  /** Files of which not too much has to be read at a time. */
  *#together(fileIds: Iterable<number>): Generator<readonly number[]> {
    const { view } = this.#session;
    let some: number[] = [];
    let [bytes, count] = [0, 0];
    for (const fileId of fileIds) {
      const head = view.files.get(fileId);
      const row = view.unreviewed.files.get(fileId);
      const isNew = !this.#files.has(fileId);
      const since = this.#files.get(fileId)?.review.version ?? row?.sinceVersion ?? 0;
      // What an older text is made of is read, too.
      const before = isNew ? Math.min(since, VERSIONS_BEFORE_WORK) : 0;
      const versions = (head?.version ?? 0) - since + before;
      const own = { bytes: head?.byteLength ?? 0, versions };
      const isFull =
        some.length === TOGETHER.files ||
        bytes + own.bytes > TOGETHER.bytes ||
        count + own.versions > TOGETHER.versions;
      if (some.length > 0 && isFull) {
        yield some;
        [some, bytes, count] = [[], 0, 0];
      }
      some.push(fileId);
      bytes += own.bytes;
      count += own.versions;
    }
    if (some.length > 0) yield some;
  }

  async #readSome(
    fileIds: readonly number[],
    signal: AbortSignal | undefined,
    take: TakeReview,
  ): Promise<void> {
    signal?.throwIfAborted();
    const { view } = this.#session;
    const link = await this.#session.whenOnline(signal);
    const rows = fileIds.flatMap((fileId) => view.unreviewed.files.get(fileId) ?? []);
    const stale = rows.filter((row) => !this.#isKnown(row));
    try {
      await this.#catchUp(link, stale);
    } catch (error) {
      // What was broken off may have taken in half an answer: it is begun anew.
      for (const { fileId } of stale) this.#files.delete(fileId);
      throw error;
    }
    for (const [index, fileId] of fileIds.entries()) {
      if (index > 0) await nextTurn();
      signal?.throwIfAborted();
      this.#take(fileId, take);
    }
    this.#makeRoom();
  }

  #take(fileId: number, take: TakeReview): void {
    const { view } = this.#session;
    const [head, row] = [view.files.get(fileId), view.unreviewed.files.get(fileId)];
    const followed = this.#files.get(fileId);
    // Asked for last, dropped last.
    this.#files.delete(fileId);
    if (!followed || !row || !head) return;
    this.#files.set(fileId, followed);
    followed.review = followed.review.settled(row.sinceSeq);
    take(followed.review, head);
  }

  #isKnown(row: UnreviewedFile): boolean {
    const known = this.#files.get(row.fileId)?.known;
    return known?.row === row && known.head === this.#session.view.files.get(row.fileId);
  }

  async #catchUp(link: Link, rows: readonly UnreviewedFile[]): Promise<void> {
    const { view } = this.#session;
    await this.#begin(
      link,
      rows.filter(({ fileId }) => !this.#files.has(fileId)),
    );
    const open = rows.flatMap((row) => {
      const head = view.files.get(row.fileId);
      const followed = this.#files.get(row.fileId);
      if (!head || !followed) return [];
      const { review } = followed;
      // Ops that change no text, such as decisions, are of the version that they found.
      return [{ followed, row, head, review, after: Math.max(0, review.version - 1) }];
    });
    const files = await FileOps.openAll(
      link,
      open.map(({ row }) => row.fileId),
      Math.min(...open.map(({ review }) => review.lastSeq)),
    );
    let wanted = open.map((each, index) => ({ ...each, file: files[index]! }));
    for (; wanted.length > 0; wanted = wanted.filter(({ after, head }) => after < head.version)) {
      const ranges = wanted.map(({ file, after, head }) => {
        const upToVersion = Math.min(after + VERSIONS_AT_A_TIME, head.version);
        return { file, afterVersion: after, upToVersion };
      });
      const read = await FileOps.readAll(ranges);
      const news = wanted.map(({ review }, index) => {
        return read[index]!.filter(({ opSeq }) => opSeq > review.lastSeq);
      });
      await this.#add(
        link,
        wanted.map(({ review }, index) => ({ review, ops: news[index]! })),
      );
      wanted = wanted.map((each, index) => ({ ...each, after: ranges[index]!.upToVersion }));
    }
    for (const { followed, row, head } of open) followed.known = { head, row };
  }

  async #begin(link: Link, rows: readonly UnreviewedFile[]): Promise<void> {
    const { view } = this.#session;
    const isAgent = (identity: string): boolean => view.members.get(identity)?.kind === 'agent';
    // Before its first version a file has no text.
    const old = rows.filter(({ sinceVersion }) => sinceVersion > 0);
    const wanted = old.map(({ fileId, sinceVersion }) => ({ fileId, atVersion: sinceVersion }));
    const texts = new Map<number, Text>();
    for (const [index, file] of (await readFiles(link, view, wanted)).entries()) {
      texts.set(old[index]!.fileId, textOf(file));
    }
    for (const row of rows) {
      const review = new FileReview(row, texts.get(row.fileId) ?? Text.of(''), isAgent);
      this.#files.set(row.fileId, { review, known: undefined });
    }
  }

  async #add(
    link: Link,
    all: readonly { readonly review: FileReview; readonly ops: readonly OpRecord[] }[],
  ): Promise<void> {
    const contents = await this.#shortContents(
      link,
      all.flatMap(({ ops }) => ops),
    );
    for (const [index, { review, ops }] of all.entries()) {
      if (index > 0) await nextTurn();
      for (const op of ops) {
        const isWhole = FileReview.needsText(op);
        const text = isWhole
          ? (contents.get(op.opSeq) ?? (await this.#textAt(link, op)))
          : undefined;
        review.add(op, text);
      }
    }
  }

  /** The contents of ops by their numbers, as long as they are not too much together. */
  async #shortContents(link: Link, ops: readonly OpRecord[]): Promise<ReadonlyMap<number, Text>> {
    let bytes = 0;
    const short = ops.filter((op) => {
      if (!FileReview.needsText(op)) return false;
      bytes += partsOf(op).byteLength ?? Infinity;
      return bytes <= TOGETHER.bytes;
    });
    const found = new Map<number, Text>();
    for (const [index, file] of (await readContents(link, short)).entries()) {
      if (file) found.set(short[index]!.opSeq, textOf(file));
    }
    return found;
  }

  async #textAt(link: Link, { fileId, version }: OpRecord): Promise<Text> {
    return textOf(await readFile(link, this.#session.view, fileId, version));
  }

  #makeRoom(): void {
    let size = 0;
    for (const { review } of this.#files.values()) size += review.size;
    for (const [fileId, { review }] of this.#files) {
      const isTooMuch = this.#files.size > MOST_FILES || size > MOST_OPS;
      if (this.#files.size <= 1 || !isTooMuch) return;
      size -= review.size;
      this.#files.delete(fileId);
    }
  }
}

function textOf(file: FileAt): Text {
  return file.kind === 'text' ? file.text : Text.of('');
}
