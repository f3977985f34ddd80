/** Owns: joining by a link that VS Code was opened with. Does not know: how a folder is bound. */
import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import { EMBEDDED } from '../../world/identities.ts';
import { formatJoinCommand, type Invite, parseInvite } from '../../world/invite.ts';
import { describeServer } from '../../world/server-request.ts';
import { liveIn } from '../worlds/world-commands.ts';
import { joinIn, type Joining } from './join-world.ts';
import { profileOf } from './open-folder.ts';

/** Joins the world that a link invites into. Nothing is joined before the user has answered. */
export async function joinByLink(joining: Joining, uri: vscode.Uri): Promise<void> {
  // Encoded anew, the parts of a query could not be told apart.
  const invite = parseInvite(uri.toString(true));
  if (invite.kind === 'agent') {
    await offerCommand(invite);
    return;
  }
  const { surroundings, window } = joining;
  const known = await surroundings.worlds.find(invite.server, invite.database);
  if (known && liveIn(window, known)) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('This window is in the world “{0}” already.', known.name),
    );
    return;
  }
  const folder = await askFolder(joining, invite, known?.folder ?? '');
  if (folder !== undefined) await joinIn(joining, folder, invite);
}

/** Asks whether to join, and where its files shall be. `known` is where they were, if anywhere. */
async function askFolder(
  { surroundings, window }: Joining,
  invite: Invite,
  known: string,
): Promise<string | undefined> {
  const [first] = window.foldersOutside();
  const usual = existsSync(known) ? known : await freeFolder(surroundings, first);
  const here = usual && vscode.l10n.t('Join in “{0}”', path.basename(usual));
  const elsewhere = usual
    ? vscode.l10n.t('Join in Another Folder…')
    : vscode.l10n.t('Join in a Folder…');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('Join the world “{0}”?', nameIn(invite)),
    { modal: true, detail: await whatJoiningMeans(invite, first) },
    ...(here ? [here, elsewhere] : [elsewhere]),
  );
  if (answer === undefined) return undefined;
  return answer === elsewhere ? chooseFolder() : usual;
}

/** A folder of the window that is in no world, also none that is not bound as it opens. */
async function freeFolder(
  { worlds }: ExtensionSurroundings,
  folder: vscode.WorkspaceFolder | undefined,
): Promise<string | undefined> {
  if (folder === undefined) return undefined;
  const real = await realpath(folder.uri.fsPath);
  return (await worlds.findByFolder(real)) === undefined ? folder.uri.fsPath : undefined;
}

async function whatJoiningMeans(
  { server, database }: Invite,
  folder: vscode.WorkspaceFolder | undefined,
): Promise<string> {
  const place =
    server === EMBEDDED
      ? vscode.l10n.t('It is on this machine’s own host, as {0}.', database)
      : vscode.l10n.t('It is on the server {0}, as {1}.', describeServer(server), database);
  const { displayName } = await profileOf(folder?.uri.fsPath ?? homedir());
  return [
    place,
    vscode.l10n.t(
      'Its files come into a folder of yours, and everything typed there is shared with its members at once. What would change in the folder is shown before.',
    ),
    vscode.l10n.t(
      'Its members will see your name, {0}, and where you are in its files.',
      displayName,
    ),
    vscode.l10n.t('Join only if you know who invites you.'),
  ].join('\n\n');
}

async function offerCommand(invite: Invite): Promise<void> {
  const copy = vscode.l10n.t('Copy the Line');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t('This invite is for an agent.'),
    {
      modal: true,
      detail: vscode.l10n.t(
        'An agent joins by a line in a terminal, with a home of its own. Here you would take its place yourself.',
      ),
    },
    copy,
  );
  if (answer === copy) await vscode.env.clipboard.writeText(formatJoinCommand(invite));
}

async function chooseFolder(): Promise<string | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('A folder for the world’s files'),
    openLabel: vscode.l10n.t('Join Here'),
    canSelectFiles: false,
    canSelectFolders: true,
  });
  return chosen?.[0]?.fsPath;
}

/** A database is called by its first folder and some digits. */
function nameIn({ database }: Invite): string {
  return database.replace(/-[0-9a-f]{8}$/, '');
}
