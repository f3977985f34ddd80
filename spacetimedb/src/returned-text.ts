import { endOf, resultRanges, startOf } from '../../src/core/change.ts';
import { mapPosition } from '../../src/core/map-position.ts';
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
} from '../../src/core/work.ts';
import { committedOps, knownText, textAt } from './file-texts.ts';
import type { CommittedOp, FileWork } from './file-work.ts';
import type { PlannedOp } from './plan-batch.ts';
import { demand } from './refusal.ts';
import { callWork } from './work.ts';
import type { Arguments, Database } from './world.ts';

/** What a caller says of the text of a batch's ops. */
type Claims = Arguments<'return_text'>['returned'];

/** Refuses more than a call may say. */
export function demandFewReturns(claims: Claims): void {
  demand(claims.length <= RETURNED_PER_CALL, 'too_many', 'too many pieces of text that came back');
}

/**
 * Those pieces of what is said to have come back that did, by the index of their op: their text stood
 * at this place in the version that they name, it went away since, and it is enough. What does not
 * hold, or would be too much work to look at, is left out: then the text is its sender's.
 */
export function heldReturns(
  db: Database,
  ops: readonly PlannedOp[],
  claims: Claims,
): ReadonlyMap<number, readonly ReturnedText[]> {
  const held = new Map<number, readonly ReturnedText[]>();
  if (claims.length === 0) return held;
  const allowed = Math.min(RETURNED_WORK, Math.floor(callWork().left / 2));
  const meter = new Work(allowed);
  try {
    const check = new ReturnCheck(db, meter);
    for (const [index, planned] of ops.entries()) {
      const named = claims.filter(({ op }) => op === index);
      const kept = named.length > 0 ? check.held(named, planned, beforeOf(ops, index)) : [];
      if (kept.length > 0) held.set(index, kept);
    }
  } catch (error) {
    if (!(error instanceof TooMuchWork)) throw error;
  } finally {
    callWork().spend(Math.min(meter.spent, allowed));
  }
  return held;
}

/** The text that an op of a batch was made on, and what the batch did to the file before. */
function beforeOf(ops: readonly PlannedOp[], index: number): Before {
  const { work } = ops[index]!;
  const earlier = ops.slice(0, index).filter((op) => op.work === work);
  return { text: earlier.at(-1)?.text ?? work.file.text, earlier };
}

interface Before {
  readonly text: Text;
  readonly earlier: readonly PlannedOp[];
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
  held(claims: Claims, planned: PlannedOp, before: Before): readonly ReturnedText[] {
    const spans = movedReturns(claims.map(spanOf), planned.op.changes, planned.changes);
    const kept: ReturnedText[] = [];
    for (const span of [...spans].sort((a, b) => a.change - b.change || a.at - b.at)) {
      const last = kept.at(-1);
      const isOver = last?.change === span.change && last.at + last.length > span.at;
      if (!isOver && this.#holds(span, planned, before)) kept.push(span);
    }
    return kept;
  }

  #holds(span: ReturnedText, planned: PlannedOp, before: Before): boolean {
    const change = planned.changes[span.change]!;
    if (span.length === 0 || span.at + span.length > change.text.length) return false;
    const piece = textOf(span, change);
    if (!mayReturn(piece)) return false;
    const past = this.#past(planned.work, span.version);
    const from = fromOf(span);
    const to = endOfInserted(from, piece);
    this.#meter.spend(byteUnits(2 * piece.length));
    if (!past?.text.contains(from) || !past.text.contains(to)) return false;
    if (past.text.slice(from, to) !== piece) return false;
    if (!this.#isBackAt(change, piece, before.text, this.#whereNow(from, to, past, before))) {
      return false;
    }
    const { start } = resultRanges(planned.changes)[span.change]!;
    this.#meter.spend(planned.changes.length);
    const place = placeOfReturned(span, change, start);
    return isEnough(piece, { text: past.text, from }, { text: planned.text, to: place });
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
    change: PlannedOp['changes'][number],
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

  #past({ file }: FileWork, version: number): Past | undefined {
    const { fileId } = file;
    const isKnown = version >= 1 && version < file.version;
    if (!isKnown || version <= file.version - RETURNED_VERSIONS) return undefined;
    const key = `${fileId} ${version}`;
    if (!this.#pasts.has(key)) this.#pasts.set(key, this.#read(file, version));
    return this.#pasts.get(key);
  }

  #read({ fileId, version: head, byteLength }: FileWork['file'], version: number) {
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

/** To read a text, cut it and hash it takes so much longer than to copy it. */
const FOLD_COST = 3.5;

function spanOf({ change, at, length, version, fromLine, fromCharacter }: Claims[number]) {
  return { change, at, length, version, fromLine, fromCharacter };
}
