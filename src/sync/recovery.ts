/**
 * Owns: starting over after a bug, when the state can no longer be trusted but the user's text must
 * not be lost. Does not know: how the bug was noticed.
 */
import { Text } from '../core/text.ts';
import type { Circumstances } from './crossing.ts';
import { type DocumentState, openedState, type RefusedEdit } from './document-state.ts';
import { minimalChanges } from './minimal-changes.ts';
import type { VersionedText } from './ports.ts';

/**
 * A fresh state for the editor's text and the file's. The editor will be given the file's text; what
 * it had instead becomes a refused edit, to be kept as a draft.
 */
export function rescue(
  broken: DocumentState,
  head: VersionedText,
  editorText: string,
  now: Circumstances,
): DocumentState {
  const opened = openedState(head);
  const proposal = minimalChanges(head.text, editorText);
  if (proposal.length === 0) return { ...opened, refused: broken.refused };
  const shadow = Text.of(editorText);
  const kept: RefusedEdit = {
    refusedId: now.newId(),
    opIds: [...(broken.inFlight?.awaited ?? []), ...broken.pending.map((edit) => edit.opId)],
    reason: {
      tag: 'draft',
      code: 'recovered',
      message: 'The editor and the world disagreed; this is what the editor had.',
    },
    atBase: { version: head.version, changes: proposal },
    edition: 1,
    proposal,
  };
  const changes = minimalChanges(shadow, head.text.toString());
  return {
    ...opened,
    shadow,
    remote: [{ tag: 'withdrawal', changes, refusedId: kept.refusedId, toTicket: [] }],
    refused: [...broken.refused, kept],
  };
}
