/**
 * Owns: which texts a document has had lately by editing, so that bytes on disk can be told for a
 * save of it. A text that was loaded from disk is one only where a save began before. Does not know: saves, disks.
 */
import type { Position } from '../core/position.ts';
import { Text } from '../core/text.ts';
import { minimalChanges, sizeOfChanges } from '../sync/minimal-changes.ts';
import type { DocumentPort } from './document-port.ts';

/** How far back a save may lie when somebody asks about it. Texts share what they have in common. */
const KEPT_TEXTS = 256;
/** Comparing costs a search for differences, and a save is reported within a few keys. */
const COMPARED_TEXTS = 32;

/** The text that a document had at some moment, loaded or not, and those that come after. */
export interface TextsSince {
  readonly first: Text;
  readonly count: number;
}

interface RecentText {
  readonly text: Text;
  readonly isLoaded: boolean;
}

export class RecentTexts {
  readonly #texts: RecentText[] = [];
  #current: Text;
  /** How many there have been, with those that are not kept any more. */
  #count = 0;

  /** `former`: what was known of the same document until now. */
  constructor(port: DocumentPort, former?: RecentTexts) {
    this.#current = Text.of(port.text());
    if (former) {
      this.#texts.push(...former.#texts);
      this.#count = former.#count;
    }
    if (port.document.isDirty) this.#add(false);
    port.onChange(({ changes, cause }) => {
      this.#current = this.#current.apply(changes);
      // Other line ends are an edit too, by which a text that was only loaded is one to be saved.
      this.#add(cause === 'disk');
    });
  }

  /** The end of the text that the document has. */
  get end(): Position {
    return this.#current.end;
  }

  /** A save that begins now writes the text that the document has, or one that it has later. */
  now(): TextsSince {
    return { first: this.#current, count: this.#count };
  }

  /** True for one of the last texts, or for one of those that the document has had since some moment. */
  includes(text: string, since?: TextsSince): boolean {
    const isIt = (each: Text): boolean => isWrittenAs(each, text);
    if (since !== undefined) return this.#since(since).some(isIt);
    return this.#texts.some((each) => !each.isLoaded && isIt(each.text));
  }

  /** Of those the last few ones, the one that is least different from `text`, the newest of several. */
  nearest(text: string, since?: TextsSince): string | undefined {
    const all = since ? this.#since(since) : this.#texts.map((each) => each.text);
    const candidates = all.slice(-COMPARED_TEXTS).reverse();
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

  #since({ first, count }: TextsSince): readonly Text[] {
    const later = Math.min(this.#count - count, this.#texts.length);
    return [first, ...this.#texts.slice(this.#texts.length - later).map(({ text }) => text)];
  }

  #add(isLoaded: boolean): void {
    this.#texts.push({ text: this.#current, isLoaded });
    if (this.#texts.length > KEPT_TEXTS) this.#texts.shift();
    this.#count += 1;
  }
}

/** True where a save of `text` writes `written`: of half of a character it makes U+FFFD, which has the same length. */
export function isWrittenAs(text: Text, written: string): boolean {
  if (text.length !== written.length) return false;
  const own = text.toString();
  return own === written || (written.includes('\uFFFD') && own.toWellFormed() === written);
}
