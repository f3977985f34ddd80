/**
 * Owns: what changes do to the words of a text: whether they leave them as they are, or bring some that were not there.
 * Does not know: who made the changes, and what follows from that.
 */
import { type Change, type Changes, endOf, startOf } from '../core/change.ts';
import type { Text } from '../core/text.ts';

/** A sign such as that of a currency, and an emoji, is a word too: no formatter makes one. */
const WORDS = /[\p{L}\p{M}\p{N}\p{Sc}\p{So}_]+/gu;
const WORD_AT_END = /[\p{L}\p{M}\p{N}\p{Sc}\p{So}_]*$/u;
const WORD_AT_START = /^[\p{L}\p{M}\p{N}\p{Sc}\p{So}_]*/u;
/** The rest of a word is looked for so far off: what is longer is cut in the same way before and after. */
const MOST_OF_WORD = 64;

/** True for a change of nothing but white space and punctuation, as trimming is, and formatting nearly always. */
export function keepsWords(change: Change, text: Text): boolean {
  const replaced = text.slice(startOf(change), endOf(change));
  return wordsOf(change.text).join('') === wordsOf(replaced).join('');
}

/** True where words stand in the text after the changes of one event that they have not taken away elsewhere in it. */
export function bringWords(changes: Changes, text: Text): boolean {
  const taken = new Map<string, number>();
  const brought: string[] = [];
  for (const change of changes) {
    const [start, end] = [startOf(change), endOf(change)];
    // Half of a word that is changed makes another word.
    const before = text.line(start.line).slice(0, start.character).slice(-MOST_OF_WORD);
    const after = text.line(end.line).slice(end.character, end.character + MOST_OF_WORD);
    const [head, tail] = [WORD_AT_END.exec(before)![0], WORD_AT_START.exec(after)![0]];
    for (const word of wordsOf(head + text.slice(start, end) + tail)) {
      taken.set(word, (taken.get(word) ?? 0) + 1);
    }
    brought.push(...wordsOf(head + change.text + tail));
  }
  return brought.some((word) => {
    const left = taken.get(word) ?? 0;
    taken.set(word, left - 1);
    return left <= 0;
  });
}

function wordsOf(text: string): readonly string[] {
  return text.match(WORDS) ?? [];
}
