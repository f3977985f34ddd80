import type { Changes } from '../core/change.ts';
import type { WorkKey } from './work-key.ts';

/** A run of lines of one author, both included, counted from 0. */
export interface AuthoredLines {
  /** Who answers for them. */
  readonly author: WorkKey;
  /** Nobody is known to have written them. */
  readonly isUnattributed: boolean;
  readonly firstLine: number;
  readonly lastLine: number;
}

/** A line that came back from before the ledger began: where it stood at that step, and who may have it. */
export interface UnknownLine {
  readonly line: number;
  readonly text: string;
  belongTo(author: WorkKey, isUnattributed: boolean): void;
}

interface Line {
  readonly text: string;
  /** Undefined for a line that was there at the beginning. */
  writtenBy: WorkKey | undefined;
  isUnattributed: boolean;
  /** Of all steps that the ledger took, the one that brought the line. */
  readonly step: number;
  /** Lines that stood before this one and are gone, in their order. */
  graves: readonly Grave[];
}

interface Grave {
  readonly text: string;
  readonly writtenBy: WorkKey | undefined;
  readonly isUnattributed: boolean;
  readonly removedBy: WorkKey;
}

/**
 * Who wrote and who removed which line of a text since some point. A line that an edit leaves as it
 * is stays its author's; one that its own author removed again was never there.
 */
export class LineLedger {
  readonly #lines: Line[];
  #graves: readonly Grave[] = [];
  #step = 0;

  constructor(text: string) {
    this.#lines = text.split('\n').map((line) => written(line, undefined, false, 0));
  }

  /** The ledger of a text that somebody began. */
  static begunBy(author: WorkKey, text: string, isUnattributed = false): LineLedger {
    const ledger = new LineLedger('');
    ledger.#lines.length = 0;
    for (const line of text.split('\n')) {
      ledger.#lines.push(written(line, author, isUnattributed, 0));
    }
    return ledger;
  }

