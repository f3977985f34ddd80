/**
 * Owns: starting over after a bug, when the state can no longer be trusted but the user's text must
 * not be lost. Does not know: how the bug was noticed.
 */
import type { Changes } from '../core/change.ts';
import { rebase } from '../core/rebase.ts';
import { Text } from '../core/text.ts';
import type { Circumstances } from './crossing.ts';
import {
  type DocumentState,
  openedState,
  type RefusedEdit,
  unconfirmedChanges,
} from './document-state.ts';
import { minimalChanges } from './minimal-changes.ts';
import type { VersionedText } from './ports.ts';

/** A document that waits to start over. */
export interface Recovery {
  /** The world exchanged the content: the state is still true of the version before. Or something broke. */
  readonly cause: 'expected' | 'broken';
  isReading: boolean;
  /** There is a later version than the one that is being read. */
  isOutdated: boolean;
}

/**
 * A fresh state for the editor's text and the file's. The editor will be given the file's text; what
 * it had instead becomes a refused edit, to be kept as a draft. Where the world exchanged the content
 * that is only what the user did and the world does not have.
 */
export function rescue(
  broken: DocumentState,
  head: VersionedText,
  editorText: string,
  cause: Recovery['cause'],
  now: Circumstances,
): DocumentState {
  const shadow = Text.of(editorText);
  const opened: DocumentState = { ...openedState(head), shadow, refused: broken.refused };
  const changes = minimalChanges(shadow, head.text.toString(), 'characters');
  if (changes.length === 0) return opened;
  const isKnown = cause === 'expected' && broken.shadow.toString() === editorText;
  const proposal = isKnown ? unsentOn(head, broken) : minimalChanges(head.text, editorText);
  if (isKnown && proposal.length === 0) {
    return { ...opened, remote: [{ tag: 'correction', changes, after: 'surprise' }] };
  }
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
  return {
    ...opened,
    remote: [{ tag: 'withdrawal', changes, refusedId: kept.refusedId, toTicket: [] }],
    refused: [...broken.refused, kept],
  };
}

/** What the user did and the world does not have, and nothing of what others did, as changes of the new content. */
function unsentOn({ text }: VersionedText, state: DocumentState): Changes {
  const since = minimalChanges(state.confirmed.text, text.toString());
  return rebase(unconfirmedChanges(state), since, 'after');
}

/** What may be logged of an error that was caught. Not its message: that may quote the document. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
