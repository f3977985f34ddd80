/**
 * Owns: which world this window is in, at most one, and walking into it by itself when the folder
 * belongs to one. Does not know: commands and dialogs.
 */
import { realpath } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { StatusBar } from '../views/status-bar.ts';
import { openWorld } from '../world/world-session.ts';
import { personOf } from '../world/open-folder.ts';
import type { KnownWorld } from '../world/world-list.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { Disposable } from './disposable-store.ts';
import type { EventTimings } from './event-timings.ts';
import { FolderWorld } from './folder-world.ts';
import { MirrorNotices } from './mirror-notices.ts';
import { outputLog } from './output-log.ts';
import type { ExtensionSurroundings } from './surroundings.ts';

export interface WindowWorldParts {
  readonly surroundings: ExtensionSurroundings;
  readonly channel: vscode.LogOutputChannel;
  readonly statusBar: StatusBar;
  readonly timings: EventTimings;
  /** The window entered a world, or left it. */
  readonly onCurrent: (current: FolderWorld | undefined) => void;
}

export class WindowWorld implements Disposable {
  readonly #parts: WindowWorldParts;
  readonly #notices: MirrorNotices;
  #current: FolderWorld | undefined;
  #isDisposed = false;

  constructor(parts: WindowWorldParts) {
    this.#parts = parts;
    this.#notices = new MirrorNotices(parts.channel);
    this.#showStatus();
  }

  get current(): FolderWorld | undefined {
    return this.#current;
  }

  /** Binds the first folder of the window that belongs to a world; says whether one does. */
  async walkIn(): Promise<boolean> {
    const { worlds } = this.#parts.surroundings;
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      if (folder.uri.scheme !== 'file') continue;
      const world = await worlds.findByFolder(await realpath(folder.uri.fsPath));
      if (world?.isReady !== true) continue;
      await this.enter(world, folder);
      return true;
    }
    return false;
  }

  /** Binds a folder to its world, through a session that is open already or a new one. */
  async enter(
    world: KnownWorld,
    folder: vscode.WorkspaceFolder,
    session?: WorldSession,
  ): Promise<FolderWorld> {
    const { surroundings, channel, timings, statusBar } = this.#parts;
    statusBar.show({ tag: 'connecting', world: world.name });
    const opened = session ?? (await this.#connect(world));
    const current = await FolderWorld.open({
      surroundings,
      world,
      session: opened,
      folder,
      channel,
      timings,
      onStatus: () => this.#showStatus(),
      onMirror: (event) => this.#notices.tell(event),
      onMirrorProgress: (progress) => this.#notices.progress(progress),
    });
    if (this.#isDisposed) {
      await current.end();
      return current;
    }
    this.#current = current;
    this.#parts.onCurrent(current);
    void vscode.commands.executeCommand('setContext', 'agentWorld.bound', true);
    this.#showStatus();
    return current;
  }

  /** Lets go of the folder; the files stay. */
  async leave(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    this.#parts.onCurrent(undefined);
    await current?.end();
    void vscode.commands.executeCommand('setContext', 'agentWorld.bound', false);
    this.#showStatus();
  }

  /** Ends with the window; resolves when what could not be sent is on disk. */
  async end(): Promise<void> {
    this.#isDisposed = true;
    await this.#current?.end();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#notices.dispose();
    this.#current?.dispose();
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
    statusBar.show(this.#current?.status() ?? { tag: 'none' });
    const count = this.#current?.refused.ownCount ?? 0;
    statusBar.showRefusedEdits(count);
    void vscode.commands.executeCommand('setContext', 'agentWorld.refusedEdits', count);
  }
}
