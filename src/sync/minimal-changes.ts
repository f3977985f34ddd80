/**
 * Owns: the step from two whole texts to the changes between them. Does not know: whose texts they
 * are, or that there are documents.
 */
import { type Diff, diff_match_patch as DiffMatchPatch } from 'diff-match-patch';
import {
  type Change,
  type Changes,
  endOf,
  isEmptyChange,
  normalizeChanges,
  replace,
  startOf,
} from '../core/change.ts';
import { advance, distance, endOfInserted, type Position } from '../core/position.ts';
import { RETURNED_CHARACTERS } from '../core/returned-text.ts';
import { splitsPair, Text } from '../core/text.ts';
import { TELLING, wordCharacters } from '../core/word-characters.ts';
import { differingPart, linesOf, MAX_DISTINCT_LINES } from './differing-part.ts';
import { type DiffRun, keptOverMoves } from './moved-lines.ts';

/** Beyond so many pairs of lines a search for the shortest difference may take seconds. */
const MAX_LINE_PAIRS = 4_000_000;
/** Beyond so many pairs of characters a differing run of lines is replaced as it is. */
const MAX_CHARACTER_PAIRS = 4_000_000;

/**
 * How small changes are: `words` leaves out what is the same by chance, for changes that somebody
 * will read or be judged by; `characters` touches nothing that can stay.
 */
export type Grain = 'words' | 'characters';

/**
 * Small changes that turn `base` into `target`, a text with LF line ends. The same texts give the
 * same changes: the search is bounded by sizes, never by time. No change splits a surrogate pair
 * unless one of the texts has half of one. Differences are found by lines first, then inside them.
 */
export function minimalChanges(base: Text, target: string, grain: Grain = 'words'): Changes {
  const before = base.toString();
  if (before === target) return [];
  const part = differingPart(before, target);
  if (part === undefined) return changesOfWhole(base, before, target, grain);
  return changesOfWhole(Text.of(part.before), part.before, part.after, grain).map((change) => ({
    ...change,
    startLine: change.startLine + part.line,
    endLine: change.endLine + part.line,
  }));
}

function changesOfWhole(base: Text, before: string, target: string, grain: Grain): Changes {
  const changes = normalizeChanges(
    trimChanges(changesBetween(linesOf(before), linesOf(target), grain), base),
  );
  if (base.apply(changes).toString() === target) return changes;
  return trimChanges([replace({ line: 0, character: 0 }, base.end, target)], base);
}

/** How much changes delete and insert, in UTF-16 code units. */
export function sizeOfChanges(changes: Changes, base: Text): number {
  return changes.reduce((sum, change) => {
    const start = { line: change.startLine, character: change.startCharacter };
    const end = { line: change.endLine, character: change.endCharacter };
    return sum + change.text.length + base.slice(start, end).length;
  }, 0);
}

/** Takes out of each change what it replaces by the same; the result does the same to `base`. */
export function trimChanges(changes: Changes, base: Text): Changes {
  const trimmed = changes.map((change) => trimChange(change, base));
  return trimmed.every((change, index) => change === changes[index])
    ? changes
    : trimmed.filter((change) => !isEmptyChange(change));
}

function trimChange(change: Change, base: Text): Change {
  const old = base.slice(startOf(change), endOf(change));
  const prefix = commonPrefix(old, change.text);
  const suffix = commonSuffix(old, change.text, prefix);
  if (prefix === 0 && suffix === 0) return change;
  const start = advance(startOf(change), lengthOf(old.slice(0, prefix)));
  const end = advance(start, lengthOf(old.slice(prefix, old.length - suffix)));
  return replace(start, end, change.text.slice(prefix, change.text.length - suffix));
}

function changesBetween(
  before: readonly string[],
  after: readonly string[],
  grain: Grain,
): Changes {
  const changes: Change[] = [];
  let place: Position = { line: 0, character: 0 };
  for (const run of differingRuns(before, after, grain)) {
    const same = before.slice(run.from - run.keptBefore, run.from).join('');
    place = endOfInserted(place, same);
    const old = before.slice(run.from, run.to).join('');
    changes.push(...changesInside(place, old, run.text, grain));
    place = endOfInserted(place, old);
  }
  return changes;
}

/** A run of lines of the old text that gives way to new text. */
interface DifferingRun {
  readonly from: number;
  readonly to: number;
  /** How many unchanged lines lie between the run before and this one. */
  readonly keptBefore: number;
  readonly text: string;
}

function differingRuns(
  before: readonly string[],
  after: readonly string[],
  grain: Grain,
): DifferingRun[] {
  const codes = encodeLines(before, after);
  if (!codes) return [{ from: 0, to: before.length, keptBefore: 0, text: after.join('') }];
  const runs: DifferingRun[] = [];
  let line = 0;
  let newLine = 0;
  let kept = 0;
  const says = (start: number, end: number): boolean =>
    wordCharacters(before.slice(start, end).join('')) >= TELLING;
  const diffs = joinedDiffs(codes.before, codes.after, grain, says);
  for (const [kind, run] of keptOverMoves(diffs, before, after, isShort)) {
    if (kind === 'same') {
      kept = run.old;
    } else {
      const text = after.slice(newLine, newLine + run.new).join('');
      runs.push({ from: line, to: line + run.old, keptBefore: kept, text });
      kept = 0;
    }
    line += run.old;
    newLine += run.new;
  }
  return runs;
}

