/** A text that is shown, of which the end may be left out. */
export interface CutText {
  readonly text: string;
  readonly isCut: boolean;
}

/** At most so much of its beginning; in UTF-16 code units. */
export function cutText(text: string, most = MOST_TEXT): CutText {
  if (text.length <= most) return { text: text.toWellFormed(), isCut: false };
  return { text: text.slice(0, most).toWellFormed(), isCut: true };
}

/** For a title: in one line, and short. */
export function oneLine(text: string): string {
  return cutText(text, MOST_LINE)
    .text.replaceAll(/\s+/gu, ' ')
    .replaceAll(/\p{Cc}/gu, '')
    .trim();
}

export const MOST_TEXT = 64 * 1024;
const MOST_LINE = 300;
