import * as vscode from 'vscode';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { ExportReport } from '../../git/export-world.ts';
import type { ExportPreview } from '../../git/preview-export.ts';
import {
  createPullRequest,
  hasPullRequests,
  pushBranch,
  remotesOf,
} from '../../git/push-branch.ts';
import { GitError } from '../../git/git-error.ts';

/** Says what was made, and what can be done with it. */
export async function afterExport(
  { folder }: FolderWorld,
  { outcome, branch, commit = '', files }: ExportReport,
  preview: ExportPreview,
): Promise<void> {
  if (outcome !== 'exported') {
    void vscode.window.showInformationMessage(vscode.l10n.t('Nothing new to export.'));
    return;
  }
  const [remote] = await remotesOf(folder.uri.fsPath);
  const show = vscode.l10n.t('Show in Source Control');
  const push = vscode.l10n.t('Push');
  const request = vscode.l10n.t('Create Pull Request');
  const canRequest = remote !== undefined && (await hasPullRequests(folder.uri.fsPath));
  const answers = [show, ...(remote === undefined ? [] : [push]), ...(canRequest ? [request] : [])];
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t('{0} is at {1}: {2} files changed.', branch, commit.slice(0, 12), files),
    ...answers,
  );
  if (answer === show) await vscode.commands.executeCommand('workbench.view.scm');
  if (remote === undefined || (answer !== push && answer !== request)) return;
  const title = vscode.l10n.t('Pushing {0} to {1}', branch, remote);
  const location = vscode.ProgressLocation.Notification;
  try {
    const address = await vscode.window.withProgress({ location, title }, async () => {
      await pushBranch(folder.uri.fsPath, remote, branch);
      const message = preview.commits.at(-1)?.message ?? branch;
      return answer === request ? createPullRequest(folder.uri.fsPath, branch, message) : undefined;
    });
    const told = vscode.l10n.t('{0} is on {1}.', branch, remote);
    const open = vscode.l10n.t('Open');
    const then = await vscode.window.showInformationMessage(
      told,
      ...(address === undefined ? [] : [open]),
    );
    if (then === open && address !== undefined) {
      await vscode.env.openExternal(vscode.Uri.parse(address));
    }
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    void vscode.window.showErrorMessage(error.message);
  }
}
