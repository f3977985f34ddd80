import { type Changes } from '../core/change.ts';
import { compose } from '../core/compose.ts';
import { rebase } from '../core/rebase.ts';
import { Text } from '../core/text.ts';
import { minimalChanges } from '../sync/minimal-changes.ts';
import type { DocumentChange, StopListening } from '../sync/ports.ts';
import type { DocumentPort } from './document-port.ts';

/** Collects what the user types into a document while its file is still being opened in the world. */
export class UnboundEdits {
  readonly #stop: StopListening;
  readonly #port: DocumentPort;
  /** What the document showed when it was first seen, or loaded last; unknown for one found dirty. */
  #loaded: Text | undefined;
  #typed: Changes = [];

  constructor(port: DocumentPort) {
    this.#port = port;
    this.#loaded = port.document.isDirty ? undefined : Text.of(port.text());
    this.#stop = port.onChange((event) => this.#follow(event));
  }

  /**
   * Ends collecting; what the user has done, relative to `world`. `candidates` are texts that a
   * document found dirty, as after a reload of the window, may have been made from: `world` itself
   * and those before it.
   */
  finish(world: Text, candidates: readonly Text[]): Changes {
    this.#stop();
    if (this.#loaded !== undefined) {
      const since = minimalChanges(this.#loaded, world.toString());
      return rebase(this.#typed, since, 'after');
    }
    const shown = this.#port.text();
    const base = nearest(shown, candidates);
    if (base === undefined) return [];
    return rebase(minimalChanges(base, shown), minimalChanges(base, world.toString()), 'after');
  }

  #follow({ cause, changes }: DocumentChange): void {
    if (cause === 'disk') {
      this.#loaded = Text.of(this.#port.text());
      this.#typed = [];
    } else if (this.#loaded !== undefined) {
      this.#typed = compose(this.#typed, changes);
    }
  }
}

/** The text that differs least, the earlier of the list where several do. */
function nearest(shown: string, candidates: readonly Text[]): Text | undefined {
  let best: Text | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    const distance = sizeOf(minimalChanges(candidate, shown), candidate);
    if (distance === 0) return candidate;
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

function sizeOf(changes: Changes, base: Text): number {
  return changes.reduce((sum, change) => {
    const start = { line: change.startLine, character: change.startCharacter };
    const end = { line: change.endLine, character: change.endCharacter };
    return sum + change.text.length + base.slice(start, end).length;
  }, 0);
}
