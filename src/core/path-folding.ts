import { UNICODE_17 } from './unicode-17.ts';
import {
  isIn,
  type Mapping,
  type Range,
  readCompositions,
  readMapping,
  readOrders,
  readRanges,
  type UnicodeTable,
} from './unicode-table.ts';

/**
 * Numbers of the tables by which worlds tell paths apart. A world keeps the one that its history names, so
 * that a newer version of Unicode moves no file: append, never change one.
 *
 * - 0: worlds of 0.1.0, whose history names none. They took the runtime's tables, of Unicode 15.1 at least;
 *   what later versions added is left as it is.
 * - 1: Unicode 17.
 */
export const PATH_TABLES = { first: 0, newest: 1 } as const;

export function isPathTable(number: number): boolean {
  return number === PATH_TABLES.first || number === PATH_TABLES.newest;
}

/** A path's letters without case, in composed form, without what is not shown. */
export function foldPath(path: string, table: number): string {
  return foldingOf(table).fold(path);
}

/** Folds texts as `toUpperCase`, `toLowerCase` and `normalize` do in a runtime with the same Unicode. */
class Folding {
  readonly #ignorable: readonly Range[];
  readonly #cased: readonly Range[];
  readonly #caseIgnorable: readonly Range[];
  readonly #upper: Mapping;
  readonly #lower: Mapping;
  readonly #decomposed: Mapping;
  readonly #composed: ReturnType<typeof readCompositions>;
  readonly #orders: ReadonlyMap<number, number>;
  readonly #unknown: readonly Range[];

  /** Code points in `unknown` are left as they are. */
  constructor(table: UnicodeTable, unknown: readonly Range[]) {
    this.#unknown = unknown;
    const known = (mapping: Mapping): Mapping => without(mapping, unknown);
    this.#ignorable = readRanges(table.ignorable);
    this.#cased = readRanges(table.cased);
    this.#caseIgnorable = readRanges(table.caseIgnorable);
    this.#upper = known(readMapping(table.upper));
    this.#lower = known(readMapping(table.lower));
    this.#composed = readCompositions(table.composed);
    this.#decomposed = known(decompositions(readMapping(table.decomposed), this.#composed));
    const orders = [...readOrders(table.order)].filter(([point]) => !isIn(unknown, point));
    this.#orders = new Map(orders);
  }

  /** By way of upper case, so that ß meets ss and ſ meets s as they do on disk. */
  fold(text: string): string {
    const shown = pointsOf(text).filter((point) => !isIn(this.#ignorable, point));
    const upper = this.#sorted(this.#decompose(shown)).flatMap((point) => this.#toUpper(point));
    const lower = upper.flatMap((point, at) => this.#toLower(upper, point, at));
    const composed = this.#compose(this.#sorted(this.#decompose(lower)));
    return composed.map((point) => String.fromCodePoint(point)).join('');
  }

  #toUpper(point: number): readonly number[] {
    if (point < 0x80) return [point >= 0x61 && point <= 0x7a ? point - 0x20 : point];
    return this.#upper.get(point) ?? [point];
  }

  #toLower(text: readonly number[], point: number, at: number): readonly number[] {
    if (point < 0x80) return [point >= 0x41 && point <= 0x5a ? point + 0x20 : point];
    if (point === SIGMA) return [this.#endsWord(text, at) ? FINAL_SIGMA : SMALL_SIGMA];
    return this.#lower.get(point) ?? [point];
  }

  /** The Greek sigma is another letter behind a letter that no letter follows. */
  #endsWord(text: readonly number[], at: number): boolean {
    return this.#hasLetter(text, at, -1) && !this.#hasLetter(text, at, 1);
  }

  #hasLetter(text: readonly number[], from: number, step: 1 | -1): boolean {
    let at = from + step;
    while (at >= 0 && at < text.length && this.#is(this.#caseIgnorable, text[at]!)) at += step;
    return at >= 0 && at < text.length && this.#is(this.#cased, text[at]!);
  }

  #is(ranges: readonly Range[], point: number): boolean {
    return isIn(ranges, point) && !isIn(this.#unknown, point);
  }

  #decompose(text: readonly number[]): number[] {
    return text.flatMap((point) => {
      const syllable = point - HANGUL.first;
      if (syllable >= 0 && syllable < HANGUL.count) return partsOfSyllable(syllable);
      return this.#decomposed.get(point) ?? [point];
    });
  }

