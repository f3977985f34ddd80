import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { ToldTree } from '../trees/told-tree.ts';
import {
  entryItem,
  entryNode,
  type HistoryNode,
  moreItem,
  opItem,
  type RowParts,
} from './history-items.ts';
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
export class HistoryTree implements Disposable {
  readonly #options: HistoryTreeOptions;
  readonly #store = new DisposableStore();
  readonly #tree: ToldTree<HistoryNode>;
  #shown: ShownHistory | undefined;
  #ageing: NodeJS.Timeout | undefined;

  constructor(options: HistoryTreeOptions) {
    this.#options = options;
    this.#tree = this.#store.add(
      new ToldTree({
        viewId: 'agentWorld.history',
        rows: { children: (node) => this.#children(node), item: (node) => this.#item(node) },
        view: { showCollapseAll: true },
        beside: (view) => this.#showBeside(view),
      }),
    );
    const { view } = this.#tree;
    // Once a description is set, VS Code shows no title but one that was set, too.
    view.title = vscode.l10n.t('History');
    this.#store.add(view.onDidChangeVisibility(({ visible }) => this.#seen(visible)));
    this.#store.addStop(() => clearInterval(this.#ageing));
  }

  get isVisible(): boolean {
    return this.#tree.isVisible;
  }

  /** Shows a history, or none; call again whenever it has become longer. */
  show(shown: ShownHistory | undefined): void {
    this.#shown = shown;
    this.#tree.update();
  }

  dispose(): void {
    this.#store.dispose();
  }

  #showBeside(view: vscode.TreeView<HistoryNode>): void {
    const shown = this.#shown;
    const message =
      shown?.list.isRead && shown.list.entries.length === 0
        ? vscode.l10n.t('Nothing here yet. Choose another member, or show the whole world.')
        : '';
    view.description = shown?.description ?? '';
    if (view.message !== message) view.message = message;
  }

  #item(node: HistoryNode): vscode.TreeItem {
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

  #children(node?: HistoryNode): readonly HistoryNode[] {
    const list = this.#shown?.list;
    if (!list) return [];
    if (node === undefined) {
      const entries = list.entries.map(entryNode);
      return list.hasOlder ? [...entries, 'more'] : entries;
    }
    if (!node.startsWith('entry ')) return [];
    const { ops = [] } = list.entryOf(numberOf(node)) ?? {};
    return ops.slice(0, MOST_OPS).map(({ opSeq }): HistoryNode => `op ${opSeq}`);
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
    this.#tree.update();
    this.#ageing = setInterval(() => this.#tree.update(), MINUTE_MS);
  }
}

/** An entry of more single ops than these shows the newest; the list of a file has them all. */
const MOST_OPS = 500;

export function numberOf(node: HistoryNode): number {
  return Number(node.slice(node.indexOf(' ') + 1));
}
