import type { Limits } from '../../src/core/limits.ts';
import {
  canonicalJson,
  NOTE_KINDS,
  type NoteKind,
  type NotePayload,
  writePayload,
} from '../../src/core/op-payload.ts';
import { demandNewCall } from './call-memory.ts';
import { activeMemberOf, type Caller, can, identityOf, type Who } from './caller.ts';
import { hashText } from './hash.ts';
import type { History } from './history.ts';
import { answerAgain } from './known-op.ts';
import { openNoteHistory } from './note-call.ts';
import { demand } from './refusal.ts';
import type { Arguments, Context, Row } from './world.ts';

/** Writes a message to a member or to all, or names this point of the history. */
export function addNote(ctx: Context, args: Arguments<'add_note'>): void {
  const asked = canonicalJson({ note: args });
  const payloadHash = hashText(asked);
  if (answerAgain(ctx, args.opId, () => payloadHash, asked.length)) return;
  const caller = activeMemberOf(ctx);
  demandNewCall(ctx, caller, args.opId);
  const history = openNoteHistory(ctx, caller, args.text.length);
  const note = demandKind(caller, args.kind);
  demandMessage(ctx, history.limits, note, args);
  const payload = { note, text: args.text, to: args.to };
  writeNote(ctx, history, caller, { opId: args.opId, payload, payloadHash });
  history.close();
}

/** Refuses what a note may not say, and readers that there are not. */
export function demandMessage(
  ctx: Context,
  { noteLength }: Pick<Limits, 'noteLength'>,
  note: NoteKind,
  { to, text }: { readonly to: string; readonly text: string },
): void {
  demand(text.length <= noteLength, 'too_large', 'the note is too long');
  demand(text.trim() !== '', 'bad_request', 'a note says something');
  demand(isText(text), 'bad_text', 'this is not text');
  demandReader(ctx, note, to);
}

/** Writes a note's op and row, and tells the caller. */
export function writeNote(
  ctx: Context,
  history: History,
  author: Who,
  { opId, payload, payloadHash }: { opId: string; payload: NotePayload; payloadHash: Uint8Array },
): void {
  const noteId = history.appendFileless({
    opId,
    kind: 'note',
    author,
    payload: writePayload('note', payload),
    payloadHash,
  });
  insertNote(ctx, noteId, author, payload, ctx.timestamp);
  history.tell(opId, 'applied', noteId, 0);
}

/** The row by which a note of the history is found and shown. */
export function insertNote(
  ctx: Context,
  noteId: number,
  author: Who,
  { note, text, to }: NotePayload,
  madeAt: Row<'note'>['madeAt'],
): void {
  ctx.db.note.insert({
    noteId,
    kind: note,
    author: author.identity,
    to: to === '' ? undefined : identityOf(ctx, to),
    text,
    madeAt,
  });
}

/** Everyone may say something; a name in the history is for those who write it. */
function demandKind(caller: Caller, kind: string): NoteKind {
  demand(NOTE_KINDS.includes(kind as NoteKind), 'bad_request', 'unknown kind of note');
  if (kind === 'checkpoint')
    demand(can(caller.member, 'edit'), 'forbidden', 'this needs the right to edit');
  return kind as NoteKind;
}

function demandReader(ctx: Context, note: NoteKind, to: string): void {
  if (to === '') return;
  demand(note === 'message', 'bad_request', 'a checkpoint is for all');
  demand(/^[0-9a-f]{64}$/.test(to), 'bad_request', 'a member is named by 64 hexadecimal digits');
  const member = ctx.db.workspace_member.identity.find(identityOf(ctx, to));
  demand(
    member !== null && member.removedAt === undefined,
    'no_such_member',
    'there is no such member',
  );
}

export function isText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
