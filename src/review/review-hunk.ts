/** Owns: what is shown of a hunk that is to be looked at. Does not know: where its file comes from, or what is decided. */
import type { IdentityHex } from '../core/op.ts';
import type { FileMode, LineEnd } from '../core/op-payload.ts';
import type { OtherEnds } from '../core/other-ends.ts';
import type { Change, Changes } from '../core/change.ts';
import type { LineRange, WholeKind, Whose } from '../core/review.ts';
import { decidedLines } from '../core/review-text.ts';
import {
  type BuiltOn,
  takeBackChanges,
  type TakeBackChoice,
  type TakeBackHunk,
  type TakeBackStep,
} from '../core/take-back.ts';
import { comparePositions, type Position } from '../core/position.ts';
import { Text } from '../core/text.ts';

/** Who did something, and in which turn, by the number of the op that began it. */
export interface AgentWork {
  readonly agent: IdentityHex;
  /** Undefined where nobody knows. */
  readonly turn: number | undefined;
}

interface AnyHunk {
  readonly fileId: number;
  /** Whose work the hunk was asked for as; a decision about it is about theirs. */
  readonly whose: Whose;
  /** The newest op of the file that was looked at, and the file's version after it. */
  readonly seenSeq: number;
  readonly version: number;
  /** Whose work is in it, in the order of their first op there. */
  readonly works: readonly AgentWork[];
  /** Of their ops in it. */
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** Lines in which agents did something. */
export interface TextHunk extends AnyHunk {
  readonly tag: 'text';
  readonly what: 'added' | 'changed' | 'removed';
  /** Where it stands in the text of `version`; of what was only removed, the line before which it stood. */
  readonly lines: LineRange;
  /** The whole lines as they would be without the agents' work, and as they are. */
  readonly before: string;
  readonly after: string;
  /** What others wrote in it since; it stays unless it is chosen. */
  readonly builtOn: readonly BuiltOn[];
  /** Others who deleted or replaced some of the agents' text since. */
  readonly overwrittenBy: readonly IdentityHex[];
  /** As it is taken back. */
  readonly plan: TakeBackHunk;
  /** Not all of what stands there together: what is decided ends with its last line. */
  readonly isPart?: true;
}

/** What was done to a file as a whole; it is kept or taken back whole. */
export interface WholeHunk extends AnyHunk {
  readonly tag: 'whole';
  readonly change: WholeChange;
}

export type WholeChange =
  | { readonly kind: Extract<WholeKind, 'created'> }
  /** False where an agent brought a deleted file back. */
  | { readonly kind: 'deleted'; readonly isDeleted: boolean }
  | { readonly kind: 'renamed'; readonly from: string; readonly to: string }
  /** `version`: of the text whose lines `before` names. */
  | { readonly kind: 'mode'; readonly before: FileShape; readonly version: number }
  /** The version that had the content before, and whether others changed it since. */
  | { readonly kind: 'content'; readonly beforeVersion: number; readonly isBuiltOn: boolean };

/** How a file is put on disk. */
export interface FileShape {
  readonly mode: FileMode;
  readonly eol: LineEnd;
  /** Where the ends of lines were changed: which ended otherwise. */
  readonly otherEnds?: OtherEnds | undefined;
  readonly bom: boolean;
}

export type ReviewHunk = TextHunk | WholeHunk;

/** As much of a hunk as tells whether it still is as it was shown. */
export type ShownHunk = Pick<AnyHunk, 'fileId' | 'whose'> & (ShownText | ShownWhole);

type ShownText = Pick<TextHunk, 'tag'> & {
  readonly plan: { readonly steps: readonly ShownStep[] };
};

type ShownWhole = Pick<WholeHunk, 'tag' | 'change' | 'firstSeq' | 'lastSeq'>;

type ShownStep = Pick<TakeBackStep, 'tag' | 'text' | 'at'> & {
  readonly by: { readonly opSeq: number };
};

/** Of which file a hunk is, for whom, and how it was looked at. */
export type HunkPlace = Pick<AnyHunk, 'fileId' | 'whose' | 'seenSeq' | 'version'>;

/** A hunk of a text as it is shown. */
export function textHunk(
  place: HunkPlace,
  text: Text,
  plan: TakeBackHunk,
  workOf: (opSeq: number) => AgentWork | undefined,
): TextHunk {
  const { start, end, removed, restored, firstSeq, lastSeq, builtOn, overwrittenBy } = plan;
  // A piece that ends with its line's end ends before the next line begins.
  const isOnNext = end.character === 0 && end.line > start.line;
  const last = isOnNext ? end.line - 1 : end.line;
  const own = decidedSeqs(plan);
  return {
    ...place,
    tag: 'text',
    what: restored === '' ? 'added' : removed === '' ? 'removed' : 'changed',
    lines: [start.line, last],
    ...textsOf(text, plan, isOnNext),
    works: distinct(own.flatMap((opSeq) => workOf(opSeq) ?? [])),
    firstSeq,
    lastSeq,
    builtOn,
    overwrittenBy: [...new Set(overwrittenBy.map(({ author }) => author))],
    plan,
  };
}

/** The part of a hunk that stands on some lines of its text; undefined where nothing of it does. */
export function partOf(hunk: TextHunk, text: Text, [first, last]: LineRange): TextHunk | undefined {
  const steps = hunk.plan.steps.filter(({ start }) => start.line >= first && start.line <= last);
  return ofSteps(hunk, text, steps);
}

/**
 * What was shown, where it stands by now in a hunk; undefined where it is not as it was shown, or where its lines have
 * something else to look at as well.
 */
export function shownIn(hunk: TextHunk, text: Text, shown: ShownText): TextHunk | undefined {
  const { steps } = hunk.plan;
  const [all, wanted] = [steps, shown.plan.steps].map((each) => each.map(sightOfStep));
  const from = all!.findIndex((_, at) =>
    wanted!.every((sight, index) => all![at + index] === sight),
  );
  if (from < 0) return undefined;
  const run = steps.slice(from, from + wanted!.length);
  const found = ofSteps(hunk, text, run);
  if (!found?.isPart) return found;
  const [first, last] = decidedRange(found);
  const isBeside = (step: TakeBackStep): boolean =>
    step.tag !== 'others' && step.start.line >= first && step.start.line <= last;
  return steps.filter(isBeside).every((step) => run.includes(step)) ? found : undefined;
}

function ofSteps(hunk: TextHunk, text: Text, steps: readonly TakeBackStep[]): TextHunk | undefined {
  const { plan } = hunk;
  const own = steps.filter(({ tag }) => tag !== 'others');
  if (own.length === 0) return undefined;
  if (steps.length === plan.steps.length) return hunk;
  const joined = (tag: 'remove' | 'restore'): string =>
    own.map((step) => (step.tag === tag ? step.text : '')).join('');
  const seqs = own.map(({ by }) => by.opSeq);
  const [start, end] = [steps[0]!.start, steps.at(-1)!.end];
  const isInside = ({ start: at }: BuiltOn): boolean => {
    return comparePositions(start, at) <= 0 && comparePositions(at, end) <= 0;
  };
  const part: TakeBackHunk = {
    ...plan,
    start,
    end,
    steps,
    removed: joined('remove'),
    restored: joined('restore'),
    firstSeq: Math.min(...seqs),
    lastSeq: Math.max(...seqs),
    builtOn: plan.builtOn.filter(isInside),
  };
  const { fileId, whose, seenSeq, version, works } = hunk;
  const place = { fileId, whose, seenSeq, version };
  return { ...textHunk(place, text, part, () => undefined), works, isPart: true };
}

/** The lines that are decided with a hunk. */
export function decidedRange(hunk: TextHunk): LineRange {
  const { startLine, endLine } = decidedLines(hunk.plan);
  if (!hunk.isPart) return [startLine, endLine];
  // What goes on below the part is not decided with it.
  return [startLine, Math.min(endLine, hunk.plan.steps.at(-1)!.start.line)];
}

/** What two sights of a hunk have in common, wherever it stands by now. */
export function sightOfHunk(hunk: ShownText | ShownWhole): string {
  return hunk.tag === 'whole' ? sightOf(hunk) : JSON.stringify(hunk.plan.steps.map(sightOfStep));
}

/** How a hunk stands in its text. Text that is one piece for some, and several for others, makes no difference. */
export function sightOfPlan({ steps, overwrittenBy }: TakeBackHunk): string {
  const pieces: { key: string; text: string; end: number; place: Position }[] = [];
  for (const { tag, text, by, at, start, end } of steps) {
    const key = `${tag} ${by.opSeq}`;
    const last = pieces.at(-1);
    const goesOn = last && last.key === key && last.end === at;
    if (goesOn && comparePositions(last.place, start) === 0) {
      last.text += text;
      last.end += text.length;
      last.place = end;
    } else {
      pieces.push({ key, text, end: at + text.length, place: end });
    }
  }
  const seqs = new Set(overwrittenBy.map(({ opSeq }) => opSeq));
  return JSON.stringify([pieces, [...seqs].sort((a, b) => a - b)]);
}

/** What two sights of a change of a whole file have in common. */
export function sightOf({ change, firstSeq, lastSeq }: ShownWhole): string {
  return JSON.stringify([change, firstSeq, lastSeq]);
}

/** What two sights of a piece of text have in common, wherever it stands by now. */
function sightOfStep({ tag, text, by, at }: ShownStep): string {
  return JSON.stringify([tag, text, by.opSeq, at]);
}

/** The lines before and after, as small as they are. */
function textsOf(text: Text, plan: TakeBackHunk, isOnNext: boolean) {
  const { start, end } = plan;
  const lines: string[] = [];
  for (let line = start.line; line <= end.line; line++) lines.push(text.line(line));
  const there = Text.of(lines.join('\n'));
  const choice: TakeBackChoice = 'take';
  const changes = moved(takeBackChanges([plan], [choice]), -start.line);
  const [after, before] = [there.toString(), there.apply(changes).toString()];
  if (!isOnNext) return { before, after };
  // Both end with the line that follows.
  const rest = lines.at(-1)!.length;
  const without = (whole: string): string => whole.slice(0, whole.length - rest);
  return { before: without(before), after: without(after) };
}

function moved(changes: Changes, lines: number): Changes {
  return changes.map((change): Change => {
    return { ...change, startLine: change.startLine + lines, endLine: change.endLine + lines };
  });
}

function decidedSeqs({ steps }: TakeBackHunk): number[] {
  const own = steps.filter(({ tag }) => tag !== 'others').map(({ by }) => by.opSeq);
  return [...new Set(own)].sort((a, b) => a - b);
}

function distinct(works: readonly AgentWork[]): readonly AgentWork[] {
  const found = new Map(works.map((work) => [`${work.agent} ${work.turn}`, work]));
  return [...found.values()];
}
