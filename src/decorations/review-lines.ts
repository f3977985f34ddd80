import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../editor/disposable-store.ts';
import { isInSight } from './in-sight.ts';
import { ShownDecorations } from './shown-decorations.ts';

/** What agents did to some lines, by how it is marked. */
export type ReviewMarkKind = 'added' | 'changed' | 'removed';

export interface ReviewMark {
  readonly kind: ReviewMarkKind;
  readonly firstLine: number;
  readonly lastLine: number;
  /** All that is to be seen of it, as a text. */
  readonly look: string;
  /** Made for what is in sight only. */
  readonly hover: () => vscode.MarkdownString;
}

/** The colours that VS Code has for what was done to lines. */
const COLOURS: Readonly<Record<ReviewMarkKind, string>> = {
  added: 'editorGutter.addedBackground',
  changed: 'editorGutter.modifiedBackground',
  removed: 'editorGutter.deletedBackground',
};

/**
 * A dotted bar before lines that agents added or changed, a dotted line above where they removed some, with what can
 * be done on hover. Nothing between the lines: it must not move the text that one is typing in. The lines in sight
 * are marked so; beside the scroll bar all of them are.
 */
export class ReviewLines implements Disposable {
  readonly #store = new DisposableStore();
  readonly #shown = new ShownDecorations();
  readonly #types: Readonly<Record<ReviewMarkKind, vscode.TextEditorDecorationType>>;
  readonly #overview: Readonly<Record<ReviewMarkKind, vscode.TextEditorDecorationType>>;

  constructor() {
    const type = (kind: ReviewMarkKind): vscode.TextEditorDecorationType => {
      const color = new vscode.ThemeColor(COLOURS[kind]);
      return this.#store.add(
        vscode.window.createTextEditorDecorationType({
          isWholeLine: true,
          borderStyle: 'dotted',
          borderColor: color,
          borderWidth: kind === 'removed' ? '2px 0 0 0' : '0 0 0 3px',
          rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
        }),
      );
    };
    this.#types = { added: type('added'), changed: type('changed'), removed: type('removed') };
    const overview = (kind: ReviewMarkKind): vscode.TextEditorDecorationType =>
      this.#store.add(
        vscode.window.createTextEditorDecorationType({
          overviewRulerColor: new vscode.ThemeColor(COLOURS[kind]),
          overviewRulerLane: vscode.OverviewRulerLane.Left,
        }),
      );
    this.#overview = {
      added: overview('added'),
      changed: overview('changed'),
      removed: overview('removed'),
    };
  }

  /** All marks of an editor's document. */
  show(editor: vscode.TextEditor, marks: readonly ReviewMark[]): void {
    this.showInSight(editor, marks);
    for (const kind of KINDS) {
      const ranges = marks.filter((mark) => mark.kind === kind).map(rangeOf);
      this.#shown.set(
        editor,
        this.#overview[kind],
        ranges.map((range) => ({ range })),
      );
    }
  }

  /** The same of the lines in sight, after these have changed. */
  showInSight(editor: vscode.TextEditor, marks: readonly ReviewMark[]): void {
    const near = marks.filter((mark) => isInSight(mark, editor.visibleRanges));
    for (const kind of KINDS) {
      const ofKind = near.filter((mark) => mark.kind === kind);
      this.#shown.set(
        editor,
        this.#types[kind],
        ofKind.map((mark) => ({ range: rangeOf(mark), hoverMessage: mark.hover() })),
      );
    }
  }

  dispose(): void {
    this.#store.dispose();
  }
}

const KINDS: readonly ReviewMarkKind[] = ['added', 'changed', 'removed'];

/** To the end of the last line, where that is: the whole of it has the hover. */
function rangeOf({ firstLine, lastLine }: ReviewMark): vscode.Range {
  return new vscode.Range(firstLine, 0, lastLine, Number.MAX_SAFE_INTEGER);
}
