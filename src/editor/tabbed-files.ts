/**
 * Owns: which files are in a tab of the window. A language server opens files that nobody looks at; one that an edit
 * leaves unsaved gets a tab by VS Code's own doing. Does not know: which documents are bound.
 */
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from './disposable-store.ts';

export class TabbedFiles implements Disposable {
  readonly #store = new DisposableStore();
  readonly #changes = this.#store.add(new vscode.EventEmitter<void>());
  /** Files that are about to get a tab, by how often that was said. */
  readonly #expected = new Map<string, number>();
  /** Read when it is asked for, since others' edits ask, and tabs change seldom. */
  #tabbed: ReadonlySet<string> | undefined;

  /** Other files are in tabs now. */
  readonly onChange = this.#changes.event;

  constructor() {
    const { tabGroups } = vscode.window;
    const changed = (): void => {
      this.#tabbed = undefined;
      this.#changes.fire();
    };
    this.#store.add(tabGroups.onDidChangeTabs(changed));
    this.#store.add(tabGroups.onDidChangeTabGroups(changed));
  }

  /** True for a file that a tab shows, alone or beside another, or will show. */
  has(uri: vscode.Uri): boolean {
    const key = keyOf(uri);
    this.#tabbed ??= readTabs();
    return this.#tabbed.has(key) || this.#expected.has(key) || isInUnknownTab(key);
  }

  /** The file is about to get a tab, until the function that it returns is called. */
  expect(uri: vscode.Uri): () => void {
    const key = keyOf(uri);
    this.#expected.set(key, (this.#expected.get(key) ?? 0) + 1);
    return () => {
      const left = (this.#expected.get(key) ?? 1) - 1;
      if (left === 0) this.#expected.delete(key);
      else this.#expected.set(key, left);
    };
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function readTabs(): ReadonlySet<string> {
  const { all } = vscode.window.tabGroups;
  return new Set(all.flatMap(({ tabs }) => tabs.flatMap(({ input }) => urisOf(input).map(keyOf))));
}

/** A tab may spell a name otherwise than its document where file systems take them for the same. */
function keyOf(uri: vscode.Uri): string {
  return uri.toString().toLowerCase();
}

function urisOf(input: unknown): readonly vscode.Uri[] {
  if (input instanceof vscode.TabInputText) return [input.uri];
  if (input instanceof vscode.TabInputTextDiff) return [input.original, input.modified];
  if (input instanceof vscode.TabInputCustom) return [input.uri];
  return [];
}

/** An editor of a merge or of many changes does not say what it shows; what is seen beside such a tab may be its. */
function isInUnknownTab(key: string): boolean {
  const { tabGroups, visibleTextEditors } = vscode.window;
  return (
    tabGroups.all.some(({ activeTab }) => activeTab && activeTab.input === undefined) &&
    visibleTextEditors.some(({ document }) => keyOf(document.uri) === key)
  );
}
