/**
 * Owns: which texts a document has had lately by editing, so that bytes on disk can be told for a
 * save of it. A text that was loaded from disk is none of them. Does not know: saves, disks.
 */
import { Text } from '../core/text.ts';
import type { DocumentPort } from './document-port.ts';

/** How far back a save may lie when somebody asks about it. Texts share what they have in common. */
const KEPT_TEXTS = 256;

export class RecentTexts {
  readonly #texts: Text[] = [];
  #current: Text;

  constructor(port: DocumentPort) {
    this.#current = Text.of(port.text());
    if (port.document.isDirty) this.#texts.push(this.#current);
    port.onChange(({ changes, cause }) => {
      this.#current = this.#current.apply(changes);
      if (cause === 'disk' || changes.length === 0) return;
      this.#texts.push(this.#current);
      if (this.#texts.length > KEPT_TEXTS) this.#texts.shift();
    });
  }

  includes(text: string): boolean {
    return this.#texts.some((each) => each.length === text.length && each.toString() === text);
  }
}
