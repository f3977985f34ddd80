/**
 * Owns: setting up the agents that the user has, and what can be done about those that were set up. The
 * `agent-world` command does it, in a process of its own: it loads what no window needs otherwise.
 */
import * as vscode from 'vscode';
import { type AddedAgent, AddedAgents } from '../../agents/clients/added-agents.ts';
import { clientNamed } from '../../agents/clients/known-clients.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import { CommandFailure, runCommand } from '../run-command.ts';
import type { AgentCommand } from '../view-commands.ts';
import type { Run, ViewPart, ViewPartOptions } from '../view-part.ts';
import { askForAgent, type WantedAgent } from './agent-steps.ts';
import { offerToBegin, startLine, whereItWorks } from './agent-start.ts';

/** What the command says of an agent that it has set up or looked at. */
interface CheckedAgent extends Pick<AddedAgent, 'client' | 'name' | 'folder' | 'isOwnFolder'> {
  readonly isReached: boolean;
  /** What the world answered to a first question, or why it did not. */
  readonly said: string;
  /** What is not as it was put there. */
  readonly faults: readonly string[];
}

export class AgentViews implements ViewPart {
  readonly commands: Readonly<Record<AgentCommand, Run>>;
  readonly #surroundings: ExtensionSurroundings;
  readonly #added: AddedAgents;

  constructor({ surroundings }: Pick<ViewPartOptions, 'surroundings'>) {
    this.#surroundings = surroundings;
    this.#added = new AddedAgents(surroundings.home);
    this.commands = {
      addAgent: (current) => this.#add(current),
      manageAgents: () => this.#manage(),
    };
  }

  enter(): void {}

  dispose(): void {}

  async #add(current: FolderWorld): Promise<void> {
    const wanted = await askForAgent(current, await this.#added.all());
    if (wanted === undefined) return;
    const title = vscode.l10n.t('Setting up {0}', wanted.name);
    const checked = await this.#run(title, addArguments(current, wanted));
    if (checked) await offerToBegin(checked, wanted.client);
  }

  /** Agents of all worlds: a client's settings are this machine's. */
  async #manage(): Promise<void> {
    const agent = await pickAgent(await this.#added.all());
    const action = agent && (await pickAction(agent));
    const client = agent && clientNamed(agent.client);
    if (!client || action === undefined) return;
    const whose = [client.id, `--as=${agent.name}`];
    switch (action) {
      case 'begin':
        return offerToBegin(agent, client);
      case 'check': {
        const title = vscode.l10n.t('Checking {0}', agent.name);
        const checked = await this.#run(title, ['check', ...whose]);
        if (checked) tell(vscode.l10n.t('{0}: the server answers. {1}', agent.name, checked.said));
        return;
      }
      case 'remove': {
        const title = vscode.l10n.t('Removing {0}', agent.name);
        if (!(await confirmRemoval(agent, client.title))) return;
        if (await this.#run(title, ['remove', ...whose])) tell(removedText(agent, client.title));
      }
    }
  }

  /** Undefined when it was cancelled. Throws with what the command said. */
  async #run(title: string, args: readonly string[]): Promise<CheckedAgent | undefined> {
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    try {
      return await vscode.window.withProgress(options, (progress, token) =>
        runCommand<CheckedAgent>(this.#surroundings, ['agents', ...args], token, {
          onNote: (message) => progress.report({ message }),
        }),
      );
    } catch (error) {
      const said = error instanceof CommandFailure ? saidIn(error.result) : undefined;
      throw said === undefined ? error : new CommandFailure(said);
    }
  }
}

/** Of an agent that is set up, but does not reach its world, or lacks something that was put there. */
function saidIn(result: unknown): string | undefined {
  if (typeof result !== 'object' || result === null) return undefined;
  const { isReached, said, faults } = result as CheckedAgent;
  return isReached ? faults.join('\n') : said;
}

function addArguments(
  { world }: FolderWorld,
  { client, name, folder, role, scope }: WantedAgent,
): string[] {
  const place = folder === undefined ? ['--here'] : ['--folder', folder];
  const rights = [
    ...(role === undefined ? [] : ['--role', role]),
    ...(scope.length === 0 ? [] : ['--scope', scope.join(',')]),
  ];
  return ['add', client.id, `--as=${name}`, '--world', world.database, ...place, ...rights];
}

async function pickAgent(all: readonly AddedAgent[]): Promise<AddedAgent | undefined> {
  const choices = all.map((agent) => ({
    label: `$(hubot) ${agent.name}`,
    description: `${clientNamed(agent.client)?.title ?? agent.client} · ${agent.worldName}`,
    detail: whereItWorks(agent),
    agent,
  }));
  const none = { label: `$(add) ${vscode.l10n.t('Add an agent…')}`, agent: undefined };
  const picked = await vscode.window.showQuickPick([...choices, none], {
    title: vscode.l10n.t('Agents set up on this machine'),
    matchOnDescription: true,
  });
  if (picked === none) await vscode.commands.executeCommand('agentWorld.addAgent');
  return picked?.agent;
}

type Action = 'begin' | 'check' | 'remove';

async function pickAction(agent: AddedAgent): Promise<Action | undefined> {
  const client = clientNamed(agent.client);
  const choices: readonly (vscode.QuickPickItem & { readonly action: Action })[] = [
    {
      label: `$(terminal) ${vscode.l10n.t('Begin to work')}`,
      description: client && startLine(agent, client),
      action: 'begin',
    },
    {
      label: `$(pulse) ${vscode.l10n.t('Check')}`,
      description: vscode.l10n.t('does its server answer, and reach the world?'),
      action: 'check',
    },
    {
      label: `$(trash) ${vscode.l10n.t('Remove from its client')}`,
      description: vscode.l10n.t('its folder stays, and it stays a member'),
      action: 'remove',
    },
  ];
  const picked = await vscode.window.showQuickPick(choices, { title: agent.name });
  return picked?.action;
}

async function confirmRemoval({ name }: AddedAgent, title: string): Promise<boolean> {
  const remove = vscode.l10n.t('Remove');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('Take {0} out of the settings of {1}?', name, title),
    {
      modal: true,
      detail: vscode.l10n.t('What the agent wrote stays, and so do its folder and its membership.'),
    },
    remove,
  );
  return answer === remove;
}

function removedText({ name, folder, isOwnFolder }: AddedAgent, title: string): string {
  return isOwnFolder
    ? vscode.l10n.t('{0} does not know {1} any more. {2} stays.', title, name, folder)
    : vscode.l10n.t('{0} does not know {1} any more.', title, name);
}

function tell(message: string): void {
  void vscode.window.showInformationMessage(message);
}
