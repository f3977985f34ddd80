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
  /** How many of them the document has had since it was last known what is on disk. */
  #sinceKnown = 0;

  constructor(port: DocumentPort) {
    this.#current = Text.of(port.text());
    if (port.document.isDirty) this.#add();
    port.onChange(({ changes, cause }) => {
      this.#current = this.#current.apply(changes);
      // Other line ends are an edit too, by which a text that was only loaded is one to be saved.
      if (cause !== 'disk') this.#add();
      else if (changes.length > 0) this.diskKnown();
    });
  }

  /** It is known what is on disk now: what was saved before is there no more, unless somebody puts it back. */
  diskKnown(): void {
    this.#sinceKnown = 0;
  }

  /** `when`: only since it was last known what is on disk, or any of the last texts. */
  includes(text: string, when: 'since_known' | 'lately'): boolean {
    const counted = when === 'lately' ? this.#texts.length : this.#sinceKnown;
    const texts = this.#texts.slice(this.#texts.length - counted);
    return texts.some((each) => each.length === text.length && each.toString() === text);
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

  #add(): void {
    this.#texts.push(this.#current);
    if (this.#texts.length > KEPT_TEXTS) this.#texts.shift();
    this.#sinceKnown = Math.min(this.#sinceKnown + 1, KEPT_TEXTS);
  }
}
