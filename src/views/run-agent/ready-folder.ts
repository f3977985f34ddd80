/** Owns: that an agent's folder is there and in step with its world before its client starts in it. */
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import type { AddedAgent } from '../../agents/clients/added-agents.ts';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import type { KeptMirror } from '../../mirror/kept-mirror.ts';
import { WorldError } from '../../world/world-error.ts';
import type { AgentSetUp } from '../agents/agent-set-up.ts';
import { keepFolder } from '../agents/keep-folder.ts';

/**
 * What keeps the folder in step from now on, to be disposed; undefined when the user gave up. Throws `WorldError` or
 * `CommandFailure` with the reason why it cannot be kept.
 */
export async function readyFolder(
  surroundings: ExtensionSurroundings,
  setUp: AgentSetUp,
  agent: AddedAgent,
): Promise<KeptMirror | undefined> {
  if (!existsSync(agent.folder)) throw new WorldError('bad_home', goneText(agent));
  const waiting = new KeptWait(surroundings, agent);
  const title = vscode.l10n.t('Bringing the folder of {0} up to date', agent.name);
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  try {
    const first = await vscode.window.withProgress(options, (_, token) =>
      waiting.upTo(SOON_MS, token),
    );
    if (first === 'late') {
      // It says what is wrong, where something is.
      if (!(await setUp.check(agent))) return waiting.giveUp();
      const second = await vscode.window.withProgress(options, (_, token) =>
        waiting.upTo(LATE_MS, token),
      );
      if (second === 'late') throw new WorldError('unreachable', lateText(agent));
      if (second === 'cancelled') return waiting.giveUp();
    }
    return first === 'cancelled' ? waiting.giveUp() : waiting.mirror;
  } catch (error) {
    waiting.giveUp();
    throw error;
  }
}

/** Waits for a mirror to be reached. */
class KeptWait {
  readonly mirror: KeptMirror;
  readonly #clock: ExtensionSurroundings['clock'];
  #onKept: (() => void) | undefined;

  constructor(surroundings: ExtensionSurroundings, agent: AddedAgent) {
    this.#clock = surroundings.clock;
    this.mirror = keepFolder(surroundings, agent, () => this.#onKept?.());
  }

  upTo(ms: number, token: vscode.CancellationToken): Promise<'kept' | 'late' | 'cancelled'> {
    return new Promise((resolve) => {
      const cancelTimer = this.#clock.after(ms, () => settle('late'));
      const listening = token.onCancellationRequested(() => settle('cancelled'));
      const settle = (how: 'kept' | 'late' | 'cancelled'): void => {
        this.#onKept = undefined;
        cancelTimer();
        listening.dispose();
        resolve(how);
      };
      this.#onKept = () => {
        if (this.mirror.isKept) settle('kept');
      };
      this.#onKept();
    });
  }

  giveUp(): undefined {
    this.mirror.dispose();
  }
}

function goneText({ name, folder }: AddedAgent): string {
  return vscode.l10n.t(
    'The folder of {0} is gone: {1}. Remove the agent by Manage the Agents Set Up Here…, and add it again.',
    name,
    folder,
  );
}

function lateText({ name, folder }: AddedAgent): string {
  return vscode.l10n.t(
    'The folder of {0} cannot be kept in step with its world now, so nothing was started in {1}.',
    name,
    folder,
  );
}

/** After that it is looked what is wrong. */
const SOON_MS = 8_000;
const LATE_MS = 30_000;
