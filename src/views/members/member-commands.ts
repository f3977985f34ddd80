import * as vscode from 'vscode';
import { ROLES, type Role } from '../../core/op-payload.ts';
import type { MemberOrigin } from '../../core/member-origin.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { changeMember, type MemberStanding, removeMember } from '../../world/change-member.ts';
import { EMBEDDED } from '../../world/identities.ts';
import { endInvite } from '../../world/invite.ts';
import type { KnownWorld } from '../../world/world-list.ts';
import type { Member } from '../../world/world-rows.ts';
import { nameText } from './member-items.ts';
import type { MemberEntry, MemberList } from './member-list.ts';
import { kindName, roleMeaning, roleName, scopeText } from './member-words.ts';
import { askScope } from './scope-box.ts';

/** What can be done about a member, from the tree and by name. */
export class MemberCommands {
  readonly #list: MemberList;
  readonly #onInviteEnded: (world: KnownWorld, inviteId: string) => Promise<void>;

  constructor(
    list: MemberList,
    onInviteEnded: (world: KnownWorld, inviteId: string) => Promise<void>,
  ) {
    this.#list = list;
    this.#onInviteEnded = onInviteEnded;
  }

  async changeRole(current: FolderWorld, argument: unknown): Promise<void> {
    const entry = await this.#changeable(current, argument);
    const role = entry && (await askRole(entry));
    if (entry === undefined || role === undefined || role === entry.role) return;
    if (role !== 'owner' && !this.#keepsOwner(entry)) return;
    if (entry.isSelf && !(await confirmOwnRole(role))) return;
    const changed = await this.#change(current, entry, { role });
    if (changed) tell(vscode.l10n.t('{0} is {1} now.', entry.name, roleName(changed.role)));
  }

  async changeScope(current: FolderWorld, argument: unknown): Promise<void> {
    const entry = await this.#changeable(current, argument);
    if (entry === undefined) return;
    const pathScope = await askScope({
      title: vscode.l10n.t('Where may {0} write?', entry.name),
      scope: entry.pathScope,
      paths: livingPaths(current),
    });
    if (pathScope === undefined) return;
    const changed = await this.#change(current, entry, { pathScope });
    if (changed) tell(vscode.l10n.t('{0} may write: {1}.', entry.name, scopeText(pathScope)));
  }

  async pause(current: FolderWorld, argument: unknown): Promise<void> {
    const entry = await this.#changeable(current, argument, (each) => !each.paused && !each.isSelf);
    if (entry === undefined || entry.paused) return;
    if (entry.isSelf) {
      tell(vscode.l10n.t('You cannot pause yourself: you could not resume.'));
      return;
    }
    if (!(await this.#change(current, entry, { paused: true }))) return;
    tell(
      vscode.l10n.t('{0} is paused: the world takes nothing from them until resumed.', entry.name),
    );
  }

  async resume(current: FolderWorld, argument: unknown): Promise<void> {
    const entry = await this.#changeable(current, argument, ({ paused }) => paused);
    if (entry?.paused !== true) return;
    if (!(await this.#change(current, entry, { paused: false }))) return;
    tell(vscode.l10n.t('{0} may write again.', entry.name));
  }

  async remove(current: FolderWorld, argument: unknown): Promise<void> {
    const entry = await this.#changeable(current, argument);
    if (entry === undefined || !this.#keepsOwner(entry)) return;
    const remove = vscode.l10n.t('Remove');
    const removeWithInvite = vscode.l10n.t('Remove and End Their Invite');
    const origin = current.session.view.origins.get(entry.identity);
    const question = entry.isSelf
      ? vscode.l10n.t('Remove yourself from “{0}”?', current.world.name)
      : vscode.l10n.t('Remove {0} from “{1}”?', entry.name, current.world.name);
    const detail = whatHappens(current, entry);
    const answer = await vscode.window.showWarningMessage(
      question,
      { modal: true, detail },
      remove,
      ...(origin === undefined ? [] : [removeWithInvite]),
    );
    if (answer === undefined) return;
    await removeMember(current.session, entry.identity);
    tell(vscode.l10n.t('{0} is no member of this world any more.', entry.name));
    if (answer === removeWithInvite && origin) await this.#endInvite(current, entry, origin);
  }

  /** Whoever else has the invite by which somebody came could still come in by it. */
  async #endInvite(
    { session, world }: FolderWorld,
    { name }: MemberEntry,
    { inviteId }: MemberOrigin,
  ): Promise<void> {
    const ended = await endInvite(session, inviteId);
    await this.#onInviteEnded(world, inviteId);
    tell(
      ended === 'ended'
        ? vscode.l10n.t('{0} is no member any more, and the invite they came by is ended.', name)
        : vscode.l10n.t('{0} is no member any more. The invite they came by had ended.', name),
    );
  }

  async #change(
    { session }: FolderWorld,
    { identity }: MemberEntry,
    change: Parameters<typeof changeMember>[2],
  ): Promise<MemberStanding | undefined> {
    const member: Member | undefined = session.view.members.get(identity);
    // Somebody else removed them while the user was asked.
    if (!member || member.removed) return undefined;
    return changeMember(session, member, change);
  }

  /** The member a command is about, if the user may change members; says why not otherwise. */
  async #changeable(
    { session }: FolderWorld,
    argument: unknown,
    isWanted: (entry: MemberEntry) => boolean = () => true,
  ): Promise<MemberEntry | undefined> {
    const self = this.#list.get(session.identity);
    if (self?.role === 'owner' && !self.paused) return this.#member(argument, isWanted);
    const owners = this.#list.owners().map(({ name }) => name);
    void vscode.window.showInformationMessage(
      vscode.l10n.t('Only an owner can change members. Ask {0}.', owners.join(', ')),
    );
    return undefined;
  }

  async #member(
    argument: unknown,
    isWanted: (entry: MemberEntry) => boolean,
  ): Promise<MemberEntry | undefined> {
    const identity = identityIn(argument);
    if (identity !== undefined) return this.#list.get(identity);
    const choices = this.#list.all().filter(isWanted).map(choiceOf);
    if (choices.length === 0) {
      tell(vscode.l10n.t('There is no member to do that with.'));
      return undefined;
    }
    const title = vscode.l10n.t('Which member?');
    const picked = await vscode.window.showQuickPick(choices, { title, matchOnDescription: true });
    return picked && this.#list.get(picked.identity);
  }

  /** A world without an owner could never be changed again: the server refuses that, too. */
  #keepsOwner({ identity, role }: MemberEntry): boolean {
    const others = this.#list.owners().filter((owner) => owner.identity !== identity);
    if (role !== 'owner' || others.length > 0) return true;
    void vscode.window.showInformationMessage(
      vscode.l10n.t('A world keeps at least one owner. Make somebody else an owner first.'),
    );
    return false;
  }
}

/** The paths that a scope can be about, now. */
export function livingPaths({ session }: FolderWorld): readonly string[] {
  return [...session.view.files.values()].flatMap(({ deleted, path }) => (deleted ? [] : [path]));
}

/** The member that a row of the view stands for. */
export function identityIn(argument: unknown): string | undefined {
  return typeof argument === 'string' && argument.startsWith('member ')
    ? argument.slice('member '.length)
    : undefined;
}

function choiceOf(entry: MemberEntry): vscode.QuickPickItem & { readonly identity: string } {
  const { kind, role, paused, identity } = entry;
  const facts = [kindName(kind), roleName(role), paused ? vscode.l10n.t('paused') : ''];
  return {
    label: `$(${kind === 'agent' ? 'hubot' : 'person'}) ${nameText(entry)}`,
    description: facts.filter((fact) => fact !== '').join(' · '),
    identity,
  };
}

async function askRole(entry: MemberEntry): Promise<Role | undefined> {
  const choices = ROLES.map((role) => ({
    label: `$(${role === entry.role ? 'check' : 'blank'}) ${roleName(role)}`,
    description: role === entry.role ? vscode.l10n.t('as it is') : '',
    detail: roleMeaning(role),
    role,
  }));
  const title = vscode.l10n.t('Role of {0}', entry.name);
  return (await vscode.window.showQuickPick(choices, { title }))?.role;
}

async function confirmOwnRole(role: Role): Promise<boolean> {
  const change = vscode.l10n.t('Change My Role');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('Be no owner any more, but {0}?', roleName(role)),
    { modal: true, detail: vscode.l10n.t('Only another owner can make you one again.') },
    change,
  );
  return answer === change;
}

