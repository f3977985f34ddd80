import * as vscode from 'vscode';
import type { ChangeEvents } from '../editor/change-events.ts';
import { type Disposable, DisposableStore } from '../editor/disposable-store.ts';
import type { RefusedEditView } from '../editor/refused-edits.ts';

const SCHEME = 'agent-world-current';

export interface PatchQuestion {
  /** Of the edit, among those of all worlds of the window. */
  readonly key: string;
  readonly edit: RefusedEditView;
  /** Its editor is open, from the window before this one: it is not brought up. */
  readonly isResumed: boolean;
  /** What the user's side begins with. */
  readonly text: string;
  /** They wrote that in an editor before this one, which a reload may have left behind. */
  readonly isWritten: boolean;
  /** They wrote; how to come by what stands there. */
  readonly onTyped: (read: () => string) => void;
  /** They take the text. Resolves to what the editor goes on with, or to undefined when it is done. */
  readonly take: (text: string) => Promise<RefusedEditView | undefined>;
  /** Aborts when the world is left: the editor stays, for when it is entered again. */
  readonly signal: AbortSignal;
  /** They closed the editor, and VS Code has asked about what was in it. */
  readonly onGivenUp: () => void;
}

interface OfferedText {
  readonly take: () => void;
  /** Brings its editor up. */
  readonly show: () => Thenable<unknown>;
}

interface Waiting extends Pick<OfferedText, 'show'>, Pick<PatchQuestion, 'signal'> {
  /** Its editor is not there yet. */
  readonly isToShow: boolean;
}

/**
 * A small editor for what should stand in place of a refused edit: what stands there now on the
 * left, the user's text to work on at the right, and a command to take it. It stays until the text is taken: where
 * others were quicker it goes on with what stands there by then.
 */
export class PatchEditor implements Disposable, vscode.TextDocumentContentProvider {
  readonly #store = new DisposableStore();
  readonly #changes = this.#store.add(new vscode.EventEmitter<vscode.Uri>());
  readonly onDidChange = this.#changes.event;
  /** What stands there now, by the key of the edit. */
  readonly #current = new Map<string, string>();
  /** Editors whose text may be taken, by the address of its document. */
  readonly #offered = new Map<string, OfferedText>();

  readonly #asked = new Set<vscode.TextDocument>();
  /** The question that is asked last of each edit, by its key: one before it may still wait for its answer. */
  readonly #newest = new Map<string, PatchQuestion>();
  readonly #changeEvents: ChangeEvents;

  constructor(changeEvents: ChangeEvents) {
    this.#changeEvents = changeEvents;
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(SCHEME, this));
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#current.get(uri.query) ?? '';
  }

  /** Keys of the edits whose editors are open from the window before this one, and not asked about yet. */
  get leftKeys(): readonly string[] {
    const asked = new Set([...this.#asked].map(({ uri }) => uri.toString()));
    return patchTabs()
      .filter(({ modified }) => !asked.has(modified.toString()))
      .map(({ original }) => original.query);
  }

  /** Opens the editor of an edit, or brings it up. Resolves when its text was taken, or it was closed. */
  async ask(question: PatchQuestion): Promise<void> {
    const { key, edit, isResumed, text, isWritten, onTyped, take, signal, onGivenUp } = question;
    const standing = this.#show(key, edit);
    const open = patchTabs().find(({ original }) => original.query === key)?.modified;
    if (!open && isWritten) await closeLeft(text);
    const document = await (open
      ? vscode.workspace.openTextDocument(open)
      : vscode.workspace.openTextDocument({ content: text }));
    const show = (): Thenable<unknown> =>
      vscode.commands.executeCommand(
        'vscode.diff',
        standing,
        document.uri,
        vscode.l10n.t('{0}: theirs ↔ yours — take it with “Take This Text”', edit.path),
        { viewColumn: columnOf(document) },
      );
    if (this.#asked.has(document)) {
      await show();
      return;
    }
    this.#asked.add(document);
    this.#newest.set(key, question);
    const isNewest = (): boolean => this.#newest.get(key) === question;
    const store = this.#store.add(new DisposableStore());
    store.add(
      this.#changeEvents.listen((event) => {
        if (event.document === document) onTyped(() => textOf(document));
      }),
    );
    let taken: string | undefined;
    try {
      for (let isToShow = !isResumed || !open; ; isToShow = false) {
        taken = await this.#taken(document, { show, isToShow, signal });
        if (taken === undefined) {
          if (!signal.aborted && isNewest()) onGivenUp();
          return;
        }
        const next = await take(taken);
        if (next === undefined) break;
        if (isNewest()) this.#show(key, next);
        if (isOpen(document)) continue;
        // Who closed it before that was answered has given nothing up: they took it.
        const text = taken;
        if (isNewest()) onTyped(() => text);
        return;
      }
      // What closing it does to the document is nothing that was typed.
      store.dispose();
      // Who wrote on while it was taken keeps that, in a document like any other.
      const isAsTaken = !document.isClosed && textOf(document) === taken;
      if (isAsTaken) await closeEditorOf(document, taken, show);
    } finally {
      store.dispose();
      this.#asked.delete(document);
      if (isNewest()) {
        this.#newest.delete(key);
        this.#current.delete(key);
      }
    }
  }

  /** The user takes the text in front as it stands now. From elsewhere nothing is taken: they see first what it would be. */
  async accept(): Promise<void> {
    const { activeTab } = vscode.window.tabGroups.activeTabGroup;
    const active = activeTab && inputOf(activeTab);
    // One that is being taken is not offered again.
    if (active) this.#offered.get(active.modified.toString())?.take();
    else await [...this.#offered.values()].at(-1)?.show();
  }

  dispose(): void {
    this.#store.dispose();
  }

  #show(key: string, { currentText, path }: RefusedEditView): vscode.Uri {
    const left = vscode.Uri.from({ scheme: SCHEME, path: `/${path}`, query: key });
    this.#current.set(key, currentText);
    this.#changes.fire(left);
    return left;
  }

  /** What the user takes; undefined once the editor is closed, or the world left. */
  async #taken(
    document: vscode.TextDocument,
    { show, isToShow, signal }: Waiting,
  ): Promise<string | undefined> {
    const key = document.uri.toString();
    const waiting = this.#store.add(new DisposableStore());
    const taken = Promise.withResolvers<string | undefined>();
    try {
      this.#offered.set(key, { take: () => taken.resolve(textOf(document)), show });
      // Told before it is shown: the key is there with the editor.
      this.#tellWhetherOpen();
      const left = (): void => taken.resolve(undefined);
      signal.addEventListener('abort', left);
      waiting.addStop(() => signal.removeEventListener('abort', left));
      if (signal.aborted) left();
      else if (isToShow) await show();
      // It may be closed by now; one that was moved to another group is open there.
      const endIfClosed = (): void => {
        if (!isOpen(document)) taken.resolve(undefined);
      };
      waiting.add(
        vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
          if (closed.length > 0) endIfClosed();
        }),
      );
      endIfClosed();
      return await taken.promise;
    } finally {
      waiting.dispose();
      this.#offered.delete(key);
      this.#tellWhetherOpen();
    }
  }

  #tellWhetherOpen(): void {
    const isOpen = this.#offered.size > 0;
    void vscode.commands.executeCommand('setContext', 'agentWorld.patching', isOpen);
  }
}

