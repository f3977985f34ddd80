/**
 * Owns: joining by a link that VS Code was opened with: the question before anything is joined, and
 * going on in another window where the files are to come into another folder. Does not know: how a
 * folder is bound.
 */
import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import { EMBEDDED } from '../../world/identities.ts';
import { formatJoinCommand, type Invite, parseInvite } from '../../world/invite.ts';
import type { SecretStore } from '../../world/own-invites.ts';
import { describeServer } from '../../world/server-request.ts';
import { joinIn, type Joining } from './join-world.ts';
import { profileOf } from './open-folder.ts';

export interface LinkJoiningOptions extends Joining {
  /** Invites are secrets, also on their way from one window to the next. */
  readonly secrets: SecretStore;
}

/** An invite that the user has said yes to, for the window that opens a folder. */
interface Accepted {
  /** Its real path. */
  readonly folder: string;
  readonly invite: Invite;
  readonly untilMs: number;
}

export class LinkJoining {
  readonly #options: LinkJoiningOptions;

  constructor(options: LinkJoiningOptions) {
    this.#options = options;
  }

  /** Nothing is joined before the user has answered. */
  async open(uri: vscode.Uri): Promise<void> {
    // Encoded anew, the parts of a query could not be told apart.
    const invite = parseInvite(uri.toString(true));
    if (invite.kind === 'agent') {
      await offerCommand(invite);
      return;
    }
    const { surroundings, window } = this.#options;
    const known = await surroundings.worlds.find(invite.server, invite.database);
    const live = [...window.all()].map(({ world }) => world);
    if (
      known &&
      live.some(({ database, server }) => database === known.database && server === known.server)
    ) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t('This window is in the world “{0}” already.', known.name),
      );
      return;
    }
    const knownFolder = known && existsSync(known.folder) ? known.folder : '';
    const folder = await this.#askFolder(invite, knownFolder);
    if (folder === undefined) return;
    // However a dialog spells it.
    const real = await realpath(folder.fsPath);
    const own = await this.#folderOfWindow(real);
    if (own) await joinIn(this.#options, own, invite);
    else await this.#goOnIn(real, invite);
  }

  /** Joins what the user has said yes to in another window, if that was for a folder of this one. */
  async goOn(): Promise<void> {
    const { secrets, surroundings } = this.#options;
    const kept = await secrets.get(ACCEPTED);
    if (kept === undefined) return;
    const { folder, invite, untilMs } = JSON.parse(kept) as Accepted;
    const isLate = untilMs < surroundings.clock.nowMs();
    const own = isLate ? undefined : await this.#folderOfWindow(folder);
    if (own || isLate) await secrets.delete(ACCEPTED);
    if (own) await joinIn(this.#options, own, invite);
  }

  /** Asks whether to join, and where its files shall be. */
  async #askFolder(invite: Invite, knownFolder: string): Promise<vscode.Uri | undefined> {
    const { surroundings, window } = this.#options;
    const [first] = window.foldersOutside();
    const free = first && (await this.#isFree(first)) ? first : undefined;
    const usual = knownFolder === '' ? free?.uri : vscode.Uri.file(knownFolder);
    const here =
      usual === undefined ? undefined : vscode.l10n.t('Join in “{0}”', baseNameOf(usual));
    const elsewhere =
      usual === undefined
        ? vscode.l10n.t('Join in a Folder…')
        : vscode.l10n.t('Join in Another Folder…');
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t('Join the world “{0}”?', nameIn(invite)),
      { modal: true, detail: await whatJoiningMeans(surroundings, invite, first) },
      ...(here === undefined ? [] : [here]),
      elsewhere,
    );
    if (answer === here) return usual;
    return answer === elsewhere ? chooseFolder() : undefined;
  }

  /** Also a folder whose world is not bound as it opens. */
  async #isFree({ uri }: vscode.WorkspaceFolder): Promise<boolean> {
    const { worlds } = this.#options.surroundings;
    return (await worlds.findByFolder(await realpath(uri.fsPath))) === undefined;
  }

  async #folderOfWindow(real: string): Promise<vscode.WorkspaceFolder | undefined> {
    for (const folder of this.#options.window.foldersOutside()) {
      if ((await realpath(folder.uri.fsPath)) === real) return folder;
    }
    return undefined;
  }

  async #goOnIn(folder: string, invite: Invite): Promise<void> {
    const { secrets, surroundings } = this.#options;
    await surroundings.worlds.demandApart(folder);
    const untilMs = surroundings.clock.nowMs() + PATIENCE_MS;
    const accepted: Accepted = { folder, invite, untilMs };
    await secrets.store(ACCEPTED, JSON.stringify(accepted));
    const forceNewWindow = vscode.workspace.workspaceFolders !== undefined;
    const uri = vscode.Uri.file(folder);
    await vscode.commands.executeCommand('vscode.openFolder', uri, { forceNewWindow });
  }
}

const ACCEPTED = 'accepted invite';
const PATIENCE_MS = 10 * 60_000;

async function whatJoiningMeans(
  surroundings: ExtensionSurroundings,
  { server, database }: Invite,
  folder: vscode.WorkspaceFolder | undefined,
): Promise<string> {
  const place =
    server === EMBEDDED
      ? vscode.l10n.t('It is on this machine’s own host, as {0}.', database)
      : vscode.l10n.t('It is on the server {0}, as {1}.', describeServer(server), database);
  const name = folder ? (await profileOf(folder)).displayName : '';
  const seen =
    name === ''
      ? vscode.l10n.t('Its members will see your name, and where you are in its files.')
      : vscode.l10n.t('Its members will see your name, {0}, and where you are in its files.', name);
  return [
    place,
    vscode.l10n.t(
      'Its files come into a folder of yours, and everything typed there is shared with its members at once. What would change in the folder is shown before.',
    ),
    seen,
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

async function chooseFolder(): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('A folder for the world’s files'),
    openLabel: vscode.l10n.t('Join Here'),
    canSelectFiles: false,
    canSelectFolders: true,
  });
  return chosen?.[0];
}

/** A database is called by its first folder and some digits. */
function nameIn({ database }: Invite): string {
  return database.replace(/-[0-9a-f]{8}$/, '');
}

function baseNameOf({ path }: vscode.Uri): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
