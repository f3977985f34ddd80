/** Owns: how a person begins to work with an agent that is set up. */
import * as vscode from 'vscode';
import type { AddedAgent } from '../../agents/clients/added-agents.ts';
import type { AgentClient } from '../../agents/clients/client-entry.ts';

type Placed = Pick<AddedAgent, 'folder' | 'isOwnFolder'>;

/** Tells where it works, what only the person can do, and offers to go there. */
export async function offerToBegin(
  agent: Placed & Pick<AddedAgent, 'client' | 'name'>,
  client: AgentClient,
): Promise<void> {
  const run = vscode.l10n.t('Run It');
  const copy = vscode.l10n.t('Copy the Command');
  const open = vscode.l10n.t('Open Its Folder');
  const told = [
    agent.isOwnFolder
      ? vscode.l10n.t('{0} is set up: start {1} in {2}.', agent.name, client.title, agent.folder)
      : vscode.l10n.t('{0} is set up: start {1} anywhere.', agent.name, client.title),
    client.consent ?? '',
  ];
  const answers = agent.isOwnFolder ? [run, copy, open] : [run, copy];
  const answer = await vscode.window.showInformationMessage(told.join(' ').trim(), ...answers);
  if (answer === run) {
    await vscode.commands.executeCommand('agentWorld.runAgent', agent);
  } else if (answer === copy) {
    await vscode.env.clipboard.writeText(startLine(agent, client));
  } else if (answer === open) {
    const options = { forceNewWindow: true };
    await vscode.commands.executeCommand(
      'vscode.openFolder',
      vscode.Uri.file(agent.folder),
      options,
    );
  }
}

/** What is typed in a terminal. */
export function startLine({ folder, isOwnFolder }: Placed, { program }: AgentClient): string {
  return isOwnFolder ? `cd ${quoted(folder)} && ${program}` : program;
}

export function whereItWorks({ folder, isOwnFolder }: Placed): string {
  return isOwnFolder ? folder : vscode.l10n.t('by its tools alone');
}

/** A shell of Unix, and PowerShell, take it as it is between quotes. */
function quoted(folder: string): string {
  return /^[\w./\\:-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", String.raw`'\''`)}'`;
}
