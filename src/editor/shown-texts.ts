/**
 * Owns: telling whether a text was on some window's screen, by the journals of unsent edits that
 * windows keep. Bytes on disk and backups of the editor outlive the window that typed them; its
 * journal has the same edits, and only one of the two may be sent. Does not know: disks, editors.
 */
import type { Text } from '../core/text.ts';
import { openedState, targetText } from '../sync/document-state.ts';
import { type JournalRecord, journalStates, type UnsentEdits } from '../sync/draft-journal.ts';
import type { VersionedText } from '../sync/ports.ts';
import { isWrittenAs } from './recent-texts.ts';

/** How many states of a journal are looked at, from the newest back. */
const STATES = 256;

/**
 * True when one of the journals has edits that lead to just this text, or to one that a save writes as
 * this, from a version of the file that is not older than `sinceVersion`. `read` gives the file's text at a version.
 */
export async function wasShown(
  text: string,
  journals: readonly (readonly JournalRecord[])[],
  read: (version: number) => Promise<VersionedText>,
  sinceVersion = 0,
): Promise<boolean> {
  const versions = new Map<number, VersionedText>();
  for (const records of journals) {
    for (const state of journalStates(records).slice(-STATES).toReversed()) {
      if (state.version < sinceVersion || !hasText(state)) continue;
      const base = versions.get(state.version) ?? (await read(state.version));
      versions.set(state.version, base);
      if (isWrittenAs(shownBy(base, state), text)) return true;
    }
  }
  return false;
}

/** Without edits a state shows a version of the world, which says nothing about who wrote it. */
function hasText({ inFlight, pending }: UnsentEdits): boolean {
  return pending.length > 0 || (inFlight?.edits.length ?? 0) > 0;
}

function shownBy(base: VersionedText, { inFlight, pending }: UnsentEdits): Text {
  const edits = [...(inFlight?.edits ?? []), ...pending];
  return targetText({ ...openedState(base), pending: edits });
}
