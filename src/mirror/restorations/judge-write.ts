import { type Change, type Changes, normalizeChanges } from '../../core/change.ts';
import type { IdentityHex } from '../../core/op.ts';
import { Text } from '../../core/text.ts';
import { wordCharacters } from '../../core/word-characters.ts';
import { minimalChanges } from '../../sync/minimal-changes.ts';
import { findHunks, wholeVersion } from './find-hunks.ts';
import type { Finding, JudgedHunk, WriteToJudge } from './judged-hunk.ts';
import { hunksInside, lineChange, type LineEnds } from './line-hunk.ts';
import { OldLineNumbers } from './old-line-numbers.ts';
import { linesAgain } from './lines-again.ts';
import { linesText } from './old-lines.ts';
import { isOthers } from './old-states.ts';
import type { Restored, ReturnedText } from './restoration-judge.ts';
import { substanceOf } from './substance.ts';
import { weigh } from './weigh-evidence.ts';

/**
 * What git says of the whole of what was written: that the repository had it before; that a pull, a merge or the
 * like brought it over another text; or neither.
 */
export type GitsWord = 'had' | 'new' | { readonly over: string };

/** What a write puts back, by the past alone and, once it is asked, by what git has. */
export class JudgedWrite {
  readonly #write: WriteToJudge;
  readonly #hunks: readonly JudgedHunk[];
  readonly #whole: number | undefined;
  readonly #gone = new Map<JudgedHunk, readonly IdentityHex[]>();

  constructor(write: WriteToJudge) {
    this.#write = write;
    this.#whole = wholeVersion(write);
    this.#hunks = findHunks(write, this.#whole);
  }

  restored(git: GitsWord): Restored | undefined {
    const restored = restoredOf(this.#write, this.#hunks, this.#foundBy(git));
    const isAny = restored.restoring.length > 0 || restored.returned.length > 0;
    return isAny ? { ...restored, whole: this.#whole } : undefined;
  }

  /** True where it would be another judgement if what was written were an old content of git's. */
  get isGitsToTell(): boolean {
    const anyway = this.#findings(false);
    return this.#findings(true).some((finding, index) => finding && !anyway[index]);
  }

  /** True where text goes that nobody is known to have written, and may have been there from the first. */
  get isFirstToTell(): boolean {
    if (this.#write.past.firstOrigin) return false;
    const anyway = this.#findings(false);
    return this.#hunks.some(({ from, to }, index) => from < to && !anyway[index]);
  }

  #foundBy(git: GitsWord): readonly (Finding | undefined)[] {
    if (typeof git === 'string') return this.#findings(git === 'had');
    const anyway = this.#findings(false);
    return this.#findings(true).map((finding, index) => {
      const isFound = finding && this.#isLeftBehind(this.#hunks[index]!, finding, git.over);
      return anyway[index] ?? (isFound ? finding : undefined);
    });
  }

  /**
   * True where the commits that were brought do not explain what a hunk does: git never takes away what it
   * does not know, so a command before has put the folder back to what git had.
   */
  #isLeftBehind(hunk: JudgedHunk, { old }: Finding, over: string): boolean {
    const after = this.#write.after.toString();
    const gone = old ? old.undone.gone : this.#othersText(hunk);
    const isUnknown = linesOf(gone).some((line) => !over.includes(line) && !after.includes(line));
    return isUnknown || linesOf(old?.undone.back ?? '').some((line) => over.includes(line));
  }

  /** What others wrote in the lines of a hunk and is there now. */
  #othersText(hunk: JudgedHunk): string {
    const { past, own } = this.#write;
    const strands = past.strands(hunk.from, hunk.to, 'above');
    const others = strands.filter((each) => !each.deletedBy && isOthers(past.madeBy(each), own));
    return others.map(({ text }) => text).join('');
  }

  #findings(isOfGit: boolean): readonly (Finding | undefined)[] {
    const findings = weigh(this.#write, this.#hunks, { whole: this.#whole, isOfGit });
    if (!isOfGit) return findings;
    return findings.map((finding, index): Finding | undefined => {
      const hunk = this.#hunks[index]!;
      if (finding || hunk.old.length > 0) return finding;
      const owners = this.#gone.get(hunk) ?? this.#goneFor(hunk);
      this.#gone.set(hunk, owners);
      return owners.length > 0 ? { old: undefined, version: 0, owners } : undefined;
    });
  }

  /** Whose text goes away with a hunk that is no older text of the file. */
  #goneFor(hunk: JudgedHunk): readonly IdentityHex[] {
    const { past, own, after } = this.#write;
    const written = substanceOf(linesText(after, hunk.newFrom, hunk.newTo));
    const owners = new Set<IdentityHex>();
    for (const strand of past.strands(hunk.from, hunk.to, 'above')) {
      const by = past.madeBy(strand);
      if (strand.deletedBy || !isOthers(by, own) || owners.has(by.author)) continue;
      const gone = substanceOf(strand.text);
      if (gone !== '' && !written.includes(gone)) owners.add(by.author);
    }
    return [...owners];
  }
}

