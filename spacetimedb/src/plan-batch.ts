import { type Changes, normalizeChanges } from '../../src/core/change.ts';
import { sameBytes } from '../../src/core/hash.ts';
import { opsTouchingLines, touchedLineRanges } from '../../src/core/later-overlap.ts';
import type { Limits } from '../../src/core/limits.ts';
import { isBeyondReach } from '../../src/core/line-reach.ts';
import { mapPosition } from '../../src/core/map-position.ts';
import type { Batch, IdentityHex, Intent, RangeHash, SubmittedOp } from '../../src/core/op.ts';
import type { TicketReason } from '../../src/core/op-payload.ts';
import { utf8Length } from '../../src/core/path.ts';
import { judge, type PolicyMode } from '../../src/core/policy.ts';
import type { Text } from '../../src/core/text.ts';
import {
  byteUnits,
  crossingUnits,
  type Meter,
  textUnits,
  TICKET_WORK,
  TooMuchWork,
  type Work,
  WORK_UNITS,
} from '../../src/core/work.ts';
import { findFault } from '../../src/core/validate-changes.ts';
import { claimTouchedBy } from './claims.ts';
import { type CommittedOp, FileWork, type OpenFile, type TextStep } from './file-work.ts';
import { demand, Refusal } from './refusal.ts';

/** Under which rules a batch is judged, and whose it is. */
export interface Rules {
  readonly policyMode: PolicyMode;
  /** Claims of others bind this caller. */
  readonly obeysClaims: boolean;
  /** Everything this caller sends counts as a patch. */
  readonly isAgent: boolean;
  readonly actor: IdentityHex;
  readonly limits: Limits;
  readonly nowMicros: bigint;
  /** Where the work of the call is counted. */
  readonly work: Work;
}

/** More than that is too much to move something over. */
export interface MostChanges {
  readonly changes: number;
  readonly characters: number;
}

/** What opening and checking needs of the rules. */
export type JudgingRules = Pick<Rules, 'limits' | 'work'>;

/** What judging reads of the world. */
export interface FileSource {
  /** Refuses with `no_such_file`, or when the caller may not edit that file. */
  open(fileId: number): OpenFile;
  /** Text-changing ops with versions above `after` and up to `upTo`, in order. */
  /** With `most`, reading stops behind the op that goes beyond it. */
  committed(
    fileId: number,
    after: number,
    upTo: number,
    most?: MostChanges,
  ): readonly CommittedOp[];
  /** The text at a version; `hash` is what history says of it. */
  textAt(fileId: number, version: number, hash: Uint8Array): Text;
  hashText(text: string): Uint8Array;
}

export interface PlannedOp extends TextStep {
  readonly op: SubmittedOp;
  readonly work: FileWork;
  readonly intent: Intent;
  readonly overwrote: readonly number[];
  readonly isRebased: boolean;
}

export interface TicketCause {
  /** Index of the op in the batch that could not be applied. */
  readonly index: number;
  readonly reason: TicketReason;
  readonly overlapping: readonly number[];
}

export type Plan =
  | {
      readonly tag: 'apply';
      readonly ops: readonly PlannedOp[];
      readonly works: readonly FileWork[];
    }
  | {
      readonly tag: 'ticket';
      readonly cause: TicketCause;
      readonly works: readonly FileWork[];
      /** What is proposed is not moved to the head: that would be too much work. */
      readonly isUnmoved?: true;
    };

/**
 * Decides what becomes of a batch and changes nothing: every op of it is applied, or the whole of
 * it becomes a ticket. Throws a `Refusal` for what no world accepts.
 */
export function planBatch(batch: Batch, rules: Rules, source: FileSource): Plan {
  try {
    return judgeBatch(batch, rules, source);
  } catch (error) {
    if (!(error instanceof TooMuchWork)) throw error;
    rules.work.allow(TICKET_WORK);
    return unjudgedBatch(batch, rules, source);
  }
}

/** A batch that is too much work to judge: it is kept for somebody to decide, as it was sent. */
export function unjudgedBatch(batch: Batch, rules: Rules, source: FileSource): Plan {
  const works = new Map<number, FileWork>();
  for (const op of batch.ops) {
    const work = works.get(op.fileId) ?? openUnmoved(op, rules, source);
    demandOneBase(op, work);
    works.set(op.fileId, work);
    const changes = checkedChanges(op, work, rules);
    work.ops.push(op);
    if (batch.ops.length > 1) work.advanceAuthor(changes);
  }
  const cause = { index: 0, reason: 'too_stale', overlapping: [] } as const;
  return { tag: 'ticket', cause, works: [...works.values()], isUnmoved: true };
}

function judgeBatch(batch: Batch, rules: Rules, source: FileSource): Plan {
  const works = new Map<number, FileWork>();
  const ops: PlannedOp[] = [];
  let cause: TicketCause | undefined;
  for (let index = 0; index < batch.ops.length; index++) {
    const op = batch.ops[index]!;
    const work = works.get(op.fileId) ?? openWork(op, rules, source);
    demandOneBase(op, work);
    works.set(op.fileId, work);
    const changes = checkedChanges(op, work, rules);
    work.ops.push(op);
    if (!cause) {
      const decided = decide(op, changes, work, rules, source);
      if ('reason' in decided) cause = { index, ...decided };
      else ops.push(decided);
    }
    if (batch.ops.length > 1) work.advanceAuthor(changes);
  }
  const all = [...works.values()];
  return cause ? { tag: 'ticket', cause, works: all } : { tag: 'apply', ops, works: all };
}

