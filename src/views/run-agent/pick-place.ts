/** Owns: where an agent's client is to run. */
import * as vscode from 'vscode';
import type { RunClient } from '../../acp/run-clients.ts';
import type { AddedAgent } from '../../agents/clients/added-agents.ts';
import type { AgentClient } from '../../agents/clients/client-entry.ts';
import type { RunPlaceKind } from '../../agents/run-lock.ts';
import { isOnPath } from '../../agents/clients/find-clients.ts';
import { tellToInstall } from '../agents/install-client.ts';

/**
 * Asks only where there is a choice; undefined when the user gave up, or has to install something first. `runClient`:
 * how the client runs in a panel, where it can.
 */
export async function pickPlace(
  agent: AddedAgent,
  client: AgentClient,
  runClient: RunClient | undefined,
): Promise<RunPlaceKind | undefined> {
  if (runClient === undefined) return 'terminal';
  const isThere = isOnPath(runClient.program);
  if (isThere && !isOnPath(client.program)) return 'panel';
  const panel = {
    label: `$(comment-discussion) ${vscode.l10n.t('In a panel')}`,
    description: isThere ? '' : `npm install --global ${runClient.package}`,
    detail: vscode.l10n.t(
      'Here you write to it, see its plan and changes, and answer what it asks.',
    ),
    place: 'panel' as const,
  };
  const terminal = {
    label: `$(terminal) ${vscode.l10n.t('In a terminal')}`,
    description: '',
    detail: vscode.l10n.t('As its makers show it.'),
    place: 'terminal' as const,
  };
  const picked = await vscode.window.showQuickPick(
    isThere ? [panel, terminal] : [terminal, panel],
    { title: vscode.l10n.t('Where does {0} run?', agent.name), ignoreFocusOut: true },
  );
  if (picked !== panel || isThere) return picked?.place;
  await tellToInstall(client.title, runClient.package);
  return undefined;
}
