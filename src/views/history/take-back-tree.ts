import path from 'node:path';
import * as vscode from 'vscode';
import { isClean, type TakeBackHunk } from '../../core/take-back.ts';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { TakeBackFile } from '../../world/take-back.ts';
import { ToldTree } from '../trees/told-tree.ts';
import { whoText } from './history-words.ts';
import type { ReviewPart, TakeBackReview } from './take-back-review.ts';

/** A row, told apart by its value: a file, what became of it, a hunk, what others built on that. */
export type TakeBackNode =
  `file ${number}` | `fate ${number}` | `hunk ${number} ${number}` | `built ${number} ${number}`;

export interface ShownReview {
  readonly current: FolderWorld;
  readonly review: TakeBackReview;
  readonly description: string;
}

/** The view "Take Back": what of a member's work is left, with a box at each part. */
export class TakeBackTree implements Disposable {
  readonly #store = new DisposableStore();
  readonly #tree: ToldTree<TakeBackNode>;
  #shown: ShownReview | undefined;

  constructor(onChoice: () => void) {
    this.#tree = this.#store.add(
      new ToldTree({
        viewId: 'agentWorld.takeBack',
        rows: { children: (node) => this.#children(node), item: (node) => this.#item(node) },
        view: { manageCheckboxStateManually: true },
        beside: (view) => {
          view.description = this.#shown?.description ?? '';
          view.message = this.#shown ? messageOf(this.#shown.review) : '';
        },
      }),
    );
    const { view } = this.#tree;
    view.title = vscode.l10n.t('Take Back');
    this.#store.add(
      view.onDidChangeCheckboxState(({ items }) => {
        for (const [node, state] of items) {
          this.#choose(node, state === vscode.TreeItemCheckboxState.Checked);
        }
        // The box of a file tells of all below it.
        const files = items.map(([node]): TakeBackNode => `file ${takenApart(node).fileId}`);
        this.#tree.updateBoxes(files);
        onChoice();
      }),
    );
  }

  show(shown: ShownReview | undefined): void {
    this.#shown = shown;
    this.#tree.update();
  }

  dispose(): void {
    this.#store.dispose();
  }

  #item(node: TakeBackNode): vscode.TreeItem {
    const shown = this.#shown;
    const { tag, fileId, hunk } = takenApart(node);
    const file = shown?.review.file(fileId);
    if (!shown || !file) return new vscode.TreeItem('');
    const item = this.#itemOf(shown, node, file);
    item.contextValue = `takeBack.${tag}`;
    item.command ??= {
      command: 'agentWorld.openTakeBack',
      title: vscode.l10n.t('Show What Would Change'),
      arguments: [node],
    };
    if (tag === 'hunk' && hunk !== undefined && file.hunks[hunk]!.builtOn.length > 0) {
      item.collapsibleState = vscode.TreeItemCollapsibleState.Expanded;
    }
    return item;
  }

  #children(node?: TakeBackNode): readonly TakeBackNode[] {
    const review = this.#shown?.review;
    if (!review) return [];
    if (node === undefined) {
      return review.plan.files.map(({ head }): TakeBackNode => `file ${head.fileId}`);
    }
    const { tag, fileId, hunk } = takenApart(node);
    const file = review.file(fileId);
    if (!file) return [];
    if (tag === 'file') {
      const hunks = file.hunks.map((_, index): TakeBackNode => `hunk ${fileId} ${index}`);
      return file.fate ? [`fate ${fileId}`, ...hunks] : hunks;
    }
    const hasMore = tag === 'hunk' && file.hunks[hunk!]!.builtOn.length > 0;
    return hasMore ? [`built ${fileId} ${hunk!}`] : [];
  }

  #choose(node: TakeBackNode, isChosen: boolean): void {
    const { tag, ...part } = takenApart(node);
    if (tag === 'file') this.#shown?.review.chooseFile(part.fileId, isChosen);
    else this.#shown?.review.choose(part, isChosen);
  }

  #itemOf(
    { current, review }: ShownReview,
    node: TakeBackNode,
    file: TakeBackFile,
  ): vscode.TreeItem {
    const { tag, ...part } = takenApart(node);
    if (tag === 'file') return fileItem(file, review);
    if (tag === 'fate') return fateItem(file, review.isChosen(part));
    const hunk = file.hunks[part.hunk!]!;
    return tag === 'hunk'
      ? hunkItem(current, hunk, review.isChosen(part))
      : builtOnItem(current, hunk, review.isChosen(part));
  }
}

/** What a row is of. */
export function takenApart(
  node: TakeBackNode,
): ReviewPart & { readonly tag: 'file' | 'fate' | 'hunk' | 'built' } {
  const [tag, file, hunk] = node.split(' ');
  const fileId = Number(file);
  switch (tag) {
    case 'hunk':
      return { tag, fileId, hunk: Number(hunk) };
    case 'built':
      return { tag, fileId, hunk: Number(hunk), isBuiltOn: true };
    default:
      return { tag: tag === 'fate' ? 'fate' : 'file', fileId };
  }
}

