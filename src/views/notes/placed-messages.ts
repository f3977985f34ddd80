/**
 * Owns: which messages are about lines of a file, and which of a conversation belong together. Pure. Does not know:
 * where those lines are by now, who has read what.
 */
import type { LineRange } from '../../core/map-position.ts';
import type { ConversationKey } from '../../world/note-book.ts';
import type { Note } from '../../world/world-rows.ts';
import { namedPlaces } from './conversation-text.ts';

/** Lines of a file that a message names, as they were numbered when it was written. */
export interface NamedLines {
  readonly path: string;
  readonly lines: LineRange;
}

/** Those, and what else the message says. */
export interface MessagePlace extends NamedLines {
  /** What the message says without the place that it begins with. */
  readonly rest: string;
  /** True for a message that begins with the place, as those do that are written at lines. */
  readonly isLeading: boolean;
}

/** Messages of one conversation about the same lines, the oldest first; there is at least one. */
export interface Topic {
  readonly key: ConversationKey;
  readonly fileId: number;
  /** As they were numbered when the op `saidAt` was made. */
  readonly lines: LineRange;
  /** The number of the first message's op. */
  readonly saidAt: number;
  readonly messages: readonly Note[];
}

/** A place further down in a long message is not looked for: so much is read of it, in UTF-16 code units. */
const READ_LENGTH = 2_000;

/** The lines that a message is about: those it begins with, or else the first that it names. */
export function placeIn(text: string, isFile: (path: string) => boolean): MessagePlace | undefined {
  const read = text.slice(0, READ_LENGTH);
  const leading = /^([^\n]+?):([1-9]\d{0,6})(?:[–-]([1-9]\d{0,6}))?:[ \n]/.exec(read);
  const [whole = '', path = '', first = '', last = first] = leading ?? [];
  if (leading && isFile(path)) {
    const lines = linesOf(Number(first), Number(last));
    return { path, lines, rest: text.slice(whole.length), isLeading: true };
  }
  const named = namedPlaces(read, isFile)[0];
  if (named === undefined) return undefined;
  const lines = linesOf(named.line, named.lastLine);
  return { path: named.path, lines, rest: text, isLeading: false };
}

/** A message about lines, with the place that `placeIn` finds in it. */
export function textAtPlace({ path, lines }: NamedLines, text: string): string {
  return `${placeText({ path, lines })}: ${text}`;
}

/** Lines of a file for people: `src/a.ts:3–7`. */
export function placeText({ path, lines: { firstLine, lastLine } }: NamedLines): string {
  const numbers = firstLine === lastLine ? firstLine + 1 : `${firstLine + 1}–${lastLine + 1}`;
  return `${path}:${numbers}`;
}

/**
 * The topics of a conversation. Between two members a message that names no place goes on with what was spoken of
 * before it; what is said to everybody is about lines only where it names them.
 */
export function topicsIn(
  key: ConversationKey,
  messages: readonly Note[],
  placeOf: (note: Note) => { readonly fileId: number; readonly lines: LineRange } | undefined,
): readonly Topic[] {
  const topics: (Topic & { readonly messages: Note[] })[] = [];
  let current: (Topic & { readonly messages: Note[] }) | undefined;
  for (const note of messages) {
    const place = placeOf(note);
    if (place) {
      current = topics.find((topic) => isAt(topic, place));
      if (current === undefined) {
        current = { key, ...place, saidAt: note.noteId, messages: [] };
        topics.push(current);
      }
    } else if (key === 'all') {
      current = undefined;
    }
    current?.messages.push(note);
  }
  return topics;
}

function isAt(
  { fileId, lines }: Topic,
  place: { readonly fileId: number; readonly lines: LineRange },
): boolean {
  return (
    fileId === place.fileId &&
    lines.firstLine === place.lines.firstLine &&
    lines.lastLine === place.lines.lastLine
  );
}

/** Numbers of lines count from 1 for people, from 0 for us. */
function linesOf(first: number, last: number): LineRange {
  return { firstLine: first - 1, lastLine: Math.max(first, last) - 1 };
}
