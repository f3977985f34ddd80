import type { Origin } from './origin.ts';
import { endOfInserted, type Position } from './position.ts';
import { PutBackFinder, type PutBackQuestion } from './put-back.ts';
import { sourcesOf, type StrandSource } from './returned-strands.ts';
import { hunksAt, hunksIn, type TakeBackHunk, type WovenOp, type WovenPlace } from './take-back.ts';
import { Text } from './text.ts';
import {
  isDeletedBy,
  isInsertedBy,
  isThere,
  type Strand,
  type StrandDecision,
  wasThere,
  writerOf,
} from './strand.ts';
import { WovenText } from './woven-text.ts';

/**
 * Somebody looked at what certain ops had done to these lines of a version, and decided about it. Numbers of decisions
 * rise; that of all lines that are decided at once is the same.
 */
export interface DecidedLines extends StrandDecision {
  readonly version: number;
  /** The first and the last of them; of a whole file the last may lie beyond its end. */
  readonly startLine: number;
  readonly endLine: number;
}

/**
 * A text that is looked at, with what was done to it since a version and what people decided of that. Ops come in
 * order, and each costs the lines that it touches; decisions come in any order, about versions that ops made.
 */
export class ReviewText {
  readonly #base: Text;
  readonly #ops: WovenOp[];
  readonly #decisions: DecidedLines[];
  readonly #versions: Map<number, number>;
  readonly #finder: PutBackFinder;
  /** Undefined where it has to be folded again. */
  #woven: WovenText | undefined;
  /** What was put back in the text as it is folded now: whoever asks for the work of each turn asks it each time. */
  #putBack: ReadonlySet<Strand> | undefined;
  #text: Text;

  private constructor(
    base: Text,
    ops: WovenOp[],
    decisions: DecidedLines[],
    woven: WovenText | undefined,
    text: Text,
    finder: PutBackFinder,
  ) {
    this.#base = base;
    this.#ops = ops;
    this.#decisions = decisions;
    this.#versions = new Map(ops.map(({ origin, version }) => [origin.opSeq, version!]));
    this.#woven = woven;
    this.#text = text;
    this.#finder = finder;
  }

  /** What somebody has put back of what the ops of `putBack` deleted is nothing to look at any more. */
  static of(base: Text, putBack: PutBackQuestion): ReviewText {
    return new ReviewText(base, [], [], WovenText.of(base), base, new PutBackFinder(putBack));
  }

  /** The text after the last op. */
  get text(): Text {
    return this.#text;
  }

  /** How many ops and decisions it keeps. */
  get size(): number {
    return this.#ops.length + this.#decisions.length;
  }

