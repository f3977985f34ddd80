/**
 * Owns: what the page of an agent has been sent, so that only what is other is sent: of a text that grows, its last
 * blocks. Does not know: how an entry is put into words, or how the page draws it.
 */
import type { RunEntry } from '../../acp/agent-run.ts';
import type { ShownEntry, ToPage } from './shown-run.ts';
import { firstDifference } from './text-blocks.ts';

/** So many are drawn within a turn of 16 ms. */
export const BATCH = 25;

export class RunUpdates {
  readonly #show: (entry: RunEntry) => ShownEntry;
  #sent = new Map<string, ShownEntry>();

  constructor(show: (entry: RunEntry) => ShownEntry) {
    this.#show = show;
  }

  /** All that there is, in messages that are short to draw. */
  *whole(entries: readonly RunEntry[]): Generator<ToPage> {
    this.#sent = new Map();
    for (let at = 0; at === 0 || at < entries.length; at += BATCH) {
      const shown = entries.slice(at, at + BATCH).map((entry) => this.#show(entry));
      for (const each of shown) this.#sent.set(each.id, each);
      yield { tag: 'entries', isWhole: at === 0, entries: shown };
    }
  }

  /** What is other or gone, of those that may be. */
  changed(entries: readonly RunEntry[], ids: ReadonlySet<string>): readonly ToPage[] {
    const left = new Set(entries.map(({ id }) => id));
    const gone = [...ids].filter((id) => !left.has(id) && this.#sent.delete(id));
    const messages: ToPage[] = gone.length > 0 ? [{ tag: 'gone', ids: gone }] : [];
    const anew: ShownEntry[] = [];
    for (const entry of entries) {
      if (!ids.has(entry.id)) continue;
      const shown = this.#show(entry);
      const before = this.#sent.get(shown.id);
      this.#sent.set(shown.id, shown);
      if (before === undefined || !isSameFrame(before, shown)) anew.push(shown);
      else {
        const from = firstDifference(before.blocks, shown.blocks);
        if (from === shown.blocks.length && from === before.blocks.length) continue;
        messages.push({ tag: 'blocks', id: shown.id, from, blocks: shown.blocks.slice(from) });
      }
    }
    for (let at = 0; at < anew.length; at += BATCH) {
      messages.push({ tag: 'entries', isWhole: false, entries: anew.slice(at, at + BATCH) });
    }
    return messages;
  }
}

/** They differ in nothing but their text. */
function isSameFrame(one: ShownEntry, other: ShownEntry): boolean {
  return frameOf(one) === frameOf(other);
}

function frameOf(entry: ShownEntry): string {
  return JSON.stringify({ ...entry, blocks: undefined });
}
