import * as vscode from 'vscode';
import { memberName } from '../../world/member-name.ts';
import type { SoftLock } from '../../world/world-rows.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { timeLeft } from './claim-words.ts';

const SHOWN_MS = 8_000;

/**
 * Says, once a claim, that the user writes in lines of somebody else. One notification at a time: what
 * comes while it waits is said in the status bar.
 */
export class ClaimWarnings {
  readonly #told = new Set<string>();
  #isOpen = false;

  tell(session: WorldSession, lock: SoftLock): void {
    const key = `${session.database} ${lock.lockId}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    const text = warningText(session, lock);
    if (this.#isOpen) vscode.window.setStatusBarMessage(`$(lock) ${text}`, SHOWN_MS);
    else void this.#ask(text, lock.lockId);
  }

  async #ask(text: string, lockId: number): Promise<void> {
    this.#isOpen = true;
    const ask = vscode.l10n.t('Ask for It…');
    const answer = await vscode.window.showWarningMessage(text, ask);
    this.#isOpen = false;
    if (answer === ask) await vscode.commands.executeCommand('agentWorld.askForClaim', { lockId });
  }
}

function warningText(session: WorldSession, lock: SoftLock): string {
  const name = memberName(session.view, lock.holder);
  const said = vscode.l10n.t(
    '{0} has claimed these lines, {1}. What you write counts all the same.',
    name,
    timeLeft(session, lock),
  );
  return lock.reason === '' ? said : `${said} ${vscode.l10n.t('Why: {0}', lock.reason)}`;
}
