import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';

/** Files that are nowhere but in this window: what an export shows, and the message it asks for. */
export class MemoryFiles implements vscode.FileSystemProvider, Disposable {
  readonly #scheme: string;
  readonly #files = new Map<string, { readonly bytes: Uint8Array; readonly changed: number }>();
  readonly #store = new DisposableStore();
  readonly #changes = this.#store.add(new vscode.EventEmitter<vscode.FileChangeEvent[]>());
  readonly onDidChangeFile = this.#changes.event;
  #versions = 0;

  constructor(scheme: string, options: { readonly isReadonly: boolean }) {
    this.#scheme = scheme;
    this.#store.add(vscode.workspace.registerFileSystemProvider(scheme, this, options));
  }

  /** Keeps a file; `group` tells files of one path apart. */
  put(path: string, group: string, bytes: Uint8Array): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: this.#scheme, path: `/${path}`, query: group });
    this.writeFile(uri, bytes);
    return uri;
  }

  clear(): void {
    this.#files.clear();
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    const { bytes, changed } = this.#find(uri);
    return { type: vscode.FileType.File, ctime: 0, mtime: changed, size: bytes.length };
  }

  readFile(uri: vscode.Uri): Uint8Array {
    return this.#find(uri).bytes;
  }

  writeFile(uri: vscode.Uri, bytes: Uint8Array): void {
    this.#files.set(uri.toString(), { bytes, changed: ++this.#versions });
    this.#changes.fire([{ type: vscode.FileChangeType.Changed, uri }]);
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #find(uri: vscode.Uri) {
    const file = this.#files.get(uri.toString());
    if (file) return file;
    throw vscode.FileSystemError.FileNotFound(uri);
  }
}
