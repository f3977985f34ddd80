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
import type { DiskFault } from './mirror/disk-files.ts';
import type { MirrorEvent } from './mirror/mirror-event.ts';
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
  #current: FolderWorld | undefined;
  #isDisposed = false;

  constructor(parts: WindowWorldParts) {
    this.#parts = parts;
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
      onMirror: (event) => tellMirror(event, channel),
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

function tellMirror(event: MirrorEvent, channel: vscode.LogOutputChannel): void {
  channel.warn(`[mirror] ${event.tag} path=${event.path}`);
  void vscode.window.showWarningMessage(textOf(event));
}

function textOf(event: MirrorEvent): string {
  switch (event.tag) {
    case 'ticketed':
      return vscode.l10n.t(
        'What was written to {0} on disk is in conflict with the world. It waits for a decision; the file has the world’s text.',
        event.path,
      );
    case 'refused':
      return vscode.l10n.t(
        'The world did not take {0}: {1} {2}',
        event.path,
        event.message,
        event.copy,
      );
    case 'stuck':
      return vscode.l10n.t(
        '{0} on disk cannot be kept in step with the world: {1} Nothing is lost: the world has it, and it is tried again.',
        event.path,
        messageOf(event.fault),
      );
  }
}

function messageOf(fault: DiskFault): string {
  switch (fault) {
    case 'disk_full':
      return vscode.l10n.t('the disk is full.');
    case 'disk_read_only':
      return vscode.l10n.t('the disk is read-only.');
    case 'disk_no_permission':
      return vscode.l10n.t('you may not read or write it.');
    case 'disk_link_loop':
      return vscode.l10n.t('links lead in a circle.');
    case 'disk_in_the_way':
      return vscode.l10n.t('something that is not a file is in its place.');
    case 'disk_name_too_long':
      return vscode.l10n.t('its name is too long here.');
    case 'disk_failed':
      return vscode.l10n.t('the disk reports a failure.');
  }
}
