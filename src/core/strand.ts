/**
 * Owns: a strand of a text that forgets nothing: whose it is, whether it is there, what was decided about it. Does not
 * know: how strands stand in lines.
 */
import type { IdentityHex } from './op.ts';
import type { Origin } from './origin.ts';

/** A piece of text that came and perhaps went as one. */
export interface Strand {
  readonly text: string;
  /** Undefined for what was there at first. */
  readonly insertedBy: Origin | undefined;
  /** Undefined for what is still there. */
  readonly deletedBy: Origin | undefined;
  /** Where it begins in all that its op inserted, and in all that its op deleted: so equal pieces are told apart. */
  readonly insertedAt?: number;
  readonly deletedAt?: number;
  /**
   * It is a copy of one that had gone: whose that was, where it began in what they inserted, and who took it away.
   * Nobody's, where it had gone before the first text.
   */
  readonly again?: Pick<Strand, 'insertedBy' | 'insertedAt' | 'deletedBy'>;
  /** Somebody looked at it as it came, and decided: the number of the first such decision. */
  readonly insertionDecidedBy?: number;
  /** The same of its going. */
  readonly deletionDecidedBy?: number;
}

/** What somebody decided of what certain ops did. */
export interface StrandDecision {
  /** Of decisions about the same, in whatever order they are told, the one with the lowest number counts. */
  readonly decision: number;
  readonly isDecided: (origin: Origin) => boolean;
  /** What these ops took away may come back by a decision about them. */
  readonly isWork: (origin: Origin) => boolean;
}

export function isThere({ deletedBy }: Strand): boolean {
  return deletedBy === undefined;
}

/** True where it was there after an op. */
export function wasThere({ insertedBy, deletedBy }: Strand, opSeq: number): boolean {
  return (insertedBy?.opSeq ?? 0) <= opSeq && (deletedBy?.opSeq ?? Infinity) > opSeq;
}

/** Whose it is: what was taken away and came back is whose it was. Undefined for what was there at first. */
export function writerOf({ again, insertedBy }: Strand): Origin | undefined {
  return again ? again.insertedBy : insertedBy;
}

/** True where it is of one of certain ops, and nobody has decided about that. */
export function isInsertedBy(strand: Strand, isWanted: (origin: Origin) => boolean): boolean {
  const writer = writerOf(strand);
  return writer !== undefined && strand.insertionDecidedBy === undefined && isWanted(writer);
}

/** True where one of certain ops took it away, and nobody has decided about that. */
export function isDeletedBy(
  { deletedBy, deletionDecidedBy }: Strand,
  isWanted: (origin: Origin) => boolean,
): boolean {
  return deletedBy !== undefined && deletionDecidedBy === undefined && isWanted(deletedBy);
}

export function decidedStrand(
  strand: Strand,
  { decision, isDecided, isWork }: StrandDecision,
): Strand {
  const { deletedBy, insertionDecidedBy, deletionDecidedBy } = strand;
  const writer = writerOf(strand);
  const isDeletion = deletedBy !== undefined && isDecided(deletedBy);
  // Nobody sees what somebody else's work has taken away: once it is back it is to be looked at.
  const isHidden = deletedBy !== undefined && !isDeletion && isWork(deletedBy);
  const isInsertion = !isHidden && writer !== undefined && isDecided(writer);
  if (!isInsertion && !isDeletion) return strand;
  const first = (before = decision): number => Math.min(before, decision);
  return {
    ...strand,
    ...(isInsertion && { insertionDecidedBy: first(insertionDecidedBy) }),
    ...(isDeletion && { deletionDecidedBy: first(deletionDecidedBy) }),
  };
}

/** True where somebody took it away themselves: what they write at its place goes behind it. */
export function isGoneBy({ deletedBy }: Strand, author: IdentityHex): boolean {
  return deletedBy?.author === author;
}

/** UTF-16 code units of what is there. */
export function lengthOf(strands: readonly Strand[]): number {
  return strands.reduce((sum, strand) => sum + (isThere(strand) ? strand.text.length : 0), 0);
}

/** A piece of a strand that is there. */
export function pieceOf(strand: Strand, start: number, end: number): Strand {
  const { text, insertedAt, again } = strand;
  const moved = (at: number | undefined) => at !== undefined && { insertedAt: at + start };
  return {
    ...strand,
    text: text.slice(start, end),
    ...moved(insertedAt),
    ...(again && { again: { ...again, ...moved(again.insertedAt) } }),
  };
}
