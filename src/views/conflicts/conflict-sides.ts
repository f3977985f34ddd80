/** Owns: the texts of a conflict's sides as documents, compared with each other. Does not know: how the conflict is decided. */
import * as vscode from 'vscode';
import type { Text } from '../../core/text.ts';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { RefusedEditView } from '../../editor/refused-edits.ts';
import { readSides } from './read-sides.ts';

const SCHEME = 'agent-world-side';

export class ConflictSides implements Disposable, vscode.TextDocumentContentProvider {
  readonly #store = new DisposableStore();
  /** By address, for as long as they are open. */
  readonly #texts = new Map<string, string>();
  #lastNumber = 0;

  constructor() {
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(SCHEME, this));
    this.#store.add(
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        if (uri.scheme === SCHEME) this.#texts.delete(uri.toString());
      }),
    );
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? '';
  }

  /** Compares what stands there now with what the edit would make of it. */
  async compare(current: FolderWorld, edit: RefusedEditView): Promise<void> {
    const sides = await readSides(current, edit.source);
    await vscode.commands.executeCommand(
      'vscode.diff',
      this.#show(edit, 'now', sides.head),
      this.#show(edit, 'proposed', sides.mineOnHead),
      vscode.l10n.t('{0}: now ↔ as {1} proposes', edit.path, whoOf(edit)),
      { preview: true },
    );
  }

  dispose(): void {
    this.#store.dispose();
    this.#texts.clear();
  }

  #show({ path: file }: RefusedEditView, side: string, text: Text): vscode.Uri {
    this.#lastNumber += 1;
    const query = `${side}-${this.#lastNumber}`;
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${file}`, query });
    this.#texts.set(uri.toString(), text.toString());
    return uri;
  }
}

function whoOf({ isOwn, authorName }: RefusedEditView): string {
  return isOwn ? vscode.l10n.t('You') : authorName;
}
