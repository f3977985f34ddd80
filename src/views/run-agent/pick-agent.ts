/** Owns: which agent a person is offered to run. Does not know: how one is set up or started. */
import * as vscode from 'vscode';
import { runClientNamed } from '../../acp/run-clients.ts';
import type { AddedAgent } from '../../agents/clients/added-agents.ts';
import type { AgentClient } from '../../agents/clients/client-entry.ts';
import { isOnPath } from '../../agents/clients/find-clients.ts';
import { AGENT_CLIENTS, clientNamed } from '../../agents/clients/known-clients.ts';
import type { RunPlaceKind } from '../../agents/run-lock.ts';
import type { KnownWorld } from '../../world/world-list.ts';
import { whereItWorks } from '../agents/agent-start.ts';
import { installCommand } from '../agents/install-client.ts';

export type PickedAgent =
  | { readonly tag: 'agent'; readonly agent: AddedAgent; readonly client: AgentClient }
  /** One that is to be set up first. */
  | { readonly tag: 'new'; readonly client: AgentClient }
  /** Its program is not on this machine. */
  | { readonly tag: 'missing'; readonly client: AgentClient }
  /** A new one needs a world to work in. */
  | { readonly tag: 'open-world' };

/** `elsewhere`: in another window. */
export type RunningPlace = RunPlaceKind | 'elsewhere';

export interface OfferedAgents {
  /** The world that the window is in: its agents are offered; without one those of all worlds. */
  readonly world: Pick<KnownWorld, 'database' | 'name'> | undefined;
  readonly added: readonly AddedAgent[];
  /** Where it runs; undefined where it does not. */
  readonly placeOf: (agent: AddedAgent) => RunningPlace | undefined;
}

type Choice = vscode.QuickPickItem & { readonly choice?: PickedAgent };

/** Undefined when the user gave up. */
export async function pickAgentToRun(offered: OfferedAgents): Promise<PickedAgent | undefined> {
  const { world } = offered;
  const found = new Set(AGENT_CLIENTS.filter(({ program }) => isOnPath(program)));
  const agents = offered.added.filter(
    ({ database }) => world === undefined || database === world.database,
  );
  const isEmpty = found.size === 0;
  const picked = await vscode.window.showQuickPick(
    [
      ...agentChoices(offered, agents, found),
      ...(world === undefined ? worldChoices() : newChoices(found)),
      ...missingChoices(found),
    ],
    {
      title: vscode.l10n.t('Run an agent'),
      placeHolder: isEmpty
        ? vscode.l10n.t(
            'No program of an agent is on the path of this window. Choose one to install.',
          )
        : vscode.l10n.t('Which agent is to work beside you, in a folder of its own?'),
      matchOnDescription: true,
      matchOnDetail: true,
    },
  );
  return picked?.choice;
}

/** Those that can be started at once come first. */
function agentChoices(
  { world, placeOf }: OfferedAgents,
  agents: readonly AddedAgent[],
  found: ReadonlySet<AgentClient>,
): readonly Choice[] {
  const choices = agents.flatMap((agent): readonly Choice[] => {
    const client = clientNamed(agent.client);
    if (!client || !(found.has(client) || canRunInPanel(agent))) return [];
    const parts = [
      client.title,
      ...(world === undefined ? [agent.worldName] : []),
      ...placeWords(placeOf(agent)),
    ];
    return [
      {
        label: `$(hubot) ${agent.name}`,
        description: parts.join(' · '),
        detail: whereItWorks(agent),
        choice: { tag: 'agent', agent, client },
      },
    ];
  });
  const title =
    world === undefined
      ? vscode.l10n.t('agents set up on this machine')
      : vscode.l10n.t('your agents in {0}', world.name);
  return choices.length === 0 ? [] : [separator(title), ...choices];
}

function placeWords(place: RunningPlace | undefined): readonly string[] {
  switch (place) {
    case undefined:
      return [];
    case 'terminal':
      return [vscode.l10n.t('in a terminal of this window')];
    case 'panel':
      return [vscode.l10n.t('in a panel of this window')];
    case 'elsewhere':
      return [vscode.l10n.t('in another window')];
  }
}

/** An adapter brings a client of its own. */
function canRunInPanel({ client, isOwnFolder }: AddedAgent): boolean {
  const runClient = isOwnFolder ? runClientNamed(client) : undefined;
  return runClient !== undefined && isOnPath(runClient.program);
}

function newChoices(found: ReadonlySet<AgentClient>): readonly Choice[] {
  if (found.size === 0) return [];
  return [
    separator(vscode.l10n.t('a new agent')),
    ...[...found].map((client): Choice => ({
      label: `$(add) ${client.title}`,
      description: vscode.l10n.t('sets it up first: a name, a folder, what it may do'),
      choice: { tag: 'new', client },
    })),
  ];
}

function worldChoices(): readonly Choice[] {
  return [
    separator(vscode.l10n.t('a new agent')),
    {
      label: `$(globe) ${vscode.l10n.t('Open this folder in a world')}`,
      description: vscode.l10n.t('a new agent needs one to work in'),
      choice: { tag: 'open-world' },
    },
  ];
}

function missingChoices(found: ReadonlySet<AgentClient>): readonly Choice[] {
  const missing = AGENT_CLIENTS.filter((client) => !found.has(client));
  if (missing.length === 0) return [];
  return [
    separator(vscode.l10n.t('not found here')),
    ...missing.map((client): Choice => ({
      label: `$(cloud-download) ${client.title}`,
      description: installCommand(client),
      choice: { tag: 'missing', client },
    })),
  ];
}

function separator(label: string): Choice {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}
