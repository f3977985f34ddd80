import * as vscode from 'vscode';

/** False where a save would change the text: others' edits must not be formatted in this user's name. */
export function savesAsIs(document: vscode.TextDocument): boolean {
  const files = vscode.workspace.getConfiguration('files', document);
  return (
    !hasSlowParticipants(document) &&
    files.get('trimTrailingWhitespace') !== true &&
    files.get('insertFinalNewline') !== true &&
    files.get('trimFinalNewlines') !== true
  );
}

/** True where a save that the user asks for runs a formatter, or code actions, and waits for them. */
export function hasSlowParticipants(document: vscode.TextDocument): boolean {
  const editor = vscode.workspace.getConfiguration('editor', document);
  const onSave = Object.values(editor.get<Record<string, unknown>>('codeActionsOnSave') ?? {});
  return (
    editor.get('formatOnSave') === true || onSave.some((when) => when !== false && when !== 'never')
  );
}
