/**
 * Owns: which files of a folder wait for an answer, and under which question, as the folder's log
 * tells it. Does not know: why they wait, what an answer does.
 */
import type { RestorationAnswer, RestorationQuestion } from '../../core/restoration.ts';
import type { FolderLogEntry } from '../folder-log-entry.ts';
import type { WaitingEntry, WaitingFile } from './waiting-entry.ts';

/** What happened at once. */
export interface WaitingEvent {
  readonly event: string;
  /** What is asked, once it is known. */
  readonly ask?: RestorationQuestion | undefined;
  readonly question?: number | undefined;
  /** The last answer that was told. */
  readonly answer?: RestorationAnswer | undefined;
}

export type Sending = Extract<WaitingEntry, { tag: 'sending' }>;

export class WaitingFiles {
  readonly #files = new Map<string, WaitingFile>();
  readonly #events = new Map<string, WaitingEvent>();
  readonly #sizes = new Map<string, number>();
  readonly #sending = new Map<string, Sending>();
  /** The event by which the folder as a whole waits. */
  #folder: string | undefined;

  get size(): number {
    return this.#files.size;
  }

  of(path: string): WaitingFile | undefined {
    return this.#files.get(path);
  }

  all(): Iterable<WaitingFile> {
    return this.#files.values();
  }

  /** What is sent of a file whose answer is acted on. */
  sending(path: string): Sending | undefined {
    return this.#sending.get(path);
  }

  /** The event by which the folder is gone, or empty. */
  get folder(): WaitingEvent | undefined {
    return this.#folder === undefined ? undefined : this.#events.get(this.#folder);
  }

  /** True while the folder is not kept in step: it is gone, or was to be left as it is. */
  get isPaused(): boolean {
    if (this.#folder !== undefined) return true;
    return this.events().some(({ event, answer }) => answer === 'leave' && !this.isOver(event));
  }

  /** What was asked and is not over, the oldest first. */
  get asked(): readonly WaitingEvent[] {
    return this.events().filter(
      ({ event, question }) => question !== undefined && !this.isOver(event),
    );
  }

  event(event: string): WaitingEvent | undefined {
    return this.#events.get(event);
  }

  events(): readonly WaitingEvent[] {
    return [...this.#events.values()];
  }

  ofQuestion(question: number): WaitingEvent | undefined {
    return this.events().find((each) => each.question === question);
  }

  filesOf(event: string): readonly WaitingFile[] {
    return [...this.#files.values()].filter((file) => file.event === event);
  }

  /** True once nothing of the event waits any more. */
  isOver(event: string): boolean {
    return (this.#sizes.get(event) ?? 0) === 0 && this.#folder !== event;
  }

  /** What a log that is written anew has to say of it. */
  entries(): readonly WaitingEntry[] {
    const files = [...this.#files.values()].map((file) => ({ tag: 'waits', ...file }) as const);
    const events = this.events().flatMap(({ event, ask, question, answer }) => [
      ...(ask ? [{ tag: 'asking', event, ask } as const] : []),
      ...(question === undefined ? [] : [{ tag: 'asked', event, question } as const]),
      ...(question === undefined || !answer
        ? []
        : [{ tag: 'answered', question, answer } as const]),
    ]);
    return [
      ...files,
      ...(this.#folder === undefined
        ? []
        : [{ tag: 'folder_waits', event: this.#folder } as const]),
      ...events,
      ...this.#sending.values(),
    ];
  }

  apply(entry: FolderLogEntry): void {
    switch (entry.tag) {
      case 'waits': {
        const { tag: _, ...file } = entry;
        this.#forget(file.path);
        this.#files.set(file.path, file);
        this.#sizes.set(file.event, (this.#sizes.get(file.event) ?? 0) + 1);
        this.#change(file.event, {});
        return;
      }
      case 'waited':
      case 'put':
      case 'removed':
        this.#forget(entry.path);
        return;
      case 'folder_waits':
        this.#folder = entry.event;
        this.#change(entry.event, {});
        return;
      case 'folder_waited':
        if (this.#folder === entry.event) this.#folder = undefined;
        return;
      case 'asking':
        this.#change(entry.event, { ask: entry.ask });
        return;
      case 'asked':
        this.#change(entry.event, { question: entry.question });
        return;
      case 'answered': {
        const { event } = this.ofQuestion(entry.question) ?? {};
        if (event !== undefined) this.#change(event, { answer: entry.answer });
        return;
      }
      case 'concluded':
        this.#events.delete(entry.event);
        if (this.#sizes.get(entry.event) === 0) this.#sizes.delete(entry.event);
        return;
      case 'sending':
        this.#sending.set(entry.path, entry);
        return;
      default:
        return;
    }
  }

  #change(event: string, what: Partial<WaitingEvent>): void {
    this.#events.set(event, { event, ...this.#events.get(event), ...what });
  }

  #forget(path: string): void {
    const { event } = this.#files.get(path) ?? {};
    this.#sending.delete(path);
    if (event === undefined) return;
    this.#files.delete(path);
    this.#sizes.set(event, this.#sizes.get(event)! - 1);
  }
}
