import type { Authorship } from '../core/authorship.ts';
import { FileAuthorship } from '../core/authorship-fold.ts';
import { FileOps } from './read-file-ops.ts';
import type { WorldSession } from './world-session.ts';

/** Who wrote a file, at a version of it. */
export interface VersionedAuthorship {
  readonly version: number;
  readonly authorship: Authorship;
}

/** So many versions are read at a time: a long history is folded without being held. */
const VERSIONS_AT_A_TIME = 2_000;
/** Files whose authorship is kept; the ones that were asked for last. */
const KEPT_FILES = 16;

interface Followed {
  readonly fold: FileAuthorship;
  version: number;
  lastSeq: number;
  /** The reading under way; the next waits for it. */
  reading: Promise<void>;
}

/**
 * Who wrote the lines of files, read from their histories when it is asked for and caught up with
 * when it is asked again. Does nothing in between.
 */
export class AuthorshipReader {
  readonly #session: WorldSession;
  readonly #files = new Map<number, Followed>();

  constructor(session: WorldSession) {
    this.#session = session;
  }

  /**
   * Who wrote a file at the newest version that is known; undefined for what is not text. The value
   * goes on to newer versions with the next question: use it in the same turn. Rejects with
   * `LinkFailure` when the connection ends.
   */
  async read(fileId: number): Promise<VersionedAuthorship | undefined> {
    const followed = this.#files.get(fileId) ?? startOf(fileId);
    // Asked for last, dropped last.
    this.#files.delete(fileId);
    this.#files.set(fileId, followed);
    const [oldest] = this.#files.keys();
    if (this.#files.size > KEPT_FILES) this.#files.delete(oldest!);
    followed.reading = followed.reading.then(() => this.#catchUp(followed));
    try {
      await followed.reading;
    } catch (error) {
      // A fold that was broken off goes on where it is; one that does not fit is begun anew.
      if (this.#files.get(fileId) === followed) this.#files.delete(fileId);
      throw error;
    }
    const authorship = followed.fold.current;
    return authorship && { version: followed.version, authorship };
  }

  async #catchUp(followed: Followed): Promise<void> {
    const { fileId } = followed.fold;
    const head = this.#session.view.files.get(fileId);
    if (!head || head.version <= followed.version) return;
    const link = await this.#session.whenOnline();
    const file = await FileOps.open(link, fileId);
    while (followed.version < head.version) {
      // Proposals are ops of the version they were refused at, which may be read already.
      const after = Math.max(0, followed.version - 1);
      const upTo = Math.min(followed.version + VERSIONS_AT_A_TIME, head.version);
      for (const op of await file.read(after, upTo)) {
        if (op.opSeq <= followed.lastSeq) continue;
        followed.fold.add(op);
        followed.lastSeq = op.opSeq;
      }
      followed.version = upTo;
    }
  }
}

function startOf(fileId: number): Followed {
  return {
    fold: new FileAuthorship(fileId),
    version: 0,
    lastSeq: 0,
    reading: Promise.resolve(),
  };
}
