import type { Origin } from './origin.ts';
import type { Strand, WovenText } from './woven-text.ts';

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
  const found = new Set<Strand>();
  let run: Strand[] = [];
  for (const line of woven.lines()) {
    // Where nothing ever happened every place ends.
    if (typeof line !== 'string') for (const strand of line) run.push(strand);
    else if (run.length > 0) {
      new Run(run, question, found).look();
      run = [];
    }
  }
  new Run(run, question, found).look();
  return found;
}

/** Strands in a row, of which each piece that others wrote puts back at most what it fits first. */
class Run {
  readonly #strands: readonly Strand[];
  readonly #question: PutBackQuestion;
  readonly #found: Set<Strand>;
  /** Written strands that have put back something: no second piece of one op does that once more. */
  readonly #used = new Set<Strand>();

  constructor(strands: readonly Strand[], question: PutBackQuestion, found: Set<Strand>) {
    this.#strands = strands;
    this.#question = question;
    this.#found = found;
  }

  look(): void {
    const strands = this.#strands;
    if (!strands.some((strand) => this.#isDeletion(strand))) return;
    const written = [...strands.keys()].filter((at) => this.#isWritten(strands[at]!, 0));
    const seqAt = (at: number): number => strands[at]!.insertedBy!.opSeq;
    for (const at of written.sort((a, b) => seqAt(a) - seqAt(b))) this.#lookAt(at);
  }

  /** Looks what was put back when the strand at an index was written. */
  #lookAt(at: number): void {
    const strand = this.#strands[at]!;
    if (this.#used.has(strand)) return;
    const moment = strand.insertedBy!.opSeq;
    const near = this.#placeAround(at, 0, moment);
    const seqs = near.flatMap((each) => (this.#isDeletion(each) ? [each.deletedBy!.opSeq] : []));
    const moments = [...new Set(seqs)].filter((seq) => seq < moment).sort((a, b) => b - a);
    for (const since of moments.slice(0, MOST_MOMENTS)) {
      const place = this.#placeAround(at, since, moment);
      const open = place.filter((each) => {
        return this.#isDeletion(each) && each.deletedBy!.opSeq <= since;
      });
      for (const text of this.#textsWritten(place, since, moment)) {
        const run = runWith(
          open.filter((each) => !this.#found.has(each)),
          text,
        );
        for (const each of run) this.#found.add(each);
        if (run.length === 0) continue;
        for (const each of place) if (each.insertedBy?.opSeq === moment) this.#used.add(each);
        return;
      }
    }
  }

  /** What was written in a place since it was emptied: with one op, and with all until then. */
  #textsWritten(place: readonly Strand[], since: number, moment: number): Iterable<string> {
    const { isTaken } = this.#question;
    const written = place.filter((strand) => this.#isWritten(strand, since));
    const own = written.filter(({ insertedBy }) => insertedBy!.opSeq === moment);
    // What an agent took away of it later is a deletion of its own.
    const there = written.filter(({ insertedBy, deletedBy }) => {
      const isGone = deletedBy !== undefined && !isTaken(deletedBy) && deletedBy.opSeq <= moment;
      return insertedBy!.opSeq <= moment && !isGone;
    });
    return new Set([textOf(own), textOf(there)]);
  }

  #placeAround(at: number, since: number, moment: number): readonly Strand[] {
    const isEnd = (index: number): boolean => {
      const strand = this.#strands[index];
      return !strand || Math.abs(index - at) > REACH || isWall(strand, since, moment);
    };
    let [start, end] = [at, at + 1];
    while (!isEnd(start - 1)) start -= 1;
    while (!isEnd(end)) end += 1;
    return this.#strands.slice(start, end);
  }

  /** Deleted by one of the ops, and not brought by one. */
  #isDeletion({ deletedBy, insertedBy }: Strand): boolean {
    const { isTaken } = this.#question;
    return deletedBy !== undefined && isTaken(deletedBy) && !(insertedBy && isTaken(insertedBy));
  }

  #isWritten({ insertedBy }: Strand, since: number): boolean {
    const { isTaken, isRestoring } = this.#question;
    if (!insertedBy || insertedBy.opSeq <= since || isTaken(insertedBy)) return false;
    return isRestoring?.(insertedBy) !== true;
  }
}

/**
 * True for what was there before an op and stayed until after a later one: what stands on its two sides stands in two
 * places. What the op brought itself stands where it deleted something, and not beside it.
 */
function isWall({ insertedBy, deletedBy }: Strand, since: number, moment: number): boolean {
  const isStill = deletedBy === undefined || deletedBy.opSeq > moment;
  return isStill && (insertedBy === undefined || insertedBy.opSeq < since);
}

/** The first strands in a row that make a text. */
function runWith(strands: readonly Strand[], text: string): readonly Strand[] {
  if (text === '') return [];
  for (let start = 0; start < strands.length; start++) {
    let made = '';
    for (let end = start; end < strands.length && made.length < text.length; end++) {
      made += strands[end]!.text;
      if (made === text) return strands.slice(start, end + 1);
    }
  }
  return [];
}

function textOf(strands: readonly Strand[]): string {
  return strands.map(({ text }) => text).join('');
}
