/**
 * Owns: one open document bound to its file from opening to closing: the port, the feed and the
 * binding between them. Knows nothing of folders, leases or other documents.
 */
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { Changes } from '../core/change.ts';
import type { IdentityHex } from '../core/op.ts';
import type { LineEnd } from '../core/op-payload.ts';
import type { Position } from '../core/position.ts';
import type { Text } from '../core/text.ts';
import {
  type BindingOptions,
  type BindingStart,
  type BindingUpdate,
  DEFAULT_BINDING_OPTIONS,
  DocumentBinding,
} from '../sync/document-binding.ts';
import { targetText } from '../sync/document-state.ts';
import { restoredState, sentBaseVersion, type UnsentEdits } from '../sync/draft-journal.ts';
import type { KeptSteps } from '../sync/kept-steps.ts';
import type {
  Clock,
  DraftStore,
  EditorDocument,
  IdSource,
  SyncLog,
  VersionedText,
} from '../sync/ports.ts';
import type { UndoKind } from '../sync/undo-stack.ts';
import { FileFeed } from '../world/file-feed.ts';
import { readFile } from '../world/file-reader.ts';
import { readFileOps } from '../world/read-file-ops.ts';
import { readHeadSeq } from '../world/read-head.ts';
import { nativeHash } from '../world/native-hash.ts';
import type { WorldError } from '../world/world-error.ts';
import type { WorldSession } from '../world/world-session.ts';
import { addedEnd } from '../sync/added-end.ts';
import { replacesAll } from '../sync/at-hand.ts';
import { ChangeDoubts } from './change-doubts.ts';
import type { ChatUndo } from './chat-undo.ts';
import { DocumentPositions, RecentOps } from './document-positions.ts';
import { DocumentPort } from './document-port.ts';
import type { DraftFiles, LeftEdits } from './draft-files.ts';
import { NO_EARLIER_TEXTS, type PastReader, readEarlier, typedOnVersion } from './earlier-texts.ts';
import { giveLineEnds, lineEndOf } from './follow-format.ts';
import { RecentTexts, type TextsSince } from './recent-texts.ts';
import { keepCursorsAt } from './keep-cursor.ts';
import { hasSlowParticipants } from './participants-of.ts';
import { SaveGuard } from './save-guard.ts';
import { wasShown } from './shown-texts.ts';
import { UnboundEdits } from './unbound-edits.ts';

export interface BoundDocumentParts {
  readonly session: WorldSession;
  readonly drafts: DraftFiles;
  readonly ids: IdSource;
  readonly clock: Clock;
  readonly output: SyncLog;
  /** VS Code undid something by itself: called while `BindingOptions.onNativeUndo` is. */
  readonly onNativeUndo: (bound: BoundDocument, kind: UndoKind) => void;
  readonly keptSteps: KeptSteps;
  /** Which agent the editor's own chat is; undefined where it cannot be one. Never rejects. */
  readonly chatAgent: () => Promise<IdentityHex | undefined>;
  /** Looks after what the editor's chat puts back over others' work. */
  readonly chatUndo: Pick<ChatUndo, 'look'>;
  /** Where others' cursors are in the text that the editor has of a file. */
  readonly othersAt: (fileId: number) => readonly Position[];
  /** What an earlier window left unsent of a file is in a ticket, or was refused. */
  readonly onLeftRefused: (path: string) => void;
  /** The server does not let a file be followed; `again` tries it once more. */
  readonly onUnfollowed: (path: string, error: WorldError, again: () => void) => void;
}

/**
 * A pause in typing. Shorter than what VS Code waits until it saves by itself (`files.autoSaveDelay`,
 * 1 s).
 */
const REST_MS = 500;

export class BoundDocument {
  readonly document: vscode.TextDocument;
  /** Its path in the world. */
  readonly path: string;
  readonly port: DocumentPort;
  readonly #parts: BoundDocumentParts;
  readonly #onUpdate: (bound: BoundDocument, update: BindingUpdate) => void;
  readonly #unbound: UnboundEdits;
  readonly #recentTexts: RecentTexts;
  readonly #doubts: ChangeDoubts;
  /** Keeps what a save makes of others' text out of the document and off the disk. */
  readonly guard: SaveGuard;
  #formerFileId: number | undefined;
  #bound:
    | {
        readonly binding: DocumentBinding;
        readonly feed: FileFeed;
        readonly recent: RecentOps;
      }
    | undefined;
  #followedEol: LineEnd;
  #isClosed = false;
  #typedAtMs = -Infinity;
  readonly #end = Promise.withResolvers<void>();

