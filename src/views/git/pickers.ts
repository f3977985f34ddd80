import * as vscode from 'vscode';
import type { ExportMode } from '../../core/git-point.ts';
import type { Repository } from '../../git/repository.ts';
import { askGit } from '../../git/run-git.ts';

/** How the export is to be cut; undefined when the user gives up. */
export async function pickMode(): Promise<ExportMode | undefined> {
  const items: (vscode.QuickPickItem & { readonly mode: ExportMode })[] = [
    {
      mode: 'one',
      label: vscode.l10n.t('One Commit'),
      description: vscode.l10n.t('everybody who wrote is named in it'),
    },
    {
      mode: 'authors',
      label: vscode.l10n.t('One Commit for Each Author'),
      description: vscode.l10n.t('each with the lines that this author wrote'),
    },
    {
      mode: 'turns',
      label: vscode.l10n.t('One Commit for Each Turn of an Agent'),
      description: vscode.l10n.t('what else there is by its authors'),
    },
    {
      mode: 'checkpoints',
      label: vscode.l10n.t('One Commit for Each Named Checkpoint'),
      description: vscode.l10n.t('by their names, the rest behind them'),
    },
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Export to Git'),
    placeHolder: vscode.l10n.t('You will see everything before it is committed'),
  });
  return picked?.mode;
}

/** The commit to stand on from now on; undefined when the user gives up. */
export async function pickBase(
  repository: Repository,
  base: string | undefined,
): Promise<string | undefined> {
  const format = '--format=%(objectname)%09%(refname:short)%09%(subject)';
  const refs = ['refs/remotes', 'refs/heads', 'refs/tags'];
  const listed = await askGit(repository.folder, ['for-each-ref', format, ...refs]);
  const followed = await repository.commitOf('@{upstream}');
  const items = listed.split('\n').flatMap((line) => {
    const [commit, label, subject = ''] = line.split('\t');
    if (!commit || !label || label.startsWith('world/')) return [];
    const isBase = commit === base;
    const description = isBase ? vscode.l10n.t('the world stands on this') : subject;
    return [{ commit, label, description, isFirst: commit === followed && !isBase }];
  });
  const picked = await vscode.window.showQuickPick(
    items.toSorted((a, b) => Number(b.isFirst) - Number(a.isFirst)),
    {
      title: vscode.l10n.t('Bring In Changes from Git'),
      placeHolder: vscode.l10n.t('What should the world stand on? Fetch first to see what is new.'),
      matchOnDescription: true,
    },
  );
  return picked?.commit;
}
