import * as vscode from 'vscode';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { describeMember, type PresentMember } from '../status-bar.ts';

interface Choice extends vscode.QuickPickItem {
  readonly member: PresentMember;
}

/** Lists who is here; picking one opens the file they are in, because the user asked for it. */
export async function showParticipants(current: FolderWorld): Promise<void> {
  const status = current.status();
  if (status.tag !== 'live') {
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        'This window is not connected to {0}: it cannot see who is there.',
        current.world.name,
      ),
    );
    return;
  }
  const { present } = status;
  const picked = await vscode.window.showQuickPick(present.map(choiceOf), {
    title: vscode.l10n.t('Who is in {0}', current.world.name),
    placeHolder: vscode.l10n.t('Pick one to go to the file they are in'),
    matchOnDescription: true,
  });
  if (picked === undefined || picked.member.path === '') return;
  const file = vscode.Uri.joinPath(current.folder.uri, picked.member.path);
  await vscode.window.showTextDocument(file, { preview: true });
}

function choiceOf(member: PresentMember): Choice {
  const icon = member.kind === 'agent' ? '$(hubot)' : '$(person)';
  const [label = '', ...rest] = describeMember({ ...member, kind: 'human' }).split(' — ');
  return { label: `${icon} ${label}`, description: rest.join(' — '), member };
}
