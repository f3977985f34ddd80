import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../editor/disposable-store.ts';
import { ShownDecorations } from './shown-decorations.ts';

/** What agents did to some lines, by how it is marked. */
export type ReviewMarkKind = 'added' | 'changed' | 'removed';

export interface ReviewMark {
  readonly kind: ReviewMarkKind;
  readonly firstLine: number;
  readonly lastLine: number;
  readonly hover: vscode.MarkdownString;
}

/** The colours that VS Code has for what was done to lines. */
const COLOURS: Readonly<Record<ReviewMarkKind, string>> = {
  added: 'editorGutter.addedBackground',
  changed: 'editorGutter.modifiedBackground',
  removed: 'editorGutter.deletedBackground',
};

/**
 * A dotted bar before lines that agents added or changed, a dotted line above where they removed some, with what can
 * be done on hover. Nothing between the lines: it must not move the text that one is typing in.
 */
export class ReviewLines implements Disposable {
  readonly #store = new DisposableStore();
  readonly #shown = new ShownDecorations();
  readonly #types: Readonly<Record<ReviewMarkKind, vscode.TextEditorDecorationType>>;

  constructor() {
    const type = (kind: ReviewMarkKind): vscode.TextEditorDecorationType => {
      const color = new vscode.ThemeColor(COLOURS[kind]);
      return this.#store.add(
        vscode.window.createTextEditorDecorationType({
          isWholeLine: true,
          borderStyle: 'dotted',
          borderColor: color,
          borderWidth: kind === 'removed' ? '2px 0 0 0' : '0 0 0 3px',
          overviewRulerColor: color,
          overviewRulerLane: vscode.OverviewRulerLane.Left,
          rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
        }),
      );
    };
    this.#types = { added: type('added'), changed: type('changed'), removed: type('removed') };
  }

  show(editor: vscode.TextEditor, marks: readonly ReviewMark[]): void {
    for (const [kind, type] of Object.entries(this.#types)) {
      const ofKind = marks.filter((mark) => mark.kind === kind);
      this.#shown.set(
        editor,
        type,
        ofKind.map(({ firstLine, lastLine, hover }) => ({
          // To the end of the last line, where that is: the whole of it has the hover.
          range: new vscode.Range(firstLine, 0, lastLine, Number.MAX_SAFE_INTEGER),
          hoverMessage: hover,
        })),
      );
    }
  }

  dispose(): void {
    this.#store.dispose();
  }
}
