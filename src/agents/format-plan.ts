import type { Change, Changes } from '../core/change.ts';
import type { LineRange } from '../core/map-position.ts';
import { rebase } from '../core/rebase.ts';
import type { Text } from '../core/text.ts';
import { lineChanges } from './line-changes.ts';

/** What a formatter would do to a text, and what of it has to wait. */
export interface FormatPlan {
  readonly changes: Changes;
  /** Changes left out because somebody is at those lines. */
  readonly deferred: number;
}

/**
 * The smallest changes by lines that turn `text` into `formatted`, without those that touch a line
 * of `occupied`. What remains may be formatted by halves, so the caller must check that formatting
 * it again arrives at `formatted` still.
 */
export function planFormat(
  text: Text,
  formatted: Text,
  occupied: readonly LineRange[],
): FormatPlan {
  const all = lineChanges(text, formatted);
  const changes = all.filter((change) => !occupied.some((lines) => touches(change, lines)));
  return { changes, deferred: all.length - changes.length };
}

/** By whole lines, the ends included: text joined to somebody's line moves what they look at. */
function touches(change: Change, { firstLine, lastLine }: LineRange): boolean {
  return change.startLine <= lastLine && firstLine <= change.endLine;
}

/** Formats a text; undefined when it cannot be read as it stands. */
export type Format = (text: string) => Promise<string | undefined>;

/**
 * Cuts changes into steps that can be taken one at a time: after each the text still formats to
 * `formatted`, so that stopping anywhere leaves nothing broken. Each step is relative to the result
 * of the one before. What cannot be reached soundly, because deferred changes belong to it, is left out.
 */
export async function soundSteps(
  text: Text,
  changes: Changes,
  formatted: string,
  format: Format,
  maxSteps: number,
): Promise<readonly Changes[]> {
  const steps: Changes[] = [];
  const perStep = Math.ceil(changes.length / maxSteps);
  let taken: Changes = [];
  let reached = text;
  for (let end = perStep; end < changes.length + perStep; end += perStep) {
    const upTo = changes.slice(0, end);
    const candidate = text.apply(upTo);
    if ((await format(candidate.toString())) !== formatted) continue;
    const added = upTo.slice(taken.length);
    steps.push(rebase(added, taken, 'after'));
    taken = upTo;
    reached = candidate;
  }
  return reached === text ? [] : steps;
}
