/**
 * Owns: knowing of many files at once that nobody but one member wrote to them, from the newest part of the
 * world's history. Does not know: what is judged by it. A branch switch asks about thousands of files:
 * each by itself would take longer than the switch.
 */
import { makesVersion, readPayload } from '../../core/op-payload.ts';
import type { OpRecord } from '../../core/op.ts';
import { Originator } from '../../core/origin.ts';
import { readHeadSeq } from '../../world/read-head.ts';
import { opsBetween } from '../../world/read-ops.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { answered } from './answered-op.ts';
import { isOthers } from './old-states.ts';

/** After so many questions in a row, each within a moment of the one before, there may be thousands. */
const MANY = 100;
const MOMENT_MS = 10_000;
/** So many of the newest ops are read for it. */
const MOST_OPS = 65_536;

/** Versions in a row, as long as `count` tells that none is missing. */
interface Written {
  readonly first: number;
  last: number;
  count: number;
  /** The newest one that is not the member's own; 0 for none. */
  lastOthers: number;
}

export class AuthorIndex {
  readonly #session: WorldSession;
  readonly #signal: AbortSignal;
  readonly #files = new Map<number, Written>();
  readonly #originator = new Originator();
  #firstSeq = 0;
  #lastSeq = 0;
  #asked = 0;
  #askedMs = 0;
  #reading: Promise<void> | undefined;

  constructor(session: WorldSession, signal: AbortSignal) {
    this.#session = session;
    this.#signal = signal;
  }

  /** True when the versions after one up to another are known to be the session's own member's. */
  async isOwn(fileId: number, afterVersion: number, upToVersion: number): Promise<boolean> {
    const known = this.#known(fileId, afterVersion, upToVersion);
    if (known !== undefined) return known;
    const nowMs = this.#session.clock.nowMs();
    this.#asked = nowMs - this.#askedMs > MOMENT_MS ? 1 : this.#asked + 1;
    this.#askedMs = nowMs;
    if (this.#asked < MANY) return false;
    this.#reading ??= this.#readOn().finally(() => {
      this.#reading = undefined;
      this.#asked = 0;
    });
    await this.#reading;
    return this.#known(fileId, afterVersion, upToVersion) ?? false;
  }

  #known(fileId: number, afterVersion: number, upToVersion: number): boolean | undefined {
    const written = this.#files.get(fileId);
    if (!written || written.last < upToVersion) return undefined;
    const { first, last, count, lastOthers } = written;
    return last - first + 1 === count && first <= afterVersion + 1 && lastOthers <= afterVersion;
  }

  async #readOn(): Promise<void> {
    const headSeq = await readHeadSeq(await this.#session.whenOnline(this.#signal));
    const from = Math.max(this.#lastSeq, headSeq - MOST_OPS);
    // What lies between two readings that are far apart is not known.
    if (from > this.#lastSeq) this.#files.clear();
    if (this.#files.size === 0) this.#firstSeq = from + 1;
    for await (const ops of opsBetween(this.#session, from, headSeq)) {
      this.#signal.throwIfAborted();
      for (const op of ops) this.#add(answered(op));
      this.#lastSeq = Math.max(this.#lastSeq, ops.at(-1)?.opSeq ?? 0);
    }
  }

  #add(op: OpRecord): void {
    if (op.fileId === 0) return;
    const origin = this.#originator.originOf(op);
    if (!makesVersion(op)) return;
    const { fileId, version } = op;
    const written = this.#files.get(fileId) ?? { first: version, last: 0, count: 0, lastOthers: 0 };
    written.last = version;
    written.count += 1;
    const isOfOthers = isOthers(origin, this.#session.identity) || this.#isUnknown(op);
    if (isOfOthers) written.lastOthers = version;
    this.#files.set(fileId, written);
  }

  /** A proposal that was let in, and was made before what was read. */
  #isUnknown({ kind, payload }: OpRecord): boolean {
    return kind === 'resolve' && readPayload('resolve', payload).ticket < this.#firstSeq;
  }
}
