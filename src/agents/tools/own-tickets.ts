/**
 * Owns: what an agent does with tickets: look, give its own up, or settle its own where no person's text is
 * replaced. Does not know: how the world decides.
 */
import { type Change, replace } from '../../core/change.ts';
import { UNATTRIBUTED } from '../../core/unattributed.ts';
import type { Link } from '../../world/link.ts';
import { memberName } from '../../world/member-name.ts';
import { readFileOps } from '../../world/read-file-ops.ts';
import { may } from '../../world/rights.ts';
import type { Ticket } from '../../world/world-rows.ts';
import type { WorldView } from '../../world/world-view.ts';
import type { AgentSession, EditResult, Reading } from '../agent-session.ts';
import { done, refused, type Reply, type TicketView } from './answer.ts';
import { linesIn } from './line-edits.ts';
import { refusalReply } from './refusal-reply.ts';
import type { TextShelf } from './text-shelf.ts';
import { ticketReply } from './ticket-reply.ts';
import { viewListed, viewTicket } from './ticket-view.ts';

export interface TicketsRequest {
  /** Also those of others. */
  readonly all?: boolean | undefined;
  /** Only this one, with its texts. */
  readonly ticket?: number | undefined;
}

export interface SettleRequest {
  readonly ticket: number;
  /** `withdraw`: the text stays as others made it. `insist`: what was proposed takes its place. `text`: another text does. */
  readonly how: 'withdraw' | 'insist' | 'text';
  /** With `text`: what the disputed lines are to be, whole. */
  readonly text?: string | undefined;
}

interface TicketDesk {
  readonly agent: AgentSession;
  readonly shelf: TextShelf;
}

export async function showTickets(
  { agent, shelf }: TicketDesk,
  link: Link,
  { all = false, ticket: wanted }: TicketsRequest,
): Promise<Reply> {
  const { view, identity } = agent.session;
  if (wanted !== undefined) {
    const listed = view.tickets.get(wanted);
    const ticket = listed && (await viewTicket(link, view, shelf, listed));
    return ticket
      ? done(`Ticket ${wanted} is open.`, { kind: 'tickets', tickets: [ticket] })
      : noTicket(wanted);
  }
  const open = [...view.tickets.values()]
    .filter(({ author }) => all || author === identity)
    .sort((a, b) => a.ticketId - b.ticketId);
  const tickets: TicketView[] = open
    .slice(0, MOST_TICKETS)
    .map((ticket) => viewListed(view, ticket));
  const whose = all ? 'open tickets' : 'open tickets of yours';
  const more = open.length > tickets.length ? `, ${tickets.length} shown` : '';
  return done(`${open.length} ${whose}${more}.`, { kind: 'tickets', tickets });
}

/** Throws `WorldError` and `LinkFailure`. */
export async function settleTicket(
  desk: TicketDesk,
  link: Link,
  { ticket: ticketId, how, text }: SettleRequest,
): Promise<Reply> {
  const { agent } = desk;
  const { view, identity } = agent.session;
  const ticket = await agent.ticket(ticketId);
  if (!ticket) return noTicket(ticketId);
  if (ticket.author !== identity) {
    const who = memberName(view, ticket.author);
    return refused(
      'needs_person',
      `Ticket ${ticketId} is a proposal of ${who}: an agent decides only its own.`,
      [`Send ${who} a message.`],
    );
  }
  if (how === 'withdraw') return told(desk, link, ticket, await agent.withdraw(ticketId));
  const persons = await personsReplaced(link, view, ticket);
  if (persons.length > 0) {
    const names = persons.join(' and ');
    return refused(
      'needs_person',
      `To put your text in place of what ${names} wrote, a person has to decide ticket ${ticketId}.`,
      [
        `Send ${names} a message that says what you want and why.`,
        `Or make your edit again beside that text, and withdraw ticket ${ticketId}.`,
      ],
    );
  }
  const decides = may(view.members.get(identity), 'resolve');
  if (how === 'insist') {
    return decides ? told(desk, link, ticket, await agent.insist(ticketId)) : onlyByText(ticketId);
  }
  if (text === undefined)
    return refused('bad_request', 'Say what the disputed lines are to be: `text`.');
  const made = await changeOfTicket(desk, link, ticket, text);
  if (!made) return severalPlaces(ticketId);
  const { on, change } = made;
  if (decides) return told(desk, link, ticket, await agent.settle(ticketId, [change]));
  // Who may edit and not decide makes the edit anew, on what stands there now, and takes the ticket back.
  const edited = await agent.submit(on, [change], 'patch');
  if (edited.tag === 'applied') await agent.withdraw(ticketId);
  return told(desk, link, ticket, edited);
}

