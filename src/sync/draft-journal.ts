/**
 * Owns: what is written down of edits that the world has not taken (S8), when, and how a window
 * that starts again gets them back. Does not know: files and disks (a port does), the world.
 */
import type { Text } from '../core/text.ts';
import { type DocumentState, type InFlight, openedState, targetText } from './document-state.ts';
import type { PendingEdit } from './pending-edit.ts';
import type { Draft } from './draft.ts';
import type { DraftStore, SyncLog, VersionedText } from './ports.ts';

/** One entry of the journal. Plain data, fit for JSON. */
export type JournalRecord =
  /** All unsent edits as they stand, instead of everything recorded before. */
  | ({ readonly tag: 'unsent' } & UnsentEdits)
  /** An edit at the end: instead of the last one if it has the same id, otherwise after it. */
  | { readonly tag: 'edit'; readonly edit: PendingEdit };

/** What the world does not have yet of a file. */
export interface UnsentEdits {
  /** The version that the first edit is relative to. */
  readonly version: number;
  /** What was sent and not answered; its edits may have moved on since the batch was made. */
  readonly inFlight?: Omit<InFlight, 'base'>;
  readonly pending: readonly PendingEdit[];
}

/** Reads a journal back; undefined when nothing is left to send. */
export function readJournal(records: readonly JournalRecord[]): UnsentEdits | undefined {
  let unsent: UnsentEdits | undefined;
  for (const record of records) {
    if (record.tag === 'unsent') unsent = record;
    else if (unsent) unsent = { ...unsent, pending: setLast(unsent.pending, record.edit) };
  }
  return unsent && hasUnsent(unsent) ? unsent : undefined;
}

/** The version that the batch in flight was made on, if there is one: its text is needed to go on. */
export function sentBaseVersion(unsent: UnsentEdits): number | undefined {
  const first = unsent.inFlight?.batch.ops[0];
  return first?.expectedBaseVersion;
}

/** The state of a document that goes on with edits from a journal; `start` is at their version. */
export function restoredState(
  start: VersionedText,
  unsent: UnsentEdits,
  sentBase: Text | undefined,
): DocumentState {
  if (unsent.inFlight && !sentBase)
    throw new Error('the text that a sent batch was made on is needed');
  const opened = {
    ...openedState(start),
    inFlight: unsent.inFlight && sentBase && { ...unsent.inFlight, base: sentBase },
    pending: unsent.pending.map((edit): PendingEdit => ({ ...edit, isRestored: true })),
  };
  return { ...opened, shadow: targetText(opened) };
}

/**
 * Writes the journal of one document. It is told of every new state and writes what is new, off the
 * keystroke's path: one write at a time, the next with all that came meanwhile.
 */
export class DraftJournal {
  readonly #fileId: number;
  readonly #store: DraftStore;
  readonly #log: SyncLog;
  /** The unsent edits as the journal has them once the queue is written; undefined before the first. */
  #recorded: UnsentEdits | undefined;
  #queue: readonly JournalRecord[] = [];
  #drafts: readonly Draft[] = [];
  #writing: Promise<void> | undefined;

  constructor(fileId: number, store: DraftStore, log: SyncLog) {
    this.#fileId = fileId;
    this.#store = store;
    this.#log = log;
  }

  /** Takes note of a new state. Costs the number of pending edits, and the last one's size. */
  note({ confirmed, inFlight, pending }: DocumentState): void {
    const unsent = unsentOf(confirmed.version, inFlight, pending);
    if (!hasUnsent(unsent) && !(this.#recorded && hasUnsent(this.#recorded))) return;
    const added = this.#recorded && addedSince(this.#recorded, unsent);
    this.#queue = added ? [...this.#queue, ...added] : [{ tag: 'unsent', ...unsent }];
    this.#recorded = unsent;
    this.#pump();
  }

  /** Keeps a draft. It is written before the records that no longer have its text. */
  keep(draft: Draft): void {
    this.#drafts = [...this.#drafts, draft];
    this.#pump();
  }

  /** Resolves when all that was noted is written. */
  async flushed(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  #pump(): void {
    if (this.#writing || (this.#queue.length === 0 && this.#drafts.length === 0)) return;
    const drafts = this.#drafts;
    const records = this.#queue;
    this.#drafts = [];
    this.#queue = [];
    this.#writing = this.#write(drafts, records);
  }

  async #write(drafts: readonly Draft[], records: readonly JournalRecord[]): Promise<void> {
    try {
      for (const draft of drafts) await this.#store.putDraft(draft);
      if (records.length > 0) await this.#store.append(this.#fileId, records);
    } catch (error) {
      // The next record is a whole one again, so that it does not build on what is missing.
      this.#recorded = undefined;
      this.#log.error('Unsent edits could not be written to disk', {
        fileId: this.#fileId,
        error: String(error),
      });
    }
    this.#writing = undefined;
    this.#pump();
  }
}

function unsentOf(
  version: number,
  inFlight: InFlight | undefined,
  pending: readonly PendingEdit[],
): UnsentEdits {
  if (!inFlight) return { version, pending };
  const { batch, awaited, edits } = inFlight;
  return { version, inFlight: { batch, awaited, edits }, pending };
}

function hasUnsent({ inFlight, pending }: UnsentEdits): boolean {
  return inFlight !== undefined || pending.length > 0;
}

function setLast(pending: readonly PendingEdit[], edit: PendingEdit): readonly PendingEdit[] {
  const kept = pending.at(-1)?.opId === edit.opId ? pending.slice(0, -1) : pending;
  return [...kept, edit];
}

/** The records that lead from `before` to `after` if edits were only added at the end. */
function addedSince(before: UnsentEdits, after: UnsentEdits): JournalRecord[] | undefined {
  if (before.version !== after.version || before.inFlight?.edits !== after.inFlight?.edits)
    return undefined;
  const last = before.pending.length - 1;
  const isKept = before.pending.every((edit, index) =>
    index < last ? edit === after.pending[index] : edit.opId === after.pending[index]?.opId,
  );
  if (!isKept) return undefined;
  return after.pending
    .slice(Math.max(0, last))
    .filter((edit) => !before.pending.includes(edit))
    .map((edit) => ({ tag: 'edit', edit }));
}