  /** Takes an op's changes, which are ordered and lie inside the text; `author` answers for them. */
  apply(changes: Changes, author: WorkKey, isUnattributed = false): void {
    this.#step += 1;
    for (let index = changes.length - 1; index >= 0; index--) {
      const { startLine, startCharacter, endLine, endCharacter, text } = changes[index]!;
      const before = this.#lines[startLine]!.text.slice(0, startCharacter);
      const after = this.#lines[endLine]!.text.slice(endCharacter);
      this.#replace(
        startLine,
        endLine,
        (before + text + after).split('\n'),
        author,
        isUnattributed,
      );
    }
  }

  /** Takes a whole new text. What it has in common with the old one at both ends stays. */
  rewrite(text: string, author: WorkKey, isUnattributed = false): void {
    this.#step += 1;
    this.#replace(0, this.#lines.length - 1, text.split('\n'), author, isUnattributed);
  }

  /**
   * Says of lines, both ends included, that they came back with the last step: those that went away
   * here are again as if nobody had removed them. One that the step did not bring stays as it is. Returns
   * those that must have gone before this ledger began: they are their bringer's unless somebody knows.
   */
  giveBack(firstLine: number, lastLine: number): readonly UnknownLine[] {
    const unknown: UnknownLine[] = [];
    let start = firstLine;
    while (this.#isNew(start - 1)) start--;
    for (; start <= lastLine && start < this.#lines.length; start++) {
      let end = start;
      while (this.#isNew(end)) end++;
      const isBack = (line: number): boolean => line >= firstLine && line <= lastLine;
      if (end > start) unknown.push(...this.#giveBackRun(start, end, isBack));
      start = end;
    }
    return unknown;
  }

  /** All that went away around new lines stands among them or behind them, before the next old line. */
  #giveBackRun(
    start: number,
    end: number,
    isBack: (line: number) => boolean,
  ): readonly UnknownLine[] {
    const unknown: UnknownLine[] = [];
    const behind = this.#lines[end];
    const lines = this.#lines.slice(start, end);
    const graves = [...lines.flatMap((line) => line.graves), ...(behind?.graves ?? this.#graves)];
    let from = 0;
    for (const [index, line] of lines.entries()) {
      const found = isBack(start + index)
        ? graves.findIndex(({ text }, grave) => grave >= from && text === line.text)
        : -1;
      // What stood before it and is still gone stays before it.
      line.graves = found < 0 ? NO_GRAVES : graves.slice(from, found);
      if (found < 0) {
        if (isBack(start + index)) unknown.push(unknownLine(start + index, line));
        continue;
      }
      line.writtenBy = graves[found]!.writtenBy;
      line.isUnattributed = graves[found]!.isUnattributed;
      from = found + 1;
    }
    const rest = graves.slice(from);
    if (behind) behind.graves = rest;
    else this.#graves = rest;
    return unknown;
  }

  #isNew(line: number): boolean {
    return line >= 0 && this.#lines[line]?.step === this.#step;
  }

  /** The lines that somebody wrote and that are still there. */
  authored(): readonly AuthoredLines[] {
    const runs: (Omit<AuthoredLines, 'lastLine'> & { lastLine: number })[] = [];
    for (const [line, { writtenBy: author, isUnattributed }] of this.#lines.entries()) {
      if (author === undefined) continue;
      const last = runs.at(-1);
      const isSame = last?.author === author && last.isUnattributed === isUnattributed;
      if (isSame && last.lastLine === line - 1) last.lastLine = line;
      else runs.push({ author, isUnattributed, firstLine: line, lastLine: line });
    }
    return runs;
  }

  /** The text as it would be if only these authors had written and removed lines. */
  textOf(authors: ReadonlySet<WorkKey>): string {
    const isBy = (author: WorkKey | undefined): boolean =>
      author === undefined || authors.has(author);
    const lines: string[] = [];
    const addGraves = (graves: readonly Grave[]): void => {
      for (const grave of graves) {
        if (isBy(grave.writtenBy) && !authors.has(grave.removedBy)) lines.push(grave.text);
      }
    };
    for (const line of this.#lines) {
      addGraves(line.graves);
      if (isBy(line.writtenBy)) lines.push(line.text);
    }
    addGraves(this.#graves);
    return lines.join('\n');
  }

  /** Lines `first` to `last`, both included, become others. */
  #replace(
    first: number,
    last: number,
    texts: readonly string[],
    author: WorkKey,
    isUnattributed: boolean,
  ): void {
    let from = first;
    let to = last;
    let head = 0;
    let tail = texts.length;
    while (from <= to && head < tail && this.#lines[from]!.text === texts[head]) {
      from++;
      head++;
    }
    while (to >= from && tail > head && this.#lines[to]!.text === texts[tail - 1]) {
      to--;
      tail--;
    }
    const step = this.#step;
    const fresh = texts
      .slice(head, tail)
      .map((text) => written(text, author, isUnattributed, step));
    const removed = this.#lines.slice(from, to + 1);
    const graves = removed.flatMap((line) => [...line.graves, ...graveOf(line, author)]);
    spliceLines(this.#lines, from, removed.length, fresh);
    if (graves.length === 0) return;
    const heir = this.#lines[from];
    if (heir) heir.graves = [...graves, ...heir.graves];
    else this.#graves = [...graves, ...this.#graves];
  }
}

function unknownLine(at: number, line: Line): UnknownLine {
  return {
    line: at,
    text: line.text,
    belongTo(author, isUnattributed) {
      line.writtenBy = author;
      line.isUnattributed = isUnattributed;
    },
  };
}

function written(
  text: string,
  writtenBy: WorkKey | undefined,
  isUnattributed: boolean,
  step: number,
): Line {
  return { text, writtenBy, isUnattributed, step, graves: NO_GRAVES };
}

function graveOf(line: Line, removedBy: WorkKey): readonly Grave[] {
  const { text, writtenBy, isUnattributed } = line;
  return writtenBy === removedBy ? [] : [{ text, writtenBy, isUnattributed, removedBy }];
}

/** `splice` takes its items as arguments, of which there may not be too many. */
function spliceLines(lines: Line[], at: number, count: number, fresh: readonly Line[]): void {
  if (fresh.length < MOST_ARGUMENTS) {
    lines.splice(at, count, ...fresh);
    return;
  }
  const behind = lines.splice(at).slice(count);
  for (const line of fresh) lines.push(line);
  for (const line of behind) lines.push(line);
}

/** Most lines stand behind none. */
const NO_GRAVES: readonly Grave[] = [];
const MOST_ARGUMENTS = 10_000;
