/**
 * Owns: everything that shows and writes notes in a window: the tree, conversations, the unread count.
 * Does not know: other views.
 */
import { DisposableStore } from '../../editor/disposable-store.ts';
import type { FolderWorld } from '../../editor/folder-world.ts';
import { memberName } from '../../world/member-name.ts';
import { conversationOf } from '../../world/note-book.ts';
import { Coalescer, nextTurn } from '../coalescer.ts';
import type { NoteCommand } from '../view-commands.ts';
import type { LineThreads } from '../threads/line-threads.ts';
import type { Run, ViewPart, ViewPartOptions } from '../view-part.ts';
import { Conversations } from './conversations.ts';
import { MessageNotices } from './message-notices.ts';
import { MessageThreads } from './message-threads.ts';
import { NoteCommands } from './note-commands.ts';
import { NoteDesk } from './note-desk.ts';
import { NoteTree } from './note-tree.ts';
import { ThreadCommands } from './thread-commands.ts';
import { UnreadItem } from './unread-item.ts';

export class NoteViews implements ViewPart {
  readonly commands: Readonly<Record<NoteCommand, Run>>;
  readonly #options: ViewPartOptions;
  readonly #store = new DisposableStore();
  readonly #tree: NoteTree;
  readonly #conversations: Conversations;
  readonly #unread = this.#store.add(new UnreadItem());
  readonly #notices = new MessageNotices();
  readonly #turn = this.#store.add(new Coalescer<'count'>(nextTurn, () => this.#count()));
  readonly #lineThreads: LineThreads;
  #entered: FolderWorld | undefined;
  #threads: MessageThreads | undefined;
  #desk: NoteDesk | undefined;
  #opening: Promise<void> = Promise.resolve();

  constructor(options: ViewPartOptions, lineThreads: LineThreads) {
    const { surroundings, changeEvents } = options;
    const desk = (): NoteDesk | undefined => this.#desk;
    this.#options = options;
    this.#lineThreads = lineThreads;
    this.#tree = this.#store.add(new NoteTree({ desk, nowMs: () => surroundings.clock.nowMs() }));
    this.#conversations = this.#store.add(new Conversations(desk, changeEvents));
    const notes = new NoteCommands({
      conversations: this.#conversations,
      randomBytes: surroundings.randomBytes,
    });
    const threads = new ThreadCommands(notes, lineThreads, () => this.#threads);
    this.commands = {
      openMessages: this.#atDesk((at, argument) => notes.open(at, argument)),
      writeMessage: this.#atDesk((at, argument) => notes.write(at, argument)),
      markMessagesRead: this.#atDesk((at, argument) => {
        if (!threads.close(argument)) notes.markRead(at, argument);
      }),
      writeAboutLines: this.#atDesk((at) => threads.begin(at)),
      answerInThread: this.#atDesk((at, argument) => threads.answer(at, argument)),
      setCheckpoint: this.#atDesk((at) => notes.setCheckpoint(at)),
    };
  }

  enter(current: FolderWorld | undefined): void {
    this.#entered = current;
    this.#leave();
    if (current !== undefined) this.#opening = this.#open(current);
  }

  dispose(): void {
    this.#entered = undefined;
    this.#threads?.dispose();
    this.#desk?.dispose();
    this.#store.dispose();
  }

  #atDesk(run: (desk: NoteDesk, argument: unknown) => Promise<void> | void): Run {
    return async (_current, argument) => {
      await this.#opening;
      if (this.#desk) await run(this.#desk, argument);
    };
  }

  async #open(current: FolderWorld): Promise<void> {
    const { surroundings } = this.#options;
    try {
      const desk = await NoteDesk.open(current, {
        home: surroundings.home,
        onChange: (key) => {
          this.#tree.update();
          this.#turn.mark('count');
          this.#conversations.update(key);
          this.#threads?.update();
        },
        onNews: (note) => {
          if (!this.#conversations.isSeen(conversationOf(note))) {
            this.#notices.tell(current.session, note);
          }
        },
      });
      if (this.#entered !== current) {
        desk.dispose();
        return;
      }
      this.#desk = desk;
      this.#threads = new MessageThreads(desk, this.#lineThreads);
    } catch (error) {
      surroundings.log.error('notes.not_opened', { error: String(error) });
    }
    this.#showAll();
  }

  #leave(): void {
    this.#threads?.dispose();
    this.#threads = undefined;
    this.#desk?.dispose();
    this.#desk = undefined;
    this.#showAll();
  }

  #showAll(): void {
    this.#tree.update();
    this.#turn.mark('count');
    this.#conversations.update(undefined);
  }

  #count(): void {
    const unread = this.#desk?.unread ?? [];
    const view = this.#desk?.session.view;
    const authors = new Set(unread.map(({ author }) => author));
    this.#unread.show(
      unread.length,
      view ? [...authors].map((author) => memberName(view, author)) : [],
    );
  }
}
