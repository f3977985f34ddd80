import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import { elapsed } from '../elapsed.ts';
import { ToldTree } from '../trees/told-tree.ts';
import {
  type Age,
  type ConflictEntry,
  type ConflictList,
  type Grouping,
  type ListChange,
} from './conflict-list.ts';

/** An element of the tree: a group, or a conflict. Told apart by VS Code by its value. */
export type ConflictNode = `group ${string}` | `conflict ${string}`;

export interface ConflictTreeOptions {
  readonly list: ConflictList;
  readonly nowMs: () => number;
  /** Why a conflict is one, in whole words; may have to be read first. */
  readonly reasonOf: (conflictId: string) => Promise<string>;
}

/** The view "Conflicts": everything that waits for a decision, in groups, counted on its icon. */
export class ConflictTree implements Disposable {
  readonly #options: ConflictTreeOptions;
  readonly #store = new DisposableStore();
  readonly #tree: ToldTree<ConflictNode>;

  constructor(options: ConflictTreeOptions) {
    this.#options = options;
    this.#tree = this.#store.add(
      new ToldTree({
        viewId: 'agentWorld.conflicts',
        rows: {
          children: (node) => this.#children(node),
          item: (node) => this.#item(node),
          parent: (node) => this.#parent(node),
          resolve: (item, node) => this.#resolve(item, node),
        },
        view: { showCollapseAll: true },
        beside: (view) => this.#showBeside(view),
      }),
    );
    this.#tree.view.description = describeGrouping(options.list.grouping);
    this.#store.add(
      this.#tree.view.onDidChangeVisibility(({ visible }) => {
        // What the rows say of ages was written when they were last drawn.
        if (visible) this.#tree.update();
      }),
    );
  }

  /** The list changed. */
  update(change: ListChange): void {
    if (change.tag === 'groups') this.#tree.update();
    else this.#tree.update(`group ${change.groupKey}`);
  }

  /** Shows where a conflict is in the view, if that is open. */
  reveal(conflictId: string): void {
    if (!this.#tree.isVisible || !this.#options.list.get(conflictId)) return;
    void this.#tree.view.reveal(`conflict ${conflictId}`, { focus: false });
  }

  dispose(): void {
    this.#store.dispose();
  }

  #item(node: ConflictNode): vscode.TreeItem {
    const { list, nowMs } = this.#options;
    const key = keyOf(node);
    if (isGroup(node)) return groupItem(list, key);
    const entry = list.get(key);
    return entry ? conflictItem(entry, list.grouping, nowMs()) : new vscode.TreeItem('');
  }

  #children(node?: ConflictNode): readonly ConflictNode[] {
    const { list } = this.#options;
    if (node === undefined) return list.groupKeys().map((key): ConflictNode => `group ${key}`);
    if (!isGroup(node)) return [];
    return list
      .inGroup(keyOf(node))
      .map(({ conflictId }): ConflictNode => `conflict ${conflictId}`);
  }

  #parent(node: ConflictNode): ConflictNode | undefined {
    const group = isGroup(node) ? undefined : this.#options.list.groupOf(keyOf(node));
    return group === undefined ? undefined : `group ${group}`;
  }

  async #resolve(item: vscode.TreeItem, node: ConflictNode): Promise<vscode.TreeItem> {
    const reason = await this.#options.reasonOf(keyOf(node));
    item.tooltip = new vscode.MarkdownString().appendText(reason);
    return item;
  }

  #showBeside(view: vscode.TreeView<ConflictNode>): void {
    const { list } = this.#options;
    view.description = describeGrouping(list.grouping);
    view.badge =
      list.size === 0
        ? undefined
        : { value: list.size, tooltip: vscode.l10n.t('Open conflicts: {0}', list.size) };
    void vscode.commands.executeCommand('setContext', 'agentWorld.conflicts', list.size);
  }
}

