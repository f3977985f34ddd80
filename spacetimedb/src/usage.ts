import { CACHE_BYTES } from '../../src/core/cache-sizes.ts';
import { sameBytes } from '../../src/core/hash.ts';
import {
  decidesQuestion,
  DEFAULT_QUOTAS,
  filesAdded,
  isCountedNote,
  MARKS_ROOM,
  MEBIBYTE,
  type Quotas,
  type StoredOp,
  storedBytes,
  USAGE_STEP,
} from '../../src/core/quota.ts';
import { readPayload } from '../../src/core/op-payload.ts';
import { WORK_UNITS } from '../../src/core/work.ts';
import { type Caller, hexOf, type Who } from './caller.ts';
import { Refusal } from './refusal.ts';
import { counted, spend } from './work.ts';
import type { Database, Row } from './world.ts';

type Place = Pick<Row<'log_head'>, 'opSeq' | 'chainHash'>;

interface Totals {
  readonly identity: Who['identity'];
  readonly bytes: number;
  readonly notes: number;
}

/** What was counted up to some op. */
interface Count {
  readonly uptoSeq: number;
  readonly bytes: number;
  readonly files: number;
  /** What came since it was written down. */
  readonly newOps: number;
  readonly newBytes: number;
}

/** The count after the newest op, while this instance lives: else the last ops are counted again. */
interface Kept {
  readonly count: Count;
  readonly quotas: Quotas;
  readonly members: Map<string, Totals>;
  /** Who is to be written down. */
  readonly unwritten: Set<string>;
}

let kept: { readonly head: Place; readonly value: Kept } | undefined;

/**
 * Counts what members and the world keep, op by op, and refuses what is over a quota. What is written down
 * is a function of the ops. What a call counts becomes known to the next one with the call's end.
 */
export class Usage {
  readonly #db: Database;
  readonly #kept: Kept;
  #count: Count;
  readonly #members = new Map<string, Totals>();
  #unwritten = new Set<string>();
  #isWritten = false;
  /** A history that 0.1.0 wrote is counted by maintenance; until then nothing is over a quota. */
  readonly isBehind: boolean;

  private constructor(db: Database, value: Kept, isBehind: boolean) {
    this.#db = db;
    this.#kept = value;
    this.#count = value.count;
    this.isBehind = isBehind;
  }

  /** Goes on after the head of the history. */
  static after(db: Database, head: Place): Usage {
    if (kept?.head.opSeq === head.opSeq && sameBytes(kept.head.chainHash, head.chainHash)) {
      return new Usage(db, kept.value, false);
    }
    const start = writtenDown(db);
    if (head.opSeq - start.count.uptoSeq > USAGE_STEP.ops) return new Usage(db, start, true);
    const usage = new Usage(db, start, false);
    usage.#countStored(head.opSeq, { ops: USAGE_STEP.ops, bytes: Infinity });
    return usage;
  }

  /** Files that are there; undefined in a history that is not counted yet. */
  get files(): number | undefined {
    return this.isBehind ? undefined : this.#count.files;
  }

  /** Refuses with `quota_exceeded` an op that the caller, or the world, has no room for. */
  demandRoom(op: StoredOp, actor: Who, bytes: number): void {
    const member = (actor as Partial<Caller>).member;
    // What tends the world, and who joins it, is no member.
    if (this.isBehind || !member || ALWAYS_ROOM.has(op.kind) || decidesQuestion(op)) return;
    const isNote = isCountedNote(op);
    const { memberMebibytes, memberNotes, worldMebibytes } = this.#kept.quotas;
    const mebibyte = op.kind === 'note' && !isNote ? MEBIBYTE * MARKS_ROOM : MEBIBYTE;
    if (member.role !== 'owner' && !isAboutAnother(op, actor)) {
      const own = this.#of(actor.hex, actor.identity);
      demandBelow('member', 'bytes', own.bytes + bytes, memberMebibytes * mebibyte);
      if (isNote) demandBelow('member', 'notes', own.notes + 1, memberNotes);
    }
    if (op.kind === 'member') return;
    demandBelow('world', 'bytes', this.#count.bytes + bytes, worldMebibytes * mebibyte);
  }

  /** Counts an op that follows, and that takes so many bytes. */
  add(op: StoredOp & { readonly opSeq: number }, actor: Who, bytes = storedBytes(op)): void {
    if (this.isBehind) return;
    const own = this.#of(actor.hex, actor.identity);
    const notes = own.notes + (isCountedNote(op) ? 1 : 0);
    this.#members.set(actor.hex, { ...own, bytes: own.bytes + bytes, notes });
    this.#unwritten.add(actor.hex);
    const { uptoSeq, newOps, newBytes } = this.#count;
    this.#count = {
      uptoSeq,
      bytes: this.#count.bytes + bytes,
      files: this.#count.files + filesAdded(op),
      newOps: newOps + 1,
      newBytes: newBytes + bytes,
    };
    if (newOps + 1 >= USAGE_STEP.ops || newBytes + bytes >= USAGE_STEP.bytes) {
      this.#write(op.opSeq);
    }
  }

