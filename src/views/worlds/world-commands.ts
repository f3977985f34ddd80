import { realpath } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { restoreSaveSetting } from '../../editor/save-setting.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import type { WindowWorld } from '../../editor/window-world.ts';
import { backupWorld } from '../../world/backup.ts';
import { deleteWorld } from '../../world/delete-world.ts';
import { openAsPerson } from '../../world/open-folder.ts';
import { renameWorld } from '../../world/rename-world.ts';
import { upgradeWorld } from '../../world/upgrade.ts';
import type { KnownWorld } from '../../world/world-list.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { isEmptyFolder } from '../../world/write-tree.ts';
import { openInWindow } from '../open-in-window.ts';
import { withProgress } from '../with-progress.ts';
import { byteText } from './byte-text.ts';
import { opProgress } from './op-progress.ts';
import { pickWorld } from './pick-world.ts';
import type { ShownWorld } from './world-tree.ts';

export interface WorldCommandsOptions {
  readonly surroundings: ExtensionSurroundings;
  readonly window: () => WindowWorld;
  /** The worlds as they are now. */
  readonly look: () => Promise<readonly ShownWorld[]>;
  /** The user's invites into a world that is gone are of no use. */
  readonly forgetInvites: (world: KnownWorld) => Promise<void>;
}

/** What can be done with a world that this machine knows, from the tree and by name. */
export class WorldCommands {
  readonly #options: WorldCommandsOptions;

  constructor(options: WorldCommandsOptions) {
    this.#options = options;
  }

  /** Opens a world's folder in a window, or gives it one first. */
  async open(argument: unknown): Promise<void> {
    const title = vscode.l10n.t('Which world to open?');
    const isClosed = ({ world, isLive }: ShownWorld): boolean =>
      !isLive && world.isReady && world.movedTo === undefined;
    const shown = await this.#pick(argument, title, isClosed);
    if (shown === undefined) return;
    const { world } = shown;
    const folder = world.folder === '' ? await this.#newFolder(world) : world.folder;
    if (folder === undefined) return;
    await openInWindow(folder);
  }

  async rename(argument: unknown): Promise<void> {
    const shown = await this.#pick(argument, vscode.l10n.t('Which world to rename?'), isAlive);
    if (shown === undefined) return;
    const { world } = shown;
    const entered = await vscode.window.showInputBox({
      title: vscode.l10n.t('Another name for “{0}”', world.name),
      prompt: vscode.l10n.t('For everybody in it. Its database and its folder stay what they are.'),
      value: world.name,
      ignoreFocusOut: true,
      validateInput: (text) =>
        text.trim() === '' ? vscode.l10n.t('A world has a name.') : undefined,
    });
    const name = entered?.trim();
    if (name === undefined || name === world.name) return;
    const { worlds } = this.#options.surroundings;
    const done = await this.#with(world, undefined, async (session) => {
      if (!isOwner(session)) return false;
      await renameWorld(worlds, session, world, name);
      return true;
    });
    if (!done) tell(vscode.l10n.t('Only an owner can rename “{0}”.', world.name));
    else inStatusBar(vscode.l10n.t('“{0}” is called “{1}” now.', world.name, name));
  }

  /** Deletes a world once its name was typed. */
  async delete(argument: unknown): Promise<void> {
    const shown = await this.#pick(argument, vscode.l10n.t('Which world to delete?'));
    if (shown === undefined) return;
    const { world } = shown;
    const typed = await vscode.window.showInputBox({
      title: vscode.l10n.t('Delete “{0}” with its whole history, for everybody', world.name),
      prompt: whatStays(world),
      placeHolder: world.name,
      ignoreFocusOut: true,
      validateInput: (text) =>
        text === '' || text === world.name
          ? undefined
          : vscode.l10n.t('To delete it, type its name: {0}', world.name),
    });
    if (typed !== world.name) return;
    const { surroundings, forgetInvites, window } = this.#options;
    const title = vscode.l10n.t('Deleting “{0}”', world.name);
    await withProgress(title, ({ signal }) => deleteWorld(surroundings, world, signal));
    await forgetInvites(world);
    const live = liveIn(window(), world);
    if (live) {
      await window().leave(live);
      await restoreSaveSetting(live.folder);
    }
    inStatusBar(vscode.l10n.t('The world “{0}” is deleted.', world.name));
  }

  async backUp(argument: unknown): Promise<void> {
    const title = vscode.l10n.t('Which world to back up?');
    const shown = await this.#pick(argument, title, ({ world }) => world.isReady);
    const target = shown && (await askBackupFile(shown.world, this.#options.surroundings));
    if (shown === undefined || target === undefined) return;
    const { world } = shown;
    const file = target.fsPath;
    const report = await withProgress(
      vscode.l10n.t('Backing up “{0}”', world.name),
      async (task) => {
        const { signal } = task;
        const onProgress = opProgress(task);
        return this.#with(world, signal, (session) =>
          backupWorld({ session, file, onProgress, signal }),
        );
      },
    );
    const show = vscode.l10n.t('Show the File');
    const message = vscode.l10n.t(
      '“{0}” is backed up and verified: {1} ops, {2}, in {3}.',
      world.name,
      report.head.opSeq,
      byteText(report.bytes),
      file,
    );
    const answer = await vscode.window.showInformationMessage(message, show);
    if (answer === show) await vscode.commands.executeCommand('revealFileInOS', target);
  }

  /** Resolves with the world that runs this version's module now; undefined when the user gave up. */
  async upgrade(argument: unknown): Promise<KnownWorld | undefined> {
    const shown = await this.#pick(argument, vscode.l10n.t('Which world to upgrade?'), isAlive);
    if (shown === undefined) return undefined;
    const { world } = shown;
    const { surroundings } = this.#options;
    const result = await withProgress(vscode.l10n.t('Upgrading “{0}”', world.name), ({ signal }) =>
      upgradeWorld(surroundings, world, { mayDisconnect: () => mayDisconnect(world), signal }),
    );
    if (result.tag === 'declined') return undefined;
    const { version } = surroundings;
    tell(
      result.tag === 'current'
        ? vscode.l10n.t('“{0}” runs the module of version {1} already.', world.name, version)
        : vscode.l10n.t(
            '“{0}” runs the module of version {1} now, with all of its {2} ops.',
            world.name,
            version,
            result.headSeq,
          ),
    );
    return world;
  }

  async #pick(
    argument: unknown,
    title: string,
    isWanted?: (shown: ShownWorld) => boolean,
  ): Promise<ShownWorld | undefined> {
    return pickWorld(await this.#options.look(), argument, title, isWanted);
  }

  /** Uses the window's session of a world, or one of its own for so long. */
  async #with<Result>(
    world: KnownWorld,
    signal: AbortSignal | undefined,
    use: (session: WorldSession) => Promise<Result>,
  ): Promise<Result> {
    const live = liveIn(this.#options.window(), world);
    if (live) return use(live.session);
    const session = await openAsPerson(this.#options.surroundings, world, signal);
    try {
      return await use(session);
    } finally {
      session.close();
    }
  }

  /** An empty folder becomes the world's: its files come as the folder is opened. */
  async #newFolder(world: KnownWorld): Promise<string | undefined> {
    const { worlds } = this.#options.surroundings;
    const chosen = await vscode.window.showOpenDialog({
      title: vscode.l10n.t('An empty folder for the files of “{0}”', world.name),
      openLabel: vscode.l10n.t('Open the World Here'),
      canSelectFiles: false,
      canSelectFolders: true,
    });
    if (chosen?.[0] === undefined) return undefined;
    const folder = await realpath(chosen[0].fsPath);
    if (!(await isEmptyFolder(folder))) {
      tell(vscode.l10n.t('{0} is not empty: choose an empty folder.', folder));
      return undefined;
    }
    await worlds.demandApart(folder);
    await worlds.put({ ...world, folder });
    return folder;
  }
}

