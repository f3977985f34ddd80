import { resultRanges } from '../../core/change.ts';
import type { Text } from '../../core/text.ts';
import { lineChanges } from '../line-changes.ts';

/**
 * What differs between two texts, in whole lines: `@@ line N` of the new text, then lines that went with
 * `-` and lines that came with `+`.
 */
export function lineDiff(before: Text, after: Text, who = ''): readonly string[] {
  const changes = lineChanges(before, after);
  const ranges = resultRanges(changes);
  const hunks: Hunk[] = [];
  for (const [index, change] of changes.entries()) {
    const { start, end } = ranges[index]!;
    const hunk = {
      from: change.startLine,
      to: change.endLine,
      newFrom: start.line,
      newTo: end.line,
    };
    const last = hunks.at(-1);
    if (last && hunk.from <= last.to)
      hunks[hunks.length - 1] = { ...last, to: hunk.to, newTo: hunk.newTo };
    else hunks.push(hunk);
  }
  return hunks.flatMap((hunk) => rowsOf(before, after, hunk, who));
}

/** Lines from 0, both included. */
interface Hunk {
  readonly from: number;
  readonly to: number;
  readonly newFrom: number;
  readonly newTo: number;
}

function rowsOf(before: Text, after: Text, hunk: Hunk, who: string): readonly string[] {
  const old = [...before.lines(hunk.from, Math.min(hunk.to + 1, before.lineCount))];
  const wanted = [...after.lines(hunk.newFrom, Math.min(hunk.newTo + 1, after.lineCount))];
  let head = 0;
  while (head < old.length && head < wanted.length && old[head] === wanted[head]) head++;
  let tail = 0;
  const most = Math.min(old.length, wanted.length) - head;
  while (tail < most && old.at(-1 - tail) === wanted.at(-1 - tail)) tail++;
  const gone = old.slice(head, old.length - tail).map((line) => `-${line}`);
  const come = wanted.slice(head, wanted.length - tail).map((line) => `+${line}`);
  if (gone.length + come.length === 0) return [];
  const by = who === '' ? '' : `, ${who}`;
  return [`@@ line ${hunk.newFrom + head + 1}${by}`, ...gone, ...come];
}
