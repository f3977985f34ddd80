import * as vscode from 'vscode';
import { exitOf, startCommand } from '../../editor/command-line.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { outputLog } from '../../editor/output-log.ts';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import { silentLog } from '../../world/log.ts';

/** Replays the whole history in a process of its own and tells whether everything fits. */
export async function verifyHistory(
  surroundings: ExtensionSurroundings,
  channel: vscode.LogOutputChannel,
  { folder, world }: FolderWorld,
): Promise<void> {
  const log = outputLog(channel, 'verify');
  let verdict = '';
  const code = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Verifying the history of {0}', world.name),
      cancellable: true,
    },
    async (progress, token) => {
      let percent = 0;
      const child = startCommand(surroundings, ['verify', folder.uri.fsPath], {
        ...silentLog,
        info(line) {
          log.info(line);
          const [, ops, totalOps] = PROGRESS.exec(line) ?? [];
          if (ops === undefined) {
            verdict = line;
            return;
          }
          const reached = (100 * Number(ops)) / Number(totalOps);
          const message = vscode.l10n.t('{0} of {1} ops', ops, totalOps ?? '');
          progress.report({ message, increment: reached - percent });
          percent = reached;
        },
      });
      token.onCancellationRequested(() => child.kill('SIGTERM'));
      const exit = await exitOf(child);
      return token.isCancellationRequested ? undefined : exit;
    },
  );
  if (code === undefined) return;
  const told = verdict === '' ? vscode.l10n.t('no verdict; the output says more') : verdict;
  const message = vscode.l10n.t('The history of {0}: {1}.', world.name, told);
  if (code === 0) void vscode.window.showInformationMessage(message);
  else void vscode.window.showErrorMessage(message);
}

/** How the command says how far it has come. */
const PROGRESS = /^verified (\d+) of (\d+) ops$/;
