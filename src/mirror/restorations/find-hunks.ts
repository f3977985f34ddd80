import type { Text } from '../../core/text.ts';
import type { JudgedHunk, WriteToJudge } from './judged-hunk.ts';
import { type LineHunk, lineHunks, smallerHunks } from './line-hunk.ts';
import { findOldLines, type HunkSearch, isAt, type Room } from './old-lines.ts';
import { versionsWith } from './old-states.ts';
import { splitHunk } from './split-hunk.ts';

/** The newest older version that the whole of the new text is. */
export function wholeVersion({ past, after }: WriteToJudge): number | undefined {
  return versionsWith(past, past.strands(0, past.lineCount), after.toString())[0]?.last;
}

/** The hunks of a write and how old they are; `whole`: the version that the whole of it is. */
export function findHunks(write: WriteToJudge, whole: number | undefined): readonly JudgedHunk[] {
  const search: HunkSearch = write;
  const { before, after } = write;
  const hunks = lineHunks(write.changes, before).flatMap((hunk) =>
    smallerHunks(hunk, before, after),
  );
  const judged = hunks.map((hunk, index): JudgedHunk => {
    const room = roomOf(hunks, index, write.before);
    return { ...hunk, hunk, isCut: false, old: findOldLines(search, hunk, room) };
  });
  if (whole !== undefined) return allAt(whole, write, judged);
  const likely = [
    ...new Set(judged.flatMap(({ old }) => old.map(({ versions }) => versions.last))),
  ];
  likely.sort((a, b) => b - a).splice(MOST_LIKELY);
  return judged.flatMap((each) => (each.old.length > 0 ? each : cutHunk(write, each, likely)));
}

const MOST_LIKELY = 6;

/** Hunks of a text that is all of an old one: where one of them seems not to be, they are one. */
function allAt(
  version: number,
  write: WriteToJudge,
  judged: readonly JudgedHunk[],
): readonly JudgedHunk[] {
  if (judged.every(({ old }) => old.some((each) => isAt(each, version)))) return judged;
  const [first, last] = [judged[0]!.hunk, judged.at(-1)!.hunk];
  const hunk = { ...first, to: last.to, newTo: last.newTo, changes: undefined };
  const room = { above: hunk.from, below: write.before.lineCount - hunk.to };
  return [{ ...hunk, hunk, isCut: false, old: findOldLines(write, hunk, room) }];
}

function roomOf(hunks: readonly LineHunk[], index: number, before: Text): Room {
  const hunk = hunks[index]!;
  return {
    above: hunk.from - (hunks[index - 1]?.to ?? 0),
    below: (hunks[index + 1]?.from ?? before.lineCount) - hunk.to,
  };
}

function cutHunk(
  write: WriteToJudge,
  judged: JudgedHunk,
  likely: readonly number[],
): readonly JudgedHunk[] {
  const { hunk } = judged;
  // Without a line that stays on either side there is no place to cut at.
  if (hunk.from === 0 && hunk.to === write.before.lineCount) return [judged];
  const pieces = splitHunk(write, hunk, likely);
  const cut = pieces?.map(({ mayBeOld, ...piece }): JudgedHunk => {
    const whole = { ...hunk, ...piece };
    const room = { above: 0, below: 0 };
    const old = mayBeOld ? findOldLines(write, whole, room) : [];
    return { ...piece, hunk, isCut: true, old };
  });
  return cut?.some(({ old }) => old.length > 0) ? cut : [judged];
}
