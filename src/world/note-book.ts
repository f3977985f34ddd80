/**
 * Owns: the notes of a world in order: messages by whom they are between, and named checkpoints. Does
 * not know: where notes come from, what has been read.
 */
import type { IdentityHex } from '../core/op.ts';
import type { Note } from './world-rows.ts';

/** Names a conversation: `all`, or the two members it is between, in order. */
export type ConversationKey = 'all' | `${IdentityHex} ${IdentityHex}`;

/** The messages to all, or between two members, the oldest first; there is at least one. */
export interface Conversation {
  readonly key: ConversationKey;
  readonly messages: readonly Note[];
}

/** A named point of the history: everything up to and with its op. */
export interface Checkpoint {
  /** The number of its op. */
  readonly opSeq: number;
  readonly name: string;
  readonly author: IdentityHex;
  readonly madeAtMs: number;
}

/** Whose reading is meant: what was said before somebody joined is not news to them. */
export interface Reader {
  readonly identity: IdentityHex;
  readonly joinedAtMs: number;
  /** The last message of a conversation that they have read; 0 for none. */
  readonly readUpTo: (key: ConversationKey) => number;
}

export class NoteBook {
  readonly #conversations = new Map<ConversationKey, Note[]>();
  #checkpoints: readonly Checkpoint[] = [];

  /** Takes a note in; the same again changes nothing. */
  put(note: Note): void {
    if (note.kind === 'checkpoint') this.#putCheckpoint(note);
    else this.#putMessage(note);
  }

  /** What was said last comes first. */
  conversations(): readonly Conversation[] {
    return [...this.#conversations]
      .map(([key, messages]) => ({ key, messages }))
      .sort((a, b) => b.messages.at(-1)!.noteId - a.messages.at(-1)!.noteId);
  }

  conversation(key: ConversationKey): Conversation | undefined {
    const messages = this.#conversations.get(key);
    return messages && { key, messages };
  }

  /** The newest first. */
  checkpoints(): readonly Checkpoint[] {
    return this.#checkpoints;
  }

  /** The messages of a conversation that are news to a reader, the oldest first. */
  unread(key: ConversationKey, reader: Reader): readonly Note[] {
    const messages = this.#conversations.get(key) ?? [];
    const after = reader.readUpTo(key);
    let first = messages.length;
    // From the end: what is read is long, what is not is short.
    while (first > 0 && messages[first - 1]!.noteId > after) first -= 1;
    return messages.slice(first).filter((note) => isFor(note, reader));
  }

  /** All that is news to a reader, in order. */
  allUnread(reader: Reader): readonly Note[] {
    return [...this.#conversations.keys()]
      .flatMap((key) => this.unread(key, reader))
      .sort((a, b) => a.noteId - b.noteId);
  }

  #putMessage(note: Note): void {
    const key = conversationOf(note);
    const messages = this.#conversations.get(key);
    if (messages === undefined) this.#conversations.set(key, [note]);
    else insertById(messages, note);
  }

  #putCheckpoint({ noteId, text, author, madeAtMs }: Note): void {
    const others = this.#checkpoints.filter(({ opSeq }) => opSeq !== noteId);
    const checkpoint = { opSeq: noteId, name: text, author, madeAtMs };
    this.#checkpoints = [checkpoint, ...others].sort((a, b) => b.opSeq - a.opSeq);
  }
}

/** The conversation that a message belongs to. */
export function conversationOf({ author, to }: Pick<Note, 'author' | 'to'>): ConversationKey {
  if (to === undefined) return 'all';
  return author < to ? `${author} ${to}` : `${to} ${author}`;
}

/** The conversation that a message of `self` would belong to; `other` is empty for all. */
export function conversationWith(self: IdentityHex, other: IdentityHex): ConversationKey {
  return conversationOf({ author: self, to: other === '' ? undefined : other });
}

/** Whom a conversation of `self` is with: undefined for all, and for one that others have. */
export function otherIn(key: ConversationKey, self: IdentityHex): IdentityHex | undefined {
  const members = membersIn(key);
  if (!members?.includes(self)) return undefined;
  return members.find((member) => member !== self) ?? self;
}

/** The two members of a conversation; undefined for all. */
export function membersIn(key: ConversationKey): readonly [IdentityHex, IdentityHex] | undefined {
  if (key === 'all') return undefined;
  const [one = '', other = ''] = key.split(' ');
  return [one, other];
}

/** All checkpoints of a world, the newest first: points to compare with and to go back to. */
export function checkpointsOf(notes: Iterable<Note>): readonly Checkpoint[] {
  const book = new NoteBook();
  for (const note of notes) if (note.kind === 'checkpoint') book.put(note);
  return book.checkpoints();
}

function isFor({ author, to, madeAtMs }: Note, { identity, joinedAtMs }: Reader): boolean {
  return author !== identity && (to === undefined || to === identity) && madeAtMs >= joinedAtMs;
}

/** Notes come in order, but for those of a new connection. */
function insertById(notes: Note[], note: Note): void {
  let index = notes.length;
  while (index > 0 && notes[index - 1]!.noteId > note.noteId) index -= 1;
  if (notes[index - 1]?.noteId === note.noteId) notes[index - 1] = note;
  else notes.splice(index, 0, note);
}
