import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import { memberName } from '../../world/member-name.ts';
import type { Checkpoint, Conversation, ConversationKey } from '../../world/note-book.ts';
import { elapsed } from '../elapsed.ts';
import { ToldTree } from '../trees/told-tree.ts';
import type { NoteDesk } from './note-desk.ts';
import { authorName, conversationName, shortText, timeText } from './note-words.ts';

/** An element of the tree. Told apart by VS Code by its value. */
export type NoteNode =
  | 'group messages'
  | 'group checkpoints'
  | `conversation ${ConversationKey}`
  | `checkpoint ${number}`;

export interface NoteTreeOptions {
  readonly desk: () => NoteDesk | undefined;
  readonly nowMs: () => number;
}

/** The view "Messages and Checkpoints": who said what last, and the named points of the history. */
export class NoteTree implements Disposable {
  readonly #options: NoteTreeOptions;
  readonly #store = new DisposableStore();
  readonly #tree: ToldTree<NoteNode>;
  #ageing: NodeJS.Timeout | undefined;

  constructor(options: NoteTreeOptions) {
    this.#options = options;
    this.#tree = this.#store.add(
      new ToldTree({
        viewId: 'agentWorld.notes',
        rows: { children: (node) => this.#children(node), item: (node) => this.#item(node) },
        beside: (view) => this.#showBeside(view),
      }),
    );
    this.#store.add(
      this.#tree.view.onDidChangeVisibility(({ visible }) => {
        // What the rows say of ages was written when they were last drawn.
        if (visible) this.update();
        clearInterval(this.#ageing);
        this.#ageing = visible ? setInterval(() => this.update(), MINUTE_MS) : undefined;
      }),
    );
    this.#store.addStop(() => clearInterval(this.#ageing));
  }

  update(): void {
    this.#tree.update();
  }

  dispose(): void {
    this.#store.dispose();
  }

  #item(node: NoteNode): vscode.TreeItem {
    const desk = this.#options.desk();
    if (desk === undefined) return new vscode.TreeItem('');
    if (node === 'group messages' || node === 'group checkpoints') return groupItem(node);
    if (node.startsWith('conversation ')) {
      const conversation = desk.book.conversation(keyIn(node)!);
      if (conversation) return conversationItem(desk, conversation, this.#options.nowMs());
    }
    const checkpoint = checkpointIn(desk, node);
    return checkpoint
      ? checkpointItem(desk, checkpoint, this.#options.nowMs())
      : new vscode.TreeItem('');
  }

  #children(node?: NoteNode): readonly NoteNode[] {
    const book = this.#options.desk()?.book;
    if (book === undefined) return [];
    const conversations = book.conversations();
    const checkpoints = book.checkpoints();
    if (node === 'group messages') {
      return conversations.map(({ key }): NoteNode => `conversation ${key}`);
    }
    if (node === 'group checkpoints') {
      return checkpoints.map(({ opSeq }): NoteNode => `checkpoint ${opSeq}`);
    }
    if (node !== undefined) return [];
    return [
      ...(conversations.length > 0 ? (['group messages'] as const) : []),
      ...(checkpoints.length > 0 ? (['group checkpoints'] as const) : []),
    ];
  }

  #showBeside(view: vscode.TreeView<NoteNode>): void {
    const unread = this.#options.desk()?.unread.length ?? 0;
    view.badge =
      unread === 0
        ? undefined
        : { value: unread, tooltip: vscode.l10n.t('Unread messages: {0}', unread) };
    const count = this.#children().length;
    void vscode.commands.executeCommand('setContext', 'agentWorld.notes', count);
    void vscode.commands.executeCommand('setContext', 'agentWorld.unreadMessages', unread);
  }
}

const MINUTE_MS = 60_000;

/** The conversation that a command was called on. */
export function keyIn(argument: unknown): ConversationKey | undefined {
  return typeof argument === 'string' && argument.startsWith('conversation ')
    ? (argument.slice('conversation '.length) as ConversationKey)
    : undefined;
}

/** The checkpoint that a command was called on. */
export function checkpointIn({ book }: NoteDesk, argument: unknown): Checkpoint | undefined {
  const number =
    typeof argument === 'string' ? /^checkpoint (\d+)$/.exec(argument)?.[1] : undefined;
  if (number === undefined) return undefined;
  return book.checkpoints().find(({ opSeq }) => opSeq === Number(number));
}

function groupItem(node: 'group messages' | 'group checkpoints'): vscode.TreeItem {
  const label =
    node === 'group messages' ? vscode.l10n.t('Messages') : vscode.l10n.t('Checkpoints');
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Expanded);
  item.contextValue = node === 'group messages' ? 'noteGroup.messages' : 'noteGroup.checkpoints';
  return item;
}

function conversationItem(
  desk: NoteDesk,
  { key, messages }: Conversation,
  nowMs: number,
): vscode.TreeItem {
  const { session } = desk;
  const last = messages.at(-1)!;
  const unread = desk.unreadIn(key).length;
  const name = conversationName(session, key);
  const said = `${authorName(session, last.author)}: ${shortText(last.text)}`;
  const news = unread === 0 ? '' : vscode.l10n.t('{0} unread', unread);
  const facts = [news, said, elapsed(last.madeAtMs, nowMs)].filter((fact) => fact !== '');
  const node = `conversation ${key}` satisfies NoteNode;
  const item = new vscode.TreeItem(name);
  item.description = facts.join(' · ');
  item.tooltip = new vscode.MarkdownString().appendText(`${name}\n${said}`);
  item.contextValue = unread === 0 ? 'conversation.read' : 'conversation.unread';
  item.iconPath =
    unread === 0
      ? new vscode.ThemeIcon('comment-discussion')
      : new vscode.ThemeIcon('mail', new vscode.ThemeColor('agentWorld.unreadMessage'));
  item.command = {
    command: 'agentWorld.openMessages',
    title: vscode.l10n.t('Open'),
    arguments: [node],
  };
  item.accessibilityInformation = {
    label: vscode.l10n.t('Messages with {0}, {1}', name, facts.join(', ')),
  };
  return item;
}

function checkpointItem(
  { session }: NoteDesk,
  { opSeq, name, author, madeAtMs }: Checkpoint,
  nowMs: number,
): vscode.TreeItem {
  const item = new vscode.TreeItem(shortText(name));
  const who = memberName(session.view, author);
  const facts = [who, elapsed(madeAtMs, nowMs)];
  const node: NoteNode = `checkpoint ${opSeq}`;
  item.command = {
    command: 'agentWorld.compareWorld',
    title: vscode.l10n.t('Compare All Files with This Checkpoint'),
    arguments: [node],
  };
  item.description = facts.join(' · ');
  item.tooltip = new vscode.MarkdownString().appendText(
    `${name}\n${who} · ${timeText(madeAtMs)}\n${vscode.l10n.t('Point {0} of the history', opSeq)}`,
  );
  item.contextValue = 'checkpoint';
  item.iconPath = new vscode.ThemeIcon('bookmark');
  item.accessibilityInformation = {
    label: vscode.l10n.t('Checkpoint {0}, {1}', name, facts.join(', ')),
  };
  return item;
}
