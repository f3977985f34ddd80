/**
 * Owns: what is written down of edits that the world has not taken (S8), when, and how a window
 * that starts again gets them back. Does not know: files and disks (a port does), the world.
 */
import type { Text } from '../core/text.ts';
import { type DocumentState, type InFlight, openedState, targetText } from './document-state.ts';
import { type PendingEdit, withMaker } from './pending-edit.ts';
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
  /** Drafts whose text is no longer among the edits, but which may not be in the store yet. */
  readonly drafts?: readonly Draft[];
}

/** Reads a journal back; undefined when nothing is left to send. */
export function readJournal(records: readonly JournalRecord[]): UnsentEdits | undefined {
  const unsent = journalStates(records).at(-1);
  return unsent && hasUnsent(unsent) ? unsent : undefined;
}

/** The unsent edits as they stood after each record of a journal. */
export function journalStates(records: readonly JournalRecord[]): readonly UnsentEdits[] {
  const states: UnsentEdits[] = [];
  for (const record of records) {
    const before = states.at(-1);
    if (record.tag === 'unsent') states.push(record);
    else if (before) states.push({ ...before, pending: setLast(before.pending, record.edit) });
  }
  return states;
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
    pending: unsent.pending.map((edit): PendingEdit => ({
      ...withMaker(edit, 'user'),
      isRestored: true,
    })),
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
    const unsent = unsentOf(confirmed.version, inFlight, pending, this.#drafts);
    if (!hasUnsent(unsent) && !(this.#recorded && hasUnsent(this.#recorded))) return;
    const added = this.#recorded && addedSince(this.#recorded, unsent);
    this.#queue = added ? [...this.#queue, ...added] : [{ tag: 'unsent', ...unsent }];
    this.#recorded = unsent;
    this.#pump();
  }

  /**
   * Keeps a draft, together with the next state that is noted: one record lets go of its text as an
   * edit and has it as a draft, so that a crash finds it as one of the two.
   */
  keep(draft: Draft): void {
    const others = this.#drafts.filter(({ draftId }) => draftId !== draft.draftId);
    this.#drafts = [...others, draft];
  }

  /** Resolves when all that was noted is written. */
  async flushed(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  #pump(): void {
    if (this.#writing || this.#queue.length === 0) return;
    const records = this.#queue;
    this.#queue = [];
    this.#writing = this.#write(records);
  }

  async #write(records: readonly JournalRecord[]): Promise<void> {
    try {
      await this.#store.append(this.#fileId, records);
      for (const record of records) if (record.tag === 'unsent') await this.#putDrafts(record);
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

  /** Once they are in the store the journal must not bring them back: somebody may decide about them. */
  async #putDrafts({ drafts = [] }: UnsentEdits): Promise<void> {
    if (drafts.length === 0) return;
    for (const draft of drafts) await this.#store.putDraft(draft);
    this.#drafts = this.#drafts.filter((draft) => !drafts.includes(draft));
    if (!this.#recorded) return;
    const { drafts: _written, ...unsent } = this.#recorded;
    this.#recorded = this.#drafts.length > 0 ? { ...unsent, drafts: this.#drafts } : unsent;
    this.#queue = [{ tag: 'unsent', ...this.#recorded }];
  }
}

function unsentOf(
  version: number,
  inFlight: InFlight | undefined,
  pending: readonly PendingEdit[],
  drafts: readonly Draft[],
): UnsentEdits {
  return {
    version,
    pending,
    ...(inFlight && { inFlight: withoutBase(inFlight) }),
    ...(drafts.length > 0 && { drafts }),
  };
}

function withoutBase({ batch, awaited, edits }: InFlight): Omit<InFlight, 'base'> {
  return { batch, awaited, edits };
}

function hasUnsent({ inFlight, pending, drafts = [] }: UnsentEdits): boolean {
  return inFlight !== undefined || pending.length > 0 || drafts.length > 0;
}

function setLast(pending: readonly PendingEdit[], edit: PendingEdit): readonly PendingEdit[] {
  const kept = pending.at(-1)?.opId === edit.opId ? pending.slice(0, -1) : pending;
  return [...kept, edit];
}

/** The records that lead from `before` to `after` if edits were only added at the end. */
function addedSince(before: UnsentEdits, after: UnsentEdits): JournalRecord[] | undefined {
  if (before.drafts !== after.drafts) return undefined;
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
