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
  readonly #isWaiting: (document: vscode.TextDocument) => boolean;
  /** Documents in which the user has typed since they were saved last, and the version it made. */
  readonly #typed = new WeakMap<vscode.TextDocument, number>();
  /** The version that a save under way began with. */
  readonly #saving = new WeakMap<vscode.TextDocument, number>();
  readonly #timers = new Map<vscode.TextDocument, NodeJS.Timeout>();
  readonly #listeners: readonly vscode.Disposable[];

  /**
   * `isWaiting`: what a tool left in the file's place waits for an answer. To save would be one.
   */
  constructor(
    which: () => SaveRemoteEdits,
    isWaiting: (document: vscode.TextDocument) => boolean = () => false,
  ) {
    this.#which = which;
    this.#isWaiting = isWaiting;
    this.#listeners = [
      vscode.workspace.onWillSaveTextDocument(({ document }) =>
        this.#saving.set(document, document.version),
      ),
      vscode.workspace.onDidSaveTextDocument((document) => this.#wasSaved(document)),
    ];
  }

  /** The text of a document changed. */
  changed(document: vscode.TextDocument, { by }: Extract<BindingUpdate, { tag: 'text' }>): void {
    if (by === 'disk') return;
    if (by !== 'world') this.#typed.set(document, document.version);
    const isWaiting = this.#timers.has(document);
    if (by !== 'world' && !isWaiting) return;
    this.saveSoon(document);
  }

  /** Others have changed the document. */
  saveSoon(document: vscode.TextDocument): void {
    clearTimeout(this.#timers.get(document));
    this.#timers.set(
      document,
      setTimeout(() => this.#save(document), REST_MS),
    );
  }

  dispose(): void {
    for (const listener of this.#listeners) listener.dispose();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /** What is typed while a save is under way is not in it. */
  #wasSaved(document: vscode.TextDocument): void {
    const saved = this.#saving.get(document) ?? document.version;
    if ((this.#typed.get(document) ?? 0) <= saved) this.#typed.delete(document);
  }

  #save(document: vscode.TextDocument): void {
    this.#timers.delete(document);
    const which = this.#which();
    if (document.isClosed || !document.isDirty || which === 'never') return;
    if (which === 'others' && this.#typed.has(document)) return;
    if (!savesAsIs(document) || this.#isWaiting(document)) return;
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
