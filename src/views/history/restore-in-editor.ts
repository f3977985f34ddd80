/**
 * Owns: making a file, or lines of it, what they were: in the editor where it is open, so that it is
 * seen and can be undone, else in the world. Does not know: which version is wanted, and why.
 */
import * as vscode from 'vscode';
import { fromOf, textOf } from '../../core/returned-text.ts';
import { Text } from '../../core/text.ts';
import type { BoundDocument } from '../../editor/bound-document.ts';
import { readTextAt } from '../../editor/bound-document.ts';
import { withLf } from '../../editor/document-changes.ts';
import { editOf } from '../../editor/document-edit.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { RandomBytes } from '../../world/uuid.ts';
import { restoringEdit, type RestoredLines, restoreVersion } from '../../world/restore-version.ts';
import type { FileVersion } from './version-texts.ts';

export type RestoreOutcome =
  /** It is so already. */
  | 'nothing'
  | 'done'
  /** Somebody wrote there meanwhile: it waits for a decision. */
  | 'ticketed';

/** Who types without pause may be in the way for so many tries. */
const TRIES = 20;

/** `now` is the editor's text. Rejects with `WorldError` when the world refuses. */
export async function restore(
  current: FolderWorld,
  { fileId, version }: FileVersion,
  randomBytes: RandomBytes,
  lines?: RestoredLines,
): Promise<RestoreOutcome> {
  const bound = current.documents.ofFile(fileId);
  const { session } = current;
  const isDeleted = session.view.files.get(fileId)?.deleted === true;
  if (bound && !isDeleted) return restoreInEditor(current, bound, version, lines);
  const outcomes = await restoreVersion(
    { session, randomBytes, author: '' },
    { fileId, version, lines },
  );
  if (outcomes.some(({ ticketId }) => ticketId > 0)) return 'ticketed';
  return outcomes.length === 0 ? 'nothing' : 'done';
}

async function restoreInEditor(
  { session }: FolderWorld,
  { document, fileId, binding }: BoundDocument,
  version: number,
  lines: RestoredLines | undefined,
): Promise<RestoreOutcome> {
  const then = await readTextAt(session, fileId!, version);
  for (let tried = 0; tried < TRIES; tried++) {
    const now = Text.of(withLf(document.getText()));
    const { changes, returned } = restoringEdit(now, { ...then, version }, lines);
    if (changes.length === 0) return 'nothing';
    const apply = () => vscode.workspace.applyEdit(editOf(document, changes));
    const restored = returned.map((piece) => ({
      text: textOf(piece, changes[piece.change]!),
      version,
      from: fromOf(piece),
    }));
    if (await (binding ? binding.restore(restored, apply) : apply())) return 'done';
  }
  throw new Error(vscode.l10n.t('The file is being edited too quickly. Try again in a moment.'));
}
