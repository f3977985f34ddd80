/**
 * Owns: why files of one folder are not live, as they are asked about, and telling of which of them it may be something
 * else now. Does not know: who asks, how it is shown.
 */
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { onSetting } from '../../editor/settings.ts';
import {
  type EditorKind,
  type FileFacts,
  howShown,
  needsSight,
  type NotLive,
  whyNotLive,
} from '../../mirror/why-not-live.ts';
import { EXCLUDE_SETTING, SETTINGS_FILE, TEMPORARY_SETTING } from '../../world/folder-settings.ts';
import { IGNORE_FILE } from '../../world/ignore-rules.ts';
import type { FileHead } from '../../world/world-rows.ts';
import { Coalescer, nextTurn } from '../coalescer.ts';

/** Of more than so many it is said that it may be any. */
const MOST_TOLD = 200;

const SETTINGS = [EXCLUDE_SETTING, TEMPORARY_SETTING].map((name) =>
  name.replace('agentWorld.', ''),
);

export class NotLiveFiles implements Disposable {
  readonly #world: FolderWorld;
  readonly #store = new DisposableStore();
  readonly #changed: Coalescer<string>;
  #isAny = false;

  /** `onChange`: of these files, or of any, it may be something else now. */
  constructor(world: FolderWorld, onChange: (files: readonly vscode.Uri[] | 'any') => void) {
    this.#world = world;
    this.#changed = this.#store.add(
      new Coalescer<string>(nextTurn, (paths) => {
        const isAny = this.#isAny || paths.size > MOST_TOLD;
        this.#isAny = false;
        onChange(isAny ? 'any' : [...paths].map((each) => this.#uriOf(each)));
      }),
    );
    this.#watchWorld();
    this.#watchWindow();
    this.#watchDisk();
    this.#any();
  }

  /**
   * `unknown` where only a look at the disk tells: then `find` does. `as`: of an editor of that kind, or of the file
   * itself.
   */
  now(uri: vscode.Uri, as?: EditorKind): NotLive | 'unknown' | undefined {
    const facts = this.#factsOf(uri, as);
    if (facts === undefined) return undefined;
    return needsSight(facts) ? 'unknown' : whyNotLive(facts);
  }

  async find(uri: vscode.Uri, as?: EditorKind): Promise<NotLive | undefined> {
    const path = this.#world.relative(uri.fsPath);
    if (path === undefined) return undefined;
    await this.#world.sights.look(path, as !== undefined);
    const facts = this.#factsOf(uri, as);
    return facts && whyNotLive(facts);
  }

  /** Of a text that could not be bound. */
  tryAgain(uri: vscode.Uri): void {
    const path = this.#world.relative(uri.fsPath);
    if (path !== undefined) this.#world.documents.tryAgain(path);
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** Undefined for what nothing can be said of. */
  #factsOf(uri: vscode.Uri, as: EditorKind | undefined): FileFacts | undefined {
    const { session, outside, sights, waiting } = this.#world;
    const path = this.#world.relative(uri.fsPath);
    // Which files the world has is not known before.
    if (path === undefined || session.workspace === undefined) return undefined;
    return {
      path,
      shown: howShown({ isNotebook: isNotebook(uri), text: this.#textAt(path), as }),
      head: session.view.fileAt(path),
      outside: outside.why(path),
      sight: sights.of(path),
      isWaiting: waiting.of(path) !== undefined,
      isPaused: waiting.isPaused,
      isKept: this.#world.isKept,
    };
  }

  #textAt(path: string): Exclude<FileFacts['shown'], 'notebook'> {
    const { documents, session } = this.#world;
    for (const bound of documents.all()) {
      if (bound.path !== path) continue;
      if (bound.binding) return 'live';
      if (this.#world.isForeign(bound.document)) return 'foreign';
      // Without the connection it is tried again by itself.
      if (session.state.tag === 'online' && documents.isUnbound(bound)) return 'unbound';
    }
    return 'plain';
  }

  #watchWorld(): void {
    const { session, outside } = this.#world;
    this.#store.addStop(
      session.view.files.onChange(({ before, after }) => {
        if (before && after && !isOther(before, after)) return;
        for (const head of [before, after]) if (head) this.#mayBeOther(head.path);
      }),
    );
    this.#store.addStop(
      outside.onChange((paths) => {
        for (const path of paths) this.#mayBeOther(path);
      }),
    );
    this.#store.addStop(session.onState(() => this.#any()));
    this.#store.add(this.#world.onWaiting(() => this.#any()));
    this.#store.add(this.#world.onKept(() => this.#any()));
    this.#store.add(
      this.#world.onUnseen((paths) => {
        if (paths === 'any') return this.#any();
        for (const path of paths) this.#changed.mark(path);
      }),
    );
    this.#store.add(this.#world.onBinding(({ path }) => this.#changed.mark(path)));
    this.#store.add(this.#world.onForeign(({ path }) => this.#changed.mark(path)));
  }

  #watchWindow(): void {
    const { workspace } = vscode;
    const opened = ({ uri }: Pick<vscode.TextDocument, 'uri'>): void => {
      const path = uri.scheme === 'file' ? this.#world.relative(uri.fsPath) : undefined;
      if (path !== undefined) this.#changed.mark(path);
    };
    this.#store.add(workspace.onDidOpenNotebookDocument(opened));
    this.#store.add(workspace.onDidCloseNotebookDocument(opened));
    // One in another encoding was marked as what it was open as.
    this.#store.add(workspace.onDidCloseTextDocument(opened));
    for (const name of SETTINGS) this.#store.add(onSetting(name, () => this.#otherRules()));
  }

  /** Also of files that no mirror looks at. */
  #watchDisk(): void {
    const pattern = new vscode.RelativePattern(this.#world.folder, '**/*');
    const watcher = this.#store.add(vscode.workspace.createFileSystemWatcher(pattern));
    const changed = ({ fsPath }: vscode.Uri, what: 'forget' | 'rewritten'): void => {
      const path = this.#world.relative(fsPath);
      if (path === undefined) return;
      if (isRules(path)) this.#otherRules();
      else if (this.#world.sights[what](path)) this.#changed.mark(path);
    };
    watcher.onDidChange((uri) => changed(uri, 'rewritten'));
    watcher.onDidCreate((uri) => changed(uri, 'forget'));
    watcher.onDidDelete((uri) => changed(uri, 'forget'));
  }

  #mayBeOther(path: string): void {
    this.#world.sights.forget(path);
    this.#changed.mark(path);
  }

  #otherRules(): void {
    this.#world.sights.forgetAll();
    this.#any();
  }

  #any(): void {
    this.#isAny = true;
    this.#changed.mark('');
  }

  #uriOf(path: string): vscode.Uri {
    return vscode.Uri.joinPath(this.#world.folder.uri, path);
  }
}

function isNotebook(file: vscode.Uri): boolean {
  const key = file.toString();
  return vscode.workspace.notebookDocuments.some(
    ({ uri, isClosed }) => !isClosed && uri.toString() === key,
  );
}

/** Of text nobody asks for more than that it is there. */
function isOther(before: FileHead, after: FileHead): boolean {
  if (before.kind !== after.kind || before.path !== after.path) return true;
  return (
    before.deleted !== after.deleted ||
    (after.kind === 'binary' && before.version !== after.version)
  );
}

function isRules(path: string): boolean {
  return path === SETTINGS_FILE || path === IGNORE_FILE || path.endsWith(`/${IGNORE_FILE}`);
}
