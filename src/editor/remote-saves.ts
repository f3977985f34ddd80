/**
 * Owns: saving open files that others' edits have left unsaved. Does not know: how edits come in, what
 * a save tells the folder.
 */
import * as vscode from 'vscode';
import type { BindingUpdate } from '../sync/document-binding.ts';
import type { Disposable } from './disposable-store.ts';

/** `others`: files in which the user has nothing unsaved. `all`: every file that others edit. */
export type SaveRemoteEdits = 'others' | 'all' | 'never';

/** A file is saved when nothing has come for so long. */
const REST_MS = 1_000;

export class RemoteSaves implements Disposable {
  readonly #which: () => SaveRemoteEdits;
  /** Documents in which the user has typed since they were saved last. */
  readonly #typed = new WeakSet<vscode.TextDocument>();
  readonly #timers = new Map<vscode.TextDocument, NodeJS.Timeout>();
  readonly #saved: vscode.Disposable;

  constructor(which: () => SaveRemoteEdits) {
    this.#which = which;
    this.#saved = vscode.workspace.onDidSaveTextDocument((document) =>
      this.#typed.delete(document),
    );
  }

  /** The text of a document changed. */
  changed(document: vscode.TextDocument, { by }: Extract<BindingUpdate, { tag: 'text' }>): void {
    if (by === 'disk') return;
    if (by !== 'world') this.#typed.add(document);
    const isWaiting = this.#timers.has(document);
    if (by !== 'world' && !isWaiting) return;
    clearTimeout(this.#timers.get(document));
    this.#timers.set(
      document,
      setTimeout(() => this.#save(document), REST_MS),
    );
  }

  dispose(): void {
    this.#saved.dispose();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #save(document: vscode.TextDocument): void {
    this.#timers.delete(document);
    const which = this.#which();
    if (document.isClosed || !document.isDirty || which === 'never') return;
    if (which === 'others' && this.#typed.has(document)) return;
    if (!savesAsIs(document)) return;
    // A save that fails is told by the editor, and the file stays unsaved.
    void document.save();
  }
}

/** False where a save would change the text: others' edits must not be formatted in this user's name. */
function savesAsIs(document: vscode.TextDocument): boolean {
  const editor = vscode.workspace.getConfiguration('editor', document);
  const files = vscode.workspace.getConfiguration('files', document);
  const onSave = Object.values(editor.get<Record<string, unknown>>('codeActionsOnSave') ?? {});
  return (
    editor.get('formatOnSave') !== true &&
    onSave.every((when) => when === false || when === 'never') &&
    files.get('trimTrailingWhitespace') !== true &&
    files.get('insertFinalNewline') !== true &&
    files.get('trimFinalNewlines') !== true
  );
}
