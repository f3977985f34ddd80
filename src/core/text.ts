import type { Change, Changes } from './change.ts';
import {
  type Chunk,
  ChunkBuilder,
  chunksIn,
  chunksOf,
  type Group,
  GroupBuilder,
  groupsOf,
  recut,
  replaceLine,
} from './chunk.ts';
import type { Position } from './position.ts';

/** Where a text is cut. */
interface Cut {
  readonly groups: readonly Group[];
  readonly lineCount: number;
  readonly isLoose: boolean;
}

interface Site {
  group: number;
  chunk: number;
  /** First line of the chunk. */
  line: number;
}

/**
 * How many chunks behind an edit are cut anew at once. Mostly a few are: but where thousands of lines
 * are the same, nothing in them says where to cut, and every cut moves up to the end of the text.
 */
const MAX_RECUT = 64;

/**
 * An immutable text of at least one line. An edit costs the chunks it touches plus a short list of
 * groups, not the length of the text; unchanged chunks are shared between versions. A text that came
 * as a string is cut when somebody first asks for a part of it: many are only compared as a whole.
 */
export class Text {
  /** UTF-16 code units, line ends included. */
  readonly length: number;
  /** The whole, where it came as a string that is not cut yet. */
  #content: string | undefined;
  #cut: Cut | undefined;

  private constructor(content: string | undefined, cut: Cut | undefined, length: number) {
    this.#content = content;
    this.#cut = cut;
    this.length = length;
  }

  get lineCount(): number {
    return this.#cuts.lineCount;
  }

  /** Cut as the rules say, the same for the same text: for hashing and storing. */
  get groups(): readonly Group[] {
    const cut = this.#cuts;
    if (!cut.isLoose) return cut.groups;
    const groups = recut(cut.groups);
    this.#cut = { groups, lineCount: cut.lineCount, isLoose: false };
    return groups;
  }

  /** A text from a string whose line ends are LF. */
  static of(content: string): Text {
    return new Text(content, undefined, content.length);
  }

  /** A text from its lines, without line ends; at least one. */
  static ofLines(lines: readonly string[]): Text {
    return Text.ofGroups(groupsOf(chunksOf(lines)));
  }

  /** A text from its groups, cut as the rules say, or loose where they say so. */
  static ofGroups(groups: readonly Group[]): Text {
    let characters = 0;
    for (const group of groups) characters += group.characters;
    return new Text(undefined, cutOf(groups), characters - 1);
  }

  /** Loose in places until somebody asks for `groups`. */
  get #cuts(): Cut {
    if (this.#cut) return this.#cut;
    this.#cut = cutOf(groupsOf(chunksIn(this.#content!)));
    // Nothing is kept twice.
    this.#content = undefined;
    return this.#cut;
  }

  /** The line with this zero-based number. Throws RangeError beyond the end. */
  line(number: number): string {
    const site = this.#site(number);
    return this.#chunk(site).lines[number - site.line]!;
  }

  /** The last place of the text. */
  get end(): Position {
    const line = this.lineCount - 1;
    return { line, character: this.line(line).length };
  }

  /** True when the place exists and does not stand inside a surrogate pair. */
  contains(position: Position): boolean {
    if (position.line >= this.lineCount) return false;
    const line = this.line(position.line);
    if (position.character > line.length) return false;
    return !splitsPair(line, position.character);
  }

  /** The text from `start` to `end`, both inside the text. */
  slice(start: Position, end: Position): string {
    if (start.line === end.line) {
      return this.line(start.line).slice(start.character, end.character);
    }
    const parts = [this.line(start.line).slice(start.character)];
    for (const line of this.lines(start.line + 1, end.line)) parts.push(line);
    parts.push(this.line(end.line).slice(0, end.character));
    return parts.join('\n');
  }

  /** The lines from `from` to `toExclusive`. */
  *lines(from = 0, toExclusive: number = this.lineCount): Generator<string> {
    if (from >= toExclusive) return;
    let site: Site | undefined = this.#site(from);
    let number = from;
    while (site && number < toExclusive) {
      const { lines } = this.#chunk(site);
      for (let index = number - site.line; index < lines.length; index++) {
        if (number++ >= toExclusive) return;
        yield lines[index]!;
      }
      site = this.#after(site);
    }
  }

  /** The text that results from changes; they must be ordered and inside this text. */
  apply(changes: Changes): Text {
    let result: Text = this;
    // From the last to the first, so that each still has the coordinates of the base.
    for (let index = changes.length - 1; index >= 0; index--) {
      result = result.#applyOne(changes[index]!);
    }
    return result;
  }

