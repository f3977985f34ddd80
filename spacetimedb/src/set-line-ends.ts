import {
  endsAfter,
  followEnds,
  isOtherEnds,
  MOST_RUNS,
  type OtherEnds,
  otherLines,
  runsIn,
  withLines,
  withoutLines,
} from '../../src/core/other-ends.ts';
import type { LineEnd, ModePayload } from '../../src/core/op-payload.ts';
import { byteUnits, WORK_UNITS } from '../../src/core/work.ts';
import { type FileCall, type FileDecision, runFileCall } from './file-call.ts';
import { committedOps } from './file-texts.ts';
import { otherEndsOf } from './line-ends.ts';
import { demand } from './refusal.ts';
import { spend } from './work.ts';
import type { Arguments, Context } from './world.ts';

/** Sets how lines of a version end, whatever became of them since; every other line keeps its end. */
export function setLineEnds(ctx: Context, args: Arguments<'set_line_ends'>): void {
  const { crlf, lf, expectedBaseVersion } = args;
  spend(byteUnits(crlf.length + lf.length));
  runFileCall(ctx, 'mode', 'mode', args, { crlf, lf }, (call) => {
    demandText(call);
    const moved = movedLines(ctx, call, expectedBaseVersion, [crlf, lf]);
    // Where everything was replaced nobody knows these lines any more.
    return moved ? decideEnds(ctx, call, moved[0]!, moved[1]!) : { tag: 'nothing' };
  });
}

/**
 * Lines of a version where they are now; undefined where the whole text was replaced since. Refuses what are no
 * lines of it.
 */
export function movedLines(
  ctx: Context,
  { head, history }: Pick<FileCall, 'head' | 'history'>,
  base: number,
  lines: readonly OtherEnds[],
): readonly OtherEnds[] | undefined {
  const { fileId, version, lineCount } = head;
  if (version - base > history.limits.staleOps) return undefined;
  const since = committedOps(ctx.db, fileId, base, version);
  if (since.some(({ replacesAll }) => replacesAll)) return undefined;
  let ends = since.reduce((sum, { changes }) => sum - endsAfter(0, changes), lineCount - 1);
  const areLines = lines.every((each) => isOtherEnds(each, ends));
  demand(areLines, 'bad_range', 'the version has no such lines, or they are too many pieces');
  const cost = lines.reduce((sum, each) => sum + runsIn(each), 0);
  let moved = lines;
  for (const { changes } of since) {
    spend(WORK_UNITS.crossedOp + cost + changes.length);
    const before = ends;
    moved = moved.map((each) => followEnds(each, before, changes));
    ends = endsAfter(ends, changes);
  }
  return moved;
}

function decideEnds(
  { db }: Context,
  { head }: FileCall,
  crlf: OtherEnds,
  lf: OtherEnds,
): FileDecision {
  const others = otherEndsOf(db, head.fileId);
  const eol = head.eol as LineEnd;
  spend(WORK_UNITS.row + runsIn(others) + runsIn(crlf) + runsIn(lf));
  const [there, back] = eol === 'lf' ? [crlf, lf] : [lf, crlf];
  const wanted = withoutLines(withLines(others, there), back);
  if (wanted === others) return { tag: 'nothing' };
  const isPieces = runsIn(wanted) <= MOST_RUNS;
  demand(isPieces, 'too_many', 'too many pieces of the text end otherwise than the rest');
  // Where no line is left that ends as the head says, they are all alike again.
  const isTurned = otherLines(wanted, head.lineCount - 1) === '';
  const payload: ModePayload = {
    mode: head.mode as ModePayload['mode'],
    eol: isTurned ? turned(eol) : eol,
    otherEnds: isTurned ? '' : wanted,
    bom: head.bom,
  };
  return { tag: 'apply', effect: { kind: 'mode', ...payload }, payload };
}

function demandText({ head }: FileCall): void {
  demand(!head.deleted, 'no_such_file', 'the file was deleted');
  demand(head.kind === 'text', 'bad_text', 'the file is kept as binary and has no lines');
}

function turned(eol: LineEnd): LineEnd {
  return eol === 'lf' ? 'crlf' : 'lf';
}
