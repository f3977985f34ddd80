import { type Change, type Changes, normalizeChanges } from '../../core/change.ts';
import type { IdentityHex } from '../../core/op.ts';
import { Text } from '../../core/text.ts';
import { minimalChanges } from '../../sync/minimal-changes.ts';
import { lineChange, type LineEnds, type LineHunk, lineHunks } from './line-hunk.ts';
import { findOldLines, type HunkSearch, lineAt, linesText, type Room } from './old-lines.ts';
import { isOthers } from './old-states.ts';
import type { Restored, ReturnedText } from './restoration-judge.ts';
import { splitHunk } from './split-hunk.ts';
import { substanceOf } from './substance.ts';
import type { Finding, JudgedHunk, WriteToJudge } from './judged-hunk.ts';
import { weigh } from './weigh-evidence.ts';

/** What a write puts back, by the past alone and, once it is asked, by what git has. */
export class JudgedWrite {
  readonly #write: WriteToJudge;
  readonly #hunks: readonly JudgedHunk[];

  constructor(write: WriteToJudge) {
    this.#write = write;
    this.#hunks = judgedHunks(write);
  }

  /**
   * True where git could tell more: it was at work, and text of others goes away for such as the file
   * has not had in this world.
   */
  get isGitsToTell(): boolean {
    return this.#write.byGit && this.#hunks.some((hunk) => this.#goneFor(hunk).length > 0);
  }

  /** `isOfGit`: the whole of what was written is an old content of the repository. */
  restored(isOfGit: boolean): Restored | undefined {
    const findings = weigh(this.#write, this.#hunks, isOfGit);
    const found = this.#hunks.map((hunk, index): Finding | undefined => {
      if (findings[index] || !isOfGit || hunk.old.length > 0) return findings[index];
      const owners = this.#goneFor(hunk);
      return owners.length > 0 ? { old: undefined, version: 0, owners } : undefined;
    });
    return found.some((finding) => finding)
      ? restoredOf(this.#write, this.#hunks, found)
      : undefined;
  }

  /** Whose text goes away with a hunk that is no older text of the file. */
  #goneFor(hunk: JudgedHunk): readonly IdentityHex[] {
    if (hunk.old.length > 0) return [];
    const { past, own, after } = this.#write;
    const written = substanceOf(linesText(after, hunk.newFrom, hunk.newTo));
    const owners = new Set<IdentityHex>();
    for (const { text, insertedBy, deletedBy } of past.strandsOfLines(hunk.from, hunk.to)) {
      if (deletedBy || !isOthers(insertedBy, own)) continue;
      const gone = substanceOf(text);
      if (gone !== '' && !written.includes(gone)) owners.add(insertedBy.author);
    }
    return [...owners];
  }
}

function judgedHunks(write: WriteToJudge): readonly JudgedHunk[] {
  const search: HunkSearch = write;
  const hunks = lineHunks(write.changes, write.before);
  const whole = hunks.map((hunk, index): JudgedHunk => {
    const room = roomOf(hunks, index, write.before);
    return { ...hunk, hunk, isCut: false, old: findOldLines(search, hunk, room) };
  });
  const likely = [...new Set(whole.flatMap(({ old }) => old.map(({ versions }) => versions.last)))];
  likely.sort((a, b) => b - a).splice(MOST_LIKELY);
  return whole.flatMap((judged) =>
    judged.old.length > 0 ? judged : cutHunk(write, judged, likely),
  );
}

const MOST_LIKELY = 6;

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

function restoredOf(
  write: WriteToJudge,
  hunks: readonly JudgedHunk[],
  findings: readonly (Finding | undefined)[],
): Restored {
  const changes: Change[] = [];
  const restoring: number[] = [];
  const returned: ReturnedText[] = [];
  const owners = new Set<IdentityHex>();
  hunks.forEach((hunk, index) => {
    const finding = findings[index];
    if (!finding) {
      changes.push(...keptChanges(write, hunk));
      return;
    }
    for (const owner of finding.owners) owners.add(owner);
    const lines = [...write.after.lines(hunk.newFrom, hunk.newTo)];
    const { change, firstLine } = lineChange(write.before, hunk, lines, endsOf(write, hunk));
    if (finding.old && lines.length > 0) {
      const fromLine =
        lineAt(write.past, hunk.from - finding.old.above, finding.version) + finding.old.above;
      const { version } = finding;
      const at = { change: changes.length, line: firstLine, lines: lines.length };
      returned.push({ ...at, version, fromLine });
    }
    restoring.push(changes.length);
    changes.push(change);
  });
  return { changes, restoring, owners: [...owners], returned };
}

/** What a hunk that is not old does; as it was written, or as little as does the same to its lines. */
function keptChanges({ before, after, changes }: WriteToJudge, judged: JudgedHunk): Changes {
  const { hunk, from, to, newFrom, newTo } = judged;
  if (!judged.isCut) return changes.slice(hunk.firstChange, hunk.endChange);
  const lines = [...after.lines(newFrom, newTo)];
  const isPlain = from === to || newFrom === newTo;
  if (isPlain) return [lineChange(before, judged, lines, endsOf({ before }, judged)).change];
  const base = Text.ofLines([...before.lines(from, to)]);
  return normalizeChanges(minimalChanges(base, lines.join('\n'))).map((change) => ({
    ...change,
    startLine: change.startLine + from,
    endLine: change.endLine + from,
  }));
}

/** All pieces of one hunk alike, so that none reaches into its neighbour. */
function endsOf({ before }: Pick<WriteToJudge, 'before'>, { hunk }: JudgedHunk): LineEnds {
  return hunk.to === before.lineCount && hunk.from > 0 ? 'before' : 'behind';
}
