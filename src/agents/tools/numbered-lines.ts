import { createHash } from 'node:crypto';
import type { Text } from '../../core/text.ts';
import type { Excerpt } from './answer.ts';

/** A run of lines of a text, from 1 and both included. */
export interface LineSpan {
  readonly firstLine: number;
  readonly lastLine: number;
}

/** Of a line that is shown beside something else. */
const MOST_IN_LINE = 500;

/** So many hexadecimal digits tell the lines of one file apart. */
const HASH_DIGITS = 12;

/** The lines as an agent reads them: `12→text`, a row each. */
export function numberedLines(
  text: Text,
  { firstLine, lastLine }: LineSpan,
  mostInLine: number = MOST_IN_LINE,
): string {
  let line = firstLine;
  const rows: string[] = [];
  for (const content of text.lines(firstLine - 1, lastLine))
    rows.push(`${line++}→${shortLine(content, mostInLine)}`);
  return rows.join('\n');
}

/** The beginning of a line, and how much more it has. */
export function shortLine(content: string, most: number): string {
  if (content.length <= most) return content;
  return `${content.slice(0, most).toWellFormed()}… (${content.length - most} more characters)`;
}

/**
 * Tells whether lines are still those that an agent saw: a hash over them without the line end of the
 * last one.
 */
export function rangeHashOf(text: Text, { firstLine, lastLine }: LineSpan): string {
  const content = [...text.lines(firstLine - 1, lastLine)].join('\n');
  return createHash('sha256').update(content, 'utf8').digest('hex').slice(0, HASH_DIGITS);
}

/**
 * How many lines an agent counts: a line end closes a line, so what is behind the last one is none
 * unless it holds something. An empty text has no line.
 */
export function countedLines(text: Text): number {
  return text.line(text.lineCount - 1) === '' ? text.lineCount - 1 : text.lineCount;
}

/** The lines `span` with so many lines of context, within the text. */
export function excerptOf(
  file: { readonly path: string; readonly version: number; readonly text: Text },
  span: LineSpan,
  context = 0,
): Excerpt {
  const total = countedLines(file.text);
  const lastLine = Math.min(Math.max(total, 1), Math.max(1, span.lastLine) + context);
  const firstLine = Math.min(lastLine, Math.max(1, span.firstLine - context));
  const { path, version } = file;
  return {
    path,
    version,
    firstLine,
    lastLine,
    text: numberedLines(file.text, { firstLine, lastLine }),
  };
}
