/** Owns: what is asked before an agent is set up. Does not know: how that is done. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { AddedAgent } from '../../agents/clients/added-agents.ts';
import type { AgentClient } from '../../agents/clients/client-entry.ts';
import { isOnPath } from '../../agents/clients/find-clients.ts';
import { AGENT_CLIENTS } from '../../agents/clients/known-clients.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { livingPaths } from '../members/member-commands.ts';
import { roleMeaning } from '../members/member-words.ts';
import { askScope } from '../members/scope-box.ts';
import { installCommand, tellHowToInstall } from './install-client.ts';

export interface WantedAgent {
  readonly client: AgentClient;
  /** As members will see it. */
  readonly name: string;
  /** Absolute; undefined for an agent that works by its tools alone. */
  readonly folder: string | undefined;
  /** All that a role has; undefined for edits and claims only. */
  readonly role: 'editor' | 'viewer' | undefined;
  /** Globs; empty for all paths. */
  readonly scope: readonly string[];
}

/** Undefined when the user gave up; `chosen`: which client it is to be, where that is known already. */
export async function askForAgent(
  current: FolderWorld,
  added: readonly AddedAgent[],
  chosen?: AgentClient,
): Promise<WantedAgent | undefined> {
  const client = chosen ?? (await askClient());
  const name = client && (await askName(client, added));
  if (client === undefined || name === undefined) return undefined;
  const place = await askPlace(current, client, name);
  const rights = place && (await askRights(current, name));
  return place && rights && { client, name, ...place, ...rights };
}

async function askClient(): Promise<AgentClient | undefined> {
  const found = AGENT_CLIENTS.filter(({ program }) => isOnPath(program));
  const missing = AGENT_CLIENTS.filter((client) => !found.includes(client));
  const choices: (vscode.QuickPickItem & { readonly client?: AgentClient })[] = [
    separator(vscode.l10n.t('on this machine')),
    ...found.map((client) => ({
      label: `$(hubot) ${client.title}`,
      description: client.program,
      client,
    })),
    separator(vscode.l10n.t('not found here')),
    ...missing.map((client) => ({
      label: `$(cloud-download) ${client.title}`,
      description: installCommand(client),
      client,
    })),
  ];
  const picked = await vscode.window.showQuickPick(choices, {
    title: vscode.l10n.t('Add an agent'),
    placeHolder: vscode.l10n.t('Which agent is to work in this world, beside you?'),
    matchOnDescription: true,
  });
  if (!picked?.client) return undefined;
  return missing.includes(picked.client) ? offerInstall(picked.client) : picked.client;
}

/** A client that has settings of its own can be told before it is there; others set themselves up. */
async function offerInstall(client: AgentClient): Promise<AgentClient | undefined> {
  const goOn = vscode.l10n.t('Set It Up Now');
  const answers = client.configuration.tag === 'file' ? [goOn] : [];
  return (await tellHowToInstall(client, ...answers)) === goOn ? client : undefined;
}

function askName(
  client: AgentClient,
  added: readonly AddedAgent[],
): Promise<string | undefined> | Thenable<string | undefined> {
  const taken = added.filter((each) => each.client === client.id).map(({ name }) => name);
  return vscode.window
    .showInputBox({
      title: vscode.l10n.t('Add {0}', client.title),
      prompt: vscode.l10n.t('Its name among the members of this world.'),
      value: freeName(client.title, taken),
      ignoreFocusOut: true,
      validateInput: (text) => nameFault(client, text.trim(), taken),
    })
    .then((text) => text?.trim());
}

function nameFault(
  client: AgentClient,
  name: string,
  taken: readonly string[],
): string | undefined {
  if (name === '') return vscode.l10n.t('An agent needs a name.');
  if (name.length > MOST_NAME) return vscode.l10n.t('That name is too long.');
  if (!taken.includes(name)) return undefined;
  return vscode.l10n.t('{0} has an agent of this name on this machine already.', client.title);
}

async function askPlace(
  { world, folder }: FolderWorld,
  client: AgentClient,
  name: string,
): Promise<{ readonly folder: string | undefined } | undefined> {
  const beside = `${folder.uri.fsPath}-${client.id}${name === client.title ? '' : `-${slugOf(name)}`}`;
  const own = {
    label: `$(folder) ${vscode.l10n.t('A folder of its own')}`,
    description: beside,
    detail: vscode.l10n.t('It works there by its own file tools; the folder is kept in step.'),
  };
  const other = { label: `$(folder-opened) ${vscode.l10n.t('Another folder…')}` };
  const here = {
    label: `$(tools) ${vscode.l10n.t('No folder')}`,
    detail: vscode.l10n.t('It works by the tools of “{0}” alone.', world.name),
  };
  const picked = await vscode.window.showQuickPick([own, other, here], {
    title: vscode.l10n.t('Where does {0} work?', name),
    ignoreFocusOut: true,
  });
  if (picked === undefined) return undefined;
  if (picked === own) return { folder: beside };
  if (picked === here) return { folder: undefined };
  const chosen = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('The folder of {0}', name),
    openLabel: vscode.l10n.t('Use This Folder'),
    canSelectFiles: false,
    canSelectFolders: true,
    defaultUri: vscode.Uri.file(path.dirname(folder.uri.fsPath)),
  });
  return chosen?.[0] && { folder: chosen[0].fsPath };
}

async function askRights(
  current: FolderWorld,
  name: string,
): Promise<Pick<WantedAgent, 'role' | 'scope'> | undefined> {
  const usual = {
    label: `$(edit) ${vscode.l10n.t('Edit and claim')}`,
    detail: vscode.l10n.t('What it does where others are in the way is left to people to decide.'),
    role: undefined,
  };
  const some = {
    label: `$(filter) ${vscode.l10n.t('Edit and claim, in some paths only…')}`,
    role: undefined,
  };
  const more = [
    {
      label: `$(git-merge) ${vscode.l10n.t('Decide about conflicts, too')}`,
      detail: roleMeaning('editor'),
      role: 'editor' as const,
    },
    {
      label: `$(eye) ${vscode.l10n.t('Only look')}`,
      detail: roleMeaning('viewer'),
      role: 'viewer' as const,
    },
  ];
  const title = vscode.l10n.t('What may {0} do?', name);
  const picked = await vscode.window.showQuickPick([usual, some, ...more], {
    title,
    ignoreFocusOut: true,
  });
  if (picked !== some) return picked && { role: picked.role, scope: [] };
  const scope = await askScope({
    title: vscode.l10n.t('Where may {0} write?', name),
    scope: [],
    paths: livingPaths(current),
  });
  return scope && { role: undefined, scope };
}

function separator(label: string): vscode.QuickPickItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

function freeName(title: string, taken: readonly string[]): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? title : `${title} ${number}`;
    if (!taken.includes(name)) return name;
  }
}

/** As a part of a folder's name. */
function slugOf(name: string): string {
  const slug = name.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '-');
  return slug.slice(0, 40).replaceAll(/^-|-$/g, '') || 'agent';
}

/** A world takes no longer names. */
const MOST_NAME = 200;
