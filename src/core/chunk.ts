import { endsChunk, endsGroup, lineMark, lineMarksIn } from './content-chunking.ts';

/**
 * A run of whole lines between two cuts. The line end after its last line belongs to it, except
 * in the last chunk of a text. Immutable; `hash` is filled in once by `content-hash.ts`.
 */
export interface Chunk {
  readonly lines: readonly string[];
  /** UTF-16 code units, a line end counted for every line. */
  readonly characters: number;
  /** Of each line what `lineMark` says. */
  readonly marks: readonly number[];
  /** True where the text goes on after it although no rule puts a cut there; see `recut`. */
  readonly isLoose: boolean;
  hash?: Uint8Array;
  /** Its lines as one text, where it was cut out of one and its hash has not been asked for. */
  content?: string | undefined;
}

/** A run of chunks between two group cuts. Immutable; `hash` as in `Chunk`. */
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
  pushAll({ lines, marks }: Chunk): void {
    for (let index = 0; index < lines.length; index++) this.push(lines[index]!, marks[index]);
  }

  /** Ends here what is open; `isLoose` where the text goes on. */
  finish(isLoose = false): void {
    if (this.#lines.length === 0) return;
    this.#emit({
      lines: this.#lines,
      characters: this.#characters,
      marks: this.#marks,
      isLoose,
    });
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
    if (endsGroup(chunk.marks.at(-1)!, this.#chunks.length)) this.finish();
  }

  /** Ends here what is open; `isLoose` where the text goes on. */
  finish(isLoose = false): void {
    if (this.#chunks.length === 0) return;
    this.#groups.push({
      chunks: this.#chunks,
      lineCount: this.#chunks.reduce((sum, chunk) => sum + chunk.lines.length, 0),
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
  const endedGroup = endsGroup(chunk.marks.at(-1)!, position);
  if (endsGroup(marks.at(-1)!, position) !== endedGroup) return undefined;
  const growth = content.length - chunk.lines[place.index]!.length;
  const chunks = [...group.chunks];
  const { lineCount, characters, isLoose } = group;
  chunks[place.chunk] = { lines, characters: chunk.characters + growth, marks, isLoose: false };
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
  let start = 0;
  const builder = new ChunkBuilder((chunk) => {
    const next = start + chunk.characters;
    chunk.content = content.slice(start, next - 1);
    start = next;
    chunks.push(chunk);
  });
  const markOf = lineMarksIn(content);
  for (let from = 0; from <= content.length;) {
    const end = content.indexOf('\n', from);
    const to = end < 0 ? content.length : end;
    builder.push(content.slice(from, to), markOf(from, to));
    from = to + 1;
  }
  builder.finish();
  return chunks;
}

export function groupsOf(chunks: readonly Chunk[]): Group[] {
  const groups: Group[] = [];
  const builder = new GroupBuilder(groups);
  for (const chunk of chunks) builder.push(chunk);
  builder.finish();
  return groups;
}
