import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../editor/disposable-store.ts';
import type { RefusedEditView } from '../editor/refused-edits.ts';
import { offeredActions } from './refused-edit-actions.ts';

/** An edit of the user's own that the world did not take, where it would stand in the document. */
export interface RefusedEditMark extends RefusedEditView {
  readonly document: vscode.TextDocument;
}

/** Marks refused edits at their place: a note behind the line, the text on hover, actions above. */
export class RefusedEditMarks implements Disposable, vscode.CodeLensProvider {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  readonly #note: vscode.TextEditorDecorationType;
  readonly #place: vscode.TextEditorDecorationType;
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
    if (marks.length === 0 && this.#marks.length === 0) return;
    this.#marks = marks;
    this.#draw();
    this.#changed.fire();
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    return this.#marks.filter((mark) => mark.document === document).flatMap(lensesOf);
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

function lensesOf(mark: RefusedEditMark): vscode.CodeLens[] {
  const range = new vscode.Range(mark.start.line, 0, mark.start.line, 0);
  const lens = (title: string, action: string, tooltip: string): vscode.CodeLens =>
    new vscode.CodeLens(range, {
      title,
      tooltip,
      command: 'agentWorld.resolveRefusedEdit',
      arguments: [{ refusedId: mark.refusedId, action }],
    });
  const title = vscode.l10n.t('Not applied: {0}', excerpt(mark.refusedText));
  return [
    lens(`$(warning) ${title}`, '', mark.reason),
    ...offeredActions(mark).map(({ action, label, explanation }) =>
      lens(label, action, explanation),
    ),
  ];
}

function noteOf(mark: RefusedEditMark): vscode.DecorationOptions {
  const line = mark.start.line;
  return {
    range: new vscode.Range(line, 0, line, 0),
    hoverMessage: hoverOf(mark),
    renderOptions: {
      after: {
        contentText: vscode.l10n.t('{0} Your edit waits for a decision.', mark.reason),
        color: new vscode.ThemeColor('agentWorld.refusedEdit'),
        margin: '0 0 0 1.5em',
        fontStyle: 'italic',
      },
    },
  };
}

function hoverOf({ reason, refusedText }: RefusedEditMark): vscode.MarkdownString {
  const hover = new vscode.MarkdownString();
  hover.appendText(reason);
  if (refusedText === '') {
    hover.appendMarkdown('\n\n').appendText(vscode.l10n.t('You deleted text here.'));
  } else {
    hover.appendCodeblock(beginningOf(refusedText), 'plaintext');
  }
  return hover;
}

function rangeOf({ start, end }: RefusedEditMark): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

const HOVER_LENGTH = 2_000;

function beginningOf(text: string): string {
  return text.length > HOVER_LENGTH ? `${text.slice(0, HOVER_LENGTH)}…` : text;
}

const EXCERPT_LENGTH = 40;

/** The refused text in few words, for one line. */
export function excerpt(text: string): string {
  const line = text.trim().split('\n', 1)[0]!.trim();
  if (line === '') {
    return text === '' ? vscode.l10n.t('a deletion') : vscode.l10n.t('white space');
  }
  return line.length > EXCERPT_LENGTH ? `“${line.slice(0, EXCERPT_LENGTH)}…”` : `“${line}”`;
}
