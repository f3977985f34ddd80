import { type Changes, normalizeChanges, replace } from './change.ts';
import type { Origin } from './origin.ts';
import { endOfInserted, type Position } from './position.ts';
import { putBackStrands } from './put-back.ts';
import { type StrandSource, sourcesOf } from './returned-strands.ts';
import { joinedPieces, movedReturns, type ReturnedText } from './returned-text.ts';
import type { Text } from './text.ts';
import { isDeletedBy, isInsertedBy, isThere, type Strand, writerOf } from './strand.ts';
import { WovenText } from './woven-text.ts';

/** One op of a file, in order. */
export interface WovenOp {
  readonly origin: Origin;
  /** The version that it made; where it is not told nobody is told where deleted text stood. */
  readonly version?: number;
  readonly changes: Changes;
  /** The number of the decision before it that it does; it only brings back what had gone, where that stood. */
  readonly decision?: number | undefined;
}

/** Text of others inside, or in place of, what would be taken back. In the head's coordinates. */
export interface BuiltOn {
  readonly origin: Origin;
  readonly start: Position;
  readonly end: Position;
  readonly text: string;
}

/** One place where the taken ops left their mark. In the head's coordinates. */
export interface TakeBackHunk {
  readonly start: Position;
  readonly end: Position;
  /** Text of theirs that is there and would go, and text they deleted that would come back. */
  readonly removed: string;
  readonly restored: string;
  /** The first and the last of the taken ops. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** What others wrote there since; it stays unless it is chosen. */
  readonly builtOn: readonly BuiltOn[];
  /** Who deleted or replaced some of the taken text since. */
  readonly overwrittenBy: readonly Origin[];
  readonly steps: readonly TakeBackStep[];
}

/** In order; `others` is left alone unless it is chosen. */
export interface TakeBackStep {
  readonly tag: 'remove' | 'restore' | 'others';
  readonly start: Position;
  readonly end: Position;
  readonly text: string;
  /** Whose doing it is: who brought text that would go, who took away text that would come back. */
  readonly by: Origin;
  /** Where it stands in all that this op brought, or took away: so equal pieces of one op are told apart. */
  readonly at: number;
  /** Where restored text stood before it was deleted. */
  readonly source?: StrandSource | undefined;
}

/** What is to be done about a hunk: leave it, take it back, or what others built on it with it. */
export type TakeBackChoice = 'keep' | 'take' | 'take_all';

/** True when nobody else wrote into the text, or over it. */
export function isClean({ builtOn, overwrittenBy }: TakeBackHunk): boolean {
  return builtOn.length === 0 && overwrittenBy.length === 0;
}

/**
 * What is left of some ops in the text that all of them lead to, and what taking it back would do.
 * What others wrote since is never part of it, but told where it stands inside.
 */
export function planTakeBack(
  base: Text,
  ops: Iterable<WovenOp>,
  isTaken: (origin: Origin) => boolean,
): readonly TakeBackHunk[] {
  const woven = WovenText.of(base);
  const versions = new Map<number, number>();
  for (const { origin, changes, version } of ops) {
    woven.apply(changes, origin);
    if (version !== undefined) versions.set(origin.opSeq, version);
  }
  const sources = sourcesOf(woven, isTaken, (opSeq) => versions.get(opSeq));
  return hunksIn(woven, isTaken, { sources, putBack: putBackStrands(woven, { isTaken }) });
}

/** What is known of the strands of a text: where those that went stood, and what others have put back of them. */
export interface KnownStrands {
  readonly sources: ReadonlyMap<Strand, StrandSource>;
  readonly putBack: ReadonlySet<Strand>;
}

/** What is left of some ops in a text that was folded already. What others have put back is not left. */
export function hunksIn(
  woven: WovenText,
  isTaken: (origin: Origin) => boolean,
  known: KnownStrands,
): readonly TakeBackHunk[] {
  const finder = new HunkFinder(isTaken, known);
  woven.lines().forEach((line, number) => {
    if (typeof line === 'string') finder.passUntouched(number);
    else for (const strand of line) finder.pass(strand);
  });
  return joinedByLine(finder.finish());
}

/**
 * Strands in a row that are looked at by themselves, whoever looks: what was there at first, and still is, stands on
 * both sides.
 */
export interface WovenPlace {
  readonly start: Position;
  readonly strands: readonly Strand[];
}

/** What is left of some ops at one place, before what is on one line is joined. */
export function hunksAt(
  { start, strands }: WovenPlace,
  isTaken: (origin: Origin) => boolean,
  known: KnownStrands,
): readonly TakeBackHunk[] {
  const finder = new HunkFinder(isTaken, known, start);
  for (const strand of strands) finder.pass(strand);
  return finder.finish();
}

/** The changes of the head that do what was chosen; `choices` in the order of `hunks`. */
export function takeBackChanges(
  hunks: readonly TakeBackHunk[],
  choices: readonly TakeBackChoice[],
): Changes {
  return takeBackEdit(hunks, choices).changes;
}

