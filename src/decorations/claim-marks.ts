import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../editor/disposable-store.ts';
import { PARTICIPANT_COLORS } from './participant-style.ts';
import type { PlacedClaim } from './claim-track.ts';

/** A claim as a document shows it. */
export interface ClaimMark extends PlacedClaim {
  /** What stands behind the first line. */
  readonly note: string;
  readonly hover: vscode.MarkdownString;
  /** The number of the holder's colour. */
  readonly colorIndex: number;
  readonly isOwn: boolean;
}

interface ClaimStyle extends Disposable {
  readonly lines: vscode.TextEditorDecorationType;
  readonly color: vscode.ThemeColor;
}

/**
 * Marks claimed lines with a bar in the holder's colour, a note behind the first of them and what
 * can be done on hover. Nothing above the lines: somebody's claim must not move the text that one
 * is typing in.
 */
export class ClaimMarks implements Disposable {
  readonly #store = new DisposableStore();
  readonly #marks = new Map<vscode.TextDocument, readonly ClaimMark[]>();
  /** By colour, others' before one's own, which are not shaded. */
  readonly #styles = new Map<string, ClaimStyle>();
  readonly #note = this.#store.add(vscode.window.createTextEditorDecorationType({}));

  constructor() {
    this.#store.add(
      vscode.window.onDidChangeVisibleTextEditors((editors) => {
        for (const editor of editors) if (this.#marks.has(editor.document)) this.#draw(editor);
      }),
    );
  }

  show(document: vscode.TextDocument, marks: readonly ClaimMark[]): void {
    if (marks.length > 0) this.#marks.set(document, marks);
    else if (!this.#marks.delete(document)) return;
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document === document) this.#draw(editor);
    }
  }

  clear(): void {
    for (const document of this.#marks.keys()) this.show(document, []);
  }

  dispose(): void {
    this.#store.dispose();
    for (const style of this.#styles.values()) style.dispose();
    this.#styles.clear();
  }

  #draw(editor: vscode.TextEditor): void {
    const marks = this.#marks.get(editor.document) ?? [];
    for (const mark of marks) this.#styleOf(mark);
    for (const [key, { lines }] of this.#styles) {
      const ofStyle = marks.filter((mark) => styleKey(mark) === key);
      editor.setDecorations(
        lines,
        ofStyle.map(({ firstLine, lastLine, hover }) => ({
          range: new vscode.Range(firstLine, 0, lastLine, 0),
          hoverMessage: hover,
        })),
      );
    }
    editor.setDecorations(
      this.#note,
      marks.map((mark) => this.#noteOf(editor.document, mark)),
    );
  }

  #noteOf(document: vscode.TextDocument, mark: ClaimMark): vscode.DecorationOptions {
    const line = Math.min(mark.firstLine, document.lineCount - 1);
    const { end } = document.lineAt(line).range;
    return {
      range: new vscode.Range(end, end),
      hoverMessage: mark.hover,
      renderOptions: {
        after: {
          contentText: mark.note,
          color: this.#styleOf(mark).color,
          margin: '0 0 0 1.5em',
          textDecoration: 'none; font-size: 85%;',
        },
      },
    };
  }

  #styleOf(mark: ClaimMark): ClaimStyle {
    const key = styleKey(mark);
    let style = this.#styles.get(key);
    if (style === undefined) this.#styles.set(key, (style = createStyle(mark)));
    return style;
  }
}

function styleKey({ colorIndex, isOwn }: ClaimMark): string {
  return `${colorIndex % PARTICIPANT_COLORS} ${isOwn ? 'own' : 'other'}`;
}

function createStyle({ colorIndex, isOwn }: ClaimMark): ClaimStyle {
  const color = new vscode.ThemeColor(
    `agentWorld.participant${(colorIndex % PARTICIPANT_COLORS) + 1}`,
  );
  const lines = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    borderStyle: 'solid',
    borderColor: color,
    borderWidth: '0 0 0 2px',
    ...(isOwn ? {} : { backgroundColor: new vscode.ThemeColor('agentWorld.claimedLine') }),
    overviewRulerColor: color,
    overviewRulerLane: vscode.OverviewRulerLane.Left,
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
  return { lines, color, dispose: () => lines.dispose() };
}
