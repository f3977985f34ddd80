import path from 'node:path';
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { ReviewHunk } from '../../review/review-hunk.ts';
import { exportRule } from '../../world/export-rule.ts';
import { memberName } from '../../world/member-name.ts';
import { ToldTree } from '../trees/told-tree.ts';
import {
  type FoundRow,
  filesIn,
  hunksOf,
  parentOf,
  type ReviewBoard,
  type ReviewNode,
  rowOf,
  rowsBelow,
} from './review-board.ts';
import {
  changesText,
  countText,
  filesText,
  hunkLabel,
  hunkText,
  turnLabel,
} from './review-words.ts';

export interface ReviewTreeOptions {
  readonly current: () => FolderWorld | undefined;
  readonly board: () => ReviewBoard | undefined;
  /** Whether a change is to be taken back when its turns have ended. */
  readonly isWaiting: (hunk: ReviewHunk) => boolean;
  readonly nowMs: () => number;
  readonly onVisible: () => void;
}

/** The view "Agents' Work": it is there while agents did something that nobody has looked at. */
export class ReviewTree implements Disposable {
  readonly #options: ReviewTreeOptions;
  readonly #store = new DisposableStore();
  readonly #tree: ToldTree<ReviewNode>;
  #size = -1;

  constructor(options: ReviewTreeOptions) {
    this.#options = options;
    this.#tree = this.#store.add(
      new ToldTree({
        viewId: 'agentWorld.review',
        rows: {
          children: (node) => rowsBelow(this.#agents, node),
          item: (node) => this.#item(node),
          parent: parentOf,
        },
        isCalm: true,
        beside: (view) => this.#showBeside(view),
      }),
    );
    this.#store.add(
      this.#tree.view.onDidChangeVisibility(({ visible }) => {
        if (!visible) return;
        options.onVisible();
        // What the rows say of ages was written when they were last drawn.
        this.#tree.update();
      }),
    );
  }

  get isVisible(): boolean {
    return this.#tree.isVisible;
  }

  update(): void {
    this.#tree.update();
  }

  /** The same after the user decided something. */
  updateNow(): void {
    this.#tree.updateNow();
  }

  /** Shows the view. */
  async show(): Promise<void> {
    await vscode.commands.executeCommand('agentWorld.review.focus');
  }

  dispose(): void {
    this.#store.dispose();
  }

  get #agents() {
    return this.#options.board()?.agents ?? [];
  }

  #item(node: ReviewNode): vscode.TreeItem {
    const current = this.#options.current();
    const row = rowOf(this.#agents, node);
    if (!current || !row) return new vscode.TreeItem('');
    const item = this.#itemOf(current, row, node);
    const { isWaiting, board } = this.#options;
    const hunks = hunksOf(row);
    if (hunks.some((hunk) => board()?.isRunning(hunk) === true)) item.contextValue += '.running';
    return row.turn && hunks.some(isWaiting) ? shownWaiting(item) : item;
  }

  #itemOf(current: FolderWorld, row: FoundRow, node: ReviewNode): vscode.TreeItem {
    if (row.hunk) return hunkItem(row.hunk, node);
    if (row.file) return fileItem(current, row.file, node);
    return row.turn ? this.#turnItem(row, row.turn.turn) : agentItem(current, row);
  }

  #turnItem(row: FoundRow, turnId: number | undefined): vscode.TreeItem {
    const board = this.#options.board();
    const turn = turnId === undefined ? undefined : board?.turn(turnId);
    const isOpen = turnId !== undefined && board?.isOpen(turnId) === true;
    const label = turnLabel(turn, turnId !== undefined, this.#options.nowMs());
    const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Expanded);
    const count = countText(hunksOf(row).length, row.turn?.files.length ?? 0);
    const state = isOpen ? [vscode.l10n.t('still running')] : [];
    item.description = [count, ...state].join(' · ');
    item.iconPath = new vscode.ThemeIcon(isOpen ? 'sync' : 'comment');
    item.contextValue = 'reviewTurn';
    item.accessibilityInformation = { label: [label, count, ...state].join(', ') };
    return item;
  }

  #showBeside(view: vscode.TreeView<ReviewNode>): void {
    const board = this.#options.board();
    const size = board?.fileCount ?? 0;
    // Beside rows that are yet to be read there is no number; where nobody looks it is all there is.
    const isUnread = view.visible && board?.isRead !== true;
    const current = this.#options.current();
    const isNeeded = current !== undefined && exportRule(current.session) === 'reviewed';
    const why = isNeeded ? [vscode.l10n.t('export waits')] : [];
    const description = size === 0 || isUnread ? '' : [filesText(size), ...why].join(' · ');
    // No badge: what waits for nobody is not counted beside what waits for an answer.
    if (view.description !== description) view.description = description;
    if (size === this.#size) return;
    this.#size = size;
    void vscode.commands.executeCommand('setContext', 'agentWorld.unreviewed', size);
  }
}

