import * as vscode from 'vscode';
import type { MovesProposed } from '../core/moves-proposed.ts';
import { comparePositions } from '../core/position.ts';
import { type Disposable, DisposableStore } from '../editor/disposable-store.ts';
import type { RefusedEditView } from '../editor/refused-edits.ts';
import type { Refused } from '../editor/refused-words.ts';
import { LensCommands } from './lens-commands.ts';
import { offeredActions } from './refused-edit-actions.ts';

/** An edit that the world did not take, where it would stand in the document. */
export interface RefusedEditMark extends RefusedEditView {
  readonly document: vscode.TextDocument;
}

/** Marks refused edits at their place: a note behind the line, the text on hover, actions above. */
export class RefusedEditMarks implements Disposable, vscode.CodeLensProvider {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  readonly #note: vscode.TextEditorDecorationType;
  readonly #place: vscode.TextEditorDecorationType;
  readonly #commands = this.#store.add(new LensCommands());
  #marks: readonly RefusedEditMark[] = [];

  readonly onDidChangeCodeLenses = this.#changed.event;

  constructor() {
    const color = new vscode.ThemeColor('agentWorld.refusedEdit');
    this.#note = this.#store.add(
      vscode.window.createTextEditorDecorationType({
        isWholeLine: true,
        backgroundColor: new vscode.ThemeColor('agentWorld.refusedEditLine'),
        overviewRulerColor: color,
        overviewRulerLane: vscode.OverviewRulerLane.Full,
      }),
    );
    this.#place = this.#store.add(
      vscode.window.createTextEditorDecorationType({
        textDecoration: 'underline wavy',
        color,
      }),
    );
    this.#store.add(vscode.window.onDidChangeVisibleTextEditors(() => this.#draw()));
    this.#store.add(vscode.languages.registerCodeLensProvider({ scheme: 'file' }, this));
  }

  get marks(): readonly RefusedEditMark[] {
    return this.#marks;
  }

  show(marks: readonly RefusedEditMark[]): void {
    if (sameMarks(marks, this.#marks)) return;
    this.#marks = marks;
    this.#commands.keepOnly(new Set(marks.map(({ refusedId }) => refusedId)));
    this.#draw();
    this.#changed.fire();
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    return this.#marks
      .filter((mark) => mark.document === document)
      .flatMap((mark) => lensesOf(mark, this.#commands));
  }

  dispose(): void {
    this.#store.dispose();
  }

  #draw(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const marks = this.#marks.filter(({ document }) => document === editor.document);
      editor.setDecorations(this.#note, marks.map(noteOf));
      editor.setDecorations(
        this.#place,
        marks.map((mark) => ({ range: rangeOf(mark), hoverMessage: hoverOf(mark) })),
      );
    }
  }
}

function lensesOf(mark: RefusedEditMark, commands: LensCommands): vscode.CodeLens[] {
  const { refusedId, start } = mark;
  const range = new vscode.Range(start.line, 0, start.line, 0);
  const lens = (title: string, tooltip: string, command: string, argument: object) =>
    new vscode.CodeLens(range, {
      title,
      tooltip,
      command: commands.idOf(refusedId, command, argument),
    });
  const resolve = (title: string, tooltip: string, action: string) =>
    lens(title, tooltip, 'agentWorld.resolveRefusedEdit', { refusedId, action });
  const title = mark.isOwn
    ? vscode.l10n.t('Not applied: {0}', excerptOf(mark))
    : vscode.l10n.t('{0} of {1} waits', excerptOf(mark), mark.authorName);
  const compare = (): vscode.CodeLens =>
    lens(vscode.l10n.t('Compare'), vscode.l10n.t('Open both sides.'), 'agentWorld.compareSides', {
      refusedId,
    });
  return [
    resolve(`$(warning) ${title}`, mark.reason, ''),
    ...offeredActions(mark).map(({ action, label, explanation }) =>
      resolve(label, explanation, action),
    ),
    ...(mark.hasText ? [compare()] : []),
  ];
}

function noteOf(mark: RefusedEditMark): vscode.DecorationOptions {
  const line = mark.start.line;
  return {
    range: new vscode.Range(line, 0, line, 0),
    hoverMessage: hoverOf(mark),
    renderOptions: {
      after: {
        contentText: noteText(mark),
        color: new vscode.ThemeColor('agentWorld.refusedEdit'),
        margin: '0 0 0 1.5em',
        fontStyle: 'italic',
      },
    },
  };
}

/** The refused text stands where it was meant to, beside what stands there. */
function noteText(mark: RefusedEditMark): string {
  const { isOwn, reason, authorName } = mark;
  if (!isOwn) return vscode.l10n.t('{0} wants {1} here.', authorName, excerptOf(mark));
  return vscode.l10n.t('{0} Your {1} waits for a decision.', reason, excerptOf(mark));
}

function hoverOf(mark: RefusedEditMark): vscode.MarkdownString {
  const { reason, refusedText, isOwn, authorName } = mark;
  const hover = new vscode.MarkdownString();
  hover.appendText(reason);
  if (isUnseen(mark) || (refusedText === '' && mark.refused.tag !== 'deletion')) {
    hover.appendMarkdown('\n\n').appendText(excerptOf(mark));
  } else if (refusedText === '') {
    const deletion = isOwn
      ? vscode.l10n.t('You deleted text here.')
      : vscode.l10n.t('{0} deleted text here.', authorName);
    hover.appendMarkdown('\n\n').appendText(deletion);
  } else {
    hover.appendCodeblock(beginningOf(refusedText), 'plaintext');
  }
  return hover;
}

/** True when nothing that is drawn differs. */
function sameMarks(some: readonly RefusedEditMark[], others: readonly RefusedEditMark[]): boolean {
  return (
    some.length === others.length && some.every((mark, index) => sameMark(mark, others[index]!))
  );
}

function sameMark(a: RefusedEditMark, b: RefusedEditMark): boolean {
  return (
    a.refusedId === b.refusedId &&
    a.document === b.document &&
    comparePositions(a.start, b.start) === 0 &&
    comparePositions(a.end, b.end) === 0 &&
    a.refusedText === b.refusedText &&
    a.reason === b.reason &&
    a.texts.tag === b.texts.tag &&
    a.authorName === b.authorName &&
    a.actions.join() === b.actions.join()
  );
}

function rangeOf({ start, end }: RefusedEditMark): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

const HOVER_LENGTH = 2_000;

function beginningOf(text: string): string {
  return text.length > HOVER_LENGTH ? `${text.slice(0, HOVER_LENGTH)}…` : text;
}

type Excerpted = Pick<RefusedEditView, 'refused' | 'texts' | 'isLeftOut'>;

/** The refused text of an edit in few words, or that it is long where it is not known here. */
export function excerptOf(edit: Excerpted): string {
  const { refused } = edit;
  // What becomes of a file is known without its text.
  const isOfText = refused.tag !== 'moves' && (refused.tag !== 'other' || refused.kind === 'edit');
  return isOfText && isUnseen(edit) ? vscode.l10n.t('a long text') : wordsOf(refused);
}

function isUnseen({ texts, isLeftOut }: Excerpted): boolean {
  return texts.tag !== 'here' || isLeftOut;
}

const EXCERPT_LENGTH = 40;

function wordsOf(refused: Refused): string {
  switch (refused.tag) {
    case 'text':
      return excerpt(refused.text);
    case 'deletion':
      return vscode.l10n.t('a deletion');
    case 'moves':
      return movesText(refused.moves);
    case 'other':
      return kindText(refused.kind);
  }
}

/** A folder that was to get another name is one conflict, which is shown at one of its files. */
function movesText({ files, from, to }: MovesProposed): string {
  return files === 1
    ? vscode.l10n.t('name: {0} → {1}', from, to)
    : vscode.l10n.t('folder: {0} → {1}, {2} files', from, to, files);
}

function kindText(kind: string): string {
  switch (kind) {
    case 'create':
      return vscode.l10n.t('a new file');
    case 'content':
      return vscode.l10n.t('another content of the file');
    case 'delete':
      return vscode.l10n.t('the deletion of the file');
    case 'restore':
      return vscode.l10n.t('a file that comes back');
    case 'rename':
      return vscode.l10n.t('another name of the file');
    case 'mode':
      return vscode.l10n.t('how the file is put on disk');
    default:
      return vscode.l10n.t('an edit');
  }
}

/** A text in few words, for one line. */
export function excerpt(text: string): string {
  const line = text.trim().split('\n', 1)[0]!.trim();
  if (text === '') return vscode.l10n.t('no text');
  if (line === '') return vscode.l10n.t('white space');
  return line.length > EXCERPT_LENGTH ? `“${line.slice(0, EXCERPT_LENGTH)}…”` : `“${line}”`;
}
