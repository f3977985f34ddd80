/**
 * Owns: what a window shows of others besides their cursors, and going to them or along with them.
 * Does not know: how cursors are drawn.
 */
import * as vscode from 'vscode';
import { DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { readSettings } from '../../editor/settings.ts';
import { identityIn } from '../members/member-commands.ts';
import type { PresentMember } from '../status-bar.ts';
import type { PresenceCommand } from '../view-commands.ts';
import type { Run, ViewPart } from '../view-part.ts';
import { FileBadges } from './file-badges.ts';
import { FollowStatus } from './follow-status.ts';
import { Follower } from './follower.ts';
import { MeetingMarks } from './meeting-marks.ts';
import { memberLabel } from './member-label.ts';
import { pickParticipant } from './pick-participant.ts';

export class PresenceViews implements ViewPart {
  readonly commands: Readonly<Record<PresenceCommand, Run>>;
  readonly #store = new DisposableStore();
  readonly #badges = this.#store.add(new FileBadges());
  readonly #meetings = this.#store.add(new MeetingMarks());
  readonly #status = this.#store.add(new FollowStatus());
  #following: DisposableStore | undefined;

  constructor() {
    this.commands = {
      showParticipants: (current) => this.#choose(current, 'all'),
      goToMember: (current, argument) => this.#goTo(current, argument),
      nextMeeting: () => this.#meetings.goToNext(),
      followParticipant: (current, argument) => this.#followOne(current, argument),
      stopFollowing: (_, argument) => this.#stopAsked(argument),
    };
  }

  enter(current: FolderWorld | undefined): void {
    this.#stop();
    this.#badges.enter(current);
    this.#meetings.enter(current);
  }

  dispose(): void {
    this.#stop();
    this.#store.dispose();
  }

  async #goTo(current: FolderWorld, argument: unknown): Promise<void> {
    const member = memberMeant(current, argument);
    if (member === undefined) await this.#choose(current, 'in_files');
    else await goTo(current, member);
  }

  async #followOne(current: FolderWorld, argument: unknown): Promise<void> {
    const member = memberMeant(current, argument);
    if (member === undefined) await this.#choose(current, 'others');
    else this.#follow(current, member);
  }

  async #choose(current: FolderWorld, offered: 'all' | 'others' | 'in_files'): Promise<void> {
    const { name } = current.world;
    const picked = await pickParticipant(current, {
      title: vscode.l10n.t('Who is in {0}', name),
      placeHolder:
        offered === 'others'
          ? vscode.l10n.t('Pick one to follow until you type or scroll')
          : vscode.l10n.t('Pick one to go to where they are'),
      action: offered === 'others' ? 'follow' : 'go',
      isOffered: ({ isSelf, path }) =>
        offered === 'all' || (!isSelf && (offered === 'others' || path !== '')),
    });
    if (picked === undefined) return;
    if (picked.action === 'follow') this.#follow(current, picked.member);
    else await goTo(current, picked.member);
  }

  #follow(current: FolderWorld, member: PresentMember): void {
    this.#stop();
    const following = new DisposableStore();
    this.#following = following;
    const show = (): void =>
      this.#status.show(
        current.presence.present().find(({ identity }) => identity === member.identity) ?? member,
      );
    show();
    following.add(current.presence.onChange(show));
    setFollowing(true);
    const follower = new Follower({
      current,
      identity: member.identity,
      mayOpenFiles: () => readSettings().followOpensFiles,
      nowMs: () => performance.now(),
      onEnd: (why) => {
        this.#stop();
        if (why === 'left') tell(vscode.l10n.t('{0} has left.', memberLabel(member)));
        else tell(vscode.l10n.t('No longer following {0}.', memberLabel(member)));
      },
    });
    // What ended at once must not stay.
    following.add(follower);
  }

  /** Escape gives the keyboard back to the editor: VS Code took it away when the tab changed. */
  async #stopAsked(argument: unknown): Promise<void> {
    this.#stop();
    if (typeof argument !== 'object' || argument === null || !('focusEditor' in argument)) return;
    await vscode.commands.executeCommand('workbench.action.focusActiveEditorGroup');
  }

  #stop(): void {
    if (this.#following === undefined) return;
    this.#following.dispose();
    this.#following = undefined;
    this.#status.hide();
    setFollowing(false);
  }
}

/** Opens their file at their cursor, because the user asked for it. */
async function goTo(current: FolderWorld, { identity, name }: PresentMember): Promise<void> {
  const place = current.presence.placeOf(identity);
  if (place === undefined) {
    void vscode.window.showInformationMessage(vscode.l10n.t('{0} is in no file now.', name));
    return;
  }
  const file = vscode.Uri.joinPath(current.folder.uri, place.path);
  const { line, character } = place.cursor?.active ?? { line: 0, character: 0 };
  const at = new vscode.Position(line, character);
  const selection = place.cursor && new vscode.Range(at, at);
  await vscode.window.showTextDocument(file, { preview: true, ...(selection && { selection }) });
}

/** The view of members hands over its row; the palette nothing. */
function memberMeant(current: FolderWorld, argument: unknown): PresentMember | undefined {
  const meant = identityIn(argument);
  return current.presence.present().find(({ identity }) => identity === meant);
}

function setFollowing(isFollowing: boolean): void {
  void vscode.commands.executeCommand('setContext', 'agentWorld.following', isFollowing);
}

function tell(text: string): void {
  vscode.window.setStatusBarMessage(text, 4_000);
}
