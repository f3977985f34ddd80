import { TELLING, wordCharacters } from '../../core/word-characters.ts';
import type { Finding, JudgedHunk, WriteToJudge } from './judged-hunk.ts';
import { isAt, linesText, type OldLines } from './old-lines.ts';
import { isOthers } from './old-states.ts';
import { substanceOf } from './substance.ts';

/** So much has to come back of lines of a hunk the rest of which is new; else `TELLING`. */
const TELLING_PIECE = 8;

/** A hunk whose lines were so before work of others. */
interface Candidate {
  readonly old: OldLines;
  /** The version that it goes back to. */
  readonly version: number;
  /** It speaks for itself; else the rest of the write has to. */
  readonly isTelling: boolean;
  /** Only the form of others' text is undone, as formatters do. */
  readonly isForm: boolean;
}

/**
 * Which hunks put old text back over others' work: such as speak for themselves, and of the rest those
 * for which the whole write speaks. In the order of the hunks; undefined for what is an edit.
 */
export function weigh(
  write: WriteToJudge,
  hunks: readonly JudgedHunk[],
  { whole, isOfGit }: { readonly whole: number | undefined; readonly isOfGit: boolean },
): readonly (Finding | undefined)[] {
  const shared = whole ?? sharedVersion(hunks, isOfOthers);
  const candidates = hunks.map((hunk) => candidateOf(write, hunk, shared));
  if (candidates.every((candidate) => !candidate)) return candidates.map(() => undefined);
  const telling = candidates.filter((each): each is Candidate => each?.isTelling ?? false);
  const isWhole = whole !== undefined || isOfGit;
  const weak = hunks.filter((_, index) => {
    const candidate = candidates[index];
    return candidate && !candidate.isForm && candidate.version === shared;
  });
  const isStale =
    shared !== undefined &&
    (weak.length > 1 || (weak.some(isTellingCut) && isUnanswered(write, shared))) &&
    // Two commands of git in a row are one write: what a pull brings is in it beside what went before.
    ((weak.length > 1 && write.byGit) || leavesNothingOfOthers(write, hunks, shared));
  const placed = newText(write, hunks);
  return candidates.map((candidate, index) => {
    if (!candidate) return undefined;
    if (!isWhole && isMoved(hunks[index]!, candidate, placed)) return undefined;
    const isPart = telling.some(({ version }) => isAt(candidate.old, version));
    const isSpokenFor = isPart || (candidate.isForm ? isOfGit && write.byGit : isWhole || isStale);
    if (!candidate.isTelling && !isSpokenFor) return undefined;
    const { old, version } = candidate;
    return { old, version, owners: old.undone.owners };
  });
}

function candidateOf(
  { after }: WriteToJudge,
  hunk: JudgedHunk,
  shared: number | undefined,
): Candidate | undefined {
  const old =
    (shared === undefined ? undefined : hunk.old.find((each) => isAt(each, shared))) ??
    hunk.old.find(({ isMidTyping }) => !isMidTyping) ??
    hunk.old[0];
  if (!old || !isOfOthers(old)) return undefined;
  const isShared = shared !== undefined && isAt(old, shared);
  const isForm = substanceOf(old.undone.gone) === substanceOf(old.undone.back);
  const written = linesText(after, hunk.newFrom, hunk.newTo);
  const isTelling = !isForm && !old.isMidTyping && tells(hunk, old, written);
  return { old, version: isShared ? shared : old.versions.last, isTelling, isForm };
}

function tells(hunk: JudgedHunk, { undone }: OldLines, written: string): boolean {
  const words = wordCharacters(written);
  if (hunk.newFrom === hunk.newTo || words === 0) return false;
  if (hunk.from === hunk.to) return words >= TELLING;
  // Whole words that others put into a line, and nothing instead of them: somebody takes them out.
  if (undone.isCut) return false;
  return !hunk.isCut || words >= TELLING_PIECE;
}

/** Text that goes and says something. */
function isTellingCut({ old }: JudgedHunk): boolean {
  return old.some(({ undone }) => wordCharacters(undone.gone) >= TELLING);
}

/** All that is new in a write. */
function newText({ after }: WriteToJudge, hunks: readonly JudgedHunk[]): string {
  const fresh = hunks.filter(({ old }) => old.length === 0);
  return substanceOf(fresh.map((hunk) => linesText(after, hunk.newFrom, hunk.newTo)).join(''));
}

/** Lines that only go, and are put in elsewhere by the same write. */
function isMoved(hunk: JudgedHunk, { old }: Candidate, placed: string): boolean {
  return hunk.newFrom === hunk.newTo && placed.includes(substanceOf(old.undone.gone));
}

/**
 * True where the folder's own member has written nothing since a version, and that is not long ago:
 * nothing shows that whoever wrote now had read what others did since.
 */
function isUnanswered({ past, own, nowMs }: WriteToJudge, version: number): boolean {
  const first = past.op(version + 1);
  if (!first || Number(first.origin.madeAtMicros / 1000n) < nowMs - UNREAD_MS) return false;
  for (let later = version + 1; later <= past.version; later++) {
    if (!isOthers(past.op(later)?.origin, own)) return false;
  }
  return true;
}

/** So long an agent may think about what it has read. */
const UNREAD_MS = 10 * 60_000;

/** The version that the most hunks were at, by those of their old lines that count; the newest of such. */
function sharedVersion(
  hunks: readonly JudgedHunk[],
  counts: (old: OldLines) => boolean,
): number | undefined {
  const steps = new Map<number, number>();
  const step = (version: number, by: number): void => {
    steps.set(version, (steps.get(version) ?? 0) + by);
  };
  for (const { old } of hunks) {
    for (const each of old.filter(counts)) {
      step(each.versions.last, 1);
      step(each.versions.first - 1, -1);
    }
  }
  let shared: number | undefined;
  let most = 0;
  let count = 0;
  for (const [version, by] of [...steps].sort(([a], [b]) => b - a)) {
    count += by;
    if (count > most) [shared, most] = [version, count];
  }
  return shared;
}

/** True where nothing that others did since a version is left, but for what the hunks undo. */
function leavesNothingOfOthers(
  { past, own }: WriteToJudge,
  hunks: readonly JudgedHunk[],
  version: number,
): boolean {
  const undone = new Set<number>();
  for (const hunk of hunks) {
    const old = hunk.old.find((each) => isAt(each, version));
    if (!old) continue;
    for (let line = hunk.from - old.above; line < hunk.to + old.below; line++) undone.add(line);
  }
  const behind = new Set(hunks.map(({ to }) => to));
  for (let line = 0; line < past.lineCount; line++) {
    if (undone.has(line) || past.isUntouched(line)) continue;
    let isFirst = behind.has(line);
    for (const strand of past.strands(line, line + 1, 'above')) {
      const isThere = strand.deletedBy === undefined;
      if (isThere) isFirst = false;
      if (isFirst || isThere === past.wasThere(strand, version)) continue;
      if (isOthers(isThere ? strand.insertedBy : strand.deletedBy, own)) return false;
    }
  }
  return true;
}

function isOfOthers({ undone }: OldLines): boolean {
  return undone.owners.size > 0;
}
