/**
 * Owns: which texts a document has had lately by editing, so that bytes on disk can be told for a
 * save of it. A text that was loaded from disk is none of them. Does not know: saves, disks.
 */
import { Text } from '../core/text.ts';
import { minimalChanges, sizeOfChanges } from '../sync/minimal-changes.ts';
import type { DocumentPort } from './document-port.ts';

/** How far back a save may lie when somebody asks about it. Texts share what they have in common. */
const KEPT_TEXTS = 256;
/** Comparing costs a search for differences, and a save is reported within a few keys. */
const COMPARED_TEXTS = 32;

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

  /** `isBound`: true for a text beyond which nothing older counts. */
  includes(text: string, isBound: (text: string) => boolean = () => false): boolean {
    for (const each of this.#texts.toReversed()) {
      if (each.length === text.length && each.toString() === text) return true;
      if (isBound(each.toString())) return false;
    }
    return false;
  }

  /** Of the last few texts the one that is least different from `text`, the newest of several. */
  nearest(text: string): string | undefined {
    const candidates = this.#texts.slice(-COMPARED_TEXTS).reverse();
    const found = candidates.map((each) => ({
      each,
      size: sizeOfChanges(minimalChanges(each, text), each),
    }));
    const [first, ...others] = found;
    if (first === undefined) return undefined;
    return others
      .reduce((best, next) => (next.size < best.size ? next : best), first)
      .each.toString();
  }
}