  toString(): string {
    if (this.#content !== undefined) return this.#content;
    const parts: string[] = [];
    for (const { chunks } of this.#cuts.groups) {
      for (const { content } of chunks) parts.push(content);
    }
    return parts.join('\n');
  }

  #applyOne(change: Change): Text {
    const first = this.#site(change.startLine);
    if (change.startLine === change.endLine && !change.text.includes('\n')) {
      const replaced = this.#replaceInLine(first, change);
      if (replaced) return replaced;
    }
    const last = this.#site(change.endLine);
    const head = this.#chunk(first).lines;
    const tail = this.#chunk(last).lines;
    const lines = head.slice(0, change.startLine - first.line);
    const before = head[change.startLine - first.line]!.slice(0, change.startCharacter);
    const after = tail[change.endLine - last.line]!.slice(change.endCharacter);
    pushLines(lines, before + change.text + after);
    for (let index = change.endLine - last.line + 1; index < tail.length; index++) {
      lines.push(tail[index]!);
    }
    return this.#splice(first, last, lines);
  }

  /** What typing mostly is: no line and no cut comes or goes. Undefined where one may. */
  #replaceInLine(site: Site, { startLine, startCharacter, endCharacter, text }: Change) {
    const cut = this.#cuts;
    const group = cut.groups[site.group]!;
    const index = startLine - site.line;
    const line = group.chunks[site.chunk]!.lines[index]!;
    const content = line.slice(0, startCharacter) + text + line.slice(endCharacter);
    const atEnd = this.#after(site) === undefined;
    const replaced = replaceLine(group, { chunk: site.chunk, index }, content, atEnd);
    if (!replaced) return undefined;
    const groups = [...cut.groups];
    groups[site.group] = replaced;
    const length = this.length + content.length - line.length;
    const { lineCount, isLoose } = cut;
    return new Text(undefined, { groups, lineCount, isLoose }, length);
  }

  /**
   * Puts `lines` in place of the chunks from `first` to `last`, cutting anew until cuts agree. If they
   * do not soon, what is behind stays as it is, and the text is loose there.
   */
  #splice(first: Site, last: Site, lines: string[]): Text {
    let rest = this.#after(last);
    const chunks: Chunk[] = [];
    const builder = new ChunkBuilder((chunk) => chunks.push(chunk));
    for (const line of lines) builder.push(line);
    for (let count = 0; !builder.isClosed && rest && count < MAX_RECUT; count++) {
      builder.pushAll(this.#chunk(rest));
      rest = this.#after(rest);
    }
    builder.finish(rest !== undefined);
    return Text.ofGroups(this.#regroup(first, rest, chunks));
  }

  /** Groups with `chunks` between the chunk `first` and the chunk `rest`, both given by place. */
  #regroup(first: Site, rest: Site | undefined, chunks: Chunk[]): Group[] {
    const former = this.#cuts.groups;
    const groups = former.slice(0, first.group);
    const builder = new GroupBuilder(groups);
    const head = former[first.group]!.chunks;
    for (let index = 0; index < first.chunk; index++) builder.push(head[index]!);
    for (const chunk of chunks) builder.push(chunk);
    let site = rest;
    for (let count = 0; site; count++) {
      if (site.chunk === 0 && (builder.isClosed || count >= MAX_RECUT)) break;
      builder.push(this.#chunk(site));
      site = this.#after(site);
    }
    builder.finish(site !== undefined);
    if (site)
      for (let index = site.group; index < former.length; index++) groups.push(former[index]!);
    return groups;
  }

  #chunk(site: Site): Chunk {
    return this.#cuts.groups[site.group]!.chunks[site.chunk]!;
  }

  #site(line: number): Site {
    const { groups } = this.#cuts;
    let start = 0;
    for (let group = 0; group < groups.length; group++) {
      const { lineCount, chunks } = groups[group]!;
      if (line >= start + lineCount) {
        start += lineCount;
        continue;
      }
      for (let chunk = 0; chunk < chunks.length; chunk++) {
        const count = chunks[chunk]!.lineCount;
        if (line < start + count) return { group, chunk, line: start };
        start += count;
      }
    }
    throw new RangeError(`line ${line} is beyond the ${this.lineCount} lines of the text`);
  }

  #after(site: Site): Site | undefined {
    const { groups } = this.#cuts;
    const line = site.line + this.#chunk(site).lineCount;
    if (site.chunk + 1 < groups[site.group]!.chunks.length) {
      return { group: site.group, chunk: site.chunk + 1, line };
    }
    return site.group + 1 < groups.length ? { group: site.group + 1, chunk: 0, line } : undefined;
  }
}

function cutOf(groups: readonly Group[]): Cut {
  let lineCount = 0;
  let isLoose = false;
  for (const group of groups) {
    lineCount += group.lineCount;
    isLoose ||= group.isLoose;
  }
  return { groups, lineCount, isLoose };
}

/** True when `character` stands between the two halves of a surrogate pair. */
export function splitsPair(line: string, character: number): boolean {
  if (character === 0 || character >= line.length) return false;
  const before = line.charCodeAt(character - 1);
  const after = line.charCodeAt(character);
  return before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
}

function pushLines(lines: string[], content: string): void {
  if (!content.includes('\n')) {
    lines.push(content);
    return;
  }
  for (const line of content.split('\n')) lines.push(line);
}
