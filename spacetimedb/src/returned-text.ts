import { type Change, type Changes, endOf, resultRanges, startOf } from '../../src/core/change.ts';
import { mapPosition } from '../../src/core/map-position.ts';
import type { Batch } from '../../src/core/op.ts';
import { readPayload } from '../../src/core/op-payload.ts';
import { comparePositions, endOfInserted, type Position } from '../../src/core/position.ts';
import {
  fromOf,
  isEnough,
  mayReturn,
  movedReturns,
  placeOfReturned,
  RETURNED_PER_CALL,
  RETURNED_VERSIONS,
  type ReturnedText,
  textOf,
} from '../../src/core/returned-text.ts';
import type { Text } from '../../src/core/text.ts';
import {
  byteUnits,
  crossingUnits,
  type Meter,
  RETURNED_WORK,
  TooMuchWork,
  Work,
  WORK_UNITS,
} from '../../src/core/work.ts';
import { committedOps, knownText, textAt } from './file-texts.ts';
import type { CommittedOp, OpenFile } from './file-work.ts';
import type { PlannedOp } from './plan-batch.ts';
import { demand } from './refusal.ts';
import { callWork } from './work.ts';
import type { Arguments, Database } from './world.ts';

/** The batch of a call, with what is said of the text of its ops. Refuses more than a call may say. */
export function saidOf({ batch, returned }: Arguments<'return_text'>): Batch {
  demandReturnedCount(returned.length);
  const ops = batch.ops.map((op, index) => {
    const said = returned.filter((piece) => piece.op === index).map(spanOf);
    return said.length > 0 ? { ...op, returned: said } : op;
  });
  // Kinds of intent are checked with the rest of the batch.
  return { ...batch, ops } as Batch;
}

/**
 * Those pieces of what ops say has come back that did, by the index of their op: their text stood
 * at this place in the version that they name, it went away since, and it is enough. What does not
 * hold, or would be too much work to look at, is left out: then the text is its sender's.
 */
export function heldReturns(
  db: Database,
  ops: readonly PlannedOp[],
): ReadonlyMap<number, readonly ReturnedText[]> {
  const held = new Map<number, readonly ReturnedText[]>();
  if (ops.every(({ op }) => !op.returned)) return held;
  withinBounds((meter) => {
    const check = new ReturnCheck(db, meter);
    for (const [index, { op, work, changes, text }] of ops.entries()) {
      const said = { returned: op.returned ?? [], changes: op.changes };
      if (said.returned.length === 0) continue;
      const kept = check.held(said, { file: work.file, changes, text }, beforeOf(ops, index));
      if (kept.length > 0) held.set(index, kept);
    }
  });
  return held;
}

/**
 * The same for a ticket whose proposal is let in, file by file: what came back of it is looked up by what
 * was said when it was proposed.
 */
export class TicketReturns {
  readonly #db: Database;
  readonly #ticketId: number;
  #said: ReadonlyMap<number, readonly Said[]> | undefined;

  constructor(db: Database, ticketId: number) {
    this.#db = db;
    this.#ticketId = ticketId;
  }

  held(made: MadeChanges): readonly ReturnedText[] | undefined {
    let kept: readonly ReturnedText[] = [];
    withinBounds((meter) => {
      this.#said ??= saidInTicket(this.#db, this.#ticketId, meter);
      const said = this.#said.get(made.file.fileId);
      if (!said) return;
      const check = new ReturnCheck(this.#db, meter);
      const before = { text: made.file.text, earlier: [] };
      kept = said.flatMap((each) => check.held(each, made, before));
    });
    return kept.length > 0 ? inOrder(kept) : undefined;
  }
}

/** The ops that opened a ticket stand in a row from the one with its number; where none of them says anything that one tells. */
function saidInTicket(db: Database, ticketId: number, meter: Meter) {
  const said = new Map<number, Said[]>();
  for (let opSeq = ticketId; ; opSeq++) {
    const row = db.file_op.opSeq.find(opSeq);
    if (row?.kind !== 'conflict') return said;
    meter.spend(WORK_UNITS.row + byteUnits(row.payload.length));
    const { ticket, changes, returned } = readPayload('conflict', row.payload);
    if (ticket !== ticketId || !returned) return said;
    if (returned.length === 0) continue;
    said.set(row.fileId, [...(said.get(row.fileId) ?? []), { changes, returned }]);
  }
}

/** Does some of it, and no more, where all would be too much work. */
function withinBounds(look: (meter: Meter) => void): void {
  const allowed = Math.min(RETURNED_WORK, Math.floor(callWork().left / 2));
  const meter = new Work(allowed);
  try {
    look(meter);
  } catch (error) {
    if (!(error instanceof TooMuchWork)) throw error;
  } finally {
    callWork().spend(Math.min(meter.spent, allowed));
  }
}

/** None over another. */
function inOrder(spans: readonly ReturnedText[]): readonly ReturnedText[] {
  const kept: ReturnedText[] = [];
  for (const span of [...spans].sort((a, b) => a.change - b.change || a.at - b.at)) {
    const last = kept.at(-1);
    const isOver = last?.change === span.change && last.at + last.length > span.at;
    if (!isOver) kept.push(span);
  }
  return kept;
}

/** The text that an op of a batch was made on, and what the batch did to the file before. */
function beforeOf(ops: readonly PlannedOp[], index: number): Before {
  const { work } = ops[index]!;
  const earlier = ops.slice(0, index).filter((op) => op.work === work);
  return { text: earlier.at(-1)?.text ?? work.file.text, earlier };
}

/** What was done to a file's head, and what it led to. */
export interface MadeChanges {
  readonly file: OpenFile;
  readonly changes: Changes;
  readonly text: Text;
}

/** What somebody said of changes, which may be others by now. */
interface Said {
  readonly changes: Changes;
  readonly returned: readonly ReturnedText[];
}

interface Before {
  readonly text: Text;
  readonly earlier: readonly { readonly changes: Changes }[];
}

/** A version of a file, and what came after it up to the head. */
interface Past {
  readonly text: Text;
  readonly since: readonly CommittedOp[];
}

class ReturnCheck {
  readonly #db: Database;
  readonly #meter: Meter;
  readonly #pasts = new Map<string, Past | undefined>();

