/** A name as it is kept and shown: what cannot be seen, or turns what stands beside it, is left out. */
export function cleanName(name: string): string {
  return name.replace(UNSEEN, '').replace(IDLE_JOINERS, '$1').replace(SPACES, ' ').trim();
}

/**
 * The same for two names that people would take for one: case, widths, spaces, marks that are not
 * shown, and letters of other scripts that look like Latin ones count for nothing. Empty for a name
 * that shows nothing. Only compared where names are given: what came of it is in the history, so a
 * replay needs no table of Unicode's.
 */
export function nameKey(name: string): string {
  const known = keys.get(name);
  if (known !== undefined) return known;
  const key = keyOf(name);
  // Names are compared whenever one is given or shown, and hardly ever change.
  if (keys.size >= KEYS_KEPT) keys.clear();
  if (name.length <= LONGEST_KEPT) keys.set(name, key);
  return key;
}

function keyOf(name: string): string {
  const plain = cleanName(name).normalize('NFKD').replace(JOINERS, '');
  const letters = Array.from(plain.toUpperCase().toLowerCase());
  return cleanName(letters.map((letter) => LOOKS.get(letter) ?? letter).join(''));
}

/** The name, or the first of `name 2`, `name 3`, … that nobody has; none is longer than `maxLength`. */
export function freeName(
  name: string,
  maxLength: number,
  isTaken: (key: string) => boolean,
): string {
  const clean = cleanName(name);
  const isFree = (candidate: string): boolean => !isTaken(nameKey(candidate));
  if (nameKey(clean) === '' || isFree(clean)) return clean;
  for (let number = 2; ; number++) {
    const addition = ` ${number}`;
    const candidate = cleanName(`${shortened(clean, maxLength - addition.length)}${addition}`);
    if (isFree(candidate)) return candidate;
  }
}

function shortened(name: string, length: number): string {
  if (name.length <= length) return name;
  // Not within a pair of surrogates.
  return name
    .slice(0, Math.max(0, length))
    .replace(/[\ud800-\udbff]$/, '')
    .trimEnd();
}

/** A class of characters out of code points and ranges of them, in hexadecimal digits. */
function classOf(ranges: string): string {
  return ranges.replace(/[0-9a-f]+/g, '\\u{$&}').replaceAll(' ', '');
}

/** Marks of direction, fillers, tags, and what else has no width. */
const UNSEEN = new RegExp(
  `[${classOf(
    'ad 34f 61c 115f-1160 17b4-17b5 180b-180f 200b 200e-200f 202a-202e 2060-206f 3164 feff ffa0 ' +
      'fff0-fffb 1bca0-1bca3 1d173-1d17a e0000-e0fff',
  )}]`,
  'gu',
);

/** They belong to letters of some scripts, and to emoji; after others they do nothing. */
const JOINER = classOf('200c-200d fe00-fe0f');
const JOINERS = new RegExp(`[${JOINER}]`, 'gu');
const IDLE_JOINERS = new RegExp(`(^|[${classOf('0-2ff 2800')}\\s])[${JOINER}]+`, 'gu');

const KEYS_KEPT = 4096;
const LONGEST_KEPT = 200;
const keys = new Map<string, string>();

const SPACES = /[\s\u2800]+/g;

/** Small letters beside those that they, or their capitals, look like. */
const LOOKS: ReadonlyMap<string, string> = new Map(
  [
    ['l1|0', 'iiio'],
    ['авеѕіјкмнорстхуѵһԁԛԝӏ', 'abesijkmhopctxyvhdqwi'],
    ['αβεζηικμνορτυχϲϳ', 'abezhikmnoptyxcj'],
  ].flatMap(([others = '', latin = '']) =>
    Array.from(others, (letter, index) => [letter, latin[index]!] as const),
  ),
);