/** The folder of this window that is in a world, if one is. */
export function liveIn(window: WindowWorld, world: KnownWorld): FolderWorld | undefined {
  return [...window.all()].find(
    (live) => live.world.server === world.server && live.world.database === world.database,
  );
}

export function isAlive({ world }: ShownWorld): boolean {
  return world.isReady && world.movedTo === undefined;
}

export function isOwner({ view, identity }: WorldSession): boolean {
  const self = view.members.get(identity);
  return self?.role === 'owner' && !self.paused;
}

async function mayDisconnect({ name }: KnownWorld): Promise<boolean> {
  const upgrade = vscode.l10n.t('Upgrade');
  const detail = vscode.l10n.t(
    'This upgrade changes tables of “{0}”. Everybody comes back without doing anything; whose Agent World is older may have to update it.',
    name,
  );
  const question = vscode.l10n.t('Disconnect everybody for a moment?');
  const options = { modal: true, detail };
  return (await vscode.window.showWarningMessage(question, options, upgrade)) === upgrade;
}

function whatStays({ folder }: KnownWorld): string {
  return folder === ''
    ? vscode.l10n.t('Only a backup brings it back. Type its name to delete it.')
    : vscode.l10n.t(
        'The files in {0} stay. Only a backup brings the world back. Type its name to delete it.',
        folder,
      );
}

async function askBackupFile(
  { name, folder }: KnownWorld,
  { clock, home }: ExtensionSurroundings,
): Promise<vscode.Uri | undefined> {
  const day = new Date(clock.nowMs()).toISOString().slice(0, 10);
  // Beside the folder: in it the backup would come into the world.
  const place = folder === '' ? home : path.dirname(folder);
  const file = `${name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')}-${day}.world`;
  return vscode.window.showSaveDialog({
    title: vscode.l10n.t('Back up “{0}” to', name),
    defaultUri: vscode.Uri.file(path.join(place, file)),
    filters: { [vscode.l10n.t('Backup of a world')]: ['world'] },
    saveLabel: vscode.l10n.t('Back Up'),
  });
}

export function tell(message: string): void {
  void vscode.window.showInformationMessage(message);
}

function inStatusBar(message: string): void {
  vscode.window.setStatusBarMessage(message, 8_000);
}
