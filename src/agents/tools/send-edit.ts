/**
 * Owns: sending an edit, and saying what became of it. Does not know: how its changes were found.
 */
import { resultRanges } from '../../core/change.ts';
import type { Link } from '../../world/link.ts';
import { readFileOps } from '../../world/read-file-ops.ts';
import { readHeadSeq } from '../../world/read-head.ts';
import type { Refusal } from '../../world/refusal.ts';
import type { WorldView } from '../../world/world-view.ts';
import type { AgentSession, EditResult } from '../agent-session.ts';
import { type ChangedFile, done, type Excerpt, NO_BODY, type Reply } from './answer.ts';
import type { PlannedEdit } from './edit-file.ts';
import type { Grounds } from './grounds.ts';
import { excerptOf } from './numbered-lines.ts';
import { refusalReply } from './refusal-reply.ts';
import type { TextShelf } from './text-shelf.ts';
import { viewTicket } from './ticket-view.ts';

export interface EditSender {
  readonly agent: AgentSession;
  readonly grounds: Grounds;
  readonly shelf: TextShelf;
  readonly signal: AbortSignal;
}

/** Sends an edit of one file. Throws `WorldError` and `LinkFailure`. */
export async function sendEdit(sender: EditSender, link: Link, edit: PlannedEdit): Promise<Reply> {
  const { agent, grounds, signal } = sender;
  const { ground, changes, quoted, after, notes } = edit;
  const result = await agent.submit(ground, changes, 'patch', quoted, signal);
  if (result.tag !== 'applied') return notApplied(sender, link, ground.path, result);
  const { version, rebased } = result;
  grounds.edited(ground, version, after, rebased);
  const path = agent.session.view.files.get(ground.fileId)?.path ?? ground.path;
  const around = rebased ? await textAround(sender, link, edit, version) : [];
  const file: ChangedFile = { path, what: 'edited', version, rebased, notes, around };
  return done(editedMessage(file, ground.version, changes.length), {
    kind: 'changed',
    files: [file],
  });
}

function editedMessage(
  { path, version, rebased, notes }: ChangedFile,
  base: number,
  places: number,
): string {
  const what = `Edited ${path} in ${places} ${places === 1 ? 'place' : 'places'}: it is at version ${version} now.`;
  const moved = rebased
    ? ` Others had changed it elsewhere since version ${base}, which stays; your edit was moved along. Below is the text around it as it is now.`
    : '';
  return [what + moved, ...notes].join(' ');
}

/** The lines of an edit that was moved along, with what others made of those around. */
async function textAround(
  { agent, shelf }: EditSender,
  link: Link,
  { ground }: PlannedEdit,
  version: number,
): Promise<readonly Excerpt[]> {
  const { view } = agent.session;
  const ops = await readFileOps(link, ground.fileId, version - 1, version);
  const own = ops.find((op) => op.version === version && op.changes.length > 0);
  const file = await shelf.read(link, view, ground.fileId, version);
  if (!own || !file) return [];
  const path = view.files.get(ground.fileId)?.path ?? ground.path;
  return resultRanges(own.changes)
    .slice(0, MOST_EXCERPTS)
    .map(({ start, end }) => {
      const lastLine = Math.min(end.line + 1, start.line + MOST_LINES);
      return excerptOf({ ...file, path }, { firstLine: start.line + 1, lastLine }, CONTEXT);
    });
}

/** Why an edit is not in the text. */
export async function notApplied(
  { agent, shelf }: Pick<EditSender, 'agent' | 'shelf'>,
  link: Link,
  path: string,
  result: Exclude<EditResult, { readonly tag: 'applied' }>,
): Promise<Reply> {
  const { view } = agent.session;
  if (result.tag === 'ticketed')
    return ticketed(link, { view, shelf, path, ticketId: result.ticketId });
  return refusalReply(view, path, refusalOf(result));
}

interface Ticketed {
  readonly view: WorldView;
  readonly shelf: TextShelf;
  readonly path: string;
  readonly ticketId: number;
}

async function ticketed(link: Link, { view, shelf, path, ticketId }: Ticketed): Promise<Reply> {
  // The answer may come before the ticket's row.
  if (!view.tickets.has(ticketId)) await readHeadSeq(link);
  const listed = view.tickets.get(ticketId);
  const ticket = listed && (await viewTicket(link, view, shelf, listed));
  const others = ticket?.others.join(' and ') || 'others';
  const message = `Your edit of ${path} is not in the text: it waits in ticket ${ticketId} (${ticket?.reason ?? 'closed meanwhile'}). ${reasonText(ticket?.reason, others)}`;
  return {
    outcome: 'ticket',
    code: 'ticket',
    message,
    next: [
      `If the text now already does what you wanted, withdraw ticket ${ticketId}.`,
      `Otherwise read ${path}, make your edit again on the text as it is now, and withdraw ticket ${ticketId} then.`,
      `Where ${others} and you want different things, send ${others} a message, or leave the ticket to a person.`,
    ],
    body: ticket ? { kind: 'ticket', ticket } : NO_BODY,
  };
}

function reasonText(reason: string | undefined, others: string): string {
  switch (reason) {
    case 'overlap':
      return `You and ${others} changed the same text.`;
    case 'range_changed':
      return `${others} changed the text that you replace.`;
    case 'deleted':
      return 'The file was deleted meanwhile.';
    case 'too_stale':
      return 'The text that you edited is too far behind the file.';
    case 'concurrent':
      return `${others} changed the file meanwhile, and this world lets nobody edit past others.`;
    case 'path_taken':
      return 'There is a file at that path.';
    case 'renamed':
      return `${others} renamed the file meanwhile.`;
    default:
      return '';
  }
}

function refusalOf(result: Exclude<EditResult, { readonly tag: 'applied' | 'ticketed' }>): Refusal {
  switch (result.tag) {
    case 'refused':
      return result.refusal;
    case 'bad_changes':
      return { code: result.code, message: 'The edit does not fit the text', details: {} };
    default:
      return { code: result.tag, message: 'The edit does not fit the text', details: {} };
  }
}

const CONTEXT = 3;
const MOST_EXCERPTS = 8;
const MOST_LINES = 20;