function messageOf(review: TakeBackReview): string {
  const { builtOnCount } = review;
  return builtOnCount === 0
    ? vscode.l10n.t('Nothing changes until you apply it.')
    : vscode.l10n.t('Others built on {0}: kept unless you choose them.', builtOnCount);
}

function fileItem(file: TakeBackFile, review: TakeBackReview): vscode.TreeItem {
  const { head, hunks, fate, hasWholeContent } = file;
  const { fileId } = head;
  const item = new vscode.TreeItem(
    path.posix.basename(head.path),
    vscode.TreeItemCollapsibleState.Expanded,
  );
  const parts = hunks.map((_, hunk) => review.isChosen({ fileId, hunk }));
  if (fate) parts.push(review.isChosen({ fileId }));
  const chosen = parts.filter((isChosen) => isChosen).length;
  const whole = hasWholeContent
    ? vscode.l10n.t('whole contents were replaced: use “Restore” for those')
    : '';
  const folder = path.posix.dirname(head.path);
  const facts = [
    folder === '.' ? '' : folder,
    vscode.l10n.t('{0} of {1}', chosen, parts.length),
    whole,
  ];
  item.description = facts.filter((fact) => fact !== '').join(' · ');
  item.iconPath = vscode.ThemeIcon.File;
  item.resourceUri = vscode.Uri.from({ scheme: 'agent-world-label', path: `/${head.path}` });
  if (parts.length > 0) item.checkboxState = box(chosen === parts.length, head.path);
  return item;
}

function fateItem({ fate }: TakeBackFile, isChosen: boolean): vscode.TreeItem {
  const label = fateText(fate);
  const item = new vscode.TreeItem(label);
  item.iconPath = new vscode.ThemeIcon(fate?.tag === 'created' ? 'trash' : 'discard');
  item.checkboxState = box(isChosen, label);
  return item;
}

function fateText(fate: TakeBackFile['fate']): string {
  switch (fate?.tag) {
    case 'deleted':
      return vscode.l10n.t('bring the deleted file back');
    case 'renamed':
      return vscode.l10n.t('rename it back to {0}', fate.from);
    default:
      return vscode.l10n.t('delete the file that was made');
  }
}

function hunkItem(current: FolderWorld, hunk: TakeBackHunk, isChosen: boolean): vscode.TreeItem {
  const { start, end, removed, restored, builtOn, overwrittenBy } = hunk;
  const lines =
    start.line === end.line
      ? vscode.l10n.t('line {0}', start.line + 1)
      : vscode.l10n.t('lines {0}–{1}', start.line + 1, end.line + 1);
  const item = new vscode.TreeItem(changeText(removed, restored));
  const origins = [...builtOn.map(({ origin }) => origin), ...overwrittenBy];
  const others = [...new Set(origins.map(({ author }) => whoText(current.session, author)))];
  const who = others.length === 0 ? '' : vscode.l10n.t('{0} built on it', others.join(', '));
  item.description = [lines, who].filter((fact) => fact !== '').join(' · ');
  item.iconPath = isClean(hunk)
    ? new vscode.ThemeIcon('edit')
    : new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  item.tooltip = tooltipOf(removed, restored);
  item.checkboxState = box(isChosen, `${item.label as string}, ${item.description}`);
  return item;
}

function builtOnItem(
  current: FolderWorld,
  { builtOn }: TakeBackHunk,
  isChosen: boolean,
): vscode.TreeItem {
  const authors = new Set(builtOn.map(({ origin }) => whoText(current.session, origin.author)));
  const text = excerpt(builtOn.map((each) => each.text).join(' … '));
  const label = vscode.l10n.t('remove “{0}” of {1}, too', text, [...authors].join(', '));
  const item = new vscode.TreeItem(label);
  item.iconPath = new vscode.ThemeIcon('person');
  item.checkboxState = box(isChosen, label);
  return item;
}

function box(isChosen: boolean, label: string): vscode.TreeItem['checkboxState'] {
  const state = isChosen
    ? vscode.TreeItemCheckboxState.Checked
    : vscode.TreeItemCheckboxState.Unchecked;
  return { state, accessibilityInformation: { label, role: 'checkbox' } };
}

function changeText(removed: string, restored: string): string {
  if (restored === '') return vscode.l10n.t('remove “{0}”', excerpt(removed));
  if (removed === '') return vscode.l10n.t('put “{0}” back', excerpt(restored));
  return vscode.l10n.t('“{0}” → “{1}”', excerpt(removed), excerpt(restored));
}

const EXCERPT_LENGTH = 40;

function excerpt(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  const characters = [...line];
  return characters.length <= EXCERPT_LENGTH
    ? line
    : `${characters.slice(0, EXCERPT_LENGTH - 1).join('')}…`;
}

function tooltipOf(removed: string, restored: string): vscode.MarkdownString {
  const tooltip = new vscode.MarkdownString();
  if (removed !== '') tooltip.appendText(vscode.l10n.t('Goes:')).appendCodeblock(removed, 'text');
  if (restored !== '') {
    tooltip.appendText(vscode.l10n.t('Comes back:')).appendCodeblock(restored, 'text');
  }
  return tooltip;
}
