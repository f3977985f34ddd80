import path from 'node:path';
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { RestorationItem } from '../../core/restoration.ts';
import type { Restoration } from '../../world/restoration-rows.ts';
import { elapsed } from '../elapsed.ts';
import { tooltipLines } from '../tooltip-lines.ts';
import { ToldTree } from '../trees/told-tree.ts';
import { listedQuestions, mayAnswer, questionsForUser } from './asked-questions.ts';
import { answerersText, causeText, folderText, questionText, workText } from './question-words.ts';

/** An element of the tree: a question, a file of one, or what is not named of one. */
export type QuestionNode = `question ${number}` | `file ${number} ${number}` | `more ${number}`;

export interface QuestionTreeOptions {
  readonly current: () => FolderWorld | undefined;
  readonly nowMs: () => number;
}

/** The view "Folders Ask": it is there while some folder asks, or is paused by an answer. */
export class QuestionTree implements Disposable {
  readonly #options: QuestionTreeOptions;
  readonly #store = new DisposableStore();
  readonly #tree: ToldTree<QuestionNode>;
  #size = -1;

  constructor(options: QuestionTreeOptions) {
    this.#options = options;
    this.#tree = this.#store.add(
      new ToldTree({
        viewId: 'agentWorld.restorations',
        rows: {
          children: (node) => this.#children(node),
          item: (node) => this.#item(node),
          parent: parentOf,
        },
        beside: (view) => this.#showBeside(view),
      }),
    );
    this.#store.add(
      this.#tree.view.onDidChangeVisibility(({ visible }) => {
        // What the rows say of ages was written when they were last drawn.
        if (visible) this.#tree.update();
      }),
    );
  }

  update(): void {
    this.#tree.update();
  }

  /** Shows the view, and a question in it. */
  async show(restorationId?: number): Promise<void> {
    await vscode.commands.executeCommand('agentWorld.restorations.focus');
    if (restorationId === undefined || this.#question(restorationId) === undefined) return;
    await this.#tree.view.reveal(`question ${restorationId}`, { focus: true, expand: true });
  }

  dispose(): void {
    this.#store.dispose();
  }

  #question(restorationId: number): Restoration | undefined {
    return this.#options.current()?.session.view.restorations.questions.get(restorationId);
  }

  #children(node: QuestionNode | undefined): readonly QuestionNode[] {
    const session = this.#options.current()?.session;
    if (session === undefined) return [];
    if (node === undefined) {
      return listedQuestions(session).map((each): QuestionNode => `question ${each.restorationId}`);
    }
    const question = node.startsWith('question ')
      ? this.#question(questionNumberOf(node))
      : undefined;
    if (question === undefined) return [];
    const { restorationId, items, fileCount } = question;
    return [
      ...items.map(({ fileId }): QuestionNode => `file ${restorationId} ${fileId}`),
      ...(fileCount > items.length ? [`more ${restorationId}` as const] : []),
    ];
  }

  #item(node: QuestionNode): vscode.TreeItem {
    const current = this.#options.current();
    const question = this.#question(questionNumberOf(node));
    if (current === undefined || question === undefined) return new vscode.TreeItem('');
    if (node.startsWith('more ')) {
      const rest = question.fileCount - question.items.length;
      return new vscode.TreeItem(vscode.l10n.t('and {0} more', rest));
    }
    const fileId = fileOf(node);
    const file = question.items.find((each) => each.fileId === fileId);
    if (fileId === undefined) return this.#questionItem(current, question, node);
    return file ? fileItem(current, question, file, node) : new vscode.TreeItem('');
  }

  #questionItem(
    { session }: FolderWorld,
    question: Restoration,
    node: QuestionNode,
  ): vscode.TreeItem {
    const { t } = vscode.l10n;
    const isOpen = question.status === 'open';
    const isUsers = mayAnswer(session, question);
    const sentence = questionText(session, question);
    const age = elapsed(question.askedAtMs, this.#options.nowMs());
    const state = isOpen ? t('waits for an answer') : t('left as it is: paused');
    const item = new vscode.TreeItem(
      causeText(question),
      isOpen && isUsers
        ? vscode.TreeItemCollapsibleState.Expanded
        : vscode.TreeItemCollapsibleState.Collapsed,
    );
    const whose = workText(session, question);
    const folder = folderText(session, question);
    item.description = [folder, whose, ...(isOpen ? [] : [state]), age].join(' · ');
    item.tooltip = tooltipLines([`${sentence}.`, answerersText(session, question), state]);
    item.contextValue = `question.${isOpen ? 'open' : 'left'}${isUsers ? '.answerable' : ''}`;
    item.iconPath = new vscode.ThemeIcon(
      isOpen ? 'question' : 'debug-pause',
      isOpen && isUsers ? new vscode.ThemeColor('list.warningForeground') : undefined,
    );
    item.accessibilityInformation = { label: `${sentence}, ${state}, ${age}` };
    if (isUsers) {
      item.command = {
        command: 'agentWorld.answerFolder',
        title: t('Answer…'),
        arguments: [node],
      };
    }
    return item;
  }

  #showBeside(view: vscode.TreeView<QuestionNode>): void {
    const session = this.#options.current()?.session;
    const size = session ? listedQuestions(session).length : 0;
    const open = session ? questionsForUser(session).length : 0;
    view.badge =
      open === 0
        ? undefined
        : { value: open, tooltip: vscode.l10n.t('Questions of folders: {0}', open) };
    if (size === this.#size) return;
    this.#size = size;
    void vscode.commands.executeCommand('setContext', 'agentWorld.foldersAsk', size);
  }
}

/** The number of the question that a row belongs to. */
export function questionNumberOf(node: QuestionNode): number {
  return Number(node.split(' ')[1]);
}

/** The file that a row is about. */
export function fileOf(node: QuestionNode): number | undefined {
  return node.startsWith('file ') ? Number(node.split(' ')[2]) : undefined;
}

function parentOf(node: QuestionNode): QuestionNode | undefined {
  return node.startsWith('question ') ? undefined : `question ${questionNumberOf(node)}`;
}

function fileItem(
  { folder }: FolderWorld,
  question: Restoration,
  { path: file, what }: RestorationItem,
  node: QuestionNode,
): vscode.TreeItem {
  const { t } = vscode.l10n;
  const name = path.posix.basename(file);
  const item = new vscode.TreeItem(name);
  const isGone = what === 'deleted';
  const place = path.posix.dirname(file);
  const facts = [...(place === '.' ? [] : [place]), ...(isGone ? [t('gone there')] : [])];
  item.resourceUri = vscode.Uri.joinPath(folder.uri, file);
  item.iconPath = vscode.ThemeIcon.File;
  item.description = facts.join(' · ');
  item.contextValue = `questionFile.${what}`;
  item.tooltip = file;
  item.accessibilityInformation = {
    label: [file, ...(isGone ? [t('gone there')] : [])].join(', '),
  };
  item.command = {
    command: 'agentWorld.openFolderFile',
    title: t('Open'),
    arguments: [node],
  };
  return item;
}
