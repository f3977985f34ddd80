/**
 * Owns: the saves of this window's notebooks, which are never live: what each of them has loaded, and that nobody
 * else writes the file while it is saved. Does not know: what becomes of a save.
 */
import * as vscode from 'vscode';
import { Text } from '../core/text.ts';
import type { DiskFiles } from '../mirror/disk-files.ts';
import type { WorldLog } from '../world/log.ts';
import type { WorldSession } from '../world/world-session.ts';
import { type Disposable, DisposableStore } from './disposable-store.ts';
import type { AnnouncedDocument } from './document-saves.ts';
import { inTime, SAVE_ANSWER_MS } from './in-time.ts';
import { hasCells } from './notebook-cells.ts';
import type { PlainSaves } from './plain-saves.ts';

export interface NotebookSavesParts {
  readonly session: Pick<WorldSession, 'link' | 'view'>;
  readonly files: Pick<DiskFiles, 'relative'>;
  readonly plain: PlainSaves;
  readonly output: Pick<WorldLog, 'warn'>;
}

export class NotebookSaves implements Disposable {
  readonly #parts: NotebookSavesParts;
  readonly #store = new DisposableStore();

  constructor(parts: NotebookSavesParts) {
    this.#parts = parts;
    const { workspace } = vscode;
    this.#store.add(workspace.onDidOpenNotebookDocument((notebook) => this.#mayBeLoaded(notebook)));
    this.#store.add(
      // The path of every keystroke in a notebook: one that has unsaved text has loaded nothing.
      workspace.onDidChangeNotebookDocument(({ notebook }) => this.#mayBeLoaded(notebook)),
    );
    this.#store.add(
      workspace.onWillSaveNotebookDocument((event) => {
        const { notebook } = event;
        const path = this.#pathOf(notebook);
        if (path !== undefined && this.#isOfWorld(path)) {
          const announce = (): Promise<void> => parts.plain.announce(announcedOf(notebook, path));
          event.waitUntil(inTime(SAVE_ANSWER_MS, announce, (error) => this.#failed(error)));
        }
      }),
    );
    this.#store.add(
      workspace.onDidSaveNotebookDocument((notebook) => {
        const path = this.#pathOf(notebook);
        if (path !== undefined) void this.#trying(this.#saved(notebook, path));
      }),
    );
    this.#store.add(
      workspace.onDidCloseNotebookDocument((notebook) => {
        const path = this.#pathOf(notebook);
        parts.plain.forget(notebook);
        if (path !== undefined) void this.#trying(parts.plain.end(notebook, path));
      }),
    );
    for (const notebook of workspace.notebookDocuments) this.#mayBeLoaded(notebook);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #mayBeLoaded(notebook: vscode.NotebookDocument): void {
    if (notebook.isDirty || notebook.isClosed) return;
    const path = this.#pathOf(notebook);
    if (path === undefined) return;
    void this.#trying(this.#loaded(notebook, path));
  }

  async #loaded(notebook: vscode.NotebookDocument, path: string): Promise<void> {
    // The first key comes before it is told that there is something unsaved.
    await vscode.workspace.applyEdit(new vscode.WorkspaceEdit());
    if (notebook.isDirty || notebook.isClosed) return;
    await this.#parts.plain.loaded(notebook, path, (bytes) => {
      const cells = notebook.getCells().map(({ document }) => document.getText());
      return !notebook.isDirty && hasCells(bytes, cells);
    });
  }

  async #saved(notebook: vscode.NotebookDocument, path: string): Promise<void> {
    const { plain } = this.#parts;
    const isTold = this.#isOfWorld(path);
    await plain.report(notebook, path, async () => {
      if (isTold) await plain.saved(notebook, path);
    });
  }

  #pathOf({ uri }: vscode.NotebookDocument): string | undefined {
    return uri.scheme === 'file' ? this.#parts.files.relative(uri.fsPath) : undefined;
  }

  #isOfWorld(path: string): boolean {
    const { link, view } = this.#parts.session;
    return link !== undefined && view.fileAt(path) !== undefined;
  }

  async #trying(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#parts.output.warn('editor.notebook_save', { error: String(error) });
  }
}

const NO_TEXTS = { first: Text.of(''), count: 0 };

/** Nothing enters a notebook: what others wrote to the disk need only be in the world before it is saved. */
function announcedOf(document: vscode.NotebookDocument, path: string): AnnouncedDocument {
  return {
    document,
    path,
    shownFileId: undefined,
    binding: undefined,
    textsFromNow: () => NO_TEXTS,
    caughtUp: () => Promise.resolve(),
  };
}
