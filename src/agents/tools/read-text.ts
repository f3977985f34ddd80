import { utf8Length } from '../../core/path.ts';
import type { Text } from '../../core/text.ts';
import type { Link } from '../../world/link.ts';
import type { WorldView } from '../../world/world-view.ts';
import { toHex } from '../../core/hash.ts';
import { done, refused, type Reply } from './answer.ts';
import { noSuchFile } from './edit-file.ts';
import type { Grounds } from './grounds.ts';
import { countedLines, type LineSpan, numberedLines, rangeHashOf } from './numbered-lines.ts';
import type { TextShelf } from './text-shelf.ts';

export interface ReadRequest {
  readonly path: string;
  /** The first line to read, from 1. */
  readonly firstLine?: number | undefined;
  /** The last one, included; to the end without it. */
  readonly lastLine?: number | undefined;
  /** At most so many bytes of text, 1000 to 200000; 60000 without it. */
  readonly maxBytes?: number | undefined;
}

interface Reader {
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
  if (file.tag === 'none') return { reply: noSuchFile(file.path) };
  const { head, path } = file;
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
  grounds.gave({ ...read, path }, span.firstLine === 1 && span.lastLine >= total ? 'all' : span);
  const isCut = span.lastLine < total;
  const lines =
    total === 0 ? 'It is empty.' : `Lines ${span.firstLine} to ${span.lastLine} of ${total}.`;
  const next = isCut ? [`Read ${path} from line ${span.lastLine + 1} to go on.`] : [];
  const reply = done(
    `${path} at version ${read.version}. ${lines}`,
    {
      kind: 'text',
      path,
      version: read.version,
      contentHash: now.version === read.version ? toHex(now.contentHash) : '',
      ...span,
      totalLines: total,
      rangeHash: rangeHashOf(read.text, span),
      text: total === 0 ? '' : numberedLines(read.text, span),
      lineEnds: now.eol,
      endsWithNewline: read.text.line(read.text.lineCount - 1) === '',
      nextLine: isCut ? span.lastLine + 1 : 0,
    },
    next,
  );
  return { reply, place: { fileId: head.fileId, version: read.version, ...span } };
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
    bytes -= utf8Length(line) + ROW_BYTES;
    if (bytes < 0 && shown > first) break;
    shown++;
  }
  return { firstLine: first, lastLine: Math.max(first, shown - 1) };
}

function deletedReply(path: string): Reply {
  const message = `${path} was deleted after you read it.`;
  return refused('no_such_file', message, ['Look at its history to see who deleted it.']);
}

export function beyondEnd(path: string, line: number, total: number): Reply {
  return refused('bad_range', `${path} has ${total} lines: there is no line ${line}.`);
}

const LEAST_BYTES = 1000;
const USUAL_BYTES = 60_000;
const MOST_BYTES = 200_000;
/** The number and the line end. */
const ROW_BYTES = 8;
