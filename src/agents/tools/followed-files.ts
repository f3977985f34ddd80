/**
 * Owns: files that change while an agent works with them: the world tells their ops as they are made, so that a
 * call that needs the newest text, or what others did, asks for nothing. Does not know: which files those are.
 */
import { ContentHasher } from '../../core/content-hash.ts';
import { sameBytes } from '../../core/hash.ts';
import type { OpRecord } from '../../core/op.ts';
import type { Text } from '../../core/text.ts';
import { FileFeed } from '../../world/file-feed.ts';
import { nativeHash, nativeTextHash } from '../../world/native-hash.ts';
import type { WorldSession } from '../../world/world-session.ts';

/** A client may watch only so much, and each file costs whoever types there a message more. */
const MOST_FILES = 16;
/** A file that was not asked for while so many ops were made in it is followed no more. */
const MOST_UNASKED = 128;
/** So many ops of a file are kept, and so many UTF-16 code units that they wrote; the oldest are let go. */
const MOST_OPS = 256;
const MOST_WRITTEN = 256 * 1024;

const hasher = new ContentHasher(nativeHash, nativeTextHash);

export class FollowedFiles {
  readonly #session: WorldSession;
  /** Those that were asked for last stand last. */
  readonly #files = new Map<number, FollowedFile>();

  constructor(session: WorldSession) {
    this.#session = session;
  }

  /** Follows a file from this version on, if it is not followed yet. */
  follow(fileId: number, version: number, text: Text): void {
    if (this.#files.has(fileId)) return;
    const file = new FollowedFile(this.#session, fileId, { version, text }, () =>
      this.#drop(fileId),
    );
    this.#files.set(fileId, file);
    const [oldest] = this.#files.keys();
    if (this.#files.size > MOST_FILES && oldest !== undefined) this.#drop(oldest);
  }

  /** The file's text at its newest version; undefined where that has to be asked for. */
  newest(fileId: number): Text | undefined {
    const head = this.#session.view.files.get(fileId);
    return head && this.#asked(fileId)?.textAt(head.version, head.contentHash);
  }

  /** The ops that made the versions after one up to another; undefined where they have to be asked for. */
  opsBetween(fileId: number, after: number, upTo: number): readonly OpRecord[] | undefined {
    return this.#asked(fileId)?.opsBetween(after, upTo);
  }

  #asked(fileId: number): FollowedFile | undefined {
    const file = this.#files.get(fileId);
    if (!file) return undefined;
    this.#files.delete(fileId);
    this.#files.set(fileId, file);
    return file;
  }

  #drop(fileId: number): void {
    this.#files.get(fileId)?.close();
    this.#files.delete(fileId);
  }
}

interface TextAt {
  readonly version: number;
  readonly text: Text;
}

class FollowedFile {
  readonly #feed: FileFeed;
  readonly #onUseless: () => void;
  /** Before the ops of which nobody has asked for the text yet. */
  #known: TextAt;
  /** One after the other, the last one the newest. */
  #ops: OpRecord[] = [];
  #written = 0;
  #unasked = 0;

  constructor(session: WorldSession, fileId: number, known: TextAt, onUseless: () => void) {
    this.#known = known;
    this.#onUseless = onUseless;
    this.#feed = new FileFeed(session, fileId, known.version);
    this.#feed.onRecord((op) => this.#take(op));
    this.#feed.onFailure(onUseless);
  }

  /** Undefined where it is not known, or is not what the world says it is. */
  textAt(version: number, contentHash: Uint8Array): Text | undefined {
    this.#unasked = 0;
    const { version: from } = this.#known;
    if (!this.#feed.isConnected || version !== this.#newest) return undefined;
    if (version === from) return this.#known.text;
    const text = this.#ops
      .filter((op) => op.version > from)
      .reduce((sum, { changes }) => sum.apply(changes), this.#known.text);
    // An op may exchange the whole content, which its changes do not tell.
    if (!sameBytes(hasher.text(text), contentHash)) {
      this.#onUseless();
      return undefined;
    }
    this.#known = { version, text };
    return text;
  }

  opsBetween(after: number, upTo: number): readonly OpRecord[] | undefined {
    this.#unasked = 0;
    const [oldest] = this.#ops;
    if (!oldest || after < oldest.version - 1 || upTo > this.#newest) return undefined;
    return this.#ops.filter(({ version }) => version > after && version <= upTo);
  }

  close(): void {
    this.#feed.close();
  }

  get #newest(): number {
    return this.#ops.at(-1)?.version ?? this.#known.version;
  }

  #take(op: OpRecord): void {
    this.#ops.push(op);
    this.#written += writtenBy(op);
    this.#unasked++;
    // What the text is known without may go.
    while (this.#isMuch && this.#ops.length > 1 && this.#ops[0]!.version <= this.#known.version) {
      this.#written -= writtenBy(this.#ops.shift()!);
    }
    if (this.#isMuch || this.#unasked > MOST_UNASKED) this.#onUseless();
  }

  get #isMuch(): boolean {
    return this.#written > MOST_WRITTEN || this.#ops.length > MOST_OPS;
  }
}

function writtenBy({ changes }: OpRecord): number {
  return changes.reduce((sum, { text }) => sum + text.length, 0);
}