/** The same, and which pieces of their text stood in which version, and where. */
export function takeBackEdit(
  hunks: readonly TakeBackHunk[],
  choices: readonly TakeBackChoice[],
): { readonly changes: Changes; readonly returned: readonly ReturnedText[] } {
  const chosen = hunks.flatMap(({ steps }, index) => {
    const choice = choices[index] ?? 'keep';
    if (choice === 'keep') return [];
    return steps.filter(({ tag }) => tag !== 'others' || choice === 'take_all');
  });
  const all = chosen.map(({ tag, start, end, text }) =>
    replace(start, end, tag === 'restore' ? text : ''),
  );
  const pieces = chosen.flatMap(({ source, text }, change) => {
    if (!source) return [];
    const { version, from } = source;
    const place = { fromLine: from.line, fromCharacter: from.character };
    return [{ change, at: 0, length: text.length, version, ...place }];
  });
  const changes = normalizeChanges(all);
  return { changes, returned: joinedPieces(movedReturns(pieces, all, changes), changes) };
}

type Fate =
  | 'removed'
  | 'restored'
  /** Inserted by a taken op and deleted by somebody else. */
  | 'overwritten'
  /** Others' text that is there. */
  | 'theirs'
  /** Text from before that is there. */
  | 'base'
  /** Not there, whether the ops are taken back or not. */
  | 'gone';

interface Passed {
  readonly strand: Strand;
  readonly start: Position;
  readonly end: Position;
}

/** Walks over all strands and gathers those in a row that belong together. */
class HunkFinder {
  readonly #isTaken: (origin: Origin) => boolean;
  readonly #sources: ReadonlyMap<Strand, StrandSource>;
  readonly #putBack: ReadonlySet<Strand>;
  readonly #hunks: TakeBackHunk[] = [];
  #place: Position;
  #open: HunkBuilder | undefined;
  /** Others' text that was passed since something of the hunk, or of none. */
  #theirs: Passed[] = [];

  constructor(
    isTaken: (origin: Origin) => boolean,
    { sources, putBack }: KnownStrands,
    start: Position = { line: 0, character: 0 },
  ) {
    this.#place = start;
    this.#isTaken = isTaken;
    this.#sources = sources;
    this.#putBack = putBack;
  }

  passUntouched(line: number): void {
    this.#close();
    this.#place = { line: line + 1, character: 0 };
  }

  pass(strand: Strand): void {
    const start = this.#place;
    const end = isThere(strand) ? endOfInserted(start, strand.text) : start;
    this.#place = end;
    const fate = this.#fateOf(strand);
    if (fate === 'gone') return;
    if (fate === 'base') this.#close();
    else if (fate === 'theirs') this.#theirs.push({ strand, start, end });
    else this.#touch(fate, { strand, start, end });
  }

  finish(): readonly TakeBackHunk[] {
    this.#close();
    return this.#hunks;
  }

