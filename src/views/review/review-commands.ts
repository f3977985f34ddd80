/**
 * Owns: keeping what agents did, or taking it back, by whatever way the user got there. Does not know: how it is
 * shown.
 */
import * as vscode from 'vscode';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { Decider } from '../../review/deciders.ts';
import type { ReviewHunk, ShownHunk } from '../../review/review-hunk.ts';
import type { DecisionResult, ReviewSelection } from '../../review/review.ts';
import { REVIEW_WORDS, type Whose } from '../../core/review.ts';
import { selectedLines } from '../selected-lines.ts';
import { fileMeant, nowUri } from '../history/history-commands.ts';
import { mayWrite } from '../history/may-write.ts';
import { type ComparedFile, openChanges, openDiff } from '../history/open-changes.ts';
import { memberName } from '../../world/member-name.ts';
import type { FileHead } from '../../world/world-rows.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { elapsed } from '../elapsed.ts';
import { askKept } from '../kept-input.ts';
import { withProgress } from '../with-progress.ts';
import { beforeUri } from './before-texts.ts';
import {
  type FoundRow,
  hunksOf,
  isReviewNode,
  type ReviewBoard,
  rowOf,
  sightKey,
} from './review-board.ts';
import { markedChange } from './review-marks.ts';
import { linesInEditor, linesInWorld } from './shown-lines.ts';
import type { WaitingWork } from './waiting-work.ts';
import { changesText, countText, filesText, hunkLabel } from './review-words.ts';

type Does = 'keep' | 'take';

/** So many changes of one file are taken back without a question. */
const UNASKED = 10;
/** So many files are shown in one editor at most. */
const MOST_OPENED = 200;

export class ReviewCommands {
  readonly #board: () => ReviewBoard | undefined;
  readonly #waiting: () => WaitingWork | undefined;

  constructor(board: () => ReviewBoard | undefined, waiting: () => WaitingWork | undefined) {
    this.#board = board;
    this.#waiting = waiting;
  }

  /** Decides about what a row is about. */
  async decideRow(
    current: FolderWorld,
    argument: unknown,
    does: Does,
    saysWhy = false,
  ): Promise<void> {
    const hunks = this.#hunksOfRow(argument);
    if (hunks) await this.#decide(current, hunks, does, saysWhy);
  }

  /**
   * Decides about the change that a mark names, or else about what agents did on the selected lines of the editor, or
   * on the line of the cursor.
   */
  async decideHere(current: FolderWorld, argument: unknown, does: Does): Promise<void> {
    const hunks = await this.#hunksHere(current, argument);
    if (hunks) await this.#decide(current, hunks, does);
  }

  /** Lets what a row is about be taken back when the turns end in which it was done. */
  async decideRowLater(current: FolderWorld, argument: unknown): Promise<void> {
    const hunks = this.#hunksOfRow(argument);
    if (hunks) await this.#decideLater(current, hunks);
  }

  /** The same of lines, as `decideHere` finds them. */
  async decideHereLater(current: FolderWorld, argument: unknown): Promise<void> {
    const hunks = await this.#hunksHere(current, argument);
    if (hunks) await this.#decideLater(current, hunks);
  }

  withdrawRow(argument: unknown): void {
    this.#waiting()?.withdraw(this.#hunksOfRow(argument) ?? []);
  }

  async withdrawHere(current: FolderWorld, argument: unknown): Promise<void> {
    this.#waiting()?.withdraw((await this.#hunksHere(current, argument)) ?? []);
  }

