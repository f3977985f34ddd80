import { lineEnds } from '../../core/position.ts';
import type { Strand } from '../../core/strand.ts';
import { type FilePast, hasAbove } from './file-past.ts';
import type { OldLines } from './old-lines.ts';

/** Which line of an older version stands where a line of the newest one does. */
export class OldLineNumbers {
  readonly #past: FilePast;
  /** By version: how many lines end before each line of the newest version. */
  readonly #ends = new Map<number, Int32Array>();

  constructor(past: FilePast) {
    this.#past = past;
  }

  /** The line that the first of a hunk's old lines was at one of their versions. */
  of(from: number, { above, border }: Pick<OldLines, 'above' | 'border'>, version: number): number {
    const begin = from - above;
    let ends = this.#ends.get(version);
    if (!ends) this.#ends.set(version, (ends = this.#endsAt(version)));
    const gone = hasAbove(border) ? 0 : this.#endsIn(this.#past.goneBefore(begin), version);
    return ends[begin]! + gone + above;
  }

  #endsAt(version: number): Int32Array {
    const past = this.#past;
    const ends = new Int32Array(past.lineCount + 1);
    for (let line = 0; line < past.lineCount; line++) {
      const own = past.isUntouched(line)
        ? 1
        : this.#endsIn(past.strands(line, line + 1, 'above'), version);
      ends[line + 1] = ends[line]! + own;
    }
    return ends;
  }

  #endsIn(strands: readonly Strand[], version: number): number {
    let ends = 0;
    for (const strand of strands) {
      if (this.#past.wasThere(strand, version)) ends += lineEnds(strand.text);
    }
    return ends;
  }
}
