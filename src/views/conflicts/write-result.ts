/**
 * Owns: writing in the small editor what should stand in place of an edit that was not taken, until it stands there or
 * is given up. Does not know: how the editor is made.
 */
import * as vscode from 'vscode';
import { DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { RefusedEditView } from '../../editor/refused-edits.ts';
import type { PatchEditor } from '../patch-editor.ts';
import { openAtPlace } from './open-at-place.ts';
import { readFresh } from './read-edit.ts';
import { standing } from './standing-text.ts';
import { tellFault } from './tell-fault.ts';
import { tellLate } from './tell-late.ts';
import { fieldOf, idIn, keyIn } from './written-result.ts';

/** Opens the small editor with what was written before, if anything was. */
export async function writeResult(
  current: FolderWorld,
  patches: PatchEditor,
  edit: RefusedEditView,
  isResumed = false,
): Promise<void> {
  const field = fieldOf(edit.refusedId);
  const before = await current.typed.read(field);
  let shown = edit;
  let about = before?.about ?? edit.currentText;
  if (before && before.about !== edit.currentText) tellChanged(before.about, edit.currentText);
  const leaving = new AbortController();
  const entered = current.keep(new DisposableStore());
  entered.addStop(() => leaving.abort());
  await patches.ask({
    signal: leaving.signal,
    key: keyIn(current.world.database, edit.refusedId),
    edit,
    isResumed,
    text: before?.text ?? edit.refusedText,
    isWritten: before !== undefined,
    onTyped: (read) => current.typed.keep(field, read, about),
    onGivenUp: () => current.typed.forget(field),
    take: async (text) => {
      const isDraft = shown.source.tag === 'draft';
      // A draft is put back into the text by its document.
      const there = isDraft ? ((await openAtPlace(current, shown)) ?? shown) : shown;
      const result = await current.refused.resolve(there, 'patch', text);
      current.showRefused();
      if (result.tag === 'done') current.typed.forget(field);
      if (result.tag === 'late') void tellLate(text);
      if (result.tag === 'done' || result.tag === 'late') return undefined;
      if (result.tag === 'failed') void vscode.window.showErrorMessage(result.message);
      const seen = shown;
      shown = (await readFresh(current, edit.refusedId)) ?? seen;
      if (result.tag === 'moved') tellChanged(seen.currentText, shown.currentText);
      about = shown.currentText;
      return shown;
    },
  });
}

/** Takes up the small editors of the window before this one, once it is known what waits; until `signal` aborts. */
export async function resumeWriting(
  current: FolderWorld,
  patches: PatchEditor,
  signal: AbortSignal,
): Promise<void> {
  await current.session.whenLetIn(signal);
  for (const key of patches.leftKeys) {
    const refusedId = idIn(current.world.database, key);
    const edit = refusedId === undefined ? undefined : await current.refused.read(refusedId);
    if (signal.aborted) return;
    if (edit?.actions.includes('patch') !== true) continue;
    writeResult(current, patches, edit, true).catch((error: unknown) =>
      tellFault(error, current.session.log),
    );
  }
}

function tellChanged(before: string, now: string): void {
  const { t } = vscode.l10n;
  void vscode.window.showWarningMessage(
    t(
      'Others wrote there since: it was {0}, now it is {1}. Nothing was done, and your text is as you wrote it. Take it again if it still fits.',
      standing(before),
      standing(now),
    ),
  );
}
