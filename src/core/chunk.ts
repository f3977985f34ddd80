import { cutsIn, endsChunk, endsGroup, lineMark } from './content-chunking.ts';

/**
 * A run of whole lines between two cuts. The line end after its last line belongs to it, except in the
 * last chunk of a text. Its content is immutable. Of most chunks only the hash is ever asked for, so one
 * that was cut out of a text keeps it in one piece until somebody asks for its lines.
 */
export class Chunk {
  readonly lineCount: number;
  /** UTF-16 code units, a line end counted for every line. */
  readonly characters: number;
  /** What `lineMark` says of its last line. */
  readonly lastMark: number;
  /** True where the text goes on after it although no rule puts a cut there; see `recut`. */
  readonly isLoose: boolean;
  #content: string | undefined;
  #lines: readonly string[] | undefined;
  #marks: readonly number[] | undefined;
  #hash: Uint8Array | undefined;

  private constructor(
    size: Pick<Chunk, 'lineCount' | 'characters' | 'lastMark' | 'isLoose'>,
    content: string | undefined,
    lines: readonly string[] | undefined,
    marks: readonly number[] | undefined,
  ) {
    this.lineCount = size.lineCount;
    this.characters = size.characters;
    this.lastMark = size.lastMark;
    this.isLoose = size.isLoose;
    this.#content = content;
    this.#lines = lines;
    this.#marks = marks;
    // In every object at once, so that all have one form.
    this.#hash = undefined;
  }

  static ofLines(
    lines: readonly string[],
    marks: readonly number[],
    characters: number,
    isLoose: boolean,
  ): Chunk {
    const size = { lineCount: lines.length, characters, lastMark: marks.at(-1)!, isLoose };
    return new Chunk(size, undefined, lines, marks);
  }

  /** From its lines as one text, which has so many of them. */
  static ofContent(content: string, lineCount: number, lastMark: number): Chunk {
    const size = { lineCount, characters: content.length + 1, lastMark, isLoose: false };
    return new Chunk(size, content, undefined, undefined);
  }

  get lines(): readonly string[] {
    if (!this.#lines) {
      this.#lines = this.#content!.split('\n');
      this.#keepOnce();
    }
    return this.#lines;
  }

  /** Of each line what `lineMark` says. */
  get marks(): readonly number[] {
    this.#marks ??= this.lines.map((line) => lineMark(line));
    return this.#marks;
  }

  /** Its lines as one text. */
  get content(): string {
    return this.#content ?? this.#lines!.join('\n');
  }

  /** Filled in once, by `content-hash.ts`. */
  get hash(): Uint8Array | undefined {
    return this.#hash;
  }

  set hash(hash: Uint8Array) {
    this.#hash = hash;
    this.#keepOnce();
  }

  /** Nothing is kept twice that nobody will ask for again. */
  #keepOnce(): void {
    if (this.#hash && this.#lines) this.#content = undefined;
  }
}

/** A run of chunks between two group cuts. Immutable; `hash` is filled in once by `content-hash.ts`. */
export interface Group {
  readonly chunks: readonly Chunk[];
  readonly lineCount: number;
  readonly characters: number;
  /** True where it, or a chunk in it, ends without a cut although the text goes on. */
  readonly isLoose: boolean;
  hash?: Uint8Array;
}

/** Cuts lines into chunks as they come. */
export class ChunkBuilder {
  readonly #emit: (chunk: Chunk) => void;
  #lines: string[] = [];
  #characters = 0;
  #marks: number[] = [];

  constructor(emit: (chunk: Chunk) => void) {
    this.#emit = emit;
  }

  /** True right after a cut, when what follows is cut without regard to what came before. */
  get isClosed(): boolean {
    return this.#lines.length === 0;
  }

