/**
 * Owns: what is told of an export that was made, and what can be done with it. Does not know: how
 * exports are made or pushed, which a command beside the extension host does.
 */
import * as vscode from 'vscode';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { ExportReport } from '../../git/export-world.ts';
import { changesBetween } from '../../git/preview-export.ts';
import { hasPullRequests, remotesOf } from '../../git/push-branch.ts';
import { Repository } from '../../git/repository.ts';
import { showChanges } from './export-dialog.ts';
import type { MemoryFiles } from './memory-files.ts';

export interface MadeExport {
  readonly current: FolderWorld;
  readonly report: ExportReport;
  /** What its first commit follows; undefined for nothing. */
  readonly parent: string | undefined;
}

export interface AfterExportTools {
  readonly trees: MemoryFiles;
  /** Runs a command of `agent-world`; undefined where it failed, which was told. */
  readonly run: <Result>(title: string, args: readonly string[]) => Promise<Result | undefined>;
}

/** Says what was made, and offers to look at it and to push it. */
export async function afterExport(made: MadeExport, tools: AfterExportTools): Promise<void> {
  const { outcome, branch, commit = '', files } = made.report;
  if (outcome !== 'exported') {
    void vscode.window.showInformationMessage(vscode.l10n.t('Nothing new to export.'));
    return;
  }
  const folder = made.current.folder.uri.fsPath;
  const [remote] = await remotesOf(folder);
  const canRequest = remote !== undefined && (await hasPullRequests(folder));
  const show = vscode.l10n.t('Show Commit');
  const list = vscode.l10n.t('Show in Source Control');
  const push = vscode.l10n.t('Push');
  const request = vscode.l10n.t('Create Pull Request');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t('{0} is at {1}: {2} files changed.', branch, commit.slice(0, 12), files),
    show,
    list,
    ...(remote === undefined ? [] : [push]),
    ...(canRequest ? [request] : []),
  );
  if (answer === show) await showCommit(made, commit, tools.trees);
  if (answer === list) await vscode.commands.executeCommand('workbench.view.scm');
  if (remote === undefined || (answer !== push && answer !== request)) return;
  const title = vscode.l10n.t('Pushing {0} to {1}', branch, remote);
  const args = ['push', folder, '--remote', remote];
  const pushed = await tools.run<{ readonly address?: string }>(
    title,
    answer === request ? [...args, '--pull-request'] : args,
  );
  if (pushed) await tellPushed(vscode.l10n.t('{0} is on {1}.', branch, remote), pushed.address);
}

async function showCommit(
  { current, report: { branch }, parent }: MadeExport,
  commit: string,
  trees: MemoryFiles,
): Promise<void> {
  const repository = await Repository.open(current.folder.uri.fsPath);
  const changes = await changesBetween(repository, parent, commit);
  const title = vscode.l10n.t('{0} at {1}', branch, commit.slice(0, 12));
  await showChanges({ current, title, changes }, trees);
}

async function tellPushed(message: string, address: string | undefined): Promise<void> {
  const open = vscode.l10n.t('Open');
  const answers = address === undefined ? [] : [open];
  const answer = await vscode.window.showInformationMessage(message, ...answers);
  if (answer === open && address !== undefined) {
    await vscode.env.openExternal(vscode.Uri.parse(address));
  }
}
