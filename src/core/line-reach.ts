import type { Changes } from './change.ts';
import type { LineRange } from './map-position.ts';
import { lineEnds } from './position.ts';

/** Between which lines some ops in a row wrote, each in its own text, and how they move others. */
export interface LineReach {
  readonly firstLine: number;
  readonly lastLine: number;
  /** The most lines by which a place may have been off on the way. */
  readonly shift: number;
  /** By how many lines the ops move what lies below all of them. */
  readonly lineDelta: number;
}

export function reachOf(ops: readonly { readonly changes: Changes }[]): LineReach {
  let [firstLine, lastLine, shift, lineDelta] = [Number.MAX_SAFE_INTEGER, -1, 0, 0];
  for (const { changes } of ops) {
    for (const { startLine, endLine, text } of changes) {
      const added = lineEnds(text);
      firstLine = Math.min(firstLine, startLine);
      // Earlier changes of the same op may have moved this one; `shift` makes up for that.
      lastLine = Math.max(lastLine, endLine, startLine + added);
      shift += added + endLine - startLine;
      lineDelta += added + startLine - endLine;
    }
  }
  return { firstLine, lastLine, shift, lineDelta };
}

/** True when none of the ops can have touched any of the lines; `moved` is the shift of still others. */
export function isBeyondReach(
  reach: LineReach,
  lines: readonly LineRange[],
  moved: number,
): boolean {
  const most = reach.shift + moved;
  return lines.every(
    ({ firstLine, lastLine }) =>
      lastLine + most < reach.firstLine || firstLine - most > reach.lastLine,
  );
}

/**
 * On which side of all the ops changes lie that were made on the text before the first of them: no
 * line is shared with any, so `rebase` only counts lines. Undefined where one may be shared.
 */
export function sideOfReach(changes: Changes, reach: LineReach): 'above' | 'below' | undefined {
  if (changes.length === 0) return undefined;
  // What lies above all of them is not moved by any.
  if (changes.at(-1)!.endLine < reach.firstLine) return 'above';
  return changes[0]!.startLine - reach.shift > reach.lastLine ? 'below' : undefined;
}
