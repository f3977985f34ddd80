/**
 * Owns: what whoever looks sees of a text behind an op, told in such a way that two foldings can be compared. Does not
 * know: how a text is folded.
 */
import type { Whose } from '../core/review.ts';
import type { ReviewText } from '../core/review-text.ts';
import { isThere, type Strand, writerOf } from '../core/strand.ts';
import type { WovenPlace } from '../core/take-back.ts';
import { type AgentWork, sightOfPlan } from './review-hunk.ts';

export type WorkOf = (opSeq: number) => AgentWork | undefined;

/** Strands times views of them that are looked at: beyond that nothing is said. */
const MOST_LOOKS = 50_000;

/** True for what is to be looked at of somebody's. */
export function isWorkOf(
  workOf: WorkOf,
  { agent, turn }: Whose,
): (origin: { readonly opSeq: number }) => boolean {
  return ({ opSeq }) => {
    const work = workOf(opSeq);
    if (!work) return false;
    return (agent ?? work.agent) === work.agent && (turn ?? work.turn) === work.turn;
  };
}

/**
 * What is to be looked at of agents together, of each by itself, and of each turn. Undefined where some of it is of ops
 * up to `upTo`, or where there is too much to look at. Each place is asked about those only who have something there,
 * and places that were left alone since are passed over, so that it costs what came behind the op.
 */
export function sightsBehind(text: ReviewText, upTo: number, workOf: WorkOf): string | undefined {
  const sights = new Map<string, string[]>();
  let looks = 0;
  for (const place of text.places()) {
    if (place.strands.every((strand) => newestOf(strand) <= upTo)) {
      if (place.strands.some((strand) => isSeen(strand, text, workOf))) return undefined;
      continue;
    }
    const views = viewsOf(place, workOf);
    looks += views.size * place.strands.length;
    if (looks > MOST_LOOKS) return undefined;
    for (const [key, whose] of views) {
      for (const plan of text.hunksAt(place, isWorkOf(workOf, whose))) {
        const own = sights.get(key);
        if (own) own.push(sightOfPlan(plan));
        else sights.set(key, [sightOfPlan(plan)]);
      }
    }
  }
  return JSON.stringify([...sights].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The newest op that had a part in it. */
function newestOf({ insertedBy, deletedBy, again }: Strand): number {
  return Math.max(
    insertedBy?.opSeq ?? 0,
    deletedBy?.opSeq ?? 0,
    again?.insertedBy?.opSeq ?? 0,
    again?.deletedBy?.opSeq ?? 0,
  );
}

function viewsOf({ strands }: WovenPlace, workOf: WorkOf): ReadonlyMap<string, Whose> {
  const views = new Map<string, Whose>([['', {}]]);
  for (const strand of strands) {
    for (const work of [writingOf(strand, workOf), deletionOf(strand, workOf)]) {
      if (!work) continue;
      const { agent, turn } = work;
      views.set(agent, { agent });
      if (turn !== undefined) views.set(`${agent} ${turn}`, { agent, turn });
    }
  }
  return views;
}

/** True where somebody who looks sees it, be it at the work of one turn alone. */
function isSeen(strand: Strand, text: ReviewText, workOf: WorkOf): boolean {
  const writing = writingOf(strand, workOf);
  if (isThere(strand)) return writing !== undefined;
  const deletion = deletionOf(strand, workOf);
  if (!deletion || text.isPutBack(strand)) return false;
  const isOwn = writing?.agent === deletion.agent;
  // What somebody wrote and deleted is of no matter to whoever looks at both.
  return !isOwn || (deletion.turn !== undefined && deletion.turn !== writing?.turn);
}

/** Whose work it is that it came, where nobody has decided about that. */
function writingOf(strand: Strand, workOf: WorkOf): AgentWork | undefined {
  const writer = writerOf(strand);
  return writer && strand.insertionDecidedBy === undefined ? workOf(writer.opSeq) : undefined;
}

/** The same of its going. */
function deletionOf({ deletedBy, deletionDecidedBy }: Strand, workOf: WorkOf) {
  return deletedBy && deletionDecidedBy === undefined ? workOf(deletedBy.opSeq) : undefined;
}
