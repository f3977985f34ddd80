import * as vscode from 'vscode';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { ExtensionSurroundings } from '../../editor/surroundings.ts';
import {
  createInvite,
  formatEditorLink,
  formatJoinCommand,
  type Invite,
  revokeInvite,
} from '../../world/invite.ts';
import { EMBEDDED } from '../../world/identities.ts';
import { inviteId, type OwnInvite, type OwnInvites } from '../../world/own-invites.ts';
import { memberName } from '../../world/member-name.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { remaining } from '../elapsed.ts';
import { usesText, whomText } from './invite-items.ts';
import { askInvite, type InviteForm, termsOf } from './invite-steps.ts';
import { livingPaths } from './member-commands.ts';

export interface InviteCommandsOptions {
  readonly surroundings: ExtensionSurroundings;
  readonly own: OwnInvites;
  /** The invites as the view shows them. */
  readonly shown: () => readonly OwnInvite[];
  readonly extensionId: string;
  readonly onChange: () => Promise<void>;
}

/** Inviting somebody, and what can be done about an invite that one made. */
export class InviteCommands {
  readonly #options: InviteCommandsOptions;

  constructor(options: InviteCommandsOptions) {
    this.#options = options;
  }

  async make(current: FolderWorld): Promise<void> {
    const { session, world } = current;
    const { surroundings, own, onChange } = this.#options;
    const self = session.view.members.get(session.identity);
    if (!self || !mayInvite(session)) {
      tellWhoInvites(session);
      return;
    }
    const wishes = await askInvite({
      world: session.workspace?.name || world.name,
      isHereOnly: world.server === EMBEDDED,
      self,
      paths: livingPaths(current),
      limits: session.workspace?.limits ?? '',
    });
    if (wishes === undefined) return;
    const madeAtMs = surroundings.clock.nowMs();
    const terms = termsOf(wishes, self, madeAtMs);
    const { server } = world;
    const invite = await createInvite(session, server, terms, surroundings.randomBytes);
    await own.add({ invite, terms, madeAtMs });
    await onChange();
    await this.#copy({ invite, terms, madeAtMs }, wishes.form);
  }

  async copyAgain(_current: FolderWorld, argument: unknown): Promise<void> {
    const made = await this.#pick(argument);
    if (made === undefined) return;
    const link = vscode.l10n.t('Copy a link');
    const command = vscode.l10n.t('Copy a line for a terminal');
    const title = vscode.l10n.t('Invite for {0}', whomText(made));
    const form = await vscode.window.showQuickPick([link, command], { title });
    if (form !== undefined) await this.#copy(made, form === link ? 'link' : 'command');
  }

  async revoke({ session }: FolderWorld, argument: unknown): Promise<void> {
    const made = await this.#pick(argument);
    if (made === undefined) return;
    const revoke = vscode.l10n.t('Take It Back');
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t('Take back the invite for {0}?', whomText(made)),
      {
        modal: true,
        detail: vscode.l10n.t(
          'Nobody can join with it any more. Who has joined with it stays a member.',
        ),
      },
      revoke,
    );
    if (answer !== revoke) return;
    const ended = await revokeInvite(session, made.invite.secret);
    await this.#options.own.remove(made.invite);
    await this.#options.onChange();
    vscode.window.setStatusBarMessage(
      ended === 'revoked'
        ? vscode.l10n.t('The invite is taken back.')
        : vscode.l10n.t('The invite had ended already: it was used up, or taken back.'),
      8_000,
    );
  }

  async #copy(made: OwnInvite, form: InviteForm): Promise<void> {
    await vscode.env.clipboard.writeText(this.#textOf(made.invite, form));
    const { clock } = this.#options.surroundings;
    const what =
      form === 'link'
        ? vscode.l10n.t(
            'The link is in the clipboard: for {0}, {1}, {2}.',
            ...factsOf(made, clock.nowMs()),
          )
        : vscode.l10n.t(
            'The line for a terminal is in the clipboard: for {0}, {1}, {2}.',
            ...factsOf(made, clock.nowMs()),
          );
    const other =
      form === 'link' ? vscode.l10n.t('Copy a line for a terminal') : vscode.l10n.t('Copy a link');
    const answer = await vscode.window.showInformationMessage(what, other);
    if (answer === other) await this.#copy(made, form === 'link' ? 'command' : 'link');
  }

  #textOf(invite: Invite, form: InviteForm): string {
    if (form === 'command') return formatJoinCommand(invite);
    const { uriScheme } = vscode.env;
    return formatEditorLink(invite, { uriScheme, extensionId: this.#options.extensionId });
  }

  async #pick(argument: unknown): Promise<OwnInvite | undefined> {
    const invites = this.#options.shown();
    const key = typeof argument === 'string' ? argument.replace(/^invite /, '') : undefined;
    if (key !== undefined) return invites.find((each) => inviteId(each) === key);
    if (invites.length === 0) {
      vscode.window.setStatusBarMessage(
        vscode.l10n.t('There is no open invite that you made here.'),
        8_000,
      );
      return undefined;
    }
    const nowMs = this.#options.surroundings.clock.nowMs();
    const choices = invites.map((made) => ({
      label: whomText(made),
      description: factsOf(made, nowMs).slice(1).join(' · '),
      made,
    }));
    const title = vscode.l10n.t('Which invite?');
    return (await vscode.window.showQuickPick(choices, { title }))?.made;
  }
}

function factsOf(made: OwnInvite, nowMs: number): [string, string, string] {
  const { uses, expiresAtMs } = made.terms;
  return [whomText(made), usesText(uses), remaining(expiresAtMs, nowMs)];
}

function mayInvite({ view, identity }: WorldSession): boolean {
  const self = view.members.get(identity);
  if (!self || self.paused) return false;
  return self.role === 'owner' || (self.role === 'editor' && self.capabilities.includes('invite'));
}

function tellWhoInvites({ view }: WorldSession): void {
  const names = [...view.members.values()]
    .filter(({ role, removed, paused }) => role === 'owner' && !removed && !paused)
    .map(({ identity }) => memberName(view, identity));
  void vscode.window.showInformationMessage(
    vscode.l10n.t('You cannot invite anybody into this world. Ask {0}.', names.join(', ')),
  );
}
