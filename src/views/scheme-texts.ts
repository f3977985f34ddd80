/**
 * Owns: documents of a scheme of our own that nobody can edit: a text for each address. Does not know: what they
 * are texts of.
 */
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../editor/disposable-store.ts';

export class SchemeTexts implements Disposable, vscode.TextDocumentContentProvider {
  readonly #scheme: string;
  readonly #read: (uri: vscode.Uri) => Promise<string>;
  readonly #store = new DisposableStore();
  readonly #changes = this.#store.add(new vscode.EventEmitter<vscode.Uri>());

  readonly onDidChange = this.#changes.event;

  constructor(scheme: string, read: (uri: vscode.Uri) => Promise<string>) {
    this.#scheme = scheme;
    this.#read = read;
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(scheme, this));
  }

  provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    return this.#read(uri);
  }

  /** What open documents show may be other texts now. */
  refresh(): void {
    for (const { uri } of vscode.workspace.textDocuments) {
      if (uri.scheme === this.#scheme) this.#changes.fire(uri);
    }
  }

  dispose(): void {
    this.#store.dispose();
  }
}
