import { type Changes, endOf, resultRanges, startOf } from '../../src/core/change.ts';
import { compose } from '../../src/core/compose.ts';
import { reassertAll, theirEndsIn } from '../../src/core/disputed-text.ts';
import { utf8Length } from '../../src/core/path.ts';
import type { LineRange } from '../../src/core/map-position.ts';
import type { CommittedChanges } from '../../src/core/policy.ts';
import type { Position } from '../../src/core/position.ts';
import { growOver } from '../../src/core/reassert.ts';
import type { Text } from '../../src/core/text.ts';
import type { TicketPart } from '../../src/core/ticket-texts.ts';
import { WORK_UNITS } from '../../src/core/work.ts';
import { spend } from './work.ts';

interface Span {
  readonly start: Position;
  readonly end: Position;
}

export interface Proposal {
  readonly fileId: number;
  readonly baseVersion: number;
  readonly baseText: Text;
  readonly proposed: Changes;
  /** What an earlier form of the proposal would have replaced in the head. */
  readonly claimed?: Changes;
}

/**
 * Works out a part for a head; `between` leads from its base there, or is undefined when that way
 * is too long. Texts longer than `maxTextBytes` are left out.
 */
export function makePart(
  proposal: Proposal,
  head: { readonly version: number; readonly text: Text },
  between: readonly CommittedChanges[] | undefined,
  maxTextBytes: number,
): TicketPart {
  const { fileId, baseVersion, baseText, proposed, claimed = [] } = proposal;
  const steps = between?.map((op) => op.changes);
  for (const step of steps ?? []) spend(movingUnits(proposed, step));
  const moved = steps ? reassertAll({ changes: proposed, theirEnds: [] }, steps) : [];
  const changes = growOver(moved, claimed);
  const show = (text: Text, span: Span) => shorten(text.slice(span.start, span.end), maxTextBytes);
  return {
    fileId,
    baseVersion,
    headVersion: head.version,
    proposed,
    changes,
    ...rangeOf(changes),
    baseText: show(baseText, spanOf(proposed)),
    proposedText: show(baseText.apply(proposed), resultSpanOf(proposed)),
    headText: show(head.text, spanOf(changes)),
  };
}

/** The part after ops landed, the last of which made `head`. */
export function movePart(
  part: TicketPart,
  steps: readonly Changes[],
  head: { readonly version: number; readonly text: Text },
  maxTextBytes: number,
): TicketPart {
  for (const step of steps) spend(movingUnits(part.changes, step));
  const theirEnds = theirEndsIn(part.changes, part.baseText, part.headText);
  const changes = reassertAll({ changes: part.changes, theirEnds }, steps);
  const span = spanOf(changes);
  // Nothing is left to do where the same was done by others.
  const isDone = changes.length === 0 && part.changes.length > 0;
  const headText = isDone
    ? part.proposedText
    : shorten(head.text.slice(span.start, span.end), maxTextBytes);
  return { ...part, headVersion: head.version, changes, ...rangeOf(changes), headText };
}

/** The lines of a file that a ticket is about; both 0 where it cannot say. */
export function disputedLines(parts: readonly TicketPart[], fileId: number): LineRange {
  const part = parts.find((each) => each.fileId === fileId);
  return { firstLine: part?.startLine ?? 0, lastLine: part?.endLine ?? 0 };
}

/** One set of changes that does what several ops do, each relative to the one before. */
export function composeAll(steps: readonly Changes[]): Changes {
  return steps.reduce((all, next) => {
    spend((all.length + next.length) / 2);
    return compose(all, next);
  }, [] as Changes);
}

/** A proposal is compared with an op, moved over it and put in order again. */
function movingUnits(proposed: Changes, step: Changes): number {
  return WORK_UNITS.crossedOp + 4 * proposed.length + step.length;
}

function spanOf(changes: Changes): Span {
  if (changes.length === 0) return NOWHERE;
  return { start: startOf(changes[0]!), end: endOf(changes.at(-1)!) };
}

function resultSpanOf(changes: Changes): Span {
  const ranges = resultRanges(changes);
  return ranges.length === 0 ? NOWHERE : { start: ranges[0]!.start, end: ranges.at(-1)!.end };
}

function rangeOf(changes: Changes) {
  const { start, end } = spanOf(changes);
  return {
    startLine: start.line,
    startCharacter: start.character,
    endLine: end.line,
    endCharacter: end.character,
  };
}

function shorten(text: string, maxBytes: number): string {
  return utf8Length(text) <= maxBytes ? text : '';
}

const NOWHERE: Span = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
