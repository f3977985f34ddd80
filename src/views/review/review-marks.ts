/**
 * Owns: marking what agents did in the editors that are in sight, and counting it in the Explorer. Does not know: how
 * it is decided.
 */
import * as vscode from 'vscode';
import { type ReviewMark, ReviewLines } from '../../decorations/review-lines.ts';
import type { ChangeEvents } from '../../editor/change-events.ts';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { Review } from '../../review/review.ts';
import type { ReviewHunk, TextHunk } from '../../review/review-hunk.ts';
import { LinkFailure } from '../../world/link-failure.ts';
import { memberName } from '../../world/member-name.ts';
import { WorldError } from '../../world/world-error.ts';
import { Coalescer, within } from '../coalescer.ts';
import { type ReviewBoard, sightKey } from './review-board.ts';
import { changesText, hunkLabel } from './review-words.ts';
import { linesInEditor } from './shown-lines.ts';
import type { WaitingWork } from './waiting-work.ts';

/** While somebody types beside agents the marks are placed anew so often at most; VS Code moves them with the text. */
const BETWEEN_READS_MS = 300;
/** A badge has room for two characters. */
const MOST_COUNTED = 9;
/** So much of what was removed stands in a hover, in UTF-16 code units. */
const MOST_SHOWN = 2_000;

/** A change that a mark shows, as it was drawn. */
export interface MarkedChange {
  readonly fileId: number;
  readonly sight: string;
}

/** A world in which agents' work is marked. */
export interface MarkedWorld {
  readonly current: FolderWorld;
  readonly board: ReviewBoard;
  readonly waiting: WaitingWork;
}

const ENABLED = [
  'keepWorkHere',
  'takeBackWorkHere',
  'takeBackWorkLaterHere',
  'withdrawTakeBackHere',
].map((name) => `agentWorld.${name}`);

export class ReviewMarks implements Disposable, vscode.FileDecorationProvider {
  readonly #store = new DisposableStore();
  readonly #lines = this.#store.add(new ReviewLines());
  readonly #changes = this.#store.add(new vscode.EventEmitter<vscode.Uri[] | undefined>());
  readonly #soon = this.#store.add(
    new Coalescer<'marks'>(within(BETWEEN_READS_MS), () => void this.#draw()),
  );
  #entered: MarkedWorld | undefined;
  #stops = new DisposableStore();
  /** Files of which another number is to be shown perhaps. */
  readonly #counted = new Map<number, vscode.Uri>();
  /** As they were drawn last. */
  readonly #marks = new WeakMap<vscode.TextEditor, readonly ReviewMark[]>();
  /** What is drawn anew takes a hover away that somebody is about to click in: nothing is that is as it was. */
  readonly #looks = new WeakMap<vscode.TextEditor, string>();
  #isDrawing = false;
  #isStale = false;

  readonly onDidChangeFileDecorations = this.#changes.event;

