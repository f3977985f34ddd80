/**
 * Owns: the pasts of files, read when they are asked for, kept while they fit, and caught up with.
 * Does not know: what is judged by them.
 */
import type { IdentityHex } from '../../core/op.ts';
import type { Origin } from '../../core/origin.ts';
import type { Text } from '../../core/text.ts';
import { FilePast, type PastOp } from './file-past.ts';
import { isOthers } from './old-states.ts';
import type { PastSource } from './past-source.ts';

/** What is older than so many versions, or so much text of changes, is not looked for. */
export const PAST_VERSIONS = 2_000;
export const PAST_BYTES = 4 * 1024 * 1024;
/** All pasts that are kept together; those that were asked for last. */
const KEPT_BYTES = 32 * 1024 * 1024;
const VERSIONS_AT_A_TIME = 250;
const ENTRY_BYTES = 200;

/** What is known of a file up to a version. Without a past: nobody but its own member changed it. */
interface Entry {
  readonly past: FilePast | undefined;
  /** It is known who made the first of these versions as a whole. */
  readonly isFromFirst: boolean;
  readonly firstVersion: number;
  readonly version: number;
}

export class PastReader {
  readonly #source: PastSource;
  readonly #entries = new Map<number, Entry>();
  /** What each file is used for at present; the next waits for it. */
  readonly #turns = new Map<number, Promise<void>>();
  #bytes = 0;

  constructor(source: PastSource) {
    this.#source = source;
  }

  /**
   * Calls with a file's past up to a version, as far back as is looked; with undefined where there is
   * no text from before others' work, nor of others `fromFirst` on. The past goes on to newer versions
   * afterwards. It begins at the newest version that had just the text `back`, where that is known. Rejects
   * as the source does.
   */
  async use<Result>(
    fileId: number,
    version: number,
    back: Text,
    user: (past: FilePast | undefined) => Result,
    fromFirst = false,
  ): Promise<Result> {
    // A first version has none before it: of most files nothing is read.
    if (version <= 1 && !fromFirst) return user(undefined);
    const since = fromFirst ? undefined : await this.#source.since(fileId, back, version);
    if (since && this.#isAnyOthers(since)) {
      return user(pastOf(back, { version: version - since.length }, since));
    }
    const before = this.#turns.get(fileId);
    const turn = (before ?? Promise.resolve()).then(async () => {
      return user(await this.#read(fileId, version, fromFirst));
    });
    const ended = turn.then(
      () => undefined,
      () => undefined,
    );
    this.#turns.set(fileId, ended);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(fileId) === ended) this.#turns.delete(fileId);
    }
  }

  async #read(fileId: number, version: number, fromFirst: boolean): Promise<FilePast | undefined> {
    const known = this.#entries.get(fileId);
    const anew = (): Promise<Entry> => this.#readAnew(fileId, version, fromFirst);
    if (known && known.version > version) return (await anew()).past;
    let entry = (known && (await this.#caughtUp(fileId, known, version))) ?? (await anew());
    if (fromFirst && !entry.isFromFirst) entry = await anew();
    this.#keep(fileId, entry);
    return entry.past;
  }

  /** Undefined where it is to be read anew. */
  async #caughtUp(fileId: number, entry: Entry, version: number): Promise<Entry | undefined> {
    const { past, firstVersion } = entry;
    if (entry.version === version) return entry;
    const isTooOld = version - firstVersion > 2 * PAST_VERSIONS;
    if (isTooOld || (past && past.bytes > 2 * PAST_BYTES)) return undefined;
    if (!past && (await this.#source.isOwn(fileId, entry.version, version))) {
      return { ...entry, version };
    }
    const ops = await this.#source.opsOf(fileId, entry.version, version);
    if (!follow(ops, entry.version, version) || ops.some(({ isWhole }) => isWhole))
      return undefined;
    if (!past) return this.#isAnyOthers(ops) ? undefined : { ...entry, version };
    // Out of the account until it is kept again: what fits half way is not to be used.
    this.#drop(fileId);
    for (const op of ops) past.add(op);
    return { ...entry, version };
  }

  /** Newest versions first, as far as the bounds. */
  async #readAnew(fileId: number, version: number, fromFirst: boolean): Promise<Entry> {
    const oldest = Math.max(fromFirst ? 0 : 1, version - PAST_VERSIONS);
    if (await this.#source.isOwn(fileId, oldest, version)) {
      const firstVersion = Math.max(1, oldest);
      return { past: undefined, isFromFirst: fromFirst, firstVersion, version };
    }
    let ops: readonly PastOp[] = [];
    let firstOrigin: Origin | undefined;
    let firstVersion = version;
    for (let bytes = 0; firstVersion > oldest && bytes <= PAST_BYTES;) {
      const after = Math.max(oldest, firstVersion - VERSIONS_AT_A_TIME);
      const read = await this.#source.opsOf(fileId, after, firstVersion);
      const whole = read.findLastIndex(({ isWhole }) => isWhole);
      const later = read.slice(whole + 1);
      const first = read[whole]?.version ?? after;
      if (!follow(later, first, firstVersion)) break;
      ops = [...later, ...ops];
      firstVersion = first;
      firstOrigin = read[whole]?.origin;
      if (whole >= 0) break;
      for (const { changes } of later) for (const { text } of changes) bytes += text.length;
    }
    const known = { isFromFirst: fromFirst || firstOrigin !== undefined, firstVersion, version };
    const isOthersFirst = fromFirst && isOthers(firstOrigin, this.#source.own);
    if (!this.#isAnyOthers(ops) && !isOthersFirst) return { ...known, past: undefined };
    const text = await this.#source.textAt(fileId, firstVersion);
    const first = { version: firstVersion, origin: firstOrigin };
    return { ...known, past: text && pastOf(text, first, ops) };
  }

  #isAnyOthers(ops: readonly PastOp[]): boolean {
    const own: IdentityHex = this.#source.own;
    return ops.some(({ origin }) => isOthers(origin, own));
  }

  #keep(fileId: number, entry: Entry): void {
    this.#drop(fileId);
    this.#entries.set(fileId, entry);
    this.#bytes += bytesOf(entry);
    for (const [oldest] of this.#entries) {
      if (this.#bytes <= KEPT_BYTES || oldest === fileId) break;
      this.#drop(oldest);
    }
  }

  #drop(fileId: number): void {
    const entry = this.#entries.get(fileId);
    if (!entry) return;
    this.#entries.delete(fileId);
    this.#bytes -= bytesOf(entry);
  }
}

function pastOf(
  text: Text,
  { version, origin }: { readonly version: number; readonly origin?: Origin | undefined },
  ops: readonly PastOp[],
): FilePast {
  const past = FilePast.of(text, version, origin);
  for (const op of ops) past.add(op);
  return past;
}

/** True for ops that made all versions after one up to another. */
function follow(ops: readonly PastOp[], after: number, upTo: number): boolean {
  return (
    ops.length === upTo - after && ops.every(({ version }, index) => version === after + index + 1)
  );
}

function bytesOf({ past }: Entry): number {
  return ENTRY_BYTES + (past?.bytes ?? 0);
}
