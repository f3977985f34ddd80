/**
 * Owns: which open documents nobody sees and are not live for that: others' edits would leave them unsaved, and VS
 * Code gives a tab to whatever is. They show what is on disk. Does not know: how a document is bound.
 */
import type * as vscode from 'vscode';
import { type Disposable, DisposableStore } from './disposable-store.ts';
import { TabbedFiles } from './tabbed-files.ts';

export class HiddenDocuments implements Disposable {
  readonly #store = new DisposableStore();
  readonly #tabbed = this.#store.add(new TabbedFiles());
  readonly #hidden = new Set<vscode.TextDocument>();

  /** `onShown`: a document is hidden no more. */
  constructor(onShown: (document: vscode.TextDocument) => void) {
    this.#store.add(
      this.#tabbed.onChange(() => {
        for (const document of this.#hidden) if (this.leaves(document)) onShown(document);
      }),
    );
  }

  /** True for a document without a tab that is as its file is on disk. */
  staysClean(document: vscode.TextDocument): boolean {
    return !document.isDirty && !this.#tabbed.has(document.uri);
  }

  /** Its file is about to get a tab, until the function that it returns is called. */
  expect(uri: vscode.Uri): () => void {
    return this.#tabbed.expect(uri);
  }

  has(document: vscode.TextDocument): boolean {
    return this.#hidden.has(document);
  }

  add(document: vscode.TextDocument): void {
    this.#hidden.add(document);
  }

  /** Says true, once, where a hidden document has a tab, or something unsaved, by now. */
  leaves(document: vscode.TextDocument): boolean {
    return this.#hidden.has(document) && !this.staysClean(document) && this.forget(document);
  }

  forget(document: vscode.TextDocument): boolean {
    return this.#hidden.delete(document);
  }

  dispose(): void {
    this.#store.dispose();
  }
}