/** Which conflict or group a command was called on. */
export function isGroup(node: ConflictNode): boolean {
  return node.startsWith('group ');
}

export function keyOf(node: ConflictNode): string {
  return node.slice(node.indexOf(' ') + 1);
}

function groupItem(list: ConflictList, key: string): vscode.TreeItem {
  const label = labelOfGroup(list, key);
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Expanded);
  const count = list.inGroup(key).length;
  item.id = `group ${list.grouping} ${key}`;
  item.description = String(count);
  item.contextValue = `conflictGroup.${list.grouping}`;
  item.iconPath = new vscode.ThemeIcon(ICON_OF[list.grouping]);
  item.accessibilityInformation = {
    label: vscode.l10n.t('{0}, open conflicts: {1}', label, count),
  };
  return item;
}

const ICON_OF: Readonly<Record<Grouping, string>> = {
  file: 'file',
  member: 'account',
  age: 'history',
};

export function labelOfGroup(list: ConflictList, key: string): string {
  switch (list.grouping) {
    case 'file':
      return key === '' ? vscode.l10n.t('files that are gone') : key;
    case 'member':
      return list.nameOfGroup(key);
    case 'age':
      return labelOfAge(key as Age);
  }
}

function labelOfAge(age: Age): string {
  switch (age) {
    case 'hour':
      return vscode.l10n.t('In the last hour');
    case 'day':
      return vscode.l10n.t('In the last day');
    case 'week':
      return vscode.l10n.t('In the last week');
    case 'older':
      return vscode.l10n.t('Older');
  }
}

function describeGrouping(grouping: Grouping): string {
  switch (grouping) {
    case 'file':
      return vscode.l10n.t('by file');
    case 'member':
      return vscode.l10n.t('by member');
    case 'age':
      return vscode.l10n.t('by age');
  }
}

function conflictItem(entry: ConflictEntry, grouping: Grouping, nowMs: number): vscode.TreeItem {
  const item = new vscode.TreeItem(entry.excerpt);
  const who = entry.isOwn ? vscode.l10n.t('you') : entry.authorName;
  const line = vscode.l10n.t('line {0}', entry.line + 1);
  const place = grouping === 'file' ? line : `${entry.path}:${entry.line + 1}`;
  const why = shortReason(entry.reason);
  const age = elapsed(entry.madeAtMs, nowMs);
  const facts = grouping === 'member' ? [place, why, age] : [who, place, why, age];
  item.id = `conflict ${grouping} ${entry.conflictId}`;
  item.description = facts.join(' · ');
  item.contextValue = entry.isOwn ? 'conflict.own' : 'conflict.other';
  item.iconPath = new vscode.ThemeIcon(
    entry.isOwn ? 'warning' : 'git-pull-request-draft',
    new vscode.ThemeColor('agentWorld.refusedEdit'),
  );
  item.command = {
    command: 'agentWorld.goToConflict',
    title: vscode.l10n.t('Go to Its Place'),
    arguments: [`conflict ${entry.conflictId}` satisfies ConflictNode],
  };
  item.accessibilityInformation = {
    label: vscode.l10n.t(
      'Conflict: {0} by {1} in {2}, {3}, {4}, {5}',
      entry.excerpt,
      who,
      entry.path,
      line,
      why,
      age,
    ),
  };
  return item;
}

function shortReason(reason: string): string {
  switch (reason) {
    case 'overlap':
      return vscode.l10n.t('same text');
    case 'concurrent':
      return vscode.l10n.t('same time');
    case 'deleted':
      return vscode.l10n.t('file deleted');
    case 'too_stale':
      return vscode.l10n.t('too old');
    case 'range_changed':
      return vscode.l10n.t('text changed');
    case 'path_taken':
      return vscode.l10n.t('name taken');
    case 'renamed':
      return vscode.l10n.t('file renamed');
    case 'extends':
      return vscode.l10n.t('builds on a decided one');
    default:
      return vscode.l10n.t('refused');
  }
}
