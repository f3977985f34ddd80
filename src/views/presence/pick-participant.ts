import * as vscode from 'vscode';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { describeMember, type PresentMember } from '../status-bar.ts';

interface Choice extends vscode.QuickPickItem {
  readonly member: PresentMember;
}

/** Which of a participant's buttons, or the participant itself, was chosen. */
export interface Picked {
  readonly member: PresentMember;
  readonly action: 'go' | 'follow';
}

export interface PickOptions {
  readonly title: string;
  readonly placeHolder: string;
  /** What picking one means, the buttons aside. */
  readonly action: Picked['action'];
  readonly isOffered: (member: PresentMember) => boolean;
}

/** Whom a command is about. Tells what to do when there is nobody. */
export async function pickParticipant(
  current: FolderWorld,
  options: PickOptions,
): Promise<Picked | undefined> {
  const status = current.status();
  if (status.tag !== 'live') {
    tellOffline(current.world.name);
    return undefined;
  }
  const offered = status.present.filter((member) => options.isOffered(member));
  if (offered.length === 0) {
    tellAlone(current.world.name);
    return undefined;
  }
  return ask(offered, options);
}

async function ask(
  members: readonly PresentMember[],
  { title, placeHolder, action }: PickOptions,
): Promise<Picked | undefined> {
  const goThere = {
    iconPath: new vscode.ThemeIcon('go-to-file'),
    tooltip: vscode.l10n.t('Go there'),
  };
  const follow = { iconPath: new vscode.ThemeIcon('eye'), tooltip: vscode.l10n.t('Follow') };
  const pick = vscode.window.createQuickPick<Choice>();
  Object.assign(pick, { title, placeholder: placeHolder, matchOnDescription: true });
  pick.items = members.map((member) => ({
    ...choiceOf(member),
    member,
    buttons: member.isSelf ? [] : [...(member.path === '' ? [] : [goThere]), follow],
  }));
  try {
    return await new Promise((resolve) => {
      pick.onDidAccept(() => {
        const member = pick.selectedItems[0]?.member;
        resolve(member && { member, action });
      });
      pick.onDidTriggerItemButton(({ item: { member }, button }) =>
        resolve({ member, action: button === follow ? 'follow' : 'go' }),
      );
      pick.onDidHide(() => resolve(undefined));
      pick.show();
    });
  } finally {
    pick.dispose();
  }
}

function choiceOf(member: PresentMember): vscode.QuickPickItem {
  const icon = member.kind === 'agent' ? '$(hubot)' : '$(person)';
  const [label = '', ...rest] = describeMember({ ...member, kind: 'human' }).split(' — ');
  return { label: `${icon} ${label}`, description: rest.join(' — ') };
}

function tellOffline(world: string): void {
  void vscode.window.showInformationMessage(
    vscode.l10n.t('This window is not connected to {0}: it cannot see who is there.', world),
  );
}

function tellAlone(world: string): void {
  const invite = vscode.l10n.t('Copy an invite…');
  void vscode.window
    .showInformationMessage(vscode.l10n.t('Nobody else is in {0} now.', world), invite)
    .then((answer) =>
      answer === invite ? vscode.commands.executeCommand('agentWorld.copyInvite') : undefined,
    );
}