  #fateOf(strand: Strand): Fate {
    const { deletedBy } = strand;
    const writer = writerOf(strand);
    const isOurs = isInsertedBy(strand, this.#isTaken);
    // What was kept is as if it had always been there: nobody built it on what is looked at now.
    const isBase = !writer || this.#isTaken(writer);
    if (!deletedBy) return isOurs ? 'removed' : isBase ? 'base' : 'theirs';
    const goneByUs = isDeletedBy(strand, this.#isTaken);
    if (isOurs) return goneByUs ? 'gone' : 'overwritten';
    return goneByUs && !this.#putBack.has(strand) ? 'restored' : 'gone';
  }

  #touch(fate: 'removed' | 'restored' | 'overwritten', passed: Passed): void {
    const { strand } = passed;
    const by = fate === 'restored' ? strand.deletedBy! : writerOf(strand)!;
    const isInside = (each: Passed): boolean =>
      seqOf(each) > by.opSeq && (!this.#open || seqOf(each) > this.#open.lastBy);
    if (this.#open && !this.#theirs.every(isInside)) this.#close();
    if (!this.#open) {
      this.#open = new HunkBuilder();
      // Whoever writes where something was deleted stands before it.
      const before = fate === 'restored' ? runBefore(this.#theirs, by.opSeq) : [];
      for (const each of before) this.#open.addOthers(each);
    } else {
      for (const each of this.#theirs) this.#open.addOthers(each);
    }
    this.#theirs = [];
    this.#open.add(fate, passed, by, this.#sources.get(strand));
  }

  #close(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open) {
      for (const each of runAfter(this.#theirs, open)) open.addOthers(each);
      const hunk = open.finish();
      if (hunk) this.#hunks.push(hunk);
    }
    this.#theirs = [];
  }
}

function seqOf({ strand }: Passed): number {
  return writerOf(strand)!.opSeq;
}

/** Others' text that ends here, of one author, newer than what was deleted here. */
function runBefore(theirs: readonly Passed[], deletedBySeq: number): readonly Passed[] {
  const last = theirs.at(-1);
  const author = last && writerOf(last.strand)?.author;
  const first = theirs.findLastIndex(
    (each) => writerOf(each.strand)?.author !== author || seqOf(each) < deletedBySeq,
  );
  return theirs.slice(first + 1);
}

/** Others' text that follows what they replaced, or what was deleted, and is newer. */
function runAfter(theirs: readonly Passed[], open: HunkBuilder): readonly Passed[] {
  const since = open.openEndSeq;
  if (since === undefined) return [];
  const author = theirs[0] && writerOf(theirs[0].strand)?.author;
  const end = theirs.findIndex(
    (each) => writerOf(each.strand)?.author !== author || seqOf(each) < since,
  );
  return end < 0 ? theirs : theirs.slice(0, end);
}

class HunkBuilder {
  readonly #steps: TakeBackStep[] = [];
  readonly #builtOn: BuiltOn[] = [];
  readonly #overwrittenBy = new Map<string, Origin>();
  #firstSeq = Number.MAX_SAFE_INTEGER;
  #lastSeq = 0;
  /** The op that the part passed last is due to. */
  lastBy = 0;
  /** What is written directly behind counts as written in its place, if it is as new as this op. */
  openEndSeq: number | undefined;

  add(
    fate: 'removed' | 'restored' | 'overwritten',
    passed: Passed,
    by: Origin,
    source?: StrandSource,
  ): void {
    const { strand, start, end } = passed;
    this.#firstSeq = Math.min(this.#firstSeq, by.opSeq);
    this.#lastSeq = Math.max(this.#lastSeq, by.opSeq);
    this.lastBy = by.opSeq;
    this.openEndSeq = fate === 'removed' ? undefined : strand.deletedBy!.opSeq;
    if (fate === 'overwritten') {
      this.#overwrittenBy.set(strand.deletedBy!.author, strand.deletedBy!);
      return;
    }
    const { text, deletedAt = 0 } = strand;
    const { insertedAt = 0 } = strand.again ?? strand;
    if (fate === 'removed') {
      this.#steps.push({ tag: 'remove', start, end, text, by, at: insertedAt });
    } else this.#steps.push({ tag: 'restore', start, end, text, by, at: deletedAt, source });
  }

  addOthers({ strand, start, end }: Passed): void {
    const { text } = strand;
    const { insertedAt = 0 } = strand.again ?? strand;
    const origin = writerOf(strand)!;
    this.#steps.push({ tag: 'others', start, end, text, by: origin, at: insertedAt });
    const last = this.#builtOn.at(-1);
    if (last?.origin.author === origin.author && sameEnd(last.end, start)) {
      const newest = origin.opSeq > last.origin.opSeq ? origin : last.origin;
      this.#builtOn[this.#builtOn.length - 1] = {
        ...last,
        origin: newest,
        end,
        text: last.text + text,
      };
    } else {
      this.#builtOn.push({ origin, start, end, text });
    }
  }

  /** Undefined when there is nothing left to take back. */
  finish(): TakeBackHunk | undefined {
    const steps = this.#steps;
    if (!steps.some(({ tag }) => tag !== 'others')) return undefined;
    return {
      start: steps[0]!.start,
      end: steps.at(-1)!.end,
      removed: textOf(steps, 'remove'),
      restored: textOf(steps, 'restore'),
      firstSeq: this.#firstSeq,
      lastSeq: this.#lastSeq,
      builtOn: this.#builtOn,
      overwrittenBy: [...this.#overwrittenBy.values()],
      steps,
    };
  }
}

function textOf(steps: readonly TakeBackStep[], tag: TakeBackStep['tag']): string {
  return steps.map((step) => (step.tag === tag ? step.text : '')).join('');
}

function sameEnd(a: Position, b: Position): boolean {
  return a.line === b.line && a.character === b.character;
}

/** One hunk for what is on one line, and for clean ones on lines in a row. */
function joinedByLine(hunks: readonly TakeBackHunk[]): readonly TakeBackHunk[] {
  const result: TakeBackHunk[] = [];
  for (const hunk of hunks) {
    const last = result.at(-1);
    const gap = last ? hunk.start.line - last.end.line : 2;
    const belongs = gap <= 0 || (gap === 1 && isClean(hunk) && last !== undefined && isClean(last));
    if (last && belongs) result[result.length - 1] = joinedHunk(last, hunk);
    else result.push(hunk);
  }
  return result;
}

function joinedHunk(a: TakeBackHunk, b: TakeBackHunk): TakeBackHunk {
  return {
    start: a.start,
    end: b.end,
    removed: joinedText(a.removed, b.removed),
    restored: joinedText(a.restored, b.restored),
    firstSeq: Math.min(a.firstSeq, b.firstSeq),
    lastSeq: Math.max(a.lastSeq, b.lastSeq),
    builtOn: [...a.builtOn, ...b.builtOn],
    overwrittenBy: [...a.overwrittenBy, ...b.overwrittenBy],
    steps: [...a.steps, ...b.steps],
  };
}

function joinedText(a: string, b: string): string {
  return a === '' || b === '' ? a + b : `${a} … ${b}`;
}