function textOf(document: vscode.TextDocument): string {
  return document.getText().replaceAll('\r\n', '\n');
}

function inputOf({ input }: vscode.Tab): vscode.TabInputTextDiff | undefined {
  const isOwn = input instanceof vscode.TabInputTextDiff && input.original.scheme === SCHEME;
  return isOwn ? input : undefined;
}

/**
 * The user's side of an editor that was open as the window was loaded again: VS Code brings back what was not saved, and
 * of the editor that it was in nothing more than that. It goes, since its text is about to be in such an editor again.
 */
async function closeLeft(text: string): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const unsaved = tabs.flatMap(({ input }) => {
    const isUnsaved = input instanceof vscode.TabInputText && input.uri.scheme === 'untitled';
    return isUnsaved ? input.uri : [];
  });
  for (const uri of unsaved.slice(0, MOST_LOOKED_AT)) {
    const document = await vscode.workspace.openTextDocument(uri);
    if (textOf(document) !== text) continue;
    await vscode.window.showTextDocument(document);
    const { input } = vscode.window.tabGroups.activeTabGroup.activeTab ?? {};
    const isInFront =
      input instanceof vscode.TabInputText && input.uri.toString() === uri.toString();
    // The user may look at something else, or write, by now.
    if (!isInFront || textOf(document) !== text) return;
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    return;
  }
}

const MOST_LOOKED_AT = 20;

function patchTabs(): readonly vscode.TabInputTextDiff[] {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.flatMap((tab) => inputOf(tab) ?? []);
}

function isOpen({ uri }: vscode.TextDocument): boolean {
  return patchTabs().some(({ modified }) => modified.toString() === uri.toString());
}

/** Where its editor is; undefined while that is nowhere. */
function columnOf({ uri }: vscode.TextDocument): vscode.ViewColumn | undefined {
  const isIn = (tab: vscode.Tab): boolean => inputOf(tab)?.modified.toString() === uri.toString();
  return vscode.window.tabGroups.all.find((group) => group.tabs.some(isIn))?.viewColumn;
}

/** An untitled document that is not empty would ask whether to save it: it is emptied by a revert. */
async function closeEditorOf(
  document: vscode.TextDocument,
  taken: string,
  show: () => Thenable<unknown>,
): Promise<void> {
  const isIn = (tab: vscode.Tab | undefined): boolean =>
    tab !== undefined && inputOf(tab)?.modified.toString() === document.uri.toString();
  // The user may look at something else by now.
  if (!isIn(vscode.window.tabGroups.activeTabGroup.activeTab)) await show();
  const isInFront = isIn(vscode.window.tabGroups.activeTabGroup.activeTab);
  // Nor does it take along what was written meanwhile.
  if (!isInFront || textOf(document) !== taken) return;
  await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
}
