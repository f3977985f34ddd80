import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';

const DISK_SCHEME = 'agent-world-disk';

/** The address of what this folder's disk has of a file, whatever an editor shows of it. */
export function diskUri(file: string): vscode.Uri {
  return vscode.Uri.from({ scheme: DISK_SCHEME, path: `/${file}` });
}

/** Files as they are on disk while they wait for an answer: the editor of such a file shows the world's text. */
export class DiskTexts implements Disposable, vscode.TextDocumentContentProvider {
  readonly #current: () => FolderWorld | undefined;
  readonly #store = new DisposableStore();
  readonly #changes = this.#store.add(new vscode.EventEmitter<vscode.Uri>());

  readonly onDidChange = this.#changes.event;

  constructor(current: () => FolderWorld | undefined) {
    this.#current = current;
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(DISK_SCHEME, this));
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const current = this.#current();
    const file = uri.path.slice(1);
    // Only what waits is shown: an address may come from anywhere.
    if (current?.waiting.of(file) === undefined) {
      return vscode.l10n.t('This file waits for no answer.');
    }
    return readFile(path.join(current.folder.uri.fsPath, file), 'utf8');
  }

  /** What waits may be other bytes now. */
  refresh(): void {
    for (const { uri } of vscode.workspace.textDocuments) {
      if (uri.scheme === DISK_SCHEME) this.#changes.fire(uri);
    }
  }

  dispose(): void {
    this.#store.dispose();
  }
}
