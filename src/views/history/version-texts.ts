/**
 * Owns: files as they were, as documents of our own scheme that nobody can edit. Does not know: who
 * opens them.
 */
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { readFile } from '../../world/file-reader.ts';

export const VERSION_SCHEME = 'agent-world-version';

/** A file at a version; version 0 is the text before it was made: none. */
export interface FileVersion {
  readonly fileId: number;
  readonly version: number;
}

/** The address of a file as it was; the path is what its tab shows and what tells the language. */
export function versionUri({ fileId, version }: FileVersion, path: string): vscode.Uri {
  return vscode.Uri.from({
    scheme: VERSION_SCHEME,
    path: `/${path}`,
    query: `${fileId}.${version}`,
  });
}

/** What an address of that scheme means; undefined for any other. */
export function versionOf(uri: vscode.Uri): FileVersion | undefined {
  const match = uri.scheme === VERSION_SCHEME ? /^(\d+)\.(\d+)$/.exec(uri.query) : undefined;
  return match ? { fileId: Number(match[1]), version: Number(match[2]) } : undefined;
}

export class VersionTexts implements Disposable, vscode.TextDocumentContentProvider {
  readonly #current: () => FolderWorld | undefined;
  readonly #store = new DisposableStore();
  readonly #changes = this.#store.add(new vscode.EventEmitter<vscode.Uri>());

  readonly onDidChange = this.#changes.event;

  constructor(current: () => FolderWorld | undefined) {
    this.#current = current;
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(VERSION_SCHEME, this));
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const wanted = versionOf(uri);
    const session = this.#current()?.session;
    if (!wanted || wanted.version === 0) return '';
    if (!session) return vscode.l10n.t('The folder is in no world now.');
    const link = await session.whenOnline();
    const file = await readFile(link, session.view, wanted.fileId, wanted.version);
    if (file.kind === 'text') return file.text.toString();
    return vscode.l10n.t('Not a text: {0} bytes.', file.bytes.length);
  }

  /** A window that comes back with such documents open shows them once it is in its world again. */
  refresh(): void {
    for (const { uri } of vscode.workspace.textDocuments) {
      if (uri.scheme === VERSION_SCHEME) this.#changes.fire(uri);
    }
  }

  dispose(): void {
    this.#store.dispose();
  }
}
