import path from 'node:path';
import * as vscode from 'vscode';
import { PARTICIPANT_COLORS } from '../../decorations/participant-style.ts';
import type { HistoryEntry, OpSummary } from '../../core/history-entries.ts';
import type { IdentityHex } from '../../core/op.ts';
import { colorIndexOf } from '../../world/member-color.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { elapsed } from '../elapsed.ts';
import { checkpointName, whatText, whoText } from './history-words.ts';

/** A row of the view, told apart by its value: an entry or an op by a number, or the way to more. */
export type HistoryNode = `entry ${number}` | `op ${number}` | 'more';

export interface RowParts {
  readonly session: WorldSession;
  readonly nowMs: number;
  /** The view is of one file: its name need not be said. */
  readonly isOfFile: boolean;
}

/** By its oldest op: an entry that was opened stays open while its member goes on. */
export function entryNode({ ops }: HistoryEntry): HistoryNode {
  return `entry ${ops.at(-1)!.opSeq}`;
}

/** The row of what belongs together; opened, it shows the single ops. */
export function entryItem(entry: HistoryEntry, parts: RowParts): vscode.TreeItem {
  const isMany = entry.ops.length > 1;
  const item = rowOf(entry, entryNode(entry), parts);
  item.collapsibleState = isMany
    ? vscode.TreeItemCollapsibleState.Collapsed
    : vscode.TreeItemCollapsibleState.None;
  return item;
}

/** The row of one op. */
export function opItem(op: OpSummary, parts: RowParts): vscode.TreeItem {
  const { author, kind, fileId } = op;
  return rowOf({ author, kind, fileId, ops: [op] }, `op ${op.opSeq}`, parts);
}

export function moreItem(): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t('Show older …'));
  item.iconPath = new vscode.ThemeIcon('ellipsis');
  item.command = {
    command: 'agentWorld.showOlderHistory',
    title: vscode.l10n.t('Show Older History'),
  };
  return item;
}

function rowOf(entry: HistoryEntry, node: HistoryNode, parts: RowParts): vscode.TreeItem {
  const { session, nowMs, isOfFile } = parts;
  const { author, fileId, ops } = entry;
  const newest = ops[0]!;
  const file = session.view.files.get(fileId)?.path ?? '';
  const who = whoText(session, author);
  const what = whatText(session, entry);
  const when = elapsed(newest.madeAtMs, nowMs);
  const name = checkpointName(newest);
  const isNamed = name !== undefined;
  const label = name ?? (isOfFile || file === '' ? who : path.posix.basename(file));
  const item = new vscode.TreeItem(label);
  const facts = isNamed ? [vscode.l10n.t('checkpoint'), who, when] : [who, when, what];
  item.description = facts.filter((fact) => fact !== label).join(' · ');
  item.iconPath = isNamed ? CHECKPOINT_ICON : iconOf(entry, session);
  item.contextValue = contextOf(entry);
  const sender = senderText(newest, session);
  item.tooltip = tooltipOf([`${who}: ${what}`, file, timeOf(newest), numbersOf(ops), sender]);
  item.accessibilityInformation = { label: [who, what, file, when].filter(Boolean).join(', ') };
  item.command = {
    command: isNamed ? 'agentWorld.compareWorld' : 'agentWorld.openHistoryEntry',
    title: vscode.l10n.t('Show What Changed'),
    arguments: [node],
  };
  return item;
}

const CHECKPOINT_ICON = new vscode.ThemeIcon('bookmark', new vscode.ThemeColor('charts.yellow'));

/** `historyText` rows have versions to compare and to restore. */
function contextOf({ kind, fileId, ops }: HistoryEntry): string {
  if (checkpointName(ops[0]!) !== undefined) return 'historyCheckpoint';
  if (fileId === 0) return 'historyWorld';
  return kind === 'conflict' ? 'historyConflict' : 'historyText';
}

/** By what was done; who did it is told by the colour of their cursor. */
function iconOf({ kind, author }: HistoryEntry, session: WorldSession): vscode.ThemeIcon {
  return new vscode.ThemeIcon(ICONS[kind] ?? 'circle-outline', colorOf(session, author));
}

export function colorOf({ view }: WorldSession, author: IdentityHex): vscode.ThemeColor {
  const member = view.members.get(author);
  if (!member) return new vscode.ThemeColor('disabledForeground');
  const index = colorIndexOf(member, view.members.values());
  return new vscode.ThemeColor(`agentWorld.participant${(index % PARTICIPANT_COLORS) + 1}`);
}

const ICONS: Readonly<Partial<Record<HistoryEntry['kind'], string>>> = {
  create: 'new-file',
  edit: 'edit',
  rename: 'arrow-right',
  delete: 'trash',
  restore: 'discard',
  mode: 'settings',
  conflict: 'warning',
  resolve: 'check',
  member: 'person',
  policy: 'law',
  note: 'comment',
};

/** Through whom it came, where that is somebody else. */
function senderText({ author, actor }: OpSummary, session: WorldSession): string {
  return actor === author ? '' : vscode.l10n.t('came through {0}', whoText(session, actor));
}

function timeOf({ madeAtMs }: OpSummary): string {
  return new Date(madeAtMs).toLocaleString(vscode.env.language);
}

function numbersOf(ops: readonly OpSummary[]): string {
  const newest = ops[0]!;
  const oldest = ops.at(-1)!;
  return ops.length === 1
    ? vscode.l10n.t('op {0}', newest.opSeq)
    : vscode.l10n.t('ops {0} to {1}', oldest.opSeq, newest.opSeq);
}

function tooltipOf(lines: readonly string[]): vscode.MarkdownString {
  const tooltip = new vscode.MarkdownString();
  for (const [index, line] of lines.filter((each) => each !== '').entries()) {
    if (index > 0) tooltip.appendMarkdown('\n\n');
    tooltip.appendText(line);
  }
  return tooltip;
}
