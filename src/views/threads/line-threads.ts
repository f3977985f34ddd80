/**
 * Owns: threads beside lines of open files, in VS Code's own comment look: makes, changes and removes them so that only
 * what differs is drawn again. Does not know: what they are about.
 */
import * as vscode from 'vscode';
import type { LineRange } from '../../core/map-position.ts';
import type { Disposable } from '../../editor/disposable-store.ts';

/** Told apart from the threads of other extensions by this, also in the manifest's menus. */
const CONTROLLER = 'agentWorld.threads';

export interface ShownComment {
  readonly author: string;
  /** Plain text, or markup for code: of that a screen reader is given the source, so it is to read well. */
  readonly body: string | vscode.MarkdownString;
  /** What is said beside the name. */
  readonly label?: string;
  readonly atMs?: number;
}

export interface ShownThread {
  /** No two threads have the same. */
  readonly id: string;
  readonly uri: vscode.Uri;
  readonly lines: LineRange;
  readonly label: string;
  /** What the menus of the manifest go by. */
  readonly contextValue: string;
  /** True while somebody has to see to it. */
  readonly isOpen: boolean;
  readonly canReply: boolean;
  readonly comments: readonly ShownComment[];
}

/** What was typed as an answer in a thread. */
export interface ThreadReply {
  readonly id: string;
  readonly text: string;
}

interface Kept {
  readonly thread: vscode.CommentThread;
  shown: ShownThread;
}

export class LineThreads implements Disposable {
  /** Made with the first thread: a window without any has nothing of it. */
  #controller: vscode.CommentController | undefined;
  /** By subject, then by id. */
  readonly #kept = new Map<string, Map<string, Kept>>();
  /** The thread that was unfolded for the user, and is folded when another one is. */
  #unfolded: string | undefined;
  /** One that is to be unfolded once it is there. */
  #awaited: string | undefined;
  /** Threads in which the user has just answered, until nobody has to see to them any more. */
  readonly #answered = new Set<string>();

