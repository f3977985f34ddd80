import * as vscode from 'vscode';
import type { Disposable } from '../editor/disposable-store.ts';

/** Number of participant colours that the extension contributes; themes can change each. */
export const PARTICIPANT_COLORS = 8;

/** The decoration types of one colour. */
export interface ParticipantStyle extends Disposable {
  readonly selection: vscode.TextEditorDecorationType;
  readonly caret: vscode.TextEditorDecorationType;
  readonly color: vscode.ThemeColor;
}

/** Makes the style with a number from 0; numbers beyond the colours start over. */
export function createParticipantStyle(index: number): ParticipantStyle {
  const name = `agentWorld.participant${(index % PARTICIPANT_COLORS) + 1}`;
  const color = new vscode.ThemeColor(name);
  const rangeBehavior = vscode.DecorationRangeBehavior.ClosedClosed;
  const selection = vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor(`${name}Selection`),
    borderRadius: '2px',
    rangeBehavior,
    overviewRulerColor: color,
    overviewRulerLane: vscode.OverviewRulerLane.Right,
  });
  const caret = vscode.window.createTextEditorDecorationType({
    rangeBehavior,
    overviewRulerColor: color,
    overviewRulerLane: vscode.OverviewRulerLane.Right,
    before: {
      // An empty range has no box of its own; this one stands at it and takes no room in the line.
      contentText: '\u200B',
      backgroundColor: color,
      width: '2px',
      height: '100%',
      margin: '0 -2px 0 0',
      textDecoration: 'none; position: absolute; z-index: 1;',
    },
  });
  return {
    selection,
    caret,
    color,
    dispose() {
      for (const type of [selection, caret]) type.dispose();
    },
  };
}

/** The decoration type of names, of any colour: text and colour are given with each place. */
export function createLabelType(): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({
    rangeBehavior: vscode.DecorationRangeBehavior.OpenOpen,
  });
}
