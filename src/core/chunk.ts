import { endsChunk, endsGroup, lineMark } from './content-chunking.ts';

/**
 * A run of whole lines between two cuts. The line end after its last line belongs to it, except
 * in the last chunk of a text. Immutable; `hash` is filled in once by `content-hash.ts`.
 */
export interface Chunk {
  readonly lines: readonly string[];
  /** UTF-16 code units, a line end counted for every line. */
  readonly characters: number;
  readonly lastLineMark: number;
  hash?: Uint8Array;
}

/** A run of chunks between two group cuts. Immutable; `hash` as in `Chunk`. */
export interface Group {
  readonly chunks: readonly Chunk[];
  readonly lineCount: number;
  readonly characters: number;
  hash?: Uint8Array;
}

/** Cuts lines into chunks as they come. */
export class ChunkBuilder {
  readonly #chunks: Chunk[];
  #lines: string[] = [];
  #characters = 0;
  #mark = 0;

  constructor(chunks: Chunk[]) {
    this.#chunks = chunks;
  }

  /** True right after a cut, when what follows is cut without regard to what came before. */
  get isClosed(): boolean {
    return this.#lines.length === 0;
  }

  push(line: string): void {
    this.#lines.push(line);
    this.#characters += line.length + 1;
    this.#mark = lineMark(line);
    if (endsChunk(this.#mark, this.#lines.length, this.#characters)) this.finish();
  }

  finish(): void {
    if (this.#lines.length === 0) return;
    this.#chunks.push({
      lines: this.#lines,
      characters: this.#characters,
      lastLineMark: this.#mark,
    });
    this.#lines = [];
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
    if (endsGroup(chunk.lastLineMark, this.#chunks.length)) this.finish();
  }

  finish(): void {
    if (this.#chunks.length === 0) return;
    this.#groups.push({
      chunks: this.#chunks,
      lineCount: this.#chunks.reduce((sum, chunk) => sum + chunk.lines.length, 0),
      characters: this.#chunks.reduce((sum, chunk) => sum + chunk.characters, 0),
    });
    this.#chunks = [];
  }
}

export function chunksOf(lines: readonly string[]): Chunk[] {
  const chunks: Chunk[] = [];
  const builder = new ChunkBuilder(chunks);
  for (const line of lines) builder.push(line);
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