/** One character for each distinct line; undefined when there are too many to tell apart or compare. */
function encodeLines(
  before: readonly string[],
  after: readonly string[],
): { readonly before: string; readonly after: string } | undefined {
  const codes = new Map<string, string>();
  const encode = (lines: readonly string[]): string =>
    lines
      .map((line) => {
        const code = codes.get(line) ?? String.fromCharCode(codes.size);
        codes.set(line, code);
        return code;
      })
      .join('');
  const encoded = { before: encode(before), after: encode(after) };
  if (codes.size > MAX_DISTINCT_LINES) return undefined;
  return isSearchable(encoded.before, encoded.after, MAX_LINE_PAIRS) ? encoded : undefined;
}

function isSearchable(before: string, after: string, maxPairs: number): boolean {
  const prefix = commonPrefix(before, after);
  const suffix = commonSuffix(before, after, prefix);
  const same = prefix + suffix;
  return (before.length - same) * (after.length - same) <= maxPairs;
}

/** Whether two texts are compared by characters. */
function isShort(before: string, after: string): boolean {
  return isSearchable(before, after, MAX_CHARACTER_PAIRS);
}

function changesInside(start: Position, before: string, after: string, grain: Grain): Change[] {
  if (before === '' || after === '' || !isShort(before, after)) {
    return [replace(start, advance(start, lengthOf(before)), after)];
  }
  const changes: Change[] = [];
  let offset = 0;
  let newOffset = 0;
  let place = start;
  const says = (from: number, to: number): boolean =>
    wordCharacters(before.slice(from, to)) >= RETURNED_CHARACTERS;
  for (const [kind, run] of joinedDiffs(before, after, grain, says)) {
    const end = advance(place, lengthOf(before.slice(offset, offset + run.old)));
    if (kind === 'differs') {
      changes.push(replace(place, end, after.slice(newOffset, newOffset + run.new)));
    }
    place = end;
    offset += run.old;
    newOffset += run.new;
  }
  return changes;
}

/** True for a part of the old string that is not the same in the new one by chance. */
type Says = (start: number, end: number) => boolean;

/** The two strings as alternating runs that are the same and that differ, by their lengths. */
function joinedDiffs(before: string, after: string, grain: Grain, says: Says): DiffRun[] {
  const engine = new DiffMatchPatch();
  engine.Diff_Timeout = 0;
  const found = engine.diff_main(before, after, false);
  const diffs = grain === 'words' ? joinWords(engine, found, says) : found;
  const runs: ['same' | 'differs', { old: number; new: number }][] = [];
  let offset = 0;
  for (const [operation, content] of diffs) {
    const kind = operation === 0 ? 'same' : 'differs';
    let last = runs.at(-1);
    if (last?.[0] !== kind) runs.push((last = [kind, { old: 0, new: 0 }]));
    if (operation <= 0) last[1].old += content.length;
    if (operation >= 0) last[1].new += content.length;
    offset += content.length;
  }
  return offset === 0 ? [] : keepPairsWhole(runs, before, after);
}

/**
 * Joins what differs over what is the same by chance. Between two runs that only go, or that only come,
 * nothing is so by chance: whoever removes a line above and a line below another one has not written
 * that anew. Nor is what says something, whatever is done around it.
 */
function joinWords(engine: InstanceType<typeof DiffMatchPatch>, diffs: Diff[], says: Says): Diff[] {
  const parts: Diff[][] = [[]];
  let start = 0;
  for (const [index, diff] of diffs.entries()) {
    const [operation, { length }] = diff;
    const stays = operation === 0 && (staysWhole(diffs, index) || says(start, start + length));
    if (stays) parts.push([diff], []);
    else parts.at(-1)!.push(diff);
    if (operation <= 0) start += length;
  }
  const joined = parts.flatMap((part) => {
    if (part.length > 1) engine.diff_cleanupSemantic(part);
    return part;
  });
  engine.diff_cleanupSemanticLossless(joined);
  return joined;
}

/** True for what is the same between two runs that both only go, or both only come. */
function staysWhole(diffs: readonly Diff[], index: number): boolean {
  const kinds = new Set<number>();
  for (const step of [-1, 1]) {
    let at = index + step;
    if (diffs[at] === undefined) return false;
    for (; diffs[at] && diffs[at]![0] !== 0; at += step) kinds.add(diffs[at]![0]);
  }
  return kinds.size === 1;
}

/** Moves the borders of differing runs outward where they would split a surrogate pair. */
function keepPairsWhole(
  runs: ['same' | 'differs', { old: number; new: number }][],
  before: string,
  after: string,
): DiffRun[] {
  let old = 0;
  let fresh = 0;
  runs.forEach(([, run], index) => {
    old += run.old;
    fresh += run.new;
    const next = runs[index + 1];
    if (!next || !(splitsPair(before, old) || splitsPair(after, fresh))) return;
    // The border lies between a run that is the same and one that differs: the former gives way.
    const step = next[0] === 'differs' ? -1 : 1;
    run.old += step;
    run.new += step;
    next[1].old -= step;
    next[1].new -= step;
    old += step;
    fresh += step;
  });
  return runs.filter(([, run]) => run.old > 0 || run.new > 0);
}

function commonPrefix(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return splitsPair(a, length) || splitsPair(b, length) ? length - 1 : length;
}

/** Length of the common end that does not reach into the first `prefix` characters of either. */
function commonSuffix(a: string, b: string, prefix: number): number {
  const most = Math.min(a.length, b.length) - prefix;
  let length = 0;
  while (
    length < most &&
    a.charCodeAt(a.length - 1 - length) === b.charCodeAt(b.length - 1 - length)
  ) {
    length++;
  }
  const splits = splitsPair(a, a.length - length) || splitsPair(b, b.length - length);
  return splits && length > 0 ? length - 1 : length;
}

function lengthOf(text: string): Position {
  return distance({ line: 0, character: 0 }, endOfInserted({ line: 0, character: 0 }, text));
}
