import type { AuthoredLine } from './authored-line.ts';
import type { LineSplice } from './authorship.ts';
import { RETURNED_VERSIONS } from './returned-text.ts';
import { spliceMany } from './splice-many.ts';

interface VersionedSplice extends LineSplice {
  /** That the splice led to. */
  readonly version: number;
}

/** Lines of a text, `end` exclusive. */
interface Window {
  readonly start: number;
  readonly end: number;
}

/** A splice that touched lines that are looked for, and where those were before it and after it. */
interface Touch {
  readonly splice: LineSplice;
  readonly before: Window;
  readonly after: Window;
}

/**
 * What the lines of a text were: it keeps the lines that each change replaced, for so many versions as
 * text may come back from. To read some lines of a version it walks along the changes since, forth and
 * back, and looks at no other lines.
 */
export class AuthorshipPast {
  readonly #since: number;
  #splices: VersionedSplice[] = [];

  /** Of a text that came as a whole with a version: what was before that is not known. */
  constructor(version: number) {
    this.#since = version;
  }

  add(version: number, splice: LineSplice): void {
    this.#splices.push({ version, ...splice });
    // Now and then, so that it costs next to nothing.
    const oldest = version - RETURNED_VERSIONS;
    if (this.#splices[0]!.version > oldest - RETURNED_VERSIONS) return;
    this.#splices = this.#splices.slice(this.#firstAfter(oldest));
  }

  /**
   * Lines `first` to `last` as they were at a version, of a text that has `now` for lines now; undefined
   * where that is not known, or where the text did not have so many.
   */
  linesAt(
    version: number,
    first: number,
    last: number,
    now: (start: number, end: number) => readonly AuthoredLine[],
  ): readonly AuthoredLine[] | undefined {
    if (version < this.#since || last < first) return undefined;
    const touches: Touch[] = [];
    const there = this.#follow(version, { start: first, end: last + 1 }, touches);
    let lines = [...now(there.start, there.end)];
    if (lines.length !== there.end - there.start) return undefined;
    for (const { splice, before, after } of touches.toReversed()) {
      const { at, added, removed } = splice;
      lines = spliceMany(lines, at - after.start, added, removed);
      // What else went with them may have come with a change before.
      const start = Math.min(before.start, at);
      lines = lines.slice(before.start - start, before.end - start);
    }
    return lines;
  }

  /** Where the lines are now, together with all that changes put in the place of some of them. */
  #follow(version: number, lines: Window, touches: Touch[]): Window {
    let { start, end } = lines;
    for (let index = this.#firstAfter(version); index < this.#splices.length; index++) {
      const splice = this.#splices[index]!;
      const { at, added, removed } = splice;
      const by = added - removed.length;
      if (at >= end) continue;
      if (at + removed.length <= start) {
        start += by;
        end += by;
      } else {
        const before = { start, end };
        start = Math.min(start, at);
        end = Math.max(end, at + removed.length) + by;
        touches.push({ splice, before, after: { start, end } });
      }
    }
    return { start, end };
  }

  /** The index of the first splice behind a version. */
  #firstAfter(version: number): number {
    let low = 0;
    let high = this.#splices.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#splices[middle]!.version <= version) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
