import * as vscode from 'vscode';
import { type NextCommand, nextStepAfter } from './error-advice.ts';

/** Says what went wrong in a command, with what can be done about it. */
export async function tellError(
  error: unknown,
  channel: vscode.LogOutputChannel,
  runAgain: () => Promise<void>,
): Promise<void> {
  const step = nextStepAfter(error);
  if (step?.tag === 'nothing') return;
  channel.error(
    `[command] ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  const message = error instanceof Error ? error.message : String(error);
  const show = vscode.l10n.t('Show output');
  const next =
    step === undefined
      ? undefined
      : step.tag === 'again'
        ? vscode.l10n.t('Try again')
        : titleOf(step.id);
  const answers = next === undefined ? [show] : [next, show];
  const answer = await vscode.window.showErrorMessage(`Agent World: ${message}`, ...answers);
  if (answer === show) channel.show();
  else if (answer !== undefined && step?.tag === 'again') await runAgain();
  else if (answer !== undefined && step?.tag === 'command') {
    await vscode.commands.executeCommand(step.id);
  }
}

function titleOf(command: NextCommand): string {
  switch (command) {
    case 'agentWorld.join':
      return vscode.l10n.t('Join by invite…');
    case 'agentWorld.verifyHistory':
      return vscode.l10n.t('Verify the history');
    case 'agentWorld.leave':
      return vscode.l10n.t('Leave this world…');
    case 'workbench.extensions.action.checkForUpdates':
      return vscode.l10n.t('Check for updates');
    case 'vscode.openFolder':
      return vscode.l10n.t('Open Folder…');
  }
}
