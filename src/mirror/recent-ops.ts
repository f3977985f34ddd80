/**
 * Owns: knowing of many files at once what the newest part of the world's history says of them. Does not know:
 * what for. A branch switch asks about thousands of files: each by itself would take longer than the switch.
 */
import { readPayload } from '../core/op-payload.ts';
import type { IdentityHex, OpRecord } from '../core/op.ts';
import { Originator } from '../core/origin.ts';
import { readHeadSeq } from '../world/read-head.ts';
import { opsBetween } from '../world/read-ops.ts';
import type { WorldSession } from '../world/world-session.ts';
import { answered } from './restorations/answered-op.ts';
import { isOthers } from './restorations/old-states.ts';
import {
  type OpOrigin,
  type RecentOp,
  type RecentText,
  WrittenVersions,
} from './written-versions.ts';

/** After so many questions, each within a moment of the one before, there may be thousands. */
const MANY = 12;
const MOMENT_MS = 10_000;
/** So many of the newest ops are read at first; each time that is not enough, twice as many. */
const FIRST_OPS = 2_048;
const MOST_OPS = 65_536;
/** A world works on an answer at one go: others wait no longer than for so many ops. */
const OPS_IN_ANSWER = 128;

export class RecentOps {
  readonly #session: WorldSession;
  readonly #signal: AbortSignal;
  readonly #written = new WrittenVersions();
  #origins: KnownOrigins;
  /** What was read: the ops after one up to another. */
  #afterSeq = 0;
  #lastSeq = 0;
  #asked = 0;
  #askedMs = -Infinity;
  #gathering: Promise<void> | undefined;
  #reading: Promise<boolean> | undefined;

  constructor(session: WorldSession, signal: AbortSignal) {
    this.#session = session;
    this.#signal = signal;
    this.#origins = new KnownOrigins(0, session.identity);
  }

  /** True when the versions after one up to another are known to be the session's own member's. */
  async isOwn(fileId: number, after: number, upTo: number): Promise<boolean> {
    await this.#reach(fileId, after, upTo);
    return this.#written.isOwn(fileId, after, upTo) ?? false;
  }

  /** The edits that made the versions after one up to another; undefined where that is not known. */
  async editsOf(
    fileId: number,
    after: number,
    upTo: number,
  ): Promise<readonly RecentOp[] | undefined> {
    if (after >= upTo) return [];
    await this.#reach(fileId, after, upTo);
    return this.#written.editsOf(fileId, after, upTo);
  }

  /** The newest version before one that has a content, and the edits since; undefined where none is known. */
  async since(fileId: number, hash: Uint8Array, upTo: number): Promise<RecentText | undefined> {
    if (upTo <= 1) return undefined;
    await this.#reach(fileId, upTo - 1, upTo);
    return this.#written.since(fileId, hash, upTo);
  }

  /** Reads on until the versions after one up to another are known, if there is reason to, and as far as may be. */
  async #reach(fileId: number, after: number, upTo: number): Promise<void> {
    while (!this.#written.covers(fileId, after, upTo)) {
      await this.#gathered();
      if (this.#asked < MANY) return;
      this.#reading ??= this.#readOn(fileId).finally(() => {
        this.#reading = undefined;
      });
      if (!(await this.#reading)) return;
    }
  }

  /** What is asked in this turn counts together. */
  #gathered(): Promise<void> {
    const nowMs = this.#session.clock.nowMs();
    this.#asked = nowMs - this.#askedMs > MOMENT_MS ? 1 : this.#asked + 1;
    this.#askedMs = nowMs;
    this.#gathering ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#gathering = undefined;
        resolve();
      });
    });
    return this.#gathering;
  }

  /** Reads what is new, or what is older. False where there is nothing that could tell more of a file. */
  async #readOn(fileId: number): Promise<boolean> {
    const headSeq = await readHeadSeq(await this.#session.whenOnline(this.#signal));
    if (headSeq > this.#lastSeq) await this.#readNew(headSeq);
    else if (fileId <= this.#afterSeq && this.#count < MOST_OPS) await this.#readOlder();
    // A file has the number of the op that made it: it has none before.
    else return false;
    return true;
  }

  async #readNew(headSeq: number): Promise<void> {
    // What lies between two readings that are far apart is not read.
    if (this.#lastSeq === 0 || headSeq - this.#lastSeq > MOST_OPS) {
      this.#written.clear();
      this.#afterSeq = Math.max(0, headSeq - FIRST_OPS);
      this.#lastSeq = this.#afterSeq;
      this.#origins = new KnownOrigins(this.#afterSeq, this.#session.identity);
    }
    await this.#read(this.#lastSeq, headSeq, (ops) => {
      for (const op of ops) this.#written.add(op, this.#origins.of(op));
      // What was read once is not read again, also where the connection ends meanwhile.
      this.#lastSeq = Math.max(this.#lastSeq, ops.at(-1)?.opSeq ?? 0);
    });
    this.#lastSeq = headSeq;
  }

  async #readOlder(): Promise<void> {
    const afterSeq = Math.max(0, this.#afterSeq - Math.min(this.#count, MOST_OPS - this.#count));
    const older = new WrittenVersions();
    const origins = new KnownOrigins(afterSeq, this.#session.identity);
    await this.#read(afterSeq, this.#afterSeq, (ops) => {
      for (const op of ops) older.add(op, origins.of(op));
    });
    this.#afterSeq = afterSeq;
    this.#written.prepend(older);
  }

  async #read(
    after: number,
    upTo: number,
    take: (ops: readonly OpRecord[]) => void,
  ): Promise<void> {
    const how = { most: OPS_IN_ANSWER, underWay: 1 };
    for await (const ops of opsBetween(this.#session, after, upTo, how)) {
      this.#signal.throwIfAborted();
      take(ops.map(answered));
    }
  }

  get #count(): number {
    return this.#lastSeq - this.#afterSeq;
  }
}

/** Whose work ops are, from one number on. */
class KnownOrigins {
  readonly #afterSeq: number;
  readonly #own: IdentityHex;
  readonly #originator = new Originator();

  constructor(afterSeq: number, own: IdentityHex) {
    this.#afterSeq = afterSeq;
    this.#own = own;
  }

  /** Without an origin for a proposal that was let in, and was made before. */
  of(op: OpRecord): OpOrigin {
    const origin = this.#originator.originOf(op);
    const isUnknown =
      op.kind === 'resolve' && readPayload('resolve', op.payload).ticket <= this.#afterSeq;
    if (isUnknown) return { origin: undefined, isOthers: true };
    return { origin, isOthers: isOthers(origin, this.#own) };
  }
}
