import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { entryItem, type HistoryNode, moreItem, opItem, type RowParts } from './history-items.ts';
import type { HistoryList } from './history-list.ts';

export interface HistoryTreeOptions {
  readonly nowMs: () => number;
  /** Somebody looks at the view, or looks away. */
  readonly onVisible: (isVisible: boolean) => void;
}

/** What the view shows: a part of a world's history. */
export interface ShownHistory {
  readonly session: WorldSession;
  readonly list: HistoryList;
  /** What part it is, for the view's title row. */
  readonly description: string;
}

const MINUTE_MS = 60_000;

/** The view "History": newest first, as much as was asked for. */
export class HistoryTree implements Disposable, vscode.TreeDataProvider<HistoryNode> {
  readonly #options: HistoryTreeOptions;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<HistoryNode | undefined>());
  readonly #view: vscode.TreeView<HistoryNode>;
  #shown: ShownHistory | undefined;
  #ageing: NodeJS.Timeout | undefined;

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(options: HistoryTreeOptions) {
    this.#options = options;
    this.#view = this.#store.add(
      vscode.window.createTreeView('agentWorld.history', {
        treeDataProvider: this,
        showCollapseAll: true,
      }),
    );
    // Once a description is set, VS Code shows no title but one that was set, too.
    this.#view.title = vscode.l10n.t('History');
    this.#store.add(this.#view.onDidChangeVisibility(({ visible }) => this.#seen(visible)));
    this.#store.addStop(() => clearInterval(this.#ageing));
  }

  get isVisible(): boolean {
    return this.#view.visible;
  }

  /** Shows a history, or none; call again whenever it has become longer. */
  show(shown: ShownHistory | undefined): void {
    this.#shown = shown;
    this.#view.description = shown?.description ?? '';
    this.#view.message =
      shown?.list.isRead && shown.list.entries.length === 0
        ? vscode.l10n.t('Nothing here yet. Choose another member, or show the whole world.')
        : '';
    this.#changed.fire(undefined);
  }

  getTreeItem(node: HistoryNode): vscode.TreeItem {
    const shown = this.#shown;
    const parts = this.#parts();
    if (node === 'more') return moreItem();
    const seq = numberOf(node);
    if (node.startsWith('op ')) {
      const op = shown?.list.op(seq);
      return op && parts ? opItem(op, parts) : new vscode.TreeItem('');
    }
    const entry = shown?.list.entryOf(seq);
    return entry && parts ? entryItem(entry, parts) : new vscode.TreeItem('');
  }

  getChildren(node?: HistoryNode): HistoryNode[] {
    const list = this.#shown?.list;
    if (!list) return [];
    if (node === undefined) {
      const entries = list.entries.map(({ ops }): HistoryNode => `entry ${ops[0]!.opSeq}`);
      return list.hasOlder ? [...entries, 'more'] : entries;
    }
    if (!node.startsWith('entry ')) return [];
    const { ops = [] } = list.entryOf(numberOf(node)) ?? {};
    return ops.slice(0, MOST_OPS).map(({ opSeq }): HistoryNode => `op ${opSeq}`);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #parts(): RowParts | undefined {
    const shown = this.#shown;
    if (!shown) return undefined;
    const { session, list } = shown;
    const isOfFile = list.filter.fileId !== undefined;
    return { session, nowMs: this.#options.nowMs(), isOfFile };
  }

  #seen(isVisible: boolean): void {
    clearInterval(this.#ageing);
    this.#ageing = undefined;
    this.#options.onVisible(isVisible);
    if (!isVisible) return;
    this.#changed.fire(undefined);
    this.#ageing = setInterval(() => this.#changed.fire(undefined), MINUTE_MS);
  }
}

/** An entry of more single ops than these shows the newest; the list of a file has them all. */
const MOST_OPS = 500;

export function numberOf(node: HistoryNode): number {
  return Number(node.slice(node.indexOf(' ') + 1));
}