function whatHappens({ session, world }: FolderWorld, entry: MemberEntry): string {
  const { identity, isHere, invitedBy } = entry;
  const { locks, tickets } = session.view;
  const claims = [...locks.values()].filter(({ holder }) => holder === identity).length;
  const conflicts = [...tickets.values()].filter(({ author }) => author === identity).length;
  const lines = [
    vscode.l10n.t('What they wrote stays, in the text and in the history, under their name.'),
    vscode.l10n.t('From now on the world refuses everything they send.'),
    isHere ? whatEnds(world.server) : '',
    claims > 0 ? vscode.l10n.t('Claims of theirs that end: {0}.', claims) : '',
    conflicts > 0 ? vscode.l10n.t('Open conflicts of theirs that stay: {0}.', conflicts) : '',
    vscode.l10n.t('Invites that they made end. They come back only by a new invite.'),
    invitedBy === undefined
      ? ''
      : vscode.l10n.t(
          'They came by an invite of {0}. Unless it has ended, others can come in by it.',
          invitedBy,
        ),
  ];
  return lines.filter((line) => line !== '').join('\n\n');
}

/** SpacetimeDB has no way to end somebody's connection. */
function whatEnds(server: string): string {
  return server === EMBEDDED
    ? vscode.l10n.t('They are here now: their connections end at once.')
    : vscode.l10n.t('They are here now: what is open can go on reading until it ends.');
}

function tell(message: string): void {
  vscode.window.setStatusBarMessage(message, SHOWN_MS);
}

const SHOWN_MS = 8_000;
