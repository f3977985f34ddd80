import * as vscode from 'vscode';
import type { SlowParticipants } from '../sync/save-participants.ts';

/** False where a save would change the text: others' edits must not be formatted in this user's name. */
export function savesAsIs(document: vscode.TextDocument): boolean {
  const files = vscode.workspace.getConfiguration('files', document);
  return (
    slowParticipantsOf(document) === 'none' &&
    files.get('trimTrailingWhitespace') !== true &&
    files.get('insertFinalNewline') !== true &&
    files.get('trimFinalNewlines') !== true
  );
}

/** What a save that the user asks for runs and waits for. */
export function slowParticipantsOf(document: vscode.TextDocument): SlowParticipants {
  const editor = vscode.workspace.getConfiguration('editor', document);
  const onSave = Object.values(editor.get<Record<string, unknown>>('codeActionsOnSave') ?? {});
  if (onSave.some((when) => when !== false && when !== 'never')) return 'code_actions';
  return editor.get('formatOnSave') === true ? 'formatter' : 'none';
}
