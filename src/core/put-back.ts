import type { Origin } from './origin.ts';
import { type Strand, writerOf } from './strand.ts';
import type { WovenText } from './woven-text.ts';

/** So far around what somebody wrote it is looked for what had been deleted there, in strands on each side. */
const REACH = 128;
/** Of the ops that deleted something there the newest ones are looked at. */
const MOST_MOMENTS = 32;

type Is = (origin: Origin) => boolean;

/** Whose deletions are meant, and which ops of others do not count, since they only do what was decided. */
export interface PutBackQuestion {
  readonly isTaken: Is;
  readonly isRestoring?: Is | undefined;
}

/**
 * The strands that some ops deleted and somebody else has written anew since, in the very place where they stood.
 * It follows from the ops alone, and what once was put back is so for ever: who deletes it again did that. So it
 * does not depend on what is decided beside it, or on when it is asked.
 */
export function putBackStrands(woven: WovenText, question: PutBackQuestion): ReadonlySet<Strand> {
  return new PutBackFinder(question).find(woven);
}

/** Asks the same of one text again and again: where nothing was done since, it is not looked for anew. */
export class PutBackFinder {
  readonly #question: PutBackQuestion;
  /** What was found among touched lines in a row, by the first of them. A line that is touched is another one then. */
  readonly #known = new WeakMap<TouchedLine, FoundAmong>();

  constructor(question: PutBackQuestion) {
    this.#question = question;
  }

  find(woven: WovenText): ReadonlySet<Strand> {
    const found = new Set<Strand>();
    let lines: TouchedLine[] = [];
    const end = (): void => {
      if (lines.length === 0) return;
      for (const strand of this.#foundAmong(lines)) found.add(strand);
      lines = [];
    };
    // Where nothing ever happened every place ends.
    for (const line of woven.lines()) {
      if (typeof line === 'string') end();
      else lines.push(line);
    }
    end();
    return found;
  }

  #foundAmong(lines: readonly TouchedLine[]): ReadonlySet<Strand> {
    const known = this.#known.get(lines[0]!);
    if (known && areSame(known.lines, lines)) return known.strands;
    const strands = new Run(lines.flat(), this.#question).look();
    this.#known.set(lines[0]!, { lines, strands });
    return strands;
  }
}

type TouchedLine = readonly Strand[];

interface FoundAmong {
  readonly lines: readonly TouchedLine[];
  readonly strands: ReadonlySet<Strand>;
}

function areSame(a: readonly TouchedLine[], b: readonly TouchedLine[]): boolean {
  return a.length === b.length && a.every((line, at) => line === b[at]);
}

/** What is asked of a strand over and over, worked out once. Ops are told by their numbers. */
interface Known {
  readonly strand: Strand;
  /** The op that brought it, and the one that took it away: before and after all others, where there is none. */
  readonly insertedBy: number;
  readonly deletedBy: number;
  /** Deleted by one of the ops, and not brought by one. */
  readonly isDeletion: boolean;
  /** Brought by somebody else who did not only do what was decided. */
  readonly isWritten: boolean;
  /** Taken away by one of the ops: of what others wrote, that is a deletion of its own. */
  readonly isTakenAway: boolean;
}

/** Strands in a row, of which each piece that others wrote puts back at most what it fits first. */
class Run {
  readonly #all: readonly Known[];
  readonly #found = new Set<Strand>();
  /** Written strands that have put back something: no second piece of one op does that once more. */
  readonly #used = new Set<Strand>();

