/**
 * Owns: threads beside the lines that unread messages are about, in the open files, and moving them along with the
 * text. Does not know: how messages are written.
 */
import * as vscode from 'vscode';
import { type LineRange, mapLineRange } from '../../core/map-position.ts';
import type { BoundDocument } from '../../editor/bound-document.ts';
import { type Disposable, DisposableStore } from '../../editor/disposable-store.ts';
import type { TextUpdate } from '../../editor/folder-world.ts';
import { onSetting, readSettings } from '../../editor/settings.ts';
import { linesSince } from '../../world/lines-since.ts';
import { LinkFailure } from '../../world/link-failure.ts';
import type { ConversationKey } from '../../world/note-book.ts';
import { WorldError } from '../../world/world-error.ts';
import type { Note } from '../../world/world-rows.ts';
import { Coalescer, within } from '../coalescer.ts';
import type { LineThreads, ShownThread } from '../threads/line-threads.ts';
import { nearest } from '../threads/near-lines.ts';
import type { NoteDesk } from './note-desk.ts';
import { authorName, conversationName } from './note-words.ts';
import { type MessagePlace, placeIn, type Topic, topicsIn } from './placed-messages.ts';

const SUBJECT = 'messages';
/** While somebody types above them, threads are placed anew so often at most; VS Code moves them with the text. */
const BETWEEN_PLACES_MS = 100;
/** So many of a conversation's messages are looked through for what is spoken of, and so many stand in a thread. */
const LOOKED_THROUGH = 200;
const MOST_MESSAGES = 20;

/** Messages of one conversation at the same lines of an open document. */
export interface PlacedTopic {
  readonly id: string;
  readonly key: ConversationKey;
  readonly bound: BoundDocument;
  readonly lines: LineRange;
  readonly messages: readonly Note[];
}

