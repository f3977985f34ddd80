import * as vscode from 'vscode';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { RefusedEditView } from '../../editor/refused-edits.ts';
import { LinkFailure } from '../../world/link-failure.ts';
import { readHeadSeq } from '../../world/read-head.ts';

const SHOWN_MS = 5_000;

/** An edit that the user chose, with its texts. Says so quietly where it has been decided meanwhile. */
export async function readEdit(
  current: FolderWorld,
  refusedId: string,
): Promise<RefusedEditView | undefined> {
  const edit = await current.refused.read(refusedId);
  if (edit === undefined) tell(vscode.l10n.t('This edit waits no more: it has been decided.'));
  return edit;
}

/** What stands there by now; the refusal may be here before the news of what it is about. */
export async function readFresh(
  { refused, session: { link } }: FolderWorld,
  refusedId: string,
): Promise<RefusedEditView | undefined> {
  try {
    if (link) await readHeadSeq(link);
  } catch (error) {
    // Whoever is cut off sees what is known here, and is refused once more.
    if (!(error instanceof LinkFailure)) throw error;
  }
  return refused.read(refusedId);
}

/** Says quietly that there is nothing to choose from. */
export function tellNone(): void {
  tell(vscode.l10n.t('No conflict waits for you.'));
}

function tell(message: string): void {
  vscode.window.setStatusBarMessage(message, SHOWN_MS);
}