/** By that, too, a history tells where a batch ends. */
function demandOneBase(op: SubmittedOp, work: FileWork): void {
  const why = 'only the first op of a file in a batch names a base';
  demand(work.ops.length === 0 || op.expectedBaseVersion === 0, 'bad_range', why);
}

/** Opens the file of a batch's first op on it. Refuses a base that does not exist. */
export function openWork(op: SubmittedOp, rules: JudgingRules, source: FileSource): FileWork {
  const { limits, work: meter } = rules;
  const file = source.open(op.fileId);
  demand(file.kind === 'text', 'bad_text', 'the file is kept as binary; replace its content');
  const base = op.expectedBaseVersion;
  demand(base >= 1 && base <= file.version, 'bad_range', `the file has no version ${base}`);
  if (base === file.version) {
    return new FileWork(
      file,
      { version: base, text: file.text, between: [], isStale: false },
      meter,
    );
  }
  const isFar = file.version - base > limits.staleOps;
  const between = source.committed(op.fileId, base, isFar ? base + 1 : file.version, {
    changes: limits.staleChanges,
    characters: limits.staleBytes,
  });
  const text = source.textAt(op.fileId, base, between[0]!.beforeHash);
  const isStale = isFar || isTooMuch(between, limits);
  return new FileWork(file, { version: base, text, between, isStale }, meter);
}

/** Opens the file of an op that is not to be moved to the head: only its base is read. */
export function openUnmoved(op: SubmittedOp, rules: JudgingRules, source: FileSource): FileWork {
  return openWork(op, { ...rules, limits: { ...rules.limits, staleOps: 0 } }, source);
}

function isTooMuch(between: readonly CommittedOp[], limits: Limits): boolean {
  let changes = 0;
  let bytes = 0;
  for (const op of between) {
    if (op.replacesAll) return true;
    changes += op.changes.length;
    for (const change of op.changes) bytes += change.text.length;
  }
  return changes > limits.staleChanges || bytes > limits.staleBytes;
}

/** The changes of an op in normal form. Refuses those that do not fit the author's text. */
export function checkedChanges(op: SubmittedOp, work: FileWork, rules: JudgingRules): Changes {
  const { limits, work: meter } = rules;
  demand(op.changes.length <= limits.changesPerOp, 'too_many', 'too many changes in one op');
  demand(op.rangeHashes.length <= limits.rangeHashesPerOp, 'too_many', 'too many range hashes');
  demand(op.overlaps.length <= limits.overlapsPerOp, 'too_many', 'too many overlaps declared');
  demand(op.carriedFrom <= work.file.version, 'bad_range', 'carried from a version to come');
  const groups = work.authorText.groups.length;
  meter.spend(textUnits(op.changes.length + op.rangeHashes.length, groups));
  const fault = findFault(op.changes, work.authorText);
  if (fault === 'bad_text') throw new Refusal(fault, 'text must be Unicode with LF line ends');
  if (fault) throw new Refusal(fault, 'changes must be sorted, apart, and inside the base text');
  for (const range of op.rangeHashes) checkRange(range, work.authorText);
  return op.changes.length > 1 ? normalizeChanges(op.changes) : op.changes;
}

function checkRange(range: RangeHash, text: Text): void {
  const start = { line: range.startLine, character: range.startCharacter };
  const end = { line: range.endLine, character: range.endCharacter };
  const isOrdered =
    start.line < end.line || (start.line === end.line && start.character <= end.character);
  demand(
    isOrdered && text.contains(start) && text.contains(end),
    'bad_range',
    'a range hash names a range that is not in the base text',
  );
}

function decide(
  op: SubmittedOp,
  changes: Changes,
  work: FileWork,
  rules: Rules,
  source: FileSource,
): PlannedOp | Omit<TicketCause, 'index'> {
  if (work.file.deleted) return { reason: 'deleted', overlapping: [] };
  if (work.isStale) return { reason: 'too_stale', overlapping: [] };
  const carried = carriedOps(op, work, rules.limits, source);
  if (!carried) return { reason: 'too_stale', overlapping: [] };
  const intent = effectiveIntent(op, work, carried, rules);
  const found = intent === 'patch' ? carriedOverlaps(op, changes, work, carried, rules) : [];
  const declaredOverlaps = found.length > 0 ? [...op.overlaps, ...found] : op.overlaps;
  const judged = { changes, intent, declaredOverlaps };
  const verdict = judge(judged, work.between, rules.policyMode, work.reachOfBetween(), rules.work);
  if (rules.obeysClaims && work.claims.length > 0) {
    rules.work.spend(work.claims.length * (1 + verdict.changes.length));
    demandUnclaimed(verdict.changes, work, rules);
  }
  if (verdict.tag === 'ticket') {
    return { reason: verdict.reason, overlapping: verdict.overlapping };
  }
  if (!rangesHold(op.rangeHashes, work, source, rules.work))
    return { reason: 'range_changed', overlapping: [] };
  rules.work.spend(WORK_UNITS.op + byteUnits(opBytes(op)));
  const step = work.advanceHead(verdict.changes);
  demand(
    step.byteLength <= rules.limits.textFileBytes,
    'too_large',
    'the file would grow too large',
  );
  const isRebased = work.between.length > 0;
  return { ...step, op, work, intent, overwrote: verdict.overwrote, isRebased };
}

