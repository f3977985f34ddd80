/**
 * Owns: telling from the changes alone which keys make one step of undoing, as an editor does: words
 * with the space before them, runs of deletions; what jumps, pastes or breaks a line begins anew.
 * Does not know: stacks, cursors, time.
 */
import {
  type Change,
  type Changes,
  endOf,
  isInsertion,
  resultRanges,
  startOf,
} from '../core/change.ts';
import { mapPosition } from '../core/map-position.ts';
import { comparePositions, type Position } from '../core/position.ts';

type Kind = 'letters' | 'space' | 'spaces' | 'line' | 'deleted' | 'deletedBefore' | 'deletedBehind';

/** What keys did last, at one cursor or at several. */
export interface TypingRun {
  readonly kind: Kind;
  /** What the last key put there, or where it took something away, in the text after it. */
  readonly ranges: readonly { readonly start: Position; readonly end: Position }[];
}

/** A deleting key takes a character, or the spaces of one indentation. */
const MAX_DELETED = 8;
/** What some keys put in at once, with the cursor in between. */
const PAIRS = new Set(['()', '[]', '{}', '<>', '""', "''", '``', '**', '__']);

/** The run that changes are part of, after those that made `last`; undefined for what no single key does. */
export function runOf(changes: Changes, last: TypingRun | undefined): TypingRun | undefined {
  const [first] = changes;
  if (!first || !changes.every((change) => change.text === first.text)) return undefined;
  const kind = first.text === '' ? deletionOf(changes, last) : typedKind(first.text, last);
  return kind && { kind, ranges: resultRanges(changes) };
}

/** True when `changes`, which made `next`, go on with the step whose last key made `last`. */
export function continues(last: TypingRun, next: TypingRun, changes: Changes): boolean {
  return (
    last.ranges.length === changes.length &&
    isSameStep(last.kind, next.kind) &&
    changes.every((change, index) => adjoins(change, last.ranges[index]!))
  );
}

/** The run after somebody else's changes. */
export function moveRun(run: TypingRun | undefined, changes: Changes): TypingRun | undefined {
  if (!run || changes.length === 0) return run;
  const ranges = run.ranges.map(({ start, end }) => ({
    start: mapPosition(start, changes, 'after'),
    end: mapPosition(end, changes, 'before'),
  }));
  return { ...run, ranges };
}

function isSameStep(last: Kind, next: Kind): boolean {
  switch (last) {
    case 'letters':
    case 'line':
      return next === 'letters';
    // One space goes with the word behind it; a second one is something else than words.
    case 'space':
      return next === 'letters' || next === 'spaces';
    case 'deleted':
      return next === 'deletedBefore' || next === 'deletedBehind';
    case 'spaces':
    case 'deletedBefore':
    case 'deletedBehind':
      return next === last;
  }
}

/** Between the two of a pair as well as behind what was typed, or instead of it, as input methods do. */
function adjoins(change: Change, { start, end }: TypingRun['ranges'][number]): boolean {
  if (change.text === '') {
    return (
      comparePositions(endOf(change), start) === 0 || comparePositions(startOf(change), start) === 0
    );
  }
  return comparePositions(start, startOf(change)) <= 0 && comparePositions(endOf(change), end) <= 0;
}

function typedKind(text: string, last: TypingRun | undefined): Kind | undefined {
  if (text === ' ') return last?.kind.startsWith('space') ? 'spaces' : 'space';
  if (/^\n[ \t\n]*$/.test(text)) return 'line';
  const isKey = text.length === 1 || PAIRS.has(text) || text.codePointAt(0)! > 0xffff;
  return isKey && text.length <= 2 ? 'letters' : undefined;
}

/** A first deletion does not say which way it goes: the next one does. */
function deletionOf(changes: Changes, last: TypingRun | undefined): Kind | undefined {
  if (changes.some(isInsertion) || !changes.every(isOfOneKey)) return undefined;
  const place = last?.kind.startsWith('deleted') ? last.ranges[0]?.start : undefined;
  if (!place) return 'deleted';
  if (comparePositions(endOf(changes[0]!), place) === 0) return 'deletedBefore';
  return comparePositions(startOf(changes[0]!), place) === 0 ? 'deletedBehind' : 'deleted';
}

function isOfOneKey({ startLine, startCharacter, endLine, endCharacter }: Change): boolean {
  return startLine === endLine
    ? endCharacter - startCharacter <= MAX_DELETED
    : endLine === startLine + 1 && endCharacter === 0;
}
