import { realpath } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { type FolderDifference, compareFolder } from '../../editor/compare-folder.ts';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import type { WindowWorld } from '../../editor/window-world.ts';
import { letGiveWay } from '../../mirror/give-way.ts';
import { type Invite, parseInvite } from '../../world/invite.ts';
import { scanFolder } from '../../world/folder-scan.ts';
import { joinWorld } from '../../world/join.ts';
import { openAsPerson, personOf } from '../../world/open-folder.ts';
import { WorldError } from '../../world/world-error.ts';
import type { WorldList } from '../../world/world-list.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { openInWindow } from '../open-in-window.ts';
import { pickFolder, profileOf } from './open-folder.ts';

export interface Joining {
  readonly surroundings: ExtensionSurroundings;
  readonly window: WindowWorld;
}

/** Joins a world by the invite that the user pastes, in the window's folder. */
export async function joinByInvite(joining: Joining, text?: string): Promise<void> {
  const folder = await pickFolder(joining.window);
  const invite = folder && (await askInvite(text));
  if (!folder || !invite) return;
  // An invite may serve once: whoever gives it to a folder by mistake must not have used it up.
  const isMeant = await askFullFolder(folder.uri.fsPath);
  if (isMeant) await joinIn(joining, folder.uri.fsPath, invite);
}

/**
 * Joins a world with a folder: one of the window is bound at once, another one is opened in a window
 * of its own. The user has said that they want to join. In a folder with files of its own they see what would
 * change before it does, and what is replaced is copied before; whoever does not want that is in the world all the
 * same, without a folder.
 */
export async function joinIn(
  { surroundings, window }: Joining,
  place: string,
  invite: Invite,
): Promise<void> {
  const folder = await realpath(place);
  await demandFree(surroundings.worlds, folder, invite);
  const session = await connect(surroundings, folder, invite);
  try {
    const differences = await compareFolder(session, folder, surroundings.log);
    const { server, database } = invite;
    const known = await surroundings.worlds.find(server, database);
    const world = {
      server,
      database,
      ...(known?.lastHead && { lastHead: known.lastHead }),
      name: session.workspace?.name ?? database,
      folder,
      addedAt: new Date(surroundings.clock.nowMs()).toISOString(),
      isReady: true,
    };
    if (!(await confirm(session, differences))) {
      session.close();
      if (known === undefined) await surroundings.worlds.put({ ...world, folder: '' });
      tellFolderLeft(world.name);
      return;
    }
    const backup = await backUp(surroundings, session, folder, differences);
    await surroundings.worlds.put(world);
    const own = await folderOfWindow(window, folder);
    if (own) await window.enter(world, own, session);
    else {
      session.close();
      await openInWindow(folder);
    }
    if (backup !== undefined) tellBackup(backup);
  } catch (error) {
    session.close();
    throw error;
  }
}

/** Throws `WorldError` for a folder that is in another world, or around or inside of one's folder. */
async function demandFree(worlds: WorldList, folder: string, invite: Invite): Promise<void> {
  const other = await worlds.findByFolder(folder);
  const { server, database } = invite;
  if (other && (other.server !== server || other.database !== database)) {
    throw new WorldError(
      'refused',
      `${folder} is in the world ${other.name} already: leave it first`,
    );
  }
  await worlds.demandApart(folder);
}

async function askInvite(text: string | undefined): Promise<Invite | undefined> {
  const entered =
    text ??
    (await vscode.window.showInputBox({
      title: vscode.l10n.t('Join a world'),
      prompt: vscode.l10n.t('Paste the invite you were given'),
      placeHolder: 'agent-world://join/…',
      ignoreFocusOut: true,
      validateInput: (value) => messageOf(() => parseInvite(value)),
    }));
  return entered === undefined ? undefined : parseInvite(entered);
}

function messageOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof WorldError) return error.message;
    throw error;
  }
}

/** However a dialog or a window spells it. */
async function folderOfWindow(
  window: WindowWorld,
  real: string,
): Promise<vscode.WorkspaceFolder | undefined> {
  for (const folder of window.foldersOutside()) {
    if ((await realpath(folder.uri.fsPath)) === real) return folder;
  }
  return undefined;
}

