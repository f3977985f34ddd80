import { type Changes, endOf, startOf } from '../../src/core/change.ts';
import type { Text } from '../../src/core/text.ts';

/**
 * Every character that anybody types is another one, so that it can be found again; only line ends
 * are not. Every seventh is a surrogate pair.
 */
export class Tokens {
  #count = 0;

  next(): string {
    const index = this.#count++;
    return String.fromCodePoint(index % 7 === 3 ? 0x2_0000 + index : 0x4e00 + index);
  }

  several(count: number): string {
    return Array.from({ length: count }, () => this.next()).join('');
  }
}

/** What one edit of an author did, as the author saw it. */
export interface SeenEdit {
  readonly author: string;
  readonly atMs: number;
  readonly parts: readonly SeenPart[];
}

export interface SeenPart {
  /** The characters beside the place, line ends included; empty at the borders of the text. */
  readonly left: string;
  readonly right: string;
  /** The nearest tokens on either side; empty where there is none. */
  readonly leftToken: string;
  readonly rightToken: string;
  readonly deleted: readonly string[];
  readonly inserted: readonly string[];
}

/** Who typed and who deleted each token, and what stood beside it. */
export class Ledger {
  readonly edits: SeenEdit[] = [];
  readonly typed = new Map<string, SeenEdit>();
  readonly deletions = new Map<string, SeenEdit[]>();
  /** Pairs of tokens of which the first must stand before the second wherever both are. */
  readonly order: (readonly [string, string])[] = [];
  /** Parts made on a text that was about to be exchanged for another. */
  readonly unsettled = new Set<SeenPart>();
  /** Who brought back which tokens by taking a step back. */
  readonly broughtBack = new Map<string, Set<string>>();
  takenCount = 0;
  /** Steps taken back that did what they must not. */
  readonly faults: string[] = [];
  /** Who put each token there: of several, each may have a copy that the others have not seen. */
  readonly #owners = new Map<string, Set<string>>();
  readonly #decisions = new Set<string>();
  /** Edits that a crash may have taken before anything could be written down. */
  readonly excused = new Set<SeenEdit>();

  /**
   * Notes an edit on the text that its author saw. `isSettledText` is false where that text was
   * about to be exchanged for another: then nobody can say what will stand beside what.
   */
  note(
    author: string,
    atMs: number,
    before: Text,
    changes: Changes,
    isSettledText = true,
  ): SeenEdit {
    const parts = changes.map((change): SeenPart => {
      const start = startOf(change);
      const end = endOf(change);
      const ahead = charactersOf(before.slice({ line: 0, character: 0 }, start));
      const behind = charactersOf(before.slice(end, before.end));
      return {
        left: ahead.at(-1) ?? '',
        right: behind[0] ?? '',
        leftToken: tokensIn(ahead).at(-1) ?? '',
        rightToken: tokensIn(behind)[0] ?? '',
        deleted: charactersOf(before.slice(start, end)),
        inserted: charactersOf(change.text),
      };
    });
    const edit: SeenEdit = { author, atMs, parts };
    this.edits.push(edit);
    for (const part of parts) {
      if (isSettledText) this.#noteOrder(part);
      else this.unsettled.add(part);
      for (const token of tokensIn(part.inserted)) {
        this.typed.set(token, edit);
        this.#own(token, author);
      }
      for (const token of tokensIn(part.deleted)) {
        this.deletions.set(token, [...(this.deletions.get(token) ?? []), edit]);
      }
    }
    return edit;
  }

  /**
   * Notes that an author took a step back, or made it again, in a text (S7): it may take away only
   * what the author put there, and bring back only what the author took away.
   */
  noteTaken(author: string, atMs: number, before: Text, changes: Changes): void {
    this.takenCount++;
    const text = before.toString();
    const edit = this.note(author, atMs, before, changes, false);
    for (const part of edit.parts) {
      const came = tokensIn(part.inserted);
      for (const token of tokensIn(part.deleted)) {
        const owners = this.#owners.get(token);
        if (!owners?.has(author) && !came.includes(token)) {
          const names = owners ? [...owners].join(' and ') : 'the start';
          this.faults.push(`${author} took back ${token} of ${names} in ${text}`);
        }
      }
      for (const token of came) this.#noteBroughtBack(author, token, text);
    }
    for (const token of edit.parts.flatMap((part) => tokensIn(part.inserted))) {
      this.#own(token, author);
    }
  }

  /** Notes a decision that was carried out: what its author saw there gave way to what they wrote. */
  noteDecision(author: string, opId: string, atMs: number, seen: string, text: string): void {
    // An answer that was lost is given again.
    if (this.#decisions.has(opId)) return;
    this.#decisions.add(opId);
    const inserted = charactersOf(text);
    const deleted = charactersOf(seen).filter((token) => !inserted.includes(token));
    const part = { left: '', right: '', leftToken: '', rightToken: '', deleted, inserted };
    const edit: SeenEdit = { author, atMs, parts: [part] };
    this.unsettled.add(part);
    for (const token of tokensIn(inserted)) if (!this.typed.has(token)) this.typed.set(token, edit);
    for (const token of tokensIn(deleted)) {
      this.deletions.set(token, [...(this.deletions.get(token) ?? []), edit]);
    }
  }

  get decisionCount(): number {
    return this.#decisions.size;
  }

  #own(token: string, author: string): void {
    this.#owners.set(token, (this.#owners.get(token) ?? new Set()).add(author));
  }

  #noteBroughtBack(author: string, token: string, text: string): void {
    const deletions = this.deletions.get(token) ?? [];
    const others = deletions.filter((deletion) => deletion.author !== author);
    if (others.length === deletions.length) {
      this.faults.push(
        `${author} brought back ${token}, which they had not taken away, in ${text}`,
      );
    }
    if (others.length > 0) this.deletions.set(token, others);
    else this.deletions.delete(token);
    this.broughtBack.set(token, (this.broughtBack.get(token) ?? new Set()).add(author));
  }

  /** The author's window crashed: what was typed since then need not have been kept. */
  excuseSince(author: string, sinceMs: number): void {
    for (const edit of this.edits) {
      if (edit.author === author && edit.atMs >= sinceMs) this.excused.add(edit);
    }
  }

  #noteOrder({ leftToken, rightToken, inserted }: SeenPart): void {
    const tokens = tokensIn(inserted);
    if (tokens.length === 0) return;
    const row = [leftToken, ...tokens, rightToken].filter((token) => token !== '');
    for (let index = 1; index < row.length; index++) {
      this.order.push([row[index - 1]!, row[index]!]);
    }
  }
}

/** The characters that have an identity. */
export function tokensIn(characters: Iterable<string>): string[] {
  return Array.from(characters).filter((character) => character !== '\n');
}

/** A text by whole characters, surrogate pairs kept together. */
export function charactersOf(text: string): string[] {
  return Array.from(text);
}
