/**
 * Owns: which folders of this window are in worlds, and which of these worlds views and commands are
 * about now: that of the file in front. Does not know: commands and dialogs.
 */
import { realpath } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { IdentityHex } from '../core/op.ts';
import type { StatusBar, WorldStatus } from '../views/status-bar.ts';
import { openWorld } from '../world/world-session.ts';
import { personOf } from '../world/open-folder.ts';
import type { KnownWorld } from '../world/world-list.ts';
import type { WorldSession } from '../world/world-session.ts';
import { type Disposable, DisposableStore } from './disposable-store.ts';
import type { ChangeEvents } from './change-events.ts';
import { type FailedStart, FolderStarts } from './folder-starts.ts';
import { FolderWorld } from './folder-world.ts';
import { MirrorNotices } from './mirror-notices.ts';
import { outputLog } from './output-log.ts';
import { readSettings } from './settings.ts';
import type { ExtensionSurroundings } from './surroundings.ts';

/** A folder of the window that is an agent's own. */
export interface AgentFolder {
  /** The agent's name. */
  readonly agent: string;
  readonly world: string;
  /** Whether it is kept in step with the world now. */
  readonly isKept: boolean;
}

export interface AgentFoldersPort {
  /** Finds out which folders of the window are agents' own, and has them kept in step. */
  look(): Promise<void>;
  /** Undefined for any other folder. */
  at(folder: vscode.WorkspaceFolder): AgentFolder | undefined;
}

export interface WindowWorldParts {
  readonly surroundings: ExtensionSurroundings;
  readonly channel: vscode.LogOutputChannel;
  readonly statusBar: StatusBar;
  readonly changeEvents: ChangeEvents;
  readonly agentFolders: AgentFoldersPort;
  /** Which agent the editor's own chat is in a world; undefined where it cannot enter. Never rejects. */
  readonly chatAgent: (world: FolderWorld) => Promise<IdentityHex | undefined>;
  /** A folder that is in a world is not live. */
  readonly onStartFailed: (failed: FailedStart<vscode.WorkspaceFolder>) => void;
  /** Views and commands are about another world now, or about none. */
  readonly onCurrent: (current: FolderWorld | undefined) => void;
  /** Other folders of the window are in worlds now, or are known to be in none. */
  readonly onWorlds: () => void;
}

export class WindowWorld implements Disposable {
  readonly #parts: WindowWorldParts;
  readonly #notices: MirrorNotices;
  readonly #store = new DisposableStore();
  /** All that are live, each in a folder of its own. */
  readonly #worlds = new Set<FolderWorld>();
  readonly #starts: FolderStarts<vscode.WorkspaceFolder>;
  readonly #contexts = new Map<string, boolean | number>();
  #current: FolderWorld | undefined;
  #isDisposed = false;

