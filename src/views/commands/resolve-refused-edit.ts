import * as vscode from 'vscode';
import { excerpt } from '../../decorations/refused-edit-marks.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { RefusedEditView, Resolution } from '../../editor/refused-edits.ts';
import type { PatchEditor } from '../patch-editor.ts';

/** Which edit, and what to do with it, where the user has said so already. */
export interface ResolveRequest {
  readonly refusedId?: string;
  /** `accept_head`, `rebase` or `patch`; empty to ask. */
  readonly resolution?: string;
}

/** Lets the user decide about an edit that the world did not take. All by keyboard. */
export async function resolveRefusedEdit(
  current: FolderWorld,
  patches: PatchEditor,
  { refusedId, resolution }: ResolveRequest = {},
): Promise<void> {
  const edit = await pickEdit(current, refusedId);
  if (edit === undefined) return;
  const decided = isResolution(resolution) ? resolution : await pickResolution(edit);
  if (decided === undefined) return;
  if (decided === 'patch') {
    const text = await patches.ask(edit);
    if (text !== undefined) await carryOut(current, patches, edit, decided, text);
  } else {
    await carryOut(current, patches, edit, decided, undefined);
  }
}

async function carryOut(
  current: FolderWorld,
  patches: PatchEditor,
  edit: RefusedEditView,
  resolution: Resolution,
  text: string | undefined,
): Promise<void> {
  const result = await current.refused.resolve(edit, resolution, text);
  current.showRefused();
  if (result.tag === 'failed') void vscode.window.showErrorMessage(result.message);
  if (result.tag !== 'moved') return;
  const look = vscode.l10n.t('Look again');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('The text there has changed since you looked. Nothing was done.'),
    look,
  );
  if (answer === look) await resolveRefusedEdit(current, patches, { refusedId: edit.refusedId });
}

interface EditChoice extends vscode.QuickPickItem {
  readonly edit: RefusedEditView;
}

async function pickEdit(
  current: FolderWorld,
  refusedId: string | undefined,
): Promise<RefusedEditView | undefined> {
  const edits = current.refusedEdits();
  if (refusedId !== undefined) return edits.find((edit) => edit.refusedId === refusedId);
  if (edits.length <= 1) return edits[0];
  const choices: readonly EditChoice[] = edits.map((edit) => ({
    label: excerpt(edit.refusedText),
    description: `${edit.path}:${edit.start.line + 1}`,
    detail: edit.reason,
    edit,
  }));
  const picked = await vscode.window.showQuickPick(choices, {
    title: vscode.l10n.t('Edits that wait for your decision'),
  });
  return picked?.edit;
}

interface ResolutionChoice extends vscode.QuickPickItem {
  readonly resolution: Resolution;
}

async function pickResolution(edit: RefusedEditView): Promise<Resolution | undefined> {
  const choices: readonly ResolutionChoice[] = [
    {
      label: `$(check) ${vscode.l10n.t('Keep theirs')}`,
      detail: vscode.l10n.t('What stands there stays: {0}', excerpt(edit.currentText)),
      resolution: 'accept_head',
    },
    {
      label: `$(redo) ${vscode.l10n.t('Apply mine again')}`,
      detail: vscode.l10n.t('Your text takes its place: {0}', excerpt(edit.refusedText)),
      resolution: 'rebase',
    },
    {
      label: `$(edit) ${vscode.l10n.t('Edit…')}`,
      detail: vscode.l10n.t('Compare both and write what should stand there.'),
      resolution: 'patch',
    },
  ];
  const picked = await vscode.window.showQuickPick(choices, {
    title: vscode.l10n.t('Your edit in {0} was not applied', edit.path),
    placeHolder: edit.reason,
  });
  return picked?.resolution;
}

function isResolution(value: string | undefined): value is Resolution {
  return value === 'accept_head' || value === 'rebase' || value === 'patch';
}
