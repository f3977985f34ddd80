import { utf8Length } from '../../core/path.ts';
import type { Text } from '../../core/text.ts';
import type { Link } from '../../world/link.ts';
import type { FileHead } from '../../world/world-rows.ts';
import type { WorldView } from '../../world/world-view.ts';
import { done, refused, type Reply } from './answer.ts';
import { noSuchFile } from './edit-file.ts';
import { type Grounds, hashOf } from './grounds.ts';
import { countedLines, type LineSpan, numberedLines, rangeHashOf } from './numbered-lines.ts';
import { readOutside } from './outside-file.ts';
import type { ShelvedText, TextShelf } from './text-shelf.ts';

export interface ReadRequest {
  readonly path: string;
  /** The first line to read, from 1. */
  readonly firstLine?: number | undefined;
  /** The last one, included; to the end without it. */
  readonly lastLine?: number | undefined;
  /** At most so many bytes of text, 1000 to 200000; 60000 without it. */
  readonly maxBytes?: number | undefined;
  /** An older version, to look at: edits are not made on it unless they name it. */
  readonly version?: number | undefined;
  /** Also a file of the agent's folder whose name tells of secrets, such as `.env`. */
  readonly secrets?: boolean | undefined;
}

interface Reader {
  /** The agent's own; undefined where it has none. */
  readonly folder: string | undefined;
  readonly view: WorldView;
  readonly grounds: Grounds;
  readonly shelf: TextShelf;
}

/** Where an agent has read: what is told to others. */
export interface ReadPlace extends LineSpan {
  readonly fileId: number;
  readonly version: number;
}

export interface ReadReply {
  readonly reply: Reply;
  readonly place?: ReadPlace;
}

/** Reads a file of the world, or lines of it, and notes that the agent was given them. */
export async function readText(
  reader: Reader,
  link: Link,
  request: ReadRequest,
): Promise<ReadReply> {
  const { view, grounds, shelf } = reader;
  const file = await grounds.find(request.path);
  if (file.tag === 'refused') return { reply: file.reply };
  if (file.tag === 'none') return { reply: await outside(reader, file.path, request) };
  const { head, path } = file;
  if (request.version !== undefined) return { reply: await readOld(reader, link, head, request) };
  if (head.deleted) return { reply: deletedReply(path) };
  if (head.kind === 'binary') {
    const body = { kind: 'binary', path, version: head.version, bytes: head.byteLength } as const;
    return { reply: done(`${path} is no text: it has ${head.byteLength} bytes.`, body) };
  }
  const read = await shelf.read(link, view, head.fileId);
  if (!read) return { reply: refused('not_text', `${path} is no text file.`) };
  const now = view.files.get(head.fileId) ?? head;
  const total = countedLines(read.text);
  const span = spanOf(read.text, request);
  if (span.firstLine > Math.max(1, total)) return { reply: beyondEnd(path, span.firstLine, total) };
  const { reply, isWhole } = textReply(now, read, span);
  // A line that is shown in part was not given.
  if (isWhole) {
    grounds.gave({ ...read, path }, span.firstLine === 1 && span.lastLine >= total ? 'all' : span);
  } else grounds.gave({ ...read, path }, []);
  return { reply, place: { fileId: head.fileId, version: read.version, ...span } };
}

function textReply(
  { path, eol }: FileHead,
  read: ShelvedText,
  span: LineSpan,
): { readonly reply: Reply; readonly isWhole: boolean } {
  const { text, version } = read;
  const total = countedLines(text);
  const { firstLine, lastLine } = span;
  const isCut = lastLine < total;
  const isWhole = ![...text.lines(firstLine - 1, lastLine)].some(
    (line) => line.length > MOST_IN_LINE,
  );
  const lines = total === 0 ? 'It is empty.' : `Lines ${firstLine} to ${lastLine} of ${total}.`;
  const long = isWhole ? '' : ` Lines of more than ${MOST_IN_LINE} characters are cut.`;
  const next = isCut ? [`Read ${path} from line ${lastLine + 1} to go on.`] : [];
  const body = {
    kind: 'text',
    path,
    version,
    contentHash: hashOf(text),
    ...span,
    totalLines: total,
    rangeHash: rangeHashOf(text, span),
    text: total === 0 ? '' : numberedLines(text, span, MOST_IN_LINE),
    lineEnds: eol,
    endsWithNewline: text.line(text.lineCount - 1) === '',
    nextLine: isCut ? lastLine + 1 : 0,
  } as const;
  return { reply: done(`${path} at version ${version}. ${lines}${long}`, body, next), isWhole };
}

/** What was installed or built in the agent's folder, and is not in the world. */
async function outside({ folder }: Reader, path: string, request: ReadRequest): Promise<Reply> {
  const reply =
    folder === undefined
      ? undefined
      : await readOutside(folder, path, request.secrets ?? false, (text) => spanOf(text, request));
  return reply ?? noSuchFile(path);
}

async function readOld(
  { view, shelf }: Reader,
  link: Link,
  head: FileHead,
  request: ReadRequest,
): Promise<Reply> {
  const { path, fileId } = head;
  const version = request.version ?? head.version;
  if (!Number.isInteger(version) || version < 1 || version > head.version) {
    const message = `${path} never had version ${version}; it is at ${head.version} now.`;
    return refused('unknown_base', message);
  }
  const read = await shelf.read(link, view, fileId, version);
  if (!read) return refused('not_text', `${path} was no text then.`);
  const total = countedLines(read.text);
  const span = spanOf(read.text, request);
  if (span.firstLine > Math.max(1, total)) return beyondEnd(path, span.firstLine, total);
  return textReply(head, read, span).reply;
}

/** The lines that are asked for, as far as they fit; at least one. */
export function spanOf(
  text: Text,
  { firstLine, lastLine, maxBytes }: Omit<ReadRequest, 'path'>,
): LineSpan {
  const total = countedLines(text);
  const first = Math.max(1, Math.floor(firstLine ?? 1));
  const last = Math.min(total, Math.floor(lastLine ?? total));
  let bytes = Math.min(MOST_BYTES, Math.max(LEAST_BYTES, maxBytes ?? USUAL_BYTES));
  let shown = first;
  for (const line of first > last ? [] : text.lines(first - 1, last)) {
    bytes -= Math.min(utf8Length(line), 3 * MOST_IN_LINE) + ROW_BYTES;
    if (bytes < 0 && shown > first) break;
    shown++;
  }
  return { firstLine: first, lastLine: Math.max(first, shown - 1) };
}

function deletedReply(path: string): Reply {
  const message = `${path} was deleted after you read it.`;
  return refused('no_such_file', message, ['Look at its history to see who deleted it.']);
}

function beyondEnd(path: string, line: number, total: number): Reply {
  return refused('bad_range', `${path} has ${total} lines: there is no line ${line}.`);
}

const LEAST_BYTES = 1000;
const USUAL_BYTES = 60_000;
const MOST_BYTES = 200_000;
/** The number and the line end. */
const ROW_BYTES = 8;
const MOST_IN_LINE = 8000;
