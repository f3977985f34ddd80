import type { Draft } from '../../src/sync/draft.ts';
import type { JournalRecord } from '../../src/sync/draft-journal.ts';
import type { DraftStore } from '../../src/sync/ports.ts';
import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The drafts and the journal of one author. What was not written when the window went is lost. */
export class DiskModel {
  readonly drafts = new Map<string, Draft>();
  journal: readonly JournalRecord[] = [];
  readonly maxDelayMs: number;
  readonly #time: VirtualTime;
  readonly #random: Random;

  constructor(time: VirtualTime, random: Random, maxDelayMs: number) {
    this.#time = time;
    this.#random = random;
    this.maxDelayMs = maxDelayMs;
  }

  /** The disk as one window writes it, until the window is gone. */
  open(): { readonly store: DraftStore; crash(): void } {
    let isGone = false;
    const write = (change: () => void): Promise<void> =>
      new Promise((resolve) => {
        this.#time.after(this.#random.integer(0, this.maxDelayMs), () => {
          if (isGone) return;
          change();
          resolve();
          this.#time.noteSettled();
        });
      });
    return {
      store: {
        append: (_fileId, records) =>
          // Through JSON, as on a real disk.
          write(() => (this.journal = [...this.journal, ...throughJson(records)])),
        putDraft: (draft) => write(() => void this.drafts.set(draft.draftId, throughJson(draft))),
      },
      crash: () => (isGone = true),
    };
  }
}

function throughJson<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}
