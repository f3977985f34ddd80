/**
 * Owns: keeping one group of editors where somebody is, until the user takes it over. Does not know:
 * how they were chosen, how it is told.
 */
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld, TextUpdate } from '../../editor/folder-world.ts';
import type { MemberPlace } from '../../editor/presence-board.ts';
import { ViewportWatch } from './viewport-watch.ts';

export interface FollowerParts {
  readonly current: FolderWorld;
  readonly identity: string;
  readonly mayOpenFiles: () => boolean;
  readonly nowMs: () => number;
  /** The user took over, or there is nobody left to follow. */
  readonly onEnd: (why: 'user' | 'left') => void;
}

/**
 * Shows the files of one member in the group that was active, and their place in them. Files are
 * opened as previews and never get the focus. Every sign of the user's in that group ends it.
 *
 * When a tab shows another file VS Code takes the keyboard from it, and tells no extension who had
 * it. To give it to the new file would take it from whoever types in the terminal by then, so it
 * stays where VS Code leaves it.
 */
export class Follower implements Disposable {
  readonly #parts: FollowerParts;
  readonly #store = new DisposableStore();
  readonly #viewport = new ViewportWatch();
  readonly #column = vscode.window.tabGroups.activeTabGroup.viewColumn;
  /** The file that was shown last; `isInSight` once its tab was seen to be the active one. */
  #shown: { readonly uri: string; isInSight: boolean } | undefined;
  #isShowing = false;
  #isOutdated = false;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
    const { current, identity } = parts;
    const { window } = vscode;
    this.#store.add(
      current.presence.onMove((moved) => {
        if (moved === identity) void this.#show();
      }),
    );
    this.#store.add(current.onText((update) => this.#textChanged(update)));
    this.#store.add(window.tabGroups.onDidChangeTabs(() => this.#lookAtTabs()));
    this.#store.add(window.tabGroups.onDidChangeTabGroups(() => this.#lookAtTabs()));
    this.#store.add(
      window.onDidChangeTextEditorSelection(({ textEditor, kind }) => {
        const { Keyboard, Mouse } = vscode.TextEditorSelectionChangeKind;
        const isUsers = kind === Keyboard || kind === Mouse;
        if (isUsers && textEditor.viewColumn === this.#column) this.#end('user');
      }),
    );
    this.#store.add(
      window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => {
        if (this.#isShownIn(textEditor)) void this.#scrolled(textEditor);
      }),
    );
    void this.#show();
  }

  dispose(): void {
    this.#store.dispose();
  }

  #end(why: 'user' | 'left'): void {
    if (this.#store.isDisposed) return;
    this.dispose();
    this.#parts.onEnd(why);
  }

  /** Shows where they are; one at a time, since opening takes a while, and then where they are by then. */
  async #show(): Promise<void> {
    this.#isOutdated = true;
    if (this.#isShowing) return;
    this.#isShowing = true;
    try {
      while (this.#isOutdated && !this.#store.isDisposed) {
        this.#isOutdated = false;
        await this.#showOnce();
      }
    } finally {
      this.#isShowing = false;
    }
  }

  async #showOnce(): Promise<void> {
    const { presence, folder } = this.#parts.current;
    const place = presence.placeOf(this.#parts.identity);
    if (place === undefined) {
      if (!this.#isPresent()) this.#end('left');
      return;
    }
    const uri = vscode.Uri.joinPath(folder.uri, place.path);
    if (this.#activeTabUri() !== uri.toString() && !(await this.#open(uri))) return;
    if (this.#shown?.uri !== uri.toString()) this.#shown = { uri: uri.toString(), isInSight: true };
    this.#reveal(place);
  }

  /** Says whether the file is shown. Nothing else of Agent World opens files for what others do. */
  async #open(uri: vscode.Uri): Promise<boolean> {
    if (!this.#parts.mayOpenFiles() || !this.#hasGroup()) return false;
    this.#shown = { uri: uri.toString(), isInSight: false };
    this.#viewport.movedByUs(this.#parts.nowMs());
    try {
      await vscode.window.showTextDocument(uri, {
        viewColumn: this.#column,
        preserveFocus: true,
        preview: true,
      });
    } catch {
      // Not on disk yet, or no text: their next movement is another occasion.
      this.#shown = undefined;
      return false;
    }
    this.#lookAtTabs();
    return !this.#store.isDisposed;
  }

  #reveal({ cursor }: MemberPlace): void {
    const editor = vscode.window.visibleTextEditors.find((each) => this.#isShownIn(each));
    if (editor === undefined || cursor === undefined) return;
    const { line, character } = cursor.active;
    const at = editor.document.validatePosition(new vscode.Position(line, character));
    if (editor.visibleRanges.some((range) => range.contains(at))) return;
    this.#viewport.movedByUs(this.#parts.nowMs());
    const { InCenterIfOutsideViewport } = vscode.TextEditorRevealType;
    editor.revealRange(new vscode.Range(at, at), InCenterIfOutsideViewport);
  }

  #textChanged({ bound, update }: TextUpdate): void {
    const editor = vscode.window.activeTextEditor;
    const isUsers = update.by !== 'world' && update.by !== 'disk';
    if (isUsers && editor?.document === bound.document && editor.viewColumn === this.#column) {
      this.#end('user');
    } else if (bound.document.uri.toString() === this.#shown?.uri) {
      this.#viewport.textChanged(update.changes);
    }
  }

  async #scrolled(editor: vscode.TextEditor): Promise<void> {
    if (!this.#isScrolled(editor)) return;
    // An edit may have moved the lines whose event is still on its way: this is answered after it.
    await vscode.workspace.applyEdit(new vscode.WorkspaceEdit());
    if (this.#isShownIn(editor) && this.#isScrolled(editor)) this.#end('user');
  }

  #isScrolled({ visibleRanges }: vscode.TextEditor): boolean {
    const topLine = visibleRanges[0]?.start.line;
    return topLine !== undefined && this.#viewport.isScrolled(topLine, this.#parts.nowMs());
  }

  /** The user went to another tab, or closed ours. */
  #lookAtTabs(): void {
    if (!this.#hasGroup()) return this.#end('user');
    if (this.#shown === undefined) return;
    const active = this.#activeTabUri();
    // A file that was renamed takes its tab along.
    const places = [this.#shown.uri, this.#placeUri()?.toString()];
    if (active !== undefined && places.includes(active)) {
      this.#shown = { uri: active, isInSight: true };
    } else if (this.#shown.isInSight) {
      this.#end('user');
    }
  }

  #placeUri(): vscode.Uri | undefined {
    const { presence, folder } = this.#parts.current;
    const place = presence.placeOf(this.#parts.identity);
    return place && vscode.Uri.joinPath(folder.uri, place.path);
  }

  #isShownIn({ document, viewColumn }: vscode.TextEditor): boolean {
    return viewColumn === this.#column && document.uri.toString() === this.#shown?.uri;
  }

  #activeTabUri(): string | undefined {
    const input = this.#group()?.activeTab?.input;
    return input instanceof vscode.TabInputText ? input.uri.toString() : undefined;
  }

  #hasGroup(): boolean {
    return this.#group() !== undefined;
  }

  #group(): vscode.TabGroup | undefined {
    return vscode.window.tabGroups.all.find(({ viewColumn }) => viewColumn === this.#column);
  }

  #isPresent(): boolean {
    const { session, presence } = this.#parts.current;
    // While this window is offline nobody is seen, and nobody has left.
    if (session.state.tag !== 'online') return true;
    return presence.present().some(({ identity }) => identity === this.#parts.identity);
  }
}
