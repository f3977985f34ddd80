import * as vscode from 'vscode';
import type { Change, Changes } from '../core/change.ts';
import { withNeighbours } from './document-changes.ts';

/** The edit by which VS Code makes changes of a document's text as it is, in the document's line ends. */
export function editOf(document: vscode.TextDocument, changes: Changes): vscode.WorkspaceEdit {
  const { eol, uri } = document;
  const lineAt = (line: number): string => document.lineAt(line).text;
  const edit = new vscode.WorkspaceEdit();
  edit.set(
    uri,
    changes.map((change) => textEditOf(withNeighbours(change, lineAt), eol)),
  );
  return edit;
}

function textEditOf(change: Change, eol: vscode.EndOfLine): vscode.TextEdit {
  const { startLine, startCharacter, endLine, endCharacter, text } = change;
  const range = new vscode.Range(startLine, startCharacter, endLine, endCharacter);
  const isCrlf = eol === vscode.EndOfLine.CRLF;
  return new vscode.TextEdit(range, isCrlf ? text.replaceAll('\n', '\r\n') : text);
}