  /** Marks behind a letter in the order of their places; those of one place stay as they are. */
  #sorted(text: number[]): number[] {
    for (let at = 0; at < text.length; at++) {
      const place = this.#orders.get(text[at]!);
      if (place === undefined) continue;
      let to = at;
      while (to > 0 && (this.#orders.get(text[to - 1]!) ?? 0) > place) to--;
      if (to < at) text.splice(to, 0, ...text.splice(at, 1));
    }
    return text;
  }

  #compose(text: readonly number[]): number[] {
    const composed: number[] = [];
    let letterAt = -1;
    let lastPlace = 0;
    for (const point of text) {
      const place = this.#orders.get(point) ?? 0;
      // What stands between hides the letter from a mark of its own place or a lower one.
      const isHidden = letterAt < composed.length - 1 && (lastPlace === 0 || lastPlace >= place);
      const whole = letterAt < 0 || isHidden ? undefined : this.#pair(composed[letterAt]!, point);
      if (whole !== undefined) {
        composed[letterAt] = whole;
        continue;
      }
      if (place === 0) letterAt = composed.length;
      lastPlace = place;
      composed.push(point);
    }
    return composed;
  }

  #pair(first: number, second: number): number | undefined {
    return syllableOf(first, second) ?? this.#composed.get(first)?.get(second);
  }
}

/** All that is taken apart, down to what cannot be. */
function decompositions(forGood: Mapping, composed: ReturnType<typeof readCompositions>): Mapping {
  const pairs = new Map<number, readonly [number, number]>();
  for (const [first, bySecond] of composed) {
    for (const [second, whole] of bySecond) pairs.set(whole, [first, second]);
  }
  const takenApart = (point: number): readonly number[] => {
    const pair = pairs.get(point);
    return pair ? pair.flatMap(takenApart) : (forGood.get(point) ?? [point]);
  };
  const wholes = [...pairs.keys()].map((point) => [point, takenApart(point)] as const);
  return new Map([...forGood, ...wholes]);
}

function without(mapping: Mapping, unknown: readonly Range[]): Mapping {
  const known = [...mapping].filter(
    ([point, becomes]) => ![point, ...becomes].some((each) => isIn(unknown, each)),
  );
  return new Map(known);
}

function partsOfSyllable(syllable: number): number[] {
  const { leads, vowels, tails } = HANGUL;
  const tail = syllable % tails.count;
  const pair = Math.floor(syllable / tails.count);
  const parts = [
    leads.first + Math.floor(pair / vowels.count),
    vowels.first + (pair % vowels.count),
  ];
  return tail === 0 ? parts : [...parts, tails.first + tail];
}

function syllableOf(first: number, second: number): number | undefined {
  const { leads, vowels, tails } = HANGUL;
  const lead = first - leads.first;
  const vowel = second - vowels.first;
  if (lead >= 0 && lead < leads.count && vowel >= 0 && vowel < vowels.count) {
    return HANGUL.first + (lead * vowels.count + vowel) * tails.count;
  }
  const syllable = first - HANGUL.first;
  const tail = second - tails.first;
  const isOpen = syllable >= 0 && syllable < HANGUL.count && syllable % tails.count === 0;
  return isOpen && tail > 0 && tail < tails.count ? first + tail : undefined;
}

function pointsOf(text: string): number[] {
  return Array.from(text, (letter) => letter.codePointAt(0)!);
}

/** Read when the first path is folded that is more than ASCII. */
function foldingOf(table: number): Folding {
  let folding = foldings.get(table);
  if (!folding) {
    if (!isPathTable(table)) throw new RangeError(`no table has the number ${table}`);
    folding = new Folding(UNICODE_17, table === PATH_TABLES.first ? NEWER_THAN_15 : []);
    foldings.set(table, folding);
  }
  return folding;
}

const foldings = new Map<number, Folding>();

const [SIGMA, SMALL_SIGMA, FINAL_SIGMA] = [0x3a3, 0x3c3, 0x3c2] as const;

/** Korean syllables are made of their parts by a rule. */
const HANGUL = {
  first: 0xac00,
  count: 11_172,
  leads: { first: 0x1100, count: 19 },
  vowels: { first: 0x1161, count: 21 },
  /** The first is none. */
  tails: { first: 0x11a7, count: 28 },
} as const;

/** What Unicode 16 and 17 added and what folds, orders or joins with it; a list as in `UnicodeTable`. */
const NEWER_THAN_15 = readRanges(
  '1p3.1 3lk.f h.c bt.2 ria.5 7.1 2.1 6.3 ijz.1 9.1 8.1 a.1 1gs.m p.5 7.m ay.2 w8.4 ' +
    '9.1 3.1 2.2 14.1 3.1 7.1 3.1 2.3 7.3 f9s.c h.1 2es.1 4.4 8p.p r.p njn.2 6t.1 3.1 ' +
    '8.2 7.1',
);
