/**
 * Owns: the notes of the world that a window is in, together with what its user has read of them. Does
 * not know: how notes are shown.
 */
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import {
  type ConversationKey,
  conversationOf,
  NoteBook,
  type Reader,
} from '../../world/note-book.ts';
import { ReadMarks } from '../../world/read-marks.ts';
import type { Note } from '../../world/world-rows.ts';
import type { WorldSession } from '../../world/world-session.ts';

export interface NoteDeskOptions {
  readonly home: string;
  /** Some note came, or was read; undefined for anything else that what is shown depends on. */
  readonly onChange: (key: ConversationKey | undefined) => void;
  /** Somebody said something to the user just now. */
  readonly onNews: (note: Note) => void;
}

export class NoteDesk implements Disposable {
  readonly book = new NoteBook();
  readonly current: FolderWorld;
  readonly #options: NoteDeskOptions;
  readonly #marks: ReadMarks;
  readonly #store = new DisposableStore();
  /** Read, while some message before them in their conversation is not: a mark says up to where. */
  readonly #readApart = new Set<number>();

  static async open(current: FolderWorld, options: NoteDeskOptions): Promise<NoteDesk> {
    const { session, world } = current;
    const place = { home: options.home, database: world.database, identity: session.identity };
    return new NoteDesk(current, options, await ReadMarks.open(place, session.log));
  }

  private constructor(current: FolderWorld, options: NoteDeskOptions, marks: ReadMarks) {
    const { view } = current.session;
    this.current = current;
    this.#options = options;
    this.#marks = marks;
    for (const note of view.notes.values()) this.book.put(note);
    this.#store.addStop(
      view.notes.onChange(({ before, after }) => {
        if (after) this.#put(after, before === undefined);
      }),
    );
    this.#store.addStop(
      view.members.onChange(({ before, after }) => {
        if (before?.displayName !== after?.displayName) options.onChange(undefined);
      }),
    );
    this.#store.addStop(marks.onChange(() => options.onChange(undefined)));
    this.#store.addStop(() => marks.close());
  }

  get session(): WorldSession {
    return this.current.session;
  }

  get unread(): readonly Note[] {
    return this.book.allUnread(this.#reader).filter((note) => !this.#readApart.has(note.noteId));
  }

  unreadIn(key: ConversationKey): readonly Note[] {
    const unread = this.book.unread(key, this.#reader);
    return unread.filter((note) => !this.#readApart.has(note.noteId));
  }

  /**
   * Messages are read which need not be the first unread ones; for other windows only when all before them are.
   * Resolves when that is on disk.
   */
  async markNotesRead(notes: readonly Note[]): Promise<void> {
    const marked: Promise<void>[] = [];
    for (const key of new Set(notes.map(conversationOf))) {
      for (const { noteId } of this.unreadIn(key)) {
        if (notes.some((note) => note.noteId === noteId)) this.#readApart.add(noteId);
      }
      const first = this.unreadIn(key)[0];
      const last = this.book.conversation(key)?.messages.at(-1);
      marked.push(this.#marks.mark(key, first ? first.noteId - 1 : (last?.noteId ?? 0)));
      this.#options.onChange(key);
    }
    await Promise.all(marked);
  }

  /** Everything of a conversation is read. */
  markRead(key: ConversationKey): void {
    const last = this.book.conversation(key)?.messages.at(-1);
    // What is on its way to the disk is known here at once, and what fails is logged.
    if (last) void this.#marks.mark(key, last.noteId);
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** Before the world was seen for the first time nobody is known; then nothing is news. */
  get #reader(): Reader {
    const { identity, view } = this.session;
    const joinedAtMs = view.members.get(identity)?.joinedAtMs ?? Number.POSITIVE_INFINITY;
    return { identity, joinedAtMs, readUpTo: (key) => this.#marks.upTo(key) };
  }

  #put(note: Note, isNew: boolean): void {
    this.book.put(note);
    const key = note.kind === 'message' ? conversationOf(note) : undefined;
    this.#options.onChange(key);
    if (!isNew || key === undefined) return;
    if (this.unreadIn(key).some(({ noteId }) => noteId === note.noteId)) this.#options.onNews(note);
  }
}
