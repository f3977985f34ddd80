import * as vscode from 'vscode';
import type { AgentClient } from '../../agents/clients/client-entry.ts';
import { CLIENT_PACKAGES } from '../../agents/clients/find-clients.ts';

export function installCommand({ id }: Pick<AgentClient, 'id'>): string {
  return `npm install --global ${CLIENT_PACKAGES[id] ?? id}`;
}

/** Says how a client is installed; resolves with what else of `answers` the user chose. */
export function tellHowToInstall(
  client: AgentClient,
  ...answers: readonly string[]
): Promise<string | undefined> {
  return tellCommand(client.title, installCommand(client), answers);
}

/** The same for a program that has a package of its own. */
export async function tellToInstall(title: string, npmPackage: string): Promise<void> {
  await tellCommand(title, `npm install --global ${npmPackage}`, []);
}

async function tellCommand(
  title: string,
  command: string,
  answers: readonly string[],
): Promise<string | undefined> {
  const copy = vscode.l10n.t('Copy the Command');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t('{0} is not on the path of this window. It is installed by: {1}', title, command),
    copy,
    ...answers,
  );
  if (answer === copy) await vscode.env.clipboard.writeText(command);
  return answer === copy ? undefined : answer;
}
