/**
 * Owns: which files the editor's own chat has edits of that it keeps apart, as the documents tell that it opens
 * for itself. Does not know: worlds, what becomes of the edits.
 */
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from './disposable-store.ts';
import type { ToldChange } from '../sync/at-hand.ts';

/**
 * Of the documents in which VS Code's chat keeps the text of a file from before its edits. No interface tells of them but
 * `workspace.textDocuments`; where an editor has none, nothing is seen to be the chat's.
 */
const BASELINE = 'chat-editing-text-model';

export interface ChatFilesListener {
  /** The chat is about to edit a file. */
  readonly onBegun: (path: string) => void;
  /** It made changes in its baseline that are not its own. */
  readonly onMirrored: (path: string, changes: readonly ToldChange[]) => void;
}

export class ChatFiles implements Disposable {
  readonly #store = new DisposableStore();
  /** Open baselines by the path of their file's address. */
  readonly #baselines = new Map<string, number>();
  readonly #listener: ChatFilesListener;

  constructor(listener: ChatFilesListener) {
    this.#listener = listener;
    const { workspace } = vscode;
    this.#store.add(workspace.onDidOpenTextDocument((document) => this.#count(document, 1)));
    this.#store.add(workspace.onDidCloseTextDocument((document) => this.#count(document, -1)));
    for (const document of workspace.textDocuments) this.#count(document, 1);
  }

  has({ uri }: vscode.TextDocument): boolean {
    return this.#baselines.size > 0 && this.#baselines.has(uri.path);
  }

  /** Takes a change of a document that is in no world. */
  accept({ document: { uri }, contentChanges }: vscode.TextDocumentChangeEvent): void {
    if (uri.scheme !== BASELINE || contentChanges.length === 0) return;
    this.#listener.onMirrored(uri.path, contentChanges);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #count({ uri }: vscode.TextDocument, more: 1 | -1): void {
    if (uri.scheme !== BASELINE) return;
    const count = (this.#baselines.get(uri.path) ?? 0) + more;
    if (count > 0) this.#baselines.set(uri.path, count);
    else this.#baselines.delete(uri.path);
    if (more === 1) this.#listener.onBegun(uri.path);
  }
}
