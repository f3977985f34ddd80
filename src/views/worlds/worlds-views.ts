/**
 * Owns: the view of the worlds that this machine knows, and what can be done with them whatever the
 * window is in. Does not know: the views of what is inside of a world.
 */
import * as vscode from 'vscode';
import { DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { LinkFailure } from '../../world/link-failure.ts';
import { OwnInvites } from '../../world/own-invites.ts';
import { rememberHead } from '../../world/remember-head.ts';
import { sizeKey, worldSizes } from '../../world/world-sizes.ts';
import { Coalescer, nextTurn } from '../coalescer.ts';
import type { WorldsCommand } from '../view-commands.ts';
import type { RunAnywhere, ViewPart, ViewPartOptions } from '../view-part.ts';
import { moveToServer } from './move-command.ts';
import { pickWorld } from './pick-world.ts';
import { restoreFromBackup } from './restore-command.ts';
import { canUpgrade, offerUpgrade } from './upgrade-offer.ts';
import { isAlive, liveIn, WorldCommands } from './world-commands.ts';
import { type ShownWorld, WorldTree } from './world-tree.ts';

export class WorldsViews implements ViewPart {
  readonly commands = {};
  readonly anywhere: Readonly<Record<WorldsCommand, RunAnywhere>>;
  readonly #options: ViewPartOptions;
  readonly #store = new DisposableStore();
  readonly #tree: WorldTree;
  /** The list changes in bursts: somebody looks a moment later. */
  readonly #turn = this.#store.add(new Coalescer<'list'>(nextTurn, () => this.#refresh()));
  readonly #upgrades = new Set<string>();
  #shown: readonly ShownWorld[] = [];
  #entered: DisposableStore | undefined;

  constructor(options: ViewPartOptions) {
    const { surroundings, window, context } = options;
    this.#options = options;
    this.#tree = this.#store.add(
      new WorldTree({ shown: () => this.#shown, onVisible: () => this.#turn.mark('list') }),
    );
    const own = new OwnInvites(context.secrets, () => surroundings.clock.nowMs());
    const look = (): Promise<readonly ShownWorld[]> => this.#look();
    const forgetInvites = (world: Parameters<OwnInvites['forget']>[0]): Promise<void> =>
      own.forget(world);
    const worlds = new WorldCommands({ surroundings, window, look, forgetInvites });
    this.anywhere = {
      openWorld: (argument) => worlds.open(argument),
      renameWorld: (argument) => worlds.rename(argument),
      deleteWorld: (argument) => worlds.delete(argument),
      backUpWorld: (argument) => worlds.backUp(argument),
      upgradeWorld: async (argument) => {
        const upgraded = await worlds.upgrade(argument);
        if (upgraded) this.#upgrades.delete(sizeKey(upgraded));
        this.#turn.mark('list');
      },
      restoreWorld: () => restoreFromBackup(surroundings),
      moveWorld: (argument) => this.#move(argument),
    };
    const list = new vscode.RelativePattern(vscode.Uri.file(surroundings.home), 'worlds.json');
    const watcher = this.#store.add(vscode.workspace.createFileSystemWatcher(list));
    for (const event of [watcher.onDidChange, watcher.onDidCreate]) {
      this.#store.add(
        event(() => {
          if (this.#tree.isVisible) this.#turn.mark('list');
        }),
      );
    }
  }

  enter(current: FolderWorld | undefined): void {
    this.#entered?.dispose();
    this.#entered = undefined;
    if (this.#tree.isVisible) this.#turn.mark('list');
    if (current === undefined) return;
    const entered = new DisposableStore();
    this.#entered = entered;
    entered.addStop(current.session.view.onWorkspace(({ name }) => this.#named(current, name)));
    const leaving = new AbortController();
    entered.addStop(() => leaving.abort());
    this.#lookForUpgrade(current, leaving.signal).catch((error: unknown) => this.#warn(error));
  }

  dispose(): void {
    this.#entered?.dispose();
    this.#store.dispose();
  }

  /** Reads the list and what is known of each world. */
  async #look(): Promise<readonly ShownWorld[]> {
    const { surroundings, window } = this.#options;
    await this.#rememberHeads();
    const sizes = await worldSizes(surroundings);
    const worlds = await surroundings.worlds.all();
    const shown = worlds.map((world) => ({
      world,
      size: sizes.get(sizeKey(world)),
      isLive: liveIn(window(), world) !== undefined,
      canUpgrade: this.#upgrades.has(sizeKey(world)),
    }));
    this.#shown = shown.sort(
      (a, b) =>
        Number(b.isLive) - Number(a.isLive) ||
        Number(isAlive(b)) - Number(isAlive(a)) ||
        a.world.name.localeCompare(b.world.name),
    );
    return this.#shown;
  }

  #refresh(): void {
    this.#look()
      .then(() => {
        this.#tree.refresh();
        return vscode.commands.executeCommand(
          'setContext',
          'agentWorld.worlds',
          this.#shown.length,
        );
      })
      .then(undefined, (error: unknown) => this.#warn(error));
  }

  /** What is live has gone on since it was opened. */
  async #rememberHeads(): Promise<void> {
    const { surroundings, window } = this.#options;
    for (const { session, world } of window().all()) {
      if (!session.link) continue;
      try {
        await rememberHead(session, world, surroundings.worlds);
      } catch (error) {
        // Its size is as it was last seen.
        if (!(error instanceof LinkFailure)) throw error;
      }
    }
  }

  /** Somebody gave the world another name: this machine's list calls it so, too. */
  #named({ world }: FolderWorld, name: string): void {
    const { worlds } = this.#options.surroundings;
    const rename = async (): Promise<void> => {
      const known = await worlds.find(world.server, world.database);
      if (known && name !== '' && known.name !== name) await worlds.put({ ...known, name });
    };
    rename().catch((error: unknown) => this.#warn(error));
  }

  async #lookForUpgrade(current: FolderWorld, signal: AbortSignal): Promise<void> {
    const { surroundings, context } = this.#options;
    const key = sizeKey(current.world);
    const isOld = await canUpgrade(surroundings, current, signal);
    if (isOld) this.#upgrades.add(key);
    else this.#upgrades.delete(key);
    this.#turn.mark('list');
    if (isOld && !signal.aborted) {
      await offerUpgrade({ surroundings, memento: context.globalState }, current);
    }
  }

  async #move(argument: unknown): Promise<void> {
    const { surroundings, window } = this.#options;
    const title = vscode.l10n.t('Which world to move?');
    const shown = await pickWorld(await this.#look(), argument, title, isAlive);
    if (shown) await moveToServer({ surroundings, window: window() }, shown);
  }

  #warn(error: unknown): void {
    this.#options.surroundings.log.warn('worlds.failed', { error: String(error) });
  }
}
