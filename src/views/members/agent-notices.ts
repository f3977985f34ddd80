import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { IdentityHex } from '../../core/op.ts';
import { readSettings } from '../../editor/settings.ts';
import type { AgentState } from '../../world/agent-states.ts';
import { memberName } from '../../world/member-name.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { Coalescer, within } from '../coalescer.ts';
import { namesText } from './member-words.ts';

/** A turn may end and the next begin; and several agents may be done together. */
const TOGETHER_MS = 1_000;

type Told = Extract<AgentState, 'done' | 'asks' | 'stuck'>;

/**
 * Tells in notifications, for who wants that, when an agent of the user's is done, waits for a person or gives no sign.
 * Those of one kind within a second are told together, and no second one of a kind comes while one is open.
 */
export class AgentNotices implements Disposable {
  readonly #store = new DisposableStore();
  readonly #session: WorldSession;
  readonly #isSeen: (agent: string) => boolean;
  readonly #stateOf: (agent: IdentityHex) => AgentState;
  readonly #turn: Coalescer<IdentityHex>;
  readonly #open = new Set<Told>();

  /** `isSeen`: the user sees what the agent of that name does. */
  constructor(
    session: WorldSession,
    stateOf: (agent: IdentityHex) => AgentState,
    isSeen: (agent: string) => boolean,
  ) {
    this.#isSeen = isSeen;
    this.#session = session;
    this.#stateOf = stateOf;
    this.#turn = this.#store.add(
      new Coalescer<IdentityHex>(within(TOGETHER_MS), (agents) => this.#tell([...agents])),
    );
  }

  changed(agent: IdentityHex, state: AgentState): void {
    if (isTold(state) && this.#isOwn(agent)) this.#turn.mark(agent);
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** Whom the user let in; others' agents are told to others. */
  #isOwn(agent: IdentityHex): boolean {
    const { view, identity } = this.#session;
    return view.origins.get(agent)?.invitedBy === identity;
  }

  #tell(agents: readonly IdentityHex[]): void {
    const { agentsNotify } = readSettings();
    if (agentsNotify === 'off') return;
    for (const state of ['asks', 'stuck', 'done'] as const) {
      if (state === 'done' && agentsNotify !== 'all') continue;
      const alike = agents.filter(
        (agent) =>
          this.#stateOf(agent) === state &&
          !(state === 'done' && this.#isSeen(memberName(this.#session.view, agent))),
      );
      if (alike.length > 0 && !this.#open.has(state)) void this.#show(state, alike);
    }
  }

  async #show(state: Told, agents: readonly IdentityHex[]): Promise<void> {
    this.#open.add(state);
    const names = agents.map((agent) => memberName(this.#session.view, agent));
    const who = namesText(names, MOST_NAMES);
    const show = vscode.l10n.t('Show');
    const message = textOf(state, who);
    const answer =
      state === 'done'
        ? await vscode.window.showInformationMessage(message, show)
        : await vscode.window.showWarningMessage(message, show);
    this.#open.delete(state);
    if (answer === show) await vscode.commands.executeCommand(this.#placeOf(state, agents));
  }

  #placeOf(state: Told, agents: readonly IdentityHex[]): string {
    const { view } = this.#session;
    if (state === 'asks') {
      const hasTicket = [...view.tickets.values()].some(({ author }) => agents.includes(author));
      return hasTicket ? 'agentWorld.conflicts.focus' : 'agentWorld.showFoldersAsk';
    }
    const hasWork = state === 'done' && view.unreviewed.files.size > 0;
    return hasWork ? 'agentWorld.showReview' : 'agentWorld.members.focus';
  }
}

function isTold(state: AgentState): state is Told {
  return state === 'done' || state === 'asks' || state === 'stuck';
}

function textOf(state: Told, who: string): string {
  switch (state) {
    case 'done':
      return vscode.l10n.t('Done: {0}.', who);
    case 'asks':
      return vscode.l10n.t('Waits for a decision: {0}.', who);
    case 'stuck':
      return vscode.l10n.t('No sign for five minutes, though asked for something: {0}.', who);
  }
}

const MOST_NAMES = 4;
