import * as vscode from 'vscode';
import { PARTICIPANT_COLORS } from '../../decorations/participant-style.ts';
import { tooltipLines } from '../tooltip-lines.ts';
import type { MemberEntry, MemberGroup } from './member-list.ts';
import {
  kindName,
  lastActionText,
  originText,
  placeText,
  roleName,
  scopeText,
  stateText,
  waitingTexts,
} from './member-words.ts';

/** The row of a member. */
export function memberItem(entry: MemberEntry, nowMs: number): vscode.TreeItem {
  const item = new vscode.TreeItem(nameText(entry));
  item.id = `member ${entry.identity}`;
  item.description = describe(entry, nowMs);
  item.contextValue = contextOf(entry);
  item.iconPath = iconOf(entry);
  // What an agent did in its last turn is read when somebody looks: see `MemberTree`.
  if (entry.kind !== 'agent') item.tooltip = memberTooltip(entry, nowMs);
  item.accessibilityInformation = {
    label: [nameText(entry), kindName(entry.kind), describe(entry, nowMs)].join(', '),
  };
  if (entry.path !== '' && !entry.isSelf) {
    item.command = {
      command: 'agentWorld.goToMember',
      title: vscode.l10n.t('Go to Where They Are'),
      arguments: [item.id],
    };
  }
  return item;
}

/** State, place and what they do first: what is read when the view is narrow. */
function describe(entry: MemberEntry, nowMs: number): string {
  const { role, paused, path, activity, pathScope } = entry;
  const facts = [
    paused ? vscode.l10n.t('paused') : '',
    stateText(entry),
    path === '' ? '' : vscode.l10n.t('in {0}', placeText(entry)),
    activity,
    ...waitingTexts(entry),
    roleName(role),
    pathScope.length === 0 ? '' : scopeText(pathScope),
    lastActionText(entry, nowMs),
  ];
  return facts.filter((fact) => fact !== '').join(' · ');
}

export function nameText({ name, isSelf }: MemberEntry): string {
  return isSelf ? vscode.l10n.t('{0} (you)', name) : name;
}

function contextOf({ isSelf, paused, path, kind }: MemberEntry): string {
  const place = path === '' ? 'nowhere' : 'somewhere';
  const who = isSelf ? 'self' : 'other';
  return `member.${who}.${paused ? 'paused' : 'active'}.${place}.${kind}`;
}

/** In the colour of their cursor while they are here. */
function iconOf({ kind, paused, isHere, color }: MemberEntry): vscode.ThemeIcon {
  const shown = isHere
    ? `agentWorld.participant${(color % PARTICIPANT_COLORS) + 1}`
    : 'disabledForeground';
  const icon = paused ? 'debug-pause' : kind === 'agent' ? 'hubot' : 'person';
  return new vscode.ThemeIcon(icon, new vscode.ThemeColor(shown));
}

/** The hover of a row; `more` stands at its end. */
export function memberTooltip(entry: MemberEntry, nowMs: number, more = ''): vscode.MarkdownString {
  const { kind, role, pathScope, paused, isHere, path, activity } = entry;
  const place = isHere
    ? path === ''
      ? vscode.l10n.t('here, in no file')
      : vscode.l10n.t('here, in {0}', placeText(entry))
    : vscode.l10n.t('not here');
  return tooltipLines([
    `${nameText(entry)} — ${kindName(kind)}, ${roleName(role)}`,
    vscode.l10n.t('May write: {0}', role === 'viewer' ? '–' : scopeText(pathScope)),
    activity === '' ? place : `${place} · ${activity}`,
    [stateText(entry), ...waitingTexts(entry)].filter((text) => text !== '').join(' · '),
    lastActionText(entry, nowMs),
    originText(entry),
    paused ? vscode.l10n.t('Paused: the world refuses what they send until an owner resumes.') : '',
    more,
  ]);
}

export function groupItem(group: MemberGroup, count: number): vscode.TreeItem {
  const label = group === 'here' ? vscode.l10n.t('Here now') : vscode.l10n.t('Not here');
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Expanded);
  item.id = `group ${group}`;
  item.description = String(count);
  item.contextValue = `memberGroup.${group}`;
  item.accessibilityInformation = { label: vscode.l10n.t('{0}, members: {1}', label, count) };
  return item;
}
