import * as vscode from 'vscode';
import { excerpt, excerptOf } from '../../decorations/refused-edit-marks.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { type OfferedAction, offeredActions } from '../../decorations/refused-edit-actions.ts';
import type { RefusedEditAction, RefusedEditView, Resolution } from '../../editor/refused-edits.ts';
import { openAtPlace } from '../conflicts/open-at-place.ts';
import { readEdit, tellNone } from '../conflicts/read-edit.ts';
import { writeResult } from '../conflicts/write-result.ts';
import type { PatchEditor } from '../patch-editor.ts';

/** Which edit, and what to do with it, where the user has said so already. */
export interface ResolveRequest {
  readonly refusedId?: string;
  /** One of the edit's actions; empty to ask. */
  readonly action?: string;
}

/** Lets the user decide about an edit that the world did not take. All by keyboard. */
export async function resolveRefusedEdit(
  current: FolderWorld,
  patches: PatchEditor,
  { refusedId, action }: ResolveRequest = {},
): Promise<void> {
  const edit = await pickEdit(current, refusedId);
  if (edit === undefined) return;
  const decided = edit.actions.find((offered) => offered === action) ?? (await pickAction(edit));
  switch (decided) {
    case undefined:
      return;
    case 'copy':
      return copyText(edit);
    case 'patch':
      return writeResult(current, patches, edit);
    default:
      await carryOut(current, patches, edit, decided);
  }
}

/** Decides nothing: the edit goes on waiting. */
async function copyText({ refusedText }: RefusedEditView): Promise<void> {
  await vscode.env.clipboard.writeText(refusedText);
  void vscode.window.showInformationMessage(
    vscode.l10n.t('Your text is in the clipboard. The edit still waits for a decision.'),
  );
}

async function carryOut(
  current: FolderWorld,
  patches: PatchEditor,
  edit: RefusedEditView,
  resolution: Exclude<Resolution, 'patch'>,
): Promise<void> {
  // A draft is put back into the text by its document.
  const isTyped = edit.source.tag === 'draft' && resolution !== 'accept_head';
  const there = isTyped ? ((await openAtPlace(current, edit)) ?? edit) : edit;
  const result = await current.refused.resolve(there, resolution);
  current.showRefused();
  if (result.tag === 'failed') void vscode.window.showErrorMessage(result.message);
  if (result.tag !== 'moved') return;
  const look = vscode.l10n.t('Look again');
  const fresh = result.currentText ?? current.refused.find(edit.refusedId)?.currentText;
  const answer = await vscode.window.showWarningMessage(
    fresh === undefined
      ? vscode.l10n.t('The text there has changed since you looked. Nothing was done.')
      : vscode.l10n.t(
          'The text there has changed since you looked; now it is {0}. Nothing was done.',
          excerpt(fresh),
        ),
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
  if (refusedId !== undefined) return readEdit(current, refusedId);
  const edits = current.refusedEdits();
  if (edits.length === 0) tellNone();
  if (edits.length <= 1) return edits[0] && readEdit(current, edits[0].refusedId);
  const choices: readonly EditChoice[] = edits.map((edit) => ({
    label: excerptOf(edit),
    description: `${edit.path}:${edit.start.line + 1}`,
    detail: edit.reason,
    edit,
  }));
  const picked = await vscode.window.showQuickPick(choices, {
    title: vscode.l10n.t('Edits that wait for your decision'),
  });
  return picked && readEdit(current, picked.edit.refusedId);
}

interface ActionChoice extends vscode.QuickPickItem {
  readonly action: RefusedEditAction;
}

async function pickAction(edit: RefusedEditView): Promise<RefusedEditAction | undefined> {
  const choices = offeredActions(edit).map((offered): ActionChoice => ({
    label: `${offered.icon} ${offered.label}`,
    detail: detailOf(offered, edit),
    action: offered.action,
  }));
  const picked = await vscode.window.showQuickPick(choices, {
    title: edit.isOwn
      ? vscode.l10n.t('Your edit in {0} was not applied', edit.path)
      : vscode.l10n.t('An edit of {0} in {1} was not applied', edit.authorName, edit.path),
    placeHolder: edit.reason,
  });
  return picked?.action;
}

function detailOf({ action, explanation }: OfferedAction, edit: RefusedEditView): string {
  if (action === 'accept_head' && edit.source.tag === 'ticket') {
    return edit.texts.tag === 'here'
      ? vscode.l10n.t('What stands there stays: {0}', excerpt(edit.currentText))
      : explanation;
  }
  return action === 'rebase'
    ? vscode.l10n.t('Your text takes its place: {0}', excerptOf(edit))
    : explanation;
}