  /** Remembers the count for the next call; once the head is written. */
  keep(head: Place): void {
    if (this.isBehind) {
      kept = undefined;
      return;
    }
    const { members, unwritten, quotas } = this.#kept;
    if (this.#isWritten) {
      unwritten.clear();
      if (members.size > MEMBERS_KEPT) members.clear();
    }
    for (const [hex, totals] of this.#members) members.set(hex, totals);
    for (const hex of this.#unwritten) unwritten.add(hex);
    kept = { head, value: { count: this.#count, quotas, members, unwritten } };
  }

  /** Counts some of a history that 0.1.0 wrote; goes on there the next time. */
  static catchUp(db: Database, head: Place): void {
    const usage = new Usage(db, writtenDown(db), false);
    if (head.opSeq - usage.#count.uptoSeq > USAGE_STEP.ops) {
      usage.#countStored(head.opSeq, CAUGHT_UP);
    }
  }

  /** What the member has written so far. */
  #of(hex: string, identity: Who['identity']): Totals {
    const known = this.#members.get(hex) ?? this.#kept.members.get(hex);
    if (known) return known;
    const row = this.#db.member_usage.identity.find(identity);
    const totals = { identity, bytes: Number(row?.bytes ?? 0n), notes: row?.notes ?? 0 };
    this.#members.set(hex, totals);
    return totals;
  }

  #countStored(headSeq: number, most: { ops: number; bytes: number }): void {
    const first = this.#count.uptoSeq + 1;
    const last = Math.min(headSeq, first + most.ops - 1);
    const before = this.#count.bytes;
    for (let opSeq = first; opSeq <= last && this.#count.bytes - before < most.bytes; opSeq++) {
      spend(WORK_UNITS.row);
      const op = this.#db.file_op.opSeq.find(opSeq)!;
      this.add(op, { identity: op.actor, hex: hexOf(op.actor) });
    }
  }

  #write(uptoSeq: number): void {
    const { db, bytes, files } = { db: this.#db, ...this.#count };
    const row = { id: WORLD_USAGE_ID, uptoSeq, bytes: BigInt(bytes), files };
    if (db.world_usage.id.find(WORLD_USAGE_ID)) db.world_usage.id.update(row);
    else db.world_usage.insert(row);
    const earlier = this.#isWritten ? [] : this.#kept.unwritten;
    for (const hex of new Set([...earlier, ...this.#unwritten])) {
      const totals = (this.#members.get(hex) ?? this.#kept.members.get(hex))!;
      const own = { ...totals, bytes: BigInt(totals.bytes) };
      if (db.member_usage.identity.find(totals.identity)) db.member_usage.identity.update(own);
      else db.member_usage.insert(own);
    }
    this.#unwritten = new Set();
    this.#isWritten = true;
    this.#count = { ...this.#count, uptoSeq, newOps: 0, newBytes: 0 };
  }
}

/** Gives the world other quotas. */
export function writeQuotas(db: Database, quotas: Quotas): void {
  const row = { id: QUOTA_ID, ...quotas };
  if (db.quota.id.find(QUOTA_ID)) db.quota.id.update(row);
  else db.quota.insert(row);
  kept = undefined;
}

/** Forgets all that was counted, when a history begins anew. */
export function clearUsage(db: Database): void {
  db.quota.id.delete(QUOTA_ID);
  db.world_usage.id.delete(WORLD_USAGE_ID);
  for (const { identity } of counted(db.member_usage.iter())) {
    db.member_usage.identity.delete(identity);
  }
  kept = undefined;
}

/** What the tables say: the ops after it are not in it. */
function writtenDown(db: Database): Kept {
  const row = db.world_usage.id.find(WORLD_USAGE_ID);
  const { uptoSeq = 0, bytes = 0n, files = 0 } = row ?? {};
  const count = { uptoSeq, bytes: Number(bytes), files, newOps: 0, newBytes: 0 };
  const quotas = db.quota.id.find(QUOTA_ID) ?? DEFAULT_QUOTAS;
  return { count, quotas, members: new Map(), unwritten: new Set() };
}

function demandBelow(of: 'member' | 'world', what: string, used: number, quota: number): void {
  if (used <= quota) return;
  const whose = of === 'member' ? 'this member has' : 'the world has';
  const why = `${whose} used up the quota of ${what}; an owner can change it`;
  throw new Refusal('quota_exceeded', why, { of, what, used, quota });
}

/** An op about somebody else comes with what its actor does, such as the first export. */
function isAboutAnother({ kind, payload }: StoredOp, { hex }: Who): boolean {
  return kind === 'member' && readPayload('member', payload).identity !== hex;
}

/**
 * What makes room, or decides what is open, is never refused for want of it, nor is the snapshot that may
 * come with it: there is at most one of each version.
 */
const ALWAYS_ROOM: ReadonlySet<string> = new Set(['resolve', 'delete', 'policy', 'checkpoint']);
const QUOTA_ID = 1;
const WORLD_USAGE_ID = 1;
/** Their totals are read again from the table. */
const MEMBERS_KEPT = Math.floor(CACHE_BYTES.usage / 512);
/** What one run of the maintenance counts of a history of 0.1.0. */
const CAUGHT_UP = { ops: 4096, bytes: 16 * MEBIBYTE };
