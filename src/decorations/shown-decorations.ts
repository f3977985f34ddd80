import type * as vscode from 'vscode';

/**
 * Sets decorations, each time a message to the window, and leaves out those that would take away what
 * is not there. Not for comparing places: the window moves what it shows along with the text.
 */
export class ShownDecorations {
  readonly #shown = new WeakMap<vscode.TextEditor, Set<vscode.TextEditorDecorationType>>();

  set(
    editor: vscode.TextEditor,
    type: vscode.TextEditorDecorationType,
    options: vscode.DecorationOptions[],
  ): void {
    let shown = this.#shown.get(editor);
    if (shown === undefined) this.#shown.set(editor, (shown = new Set()));
    if (options.length > 0) shown.add(type);
    else if (!shown.delete(type)) return;
    editor.setDecorations(type, options);
  }
}
