/**
 * Owns: asking a world together for what is wanted of many files at once. Does not know: who wants it, how
 * a content is put together. Nobody waits for others: what is wanted while an answer is under way is the
 * next question.
 */
import { OP_PAGE } from '../core/answer-size.ts';
import { type FileAt, readFile, readSnapshots, type WantedContent } from './file-reader.ts';
import type { Link } from './link.ts';
import type { WorldView } from './world-view.ts';

const MOST_TOGETHER = 64;
/** One after the other: a world lets who asks ahead wait behind everybody else. */
const UNDER_WAY = 1;

interface Waiting extends WantedContent {
  readonly link: Link;
  readonly answer: PromiseWithResolvers<FileAt>;
}

export class BatchedReads {
  readonly #view: WorldView;
  readonly #waiting: Waiting[] = [];
  #underWay = 0;

  constructor(view: WorldView) {
    this.#view = view;
  }

  /** As `readFile`; `isText` as of `WantedContent`. */
  read(
    link: Link,
    fileId: number,
    atVersion?: number,
    isText?: WantedContent['isText'],
  ): Promise<FileAt> {
    const answer = Promise.withResolvers<FileAt>();
    this.#waiting.push({ link, fileId, atVersion, isText, answer });
    this.#ask();
    return answer.promise;
  }

  #ask(): void {
    while (this.#underWay < UNDER_WAY && this.#waiting.length > 0) {
      this.#underWay += 1;
      void this.#readTogether();
    }
  }

  async #readTogether(): Promise<void> {
    // What is wanted in this turn goes together.
    await Promise.resolve();
    const together = this.#take();
    try {
      if (together.length > 0) await this.#answer(together);
    } finally {
      this.#underWay -= 1;
      this.#ask();
    }
  }

  /** Files of one connection that are an answer together. */
  #take(): readonly Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { link, fileId } of this.#waiting) {
      bytes += this.#view.files.get(fileId)?.byteLength ?? 0;
      const isOther = link !== this.#waiting[0]!.link;
      if (count > 0 && (isOther || bytes > OP_PAGE.bytes || count === MOST_TOGETHER)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #answer(together: readonly Waiting[]): Promise<void> {
    const { link } = together[0]!;
    const found = await readSnapshots(link, this.#view, together).catch(() => []);
    for (const [index, { fileId, atVersion, answer }] of together.entries()) {
      const file = found[index];
      if (file) answer.resolve(file);
      // It is older than its snapshot, or damaged: reading it alone tells which.
      else readFile(link, this.#view, fileId, atVersion).then(answer.resolve, answer.reject);
    }
  }
}
