import type { Position } from '../../src/core/position.ts';

/** A text that is edited by string index, as traces are, and tells lines and characters. */
export class TraceText {
  private readonly lines: string[];
  /** A line and its index in the text: the next edit is mostly near the last one. */
  private line = 0;
  private lineStart = 0;

  constructor(content: string) {
    this.lines = content.split('\n');
  }

  /** Replaces `deletedCount` characters at `index`; returns the range in the text before. */
  replace(
    index: number,
    deletedCount: number,
    inserted: string,
  ): { start: Position; end: Position } {
    const end = this.positionOf(index + deletedCount);
    const start = this.positionOf(index);
    const content =
      this.lines[start.line]!.slice(0, start.character) +
      inserted +
      this.lines[end.line]!.slice(end.character);
    this.lines.splice(start.line, end.line - start.line + 1, ...content.split('\n'));
    return { start, end };
  }

  private positionOf(index: number): Position {
    while (index < this.lineStart) {
      this.line -= 1;
      this.lineStart -= this.lines[this.line]!.length + 1;
    }
    while (index > this.lineStart + this.lines[this.line]!.length) {
      this.lineStart += this.lines[this.line]!.length + 1;
      this.line += 1;
    }
    return { line: this.line, character: index - this.lineStart };
  }
}