  push(line: string, mark: number = lineMark(line)): void {
    this.#lines.push(line);
    this.#characters += line.length + 1;
    this.#marks.push(mark);
    if (endsChunk(mark, this.#lines.length, this.#characters)) this.finish();
  }

  /** The lines of a chunk that was cut before. */
  pushAll(chunk: Chunk): void {
    const { lines, marks } = chunk;
    for (let index = 0; index < lines.length; index++) this.push(lines[index]!, marks[index]);
  }

  /** Ends here what is open; `isLoose` where the text goes on. */
  finish(isLoose = false): void {
    if (this.#lines.length === 0) return;
    this.#emit(Chunk.ofLines(this.#lines, this.#marks, this.#characters, isLoose));
    this.#lines = [];
    this.#marks = [];
    this.#characters = 0;
  }
}

/** Cuts chunks into groups as they come. */
export class GroupBuilder {
  readonly #groups: Group[];
  #chunks: Chunk[] = [];

  constructor(groups: Group[]) {
    this.#groups = groups;
  }

  get isClosed(): boolean {
    return this.#chunks.length === 0;
  }

  push(chunk: Chunk): void {
    this.#chunks.push(chunk);
    if (endsGroup(chunk.lastMark, this.#chunks.length)) this.finish();
  }

  /** Ends here what is open; `isLoose` where the text goes on. */
  finish(isLoose = false): void {
    if (this.#chunks.length === 0) return;
    this.#groups.push({
      chunks: this.#chunks,
      lineCount: this.#chunks.reduce((sum, chunk) => sum + chunk.lineCount, 0),
      characters: this.#chunks.reduce((sum, chunk) => sum + chunk.characters, 0),
      isLoose: isLoose || this.#chunks.some((chunk) => chunk.isLoose),
    });
    this.#chunks = [];
  }
}

/**
 * A group with another content in one line, if no cut moves by that; undefined if one may. `atEnd`
 * says that the chunk is the last of its text, where it need not end by a cut.
 */
export function replaceLine(
  group: Group,
  place: { readonly chunk: number; readonly index: number },
  content: string,
  atEnd: boolean,
): Group | undefined {
  const chunk = group.chunks[place.chunk]!;
  const lines = [...chunk.lines];
  const marks = [...chunk.marks];
  lines[place.index] = content;
  marks[place.index] = lineMark(content);
  if (!keepsCuts(lines, marks, atEnd)) return undefined;
  const position = place.chunk + 1;
  const endedGroup = endsGroup(chunk.lastMark, position);
  if (endsGroup(marks.at(-1)!, position) !== endedGroup) return undefined;
  const growth = content.length - chunk.lines[place.index]!.length;
  const chunks = [...group.chunks];
  const { lineCount, characters, isLoose } = group;
  chunks[place.chunk] = Chunk.ofLines(lines, marks, chunk.characters + growth, false);
  return { chunks, lineCount, characters: characters + growth, isLoose };
}

function keepsCuts(lines: readonly string[], marks: readonly number[], atEnd: boolean): boolean {
  const last = lines.length - 1;
  let characters = 0;
  for (let index = 0; index <= last; index++) {
    characters += lines[index]!.length + 1;
    const isCut = endsChunk(marks[index]!, index + 1, characters);
    if (isCut !== (index === last) && !(atEnd && index === last)) return false;
  }
  return true;
}

/**
 * The groups that the rules give to a text, from groups that are loose in some places. What is as it
 * should be is taken as it is, with its hash.
 */
export function recut(groups: readonly Group[]): readonly Group[] {
  const result: Group[] = [];
  const grouping = new GroupBuilder(result);
  const chunking = new ChunkBuilder((chunk) => grouping.push(chunk));
  for (const group of groups) {
    if (chunking.isClosed && grouping.isClosed && !group.isLoose) {
      result.push(group);
      continue;
    }
    for (const chunk of group.chunks) {
      if (chunking.isClosed && !chunk.isLoose) grouping.push(chunk);
      else chunking.pushAll(chunk);
    }
  }
  chunking.finish();
  grouping.finish();
  return result;
}

/** True where a text that goes on behind a group is cut there by the rules. */
export function endsByRule({ chunks }: Group): boolean {
  const { lastMark, lineCount, characters } = chunks.at(-1)!;
  return endsChunk(lastMark, lineCount, characters) && endsGroup(lastMark, chunks.length);
}

export function chunksOf(lines: readonly string[]): Chunk[] {
  const chunks: Chunk[] = [];
  const builder = new ChunkBuilder((chunk) => chunks.push(chunk));
  for (const line of lines) builder.push(line);
  builder.finish();
  return chunks;
}

/** The same from the lines of a text whose line ends are LF. */
export function chunksIn(content: string): Chunk[] {
  const chunks: Chunk[] = [];
  cutsIn(content, (start, end, lineCount, lastMark) => {
    chunks.push(Chunk.ofContent(content.slice(start, end), lineCount, lastMark));
  });
  return chunks;
}

export function groupsOf(chunks: readonly Chunk[]): Group[] {
  const groups: Group[] = [];
  const builder = new GroupBuilder(groups);
  for (const chunk of chunks) builder.push(chunk);
  builder.finish();
  return groups;
}
