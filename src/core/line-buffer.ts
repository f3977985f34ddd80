import type { Change, Changes } from './change.ts';
import { spliceMany } from './splice-many.ts';
import { Text } from './text.ts';

/**
 * A mutable text for folding many changes in a row, where no version between is kept. Several
 * times faster than `Text` for that, and good for nothing else.
 */
export class LineBuffer {
  #lines: string[];

  constructor(lines: readonly string[] = ['']) {
    this.#lines = [...lines];
  }

  static of(content: string): LineBuffer {
    return new LineBuffer(content.split('\n'));
  }

  get lineCount(): number {
    return this.#lines.length;
  }

  /** Applies ordered changes that lie inside the text. Throws RangeError when one does not. */
  apply(changes: Changes): void {
    for (let index = changes.length - 1; index >= 0; index--) this.#applyOne(changes[index]!);
  }

  #applyOne(change: Change): void {
    const lines = this.#lines;
    const first = lines[change.startLine];
    const last = lines[change.endLine];
    if (
      first === undefined ||
      last === undefined ||
      change.startCharacter > first.length ||
      change.endCharacter > last.length
    ) {
      throw new RangeError(`a change at line ${change.startLine} leaves the text`);
    }
    const content =
      first.slice(0, change.startCharacter) + change.text + last.slice(change.endCharacter);
    if (change.startLine === change.endLine && !change.text.includes('\n')) {
      lines[change.startLine] = content;
    } else {
      const count = change.endLine - change.startLine + 1;
      this.#lines = spliceMany(lines, change.startLine, count, content.split('\n'));
    }
  }

  toText(): Text {
    return Text.ofLines(this.#lines);
  }

  toString(): string {
    return this.#lines.join('\n');
  }
}