  constructor(changeEvents: ChangeEvents) {
    this.#store.add(vscode.window.registerFileDecorationProvider(this));
    this.#store.add(vscode.window.onDidChangeVisibleTextEditors(() => this.update()));
    this.#store.add(
      vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => {
        const marks = this.#marks.get(textEditor);
        if (marks && marks.length > 0) this.#lines.showInSight(textEditor, marks);
      }),
    );
    this.#store.add(
      // The world's text comes into a document a moment after it is known here, and moves what is marked.
      changeEvents.listen(({ document }) => {
        if (this.#unreviewedFile(document.uri) === undefined) return;
        // VS Code moves what it shows along with the text; as they were drawn they are of another text now.
        for (const editor of vscode.window.visibleTextEditors) {
          if (editor.document === document) this.#marks.delete(editor);
        }
        this.update();
      }),
    );
  }

  enter(entered: MarkedWorld | undefined): void {
    this.#stops.dispose();
    this.#stops = new DisposableStore();
    this.#entered = entered;
    if (entered) this.#follow(entered.current, entered.board.review);
    this.#changes.fire(undefined);
    this.update();
  }

  update(): void {
    this.#soon.mark('marks');
  }

  /** VS Code asks for what is in sight. */
  async provideFileDecoration(uri: vscode.Uri): Promise<vscode.FileDecoration | undefined> {
    const fileId = this.#unreviewedFile(uri);
    const hunks = fileId === undefined ? [] : await this.#hunksIn(fileId);
    if (hunks.length === 0) return undefined;
    const text = vscode.l10n.t('Work of agents to look at: {0}', changesText(hunks.length));
    // A number alone is how many people are in the file.
    const count = hunks.length > MOST_COUNTED ? '' : `${hunks.length}`;
    return new vscode.FileDecoration(`±${count}`, text);
  }

  dispose(): void {
    this.#stops.dispose();
    this.#store.dispose();
  }

  #follow(current: FolderWorld, review: Review): void {
    const { files } = current.session.view;
    this.#stops.addStop(
      review.onChange((fileId) => {
        const head = files.get(fileId);
        if (head) this.#counted.set(fileId, vscode.Uri.joinPath(current.folder.uri, head.path));
        this.update();
      }),
    );
  }

  #unreviewedFile(uri: vscode.Uri): number | undefined {
    const { folder, session } = this.#entered?.current ?? {};
    if (!folder || !session || uri.scheme !== folder.uri.scheme) return undefined;
    const root = `${folder.uri.path.replace(/\/$/, '')}/`;
    if (!uri.path.startsWith(root)) return undefined;
    const head = session.view.fileAt(uri.path.slice(root.length));
    return head && session.view.unreviewed.files.has(head.fileId) ? head.fileId : undefined;
  }

  async #draw(): Promise<void> {
    this.#isStale = true;
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    try {
      while (this.#isStale) {
        this.#isStale = false;
        if (this.#counted.size > 0) this.#changes.fire([...this.#counted.values()]);
        this.#counted.clear();
        for (const editor of vscode.window.visibleTextEditors) {
          const marks = await this.#marksIn(editor.document);
          const look = JSON.stringify([editor.document.version, marks.map((mark) => mark.look)]);
          if (look === this.#looks.get(editor)) continue;
          this.#marks.set(editor, marks);
          this.#looks.set(editor, look);
          this.#lines.show(editor, marks);
        }
      }
    } finally {
      this.#isDrawing = false;
    }
  }

  async #marksIn({ uri }: vscode.TextDocument): Promise<readonly ReviewMark[]> {
    const fileId = this.#unreviewedFile(uri);
    const entered = this.#entered;
    if (fileId === undefined || !entered) return [];
    const hunks = await this.#hunksIn(fileId);
    return hunks.flatMap((hunk) => (hunk.tag === 'text' ? [markOf(entered, hunk)] : []));
  }

  async #hunksIn(fileId: number): Promise<readonly ReviewHunk[]> {
    try {
      return (await this.#entered?.board.review.hunks(fileId)) ?? [];
    } catch (error) {
      // They are placed again once the world is there.
      if (error instanceof LinkFailure || error instanceof WorldError) return [];
      throw error;
    }
  }
}

function markOf(entered: MarkedWorld, hunk: TextHunk): ReviewMark {
  const { current, board, waiting } = entered;
  const positions = current.documents.ofFile(hunk.fileId)?.positions;
  const lines = linesInEditor(hunk, positions);
  const choices = [waiting.isWaiting(hunk), board.isRunning(hunk)];
  return {
    kind: hunk.what,
    ...lines,
    look: JSON.stringify([lines, hunkLabel(hunk), sightKey(hunk), choices]),
    hover: () => hoverOf(entered, hunk),
  };
}

function hoverOf({ current, board, waiting }: MarkedWorld, hunk: TextHunk): vscode.MarkdownString {
  const { session } = current;
  const isWaiting = waiting.isWaiting(hunk);
  const { t } = vscode.l10n;
  const { what: kind, fileId, before, works } = hunk;
  const names = [...new Set(works.map(({ agent }) => memberName(session.view, agent)))];
  const hover = new vscode.MarkdownString();
  hover.isTrusted = { enabledCommands: ENABLED };
  hover.supportThemeIcons = true;
  hover.appendText(t('{0}: {1}', names.join(', '), hunkLabel(hunk)));
  if (kind !== 'added') {
    hover.appendMarkdown('\n\n').appendText(t('Before:'));
    hover.appendCodeblock(before.slice(0, MOST_SHOWN), 'text');
  }
  if (isWaiting) hover.appendMarkdown('\n\n').appendText(t('Taken back when the turn ends.'));
  const change: MarkedChange = { fileId, sight: sightKey(hunk) };
  const place = encodeURIComponent(JSON.stringify([change]));
  const link = (icon: string, label: string, command: string): string =>
    `[$(${icon}) ${label}](command:agentWorld.${command}?${place})`;
  hover.appendMarkdown('\n\n');
  hover.appendMarkdown(
    [
      link('check', t('Keep'), 'keepWorkHere'),
      link('discard', t('Take Back'), 'takeBackWorkHere'),
      ...(isWaiting ? [link('close', t('Do Not Take Back'), 'withdrawTakeBackHere')] : []),
      ...(!isWaiting && board.isRunning(hunk)
        ? [link('watch', t('Take Back When the Turn Ends…'), 'takeBackWorkLaterHere')]
        : []),
    ].join('&nbsp;&nbsp;'),
  );
  return hover;
}

/** What a link of a mark names; undefined for anything else. */
export function markedChange(value: unknown): MarkedChange | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { fileId, sight } = value as Partial<MarkedChange>;
  const isChange = typeof fileId === 'number' && typeof sight === 'string';
  return isChange ? { fileId, sight } : undefined;
}
