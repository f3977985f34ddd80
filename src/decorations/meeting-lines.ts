import * as vscode from 'vscode';
import type { LineRange } from '../core/map-position.ts';
import { type Disposable, DisposableStore } from '../editor/disposable-store.ts';
import { isInSight } from './in-sight.ts';
import { ShownDecorations } from './shown-decorations.ts';

/** Lines at which two members are about to meet. */
export interface MeetingMark extends LineRange {
  readonly words: string;
}

/**
 * A thin dotted line below the lines, and who it is on hover. It moves no text, and has not the look of an error. Only
 * the lines in sight have it; beside the scroll bar all of them have a mark.
 */
export class MeetingLines implements Disposable {
  readonly #store = new DisposableStore();
  readonly #shown = new ShownDecorations();
  readonly #lines: vscode.TextEditorDecorationType;
  readonly #overview: vscode.TextEditorDecorationType;

  constructor() {
    const color = new vscode.ThemeColor('editorInfo.foreground');
    this.#lines = this.#store.add(
      vscode.window.createTextEditorDecorationType({
        isWholeLine: true,
        borderStyle: 'dotted',
        borderWidth: '0 0 1px 0',
        borderColor: color,
        rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
      }),
    );
    this.#overview = this.#store.add(
      vscode.window.createTextEditorDecorationType({
        overviewRulerColor: color,
        overviewRulerLane: vscode.OverviewRulerLane.Right,
      }),
    );
  }

  show(editor: vscode.TextEditor, marks: readonly MeetingMark[]): void {
    const near = marks.filter((mark) => isInSight(mark, editor.visibleRanges));
    this.#shown.set(
      editor,
      this.#lines,
      near.map((mark) => ({
        range: rangeOf(mark),
        hoverMessage: new vscode.MarkdownString().appendText(mark.words),
      })),
    );
    this.#shown.set(
      editor,
      this.#overview,
      marks.map((mark) => ({ range: rangeOf(mark) })),
    );
  }

  dispose(): void {
    this.#store.dispose();
  }
}

/** To the end of the last line, where that is: the whole of it has the hover. */
function rangeOf({ firstLine, lastLine }: LineRange): vscode.Range {
  return new vscode.Range(firstLine, 0, lastLine, Number.MAX_SAFE_INTEGER);
}
