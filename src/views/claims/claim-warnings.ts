import * as vscode from 'vscode';
import { type AnyClaim, anyClaimPlace, claimKey, isPathClaim } from '../../world/any-claim.ts';
import { memberName } from '../../world/member-name.ts';
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

  tell(session: WorldSession, claim: AnyClaim): void {
    const key = `${session.database} ${claimKey(claim)}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    const text = warningText(session, claim);
    if (this.#isOpen) vscode.window.setStatusBarMessage(`$(lock) ${text}`, SHOWN_MS);
    else void this.#ask(text, claimKey(claim));
  }

  async #ask(text: string, lockId: number): Promise<void> {
    this.#isOpen = true;
    const ask = vscode.l10n.t('Ask for It…');
    const answer = await vscode.window.showWarningMessage(text, ask);
    this.#isOpen = false;
    if (answer === ask) await vscode.commands.executeCommand('agentWorld.askForClaim', { lockId });
  }
}

function warningText(session: WorldSession, claim: AnyClaim): string {
  const name = memberName(session.view, claim.holder);
  const left = timeLeft(session, claim);
  const said = isPathClaim(claim)
    ? vscode.l10n.t(
        '{0} has claimed {1}, {2}. What you write counts all the same.',
        name,
        anyClaimPlace(session.view, claim),
        left,
      )
    : vscode.l10n.t(
        '{0} has claimed these lines, {1}. What you write counts all the same.',
        name,
        left,
      );
  return claim.reason === '' ? said : `${said} ${vscode.l10n.t('Why: {0}', claim.reason)}`;
}
