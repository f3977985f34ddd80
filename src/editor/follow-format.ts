/**
 * Owns: giving an open document the line ends that its file has in the world. Does not know: who changed
 * them, what is saved. The byte order mark is the editor's, as long as the file is open.
 */
import * as vscode from 'vscode';
import type { LineEnd } from '../core/op-payload.ts';

/** Who types all the time keeps their line ends until the file is saved or closed. */
const MOST_TRIES = 50;

/** Resolves true where the document was changed. */
export async function giveLineEnds(
  document: vscode.TextDocument,
  wanted: () => LineEnd,
): Promise<boolean> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    if (document.isClosed || lineEndOf(document) === wanted()) return false;
    const eol = wanted() === 'crlf' ? vscode.EndOfLine.CRLF : vscode.EndOfLine.LF;
    const edit = new vscode.WorkspaceEdit();
    edit.set(document.uri, [vscode.TextEdit.setEndOfLine(eol)]);
    // Refused where a key, or an edit of others, was quicker.
    if (await vscode.workspace.applyEdit(edit)) return true;
  }
  return false;
}

export function lineEndOf({ eol }: vscode.TextDocument): LineEnd {
  return eol === vscode.EndOfLine.CRLF ? 'crlf' : 'lf';
}
