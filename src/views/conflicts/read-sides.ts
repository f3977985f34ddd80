import type { Text } from '../../core/text.ts';
import type { TicketPart } from '../../core/ticket-texts.ts';
import { readTextAt } from '../../editor/bound-document.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import type { RefusedEditView } from '../../editor/refused-edits.ts';
import type { Ticket } from '../../world/world-rows.ts';

/** The whole file on each side. */
export interface Sides {
  readonly base: Text;
  /** What the author made of the base, and what their edit makes of the head. */
  readonly mine: Text;
  readonly mineOnHead: Text;
  readonly head: Text;
}

/** Reads the whole file on each side from the history. Rejects when not connected. */
export async function readSides(
  current: FolderWorld,
  source: RefusedEditView['source'],
): Promise<Sides> {
  const { session } = current;
  if (source.tag === 'draft') {
    const { version, changes, fileId } = source.draft;
    const { text } = await readTextAt(session, fileId, version);
    const mine = text.apply(changes);
    return { base: text, mine, mineOnHead: mine, head: text };
  }
  const { ticket, part } = source;
  if (part === undefined) return sidesOfWhole(current, ticket);
  return sidesOfPart(current, part);
}

async function sidesOfPart(current: FolderWorld, part: TicketPart): Promise<Sides> {
  const read = async (version: number): Promise<Text> =>
    (await readTextAt(current.session, part.fileId, version)).text;
  const base = await read(part.baseVersion);
  const head = await read(part.headVersion);
  const mine = base.apply(part.proposed);
  return { base, mine, mineOnHead: onHead(part, head) ?? mine, head };
}

function onHead({ changes, proposed }: TicketPart, head: Text): Text | undefined {
  return changes.length > 0 || proposed.length === 0 ? head.apply(changes) : undefined;
}

/** A rename, a delete or the like: the file as it is, and no text in its place. */
async function sidesOfWhole(current: FolderWorld, { fileId, headVersion }: Ticket): Promise<Sides> {
  const { text } = await readTextAt(current.session, fileId, headVersion);
  return { base: text, mine: text, mineOnHead: text, head: text };
}
