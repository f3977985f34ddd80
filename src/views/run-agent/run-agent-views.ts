/** Owns: running agents from the editor: which one, set up first where it is new, and in a panel or a terminal. */
import * as vscode from 'vscode';
import { holdFolder } from '../../acp/folder-hold.ts';
import { KeptFolder } from '../../acp/kept-folder.ts';
import { runClientNamed, titleOf } from '../../acp/run-clients.ts';
import { RunFault } from '../../acp/run-fault.ts';
import { type AddedAgent, AddedAgents } from '../../agents/clients/added-agents.ts';
import type { AgentClient } from '../../agents/clients/client-entry.ts';
import { hooksOfClient } from '../../agents/clients/client-hooks.ts';
import { isOnPath } from '../../agents/clients/find-clients.ts';
import { clientNamed } from '../../agents/clients/known-clients.ts';
import { type RunPlaceKind, whereRun } from '../../agents/run-lock.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import { AgentSetUp } from '../agents/agent-set-up.ts';
import { askForAgent } from '../agents/agent-steps.ts';
import { tellHowToInstall, tellToInstall } from '../agents/install-client.ts';
import type { RunAgentCommand } from '../view-commands.ts';
import type { RunAnywhere, ViewPart, ViewPartOptions } from '../view-part.ts';
import { agentColor, themeColor } from './agent-color.ts';
import { AgentTerminals, type NamedAgent } from './agent-terminals.ts';
import { pickAgentToRun, type RunningPlace } from './pick-agent.ts';
import { pickPlace } from './pick-place.ts';
import { readyFolder } from './ready-folder.ts';
import { RunPanels } from './run-panels.ts';
import { tellHeld } from './tell-held.ts';

export class RunAgentViews implements ViewPart {
  readonly commands = {};
  /** An agent's folder is in its world, whatever this window shows. */
  readonly anywhere: Readonly<Record<RunAgentCommand, RunAnywhere>>;
  readonly #surroundings: ExtensionSurroundings;
  readonly #memory: vscode.Memento;
  readonly #current: () => FolderWorld | undefined;
  readonly #added: AddedAgents;
  readonly #setUp: AgentSetUp;
  readonly #terminals: AgentTerminals;
  readonly #panels: RunPanels;
  #toldOf: string | undefined;

