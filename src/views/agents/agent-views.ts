/** Owns: setting up the agents that the user has, and what can be done about those that were set up. */
import * as vscode from 'vscode';
import { type AddedAgent, AddedAgents } from '../../agents/clients/added-agents.ts';
import { clientNamed } from '../../agents/clients/known-clients.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { AgentCommand, ManageAgentsCommand } from '../view-commands.ts';
import type { Run, RunAnywhere, ViewPart, ViewPartOptions } from '../view-part.ts';
import { AgentSetUp } from './agent-set-up.ts';
import { askForAgent } from './agent-steps.ts';
import { offerToBegin, startLine, whereItWorks } from './agent-start.ts';

export class AgentViews implements ViewPart {
  readonly commands: Readonly<Record<AgentCommand, Run>>;
  /** A client's settings are this machine's, whatever this window shows. */
  readonly anywhere: Readonly<Record<ManageAgentsCommand, RunAnywhere>>;
  readonly #setUp: AgentSetUp;
  readonly #added: AddedAgents;

  constructor({ surroundings }: Pick<ViewPartOptions, 'surroundings'>) {
    this.#setUp = new AgentSetUp(surroundings);
    this.#added = new AddedAgents(surroundings.home);
    this.commands = { addAgent: (current) => this.#add(current) };
    this.anywhere = { manageAgents: () => this.#manage() };
  }

  enter(): void {}

  dispose(): void {}

  async #add(current: FolderWorld): Promise<void> {
    const wanted = await askForAgent(current, await this.#added.all());
    if (wanted === undefined) return;
    const checked = await this.#setUp.add(current, wanted);
    if (checked) await offerToBegin(checked, wanted.client);
  }

  /** Agents of all worlds: a client's settings are this machine's. */
  async #manage(): Promise<void> {
    const agent = await pickAgent(await this.#added.all());
    const action = agent && (await pickAction(agent));
    const client = agent && clientNamed(agent.client);
    if (!client || action === undefined) return;
    switch (action) {
      case 'begin':
        return offerToBegin(agent, client);
      case 'check': {
        const checked = await this.#setUp.check(agent);
        if (checked) tell(vscode.l10n.t('{0}: the server answers. {1}', agent.name, checked.said));
        return;
      }
      case 'remove': {
        if (!(await confirmRemoval(agent, client.title))) return;
        if (await this.#setUp.remove(agent)) tell(removedText(agent, client.title));
      }
    }
  }
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
