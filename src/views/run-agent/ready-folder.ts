/** Owns: that an agent's folder is there and in step with its world before its client starts in it. */
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { KeptFolder } from '../../acp/kept-folder.ts';
import type { AddedAgent } from '../../agents/clients/added-agents.ts';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import { WorldError } from '../../world/world-error.ts';
import type { AgentSetUp } from '../agents/agent-set-up.ts';

/**
 * What keeps the folder in step from now on, to be disposed; undefined when the user gave up. Throws `WorldError` or
 * `CommandFailure` with the reason why it cannot be kept.
 */
export async function readyFolder(
  surroundings: ExtensionSurroundings,
  setUp: AgentSetUp,
  agent: AddedAgent,
): Promise<KeptFolder | undefined> {
  if (!existsSync(agent.folder)) throw new WorldError('bad_home', goneText(agent));
  const kept = new KeptFolder(surroundings, agent);
  const title = vscode.l10n.t('Bringing the folder of {0} up to date', agent.name);
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  try {
    let how = await shownWait(kept, SOON_MS, options);
    if (how === 'late') {
      // It says what is wrong, where something is.
      const isFine = await setUp.check(agent);
      how = isFine ? await shownWait(kept, LATE_MS, options) : 'cancelled';
    }
    if (how === 'late') throw new WorldError('unreachable', lateText(agent));
    if (how === 'kept') return kept;
    kept.dispose();
    return undefined;
  } catch (error) {
    kept.dispose();
    throw error;
  }
}

/** `cancelled`: by the user. */
function shownWait(
  kept: KeptFolder,
  mostMs: number,
  options: vscode.ProgressOptions,
): Thenable<'kept' | 'late' | 'cancelled'> {
  return vscode.window.withProgress(options, async (_, token) => {
    const giving = new AbortController();
    token.onCancellationRequested(() => giving.abort());
    const how = await kept.whenKept(mostMs, giving.signal);
    return how === 'aborted' ? 'cancelled' : how;
  });
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
