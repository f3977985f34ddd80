import * as vscode from 'vscode';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { Resolution } from '../../editor/refused-edits.ts';
import { type ConflictList, type Grouping } from './conflict-list.ts';
import { labelOfGroup } from './conflict-tree.ts';

/** Decides all conflicts of a file or of a member in one way, after asking once. */
export async function resolveAll(
  current: FolderWorld,
  list: ConflictList,
  groupKey?: string,
): Promise<void> {
  const key = groupKey ?? (await pickGroup(list));
  if (key === undefined) return;
  const ids = list.inGroup(key).map(({ conflictId }) => conflictId);
  const resolution = await ask(list.grouping, labelOfGroup(list, key), ids.length);
  if (resolution === undefined) return;
  const left = await vscode.window.withProgress(
    { location: { viewId: 'agentWorld.conflicts' } },
    () => decideEach(current, ids, resolution),
  );
  tell(ids.length - left.length, left);
}

interface GroupChoice extends vscode.QuickPickItem {
  readonly key: string;
}

async function pickGroup(list: ConflictList): Promise<string | undefined> {
  const choices = list.groupKeys().map((key): GroupChoice => {
    const description = vscode.l10n.t('conflicts: {0}', list.inGroup(key).length);
    return { label: labelOfGroup(list, key), description, key };
  });
  const title = vscode.l10n.t('Decide all conflicts of …');
  return (await vscode.window.showQuickPick(choices, { title }))?.key;
}

async function ask(
  grouping: Grouping,
  label: string,
  count: number,
): Promise<Resolution | undefined> {
  const keep = vscode.l10n.t('Keep the text as it is ({0})', count);
  const apply = vscode.l10n.t('Apply what was proposed ({0})', count);
  const what =
    grouping === 'member'
      ? vscode.l10n.t('Decide all {0} open conflicts of {1}?', count, label)
      : vscode.l10n.t('Decide all {0} open conflicts in “{1}”?', count, label);
  const detail = vscode.l10n.t(
    'Keeping the text gives up the edits that wait. Applying puts them in place of what others wrote there. The history keeps both sides.',
  );
  const answer = await vscode.window.showWarningMessage(what, { modal: true, detail }, keep, apply);
  if (answer === keep) return 'accept_head';
  return answer === apply ? 'rebase' : undefined;
}

/** One after the other, each as it is by then: a decision moves the others. Returns what is left. */
async function decideEach(
  current: FolderWorld,
  ids: readonly string[],
  resolution: Resolution,
): Promise<readonly string[]> {
  const left: string[] = [];
  for (const id of ids) {
    const edit = current.refused.find(id);
    if (edit === undefined) continue;
    const result = edit.actions.includes(resolution)
      ? await current.refused.resolve(edit, resolution)
      : undefined;
    if (result?.tag !== 'done' && result?.tag !== 'late') left.push(id);
  }
  current.showRefused();
  return left;
}

function tell(done: number, left: readonly string[]): void {
  if (left.length === 0) {
    vscode.window.setStatusBarMessage(vscode.l10n.t('Conflicts decided: {0}', done), 5_000);
    return;
  }
  void vscode.window.showWarningMessage(
    vscode.l10n.t(
      'Decided: {0}. Left: {1}, because others wrote there meanwhile, the text is too old, or it needs somebody with more rights.',
      done,
      left.length,
    ),
  );
}
