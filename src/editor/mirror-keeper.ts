/**
 * Owns: running the folder's mirror in this window while it has the lease, and watching the disk for
 * it. Does not know: which paths to look at, what is done about a path.
 */
import * as vscode from 'vscode';
import { openFolderGit } from '../git/folder-state.ts';
import { acquireFolderLease } from '../host/folder-lease-client.ts';
import { type DiskNews, MirrorTerm, type MirrorTermParts } from '../mirror/mirror-term.ts';
import type { DiskFiles } from '../mirror/disk-files.ts';
import type { CancelTimer, Clock } from '../world/clock.ts';
import { EXCLUDE_SETTING, TEMPORARY_SETTING } from '../world/folder-settings.ts';
import { WONDER_MS } from '../world/watch-connecting.ts';
import { watchFolder } from '../mirror/node-watch.ts';
import { type Disposable, DisposableStore } from './disposable-store.ts';
import { excludesIn, temporaryNamesIn } from './excludes.ts';

export interface MirrorKeeperParts extends Omit<MirrorTermParts, 'watchDisk' | 'exclude' | 'git'> {
  readonly folder: vscode.WorkspaceFolder;
  /** This machine's own host, which knows who keeps which folder, wherever its world is. */
  readonly hostUri: (signal: AbortSignal) => Promise<string>;
  readonly clock: Clock;
  /** Paths that are at home in the folder although rules leave them out. */
  readonly known: () => Iterable<string>;
  /** Whether the system watches the folder, for all windows that have it. */
  readonly onWatched: (is: 'refused' | 'given') => void;
  /** `isWondering` changed. */
  readonly onWonder: () => void;
  /** Another window has the lease: this folder is open more than once. */
  readonly onShared: () => void;
}

export class MirrorKeeper implements Disposable {
  readonly #ending = new AbortController();
  readonly #settings: vscode.Disposable;
  readonly #parts: MirrorKeeperParts;
  #term: MirrorTerm | undefined;
  #isWondering = false;
  #cancelWonder: CancelTimer = () => {};

  constructor(parts: MirrorKeeperParts) {
    this.#parts = parts;
    const { session, files, folder, output } = parts;
    this.#settings = vscode.workspace.onDidChangeConfiguration((event) => {
      const settings = [EXCLUDE_SETTING, TEMPORARY_SETTING];
      if (settings.some((each) => event.affectsConfiguration(each, folder.uri))) {
        this.#term?.rulesChanged();
      }
    });
    acquireFolderLease({
      uri: parts.hostUri,
      world: session.database,
      folder: files.root,
      signal: this.#ending.signal,
      onGranted: (fence) => {
        output.info('mirror.granted', { fence });
        this.#told();
        this.#term = new MirrorTerm({
          ...parts,
          git: openFolderGit(files.root, output),
          watchDisk: (news) => this.#watchDisk(news),
          exclude: () => excludesIn(folder),
          temporaryNames: () => temporaryNamesIn(folder),
        });
        void this.#term.lookAtAll();
      },
      onLost: () => {
        output.info('mirror.lost');
        this.#term?.dispose();
        this.#term = undefined;
        this.#wonder();
      },
      onWaiting: (ahead) => {
        output.info('mirror.waiting', { ahead });
        this.#told();
        parts.onShared();
      },
      onUnreachable: (error) => output.warn('mirror.no_lease', { error: String(error) }),
    });
    this.#wonder();
  }

  /** True once the host has not told for two seconds who keeps the folder. */
  get isWondering(): boolean {
    return this.#isWondering;
  }

  /** True while this window keeps the folder. */
  get isKeeping(): boolean {
    return this.#term !== undefined;
  }

  /** Resolves when nothing is left to do now. */
  async settled(): Promise<void> {
    await this.#term?.mirror.settled();
  }

  /** VS Code does not say where the system has no watch left: then the folder is looked at, too. */
  #watchDisk(news: DiskNews): () => void {
    const { files, folder, output, known, onWatched } = this.#parts;
    const store = new DisposableStore();
    store.addStop(watchDisk(files, news));
    const look = async (): Promise<void> => {
      let is: 'refused' | 'given' = 'given';
      const stop = await watchFolder({
        files,
        news,
        known,
        exclude: () => excludesIn(folder),
        isWatchedElsewhere: true,
        onUnwatched: () => onWatched((is = 'refused')),
        output,
      });
      store.addStop(stop);
      if (is === 'given') onWatched(is);
    };
    look().catch((error: unknown) => output.warn('mirror.not_watched', { error: String(error) }));
    return () => store.dispose();
  }

  #wonder(): void {
    this.#cancelWonder();
    if (this.#ending.signal.aborted) return;
    this.#cancelWonder = this.#parts.clock.after(WONDER_MS, () => {
      this.#isWondering = true;
      this.#parts.onWonder();
    });
  }

  #told(): void {
    this.#cancelWonder();
    if (!this.#isWondering) return;
    this.#isWondering = false;
    this.#parts.onWonder();
  }

  dispose(): void {
    this.#ending.abort();
    this.#cancelWonder();
    this.#settings.dispose();
    this.#term?.dispose();
    this.#term = undefined;
  }
}

function watchDisk(files: DiskFiles, news: DiskNews): () => void {
  const watcher = vscode.workspace.createFileSystemWatcher(
    new vscode.RelativePattern(vscode.Uri.file(files.root), '**/*'),
  );
  const changed = ({ fsPath }: vscode.Uri): void => {
    const file = files.relative(fsPath);
    if (file !== undefined) news.changed(file);
  };
  watcher.onDidChange(changed);
  watcher.onDidCreate(changed);
  watcher.onDidDelete(({ fsPath }) => {
    const file = files.relative(fsPath);
    if (file !== undefined) news.vanished(file);
  });
  return () => void watcher.dispose();
}
