/**
 * Owns: saying which files are not live: by a mark in the explorer and on tabs, and in the status bar of the one in front.
 * Does not know: why they are not.
 */
import * as vscode from 'vscode';
import { DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { EditorKind, NotLive } from '../../mirror/why-not-live.ts';
import { Coalescer, nextTurn } from '../coalescer.ts';
import type { DiskCommand } from '../view-commands.ts';
import type { Run, ViewPart, ViewPartOptions } from '../view-part.ts';
import { NotLiveFiles } from './not-live-files.ts';
import { NotLiveStatus } from './not-live-status.ts';
import { wordsOf } from './not-live-words.ts';
import { WhatIsLive } from './what-is-live.ts';
import { worldAt } from './world-at.ts';

/** Files that the world has: their names keep the colours that git gives them. */
const OF_WORLD: ReadonlySet<NotLive> = new Set([
  'notebook',
  'binary',
  'mixed_line_ends',
  'other_encoding',
  'unbound',
  'unkept',
  'paused',
  'waiting',
]);

export class DiskViews implements ViewPart, vscode.FileDecorationProvider {
  readonly commands: Readonly<Record<DiskCommand, Run>>;
  readonly #window: ViewPartOptions['window'];
  readonly #store = new DisposableStore();
  readonly #changes = this.#store.add(new vscode.EventEmitter<vscode.Uri[] | undefined>());
  readonly #status = this.#store.add(new NotLiveStatus());
  readonly #soon = this.#store.add(
    new Coalescer<'status'>(nextTurn, () => void this.#showStatus()),
  );
  /** What is known of the files of each folder. */
  readonly #files = new Map<FolderWorld, NotLiveFiles>();
  /** Of which file the status bar tells. */
  #told: string | undefined;
  #looks = 0;

  readonly onDidChangeFileDecorations = this.#changes.event;

  constructor({ context, window }: Pick<ViewPartOptions, 'context' | 'window'>) {
    this.#window = window;
    const page = this.#store.add(new WhatIsLive(context));
    this.commands = { whatIsLive: () => this.#explain(page, inFront()) };
    this.#store.add(vscode.window.registerFileDecorationProvider(this));
    const { tabGroups } = vscode.window;
    const update = (): void => this.#soon.mark('status');
    this.#store.add(tabGroups.onDidChangeTabs(update));
    this.#store.add(tabGroups.onDidChangeTabGroups(update));
    // A tab does not tell what a merge shows.
    this.#store.add(vscode.window.onDidChangeActiveTextEditor(update));
  }

  enter(): void {
    this.worldsChanged();
  }

  /** VS Code has asked for marks before a folder that starts later was in its world. */
  worldsChanged(): void {
    for (const world of this.#window().all()) this.#filesOf(world);
    this.#soon.mark('status');
  }

  /** VS Code asks for what is in sight. */
  provideFileDecoration(uri: vscode.Uri): vscode.ProviderResult<vscode.FileDecoration> {
    const files = this.#filesAt(uri);
    const why = files?.now(uri);
    if (why === 'unknown') return files?.find(uri).then(decorationOf);
    return decorationOf(why);
  }

  dispose(): void {
    for (const files of this.#files.values()) files.dispose();
    this.#files.clear();
    this.#store.dispose();
  }

  async #explain(page: WhatIsLive, front: InFront | undefined): Promise<void> {
    const why = await this.#why(front);
    if (front && why === 'unbound') this.#filesAt(front.uri)?.tryAgain(front.uri);
    await page.open(why);
  }

  #filesAt(uri: vscode.Uri): NotLiveFiles | undefined {
    if (uri.scheme !== 'file') return undefined;
    const world = worldAt(this.#window().all(), uri.fsPath);
    return world && this.#filesOf(world);
  }

  #filesOf(world: FolderWorld): NotLiveFiles {
    const known = this.#files.get(world);
    if (known) return known;
    const files = new NotLiveFiles(world, (changed) => {
      this.#changes.fire(changed === 'any' ? undefined : [...changed]);
      this.#soon.mark('status');
    });
    this.#files.set(world, files);
    world.keep({ dispose: () => this.#left(world) });
    return files;
  }

  /** The window has left a world, or goes itself. */
  #left(world: FolderWorld): void {
    this.#files.get(world)?.dispose();
    if (!this.#files.delete(world)) return;
    this.#changes.fire(undefined);
    this.#soon.mark('status');
  }

  /** Of a file that was not told of before nothing is said until it is known. */
  async #showStatus(): Promise<void> {
    const front = inFront();
    const key = front && `${front.as} ${front.uri.toString()}`;
    if (key !== this.#told) this.#status.show(undefined);
    this.#told = key;
    const look = ++this.#looks;
    const why = await this.#why(front);
    if (look === this.#looks) this.#status.show(why);
  }

  async #why(front: InFront | undefined): Promise<NotLive | undefined> {
    if (front === undefined) return undefined;
    const { uri, as } = front;
    const files = this.#filesAt(uri);
    if (files === undefined) return this.#isOutside(uri) ? 'outside' : undefined;
    const why = files.now(uri, as);
    return why === 'unknown' ? files.find(uri, as) : why;
  }

  /** Beside a file that is in no world the status bar goes on to tell of the one before it. */
  #isOutside(uri: vscode.Uri): boolean {
    const window = this.#window();
    if (window.current === undefined) return false;
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    return folder === undefined || window.isOutside(folder);
  }
}

function decorationOf(why: NotLive | undefined): vscode.FileDecoration | undefined {
  if (why === undefined) return undefined;
  const colour = OF_WORLD.has(why) ? undefined : new vscode.ThemeColor('disabledForeground');
  return new vscode.FileDecoration('⊘', wordsOf(why).sentence, colour);
}

/** The file in front, and the kind of editor that shows it. */
interface InFront {
  readonly uri: vscode.Uri;
  readonly as: EditorKind;
}

/** What a tab shows that is no text is in no text editor, and neither is what VS Code does not hand to extensions. */
function inFront(): InFront | undefined {
  const input: unknown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const uri = input === undefined ? vscode.window.activeTextEditor?.document.uri : uriOf(input);
  if (uri?.scheme !== 'file') return undefined;
  const isNotebook =
    input instanceof vscode.TabInputNotebook || input instanceof vscode.TabInputNotebookDiff;
  return { uri, as: isNotebook ? 'notebook' : 'text' };
}

function uriOf(input: unknown): vscode.Uri | undefined {
  if (input instanceof vscode.TabInputText) return input.uri;
  if (input instanceof vscode.TabInputNotebook) return input.uri;
  if (input instanceof vscode.TabInputCustom) return input.uri;
  if (input instanceof vscode.TabInputTextDiff) return input.modified;
  if (input instanceof vscode.TabInputNotebookDiff) return input.modified;
  return undefined;
}
