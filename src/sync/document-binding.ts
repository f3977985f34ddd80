/**
 * Owns: one document bound to one file of a world: it hands what happens on either side to the
 * state, and what the state then wants to the ports. Does not know: VS Code, SpacetimeDB, disks, and
 * none of the algebra, which is in the transitions (`local-change`, `committed-op`, `refused-edits`,
 * `sending`).
 *
 * The rules S1–S9 of the world's design are kept here and there:
 * S1 `changeLocally`, S2 `startSending`, S3 `commit`, S4 `EditorQueue`, S5 the equation in
 * `DocumentState`, S6 `withdraw`, S8 `DraftJournal`, S9 `checkConsistency`.
 */
import { type Changes, sameChanges } from '../core/change.ts';
import { ContentHasher } from '../core/content-hash.ts';
import { sameBytes } from '../core/hash.ts';
import { splitChanges } from '../core/split-changes.ts';
import type { PolicyMode } from '../core/policy.ts';
import type {
  BindingOptions,
  BindingPorts,
  BindingStart,
  BindingUpdate,
} from './binding-contract.ts';
import { commit, commitNothing, dropPending } from './committed-op.ts';
import { checkConsistency, type Finding, IdleWatch } from './consistency-check.ts';
import type { Circumstances } from './crossing.ts';
import {
  assertBalanced,
  type DocumentState,
  isSettled,
  openedState,
  type RemoteEntry,
  type RefusalReason,
  remoteChanges,
} from './document-state.ts';
import { DraftJournal, restoredState } from './draft-journal.ts';
import { EditorQueue } from './editor-queue.ts';
import { enter, type Entering, takeBack } from './entered-changes.ts';
import { alignWithDisk, changeLocally, loadFromDisk } from './local-change.ts';
import type { LostText } from './lost-text.ts';
import { minimalChanges, trimChanges } from './minimal-changes.ts';
import type {
  BatchAnswer,
  CommittedOp,
  DocumentChange,
  StopListening,
  WorldFileEvent,
} from './ports.ts';
import { type DoubtedChange, doubtedIn, takeOut } from './old-text.ts';
import { nameOf, type Recovery, rescue } from './recovery.ts';
import { draftOf, withdraw } from './refused-edits.ts';
import { faultOfSending, startSending } from './sending.ts';
import { withoutDoubted } from './take-out.ts';
import { takeBackStep } from './taken-step.ts';
import { withMakers } from './edit-makers.ts';
import {
  hasHadSteps,
  joinEvent,
  type TakenStep,
  type UndoKind,
  type UndoStack,
} from './undo-stack.ts';

export type { BindingOptions, BindingPorts, BindingStart, BindingUpdate };

/** So often the editor is asked again before what it makes of it counts as somebody's edit. */
const MAX_SURPLUSES = 3;

export const DEFAULT_BINDING_OPTIONS: BindingOptions = {
  idleMs: 2000,
  invariants: 'recover',
  waitingKeys: 'together',
};

export class DocumentBinding {
  readonly #ports: BindingPorts;
  readonly #options: BindingOptions;
  readonly #queue: EditorQueue;
  readonly #journal: DraftJournal;
  readonly #idle: IdleWatch;
  readonly #hasher: ContentHasher;
  readonly #stops: StopListening[] = [];
  readonly #listeners = new Set<(update: BindingUpdate) => void>();
  /** Tells those who wait for what will not be any more. */
  readonly #ends = new Set<() => void>();
  /** Editions of refused edits that were told and, if they are drafts, kept. */
  readonly #toldEditions = new Map<string, number>();
  #state: DocumentState;
  #policy: PolicyMode;
  #entering: Entering | undefined;
  /** How often in a row the editor made something else of what it was given. */
  #surpluses = 0;
  #isTakingNative = false;
  /** Nothing but the user's keys has changed the editor's text since it was bound. */
  #isOnlyUsers: boolean;
  /** Set while it starts over. */
  #recovery: Recovery | undefined;
  /** The file is no text any more: what the user typed is still judged, and nothing else is done. */
  #hasLeft = false;
  /** Text that the next changes bring back, because the user has it restored. */
  #restored: readonly LostText[] = [];
  #hasDocument = true;
  /** The ops between the start and the present were delivered: not before does the editor get any. */
  #isCaughtUp: boolean;

