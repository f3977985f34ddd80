import assert from 'node:assert/strict';
import { mapPosition } from '../../src/core/map-position.ts';
import { endOfInserted, type Position } from '../../src/core/position.ts';
import { DEFAULT_BINDING_OPTIONS, DocumentBinding } from '../../src/sync/document-binding.ts';
import type { RefusalReason } from '../../src/sync/document-state.ts';
import type { CommittedOp, DraftStore, SyncLog } from '../../src/sync/ports.ts';
import { type FileFeed, openFile, type OpenedFile } from '../../src/world/file-feed.ts';
import { nativeHash } from '../../src/world/native-hash.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import type { WorldSession } from '../../src/world/world-session.ts';
import { MemoryDocument } from './memory-document.ts';

/** Keys that may be on their way to the world: as many as somebody types while the answer comes. */
const KEYS_UNDER_WAY = 4;
const KEYS_IN_A_LINE = 20;

export interface BindingTypistOptions {
  readonly session: WorldSession;
  readonly file: string;
  /** A letter; its keys are this letter with their number, so that every one can be found again. */
  readonly mark: string;
  readonly log: SyncLog;
  /** Waited for after each key; without it the next one is typed as soon as the world takes it. */
  readonly betweenKeys?: () => Promise<unknown>;
}

/** Somebody who types into a bound document, without an editor, connected or not. */
export class BindingTypist {
  readonly mark: string;
  /** Every op that this replica was told of, in order. */
  readonly told: CommittedOp[] = [];
  readonly #document: MemoryDocument;
  readonly #binding: DocumentBinding;
  readonly #feed: FileFeed;
  readonly #watchers = new Set<() => void>();
  readonly #betweenKeys: () => Promise<unknown>;
  #cursor: Position;
  #typed = 0;
  #confirmed = 0;
  #ownOps = 0;
  #isStopped = false;
  #refusal: RefusalReason | undefined;

  /** Opens the file and puts the cursor behind the first `mark` in it. */
  static async start(options: BindingTypistOptions): Promise<BindingTypist> {
    const { session, file } = options;
    const head = session.view.fileAt(file);
    assert.ok(head, `the world has ${file}`);
    return new BindingTypist(options, await openFile(session, head.fileId));
  }

  private constructor(options: BindingTypistOptions, opened: OpenedFile) {
    const { session, mark, log, betweenKeys = nextTurn } = options;
    const { text, feed } = opened;
    this.#betweenKeys = betweenKeys;
    this.mark = mark;
    this.#document = new MemoryDocument(text);
    this.#feed = feed;
    const line = [...text.lines()].findIndex((each) => each.includes(mark));
    this.#cursor = { line, character: text.line(line).indexOf(mark) + mark.length };
    this.#feed.onEvent((event) => {
      if (event.tag === 'committed') this.#note(event.op);
    });
    const ids = { next: () => newUuid(session.clock.nowMs(), systemRandomBytes) };
    const { clock } = session;
    this.#binding = new DocumentBinding(
      { document: this.#document, file: feed, ids, clock, drafts: noDrafts, log, hash: nativeHash },
      { base: opened },
      { ...DEFAULT_BINDING_OPTIONS, invariants: 'fatal' },
    );
    this.#binding.onUpdate((update) => {
      if (update.tag === 'refused') this.#refusal ??= update.edit.reason;
      if (update.tag === 'text' && update.by === 'world') {
        this.#cursor = mapPosition(this.#cursor, update.changes, 'before');
      }
      for (const look of this.#watchers) look();
    });
  }

  get text(): string {
    return this.#document.text();
  }

  get keysTyped(): readonly number[] {
    return Array.from({ length: this.#typed }, (_, key) => key);
  }

  /** The numbers of this typist's keys in a text, in the order of the text. */
  keysIn(text: string): readonly number[] {
    const keys = text.matchAll(new RegExp(`${this.mark}(\\d+)[ \\n]`, 'g'));
    return [...keys].map(([, number]) => Number(number));
  }

  /**
   * Types until it is stopped, as fast as the world takes it. Rejects when the world put an edit in a ticket or did not
   * take it: those keys are never told of, and whoever waits for them would wait for ever.
   */
  async work(): Promise<void> {
    while (!this.#isStopped) {
      await this.#when(() => this.#isStopped || this.#refusal !== undefined || this.#mayType());
      assert.equal(this.#refusal, undefined, `what ${this.mark} typed was refused`);
      if (!this.#isStopped) this.#typeKey();
      await this.#betweenKeys();
    }
  }

  stop(): void {
    this.#isStopped = true;
    for (const look of this.#watchers) look();
  }

  /** Resolves when the world has taken so many ops more. */
  nextOps(count: number): Promise<void> {
    const wanted = this.#ownOps + count;
    return this.#when(() => this.#ownOps >= wanted);
  }

  /** Resolves when nothing is under way in either direction, and the world's text is of that version or newer. */
  whenSettled(version = 0): Promise<void> {
    const isThere = (): boolean => this.#binding.state.confirmed.version >= version;
    return this.#when(() => this.#binding.isSettled && isThere());
  }

  #mayType(): boolean {
    return this.#typed - this.#confirmed < KEYS_UNDER_WAY;
  }

  #typeKey(): void {
    const key = this.#typed;
    const text = `${this.mark}${key}${key % KEYS_IN_A_LINE === KEYS_IN_A_LINE - 1 ? '\n' : ' '}`;
    const { line, character } = this.#cursor;
    const place = { startLine: line, startCharacter: character };
    this.#typed += 1;
    this.#cursor = endOfInserted(this.#cursor, text);
    this.#document.type([{ ...place, endLine: line, endCharacter: character, text }]);
  }

  #note(op: CommittedOp): void {
    this.told.push(op);
    const own = op.changes.reduce((sum, { text }) => sum + this.keysIn(text).length, 0);
    if (own === 0) return;
    this.#confirmed += own;
    this.#ownOps += 1;
  }

  /** The condition is looked at whenever the binding tells of anything. */
  #when(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }
}

function nextTurn(): Promise<unknown> {
  return new Promise((resolve) => setImmediate(resolve));
}

const noDrafts: DraftStore = {
  append: () => Promise.resolve(),
  putDraft: () => Promise.reject(new Error('nothing of this typist may be refused')),
};