/** Ops that the author's side moved this op over before it was sent; undefined when too many. */
function carriedOps(
  op: SubmittedOp,
  work: FileWork,
  limits: Limits,
  source: FileSource,
): readonly CommittedOp[] | undefined {
  if (op.carriedFrom === 0 || op.carriedFrom >= work.baseVersion) return [];
  const count = work.baseVersion - op.carriedFrom;
  // Each op of the batch is compared with each of them.
  if (count > limits.staleOps || count * work.ops.length > CARRIED_WORK_LIMIT) return undefined;
  return source.committed(op.fileId, op.carriedFrom, work.baseVersion);
}

/** Typing that is old by the clock or by the number of ops may not merge as if it were fresh. */
function effectiveIntent(
  op: SubmittedOp,
  work: FileWork,
  carried: readonly CommittedOp[],
  rules: Rules,
): Intent {
  if (rules.isAgent || op.intent === 'patch') return 'patch';
  const { carriedMs, carriedOps: limit } = rules.limits;
  if (work.unseenCount + carried.length > limit) return 'patch';
  const since = carried[0]?.madeAtMicros ?? work.unseenSinceMicros;
  const isOld = since !== undefined && rules.nowMicros - since > BigInt(carriedMs) * 1000n;
  return isOld ? 'patch' : 'typing';
}

/**
 * The author's side split typing by character; where it counts as a patch, lines that others wrote
 * on in the meantime are overlaps too.
 */
function carriedOverlaps(
  op: SubmittedOp,
  changes: Changes,
  work: FileWork,
  carried: readonly CommittedOp[],
  rules: Rules,
): readonly number[] {
  const { actor } = rules;
  if (op.intent === 'patch' || carried.length === 0) return [];
  const lines = touchedLineRanges(changes);
  const { reach, ownShift } = work.reachOfCarried(carried, actor);
  if (isBeyondReach(reach, lines, ownShift + work.ownShift)) return [];
  // The author's own ops of this batch stand between the base and this one.
  const own = work.ops.slice(0, -1).map((earlier) => ({ opSeq: OWN, changes: earlier.changes }));
  for (const other of [...carried, ...own]) {
    rules.work.spend(WORK_UNITS.crossedOp + lines.length * other.changes.length);
  }
  const touching = opsTouchingLines([...carried, ...own], lines);
  if (touching.every((opSeq) => opSeq === OWN)) return [];
  const others = new Set(carried.filter((o) => o.actor !== actor).map((o) => o.opSeq));
  return touching.filter((opSeq) => others.has(opSeq));
}

function demandUnclaimed(changes: Changes, work: FileWork, rules: Rules): void {
  const claim = claimTouchedBy(changes, work.claims, rules.actor, rules.nowMicros);
  if (!claim) return;
  throw new Refusal('locked', 'somebody holds a lock on these lines', {
    lockId: claim.lockId,
    holder: claim.holder,
    firstLine: claim.firstLine,
    lastLine: claim.lastLine,
    expiresAtMicros: claim.expiresAtMicros.toString(),
  });
}

function rangesHold(
  ranges: readonly RangeHash[],
  work: FileWork,
  source: FileSource,
  meter: Meter,
): boolean {
  return ranges.every((range) => {
    for (const other of work.between) meter.spend(crossingUnits(2, other.changes.length, 0));
    let start = { line: range.startLine, character: range.startCharacter };
    let end = { line: range.endLine, character: range.endCharacter };
    for (const other of work.between) {
      start = mapPosition(start, other.changes, 'after');
      end = mapPosition(end, other.changes, 'before');
    }
    const isGone =
      end.line < start.line || (end.line === start.line && end.character < start.character);
    const text = isGone ? '' : work.text.slice(start, end);
    meter.spend(byteUnits(text.length));
    return sameBytes(source.hashText(text), range.hash);
  });
}

/** Text that a batch brings, in UTF-8 bytes. */
export function batchBytes(batch: Batch): number {
  return batch.ops.reduce((sum, op) => sum + opBytes(op), 0);
}

/** Text that an op brings. */
export function opBytes(op: Pick<SubmittedOp, 'changes'>): number {
  return op.changes.reduce((sum, change) => sum + utf8Length(change.text), 0);
}

/** Stands for the number of an op that has none yet. */
const OWN = 0;

/** Comparisons of carried ops that one file of a batch may cost. */
const CARRIED_WORK_LIMIT = 200_000;
