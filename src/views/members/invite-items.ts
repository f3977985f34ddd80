import * as vscode from 'vscode';
import { inviteId, type OwnInvite } from '../../world/own-invites.ts';
import { elapsed, remaining } from '../elapsed.ts';
import { kindName, roleName, scopeText } from './member-words.ts';

/** The row of an invite that this user made, and who came by it; shows nothing of the secret. */
export function inviteItem(
  made: OwnInvite,
  guests: readonly string[],
  nowMs: number,
): vscode.TreeItem {
  const { kind, pathScope } = made.terms;
  const item = new vscode.TreeItem(whomText(made));
  const scope = pathScope.length === 0 ? '' : scopeText(pathScope);
  const facts = [usesText(made.terms.uses), remaining(made.terms.expiresAtMs, nowMs), scope];
  const description = facts.filter((fact) => fact !== '').join(' · ');
  item.id = `invite ${inviteId(made)}`;
  item.description = description;
  item.contextValue = 'memberInvite';
  item.iconPath = new vscode.ThemeIcon(kind === 'agent' ? 'hubot' : 'mail');
  const age = elapsed(made.madeAtMs, nowMs);
  item.tooltip =
    guests.length === 0
      ? vscode.l10n.t('Made {0}. Nobody is known to have joined by it.', age)
      : vscode.l10n.t('Made {0}. Joined by it: {1}.', age, guests.join(', '));
  item.accessibilityInformation = {
    label: vscode.l10n.t('Invite for {0}, {1}', whomText(made), description),
  };
  return item;
}

/** For instance `person, editor`. */
export function whomText({ terms: { kind, role } }: OwnInvite): string {
  return `${kindName(kind)}, ${roleName(role)}`;
}

export function usesText(uses: number): string {
  return uses === 1 ? vscode.l10n.t('once') : vscode.l10n.t('up to {0} times', uses);
}
