/** What the history keeps of reviews: since when a file has work of agents to look at, and what people decided of it. */

/**
 * An op of an agent's with which its file has work to look at, and had none before, says so by this optional
 * key of its payload. So a world that was brought up to date has nothing to look at from before.
 */
export const UNREVIEWED_KEY = 'unreviewed';
/** What a file was before an agent changed its mode or its line ends; a path is told by its own op, but for a decision's. */
export const BEFORE_KEY = 'before';

/** What agents do to a file as a whole. Each is kept or taken back whole. */
export type WholeKind = 'created' | 'deleted' | 'renamed' | 'mode' | 'content';

export const WHOLE_KINDS: readonly WholeKind[] = [
  'created',
  'deleted',
  'renamed',
  'mode',
  'content',
];

/** The text before agents' work is a snapshot, or made of one with fewer versions since. */
export const VERSIONS_BEFORE_WORK = 50;

/** The first and the last of some lines, from 0. */
export type LineRange = readonly [first: number, last: number];

/** Whose work a decision is about: of all agents, of one, or what was done in one turn. */
export interface Whose {
  /** 64 hex digits; undefined for all agents. */
  readonly agent?: string | undefined;
  /** The number of the op that began the turn. */
  readonly turn?: number | undefined;
}

/** With a note of the kind `review`, which names the file: somebody looked at work of agents, and decided. */
export interface ReviewDecision extends Whose {
  readonly does: 'keep' | 'take';
  /** The newest op of the file that was looked at, and the file's version after it. */
  readonly seenSeq: number;
  readonly version: number;
  /** Lines of that version, in order; the last one may lie beyond its end. */
  readonly lines: readonly LineRange[];
  /** What was done to the file as a whole, up to that op. */
  readonly whole: readonly WholeKind[];
  /** With it nothing that agents did up to this op of the file is left to look at. */
  readonly upTo?: number | undefined;
  /** The same of all that they did. */
  readonly isLast?: true | undefined;
  /** What the agents are told. */
  readonly words?: string | undefined;
}

/** Ranges of lines that one decision names at most. */
export const REVIEW_RANGES = 500;
/** Files that one call decides about. */
export const REVIEW_FILES = 200;
/** Members whom one call tells. */
export const REVIEW_TOLD = 32;
/** UTF-16 code units of what agents are told with a decision. */
export const REVIEW_WORDS = 1_000;

/** True for a decision as the module writes it; a history that is replayed may say anything. */
export function isReviewDecision(decision: ReviewDecision): boolean {
  const { does, seenSeq, version, lines, whole, agent, turn, upTo, isLast, words } = decision;
  const isKnown = does === 'keep' || does === 'take';
  const areNumbers = [seenSeq, version].every(isCount) && [turn, upTo].every(isCountOrNone);
  const isNamed = agent === undefined || /^[0-9a-f]{64}$/.test(agent);
  const isSaid = words === undefined || (typeof words === 'string' && words !== '');
  const isFlag = [true, undefined].includes(isLast);
  const isRight = isKnown && areNumbers && isNamed && isSaid && isFlag;
  return isRight && areRanges(lines) && areWholeKinds(whole);
}

/** True for ranges in order, none of which meets another. */
export function areRanges(lines: readonly LineRange[]): boolean {
  if (!Array.isArray(lines) || lines.length > REVIEW_RANGES) return false;
  return lines.every((range, index) => {
    if (!Array.isArray(range) || range.length !== 2 || !range.every(isNumber)) return false;
    const [first, last] = range as unknown as LineRange;
    return first <= last && (index === 0 || first > lines[index - 1]![1]);
  });
}

export function areWholeKinds(kinds: readonly string[]): kinds is readonly WholeKind[] {
  const isOnce = Array.isArray(kinds) && new Set(kinds).size === kinds.length;
  return isOnce && kinds.every((kind) => WHOLE_KINDS.some((each) => each === kind));
}

/** True for the op with which its file has work of agents to look at. */
export function opensReview({ payload }: { readonly payload: string }): boolean {
  // Most ops have no payload, and of contents it is long.
  if (!payload.includes(`"${UNREVIEWED_KEY}":`)) return false;
  const { [UNREVIEWED_KEY]: isOpen } = JSON.parse(payload) as { [UNREVIEWED_KEY]?: unknown };
  return isOpen === true;
}

/** What the history says of a decision to whoever knows notes only. */
export function reviewText(decision: ReviewDecision): string {
  const { does, words } = decision;
  if (decidesNothing(decision)) return 'saw that nothing is left of what agents did';
  const what = does === 'keep' ? 'kept what agents did' : 'took back what agents did';
  return words === undefined ? what : `${what}: ${words}`;
}

/**
 * True for a decision by which somebody only said that nothing is left to look at, since what agents did went by
 * itself: nobody reviewed anything with it.
 */
export function decidesNothing({ lines, whole }: Pick<ReviewDecision, 'lines' | 'whole'>): boolean {
  return lines.length === 0 && whole.length === 0;
}

function isNumber(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffff_ffff;
}

function isCount(value: unknown): boolean {
  return isNumber(value) && value !== 0;
}

function isCountOrNone(value: unknown): boolean {
  return value === undefined || isCount(value);
}