  constructor(db: Database, meter: Meter) {
    this.#db = db;
    this.#meter = meter;
  }

  /** In order, and none over another. */
  held({ returned, changes }: Said, made: MadeChanges, before: Before): readonly ReturnedText[] {
    const spans = movedReturns(returned, changes, made.changes);
    return inOrder(spans.filter((span) => this.#holds(span, made, before)));
  }

  #holds(span: ReturnedText, made: MadeChanges, before: Before): boolean {
    const change = made.changes[span.change]!;
    if (span.length === 0 || span.at + span.length > change.text.length) return false;
    const piece = textOf(span, change);
    if (!mayReturn(piece)) return false;
    const past = this.#past(made.file, span.version);
    const from = fromOf(span);
    const to = endOfInserted(from, piece);
    this.#meter.spend(byteUnits(2 * piece.length));
    if (!past?.text.contains(from) || !past.text.contains(to)) return false;
    if (past.text.slice(from, to) !== piece) return false;
    if (!this.#isBackAt(change, piece, before.text, this.#whereNow(from, to, past, before))) {
      return false;
    }
    const { start } = resultRanges(made.changes)[span.change]!;
    this.#meter.spend(made.changes.length);
    const place = placeOfReturned(span, change, start);
    return isEnough(piece, { text: past.text, from }, { text: made.text, to: place });
  }

  /** What is left where a text stood: its start is not before its end where nothing is left. */
  #whereNow(from: Position, to: Position, past: Past, { earlier }: Before) {
    let [start, end] = [from, to];
    for (const { changes } of [...past.since, ...earlier]) {
      this.#meter.spend(crossingUnits(2, changes.length, 0));
      start = mapPosition(start, changes, 'after');
      end = mapPosition(end, changes, 'before');
    }
    return { start, end };
  }

  /** The change is at the place, where the text is gone, or goes with what the change replaces. */
  #isBackAt(
    change: Change,
    piece: string,
    before: Text,
    { start, end }: { readonly start: Position; readonly end: Position },
  ): boolean {
    const [first, last] = comparePositions(start, end) <= 0 ? [start, end] : [end, start];
    const [changed, changedEnd] = [startOf(change), endOf(change)];
    const isThere =
      comparePositions(first, changedEnd) <= 0 && comparePositions(changed, last) <= 0;
    if (!isThere) return false;
    const isReplaced =
      comparePositions(changed, start) <= 0 && comparePositions(end, changedEnd) <= 0;
    if (comparePositions(start, end) < 0 && !isReplaced) return false;
    // Whoever put it there again, by typing for instance, has it: it did not go away.
    return ![before.slice(changed, changedEnd), before.slice(first, last)].some((text) => {
      this.#meter.spend(byteUnits(text.length));
      return text.includes(piece);
    });
  }

  #past(file: OpenFile, version: number): Past | undefined {
    const { fileId } = file;
    const isKnown = version >= 1 && version < file.version;
    if (!isKnown || version <= file.version - RETURNED_VERSIONS) return undefined;
    const key = `${fileId} ${version}`;
    if (!this.#pasts.has(key)) this.#pasts.set(key, this.#read(file, version));
    return this.#pasts.get(key);
  }

  #read({ fileId, version: head, byteLength }: OpenFile, version: number) {
    const count = (units: number): void => this.#meter.spend(units);
    const since = committedOps(this.#db, fileId, version, head, undefined, count);
    if (since.length === 0 || since.some(({ replacesAll }) => replacesAll)) return undefined;
    const hash = since[0]!.beforeHash;
    const known = knownText(fileId, version, hash);
    if (known) return { since, text: known };
    count(byteUnits(FOLD_COST * byteLength));
    return { since, text: textAt(this.#db, fileId, version, hash, count) };
  }
}

type SaidPiece = Arguments<'return_text'>['returned'][number];

/** To read a text, cut it and hash it takes so much longer than to copy it. */
const FOLD_COST = 3.5;

/** Refuses more than a call may say. */
export function demandReturnedCount(count: number): void {
  demand(count <= RETURNED_PER_CALL, 'too_many', 'too many pieces of text that came back');
}

export function spanOf({ change, at, length, version, fromLine, fromCharacter }: SaidPiece) {
  return { change, at, length, version, fromLine, fromCharacter };
}