async function connect(
  surroundings: ExtensionSurroundings,
  folder: string,
  invite: Invite,
): Promise<WorldSession> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Joining the world') },
    async () => {
      const server = surroundings.serverFor(invite.server);
      const uri = await server.uri();
      await joinWorld({
        uri,
        database: invite.database,
        secret: invite.secret,
        self: await personOf(surroundings, server),
        profile: await profileOf(folder),
      });
      return openAsPerson(surroundings, invite);
    },
  );
}

/** Asks before anything is joined; nothing to ask in an empty folder. What would change there only members can see. */
async function askFullFolder(folder: string): Promise<boolean> {
  const { files } = await scanFolder(folder);
  if (files.length === 0) return true;
  const join = vscode.l10n.t('Join');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t('Join the world with the folder “{0}”?', path.basename(folder)),
    {
      modal: true,
      detail: [
        vscode.l10n.t(
          'It has files of its own: {0}. What would become of each you are shown before anything changes.',
          files.length,
        ),
        vscode.l10n.t('Joining makes you a member and uses the invite.'),
      ].join('\n\n'),
    },
    join,
  );
  return answer === join;
}

interface DifferenceItem extends vscode.QuickPickItem {
  readonly action: 'join' | 'cancel' | 'none';
}

/** Shows what would change here; nothing to show in an empty folder. */
async function confirm(
  session: WorldSession,
  differences: readonly FolderDifference[],
): Promise<boolean> {
  const replaced = differences.filter(({ kind }) => kind === 'differs');
  const own = differences.filter(({ kind }) => kind === 'only_here');
  const fresh = differences.filter(({ kind }) => kind === 'only_there');
  if (replaced.length === 0 && own.length === 0) return true;
  const items: DifferenceItem[] = [
    {
      label: `$(check) ${vscode.l10n.t('Bring the Files Together')}`,
      detail: vscode.l10n.t(
        'Replaced by the world’s text after a copy is made: {0}. New in this folder: {1}. Brought into the world: {2}.',
        replaced.length,
        fresh.length,
        own.length,
      ),
      action: 'join',
    },
    {
      label: `$(close) ${vscode.l10n.t('Leave This Folder as It Is')}`,
      detail: vscode.l10n.t(
        'You stay a member. From the view Worlds it can be opened in another folder.',
      ),
      action: 'cancel',
    },
    ...section(vscode.l10n.t('Replaced by the world’s text'), '$(diff-modified)', replaced),
    ...section(vscode.l10n.t('Brought into the world'), '$(cloud-upload)', own),
    ...section(vscode.l10n.t('New in this folder'), '$(cloud-download)', fresh),
  ];
  for (;;) {
    const picked = await vscode.window.showQuickPick(items, {
      title: vscode.l10n.t(
        'You are in “{0}”. What that changes in this folder',
        session.workspace?.name ?? '',
      ),
      ignoreFocusOut: true,
    });
    if (picked?.action !== 'none') return picked?.action === 'join';
  }
}

function section(
  title: string,
  icon: string,
  differences: readonly FolderDifference[],
): DifferenceItem[] {
  if (differences.length === 0) return [];
  return [
    { label: title, kind: vscode.QuickPickItemKind.Separator, action: 'none' },
    ...differences.map(({ path: file }): DifferenceItem => ({
      label: `${icon} ${file}`,
      action: 'none',
    })),
  ];
}

/** Copies what will be replaced; undefined when nothing will be. */
async function backUp(
  { home, clock }: ExtensionSurroundings,
  session: WorldSession,
  folder: string,
  differences: readonly FolderDifference[],
): Promise<string | undefined> {
  const replaced = differences.filter(({ kind }) => kind === 'differs');
  if (replaced.length === 0) return undefined;
  const stamp = new Date(clock.nowMs()).toISOString().replaceAll(/[:.]/g, '-');
  const copies = path.join(home, 'backups', `${path.basename(folder)}-${stamp}`);
  const place = { home, folder, copies };
  await letGiveWay(
    session,
    place,
    replaced.map(({ path: file }) => file),
  );
  return copies;
}

function tellFolderLeft(name: string): void {
  void vscode.window.showInformationMessage(
    vscode.l10n.t(
      'This folder is as it was. You are a member of “{0}”: the view Worlds can open it in another folder.',
      name,
    ),
  );
}

function tellBackup(backup: string): void {
  const show = vscode.l10n.t('Show the copies');
  void vscode.window
    .showInformationMessage(vscode.l10n.t('What was replaced is kept in {0}.', backup), show)
    .then((answer) => {
      if (answer === show) {
        return vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(backup));
      }
      return undefined;
    });
}