  /** Takes the op that comes next. Throws RangeError when its changes leave the text. */
  add(op: WovenOp & { readonly version: number }): void {
    this.#putBack = undefined;
    this.#text = this.#text.apply(op.changes);
    if (this.#woven) this.#apply(this.#woven, op);
    this.#ops.push(op);
    this.#versions.set(op.origin.opSeq, op.version);
  }

  /** What was decided about a version before the first op is of no matter any more. */
  decide(decision: DecidedLines): void {
    this.#putBack = undefined;
    this.#decisions.push(decision);
    const { version, startLine, endLine } = decision;
    const isNewest = version === this.#ops.at(-1)?.version;
    if (isNewest) this.#woven?.decide(startLine, endLine, decision);
    else if (version >= (this.#ops[0]?.version ?? Infinity)) this.#woven = undefined;
  }

  /** The same with more decided; this one stays as it is. */
  decided(more: Iterable<DecidedLines>): ReviewText {
    const copy = new ReviewText(
      this.#base,
      [...this.#ops],
      [...this.#decisions],
      this.#folded().clone(),
      this.#text,
      this.#finder,
    );
    for (const decision of more) copy.decide(decision);
    return copy;
  }

  /**
   * Where certain ops left their mark and nobody has decided about it, without what somebody has put back: whose work
   * is asked for makes no difference to that. Where the text stood that would come back is told to whoever takes back.
   */
  hunks(
    isWanted: (origin: Origin) => boolean,
    { withSources = false }: { readonly withSources?: boolean } = {},
  ): readonly TakeBackHunk[] {
    const woven = this.#folded();
    const versionOf = (opSeq: number): number | undefined => this.#versions.get(opSeq);
    const sources = withSources ? sourcesOf(woven, isWanted, versionOf) : NO_SOURCES;
    return hunksIn(woven, isWanted, { sources, putBack: this.#allPutBack() });
  }

  /** The places where something ever happened, from the first on. */
  *places(): Generator<WovenPlace> {
    let at: Position = { line: 0, character: 0 };
    let [start, strands]: [Position, Strand[]] = [at, []];
    for (const line of this.#folded().lines()) {
      for (const strand of typeof line === 'string' ? [] : line) {
        const isBetween = isThere(strand) && writerOf(strand) === undefined;
        if (isBetween && strands.length > 0) yield { start, strands };
        if (isBetween) strands = [];
        else if (strands.push(strand) === 1) start = at;
        if (isThere(strand)) at = endOfInserted(at, strand.text);
      }
      if (typeof line !== 'string') continue;
      if (strands.length > 0) yield { start, strands };
      strands = [];
      at = { line: at.line + 1, character: 0 };
    }
    if (strands.length > 0) yield { start, strands };
  }

  /** As `hunks`, at one place, before what is on one line is joined. */
  hunksAt(place: WovenPlace, isWanted: (origin: Origin) => boolean): readonly TakeBackHunk[] {
    return hunksAt(place, isWanted, { sources: NO_SOURCES, putBack: this.#allPutBack() });
  }

  isPutBack(strand: Strand): boolean {
    return this.#allPutBack().has(strand);
  }

  #allPutBack(): ReadonlySet<Strand> {
    return (this.#putBack ??= this.#finder.find(this.#folded()));
  }

  /** The text after an op, of those that were taken in, or before the first: nothing of it is forgotten. */
  textAt(opSeq: number): Text {
    const lines = this.#folded().lines();
    const parts: string[] = [];
    for (const [number, line] of lines.entries()) {
      if (typeof line === 'string') parts.push(number < lines.length - 1 ? `${line}\n` : line);
      else for (const strand of line) if (wasThere(strand, opSeq)) parts.push(strand.text);
    }
    return Text.of(parts.join(''));
  }

  /**
   * Pairs of ops, an earlier one and a later one, of which the earlier is not to be settled while something of the
   * later is to be looked at: the later took away what the earlier brought, none of it decided; or both acted at one
   * place, where what the later brought is back, or what it took away is gone. Whoever folds from behind the earlier
   * one would not find what came back at its place.
   */
  inseparable(isWanted: (origin: Origin) => boolean): readonly (readonly [number, number])[] {
    const pairs: (readonly [number, number])[] = [];
    let back = new Set<number>();
    let open = 0;
    const endPlace = (): void => {
      for (const earlier of back) if (earlier < open) pairs.push([earlier, open]);
      back = new Set();
      open = 0;
    };
    for (const line of this.#folded().lines()) {
      for (const strand of typeof line === 'string' ? [] : line) {
        const { again, deletedBy } = strand;
        if (!again && !deletedBy) endPlace();
        const writer = writerOf(strand)?.opSeq;
        if (again?.deletedBy) {
          back.add(again.deletedBy.opSeq);
          if (isInsertedBy(strand, isWanted)) open = Math.max(open, writer!);
        }
        if (!deletedBy) continue;
        back.add(deletedBy.opSeq);
        if (writer !== undefined) back.add(writer);
        if (!isDeletedBy(strand, isWanted)) continue;
        open = Math.max(open, deletedBy.opSeq);
        if (isInsertedBy(strand, isWanted)) pairs.push([writer!, deletedBy.opSeq]);
      }
      if (typeof line === 'string') endPlace();
    }
    endPlace();
    return pairs;
  }

  #folded(): WovenText {
    if (this.#woven) return this.#woven;
    const woven = WovenText.of(this.#base);
    const decisions = Map.groupBy(this.#decisions, ({ version }) => version);
    for (const op of this.#ops) {
      this.#apply(woven, op);
      for (const each of decisions.get(op.version!) ?? []) {
        woven.decide(each.startLine, each.endLine, each);
      }
    }
    return (this.#woven = woven);
  }

  #apply(woven: WovenText, { changes, origin, decision }: WovenOp): void {
    const putBack = (): ReadonlySet<Strand> => this.#finder.find(woven);
    woven.apply(changes, origin, decision === undefined ? undefined : { decision, putBack });
  }
}

const NO_SOURCES: ReadonlyMap<Strand, StrandSource> = new Map();

/**
 * The lines that somebody decides who keeps a hunk or takes it back: the first and the last one on which the wanted
 * ops left their mark. What others wrote around it may reach into the next hunk.
 */
export function decidedLines({ steps }: Pick<TakeBackHunk, 'steps'>): {
  readonly startLine: number;
  readonly endLine: number;
} {
  const own = steps.filter(({ tag }) => tag !== 'others');
  return { startLine: own[0]!.start.line, endLine: own.at(-1)!.end.line };
}
