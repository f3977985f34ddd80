/**
 * Owns: saving open files that others' edits have left unsaved. Does not know: how edits come in, what
 * a save tells the folder, what others write there.
 */
import * as vscode from 'vscode';
import type { BindingUpdate } from '../sync/document-binding.ts';
import type { Disposable } from './disposable-store.ts';
import { savesAsIs } from './participants-of.ts';

/** `others`: files in which the user has nothing unsaved. `all`: every file that others edit. */
export type SaveRemoteEdits = 'others' | 'all' | 'never';

/** A file is saved when nothing has come for so long. */
const REST_MS = 1_000;

export class RemoteSaves implements Disposable {
  readonly #which: () => SaveRemoteEdits;
  readonly #mayReplaceDisk: (document: vscode.TextDocument) => Promise<boolean>;
  /** Documents in which the user has typed since they were saved last, and the version it made. */
  readonly #typed = new WeakMap<vscode.TextDocument, number>();
  /** The version that a save under way began with. */
  readonly #saving = new WeakMap<vscode.TextDocument, number>();
  readonly #timers = new Map<vscode.TextDocument, NodeJS.Timeout>();
  /** Open documents that others have edited and that the setting left unsaved. */
  readonly #left = new Set<vscode.TextDocument>();
  /** Documents that are saved once what stands in their place on disk is known. */
  readonly #held = new Set<vscode.TextDocument>();
  readonly #listeners: readonly vscode.Disposable[];
  #isEnded = false;

  /**
   * `mayReplaceDisk`: false while the disk has what a tool wrote and the document does not have. To save would
   * undo that, or be an answer where one is waited for.
   */
  constructor(
    which: () => SaveRemoteEdits,
    mayReplaceDisk: (document: vscode.TextDocument) => Promise<boolean>,
  ) {
    this.#which = which;
    this.#mayReplaceDisk = mayReplaceDisk;
    this.#listeners = [
      vscode.workspace.onWillSaveTextDocument(({ document }) =>
        this.#saving.set(document, document.version),
      ),
      vscode.workspace.onDidSaveTextDocument((document) => this.#wasSaved(document)),
      vscode.workspace.onDidCloseTextDocument((document) => this.#left.delete(document)),
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
      setTimeout(() => void this.#save(document), REST_MS),
    );
  }

  /** Something became known about the document's file on disk. */
  diskExplained(document: vscode.TextDocument): void {
    if (this.#held.delete(document) && document.isDirty) this.saveSoon(document);
  }

  /** The user wants other files saved now. */
  settingChanged(): void {
    for (const document of this.#left) this.saveSoon(document);
  }

  dispose(): void {
    this.#isEnded = true;
    for (const listener of this.#listeners) listener.dispose();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /** What is typed while a save is under way is not in it. */
  #wasSaved(document: vscode.TextDocument): void {
    this.#left.delete(document);
    const saved = this.#saving.get(document) ?? document.version;
    if ((this.#typed.get(document) ?? 0) <= saved) this.#typed.delete(document);
  }

  async #save(document: vscode.TextDocument): Promise<void> {
    this.#timers.delete(document);
    if (!this.#isToBeSaved(document)) {
      if (!document.isClosed && document.isDirty) this.#left.add(document);
      return;
    }
    const { version } = document;
    this.#held.add(document);
    if (!(await this.#mayReplaceDisk(document))) return;
    this.#held.delete(document);
    if (this.#timers.has(document) || !this.#isToBeSaved(document)) return;
    if (document.version !== version) return this.saveSoon(document);
    // A save that fails is told by the editor, and the file stays unsaved.
    await document.save();
  }

  #isToBeSaved(document: vscode.TextDocument): boolean {
    const which = this.#which();
    if (this.#isEnded || document.isClosed || !document.isDirty || which === 'never') return false;
    return !(which === 'others' && this.#typed.has(document)) && savesAsIs(document);
  }
}
