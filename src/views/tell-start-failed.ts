import * as vscode from 'vscode';
import type { FailedStart } from '../editor/folder-starts.ts';
import { nextStepAfter } from './error-advice.ts';

/** Says why a folder that is in a world is not live. Never rejects. */
export async function tellStartFailed(
  { folder, error }: FailedStart<{ readonly name: string }>,
  channel: Pick<vscode.LogOutputChannel, 'show'>,
  tryAgain: () => Promise<void>,
): Promise<void> {
  // Who gave it up knows.
  if (nextStepAfter(error)?.tag === 'nothing') return;
  const again = vscode.l10n.t('Try again');
  const show = vscode.l10n.t('Show output');
  const cause = error instanceof Error ? error.message : String(error);
  const answer = await vscode.window.showErrorMessage(
    vscode.l10n.t('Agent World: {0} is not connected to its world: {1}', folder.name, cause),
    again,
    show,
  );
  if (answer === again) await tryAgain();
  else if (answer === show) channel.show();
}