/** A row with something that is to be taken back when its turns have ended. */
function shownWaiting(item: vscode.TreeItem): vscode.TreeItem {
  const text = vscode.l10n.t('goes at the turn’s end');
  const label = item.accessibilityInformation?.label;
  item.contextValue += '.waiting';
  item.description = [text, item.description].filter(Boolean).join(' · ');
  item.accessibilityInformation = { label: [label, text].filter(Boolean).join(', ') };
  return item;
}

function agentItem({ session }: FolderWorld, row: FoundRow): vscode.TreeItem {
  const name = memberName(session.view, row.agent.agent);
  const files = filesIn([row.agent]);
  const item = new vscode.TreeItem(name, vscode.TreeItemCollapsibleState.Expanded);
  const count = countText(hunksOf(row).length, files.size);
  item.description = count;
  item.iconPath = new vscode.ThemeIcon('hubot');
  item.contextValue = 'reviewAgent';
  item.accessibilityInformation = { label: `${name}, ${count}` };
  return item;
}

function fileItem(
  { folder }: FolderWorld,
  { head, hunks }: NonNullable<FoundRow['file']>,
  node: ReviewNode,
): vscode.TreeItem {
  const name = path.posix.basename(head.path);
  const item = new vscode.TreeItem(name, vscode.TreeItemCollapsibleState.Collapsed);
  const place = path.posix.dirname(head.path);
  item.resourceUri = vscode.Uri.joinPath(folder.uri, head.path);
  item.iconPath = vscode.ThemeIcon.File;
  const count = changesText(hunks.length);
  item.description = [...(place === '.' ? [] : [place]), count].join(' · ');
  item.tooltip = head.path;
  item.contextValue = 'reviewFile';
  item.accessibilityInformation = { label: `${head.path}, ${count}` };
  item.command = openCommand(node);
  return item;
}

function hunkItem(hunk: ReviewHunk, node: ReviewNode): vscode.TreeItem {
  const label = hunkLabel(hunk);
  const item = new vscode.TreeItem(label);
  const text = hunkText(hunk);
  const isBuiltOn = hunk.tag === 'text' && hunk.builtOn.length > 0;
  const others = isBuiltOn ? [vscode.l10n.t('others wrote in it')] : [];
  item.description = [...others, text].join(' · ');
  item.iconPath = new vscode.ThemeIcon(iconOf(hunk));
  item.contextValue = 'reviewHunk';
  item.accessibilityInformation = { label: [label, ...others, text].join(', ') };
  item.command = openCommand(node);
  return item;
}

function iconOf(hunk: ReviewHunk): string {
  if (hunk.tag === 'whole') return 'file';
  return { added: 'diff-added', changed: 'diff-modified', removed: 'diff-removed' }[hunk.what];
}

function openCommand(node: ReviewNode): vscode.Command {
  return { command: 'agentWorld.openWork', title: vscode.l10n.t('Open'), arguments: [node] };
}
