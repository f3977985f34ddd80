/**
 * Owns: a thread at the place of each conflict in the open files: the words of both sides, who wants what and since
 * when. Does not know: what is done about it.
 */
import * as vscode from 'vscode';
import { excerptOf, type RefusedEditMark } from '../../decorations/refused-edit-marks.ts';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { onSetting, readSettings } from '../../editor/settings.ts';
import { Coalescer, nextTurn } from '../coalescer.ts';
import type { LineThreads, ShownComment, ShownThread } from '../threads/line-threads.ts';
import { MOST_IN_FILE, nearest } from '../threads/near-lines.ts';

const SUBJECT = 'conflicts';
/** So much of a side's text stands in a thread, in UTF-16 code units; both sides can be compared whole. */
const MOST_SHOWN = 2_000;

export class ConflictThreads implements Disposable {
  readonly #current: FolderWorld;
  readonly #threads: LineThreads;
  readonly #store = new DisposableStore();
  readonly #turn = this.#store.add(new Coalescer<'threads'>(nextTurn, () => this.#show()));

  constructor(current: FolderWorld, threads: LineThreads) {
    this.#current = current;
    this.#threads = threads;
    this.#store.add(current.onRefusedMarks(() => this.#turn.mark('threads')));
    this.#store.add(onSetting('threads.show', () => this.#turn.mark('threads')));
    this.#store.add(
      vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor: { document } }) => {
        const there = current.refusedMarks.filter((mark) => mark.document === document);
        if (there.length > MOST_IN_FILE) this.#turn.mark('threads');
      }),
    );
    this.#turn.mark('threads');
  }

  dispose(): void {
    this.#store.dispose();
    this.#threads.show(SUBJECT, []);
  }

  #show(): void {
    const marks = isWanted() ? this.#current.refusedMarks : [];
    const documents = new Set(marks.map(({ document }) => document));
    this.#threads.show(
      SUBJECT,
      [...documents].flatMap((document) =>
        nearest(marks.filter((mark) => mark.document === document).map(threadOf), document),
      ),
    );
  }
}

/** The thread of a conflict. */
export function conflictThreadId(refusedId: string): `conflict ${string}` {
  return `conflict ${refusedId}`;
}

function isWanted(): boolean {
  const { threadsShow } = readSettings();
  return threadsShow === 'all' || threadsShow === 'conflicts';
}

function threadOf(mark: RefusedEditMark): ShownThread {
  const { refusedId, document, start, end, actions, hasText, isOwn, authorName } = mark;
  const who = isOwn ? vscode.l10n.t('you') : authorName;
  return {
    id: conflictThreadId(refusedId),
    uri: document.uri,
    lines: { firstLine: start.line, lastLine: end.line },
    label: vscode.l10n.t('Conflict: {0} by {1}', excerptOf(mark), who),
    contextValue: ['conflict', ...actions, ...(hasText ? ['text'] : [])].join(' '),
    isOpen: true,
    canReply: false,
    comments: [whoAndWhy(mark), ...sidesOf(mark)],
  };
}

function whoAndWhy(mark: RefusedEditMark): ShownComment {
  const { reason, refused, madeAtMs, isOwn, authorName } = mark;
  const author = isOwn ? vscode.l10n.t('You') : authorName;
  const deletion = isOwn
    ? vscode.l10n.t('You deleted text here.')
    : vscode.l10n.t('{0} deleted text here.', authorName);
  const body = isShown(mark) && refused.tag === 'deletion' ? `${reason} ${deletion}` : reason;
  return { author, body, label: vscode.l10n.t('waits for a decision'), atMs: madeAtMs };
}

/** Both sides, by the names that they have wherever conflicts are shown. */
function sidesOf(mark: RefusedEditMark): readonly ShownComment[] {
  const { refusedText, currentText, isOwn, authorName } = mark;
  if (!isShown(mark)) return [];
  const edit = isOwn ? vscode.l10n.t('Your edit') : vscode.l10n.t('{0}’s edit', authorName);
  const nothing = vscode.l10n.t('There is no text here now.');
  return [
    ...(refusedText === '' ? [] : [{ author: edit, body: codeOf(mark, refusedText) }]),
    {
      author: vscode.l10n.t('Now'),
      body: currentText === '' ? nothing : codeOf(mark, currentText),
    },
  ];
}

/** Where a whole file is disputed, or its texts are not here, there is nothing to set side by side. */
function isShown({ hasText, texts, isLeftOut }: RefusedEditMark): boolean {
  return hasText && texts.tag === 'here' && !isLeftOut;
}

function codeOf({ document }: RefusedEditMark, text: string): vscode.MarkdownString {
  const shown = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
  return new vscode.MarkdownString().appendCodeblock(shown, document.languageId);
}
