import type { Changes } from '../../src/core/change.ts';
import { changesOverlap } from '../../src/core/overlap.ts';
import { rebase } from '../../src/core/rebase.ts';
import type { Text } from '../../src/core/text.ts';
import { commit } from '../../src/sync/committed-op.ts';
import type { Circumstances } from '../../src/sync/crossing.ts';
import { type DocumentState, openedState, remoteChanges } from '../../src/sync/document-state.ts';
import { changeLocally } from '../../src/sync/local-change.ts';
import type { CommittedOp } from '../../src/sync/ports.ts';
import { startSending } from '../../src/sync/sending.ts';
import type { OpenedFile } from '../../src/world/file-feed.ts';

/** Pairs of concurrent ops that overlap, each pair counted where the later of the two is moved. */
export interface OverlapCount {
  byCharacter: number;
  byLine: number;
}

/**
 * One author of a recorded session: types what was recorded into the text that the author saw then.
 * Ops of the other enter that text one by one, when the recording says so, which no editor would
 * do; all else is the client's own state.
 */
export class TraceClient {
  readonly overlaps: OverlapCount = { byCharacter: 0, byLine: 0 };
  readonly #opened: OpenedFile;
  readonly #newId: () => string;
  #state: DocumentState;
  /** How many of the own transactions were typed, and by which id each went. */
  readonly #typed: string[] = [];
  readonly #places = new Map<string, number>();
  readonly #arrived = new Set<string>();
  readonly #opIds = new Map<number, string>();
  readonly #watchers = new Set<() => void>();

  constructor(opened: OpenedFile, newId: () => string) {
    this.#opened = opened;
    this.#newId = newId;
    this.#state = openedState({ version: opened.version, text: opened.text });
    opened.feed.onEvent((event) => {
      if (event.tag === 'committed') this.#take(event.op);
      for (const look of this.#watchers) look();
    });
  }

  /** The text as the author sees it. */
  get text(): Text {
    return this.#state.shadow;
  }

  get version(): number {
    return this.#state.confirmed.version;
  }

  /** Ids of the ops of one's own transactions, in order. */
  get opIds(): readonly string[] {
    return this.#typed;
  }

  /** Types one transaction. */
  type(changes: Changes): void {
    let mine = changes;
    for (const entry of this.#state.remote) {
      this.#count(mine, entry.changes);
      mine = rebase(mine, entry.changes, 'after');
    }
    const now = this.#now();
    let opId = '';
    const state = changeLocally(this.#state, changes, 'typing', {
      ...now,
      newId: () => (opId = now.newId()),
    });
    this.#state = state;
    this.#places.set(opId, this.#typed.length);
    this.#typed.push(opId);
  }

  /** Which of the own transactions an op is, counted from 0; undefined for none. */
  placeOf(opId: string): number | undefined {
    return this.#places.get(opId);
  }

  /** True when the other's op was told to this client. */
  hasArrived(opId: string): boolean {
    return this.#arrived.has(opId);
  }

  /** Lets the other's ops into the text that the author sees, as long as `isSeen` says so. */
  see(isSeen: (opId: string) => boolean): void {
    const { remote, shadow } = this.#state;
    const end = remote.findIndex(
      (entry) => entry.tag !== 'committed' || !isSeen(this.#opIds.get(entry.opSeq)!),
    );
    const seen = remote.slice(0, end < 0 ? remote.length : end);
    this.#state = {
      ...this.#state,
      shadow: shadow.apply(remoteChanges(seen)),
      remote: remote.slice(seen.length),
    };
  }

  /** True when one of the first `count` transactions has not been sent. */
  hasUnsent(count: number): boolean {
    const [first] = this.#state.pending;
    return first !== undefined && this.#places.get(first.opId)! < count;
  }

  /** Sends the first `count` transactions, as far as they are unsent, and waits for the answers. */
  async send(count: number): Promise<void> {
    for (;;) {
      const due = this.#state.pending.filter((edit) => this.#places.get(edit.opId)! < count);
      if (due.length === 0) return;
      const rest = this.#state.pending.slice(due.length);
      const started = startSending({ ...this.#state, pending: due }, this.#fileId, this.#now());
      this.#state = { ...started, pending: [...started.pending, ...rest] };
      this.#opened.feed.send(started.inFlight!.batch);
      await this.until(() => !this.#state.inFlight);
    }
  }

  /** Resolves once the condition holds, asked after every event. */
  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
    });
  }

  get #fileId(): number {
    return this.#opened.feed.fileId;
  }

  #take(op: CommittedOp): void {
    const isOwn = this.#state.inFlight?.awaited.includes(op.opId) ?? false;
    if (!isOwn) {
      let theirs = op.changes;
      for (const edit of [...(this.#state.inFlight?.edits ?? []), ...this.#state.pending]) {
        this.#count(edit.changes, theirs);
        theirs = rebase(theirs, edit.changes, 'before');
      }
    }
    this.#arrived.add(op.opId);
    this.#opIds.set(op.opSeq, op.opId);
    this.#state = commit(this.#state, op, this.#now());
  }

  #count(mine: Changes, theirs: Changes): void {
    if (changesOverlap(mine, theirs, 'character')) this.overlaps.byCharacter++;
    if (changesOverlap(mine, theirs, 'line')) this.overlaps.byLine++;
  }

  #now(): Circumstances {
    return {
      policy: this.#opened.feed.policy,
      nowMs: 0,
      waitingKeys: 'apart',
      newId: this.#newId,
    };
  }
}
