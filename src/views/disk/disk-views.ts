/**
 * Owns: marks in the explorer on files that are outside of the world although they belong in it. Does
 * not know: who found out.
 */
import * as vscode from 'vscode';
import { DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { OutsideFile } from '../../mirror/outside-files.ts';
import type { Run, ViewPart } from '../view-part.ts';

export class DiskViews implements ViewPart, vscode.FileDecorationProvider {
  readonly commands: Readonly<Record<string, Run>> = {};
  readonly #store = new DisposableStore();
  readonly #changes = this.#store.add(new vscode.EventEmitter<vscode.Uri[] | undefined>());
  #current: FolderWorld | undefined;
  #stop: () => void = () => {};

  readonly onDidChangeFileDecorations = this.#changes.event;

  constructor() {
    this.#store.add(vscode.window.registerFileDecorationProvider(this));
    this.#store.addStop(() => this.#stop());
  }

  enter(current: FolderWorld | undefined): void {
    this.#stop();
    this.#current = current;
    this.#stop =
      current?.outside.onChange((paths) =>
        this.#changes.fire(paths.map((each) => vscode.Uri.joinPath(current.folder.uri, each))),
      ) ?? (() => {});
    this.#changes.fire(undefined);
  }

  provideFileDecoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    if (uri.scheme !== 'file') return undefined;
    const why = this.#current?.whyOutside(uri.fsPath);
    if (why === undefined) return undefined;
    const colour = new vscode.ThemeColor('disabledForeground');
    return new vscode.FileDecoration('⊘', textOf(why), colour);
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function textOf(why: OutsideFile['why']): string {
  const { t } = vscode.l10n;
  switch (why) {
    case 'too_large':
      return t('Not in the world: it is larger than the world takes');
    case 'symlink':
      return t('Not in the world: it is a link, and links stay as they are');
    case 'special':
      return t('Not in the world: it is neither a file nor a folder');
    case 'submodule':
      return t('Not in the world: it is a repository of its own');
    case 'twin':
      return t('Not in the world: some systems take its name for that of another file');
    case 'in_the_way':
      return t('Not in the world: the world has a folder, or a file, in its place');
    case 'refused':
      return t('Not in the world: the world does not take it from you');
    case 'not_utf8':
      return t('Not in the world: its name is not readable everywhere');
    case 'excluded':
      return t('Not in the world: your settings keep it out');
    case 'temporary':
      return t('Not in the world: by its name it is there for a moment only');
    case 'was_link':
      return t(
        'Not in the world: git has a link of this name; put the link back, or commit the file',
      );
    case 'empty':
    case 'absolute':
    case 'leaves_world':
    case 'forbidden_character':
    case 'git_folder':
    case 'reserved_name':
    case 'trailing_dot_or_space':
    case 'too_long':
      return t('Not in the world: not every system can hold a file of this name');
  }
}
