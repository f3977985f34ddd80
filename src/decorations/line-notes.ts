import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../editor/disposable-store.ts';
import { ShownDecorations } from './shown-decorations.ts';

/** Something that is to be known about a document as a whole. */
export interface LineNote {
  readonly text: string;
  readonly hover: vscode.MarkdownString;
}

/** A note behind the first line of documents. Nothing above the line: it must not move what one types in. */
export class LineNotes implements Disposable {
  readonly #noteOf: (document: vscode.TextDocument) => LineNote | undefined;
  readonly #store = new DisposableStore();
  readonly #shown = new ShownDecorations();
  readonly #type = this.#store.add(
    vscode.window.createTextEditorDecorationType({
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    }),
  );

  constructor(noteOf: (document: vscode.TextDocument) => LineNote | undefined) {
    this.#noteOf = noteOf;
    this.#store.add(vscode.window.onDidChangeVisibleTextEditors(() => this.update()));
  }

  /** Some document may have another note now. */
  update(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const note = this.#noteOf(editor.document);
      this.#shown.set(editor, this.#type, note ? [decorationOf(editor.document, note)] : []);
    }
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function decorationOf(
  document: vscode.TextDocument,
  { text, hover }: LineNote,
): vscode.DecorationOptions {
  const { end } = document.lineAt(0).range;
  return {
    range: new vscode.Range(end, end),
    hoverMessage: hover,
    renderOptions: {
      after: {
        contentText: text,
        color: new vscode.ThemeColor('list.warningForeground'),
        margin: '0 0 0 1.5em',
        textDecoration: 'none; font-size: 85%;',
      },
    },
  };
}
