/** Owns: what a decision about hunks of one file does: its op, and the steps that take back. Does not know: how it is sent. */
import { DEFAULT_LIMITS, parseLimits } from '../core/limits.ts';
import { type LineRange, REVIEW_RANGES, type WholeKind, type Whose } from '../core/review.ts';
import type { ReturnedText } from '../core/returned-text.ts';
import { takeBackEdit } from '../core/take-back.ts';
import type { FileStep } from '../world/change-files.ts';
import { readFile } from '../world/file-reader.ts';
import type { FileHead } from '../world/world-rows.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { FileReview } from './file-review.ts';
import {
  decidedRange,
  type ReviewHunk,
  type TextHunk,
  type WholeChange,
  type WholeHunk,
} from './review-hunk.ts';

export interface FileDecision {
  readonly does: 'keep' | 'take';
  readonly head: FileHead;
  /** Those that it decides: one decision names so many lines. */
  readonly hunks: readonly ReviewHunk[];
  readonly whose: Whose;
  readonly seenSeq: number;
  readonly lines: readonly LineRange[];
  readonly whole: readonly WholeKind[];
  readonly upTo: number;
  readonly steps: readonly ReturningStep[];
}

/** A step, and which pieces of its text stood in the file before. */
export type ReturningStep = FileStep & { readonly returned?: readonly ReturnedText[] };

interface Wish {
  readonly does: 'keep' | 'take';
  /** As they stand now. */
  readonly hunks: readonly ReviewHunk[];
  readonly options: { readonly withOthers?: boolean | undefined };
}

/** Works out what is to be sent. Rejects with `LinkFailure` where a former content has to be read. */
export async function fileDecision(
  session: WorldSession,
  review: FileReview,
  head: FileHead,
  { does, hunks, options }: Wish,
): Promise<FileDecision> {
  const { whose, seenSeq, version } = hunks[0]!;
  const wholes = hunks.filter((hunk): hunk is WholeHunk => hunk.tag === 'whole');
  const isAll = wholes.some(({ change }) => decidesLines(does, change));
  const wanted = hunks.filter((hunk): hunk is TextHunk => hunk.tag === 'text');
  const isEvery = isAll || areAll(wanted, review.hunks(head, whose));
  const texts = isEvery ? wanted : wanted.slice(0, REVIEW_RANGES);
  const lines = isEvery ? [ALL_LINES] : joined(texts.map(decidedRange));
  const whole = wholes.map(({ change }) => change.kind);
  const steps =
    does === 'keep'
      ? []
      : [
          ...(await wholeSteps(session, { ...head, version }, wholes)),
          ...(isAll ? [] : textSteps(session, { fileId: head.fileId, version }, texts, options)),
        ];
  const after = steps.reduce(headAfter, head);
  const seen = { seenSeq, version };
  const edits = steps.flatMap((step) => (step.kind === 'edit' ? [step.changes] : []));
  const planned = { edits, author: session.identity };
  const upTo = review.settledBy(after, { ...whose, lines, whole }, seen, planned);
  const decided = [...wholes, ...texts];
  return { does, head, hunks: decided, whose, seenSeq, lines, whole, upTo, steps };
}

const ALL_LINES: LineRange = [0, 0xffff_ffff];

/** True for all lines that there are to be decided, of which there are some. */
function areAll(hunks: readonly TextHunk[], all: readonly ReviewHunk[]): boolean {
  const isWhole = hunks.length > 0 && hunks.every(({ isPart }) => isPart !== true);
  return isWhole && hunks.length === all.filter(({ tag }) => tag === 'text').length;
}

/** True where nothing of the lines is left to be decided by itself. */
function decidesLines(does: 'keep' | 'take', change: WholeChange): boolean {
  switch (change.kind) {
    case 'created':
      return true;
    case 'deleted':
      return (does === 'keep') === change.isDeleted;
    case 'content':
      return does === 'take';
    case 'renamed':
    case 'mode':
      return false;
  }
}

function textSteps(
  session: WorldSession,
  file: { readonly fileId: number; readonly version: number },
  hunks: readonly TextHunk[],
  { withOthers = false }: Wish['options'],
): readonly ReturningStep[] {
  if (hunks.length === 0) return [];
  const plans = hunks.map(({ plan }) => plan);
  const choices = plans.map(() => (withOthers ? ('take_all' as const) : ('take' as const)));
  const { changes, returned } = takeBackEdit(plans, choices);
  const { changesPerOp } = parseLimits(session.workspace?.limits ?? '') ?? DEFAULT_LIMITS;
  const steps: ReturningStep[] = [];
  // From the last changes to the first, so that each still has the coordinates of the base.
  for (let end = changes.length; end > 0; end -= changesPerOp) {
    const start = Math.max(0, end - changesPerOp);
    const own = returned
      .filter(({ change }) => change >= start && change < end)
      .map((piece) => ({ ...piece, change: piece.change - start }));
    steps.push({ kind: 'edit', ...file, changes: changes.slice(start, end), returned: own });
  }
  return steps;
}

async function wholeSteps(
  session: WorldSession,
  { fileId, version, path }: FileHead,
  hunks: readonly WholeHunk[],
): Promise<readonly ReturningStep[]> {
  const file = { fileId, version };
  if (hunks.some(({ change }) => change.kind === 'created')) return [{ kind: 'delete', ...file }];
  const steps: ReturningStep[] = [];
  for (const { change } of hunks) {
    switch (change.kind) {
      case 'created':
        break;
      case 'deleted':
        steps.push({ kind: change.isDeleted ? 'restore' : 'delete', ...file });
        break;
      case 'renamed':
        steps.push({ kind: 'rename', ...file, from: path, to: change.from });
        break;
      case 'mode':
        steps.push({ kind: 'mode', fileId, version: change.version, ...change.before });
        break;
      case 'content':
        steps.push({ kind: 'content', ...file, content: await contentAt(session, file, change) });
    }
  }
  return steps;
}

/** Line ends and mark come back with the content only where it is text, as the file has them now. */
async function contentAt(
  session: WorldSession,
  { fileId }: { readonly fileId: number },
  { beforeVersion }: Extract<WholeChange, { kind: 'content' }>,
) {
  const link = await session.whenOnline();
  const file = await readFile(link, session.view, fileId, beforeVersion);
  if (file.kind === 'binary') return { kind: 'binary', bytes: file.bytes } as const;
  const { eol, bom } = session.view.files.get(fileId)!;
  return { kind: 'text', text: file.text.toString(), eol, bom } as const;
}

function headAfter(head: FileHead, step: FileStep): FileHead {
  switch (step.kind) {
    case 'delete':
      return { ...head, deleted: true };
    case 'restore':
      return { ...head, deleted: false };
    case 'rename':
      return { ...head, path: step.to };
    default:
      return head;
  }
}

/** Ranges in order, none of which meets another. */
function joined(ranges: readonly LineRange[]): readonly LineRange[] {
  const found: LineRange[] = [];
  for (const [first, last] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const before = found.at(-1);
    if (before && first <= before[1]) {
      found[found.length - 1] = [before[0], Math.max(before[1], last)];
    } else found.push([first, last]);
  }
  return found;
}