async function told(
  { agent, shelf }: TicketDesk,
  link: Link,
  { ticketId, fileId }: Ticket,
  result: EditResult,
): Promise<Reply> {
  const { view } = agent.session;
  const path = view.files.get(fileId)?.path ?? '';
  if (result.tag === 'applied') return done(`Ticket ${ticketId} is closed.`);
  if (result.tag === 'ticketed')
    return ticketReply(link, { view, shelf, what: path, ticketId: result.ticketId });
  if (result.tag === 'refused') {
    return result.refusal.code === 'no_such_ticket'
      ? noTicket(ticketId)
      : refusalReply(view, path, result.refusal);
  }
  return refused('bad_request', `The text does not fit ticket ${ticketId}.`);
}

/** Whose text, that no agent wrote, the proposal would take the place of; nobody's name counts, too. */
async function personsReplaced(
  link: Link,
  view: WorldView,
  ticket: Ticket,
): Promise<readonly string[]> {
  const authors = new Set<string>();
  const overlapping = new Set(ticket.overlapping);
  for (const { fileId, baseVersion, headVersion } of ticket.parts) {
    const ops = await readFileOps(link, fileId, baseVersion, headVersion);
    const met = ops.filter(({ opSeq }) => overlapping.has(opSeq));
    // Where the world does not say which ones, all that came in between may be meant.
    for (const { author } of met.length > 0 ? met : ops) authors.add(author);
  }
  for (const fileId of new Set([ticket.fileId, ...ticket.parts.map((part) => part.fileId)])) {
    const head = view.files.get(fileId);
    if (head?.deleted || ticket.parts.length === 0) authors.add(head?.updatedBy ?? '');
  }
  return [...authors]
    .filter((each) => each === UNATTRIBUTED.identity || view.members.get(each)?.kind === 'human')
    .map((each) => memberName(view, each));
}

/** The disputed lines become the text; undefined where the ticket is not about one place. */
async function changeOfTicket(
  { agent, shelf }: TicketDesk,
  link: Link,
  { fileId, parts }: Ticket,
  text: string,
): Promise<{ readonly on: Reading; readonly change: Change } | undefined> {
  const [part, ...others] = parts;
  if (!part || others.length > 0 || part.fileId !== fileId) return undefined;
  const read = await shelf.read(link, agent.session.view, fileId, part.headVersion);
  if (!read) return undefined;
  const last = Math.min(part.endLine, read.text.lineCount - 1);
  const end = { line: last, character: read.text.line(last).length };
  const change = replace({ line: part.startLine, character: 0 }, end, linesIn(text).join('\n'));
  return { on: { fileId, version: part.headVersion, text: read.text }, change };
}

function noTicket(ticketId: number): Reply {
  return refused('no_such_ticket', `There is no open ticket ${ticketId}.`, ['List your tickets.']);
}

function onlyByText(ticketId: number): Reply {
  return refused(
    'needs_person',
    `To put a proposal there as it is needs the right to decide conflicts, which you do not have.`,
    [`Say what the disputed lines of ticket ${ticketId} are to be: action text.`],
  );
}

function severalPlaces(ticketId: number): Reply {
  return refused('bad_request', `Ticket ${ticketId} is not about one place in one text.`, [
    `Make your edit again on the text as it is now, and withdraw ticket ${ticketId}.`,
  ]);
}

const MOST_TICKETS = 50;