/** Those that say something. */
function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => wordCharacters(line) > 0);
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
  const { past } = write;
  const numbers = new OldLineNumbers(past);
  /** Nobody types with git: its lines are those that stood there, where some did. */
  const add = (hunk: JudgedHunk, ...added: Changes): void => {
    if (write.byGit) returned.push(...linesAgain(past, hunk, added, changes.length, numbers));
    changes.push(...added);
  };
  hunks.forEach((hunk, index) => {
    const finding = findings[index];
    const from = finding ?? comesBack(write, hunk);
    if (!from) return add(hunk, ...keptChanges(write, hunk));
    for (const owner of finding?.owners ?? []) owners.add(owner);
    if (!from.old && hunk.hunk.changes === undefined) {
      // Text that the world never had: of the lines around it that stay nothing is put in anew.
      const before = changes.length;
      add(hunk, ...keptChanges(write, hunk));
      for (let each = before; each < changes.length; each++) restoring.push(each);
      return;
    }
    const { old, version } = from;
    const oldLine = old && numbers.of(hunk.from, old, version);
    for (const piece of piecesOf(write, hunk)) {
      const lines = [...write.after.lines(piece.newFrom, piece.newTo)];
      const { change, firstLine } = lineChange(write.before, piece, lines, piece.lineEnds);
      if (oldLine !== undefined && lines.length > 0) {
        const at = { change: changes.length, line: firstLine, lines: lines.length };
        const fromLine = oldLine + piece.newFrom - hunk.newFrom;
        returned.push({ ...at, version, fromLine });
      }
      if (finding) restoring.push(changes.length);
      if (oldLine === undefined) add(hunk, change);
      else changes.push(change);
    }
  });
  return { changes, restoring, owners: [...owners], returned };
}

/**
 * Where lines come from that git brings back, whoever took them out. Nobody types with git, so they are as they
 * were, and whose they were.
 */
function comesBack(
  { byGit }: WriteToJudge,
  { newFrom, newTo, old }: JudgedHunk,
): Pick<Finding, 'old' | 'version'> | undefined {
  if (!byGit || newFrom === newTo) return undefined;
  const then = old.find(({ isMidTyping }) => !isMidTyping);
  return then && { old: then, version: then.versions.last };
}

/** What a hunk that is not old does; as it was written, or as little as does the same to its lines. */
function keptChanges({ before, after }: WriteToJudge, judged: JudgedHunk): Changes {
  const { hunk, from, to, newFrom, newTo } = judged;
  if (!judged.isCut && hunk.changes) return hunk.changes;
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

interface Piece extends Pick<JudgedHunk, 'from' | 'to' | 'newFrom' | 'newTo'> {
  readonly lineEnds: LineEnds;
}

/** What of a hunk is put in anew: of one that several were joined to, nothing of the lines that stay in it. */
function piecesOf(write: WriteToJudge, hunk: JudgedHunk): readonly Piece[] {
  const { before, after } = write;
  const isJoined = !hunk.isCut && hunk.hunk.changes === undefined;
  if (!isJoined) return [{ ...hunk, lineEnds: endsOf(write, hunk) }];
  return hunksInside(hunk, before, after).map((piece) => {
    return { ...piece, lineEnds: endsOf(write, { hunk: piece }) };
  });
}

/** All pieces of one hunk alike, so that none reaches into its neighbour. */
function endsOf(
  { before }: Pick<WriteToJudge, 'before'>,
  { hunk }: Pick<JudgedHunk, 'hunk'>,
): LineEnds {
  return hunk.to === before.lineCount && hunk.from > 0 ? 'before' : 'behind';
}