  async #hunksHere(
    current: FolderWorld,
    argument: unknown,
  ): Promise<readonly ReviewHunk[] | undefined> {
    const review = this.#board()?.review;
    const marked = markedChange(argument);
    if (marked) {
      const hunks = (await review?.hunks(marked.fileId)) ?? [];
      const same = hunks.find((hunk) => sightKey(hunk) === marked.sight);
      return same ? [same] : tellGone();
    }
    const selection = this.#selected(current);
    if (!selection) return tellNoFile();
    const found = await review?.files(selection);
    return found?.[0]?.hunks ?? [];
  }

  /** Decides about all that agents did in the editor's file. */
  async decideFile(current: FolderWorld, does: Does): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const file = editor && this.#fileOf(current, editor.document);
    if (!file) return tellNoFile();
    const hunks = await this.#board()?.review.hunks(file.fileId);
    await this.#decide(current, hunks ?? [], does);
  }

  /** Shows a file beside what it would be without the work that a row is about, at a change. */
  async open(current: FolderWorld, argument: unknown): Promise<void> {
    const row = isReviewNode(argument) && rowOf(this.#board()?.agents ?? [], argument);
    if (!row || !row.file) return tellGone();
    const { head, hunks } = row.file;
    const hunk = row.hunk ?? hunks[0];
    const line = hunk?.tag === 'text' ? hunk.lines[0] : 0;
    const { before, after } = compared(current, head, whoseOf(row), hunks);
    const title = vscode.l10n.t('{0} (agents’ work)', head.path);
    const selection = new vscode.Range(line, 0, line, 0);
    await openDiff(before, after, title, { preview: true, selection });
  }

  /** Shows all files that an agent or a turn changed, or all agents, in one editor. */
  async openAll(current: FolderWorld, argument: unknown): Promise<void> {
    const board = this.#board();
    const row = isReviewNode(argument) ? rowOf(board?.agents ?? [], argument) : undefined;
    if (isReviewNode(argument) && !row) return tellGone();
    const whose = row ? whoseOf(row) : {};
    const files = (await board?.review.files(whose)) ?? [];
    if (files.length === 0) return tellNothing();
    const shown = files.slice(0, MOST_OPENED);
    const { t } = vscode.l10n;
    const name = row ? memberName(current.session.view, row.agent.agent) : t('all agents');
    const title = t('Agents’ work: {0}', name);
    await openChanges(
      title,
      shown.map(({ head, hunks }) => compared(current, head, whose, hunks)),
    );
    if (files.length > shown.length) {
      tell(t('The first {0} are shown, of {1}.', shown.length, filesText(files.length)));
    }
  }

  /** Goes to the next change of the editor's file, or to the one before; around at the ends. */
  async go(current: FolderWorld, step: 1 | -1): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const file = editor && this.#fileOf(current, editor.document);
    if (!editor || !file) return tellNoFile();
    const hunks = (await this.#board()?.review.hunks(file.fileId)) ?? [];
    const positions = current.documents.of(editor.document)?.positions;
    const places = hunks.flatMap((hunk) =>
      hunk.tag === 'text' ? [{ hunk, line: linesInEditor(hunk, positions).firstLine }] : [],
    );
    const at = editor.selection.active.line;
    const next =
      step === 1
        ? (places.find(({ line }) => line > at) ?? places[0])
        : (places.findLast(({ line }) => line < at) ?? places.at(-1));
    if (next === undefined) return tellNothing();
    const place = new vscode.Range(next.line, 0, next.line, 0);
    editor.selection = new vscode.Selection(place.start, place.start);
    editor.revealRange(place, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    vscode.window.setStatusBarMessage(hunkLabel(next.hunk), MESSAGE_MS);
  }

  #selected(current: FolderWorld): ReviewSelection | undefined {
    const editor = vscode.window.activeTextEditor;
    const file = editor && this.#fileOf(current, editor.document);
    if (!editor || !file) return undefined;
    const positions = current.documents.of(editor.document)?.positions;
    const lines = linesInWorld(selectedLines(editor.selection), positions);
    return { fileId: file.fileId, lines };
  }

  #hunksOfRow(argument: unknown): readonly ReviewHunk[] | undefined {
    const row = isReviewNode(argument) && rowOf(this.#board()?.agents ?? [], argument);
    if (row) return hunksOf(row);
    tellGone();
    return undefined;
  }

  /** Not of a file as it was: its lines are others. */
  #fileOf(current: FolderWorld, { uri }: vscode.TextDocument): FileHead | undefined {
    return uri.scheme === 'file' ? fileMeant(current, uri) : undefined;
  }

  async #decideLater(current: FolderWorld, hunks: readonly ReviewHunk[]): Promise<void> {
    const waiting = this.#waiting();
    if (!waiting || !mayWrite(current)) return;
    if (hunks.length === 0) return tellNothing();
    const words = await askWhy(current, hunks);
    if (words === undefined) return;
    if (waiting.add(hunks, words)) {
      current.typed.forget(wordsField(hunks));
      const text = vscode.l10n.t('Taken back when the turn ends: {0}', changesText(hunks.length));
      vscode.window.setStatusBarMessage(text, MESSAGE_MS);
    } else {
      tell(vscode.l10n.t('Too much would wait for the end of a turn: take it back now.'));
    }
  }

  async #decide(
    current: FolderWorld,
    hunks: readonly ReviewHunk[],
    does: Does,
    saysWhy = false,
  ): Promise<void> {
    const board = this.#board();
    if (!board || !mayWrite(current)) return;
    if (hunks.length === 0) return tellNothing();
    if (does === 'take' && !(await confirmed(hunks))) return;
    const words = saysWhy ? await askWhy(current, hunks) : '';
    if (words === undefined) return;
    const title = does === 'keep' ? vscode.l10n.t('Keeping…') : vscode.l10n.t('Taking back…');
    const run = (signal?: AbortSignal): Promise<DecisionResult> => {
      const options = { ...(words !== '' && { words }), ...(signal && { signal }) };
      return does === 'keep'
        ? board.review.keep(hunks, options)
        : board.review.takeBack(hunks, options);
    };
    const result =
      hunks.length > UNASKED ? await withProgress(title, ({ signal }) => run(signal)) : await run();
    if (saysWhy && result.decided > 0) current.typed.forget(wordsField(hunks));
    this.#waiting()?.withdraw(hunks);
    tellResult(current.session, result, does);
  }
}

