/** Messages as the text of a document: pure, so that lines can be counted on. */

/** One message in words. */
export interface SaidMessage {
  /** Who said it to whom, and when: one line. */
  readonly heading: string;
  readonly text: string;
}

export interface ConversationText {
  readonly text: string;
  /** The lines of the headings, from 0, message by message. */
  readonly headingLines: readonly number[];
  /** The line that says what is new from there on. */
  readonly newsLine: number | undefined;
}

const INDENT = '  ';

/**
 * What was said, the oldest first. A message's own lines are indented: none of them can be taken for
 * somebody else's heading. `newsAt` is the index of the first message that is new; `newsHeading` says so.
 */
export function conversationText(
  messages: readonly SaidMessage[],
  newsAt: number | undefined,
  newsHeading: string,
): ConversationText {
  const lines: string[] = [];
  const headingLines: number[] = [];
  let newsLine: number | undefined;
  messages.forEach(({ heading, text }, index) => {
    if (index === newsAt) {
      newsLine = lines.length;
      lines.push(newsHeading, '');
    }
    headingLines.push(lines.length);
    lines.push(heading, ...text.split(/\r\n|[\n\r\u2028\u2029]/).map((line) => INDENT + line), '');
  });
  return { text: lines.join('\n'), headingLines, newsLine };
}

/** A place in a file that a text names, such as `src/a.ts:3–7`. */
export interface NamedPlace {
  readonly start: number;
  readonly endExclusive: number;
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** From 1; as `line` where one line is named. */
  readonly lastLine: number;
}

/** The places in known files that a line of text names. */
export function namedPlaces(
  line: string,
  isFile: (path: string) => boolean,
): readonly NamedPlace[] {
  return [...line.matchAll(/([^\s:"'`()<>[\]“”]+):([1-9]\d{0,6})(?:[–-](\d{1,7}))?/g)].flatMap(
    (match) => {
      const [whole, path = '', number, last] = match;
      if (!isFile(path)) return [];
      const { index: start } = match;
      const named = Number(number);
      const lastLine = Math.max(named, Number(last ?? number));
      return [{ start, endExclusive: start + whole.length, path, line: named, lastLine }];
    },
  );
}
