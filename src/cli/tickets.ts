import { changesIn, type WaitingStep, waitingSteps } from '../core/file-steps.ts';
import type { RenameProposal } from '../core/op-payload.ts';
import { jsonFields } from '../world/json-fields.ts';
import { isLeftOut, type TicketPart } from '../core/ticket-texts.ts';
import type { Link } from '../world/link.ts';
import { readTicket, readTicketPayload } from '../world/read-ticket.ts';
import type { Ticket } from '../world/world-rows.ts';
import type { WorldView } from '../world/world-view.ts';
import type { Command } from './command.ts';
import { EXIT } from './exit-code.ts';
import { nameOf } from './member-name.ts';
import { withWorld } from './with-world.ts';

export const ticketsCommand: Command = {
  name: 'tickets',
  usage: '[WORLD]',
  summary: 'conflicts that wait for a decision',
  explanation: `
Lists the open tickets of a world: number, file and lines, whose edit it is, why it could not be applied.
Where several changes wait together each of them is named: they are decided as one.
With --text also the three texts of each: what it was made on, what was proposed, what stands there now.
Decide one: agent-world resolve TICKET.`,
  options: [
    { name: 'mine', meaning: 'only your own' },
    { name: 'file', value: 'PATH', meaning: 'only those of this file' },
    { name: 'text', meaning: 'show the texts' },
  ],
  positionals: [0, 1],
  run(context, line) {
    const { terminal } = context;
    return withWorld(context, line.positionals[0], async (session) => {
      const { view } = session;
      const path = line.text('file');
      const shown = [...view.tickets.values()]
        .filter((ticket) => !line.flag('mine') || ticket.author === session.identity)
        .filter(({ fileId }) => path === undefined || view.files.get(fileId)?.path === path)
        .sort((a, b) => a.ticketId - b.ticketId);
      for (const listed of shown) {
        const isWhole = line.flag('text');
        const link = await session.whenOnline();
        const ticket = isWhole ? await readTicket(link, listed) : await withPayload(link, listed);
        // It was closed while the ones before were read.
        if (!ticket) continue;
        terminal.json(ticketAsJson(ticket, view, isWhole));
        terminal.line(describeTicket(ticket, view));
        for (const words of stepsInWords(ticket, view)) terminal.line(`    ${words}`);
        if (isWhole)
          for (const part of ticket.parts) for (const text of textsOf(part)) terminal.line(text);
      }
      if (shown.length === 0) terminal.line('No open tickets.');
      return EXIT.ok;
    });
  },
};

/** One line; shows no text of files. */
export function describeTicket(ticket: Ticket, view: WorldView): string {
  const path = view.files.get(ticket.fileId)?.path ?? '';
  const lines = ticket.parts.map(
    ({ startLine, endLine }) => `${startLine + 1}${endLine > startLine ? `–${endLine + 1}` : ''}`,
  );
  const place = lines.length > 0 ? `${path}:${lines.join(',')}` : path;
  const who = nameOf(view, ticket.author);
  const steps = waitingSteps(ticket.payload);
  const what = steps ? describeSteps(steps) : (describeRename(ticket) ?? ticket.kind);
  return `#${ticket.ticketId}  ${place}  ${what} by ${who}  ${ticket.reason}`;
}

/** What a ticket says beside its parts is read where it is not in its row: it is short. */
async function withPayload(link: Link, ticket: Ticket): Promise<Ticket | undefined> {
  const payload = await readTicketPayload(link, ticket);
  return payload === undefined ? undefined : { ...ticket, payload };
}

function describeSteps(steps: readonly WaitingStep[]): string {
  const count = changesIn(steps).length;
  return count === 1 ? 'a change' : `${count} changes that wait together`;
}

/** What each part of a ticket of several changes is to do. */
function stepsInWords({ payload }: Ticket, view: WorldView): readonly string[] {
  return changesIn(waitingSteps(payload) ?? []).map((step) => {
    const { path, to } = stepAsJson(step, view);
    switch (step.kind) {
      case 'create':
        return step.fileId === 0 ? `make ${path}` : `put another text into ${path}`;
      case 'rename':
        return `rename ${path} to ${to}`;
      case 'restore':
        return `bring ${path} back`;
      case 'mode':
        return `set how ${path} is put on disk`;
      case 'content':
        return `replace the content of ${path}`;
      case 'edit':
      case 'delete':
        return `${step.kind} ${path}`;
    }
  });
}

function stepAsJson(step: WaitingStep, view: WorldView) {
  const path = view.files.get(step.fileId)?.path ?? null;
  switch (step.kind) {
    case 'rename':
      return { kind: step.kind, path: step.from, to: step.to };
    case 'create':
      return { kind: step.kind, path: step.path };
    case 'restore':
      return { kind: step.kind, path: step.path === '' ? path : step.path };
    default:
      return { kind: step.kind, path };
  }
}

/** Where a rename is to lead; nothing where the world has that apart, and for other tickets. */
function describeRename({ kind, payload }: Ticket): string | undefined {
  const { to, moves } = jsonFields(payload) as Partial<RenameProposal>;
  if (kind !== 'rename' || to === undefined) return undefined;
  const others = (moves?.length ?? 1) - 1;
  return `rename to ${to}${others > 0 ? `, with ${others} more files` : ''}`;
}

function ticketAsJson(ticket: Ticket, view: WorldView, isWhole: boolean): object {
  const { ticketId, fileId, kind, author, reason, baseVersion, headVersion, overlapping } = ticket;
  const parts = ticket.parts.map((part) => {
    const { startLine, startCharacter, endLine, endCharacter, headVersion: shown } = part;
    const path = view.files.get(part.fileId)?.path ?? null;
    const place = { path, headVersion: shown, startLine, startCharacter, endLine, endCharacter };
    const { baseText, proposedText, headText } = part;
    return isWhole ? { ...place, baseText, proposedText, headText } : place;
  });
  const path = view.files.get(fileId)?.path ?? null;
  const name = nameOf(view, author);
  const said = { kind, author, name, reason, baseVersion, headVersion, overlapping };
  const steps = waitingSteps(ticket.payload)?.map((step) => stepAsJson(step, view));
  return { ticket: ticketId, path, ...said, parts, ...(steps && { steps }) };
}

function textsOf(part: TicketPart): string[] {
  const texts = { base: part.baseText, proposed: part.proposedText, now: part.headText };
  if (isLeftOut(part)) return ['    The texts are too long to be shown here.'];
  return Object.entries(texts).flatMap(([title, text]) => [
    `    ${title}:`,
    ...text.split('\n').map((line) => `      ${line}`),
  ]);
}