/** As the text of a turn's file is asked for; what was done in no known turn is shown with all of its agent's. */
function whoseOf({ agent, turn }: FoundRow): Whose {
  return { agent: agent.agent, ...(turn?.turn !== undefined && { turn: turn.turn }) };
}

function compared(
  current: FolderWorld,
  head: FileHead,
  whose: Whose,
  hunks: readonly ReviewHunk[],
): ComparedFile {
  const renamed = hunks.flatMap((hunk) =>
    hunk.tag === 'whole' && hunk.change.kind === 'renamed' ? [hunk.change.from] : [],
  );
  const { uri: folder } = current.folder;
  const [from] = renamed;
  const after = nowUri(current, head);
  // Where the two paths differ VS Code says that the file was renamed.
  const former = from === undefined ? after.path : vscode.Uri.joinPath(folder, from).path;
  const before = beforeUri(head.fileId, former, whose);
  return { label: vscode.Uri.joinPath(folder, head.path), before, after };
}

/** Many changes shall not go for everybody by one click. */
async function confirmed(hunks: readonly ReviewHunk[]): Promise<boolean> {
  const { t } = vscode.l10n;
  const files = new Set(hunks.map(({ fileId }) => fileId)).size;
  if (files === 1 && hunks.length <= UNASKED) return true;
  const yes = t('Take Back');
  const detail = t('What others wrote in between stays. The history can bring back the rest.');
  const picked = await vscode.window.showWarningMessage(
    t('Take back {0}?', countText(hunks.length, files)),
    { modal: true, detail },
    yes,
  );
  return picked === yes;
}

async function askWhy(
  { typed }: FolderWorld,
  hunks: readonly ReviewHunk[],
): Promise<string | undefined> {
  return askKept(typed, wordsField(hunks), {
    title: vscode.l10n.t('What shall the agent be told?'),
    placeHolder: vscode.l10n.t('May be left empty'),
    validateInput: (text) =>
      text.length > REVIEW_WORDS ? vscode.l10n.t('This is too long.') : undefined,
  });
}

/** Where the words are kept until they are told. */
function wordsField(hunks: readonly ReviewHunk[]): string {
  const files = new Set(hunks.slice(0, MOST_NAMED).map(({ fileId }) => fileId));
  return `take back ${[...files].sort((a, b) => a - b).join(' ')}`;
}

export function tellResult(
  session: WorldSession,
  { decided, moved, deciders, refused }: DecisionResult<ShownHunk>,
  does: Does,
): void {
  const { t } = vscode.l10n;
  const [first] = refused;
  if (first) {
    void vscode.window.showWarningMessage(
      t('{0}: {1}', first.path, first.message.replace(/\.$/, '')),
    );
  }
  if (moved.length > 0) {
    tell(movedText(session, moved.length, deciders.at(-1)));
  }
  if (decided === 0) return;
  const count = changesText(decided);
  const text = does === 'keep' ? t('Kept: {0}', count) : t('Taken back: {0}', count);
  vscode.window.setStatusBarMessage(text, MESSAGE_MS);
}

function movedText(
  { view, clock }: WorldSession,
  moved: number,
  decider: Decider | undefined,
): string {
  const { t } = vscode.l10n;
  const count = changesText(moved);
  if (!decider) return t('{0} not decided: not as shown any more. Look again.', count);
  const [name, when] = [memberName(view, decider.who), elapsed(decider.atMs, clock.nowMs())];
  if (moved > 1)
    return t('{0} not decided: {1} decided first, {2}. Look again.', count, name, when);
  return decider.does === 'keep'
    ? t('{0} not decided: {1} kept it first, {2}.', count, name, when)
    : t('{0} not decided: {1} took it back first, {2}.', count, name, when);
}

/** Of a row that was chosen in a menu, while what it is about was decided or changed. */
function tellGone(): undefined {
  tell(vscode.l10n.t('This was decided by now, or is not as shown any more. Look again.'));
}

function tellNothing(): void {
  tell(vscode.l10n.t('There is no work of agents to look at here.'));
}

function tellNoFile(): undefined {
  tell(vscode.l10n.t('No file of the world is in front.'));
}

function tell(text: string): void {
  void vscode.window.showInformationMessage(text);
}

const MESSAGE_MS = 8_000;
const MOST_NAMED = 50;
