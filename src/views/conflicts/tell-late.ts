import * as vscode from 'vscode';

/** Somebody else decided the conflict about which the user wrote: what they wrote is theirs all the same. */
export function tellLate(written: string): Promise<void> {
  return offerCopy(
    vscode.l10n.t('Somebody decided this conflict before you did. What you wrote was not applied.'),
    written,
  );
}

/** The user wrote on while what they had written until then was applied. */
export function tellWrittenAfter(written: string): Promise<void> {
  return offerCopy(
    vscode.l10n.t('What you wrote was applied as it was then. What you wrote afterwards was not.'),
    written,
  );
}

/** Resolves once the user has answered, or closed it. */
async function offerCopy(message: string, written: string): Promise<void> {
  const copy = vscode.l10n.t('Copy What I Wrote');
  const answer = await vscode.window.showWarningMessage(message, copy);
  if (answer === copy) await vscode.env.clipboard.writeText(written);
}