  constructor({ context, surroundings, current }: ViewPartOptions) {
    this.#surroundings = surroundings;
    this.#memory = context.workspaceState;
    this.#current = current;
    this.#added = new AddedAgents(surroundings.home);
    this.#setUp = new AgentSetUp(surroundings);
    this.#terminals = new AgentTerminals({
      home: surroundings.home,
      memory: context.workspaceState,
      keep: async ({ client, name }) => {
        const agent = await this.#added.find(client, name);
        return agent?.isOwnFolder ? new KeptFolder(surroundings, agent) : undefined;
      },
      hold: async (named) => {
        const agent = await this.#added.find(named.client, named.name);
        return agent ? this.#held(agent) : () => {};
      },
      onHeld: (named) => void this.#notBegunAgain(named),
      onNotFound: (id) => {
        const client = clientNamed(id);
        if (client) void tellHowToInstall(client);
      },
    });
    this.#panels = new RunPanels({
      surroundings,
      memory: context.workspaceState,
      current,
      findAgent: ({ client, name }) => this.#added.find(client, name),
      runInTerminal: (agent) => void this.#run({ ...agent, place: 'terminal' }),
      runAnother: () => void this.#run(undefined),
      onMissing: ({ id, package: name }) => void tellToInstall(titleOf({ id }), name),
    });
    this.anywhere = {
      runAgent: (named) => this.#run(named),
      answerAgent: (number) => this.#panels.answer(Number(number)),
    };
  }

  enter(current: FolderWorld | undefined): void {
    if (current === undefined || this.#toldOf === current.world.database) return;
    this.#toldOf = current.world.database;
    void this.#panels.tellCutOff(current);
  }

  /** Whether the agent of a name works in a panel that the user sees. */
  isSeen(name: string): boolean {
    return this.#panels.isSeen(name);
  }

  restorePanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    return this.#panels.restore(panel, state);
  }

  /** Resolves when no agent of a panel has a process left. */
  end(): Promise<void> {
    return this.#panels.end();
  }

  dispose(): void {
    this.#panels.dispose();
    this.#terminals.dispose();
  }

  /** `named`: which agent, where that is known already. */
  async #run(named: unknown): Promise<void> {
    const current = this.#current();
    const added = await this.#added.all();
    const known = isNamed(named) ? findIn(added, named) : undefined;
    const client = known && clientNamed(known.client);
    if (known && client) return this.#runAgent(known, client, placeIn(named));
    const picked = await pickAgentToRun({
      world: current?.world,
      added,
      placeOf: (agent) => this.#placeOf(agent),
    });
    switch (picked?.tag) {
      case 'agent':
        return this.#runAgent(picked.agent, picked.client);
      case 'new':
        return current && this.#runNew(current, added, picked.client);
      case 'missing':
        await tellHowToInstall(picked.client);
        return;
      case 'open-world':
        await vscode.commands.executeCommand('agentWorld.openFolder');
        return;
      case undefined:
        return;
    }
  }

  #placeOf(agent: AddedAgent): RunningPlace | undefined {
    if (this.#terminals.isRunning(agent)) return 'terminal';
    if (this.#panels.isRunning(agent)) return 'panel';
    return this.#whereRun(agent) === undefined ? undefined : 'elsewhere';
  }

  async #runNew(
    current: FolderWorld,
    added: readonly AddedAgent[],
    client: AgentClient,
  ): Promise<void> {
    const wanted = await askForAgent(current, added, client);
    const checked = wanted && (await this.#setUp.add(current, wanted));
    const agent = checked && (await this.#added.find(checked.client, checked.name));
    if (agent) await this.#runAgent(agent, client);
  }

  /** `wanted`: where, if that is known already. */
  async #runAgent(agent: AddedAgent, client: AgentClient, wanted?: RunPlaceKind): Promise<void> {
    if (wanted !== 'panel' && this.#terminals.show(agent, client)) return;
    const runClient = agent.isOwnFolder ? runClientNamed(agent.client) : undefined;
    const isInPanel = runClient !== undefined && this.#panels.isRunning(agent);
    if (!isInPanel && this.#whereRun(agent) !== undefined) return this.#tellHeld(agent, wanted);
    const place = wanted ?? (isInPanel ? 'panel' : await pickPlace(agent, client, runClient));
    if (place === 'terminal') await this.#runInTerminal(agent, client);
    else if (place === 'panel' && runClient) await this.#panels.open(agent, runClient);
  }

  async #runInTerminal(agent: AddedAgent, client: AgentClient): Promise<void> {
    if (!isOnPath(client.program)) {
      await tellHowToInstall(client);
      return;
    }
    const release = await this.#held(agent);
    if (release === undefined) return this.#tellHeld(agent, 'terminal');
    let isOpened = false;
    try {
      const mirror = agent.isOwnFolder
        ? await readyFolder(this.#surroundings, this.#setUp, agent)
        : undefined;
      if (agent.isOwnFolder && mirror === undefined) return;
      const color = themeColor(agentColor(this.#current(), agent));
      isOpened = true;
      await this.#terminals.open({ agent, client, color, mirror, release });
      this.#tellConsent(agent, client);
    } finally {
      if (!isOpened) release();
    }
  }

  /** How its folder is let go of; undefined where some window runs a client there. */
  async #held(agent: AddedAgent): Promise<(() => void) | undefined> {
    // In the person's own folder several agents may work.
    if (!agent.isOwnFolder) return () => {};
    try {
      return await holdFolder(this.#surroundings, agent, 'terminal');
    } catch (error) {
      if (error instanceof RunFault) return undefined;
      throw error;
    }
  }

  #whereRun({ folder, isOwnFolder }: AddedAgent): RunPlaceKind | undefined {
    return isOwnFolder ? whereRun(this.#surroundings.home, folder) : undefined;
  }

  /** Something runs in its folder, so that it was not started in the place that was wanted, if one was. */
  async #tellHeld(agent: AddedAgent, wanted: RunPlaceKind | undefined): Promise<void> {
    const by = this.#whereRun(agent);
    const again = (): Promise<void> => this.#run({ ...agent, place: wanted });
    // It has ended just now.
    if (by === undefined) return again();
    const isHere = by === 'panel' ? this.#panels.isRunning(agent) : this.#terminals.isAtWork(agent);
    switch (await tellHeld(agent.name, by, isHere)) {
      case 'show':
        return this.#run({ ...agent, place: by });
      case 'end':
        await (by === 'panel' ? this.#panels.stop(agent) : this.#terminals.close(agent));
        return again();
      case 'again':
        return again();
      case 'other':
        return this.#run(undefined);
      case undefined:
        return;
    }
  }

  async #notBegunAgain({ client, name }: NamedAgent): Promise<void> {
    const agent = await this.#added.find(client, name);
    if (agent) await this.#tellHeld(agent, 'terminal');
  }

  /** Once for each agent: whoever has agreed need not hear of it again. */
  #tellConsent(agent: AddedAgent, client: AgentClient): void {
    const hooks = agent.isOwnFolder ? hooksOfClient(client.id)?.consent : undefined;
    const consents = [client.consent, hooks].filter((each) => each !== undefined);
    const key = `${agent.client}/${agent.name}`;
    const told = this.#memory.get<readonly string[]>(TOLD_KEY, []);
    if (consents.length === 0 || told.includes(key)) return;
    void this.#memory.update(TOLD_KEY, [...told, key].slice(-MOST_TOLD));
    void vscode.window.showInformationMessage(
      vscode.l10n.t('{0} runs in a terminal. {1}', agent.name, consents.join(' ')),
    );
  }
}

function isNamed(value: unknown): value is NamedAgent {
  const { client, name } = (value ?? {}) as Partial<NamedAgent>;
  return typeof client === 'string' && typeof name === 'string';
}

function placeIn(value: unknown): RunPlaceKind | undefined {
  const { place } = (value ?? {}) as { readonly place?: unknown };
  return place === 'panel' || place === 'terminal' ? place : undefined;
}

function findIn(
  added: readonly AddedAgent[],
  { client, name }: NamedAgent,
): AddedAgent | undefined {
  return added.find((each) => each.client === client && each.name === name);
}

const TOLD_KEY = 'agentConsentsTold';
const MOST_TOLD = 200;
