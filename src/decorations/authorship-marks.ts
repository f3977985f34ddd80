import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../editor/disposable-store.ts';

/** What stands before a line of an editor. */
export interface LineMark {
  readonly line: number;
  /** Empty where the line above says the same. */
  readonly label: string;
  readonly color: vscode.ThemeColor;
}

/** Characters that a label has room for; the rest is cut off. */
const LABEL_WIDTH = 26;

/** Draws who wrote each line before the line, in the colour of the author's cursor. */
export class AuthorshipMarks implements Disposable {
  readonly #store = new DisposableStore();
  readonly #type = this.#store.add(
    vscode.window.createTextEditorDecorationType({
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
      before: {
        width: `${LABEL_WIDTH}ch`,
        margin: '0 1ch 0 0',
        color: new vscode.ThemeColor('agentWorld.authorship'),
        fontStyle: 'normal',
        fontWeight: 'normal',
        // A label must never make a line higher, or reach into its text.
        textDecoration:
          'none; display: inline-block; overflow: hidden; text-overflow: ellipsis; white-space: pre; vertical-align: top; box-sizing: border-box; padding-left: 1ch; font-size: 90%; height: 100%;',
      },
    }),
  );

  /** Puts marks before lines; those of all other lines of the editor go. */
  show(editor: vscode.TextEditor, marks: readonly LineMark[]): void {
    editor.setDecorations(this.#type, marks.map(decorationOf));
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function decorationOf({ line, label, color }: LineMark): vscode.DecorationOptions {
  const place = new vscode.Position(line, 0);
  // Trailing spaces would be dropped, and an empty label would have no box.
  const contentText = label === '' ? '\u00a0' : label.replaceAll(' ', '\u00a0');
  return {
    range: new vscode.Range(place, place),
    renderOptions: {
      before: { contentText, border: '0 solid; border-left-width: 3px', borderColor: color },
    },
  };
}
