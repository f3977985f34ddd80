import * as vscode from 'vscode';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { pauseAgents, type PausedAgents } from '../../world/pause-agents.ts';
import type { MemberList } from './member-list.ts';
import { namesText } from './member-words.ts';

/** Stops all agents at once, and lets them go on. What was done is said, and of whom it could not be done. */
export class AllAgentsCommands {
  readonly #list: MemberList;

  constructor(list: MemberList) {
    this.#list = list;
  }

  async pause(current: FolderWorld): Promise<void> {
    if (!this.#mayChange(current)) return;
    const { changed, failed } = await pauseAgents(current.session, true);
    if (changed.length > 0) {
      tell(
        vscode.l10n.t(
          'Paused: {0}. The world takes nothing from them until they are resumed.',
          namesText(changed, MOST_NAMES),
        ),
      );
    } else if (failed.length === 0) tell(vscode.l10n.t('There is no agent to pause.'));
    if (failed.length > 0) warn(vscode.l10n.t('Could not be paused: {0}', failedText(failed)));
  }

  async resume(current: FolderWorld): Promise<void> {
    if (!this.#mayChange(current)) return;
    const { changed, failed } = await pauseAgents(current.session, false);
    if (changed.length > 0)
      tell(vscode.l10n.t('May write again: {0}.', namesText(changed, MOST_NAMES)));
    else if (failed.length === 0) tell(vscode.l10n.t('No agent is paused.'));
    if (failed.length > 0) warn(vscode.l10n.t('Could not be resumed: {0}', failedText(failed)));
  }

  #mayChange({ session }: FolderWorld): boolean {
    const self = this.#list.get(session.identity);
    if (self?.role === 'owner' && !self.paused) return true;
    const owners = this.#list.owners().map(({ name }) => name);
    tell(vscode.l10n.t('Only an owner can pause agents. Ask {0}.', owners.join(', ')));
    return false;
  }
}

function failedText(failed: PausedAgents['failed']): string {
  return namesText(
    failed.map(({ name, why }) => `${name} (${why})`),
    MOST_NAMES,
  );
}

/** Whoever presses the key in a hurry has to see that it was done, and a screen reader has to say it. */
function tell(message: string): void {
  void vscode.window.showInformationMessage(message);
}

function warn(message: string): void {
  void vscode.window.showWarningMessage(message);
}

const MOST_NAMES = 8;