  constructor(
    document: vscode.TextDocument,
    path: string,
    parts: BoundDocumentParts,
    onUpdate: (bound: BoundDocument, update: BindingUpdate) => void,
    former?: BoundDocument,
  ) {
    this.document = document;
    this.path = path;
    this.port = new DocumentPort(document);
    this.#followedEol = lineEndOf(document);
    this.#parts = parts;
    this.#onUpdate = onUpdate;
    this.#doubts = new ChangeDoubts({
      after: (delayMs, fire) => parts.clock.after(delayMs, fire),
      agent: parts.chatAgent,
      look: (doubts) => this.#lookAt(doubts),
      onKnown: () => this.binding?.makersKnown(),
    });
    this.guard = new SaveGuard({
      port: this.port,
      clock: parts.clock,
      binding: () => this.binding,
      othersAt: () => (this.fileId === undefined ? [] : parts.othersAt(this.fileId)),
      hasSlow: () => hasSlowParticipants(document),
    });
    this.#recentTexts = new RecentTexts(this.port, former && former.#recentTexts);
    this.#unbound = new UnboundEdits(this.port, former !== undefined);
    const shown = former?.shownFileId;
    const head = shown === undefined ? undefined : parts.session.view.files.get(shown);
    const isElsewhere = head?.deleted === false && head.path !== path;
    this.#formerFileId = isElsewhere ? shown : undefined;
    this.port.onChange(({ changes }) => {
      if (changes.length > 0) this.#formerFileId = undefined;
    });
  }

  /** Takes an event of the document; `isOfChat` where the editor's chat has edits of it. */
  accept(event: vscode.TextDocumentChangeEvent, isOfChat: boolean): void {
    const { contentChanges, reason } = event;
    const isPlain = contentChanges.length > 0 && reason === undefined;
    const doubt = isOfChat && isPlain ? this.#doubtOf(contentChanges) : undefined;
    this.port.accept(event, doubt, isOfChat ? undefined : selectionsIn(this.document));
    if (contentChanges.length === 0 && this.document.isDirty) this.#unbound.becameDirty();
  }

  #doubtOf(changes: readonly vscode.TextDocumentContentChangeEvent[]): number | undefined {
    const selections = selectionsIn(this.document);
    const all = { start: START, end: this.#recentTexts.end };
    return this.#doubts.observe(changes, selections, replacesAll(changes, all, selections));
  }

  async #lookAt(doubts: ReadonlySet<number>): Promise<void> {
    // It may be held back still: what it was is told by the next event.
    await this.port.rest();
    const { path } = this;
    const bound = this.#bound;
    if (!bound) return;
    const { binding, feed } = bound;
    await this.#parts.chatUndo.look({ binding, fileId: feed.fileId, path }, doubts);
  }

  /** What tells whose the changes are that are in doubt. */
  get doubts(): Pick<ChangeDoubts, 'saveAnnounced' | 'saved' | 'mirrored'> {
    return this.#doubts;
  }

  get binding(): DocumentBinding | undefined {
    return this.#bound?.binding;
  }

  /** The editor is about to be given what the user took back, or made again. */
  get hasOwnWaiting(): boolean {
    const remote = this.binding?.state.remote ?? [];
    return remote.some((entry) => entry.tag === 'correction' && entry.after === 'undo');
  }

  /** What others' positions in the file need on their way into the document, and ours on the way out. */
  get positions(): DocumentPositions | undefined {
    const bound = this.#bound;
    return bound && new DocumentPositions(bound.binding.state, bound.recent);
  }

  get eol(): LineEnd {
    return lineEndOf(this.document);
  }

  /** The line ends that the document had from the world, or from the disk, last: others are the user's. */
  get followedEol(): LineEnd {
    return this.#followedEol;
  }

  /** The file has other line ends in the world now. Resolves true where the document was changed. */
  async followEol(eol: LineEnd): Promise<boolean> {
    const isUsers = this.eol !== this.#followedEol;
    this.#followedEol = eol;
    if (isUsers || this.#isClosed) return false;
    return giveLineEnds(this.document, () => this.#followedEol);
  }

  get fileId(): number | undefined {
    return this.#bound?.feed.fileId;
  }

  /**
   * The file that the document shows: the one that it is bound to, or was before the file got another name, as long
   * as it has only that one's text.
   */
  get shownFileId(): number | undefined {
    return this.fileId ?? this.#formerFileId;
  }

  /** True for a document that still has only the text of a file that has another name now. */
  get isLeftOver(): boolean {
    return this.fileId === undefined && this.#formerFileId !== undefined;
  }

  /** The texts that a save may write which begins now. */
  textsFromNow(): TextsSince {
    return this.#recentTexts.now();
  }

  /** True when the document has had this text by editing, lately or since some moment: a save may have written it. */
  async hadText(text: string, since?: TextsSince): Promise<boolean> {
    await this.port.rest();
    return this.#recentTexts.includes(text, since);
  }

  /** Resolves when all has been heard that the editor had to tell before this was called. */
  heardAll(): Promise<void> {
    return this.port.roundTrip();
  }

  /**
   * What a save wrote that is just reported and that began at some moment, where the disk has `after`, somebody's
   * writing on top of it. The user may have typed on since, and VS Code calls the document clean all the same.
   */
  async savedText(after: string, since?: TextsSince): Promise<string | undefined> {
    await this.port.rest();
    return this.#recentTexts.nearest(after, since);
  }

  /**
   * Binds the document to a file; what was typed since it was first seen becomes edits. Says false
   * when it was closed meanwhile. Rejects when not connected. `isAlone` is false while another
   * document of the window is bound to the file: then what the journal has is that one's to send.
   */
  async bind(fileId: number, isAlone: boolean): Promise<boolean> {
    const left = isAlone ? this.#parts.drafts.takeLeft(fileId) : undefined;
    try {
      const isBound = await this.#bindWith(fileId, isAlone, left);
      if (!isBound) left?.giveBack();
      return isBound;
    } catch (error) {
      left?.giveBack();
      throw error;
    }
  }

  async #bindWith(fileId: number, isAlone: boolean, left: LeftEdits | undefined): Promise<boolean> {
    const { session, drafts, keptSteps } = this.#parts;
    const unsent = left?.unsent ?? (isAlone ? await drafts.readOwn(fileId) : undefined);
    const restored = await readBase(session, fileId, unsent);
    const shown = { version: restored.base.version, text: shownBy(restored, unsent) };
    // Edits from a journal continue on their own base; otherwise any text of the file may be it.
    const earlier =
      this.#unbound.mayHaveEdits && !unsent
        ? await readEarlier(await pastReader(session, fileId), shown.version)
        : NO_EARLIER_TEXTS;
    const others = unsent ? undefined : await this.#textOfOthers(fileId);
    await this.port.rest();
    if (this.#isClosed || this.#bound) return false;
    // What an editor shows of bytes that are no text is no text of the world, and nobody's typing.
    const loaded = earlier.wasBinary ? this.#unbound.loadedText : undefined;
    const foreign = [others ?? loaded, ...earlier.others].filter((text) => text !== undefined);
    const typed = typedOnVersion(this.#unbound, shown, earlier.versions, foreign);
    const base = unsent ? restored.base : typed.base;
    const feed = new FileFeed(session, fileId, base.version);
    feed.onFailure((error) => this.#parts.onUnfollowed(this.path, error, () => feed.retry()));
    const { sentBase } = restored;
    const start = {
      base,
      sentBase,
      feed,
      unsent,
      unsaved: typed.changes,
      unsavedDoubt: typed.doubt,
      isReopened: keptSteps.wasOpen(fileId),
      steps: keptSteps.take(fileId, shownBy({ base, sentBase }, unsent)),
    };
    const { participants } = this.guard;
    const options: BindingOptions = {
      ...DEFAULT_BINDING_OPTIONS,
      onNativeUndo: (kind) => this.#parts.onNativeUndo(this, kind),
      makerOf: (doubt) => (doubt < 0 ? participants : this.#doubts).makerOf(doubt),
      suspectsIn: (changes, hands, text) => participants.suspectsIn(changes, hands, text),
    };
    const binding = bindingOf(this.#parts, this.port, start, options);
    binding.onUpdate((update) => {
      if (update.tag === 'text') {
        participants.updated(update);
        if (update.by === 'user') this.#typedAtMs = performance.now();
        if (update.by === 'world') this.#keepCursors(update);
      }
      this.#onUpdate(this, update);
    });
    this.#bound = { binding, feed, recent: new RecentOps(feed) };
    if (unsent || this.#unbound.restoredText) {
      tellLeft(binding, () => this.#parts.onLeftRefused(this.path));
    }
    if (left) void binding.flushed().then(() => left.drop());
    return true;
  }

  /** A last line that somebody types in goes on where they are, though a save of somebody else's has ended it. */
  #keepCursors({ changes, before }: Extract<BindingUpdate, { tag: 'text' }>): void {
    const added = addedEnd(changes, before);
    if (added) keepCursorsAt(this.document, this.port.version, added);
  }

  /**
   * The text that the editor restored from a backup, if another window has it in its journal: its
   * edits are that window's to send, or its heir's, and must not be typed a second time.
   */
  async #textOfOthers(fileId: number): Promise<Text | undefined> {
    const text = this.#unbound.restoredText;
    if (text === undefined) return undefined;
    const { session, drafts } = this.#parts;
    const read = (version: number): Promise<VersionedText> => readTextAt(session, fileId, version);
    const isTheirs = await wasShown(text.toString(), await drafts.othersRecords(fileId), read);
    return isTheirs ? text : undefined;
  }

  /** Resolves when the document has what the world has, and the other way round, or is bound no more. */
  async settled(): Promise<void> {
    if (this.binding) await Promise.race([whenSettled(this.binding), this.ended]);
  }

  /** Resolves when it has what was done in the world before this was called, or is bound no more. */
  async caughtUp(): Promise<void> {
    const { link } = this.#parts.session;
    if (link) await readHeadSeq(link);
    await this.settled();
  }

  /** Resolves when the user has not typed for a moment and no key is on its way, or it is closed. */
  async rested(): Promise<void> {
    while (!this.#isClosed) {
      const typedAtMs = this.#typedAtMs;
      const leftMs = typedAtMs + REST_MS - performance.now();
      if (leftMs > 0) await delay(leftMs);
      await this.port.roundTrip();
      if (typedAtMs === this.#typedAtMs) return;
    }
  }

  /** Resolves when it knows each version of its file that another document knows, or is bound no more. */
  async knowsWhat(other: BoundDocument): Promise<void> {
    const { binding } = this;
    const versionOf = ({ positions }: BoundDocument): number => positions?.version ?? 0;
    if (!binding) return;
    const isSo = whenSo(binding, () => versionOf(this) >= versionOf(other));
    await Promise.race([isSo, this.ended]);
  }

  /**
   * How places in its text are found in another document of its file. What was typed here and has not
   * come there yet will come in front of them. Use it in the same turn.
   */
  async readPlacesIn(other: BoundDocument): Promise<(place: vscode.Position) => vscode.Position> {
    await other.knowsWhat(this);
    await this.port.rest();
    const { positions: here } = this;
    const { positions: there } = other;
    return (place) => {
      if (!here || !there) return place;
      const { line, character } = there.toEditor(here.toWorld(place), here.version);
      return new vscode.Position(line, character);
    };
  }

  /** Resolves when the document was closed and nothing of it is left to be sent, or it was given up. */
  get ended(): Promise<void> {
    return this.#end.promise;
  }

  /** What is typed waits, unsent, until the function that it returns is called. */
  holdBack(): () => void {
    return this.#bound?.feed.holdBack() ?? (() => undefined);
  }

  /**
   * Nothing of the file enters the document once this resolves, until the function that it resolves to
   * is called; what is typed still goes to it.
   */
  async holdEntering(): Promise<() => void> {
    return (await this.binding?.holdEntering()) ?? (() => undefined);
  }

  /** The document was closed; resolves when nothing of it is left to be sent, or `abandon` was called. */
  close(onSettled: () => void): void {
    this.#isClosed = true;
    this.#doubts.end();
    this.guard.participants.end();
    this.port.close();
    const bound = this.#bound;
    if (bound === undefined) {
      onSettled();
      return;
    }
    const { binding } = bound;
    const finish = (): boolean => {
      if (!binding.isSettled) return false;
      this.#keepSteps();
      this.dispose();
      onSettled();
      return true;
    };
    binding.documentClosed();
    if (!finish()) {
      const stop = binding.onUpdate(() => queueMicrotask(() => finish() && stop()));
    }
  }

  /** Ends the binding; resolves when what it could not send is on disk. */
  async abandon(): Promise<void> {
    await this.#bound?.binding.flushed();
    this.#keepSteps();
    this.dispose();
  }

  /** For a document that goes on with its file. */
  #keepSteps(): void {
    if (!this.#bound) return;
    const { binding, feed } = this.#bound;
    this.#parts.keptSteps.keep(feed.fileId, binding.state.undo, targetText(binding.state));
  }

  dispose(): void {
    this.#isClosed = true;
    this.#end.resolve();
    this.#doubts.dispose();
    this.guard.participants.dispose();
    this.port.close();
    this.#bound?.binding.dispose();
    this.#bound?.feed.close();
  }
}

/**
 * Sends what an ended window left of a file, apart from any editor; resolves with the binding
 * settled and disposed. Rejects when not connected: then it is left as it was.
 */
export async function sendLeft(
  parts: BoundDocumentParts,
  fileId: number,
  left: LeftEdits,
): Promise<void> {
  const { unsent, store } = left;
  const restored = await readBase(parts.session, fileId, unsent).catch((error: unknown) => {
    left.giveBack();
    throw error;
  });
  const feed = new FileFeed(parts.session, fileId, restored.base.version);
  const document = closedDocument(shownBy(restored, unsent));
  const start = { ...restored, feed, unsent, unsaved: [] };
  const binding = bindingOf({ ...parts, drafts: store }, document, start);
  const { files } = parts.session.view;
  tellLeft(binding, () => parts.onLeftRefused(files.get(fileId)?.path ?? ''));
  binding.documentClosed();
  await whenSettled(binding);
  await binding.flushed();
  binding.dispose();
  feed.close();
  await left.drop();
}

/** Until all is sent that was there at first: what is refused later somebody has typed here, and sees. */
function tellLeft(binding: DocumentBinding, refused: () => void): void {
  const stop = binding.onUpdate(({ tag }) => {
    if (tag === 'refused') refused();
  });
  void whenSettled(binding).then(stop);
}

const START = { line: 0, character: 0 };

/** In all editors that show a document, as before the change that is told of. */
function selectionsIn(document: vscode.TextDocument): readonly vscode.Selection[] {
  return vscode.window.visibleTextEditors.flatMap((editor) =>
    editor.document === document ? editor.selections : [],
  );
}

async function whenSettled(binding: DocumentBinding): Promise<void> {
  await whenSo(binding, () => binding.isSettled);
}

async function whenSo(binding: DocumentBinding, isSo: () => boolean): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (!isSo()) return;
      stop();
      resolve();
    };
    const stop = binding.onUpdate(() => queueMicrotask(look));
    look();
  });
}

/** What a document starts from: the head, or what an earlier window's unsent edits were made on. */
interface Restored {
  readonly base: VersionedText;
  readonly sentBase: Text | undefined;
}

/** The text of a document that goes on with unsent edits. */
function shownBy({ base, sentBase }: Restored, unsent: UnsentEdits | undefined): Text {
  return unsent ? restoredState(base, unsent, sentBase).shadow : base.text;
}

function bindingOf(
  {
    ids,
    clock,
    drafts,
    output,
  }: Omit<
    BoundDocumentParts,
    | 'drafts'
    | 'onNativeUndo'
    | 'onUnfollowed'
    | 'onLeftRefused'
    | 'keptSteps'
    | 'chatAgent'
    | 'othersAt'
  > & {
    readonly drafts: DraftStore;
  },
  document: EditorDocument,
  start: Restored & {
    readonly feed: FileFeed;
    readonly unsent: UnsentEdits | undefined;
    readonly unsaved: Changes;
  } & Pick<BindingStart, 'steps' | 'isReopened' | 'unsavedDoubt'>,
  options: BindingOptions = DEFAULT_BINDING_OPTIONS,
): DocumentBinding {
  const { feed } = start;
  return new DocumentBinding(
    { document, file: feed, ids, clock, drafts, log: output, hash: nativeHash },
    start,
    options,
  );
}

async function readBase(
  session: WorldSession,
  fileId: number,
  unsent: UnsentEdits | undefined,
): Promise<Restored> {
  const base = await readTextAt(session, fileId, unsent?.version);
  const sentVersion = unsent && sentBaseVersion(unsent);
  const sent = sentVersion ? await readTextAt(session, fileId, sentVersion) : undefined;
  return { base, sentBase: sent?.text };
}

async function pastReader(session: WorldSession, fileId: number): Promise<PastReader> {
  const link = await session.whenOnline();
  return {
    ops: (after, upTo) => readFileOps(link, fileId, after, upTo),
    at: (version) => readFile(link, session.view, fileId, version),
  };
}

/** A file's text at a version, or at its head. Rejects when not connected, or when it is no text. */
export async function readTextAt(
  session: WorldSession,
  fileId: number,
  version?: number,
): Promise<VersionedText> {
  const link = await session.whenOnline();
  const file = await readFile(link, session.view, fileId, version);
  if (file.kind !== 'text') throw new Error(`file ${fileId} is not a text`);
  return file;
}

function closedDocument(text: Text): EditorDocument {
  return {
    version: 1,
    holdsEventsBack: false,
    text: () => text.toString(),
    apply: () => Promise.resolve(false),
    onChange: () => () => undefined,
  };
}