export class MessageThreads implements Disposable {
  readonly #desk: NoteDesk;
  readonly #threads: LineThreads;
  readonly #store = new DisposableStore();
  readonly #turn = this.#store.add(
    new Coalescer<'messages' | 'lines'>(within(BETWEEN_PLACES_MS), (changed) => {
      if (changed.has('messages')) this.#topics = undefined;
      this.#show();
    }),
  );
  /** What is spoken of in threads; undefined once messages, or what is read of them, may be others. */
  #topics: readonly Topic[] | undefined;
  /** Messages that stay in their threads until these are closed, read or not: answered ones, and the user's own. */
  readonly #kept = new Set<number>();
  /** Where a message was found to be about; a file keeps its threads when it gets another name. */
  readonly #places = new Map<number, { readonly fileId: number; readonly lines: LineRange }>();
  /** The lines of topics in documents, by the number of their first op; undefined while they are looked up. */
  readonly #lines = new Map<vscode.TextDocument, Map<number, LineRange | undefined>>();
  #placed: readonly PlacedTopic[] = [];

  constructor(desk: NoteDesk, threads: LineThreads) {
    const { current, session } = desk;
    this.#desk = desk;
    this.#threads = threads;
    this.#store.add(current.onText((update) => this.#textChanged(update)));
    this.#store.add(current.onBinding(({ document }) => this.#bindingChanged(document)));
    this.#store.addStop(session.onState(() => this.update()));
    this.#store.addStop(
      session.view.notes.onChange(({ before, after }) => {
        if (before === undefined && after?.author === session.identity) this.#wrote(after);
      }),
    );
    this.#store.add(onSetting('threads.show', () => this.update()));
    this.update();
  }

  /** What is unread, or how somebody is called, may be something else. */
  update(): void {
    this.#turn.mark('messages');
  }

  /** The thread of an id, as it is shown. */
  find(id: string | undefined): PlacedTopic | undefined {
    return this.#placed.find((each) => each.id === id);
  }

  /** The user answered in a thread: what it says is read, and it stays until it is closed. */
  answered({ messages }: PlacedTopic): void {
    for (const { noteId } of messages) this.#kept.add(noteId);
    void this.#desk.markNotesRead(messages);
    this.update();
  }

  /** What a thread says is read, and the thread goes. */
  close({ messages }: PlacedTopic): void {
    for (const { noteId } of messages) this.#kept.delete(noteId);
    void this.#desk.markNotesRead(messages);
    this.update();
  }

  dispose(): void {
    this.#store.dispose();
    this.#threads.show(SUBJECT, []);
  }

  /** The user wrote a message about lines, in whichever of their windows. */
  #wrote(note: Note): void {
    if (this.#placeOf(note)?.isLeading) this.#kept.add(note.noteId);
    this.update();
  }

  #show(): void {
    const { threadsShow } = readSettings();
    const isWanted = threadsShow === 'all' || threadsShow === 'messages';
    this.#placed = isWanted ? this.#placeAll() : [];
    const documents = new Set(this.#placed.map(({ bound }) => bound.document));
    this.#threads.show(
      SUBJECT,
      [...documents].flatMap((document) =>
        nearest(
          this.#placed.filter(({ bound }) => bound.document === document),
          document,
        ).map((topic) => this.#threadOf(topic)),
      ),
    );
  }

  #placeAll(): readonly PlacedTopic[] {
    if (this.#topics === undefined) {
      this.#topics = this.#openTopics();
      this.#forgetLines(new Set(this.#topics.map(({ saidAt }) => saidAt)));
    }
    const placed: PlacedTopic[] = [];
    for (const topic of this.#topics) {
      const bound = this.#desk.current.documents.ofFile(topic.fileId);
      const lines = bound && this.#linesOf(bound, topic);
      if (!bound || !lines) continue;
      const { key, messages, saidAt } = topic;
      // An answer names the lines as they are numbered by then.
      const same = placed.findIndex(
        (each) => each.key === key && each.bound === bound && meets(each.lines, lines),
      );
      const other = placed[same];
      if (other) placed[same] = { ...other, messages: inOrder([...other.messages, ...messages]) };
      else placed.push({ id: `messages ${saidAt}`, key, bound, lines, messages });
    }
    return placed;
  }

  #openTopics(): readonly Topic[] {
    const open = new Set([...this.#desk.unread.map(({ noteId }) => noteId), ...this.#kept]);
    if (open.size === 0) return [];
    return this.#desk.book.conversations().flatMap(({ key, messages }) => {
      const last = messages.slice(-LOOKED_THROUGH);
      if (!last.some(({ noteId }) => open.has(noteId))) return [];
      return topicsIn(key, last, (note) => this.#fileLinesOf(note)).filter((topic) =>
        topic.messages.some(({ noteId }) => open.has(noteId)),
      );
    });
  }

  #fileLinesOf(note: Note): { readonly fileId: number; readonly lines: LineRange } | undefined {
    const known = this.#places.get(note.noteId);
    if (known) return known;
    const place = this.#placeOf(note);
    const head = place && this.#desk.session.view.fileAt(place.path);
    if (!place || !head) return undefined;
    const found = { fileId: head.fileId, lines: place.lines };
    this.#places.set(note.noteId, found);
    return found;
  }

  #placeOf({ text }: Note): MessagePlace | undefined {
    const { view } = this.#desk.session;
    return placeIn(text, (path) => view.fileAt(path) !== undefined);
  }

  #linesIn(document: vscode.TextDocument): Map<number, LineRange | undefined> {
    let lines = this.#lines.get(document);
    if (lines === undefined) this.#lines.set(document, (lines = new Map()));
    return lines;
  }

  /** Where a topic's lines are in a document; undefined until that was read. */
  #linesOf(bound: BoundDocument, topic: Topic): LineRange | undefined {
    const lines = this.#linesIn(bound.document);
    if (!lines.has(topic.saidAt)) {
      lines.set(topic.saidAt, undefined);
      void this.#look(bound, topic);
    }
    return lines.get(topic.saidAt);
  }

  /** Lines that no thread is at are not moved along any more. */
  #forgetLines(open: ReadonlySet<number>): void {
    for (const lines of this.#lines.values()) {
      for (const saidAt of lines.keys()) if (!open.has(saidAt)) lines.delete(saidAt);
    }
  }

  async #look(bound: BoundDocument, { fileId, lines, saidAt }: Topic): Promise<void> {
    const { document } = bound;
    const { session } = this.#desk;
    try {
      const { link } = session;
      const version = bound.positions?.version;
      if (!link || version === undefined) throw new LinkFailure('not connected');
      const there = await linesSince(link, session.view, { fileId, lines, opSeq: saidAt }, version);
      const { positions } = bound;
      if (this.#store.isDisposed || !positions) return;
      this.#lines.get(document)?.set(saidAt, positions.linesToEditor(there, version));
      this.#turn.mark('lines');
    } catch (error) {
      // Looked up again once the world is there, or the document is bound again.
      this.#lines.get(document)?.delete(saidAt);
      if (!(error instanceof LinkFailure || error instanceof WorldError)) throw error;
    }
  }

  /** On the path of every keystroke: without threads in the document there is nothing to do. */
  #textChanged({ bound: { document }, update: { changes } }: TextUpdate): void {
    const lines = this.#lines.get(document);
    if (lines === undefined || lines.size === 0) return;
    for (const [saidAt, range] of lines) {
      if (range) lines.set(saidAt, mapLineRange(range, changes));
    }
    this.#turn.mark('lines');
  }

  #bindingChanged(document: vscode.TextDocument): void {
    // What it shows comes from the world's history anew.
    this.#lines.delete(document);
    this.update();
  }

  #threadOf({ id, key, bound, lines, messages }: PlacedTopic): ShownThread {
    const { session } = this.#desk;
    const unread = new Set(this.#desk.unreadIn(key).map(({ noteId }) => noteId));
    const name =
      key === 'all'
        ? vscode.l10n.t('Messages to everybody')
        : vscode.l10n.t('Messages: {0}', conversationName(session, key));
    const lastLine = bound.document.lineCount - 1;
    return {
      id,
      uri: bound.document.uri,
      lines: {
        firstLine: Math.min(lines.firstLine, lastLine),
        lastLine: Math.min(lines.lastLine, lastLine),
      },
      label: name,
      contextValue: 'messages',
      isOpen: messages.some(({ noteId }) => unread.has(noteId)),
      canReply: true,
      comments: messages.slice(-MOST_MESSAGES).map((note) => ({
        author: authorName(session, note.author),
        body: this.#wordsOf(note),
        atMs: note.madeAtMs,
        ...(unread.has(note.noteId) && { label: vscode.l10n.t('unread') }),
      })),
    };
  }

  /** The place of the thread need not be said in it. */
  #wordsOf(note: Note): string {
    const place = this.#placeOf(note);
    return place?.isLeading ? place.rest : note.text;
  }
}

function meets(some: LineRange, others: LineRange): boolean {
  return some.firstLine <= others.lastLine && others.firstLine <= some.lastLine;
}

function inOrder(messages: readonly Note[]): readonly Note[] {
  return [...messages].sort((a, b) => a.noteId - b.noteId);
}