  constructor(
    ports: BindingPorts,
    start: BindingStart,
    options: BindingOptions = DEFAULT_BINDING_OPTIONS,
  ) {
    this.#ports = ports;
    this.#options = options;
    this.#policy = ports.file.policy;
    this.#isCaughtUp = ports.file.isConnected;
    this.#isOnlyUsers = !start.isReopened;
    this.#hasher = new ContentHasher(ports.hash);
    this.#journal = new DraftJournal(ports.file.fileId, ports.drafts, ports.log);
    this.#queue = new EditorQueue(ports.document, this.#queueOwner(), ports.clock);
    this.#idle = new IdleWatch(ports.clock, options.idleMs, () => this.check());
    for (const draft of start.unsent?.drafts ?? []) this.#journal.keep(draft);
    this.#state = this.#startState(start);
    this.#stops.push(ports.document.onChange((event) => this.#queue.receive(event)));
    this.#stops.push(ports.file.onEvent((event) => this.#receive(event)));
    this.#resend();
    this.#pump();
  }

  get state(): DocumentState {
    return this.#state;
  }

  /** True when nothing is under way in either direction. */
  get isSettled(): boolean {
    return isSettled(this.#state) && !this.#queue.isBusy && !this.#recovery;
  }

  onUpdate(listener: (update: BindingUpdate) => void): StopListening {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Compares editor, shadow and world now, if nothing is under way; happens by itself when idle. */
  check(): Finding {
    const { document, file } = this.#ports;
    if (!this.isSettled || !this.#hasDocument || document.holdsEventsBack) return 'busy';
    const text = document.text();
    const finding = checkConsistency(this.#state, text, file.head, this.#hasher);
    if (finding !== 'busy' && finding !== 'consistent') this.#repair(finding, text);
    return finding;
  }

  /** Forgets refused text after its author, or whoever may, decided about it. */
  forgetRefused(refusedId: string): void {
    const refused = this.#state.refused.filter((edit) => edit.refusedId !== refusedId);
    this.#state = { ...this.#state, refused };
    this.#emit({ tag: 'progress' });
  }

  /**
   * Takes the user's last step back, or makes the last one again that was taken back (S7); others'
   * work stays. The text changes when the editor has answered. Undefined when there is no such step.
   */
  takeBack(kind: UndoKind): TakenStep | undefined {
    if (this.#recovery) return undefined;
    const result = takeBackStep(this.#state, kind, this.#now());
    if (!result) return undefined;
    if (this.#isTakingNative) this.#state = result.state;
    else this.#transition(() => result.state);
    return result.taken;
  }

  /** While `edit` runs, what it puts into the editor may be text of before, which has its authors again. */
  async restore<Result>(
    restored: readonly LostText[],
    edit: () => PromiseLike<Result>,
  ): Promise<Result> {
    this.#restored = restored;
    try {
      return await edit();
    } finally {
      this.#restored = [];
    }
  }

  /** More is known of who made what is in doubt: what is known now is sent. */
  makersKnown(): void {
    if (this.#state.pending.some(({ doubt }) => doubt !== undefined)) {
      this.#transition(() => this.#withMakers(this.#state));
    }
  }

  /** What has these doubts is nobody's wish: the editor is asked to take it back, and it is never sent. */
  takeBackDoubted(doubts: ReadonlySet<number>): void {
    this.#transition(() => withoutDoubted(this.#state, doubts));
  }

  /** Resolves when the editor has answered what it was being given when this was called. */
  async answered(): Promise<void> {
    await this.#queue.answered();
  }

  /** True while the editor is being given something: what it tells meanwhile is heard later. */
  get isEntering(): boolean {
    return this.#queue.isBusy;
  }

  /** False until there are steps or others' changes: what the editor takes back then was before. */
  get hasUndo(): boolean {
    return !this.#isOnlyUsers || hasHadSteps(this.#state.undo);
  }

  /** Exchanges what is remembered of the user's steps, such as where the cursors were. */
  editSteps(edit: (stack: UndoStack) => UndoStack): void {
    const undo = edit(this.#state.undo);
    if (undo !== this.#state.undo) this.#state = { ...this.#state, undo };
  }

  /**
   * Gives the editor nothing more until the function that it resolves to is called; resolves when the
   * editor has answered the last that it was given.
   */
  async holdEntering(): Promise<() => void> {
    const goOn = this.#queue.hold();
    while (this.#queue.isBusy) await this.#queue.answered();
    return goOn;
  }

  /** The document was closed. What is unsent still goes to the world; call `dispose` once settled. */
  documentClosed(): void {
    this.#hasDocument = false;
    this.#queue.close();
    this.#pump();
  }

  /** Resolves when the journal holds all that the world does not. */
  async flushed(): Promise<void> {
    await this.#journal.flushed();
  }

  /** Stops listening. What is unsent stays in the journal. */
  dispose(): void {
    this.#idle.stop();
    this.#queue.abandon();
    for (const stop of this.#stops) stop();
    this.#listeners.clear();
    for (const end of this.#ends) end();
  }

  #startState(start: BindingStart): DocumentState {
    const { document } = this.#ports;
    const { base, unsent, sentBase, unsaved = [], unsavedDoubt } = start;
    const restored = unsent ? restoredState(base, unsent, sentBase) : openedState(base);
    const resumed = start.steps ? { ...restored, undo: start.steps } : restored;
    const now = this.#now();
    const opened = this.#withMakers(
      changeLocally(resumed, unsaved, 'patch', now, [], unsavedDoubt),
    );
    const shown = document.text();
    const changes = minimalChanges(opened.shadow, shown);
    // As if the document had been loaded from a disk that did not keep up.
    return loadFromDisk(opened, changes);
  }

  /** What is in doubt under these numbers, once it follows on what the world has; undefined where it is there no more. */
  async doubted(doubts: ReadonlySet<number>): Promise<DoubtedChange | undefined> {
    const found = (): DoubtedChange | 'gone' | undefined => {
      const isThere = this.#state.pending.some(({ doubt }) => doubts.has(doubt ?? 0));
      return doubtedIn(this.#state, doubts) ?? (isThere || this.#queue.isBusy ? undefined : 'gone');
    };
    const now = found() ?? (await this.#when(found));
    return now === 'gone' ? undefined : now;
  }

  /**
   * Puts `fresh` in the place of what is in doubt, and gives the editor back what that had put away. False where it is
   * not what `doubted` gave any more.
   */
  takeOut(doubts: ReadonlySet<number>, doubted: DoubtedChange, fresh: Changes): boolean {
    const now = this.#recovery ? undefined : doubtedIn(this.#state, doubts);
    if (now?.version !== doubted.version || !sameChanges(now.changes, doubted.changes))
      return false;
    this.#transition(() => takeOut(this.#state, doubts, doubted, fresh));
    return true;
  }

  /** Undefined where it ends before. */
  #when<Result>(found: () => Result | undefined): Promise<Result | undefined> {
    return new Promise((resolve) => {
      const settle = (result?: Result): void => {
        stop();
        this.#ends.delete(settle);
        resolve(result);
      };
      const stop = this.onUpdate(() => {
        const result = found();
        if (result !== undefined) settle(result);
      });
      this.#ends.add(settle);
    });
  }

  #withMakers(state: DocumentState): DocumentState {
    const { makerOf = () => 'user' } = this.#options;
    return withMakers(state, makerOf);
  }

  #queueOwner(): ConstructorParameters<typeof EditorQueue>[1] {
    return {
      waiting: () => this.#waiting(),
      entered: (made) => this.#entered(made),
      changed: (event) => this.#documentChanged(event),
      rested: () => {
        this.#recover();
        if (!this.#hasDocument) this.#pump();
        // What was told before was told while the queue was busy.
        this.#emit({ tag: 'progress' });
      },
    };
  }

  #waiting(): Changes {
    if (this.#recovery || !this.#isCaughtUp) return [];
    this.#state = alignWithDisk(this.#state);
    const { remote, shadow } = this.#state;
    if (remote.length === 0) return [];
    const changes = trimChanges(remoteChanges(remote), shadow);
    const isOwn = remote.every((entry) => entry.tag === 'correction' && entry.after === 'undo');
    const isCorrection = !remote.some(mayBeOthers);
    this.#entering = { count: remote.length, changes, isOwn, isCorrection };
    if (changes.length === 0) this.#entered(changes);
    return changes;
  }

  #entered(made: Changes): void {
    const entering = this.#entering;
    if (!entering) return;
    this.#entering = undefined;
    const before = this.#state.shadow;
    this.#transition(() => {
      const { state, surplus } = enter(this.#state, entering, made);
      if (surplus.length > 0) return this.#takeSurplus(state, surplus);
      this.#surpluses = 0;
      return state;
    });
    if (made.length === 0) return;
    this.#isOnlyUsers = false;
    const { isOwn, isCorrection } = entering;
    this.#emit({ tag: 'text', by: isOwn ? 'undo' : 'world', changes: made, before, isCorrection });
  }

  /** What the editor did unasked is taken back; if it insists, somebody wants it: it becomes an op. */
  #takeSurplus(state: DocumentState, surplus: Changes): DocumentState {
    this.#surpluses += 1;
    this.#ports.log.warn('The editor changed more or less than it was asked to', {
      times: this.#surpluses,
    });
    return this.#surpluses > MAX_SURPLUSES
      ? changeLocally(state, surplus, 'patch', this.#now())
      : takeBack(state, surplus);
  }

  #documentChanged(event: DocumentChange): void {
    const { changes, cause } = event;
    if (this.#recovery?.cause === 'broken') {
      this.#recover();
      return;
    }
    const before = this.#state.shadow;
    if (cause === 'disk') this.#isOnlyUsers = false;
    const isTakenBack = (cause === 'undo' || cause === 'redo') && changes.length > 0;
    const isNative = isTakenBack && this.hasUndo && !this.#recovery;
    this.#transition(() => {
      if (cause === 'disk') return loadFromDisk(this.#state, changes);
      if (isNative) return this.#takeNative(cause, changes);
      const { undo } = this.#state;
      const changed = this.#changedLocally(event);
      return cause === 'edit' ? changed : { ...changed, undo };
    });
    const by = cause === 'disk' ? cause : isNative ? 'undo' : 'user';
    this.#emit({ tag: 'text', by, changes, before });
    this.#recover();
  }

  /** What is in doubt of an edit is an edit of its own, after the rest, and the same step of the user's. */
  #changedLocally({ changes, cause, doubt, hands }: DocumentChange): DocumentState {
    const { suspectsIn } = this.#options;
    const now = this.#now();
    const isOne = cause !== 'edit' || doubt !== undefined || this.#restored.length > 0;
    const suspects = isOne || !hands ? undefined : suspectsIn?.(changes, hands, this.#state.shadow);
    if (!suspects) {
      const made = changeLocally(this.#state, changes, 'typing', now, this.#restored, doubt);
      return doubt === undefined ? made : this.#withMakers(made);
    }
    const { rest, chosen } = splitChanges(changes, suspects.indexes);
    const made = changeLocally(this.#state, rest, 'typing', now);
    const whole = changeLocally(made, chosen, 'typing', now, [], suspects.doubt);
    return { ...whole, undo: joinEvent(this.#state.undo, made.undo, whole.undo) };
  }

  /** The step that the user meant goes to the editor together with what the editor took too much. */
  #takeNative(kind: UndoKind, changes: Changes): DocumentState {
    this.#state = takeBack(this.#state, changes, 'undo');
    this.#isTakingNative = true;
    const { onNativeUndo = (meant: UndoKind) => this.takeBack(meant) } = this.#options;
    onNativeUndo(kind);
    this.#isTakingNative = false;
    return this.#state;
  }

  #receive(event: WorldFileEvent): void {
    switch (event.tag) {
      case 'committed':
        this.#committed(event.op);
        return;
      case 'answered':
        this.#answered(event.batchId, event.answer);
        return;
      case 'policy_changed':
        this.#policy = event.policy;
        return;
      case 'connected':
        this.#isCaughtUp = true;
        this.#resend();
        this.#recover();
        this.#pump();
        return;
      case 'disconnected':
        this.#emit({ tag: 'progress' });
    }
  }

  #committed(op: CommittedOp): void {
    const { version } = this.#state.confirmed;
    if (op.version <= version || this.#hasLeft) return;
    if (this.#recovery) {
      // It may be what makes the file fit to be read again.
      this.#recovery.isOutdated = true;
      this.#recover();
      return;
    }
    if (op.version > version + 1) {
      this.#ports.log.warn('Ops are missing', { from: version + 1, to: op.version - 1 });
      this.#ports.file.replayAfter(version);
      return;
    }
    if (this.#replacesAll(op)) this.#startOver('expected');
    else this.#transition(() => commit(this.#state, op, this.#now()));
  }

  /** A whole new content comes without changes: it has to be read. */
  #replacesAll({ changes, afterHash }: CommittedOp): boolean {
    if (changes.length > 0) return false;
    return !sameBytes(this.#hasher.text(this.#state.confirmed.text), afterHash);
  }

  #answered(batchId: string, answer: BatchAnswer): void {
    const { inFlight, confirmed } = this.#state;
    if (inFlight?.batch.batchId !== batchId || this.#recovery) return;
    switch (answer.tag) {
      case 'applied':
        // An answer before its ops: they are on their way.
        if (answer.version > confirmed.version && !this.#hasLeft) return;
        this.#transition(() => commitNothing(this.#state, inFlight));
        return;
      case 'ticketed':
        this.#withdraw({ tag: 'ticket', ticketId: answer.ticketId });
        return;
      case 'refused':
        this.#refused(answer, inFlight.batch.ops[0]!.opId);
    }
  }

  /** An op id that was used is one that a crash made this window forget: its ticket has the text. */
  #refused({ code, message }: BatchAnswer & { tag: 'refused' }, opId: string): void {
    const ticketId = code === 'op_id_reused' ? this.#ports.file.ticketOf(opId) : undefined;
    if (ticketId === undefined) {
      this.#withdraw({ tag: 'draft', code, message });
      return;
    }
    this.#state = dropPending(this.#state, opId);
    this.#withdraw({ tag: 'ticket', ticketId, isForgotten: true });
  }

  #withdraw(reason: RefusalReason): void {
    const { inFlight } = this.#state;
    if (inFlight) this.#transition(() => withdraw(this.#state, inFlight, reason, this.#now()));
  }

  #transition(step: () => DocumentState): void {
    const isFatal = this.#options.invariants === 'fatal';
    const before = this.#state;
    try {
      this.#state = step();
      if (isFatal) assertBalanced(this.#state, before);
    } catch (error) {
      this.#ports.log.error('A document lost track and starts over', { error: nameOf(error) });
      if (isFatal) this.#breakDown(error);
      else this.#startOver('broken');
      return;
    }
    this.#pump();
  }

  #breakDown(error: unknown): void {
    const { onBroken } = this.#options;
    if (!onBroken) throw error;
    onBroken(error);
  }

  /** Lets everything move that can: to the world, to the editor, to the journal. */
  #pump(): void {
    if (this.#recovery) {
      if (this.#recovery.cause === 'expected') this.#journal.note(this.#state);
      return;
    }
    this.#send();
    this.#tellRefused();
    this.#journal.note(this.#state);
    if (this.#hasDocument || this.#queue.isBusy) this.#queue.pump();
    else this.#enterNothing();
    this.#idle.noteActivity();
    this.#emit({ tag: 'progress' });
  }

  #send(): void {
    const { file } = this.#ports;
    if (!file.isConnected || this.#state.inFlight) return;
    this.#state = startSending(this.#state, file.fileId, this.#now());
    const fault = faultOfSending(this.#state);
    if (fault) this.#withdraw(fault);
    else if (this.#state.inFlight) file.send(this.#state.inFlight.batch);
  }

  #resend(): void {
    const { file } = this.#ports;
    if (file.isConnected && this.#state.inFlight) file.send(this.#state.inFlight.batch);
  }

  /** Without an editor there is nothing to wait for. */
  #enterNothing(): void {
    const { shadow, remote } = this.#state;
    if (remote.length === 0) return;
    this.#state = { ...this.#state, shadow: shadow.apply(remoteChanges(remote)), remote: [] };
  }

  #tellRefused(): void {
    for (const edit of this.#state.refused) {
      if (this.#toldEditions.get(edit.refusedId) === edit.edition) continue;
      this.#toldEditions.set(edit.refusedId, edit.edition);
      const { file, clock } = this.#ports;
      const draft = draftOf(this.#state, edit, file.fileId, clock.nowMs());
      if (draft) this.#journal.keep(draft);
      this.#emit({ tag: 'refused', edit });
    }
  }

  #repair(finding: Finding, editorText: string): void {
    const { confirmed, shadow } = this.#state;
    this.#ports.log.warn('A document differs from its file', { finding });
    switch (finding) {
      case 'behind':
        this.#ports.file.replayAfter(confirmed.version);
        return;
      case 'editor_differs':
        // Somebody changed the text without an event: it may be the user's, so it is kept as an op.
        this.#transition(() =>
          changeLocally(this.#state, minimalChanges(shadow, editorText), 'patch', this.#now()),
        );
        return;
      case 'confirmed_differs':
      case 'shadow_differs':
        this.#startOver('broken');
        return;
      case 'busy':
      case 'consistent':
    }
  }

  /**
   * Reads the file again. What broke is not trusted any more, only the editor's text and the world's; what is
   * expected goes on to take in what happens to the editor, so that it stays known whose text that is.
   */
  #startOver(cause: Recovery['cause']): void {
    this.#recovery = { cause, isReading: false, isOutdated: false };
    if (cause === 'broken') this.#entering = undefined;
    this.#recover();
  }

  #recover(): void {
    const { document, file } = this.#ports;
    const recovery = this.#recovery;
    if (!recovery || recovery.isReading || this.#queue.isBusy) return;
    // A change that the text has already would come a second time, as an event.
    if (!file.isConnected || document.holdsEventsBack) return;
    recovery.isReading = true;
    recovery.isOutdated = false;
    void this.#readAgain(recovery);
  }

  async #readAgain(recovery: Recovery): Promise<void> {
    const { file, document, log } = this.#ports;
    try {
      const head = await file.readHead();
      recovery.isReading = false;
      if (recovery !== this.#recovery || document.holdsEventsBack) return;
      if (head === undefined) {
        this.#leave(recovery);
        return;
      }
      this.#state = rescue(this.#state, head, document.text(), recovery.cause, this.#now());
      this.#recovery = undefined;
      file.replayAfter(head.version);
      this.#pump();
    } catch (error) {
      recovery.isReading = false;
      log.error('The file could not be read again', { error: String(error) });
      if (recovery.isOutdated) this.#recover();
    }
  }

  /** The editor keeps its text. What the world does not have of the user's is sent, for the world to judge. */
  #leave({ cause }: Recovery): void {
    const { confirmed } = this.#state;
    this.#recovery = undefined;
    this.#hasLeft = true;
    if (cause === 'broken') {
      const text = this.#ports.document.text();
      this.#state = rescue(this.#state, confirmed, text, cause, this.#now());
    }
    // An answer that came while it started over was not heard.
    this.#resend();
    this.documentClosed();
    this.#emit({ tag: 'not_text' });
  }

  #now(): Circumstances {
    return {
      policy: this.#policy,
      nowMs: this.#ports.clock.nowMs(),
      waitingKeys: this.#options.waitingKeys,
      newId: () => this.#ports.ids.next(),
    };
  }

  #emit(update: BindingUpdate): void {
    for (const listener of this.#listeners) listener(update);
  }
}

/** What a disk was ahead with, and others' ops that were put together with that, are others'. */
function mayBeOthers(entry: RemoteEntry): boolean {
  return entry.tag === 'committed' || (entry.tag === 'correction' && entry.after === 'disk');
}