  /** These are the threads of a subject now. */
  show(subject: string, threads: readonly ShownThread[]): void {
    const before = this.#kept.get(subject) ?? new Map<string, Kept>();
    if (threads.length === 0 && before.size === 0) return;
    const after = new Map<string, Kept>();
    for (const shown of threads) after.set(shown.id, this.#put(before.get(shown.id), shown));
    for (const [id, { thread }] of before) if (!after.has(id)) this.#remove(id, thread);
    this.#kept.set(subject, after);
    if (this.#awaited !== undefined && this.#find(this.#awaited)) this.unfold(this.#awaited);
  }

  /** Shows what a thread says below its lines, now or once it is there; the keyboard stays where it is. */
  unfold(id: string): void {
    if (this.#unfolded !== id) this.fold();
    const kept = this.#find(id);
    this.#awaited = kept ? undefined : id;
    if (kept === undefined) return;
    this.#unfolded = id;
    const { Collapsed, Expanded } = vscode.CommentThreadCollapsibleState;
    // What the user folds is not told to extensions, and of an extension only a change is taken.
    kept.thread.collapsibleState = Collapsed;
    kept.thread.collapsibleState = Expanded;
  }

  /** Folds what `unfold` unfolded last. */
  fold(): void {
    const kept = this.#unfolded === undefined ? undefined : this.#find(this.#unfolded);
    if (kept) kept.thread.collapsibleState = vscode.CommentThreadCollapsibleState.Collapsed;
    this.#unfolded = undefined;
    this.#awaited = undefined;
  }

  /**
   * The user answered in a thread: it is folded together with its end. VS Code folds what has ended by itself, too, but
   * then once more a moment later, which would close it on whoever opens it in between.
   */
  foldWhenDone(id: string): void {
    if (this.#find(id)?.shown.isOpen === true) this.#answered.add(id);
  }

  /** The thread that VS Code hands a command of a thread's menu. */
  idOf(argument: unknown): string | undefined {
    for (const threads of this.#kept.values()) {
      for (const [id, { thread }] of threads) if (thread === argument) return id;
    }
    return undefined;
  }

  /** What VS Code hands a command below the box of an answer. */
  replyOf(argument: unknown): ThreadReply | undefined {
    const { thread, text } = (argument ?? {}) as Partial<vscode.CommentReply>;
    const id = this.idOf(thread);
    return id === undefined || typeof text !== 'string' ? undefined : { id, text };
  }

  dispose(): void {
    this.#controller?.dispose();
    this.#kept.clear();
    this.#answered.clear();
  }

  #remove(id: string, thread: vscode.CommentThread): void {
    this.#answered.delete(id);
    thread.dispose();
  }

  #find(id: string): Kept | undefined {
    for (const threads of this.#kept.values()) {
      const kept = threads.get(id);
      if (kept) return kept;
    }
    return undefined;
  }

  #put(kept: Kept | undefined, shown: ShownThread): Kept {
    if (kept === undefined || kept.shown.uri.toString() !== shown.uri.toString()) {
      kept?.thread.dispose();
      return this.#make(shown);
    }
    const { thread, shown: before } = kept;
    const range = rangeOf(shown.lines);
    // Each of these is drawn again by VS Code, whether it differs or not.
    if (!thread.range?.isEqual(range)) thread.range = range;
    if (before.label !== shown.label) thread.label = shown.label;
    if (before.contextValue !== shown.contextValue) thread.contextValue = shown.contextValue;
    if (before.canReply !== shown.canReply) thread.canReply = shown.canReply;
    if (before.isOpen !== shown.isOpen) thread.state = stateOf(shown);
    if (!shown.isOpen && this.#answered.delete(shown.id) && foldsWhatHasEnded()) {
      thread.collapsibleState = vscode.CommentThreadCollapsibleState.Collapsed;
    }
    if (!sameComments(before.comments, shown.comments)) thread.comments = commentsOf(shown);
    kept.shown = shown;
    return kept;
  }

  #make(shown: ShownThread): Kept {
    const thread = this.#controllerMade().createCommentThread(
      shown.uri,
      rangeOf(shown.lines),
      commentsOf(shown),
    );
    thread.label = shown.label;
    thread.contextValue = shown.contextValue;
    thread.canReply = shown.canReply;
    thread.state = stateOf(shown);
    // Folded is how VS Code begins: nothing moves the lines that somebody types in. To say so would fold it once more a
    // moment later, when what is said of a new thread arrives, and by then the user may have opened it.
    return { thread, shown };
  }

  #controllerMade(): vscode.CommentController {
    if (this.#controller === undefined) {
      this.#controller = vscode.comments.createCommentController(CONTROLLER, 'Agent World');
      this.#controller.options = {
        prompt: vscode.l10n.t('Answer…'),
        placeHolder: vscode.l10n.t('It is kept in the history, where every member can read it.'),
      };
    }
    return this.#controller;
  }
}

/** As the user has it for the threads of all extensions. */
function foldsWhatHasEnded(): boolean {
  return vscode.workspace.getConfiguration('comments').get('collapseOnResolve', true);
}

function rangeOf({ firstLine, lastLine }: LineRange): vscode.Range {
  return new vscode.Range(firstLine, 0, lastLine, 0);
}

function stateOf({ isOpen }: ShownThread): vscode.CommentThreadState {
  return isOpen ? vscode.CommentThreadState.Unresolved : vscode.CommentThreadState.Resolved;
}

function commentsOf({ comments }: ShownThread): vscode.Comment[] {
  return comments.map(({ author, body, label, atMs }) => ({
    author: { name: author },
    body,
    mode: vscode.CommentMode.Preview,
    ...(label !== undefined && { label }),
    ...(atMs !== undefined && { timestamp: new Date(atMs) }),
  }));
}

function sameComments(some: readonly ShownComment[], others: readonly ShownComment[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ author, body, label, atMs }, index) => {
      const other = others[index]!;
      const isSame = author === other.author && label === other.label && atMs === other.atMs;
      return isSame && sourceOf(body) === sourceOf(other.body);
    })
  );
}

function sourceOf(body: ShownComment['body']): string {
  return typeof body === 'string' ? body : body.value;
}
