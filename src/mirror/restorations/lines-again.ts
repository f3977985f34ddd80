import type { Change, Changes } from '../../core/change.ts';
import type { FilePast } from './file-past.ts';
import type { JudgedHunk } from './judged-hunk.ts';
import { alignLines } from './line-alignment.ts';
import { linesIn } from './old-lines.ts';
import type { OldLineNumbers } from './old-line-numbers.ts';
import type { ReturnedText } from './restoration-judge.ts';

/** So many older versions of the place are looked at, the newest ones. */
const MOST_VERSIONS = 12;
/** Of longer pieces nobody is told. */
const MOST_LINES = 500;
const WHOLE_PLACE = { above: 0, border: 'both' } as const;

/**
 * Which lines of a hunk that is no old text as a whole stood there before, each from the newest version that had
 * it: git brings back some of the lines that went, and others not. `changes`: what the hunk does, whose first
 * has the number `first` in the write. The world looks at each piece again, and keeps what holds.
 */
export function linesAgain(
  past: FilePast,
  { from, to }: Pick<JudgedHunk, 'from' | 'to'>,
  changes: Changes,
  first: number,
  numbers: OldLineNumbers,
): readonly ReturnedText[] {
  const strands = past.strands(from, to);
  const wentAt = strands.flatMap((each) => (each.deletedBy ? [past.wentAt(each)] : []));
  const versions = [...new Set(wentAt)].sort((a, b) => b - a).slice(0, MOST_VERSIONS);
  const places = versions.map((went) => {
    const version = went - 1;
    return { version, lines: linesIn(past.textAt(strands, version)) };
  });
  return changes.flatMap((change, index) => {
    const written = linesOfChange(change);
    if (!written || written.lines.length > MOST_LINES) return [];
    const found: ReturnedText[] = [];
    const isFound = written.lines.map(() => false);
    for (const { version, lines } of places) {
      if (lines.length > MOST_LINES) continue;
      for (const run of sameRuns(lines, written.lines, isFound)) {
        const fromLine = numbers.of(from, WHOLE_PLACE, version) + run.from;
        const line = written.firstLine + run.at;
        found.push({ change: first + index, line, lines: run.lines, version, fromLine });
      }
    }
    return found.sort((a, b) => a.line - b.line);
  });
}

interface Run {
  /** Their first line in the old text, and in the new one. */
  readonly from: number;
  readonly at: number;
  readonly lines: number;
}

/** Lines in a row that both have, without those that were found before; marks them as found. */
function sameRuns(old: readonly string[], written: readonly string[], isFound: boolean[]): Run[] {
  const runs: Run[] = [];
  for (const [from, at] of (alignLines(old, written) ?? []).entries()) {
    if (at < 0 || isFound[at]) continue;
    isFound[at] = true;
    const last = runs.at(-1);
    const isNext = last && last.from + last.lines === from && last.at + last.lines === at;
    if (isNext) runs[runs.length - 1] = { ...last, lines: last.lines + 1 };
    else runs.push({ from, at, lines: 1 });
  }
  return runs;
}

/** The whole lines that a change puts in, and which line of its text is the first; undefined where it ends in one. */
function linesOfChange({ startCharacter, endCharacter, text }: Change) {
  const isBehind = startCharacter === 0 && endCharacter === 0 && text.endsWith('\n');
  if (isBehind) return { lines: linesIn(text), firstLine: 0 };
  const isBefore = startCharacter === endCharacter && text.startsWith('\n');
  return isBefore ? { lines: text.slice(1).split('\n'), firstLine: 1 } : undefined;
}
