/**
 * Owns: where lines that an agent quotes stand in a text: exactly, or with small mismatches that models
 * make: white space at the ends of lines, and indentation that differs by the same on every line. Does not
 * know: what the quote is for.
 */

/** How a quote's lines differ from those of the text. */
export type Mismatch =
  | { readonly tag: 'trailing' }
  /** The text has `added` before every line of the quote, or lacks `removed`. */
  | { readonly tag: 'indent'; readonly added: string; readonly removed: string }
  /** One has tabs where the other has so many spaces. */
  | { readonly tag: 'tabs'; readonly width: number; readonly textHasTabs: boolean };

/** A run of whole lines of a text, from 0, `end` not included. */
export interface QuotePlace {
  readonly start: number;
  readonly end: number;
  readonly mismatch: Mismatch | undefined;
}

/** Every place where the lines stand from a line on; exact ones, or else those with the same least mismatch. */
export function placesOfLines(
  text: readonly string[],
  quote: readonly string[],
  from = 0,
): readonly QuotePlace[] {
  if (quote.every((line) => line.trim() === '')) {
    return exactPlaces(text, quote, from);
  }
  const exact = exactPlaces(text, quote, from);
  if (exact.length > 0) return exact;
  const wanted = quote.map((line) => line.trim());
  const alike = windowsWhere(
    text,
    quote.length,
    from,
    (line, index) => line.trim() === wanted[index],
  );
  const found = alike.flatMap((start): QuotePlace[] => {
    const end = start + quote.length;
    const mismatch = mismatchOf(text.slice(start, end), quote);
    return mismatch ? [{ start, end, mismatch }] : [];
  });
  for (const tag of ['trailing', 'indent', 'tabs'] as const) {
    const some = found.filter(({ mismatch }) => mismatch?.tag === tag);
    if (some.length > 0) return some;
  }
  return [];
}

/** A line of the agent's as the text would have it, where its quote had such a mismatch. */
export function asInText(line: string, mismatch: Mismatch | undefined): string {
  if (mismatch === undefined || mismatch.tag === 'trailing' || line.trim() === '') return line;
  if (mismatch.tag === 'indent') {
    const { added, removed } = mismatch;
    if (removed !== '' && line.startsWith(removed)) return line.slice(removed.length);
    return added + line;
  }
  const indent = indentOf(line);
  const columns = widthOf(indent, mismatch.width);
  const { width } = mismatch;
  const tabs = '\t'.repeat(Math.floor(columns / width)) + ' '.repeat(columns % width);
  return (mismatch.textHasTabs ? tabs : ' '.repeat(columns)) + line.slice(indent.length);
}

/** What was found in place of the quote, as a sentence. */
export function mismatchNote(mismatch: Mismatch): string {
  switch (mismatch.tag) {
    case 'trailing':
      return 'Your quote differed from the file in white space at the ends of lines; the place was found all the same.';
    case 'indent': {
      const { added, removed } = mismatch;
      const how = added === '' ? `${describe(removed)} less` : `${describe(added)} more`;
      return `The file has ${how} indentation than your quote; your new text was indented in the same way.`;
    }
    case 'tabs':
      return `The file is indented by ${mismatch.textHasTabs ? 'tabs' : 'spaces'}, your quote by ${mismatch.textHasTabs ? 'spaces' : 'tabs'}; your new text was indented as the file is.`;
  }
}

function exactPlaces(
  text: readonly string[],
  quote: readonly string[],
  from: number,
): QuotePlace[] {
  const starts = windowsWhere(text, quote.length, from, (line, index) => line === quote[index]);
  return starts.map((start) => ({ start, end: start + quote.length, mismatch: undefined }));
}

function windowsWhere(
  text: readonly string[],
  count: number,
  from: number,
  fits: (line: string, index: number) => boolean,
): number[] {
  const starts: number[] = [];
  for (let start = from; start + count <= text.length; start++) {
    let index = 0;
    while (index < count && fits(text[start + index]!, index)) index++;
    if (index === count) starts.push(start);
  }
  return starts;
}

/** Of lines that are the same without white space around them; undefined where there is no rule in it. */
function mismatchOf(text: readonly string[], quote: readonly string[]): Mismatch | undefined {
  const pairs = text
    .map((line, index) => [indentOf(line), indentOf(quote[index]!)] as const)
    .filter((_, index) => quote[index]!.trim() !== '');
  if (pairs.every(([inText, inQuote]) => inText === inQuote)) return { tag: 'trailing' };
  const [first] = pairs;
  const added = first![0].endsWith(first![1])
    ? first![0].slice(0, first![0].length - first![1].length)
    : undefined;
  if (added && pairs.every(([inText, inQuote]) => inText === added + inQuote)) {
    return { tag: 'indent', added, removed: '' };
  }
  const removed = first![1].endsWith(first![0])
    ? first![1].slice(0, first![1].length - first![0].length)
    : undefined;
  if (removed && pairs.every(([inText, inQuote]) => inQuote === removed + inText)) {
    return { tag: 'indent', added: '', removed };
  }
  const textHasTabs = pairs.some(([inText]) => inText.includes('\t'));
  const quoteHasTabs = pairs.some(([, inQuote]) => inQuote.includes('\t'));
  if (textHasTabs === quoteHasTabs) return undefined;
  const width = [4, 2, 8, 3].find((each) =>
    pairs.every(([inText, inQuote]) => widthOf(inText, each) === widthOf(inQuote, each)),
  );
  return width === undefined ? undefined : { tag: 'tabs', width, textHasTabs };
}

function indentOf(line: string): string {
  return /^[ \t]*/.exec(line)![0];
}

function widthOf(indent: string, tabWidth: number): number {
  let width = 0;
  for (const character of indent) width += character === '\t' ? tabWidth : 1;
  return width;
}

function describe(indent: string): string {
  if (/^ +$/.test(indent)) return indent.length === 1 ? 'one space' : `${indent.length} spaces`;
  if (/^\t+$/.test(indent)) return indent.length === 1 ? 'one tab' : `${indent.length} tabs`;
  return 'some white space';
}
