/** Every piece of text that a walk writes is a word that was never written before. */
export class Words {
  #count = 0;
  /** Seen on disk, or in the world at rest: from then on somebody has to answer for it. */
  readonly #owed = new Map<string, string>();
  /** Somebody took it away on purpose. */
  readonly #asked = new Set<string>();

  /** Written on disk while a save may have been about to write there, too. */
  readonly #unsure = new Set<string>();

  make(): string {
    this.#count += 1;
    return `q${this.#count}z`;
  }

  /** `where` is for whoever looks for a fault. */
  owe(text: string, where: string): void {
    for (const word of wordsIn(text)) {
      if (!this.#owed.has(word) && !this.#unsure.has(word)) this.#owed.set(word, where);
    }
  }

  isUnsure(word: string): void {
    this.#unsure.add(word);
  }

  /** All is at rest: what is there by now is there. */
  areSure(): void {
    this.#unsure.clear();
  }

  askedAway(words: readonly string[]): void {
    for (const word of words) this.#asked.add(word);
  }

  /** What breaks the law: a word that is nowhere, and one that is somewhere twice. */
  faults({ texts, kept }: Places): readonly string[] {
    const lost = [...this.#owed]
      .filter(([word]) => !this.#asked.has(word))
      .filter(
        ([word]) => ![...texts.values(), ...kept].some((text) => wordsIn(text).includes(word)),
      )
      .map(([word, where]) => `${word} is lost; it was ${where}`);
    const counts = new Map<string, string[]>();
    for (const [name, text] of texts) {
      for (const word of wordsIn(text)) counts.set(word, [...(counts.get(word) ?? []), name]);
    }
    const doubled = [...counts]
      .filter(([, names]) => names.length > 1)
      .map(([word, names]) => `${word} is there ${names.length} times: ${names.join(', ')}`);
    return [...lost, ...doubled];
  }
}

export interface Places {
  /** The files of the worlds, by root and path. */
  readonly texts: ReadonlyMap<string, string>;
  /** What tickets propose, and drafts. */
  readonly kept: readonly string[];
}

export function wordsIn(text: string): readonly string[] {
  return text.match(/q\d+z/g) ?? [];
}
