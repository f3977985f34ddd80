import { resultRanges } from '../../core/change.ts';
import { isLeftOut, type TicketPart } from '../../core/ticket-texts.ts';
import type { Text } from '../../core/text.ts';
import type { Link } from '../../world/link.ts';
import { memberName } from '../../world/member-name.ts';
import { readOps } from '../../world/read-ops.ts';
import { readTicket } from '../../world/read-ticket.ts';
import type { Ticket } from '../../world/world-rows.ts';
import type { WorldView } from '../../world/world-view.ts';
import type { TicketPlace, TicketView } from './answer.ts';
import type { TextShelf } from './text-shelf.ts';

/**
 * A ticket with its texts, in whole lines, and whose text it meets; undefined when it was closed
 * meanwhile.
 */
export async function viewTicket(
  link: Link,
  view: WorldView,
  shelf: TextShelf,
  listed: Ticket,
): Promise<TicketView | undefined> {
  const ticket = await readTicket(link, listed);
  if (!ticket) return undefined;
  const others = await readOps(link, ticket.overlapping.slice(0, MOST_OVERLAPPING));
  const names = new Set(others.map(({ author }) => memberName(view, author)));
  const parts: TicketPlace[] = [];
  for (const part of ticket.parts.slice(0, MOST_PARTS)) {
    const place = placeOf(view, part);
    parts.push({ ...place, ...(await wholeLines(link, view, shelf, part)) });
  }
  return { ...frameOf(view, ticket), others: [...names], parts };
}

/** The same without a question to the world: without whose text it meets, and without long texts. */
export function viewListed(view: WorldView, ticket: Ticket): TicketView {
  return { ...frameOf(view, ticket), parts: ticket.parts.map((part) => placeOf(view, part)) };
}

function frameOf(view: WorldView, ticket: Ticket): TicketView {
  return {
    ticket: ticket.ticketId,
    path: view.files.get(ticket.fileId)?.path ?? '',
    kind: ticket.kind,
    reason: ticket.reason,
    author: memberName(view, ticket.author),
    others: [],
    parts: [],
  };
}

function placeOf(view: WorldView, part: TicketPart): TicketPlace {
  return {
    path: view.files.get(part.fileId)?.path ?? '',
    firstLine: part.startLine + 1,
    lastLine: part.endLine + 1,
    baseText: shorten(part.baseText),
    proposedText: isLeftOut(part) ? LEFT_OUT : shorten(part.proposedText),
    textNow: shorten(part.headText),
  };
}

/** A dispute may be about a few characters: a reader needs the lines that they are in. */
async function wholeLines(
  link: Link,
  view: WorldView,
  shelf: TextShelf,
  part: TicketPart,
): Promise<Partial<TicketPlace>> {
  const { proposed, fileId, baseVersion, headVersion, startLine, endLine } = part;
  const [first, last] = [proposed[0], proposed.at(-1)];
  if (!first || !last) return {};
  const base = await shelf.read(link, view, fileId, baseVersion);
  const now = await shelf.read(link, view, fileId, headVersion);
  if (!base || !now) return {};
  const ranges = resultRanges(proposed);
  const after = base.text.apply(proposed);
  return {
    baseText: linesOf(base.text, first.startLine, last.endLine),
    proposedText: linesOf(after, ranges[0]!.start.line, ranges.at(-1)!.end.line),
    textNow: linesOf(now.text, startLine, endLine),
  };
}

/** Lines from 0, both included. */
function linesOf(text: Text, first: number, last: number): string {
  const rows: string[] = [];
  for (const line of text.lines(first, Math.min(last + 1, text.lineCount))) {
    if (rows.length === MOST_LINES) return shorten([...rows, '…'].join('\n'));
    rows.push(line);
  }
  return shorten(rows.join('\n'));
}

function shorten(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS).toWellFormed()}…` : text;
}

const LEFT_OUT = '(too long to be shown)';
const MOST_OVERLAPPING = 32;
const MOST_PARTS = 16;
const MOST_LINES = 60;
const MOST_CHARACTERS = 4000;
