import { type Changes, normalizeChanges } from '../../src/core/change.ts';
import type { Text } from '../../src/core/text.ts';
import type { DocumentChange, EditorDocument, StopListening } from '../../src/sync/ports.ts';

/** A document of an editor in one process: an edit of the world's loses to keys that were quicker. */
export class MemoryDocument implements EditorDocument {
  version = 1;
  readonly holdsEventsBack = false;
  #text: Text;
  readonly #listeners = new Set<(event: DocumentChange) => void>();

  constructor(text: Text) {
    this.#text = text;
  }

  text(): string {
    return this.#text.toString();
  }

  lineCount(): number {
    return this.#text.end.line + 1;
  }

  line(number: number): string {
    return this.#text.line(number);
  }

  /** The user changes the text. */
  type(changes: Changes): void {
    this.#change(normalizeChanges(changes));
  }

  async apply(changes: Changes, version: number): Promise<boolean> {
    // As in an editor, the user's keys may come before.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.version !== version) return false;
    this.#change(changes);
    return true;
  }

  onChange(listener: (event: DocumentChange) => void): StopListening {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #change(changes: Changes): void {
    this.#text = this.#text.apply(changes);
    this.version += 1;
    const event: DocumentChange = { version: this.version, changes, cause: 'edit' };
    for (const listener of this.#listeners) listener(event);
  }
}