  constructor(strands: readonly Strand[], { isTaken, isRestoring }: PutBackQuestion) {
    this.#all = strands.map((strand): Known => {
      const { insertedBy, deletedBy } = strand;
      const writer = writerOf(strand);
      const isInsertionTaken = writer !== undefined && isTaken(writer);
      const isTakenAway = deletedBy !== undefined && isTaken(deletedBy);
      return {
        strand,
        insertedBy: insertedBy?.opSeq ?? -1,
        deletedBy: deletedBy?.opSeq ?? Infinity,
        isDeletion: isTakenAway && !isInsertionTaken,
        isWritten:
          insertedBy !== undefined && !isInsertionTaken && isRestoring?.(insertedBy) !== true,
        isTakenAway,
      };
    });
  }

  look(): ReadonlySet<Strand> {
    const all = this.#all;
    if (!all.some(({ isDeletion }) => isDeletion)) return this.#found;
    const written = [...all.keys()].filter((at) => all[at]!.isWritten);
    written.sort((a, b) => all[a]!.insertedBy - all[b]!.insertedBy);
    for (const at of written) this.#lookAt(at);
    return this.#found;
  }

  /** Looks what was put back when the strand at an index was written. */
  #lookAt(at: number): void {
    const { strand, insertedBy: moment } = this.#all[at]!;
    if (this.#used.has(strand)) return;
    for (const since of this.#momentsAround(at, moment)) {
      const [start, end] = this.#placeAround(at, since, moment);
      const open = this.#deletedIn(start, end, since);
      for (const text of open.length === 0 ? [] : this.#textsWritten(start, end, since, moment)) {
        const run = runWith(open, text);
        for (const each of run) this.#found.add(each);
        if (run.length === 0) continue;
        for (let index = start; index < end; index++) {
          const each = this.#all[index]!;
          if (each.insertedBy === moment) this.#used.add(each.strand);
        }
        return;
      }
    }
  }

  /** The ops that deleted something around a place before an op, the newest first. */
  #momentsAround(at: number, moment: number): readonly number[] {
    const [start, end] = this.#placeAround(at, 0, moment);
    const moments = new Set<number>();
    for (let index = start; index < end; index++) {
      const { isDeletion, deletedBy } = this.#all[index]!;
      if (isDeletion && deletedBy < moment) moments.add(deletedBy);
    }
    return [...moments].sort((a, b) => b - a).slice(0, MOST_MOMENTS);
  }

  /** What had been deleted in a place by then and is still to be put back. */
  #deletedIn(start: number, end: number, since: number): readonly Strand[] {
    const open: Strand[] = [];
    for (let index = start; index < end; index++) {
      const { isDeletion, deletedBy, strand } = this.#all[index]!;
      if (isDeletion && deletedBy <= since && !this.#found.has(strand)) open.push(strand);
    }
    return open;
  }

  /** What was written in a place since it was emptied: with one op, and with all until then. */
  #textsWritten(start: number, end: number, since: number, moment: number): Iterable<string> {
    let own = '';
    let there = '';
    for (let index = start; index < end; index++) {
      const { isWritten, insertedBy, deletedBy, isTakenAway, strand } = this.#all[index]!;
      if (!isWritten || insertedBy <= since || insertedBy > moment) continue;
      if (insertedBy === moment) own += strand.text;
      if (deletedBy > moment || isTakenAway) there += strand.text;
    }
    return new Set([own, there]);
  }

  /** From the first up to before the last strand of a place. */
  #placeAround(at: number, since: number, moment: number): readonly [start: number, end: number] {
    const first = Math.max(0, at - REACH);
    const last = Math.min(this.#all.length - 1, at + REACH);
    let [start, end] = [at, at + 1];
    while (start > first && !isWall(this.#all[start - 1]!, since, moment)) start -= 1;
    while (end <= last && !isWall(this.#all[end]!, since, moment)) end += 1;
    return [start, end];
  }
}

/**
 * True for what was there before an op and stayed until after a later one: what stands on its two sides stands in two
 * places. What the op brought itself stands where it deleted something, and not beside it.
 */
function isWall({ insertedBy, deletedBy }: Known, since: number, moment: number): boolean {
  return deletedBy > moment && insertedBy < since;
}

/** The first strands in a row that make a text. */
function runWith(strands: readonly Strand[], text: string): readonly Strand[] {
  if (text === '') return [];
  for (let start = 0; start < strands.length; start++) {
    let length = 0;
    for (let end = start; end < strands.length && length < text.length; end++) {
      const { text: piece } = strands[end]!;
      if (!text.startsWith(piece, length)) break;
      length += piece.length;
      if (length === text.length) return strands.slice(start, end + 1);
    }
  }
  return [];
}
