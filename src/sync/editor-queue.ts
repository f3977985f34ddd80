/**
 * Owns: the one line of remote changes into an editor (S4), and telling the echo of one's own call
 * from the user's keys, by version and never by text. Does not know: where the changes come from,
 * what the user's changes mean, what it means that an echo is not what was asked for.
 */
import type { Changes } from '../core/change.ts';
import type { Clock, DocumentChange, EditorDocument } from './ports.ts';

/** When the editor says no without the text having changed, for instance while it is read-only. */
const RETRY_REFUSED_MS = 250;

interface Call {
  readonly version: number;
  readonly held: DocumentChange[];
}

/** What the queue asks of its owner. */
export interface EditorQueueOwner {
  /** What the editor lacks, as one set of changes on its text; empty when it lacks nothing. */
  waiting(): Changes;
  /** The editor took the changes last handed out by `waiting`, and says that it made these. */
  entered(made: Changes): void;
  /** The user, or the disk, changed the text. */
  changed(event: DocumentChange): void;
  /** The queue has nothing under way and has handed over every event. */
  rested(): void;
}

/** Gives an editor one set of remote changes at a time. */
export class EditorQueue {
  readonly #document: EditorDocument;
  readonly #owner: EditorQueueOwner;
  readonly #clock: Clock;
  /** While a call is under way: the version it was made on, and the events since. */
  #call: Call | undefined;
  #answered: Promise<void> = Promise.resolve();
  #cancelRetry: (() => void) | undefined;
  #isClosed = false;
  #holds = 0;
  #isAbandoned = false;

  constructor(document: EditorDocument, owner: EditorQueueOwner, clock: Clock) {
    this.#document = document;
    this.#owner = owner;
    this.#clock = clock;
  }

  /** True while a call is under way, when the shadow may be behind the editor. */
  get isBusy(): boolean {
    return this.#call !== undefined;
  }

  /** Resolves when the call that is under way now was answered and taken in. */
  async answered(): Promise<void> {
    await this.#answered;
  }

  /** Takes in an event of the document. */
  receive(event: DocumentChange): void {
    if (this.#call) {
      this.#call.held.push(event);
      return;
    }
    this.#owner.changed(event);
    this.pump();
  }

  /** Gives the editor what it lacks, unless a call is under way. */
  pump(): void {
    if (this.#isClosed || this.#holds > 0 || this.#call || this.#cancelRetry) return;
    const changes = this.#owner.waiting();
    if (changes.length === 0) return;
    const { version } = this.#document;
    this.#call = { version, held: [] };
    // `apply` does not reject, and what follows throws only for a bug, which is then not swallowed.
    this.#answered = this.#document
      .apply(changes, version)
      .then((isApplied) => this.#settle(isApplied));
  }

  /** Gives the editor nothing more until the function that it returns is called. */
  hold(): () => void {
    this.#holds += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#holds -= 1;
      this.pump();
    };
  }

  /** The document is gone: a call under way still settles, no other follows. */
  close(): void {
    this.#isClosed = true;
    this.#cancelRetry?.();
  }

  /** Nobody is interested any more, not even in how a call settles. */
  abandon(): void {
    this.close();
    this.#isAbandoned = true;
  }

  #settle(isApplied: boolean): void {
    const call = this.#call;
    if (!call || this.#isAbandoned) return;
    if (isApplied) {
      // A call without an echo changed nothing.
      this.#owner.entered(call.held.find((event) => isEchoOf(call, event))?.changes ?? []);
    } else if (call.held.length === 0) {
      this.#retryLater();
    }
    for (const event of call.held) {
      if (!isApplied || !isEchoOf(call, event)) this.#owner.changed(event);
    }
    // Not before: a next call must be made for a text that has all of these events.
    this.#call = undefined;
    this.pump();
    if (!this.#call) this.#owner.rested();
  }

  #retryLater(): void {
    this.#cancelRetry = this.#clock.after(RETRY_REFUSED_MS, () => {
      this.#cancelRetry = undefined;
      this.pump();
    });
  }
}

/** Only of a call that was applied: then no other event can have come before. */
function isEchoOf(call: Call, event: DocumentChange): boolean {
  return event.version === call.version + 1;
}