  constructor(parts: WindowWorldParts) {
    this.#parts = parts;
    this.#notices = this.#store.add(new MirrorNotices(parts.channel));
    this.#starts = new FolderStarts({
      keyOf: ({ uri }) => uri.toString(),
      start: (folder) => this.#start(folder),
      onFailed: (failed) => this.#startFailed(failed),
      isOutside: ({ uri }) =>
        this.foldersOutside().some((folder) => folder.uri.toString() === uri.toString()),
    });
    this.#store.add(
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        const world = editor && this.#worldOf(editor.document.uri);
        if (world) this.#show(world);
      }),
    );
    this.#store.add(
      vscode.workspace.onDidChangeWorkspaceFolders((change) => void this.#foldersChanged(change)),
    );
    this.#showStatus();
  }

  /** The world of the file in front; of one that is in none, the world of the file before it. */
  get current(): FolderWorld | undefined {
    return this.#current;
  }

  all(): Iterable<FolderWorld> {
    return this.#worlds;
  }

  /** The folders of this window that could be in a world and are not. */
  foldersOutside(): readonly vscode.WorkspaceFolder[] {
    const bound = new Set([...this.#worlds].map(({ folder }) => folder.uri.toString()));
    return (vscode.workspace.workspaceFolders ?? []).filter(
      (folder) =>
        folder.uri.scheme === 'file' &&
        !bound.has(folder.uri.toString()) &&
        !this.#parts.agentFolders.at(folder),
    );
  }

  /** True for one that is in no world; not while it is under way to one, or could not get there. */
  isOutside(folder: vscode.WorkspaceFolder): boolean {
    const key = folder.uri.toString();
    const isUnbound = this.foldersOutside().some(({ uri }) => uri.toString() === key);
    return isUnbound && !this.#starts.isOpen(folder);
  }

  /** The first folder of this window that is an agent's own. */
  get agentFolder(): AgentFolder | undefined {
    const folders = vscode.workspace.workspaceFolders ?? [];
    return folders.map((folder) => this.#parts.agentFolders.at(folder)).find(Boolean);
  }

  /** Whether an agent's folder is kept has changed. */
  agentFolderChanged(): void {
    this.#showStatus();
  }

  /** Binds every folder of the window that belongs to a world; which of them could not be is told. */
  async walkIn(): Promise<void> {
    const { agentFolders, channel } = this.#parts;
    await agentFolders.look().catch((error: unknown) => {
      // Those of no agent start all the same.
      channel.error(`[window] agents' folders: ${String(error)}`);
    });
    await this.#starts.run(this.foldersOutside());
    this.#showStatus();
    this.#parts.onWorlds();
  }

  /** Tries again what is not live: folders that could not start, and a world that is not reached. */
  async retry(): Promise<void> {
    this.#current?.session.retryNow();
    await this.walkIn();
  }

  /** True where `retry` may change something. */
  get mayRetry(): boolean {
    return this.#current !== undefined || this.#starts.failed.length > 0;
  }

  async #start(folder: vscode.WorkspaceFolder): Promise<void> {
    const { worlds } = this.#parts.surroundings;
    const world = await worlds.findByFolder(await realpath(folder.uri.fsPath));
    if (world?.isReady === true) await this.enter(world, folder);
  }

  #startFailed(failed: FailedStart<vscode.WorkspaceFolder>): void {
    if (this.#isDisposed) return;
    const { channel, onStartFailed } = this.#parts;
    const { error, folder } = failed;
    const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
    channel.error(`[window] ${folder.name} not started: ${cause}`);
    this.#showStatus();
    onStartFailed(failed);
  }

  /** Binds a folder to its world, through a session that is open already or a new one. */
  async enter(
    world: KnownWorld,
    folder: vscode.WorkspaceFolder,
    session?: WorldSession,
  ): Promise<FolderWorld> {
    if (!this.#current) {
      this.#parts.statusBar.show({ tag: 'connecting', world: world.name, isLoading: false });
    }
    const current = await this.#open(world, folder, session).catch((error: unknown) => {
      // Nothing connects any more.
      this.#showStatus();
      throw error;
    });
    this.#starts.started(folder);
    // The window, or its folder, has gone while the world was opened.
    if (this.#isDisposed || !isInWindow(folder)) {
      this.#showStatus();
      await current.end();
      return current;
    }
    this.#worlds.add(current);
    this.#parts.onWorlds();
    const front = vscode.window.activeTextEditor?.document.uri;
    const isInFront = front === undefined || this.#worldOf(front) === current;
    const isAsked = session !== undefined;
    if (isAsked || isInFront || this.#current === undefined) this.#show(current);
    else this.#showStatus();
    return current;
  }

  async #open(
    world: KnownWorld,
    folder: vscode.WorkspaceFolder,
    given: WorldSession | undefined,
  ): Promise<FolderWorld> {
    const { surroundings, channel, changeEvents, chatAgent } = this.#parts;
    const session = given ?? (await this.#connect(world));
    try {
      return await FolderWorld.open({
        surroundings,
        world,
        session,
        folder,
        channel,
        changeEvents,
        onStatus: () => this.#showStatus(),
        onMirror: (event) => this.#notices.tell(event),
        onMirrorProgress: (progress) => this.#notices.progress(progress),
        chatAgent,
      });
    } catch (error) {
      if (!given) session.close();
      throw error;
    }
  }

  /** Lets go of the folder of a world, by default the one in front; the files stay. */
  async leave(world = this.#current): Promise<void> {
    if (world === undefined) return;
    this.#worlds.delete(world);
    if (world === this.#current) this.#show([...this.#worlds][0]);
    else this.#showStatus();
    await world.end();
  }

  /** Ends with the window; resolves when what could not be sent is on disk. */
  async end(): Promise<void> {
    this.#isDisposed = true;
    await Promise.all([...this.#worlds].map((world) => world.end()));
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#store.dispose();
    for (const world of this.#worlds) world.dispose();
  }

  #show(world: FolderWorld | undefined): void {
    if (world !== this.#current) {
      this.#current = world;
      this.#parts.onCurrent(world);
    }
    this.#showStatus();
  }

  #worldOf(uri: vscode.Uri): FolderWorld | undefined {
    const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri.toString();
    return [...this.#worlds].find((world) => world.folder.uri.toString() === folder);
  }

  async #foldersChanged({ removed }: vscode.WorkspaceFoldersChangeEvent): Promise<void> {
    const { channel } = this.#parts;
    try {
      for (const folder of removed) {
        this.#starts.forget(folder);
        const { uri } = folder;
        const gone = [...this.#worlds].find(
          ({ folder }) => folder.uri.toString() === uri.toString(),
        );
        if (gone) await this.leave(gone);
      }
      if (readSettings().bindOnOpen && vscode.workspace.isTrusted) await this.walkIn();
      this.#showStatus();
    } catch (error) {
      channel.error(`[window] ${String(error)}`);
    }
  }

  /** Does not wait for the connection: a window opens offline too. */
  async #connect(world: KnownWorld): Promise<WorldSession> {
    const { surroundings, channel } = this.#parts;
    const { clock, random } = surroundings;
    const server = surroundings.serverFor(world.server);
    return openWorld({
      uri: (signal) => server.uri(signal),
      database: world.database,
      self: await personOf(surroundings, server),
      clock,
      random,
      log: outputLog(channel, 'world'),
    });
  }

  #showStatus(): void {
    const { statusBar } = this.#parts;
    const others = [...this.#worlds].filter((world) => world !== this.#current);
    statusBar.showOthers(others.map(({ world }) => world.name));
    const { agentFolder } = this;
    const outside: WorldStatus = agentFolder ? { tag: 'agent', ...agentFolder } : { tag: 'none' };
    const failed = this.#starts.failed.map(({ folder, error }) => ({
      tag: 'failed' as const,
      world: folder.name,
      message: error instanceof Error ? error.message : String(error),
      nextStep: { title: vscode.l10n.t('Try again'), command: 'agentWorld.reconnect' },
    }));
    // Where nothing is live that one is shown itself.
    const shown = this.#current?.status() ?? failed.shift() ?? outside;
    statusBar.showFailed(failed.map(({ world, message }) => `${world}: ${message}`));
    statusBar.show(shown);
    const count = this.#current?.refused.ownCount ?? 0;
    statusBar.showRefusedEdits(count);
    this.#setContext('bound', this.#current !== undefined);
    this.#setContext('foldersOutside', this.foldersOutside().length);
    this.#setContext('refusedEdits', count);
  }

  #setContext(name: string, value: boolean | number): void {
    if (this.#contexts.get(name) === value) return;
    this.#contexts.set(name, value);
    void vscode.commands.executeCommand('setContext', `agentWorld.${name}`, value);
  }
}

function isInWindow({ uri }: vscode.WorkspaceFolder): boolean {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.some((each) => each.uri.toString() === uri.toString());
}
