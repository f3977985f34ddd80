/** Owns: reading what is to be looked at from a world, file by file, and keeping up with it. Does not know: who shows it. */
import type { OpRecord } from '../core/op.ts';
import { Text } from '../core/text.ts';
import { readFile } from '../world/file-reader.ts';
import type { Link } from '../world/link.ts';
import { FileOps } from '../world/read-file-ops.ts';
import type { FileHead } from '../world/world-rows.ts';
import type { UnreviewedFile } from '../world/unreviewed-rows.ts';
import type { WorldSession } from '../world/world-session.ts';
import { FileReview } from './file-review.ts';

/** A file is forgotten, the one asked for longest ago first, where all together keep more ops. */
const MOST_OPS = 100_000;
const MOST_FILES = 256;
/** So many versions are read at a time. */
const VERSIONS_AT_A_TIME = 2_000;

interface Followed {
  readonly review: Promise<FileReview>;
  /** What the world's tables said when it was last caught up with: while they say the same nothing was done. */
  known: { readonly head: FileHead | undefined; readonly row: UnreviewedFile } | undefined;
  /** The reading under way; the next waits for it. */
  reading: Promise<unknown>;
}

/**
 * What agents did to files, read since nobody looks at it when it is asked for, and caught up with when it is asked
 * again: so it costs what was done since, and not the history before. Does nothing in between.
 */
export class ReviewReader {
  readonly #session: WorldSession;
  readonly #files = new Map<number, Followed>();
  #sizes = new Map<number, number>();

  constructor(session: WorldSession) {
    this.#session = session;
  }

  /**
   * A file at the newest version that is known; undefined where nothing is to be looked at. The value goes on
   * with the next question: use it in the same turn. Rejects with `LinkFailure` when the connection ends.
   */
  async read(fileId: number): Promise<FileReview | undefined> {
    const row = this.#session.view.unreviewed.files.get(fileId);
    if (!row) {
      this.#forget(fileId);
      return undefined;
    }
    const link = await this.#session.whenOnline();
    const followed = this.#files.get(fileId) ?? this.#begin(link, row);
    // Asked for last, dropped last.
    this.#files.delete(fileId);
    this.#files.set(fileId, followed);
    const reading = followed.reading.then(() => this.#caughtUp(link, followed));
    followed.reading = reading.catch(() => undefined);
    try {
      const review = await reading;
      this.#sizes.set(fileId, review.size);
      this.#makeRoom();
      const newest = this.#session.view.unreviewed.files.get(fileId);
      if (!newest) return undefined;
      review.settle(newest.sinceSeq);
      return review;
    } catch (error) {
      // What was broken off may have taken in half an answer: it is begun anew.
      if (this.#files.get(fileId) === followed) this.#forget(fileId);
      throw error;
    }
  }

  #begin(link: Link, row: UnreviewedFile): Followed {
    const { view } = this.#session;
    const isAgent = (identity: string): boolean => view.members.get(identity)?.kind === 'agent';
    const begin = async (): Promise<FileReview> => {
      const base = await this.#textAt(link, row.fileId, row.sinceVersion);
      return new FileReview(row, base, isAgent);
    };
    return { review: begin(), known: undefined, reading: Promise.resolve() };
  }

  async #caughtUp(link: Link, followed: Followed): Promise<FileReview> {
    const { fileId } = await followed.review;
    const { view } = this.#session;
    const [head, row] = [view.files.get(fileId), view.unreviewed.files.get(fileId)];
    const { known } = followed;
    const isKnown = known !== undefined && known.head === head && known.row === row;
    if (isKnown) return followed.review;
    const review = await this.#catchUp(link, followed);
    followed.known = row && { head, row };
    return review;
  }

  async #catchUp(link: Link, followed: Followed): Promise<FileReview> {
    const review = await followed.review;
    const { fileId } = review;
    const head = this.#session.view.files.get(fileId);
    if (!head) return review;
    const file = await FileOps.open(link, fileId);
    // Ops that change no text, such as decisions, are of the version that they found.
    for (let after = Math.max(0, review.version - 1); after < head.version;) {
      const upTo = Math.min(after + VERSIONS_AT_A_TIME, head.version);
      for (const op of await file.read(after, upTo)) {
        if (op.opSeq <= review.lastSeq) continue;
        review.add(op, await this.#wholeTextOf(link, op));
      }
      after = upTo;
    }
    return review;
  }

  async #wholeTextOf(link: Link, op: OpRecord): Promise<Text | undefined> {
    return FileReview.needsText(op) ? this.#textAt(link, op.fileId, op.version) : undefined;
  }

  async #textAt(link: Link, fileId: number, version: number): Promise<Text> {
    if (version === 0) return Text.of('');
    const file = await readFile(link, this.#session.view, fileId, version);
    return file.kind === 'text' ? file.text : Text.of('');
  }

  #makeRoom(): void {
    const total = (): number => [...this.#sizes.values()].reduce((sum, size) => sum + size, 0);
    for (const fileId of this.#files.keys()) {
      const isTooMuch = this.#files.size > MOST_FILES || total() > MOST_OPS;
      if (this.#files.size <= 1 || !isTooMuch) return;
      this.#forget(fileId);
    }
  }

  #forget(fileId: number): void {
    this.#files.delete(fileId);
    this.#sizes.delete(fileId);
  }
}
