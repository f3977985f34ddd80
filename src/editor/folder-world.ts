/**
 * Owns: one folder of this window bound to its world: builds the parts that keep it live and ends
 * them in order. Does not know: commands, how a folder got its world.
 */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { type RefusedEditMark, RefusedEditMarks } from '../decorations/refused-edit-marks.ts';
import { RemoteCursors } from '../decorations/remote-cursors.ts';
import { folderKeyOf } from '../host/folder-lease-client.ts';
import { isAlive } from '../host/is-alive.ts';
import type { BindingUpdate } from '../sync/document-binding.ts';
import { KeptSteps } from '../sync/kept-steps.ts';
import { isWholeAgents } from '../sync/refused-edits.ts';
import type { LiveWait, WorldStatus } from '../views/status-bar.ts';
import { newUuid } from '../world/uuid.ts';
import type { KnownWorld } from '../world/world-list.ts';
import { DEFAULT_LIMITS, parseLimits } from '../core/limits.ts';
import type { IdentityHex } from '../core/op.ts';
import { UNATTRIBUTED } from '../core/unattributed.ts';
import type { WorldSession } from '../world/world-session.ts';
import { ChatUndo } from './chat-undo.ts';
import { mirrorWorldOf } from '../mirror/mirror-world.ts';
import { AskedTexts } from '../mirror/restorations/asked-texts.ts';
import { SessionDesk } from '../world/session-desk.ts';
import { namedAgent } from './named-agent.ts';
import { BoundDocuments } from './bound-documents.ts';
import { type BoundDocument, readTextAt } from './bound-document.ts';
import { type Disposable, DisposableStore } from './disposable-store.ts';
import { foreignEncoding } from './foreign-encoding.ts';
import { DraftDecisions } from './draft-decisions.ts';
import { DraftFiles } from './draft-files.ts';
import type { ChangeEvents } from './change-events.ts';
import { followCreates } from './follow-creates.ts';
import { followDeletes } from './follow-deletes.ts';
import { followRenames } from './follow-renames.ts';
import { excludesIn, temporaryNamesIn } from './excludes.ts';
import { DiskFiles } from '../mirror/disk-files.ts';
import { FileSights } from '../mirror/file-sights.ts';
import { LeftNotices } from './left-notices.ts';
import { LeftWatch } from './left-watch.ts';
import { FolderLog } from '../mirror/folder-log.ts';
import type { MirrorProgress } from '../mirror/look-progress.ts';
import type { MirrorEvent } from '../mirror/mirror-event.ts';
import { keepCopy } from '../mirror/keep-copy.ts';
import { OutsideFiles } from '../mirror/outside-files.ts';
import type { FolderLogEntry } from '../mirror/folder-log-entry.ts';
import type { WaitingFile } from '../mirror/restorations/waiting-entry.ts';
import type { WaitingFiles } from '../mirror/restorations/waiting-files.ts';
import { EMBEDDED } from '../world/identities.ts';
import { wordFor } from '../world/tool-word.ts';
import { MirrorKeeper } from './mirror-keeper.ts';
import { outputLog } from './output-log.ts';
import { OwnUndo } from './own-undo.ts';
import { PausedDrafts } from './paused-drafts.ts';
import { PresenceBoard } from './presence-board.ts';
import { PresenceSender } from './presence-sender.ts';
import { type RefusedEditView, RefusedEdits } from './refused-edits.ts';
import { RemoteSaves } from './remote-saves.ts';
import { noticeSaveSetting, overwriteOnSave } from './save-setting.ts';
import { wasShown } from './shown-texts.ts';
import {
  tellForeignEncoding,
  tellLeftRefused,
  tellNotText,
  tellUnfollowed,
} from './tell-unfollowed.ts';
import { onSetting, readSettings } from './settings.ts';
import type { ExtensionSurroundings } from './surroundings.ts';
import { TicketOthers } from './ticket-others.ts';
import { TicketTexts } from './ticket-texts.ts';
import { TypedTexts } from './typed-texts.ts';

export interface FolderWorldParts {
  readonly surroundings: ExtensionSurroundings;
  readonly world: KnownWorld;
  readonly session: WorldSession;
  readonly folder: vscode.WorkspaceFolder;
  readonly channel: vscode.LogOutputChannel;
  readonly changeEvents: ChangeEvents;
  /** Something that the status bar shows has changed. */
  readonly onStatus: () => void;
  readonly onMirror: (event: MirrorEvent) => void;
  /** Which agent the editor's own chat is in a world; undefined where it cannot enter. Never rejects. */
  readonly chatAgent: (world: FolderWorld) => Promise<IdentityHex | undefined>;
  readonly onMirrorProgress: (progress: MirrorProgress) => void;
}

/** How the text of a bound document changed. */
export interface TextUpdate {
  readonly bound: BoundDocument;
  readonly update: Extract<BindingUpdate, { tag: 'text' }>;
}

/** Status, marks and counts follow changes at this distance. */
const REFRESH_MS = 100;

/** Entries of the folder's log that tell of what waits. */
const WAITING_TAGS: ReadonlySet<FolderLogEntry['tag']> = new Set([
  'waits',
  'waited',
  'folder_waits',
  'folder_waited',
  'asked',
  'answered',
  'concluded',
]);

export class FolderWorld implements Disposable {
  readonly world: KnownWorld;
  readonly session: WorldSession;
  readonly folder: vscode.WorkspaceFolder;
  readonly documents: BoundDocuments;
  readonly refused: RefusedEdits;
  readonly undo: OwnUndo;
  /** Files of the folder that belong into the world and are not there. */
  readonly outside: OutsideFiles;
  /** What the disk says of single files. */
  readonly sights: FileSights;
  readonly presence: PresenceBoard;
  /** What the user has typed into fields about this world and not sent. */
  readonly typed: TypedTexts;
  /** What waits for an answer in the folder, and whether it is kept in step, whichever window does that. */
  readonly waiting: WaitingFiles;
  readonly #cursors: RemoteCursors;
  readonly #marks: RefusedEditMarks;
  readonly #sender: PresenceSender;
  readonly #pausedDrafts: PausedDrafts;
  /** Undefined while the user does not want files on disk to be kept in step. */
  #mirror: MirrorKeeper | undefined;
  readonly #newMirror: () => MirrorKeeper;
  readonly #left: LeftWatch;
  readonly #endWindow: () => Promise<void>;
  readonly #parts: FolderWorldParts;
  readonly #files: DiskFiles;
  readonly #folderLog: FolderLog;
  readonly #saves: RemoteSaves;
  /** Documents of which it was told that they are in another encoding. */
  readonly #toldForeign = new WeakSet<vscode.TextDocument>();
  readonly #store = new DisposableStore();
  readonly #ending = new AbortController();
  readonly #drafts = this.#store.add(new vscode.EventEmitter<void>());
  readonly #ticketTexts = this.#store.add(new vscode.EventEmitter<number>());
  readonly #texts = this.#store.add(new vscode.EventEmitter<TextUpdate>());
  readonly #bindings = this.#store.add(new vscode.EventEmitter<BoundDocument>());
  readonly #foreign = this.#store.add(new vscode.EventEmitter<BoundDocument>());
  readonly #unseen = this.#store.add(new vscode.EventEmitter<readonly string[] | 'any'>());
  readonly #kept = this.#store.add(new vscode.EventEmitter<void>());
  readonly #waitingChanges = this.#store.add(new vscode.EventEmitter<void>());
  #waitingCount = 0;
  #refresh: NodeJS.Timeout | undefined;

  /** The user's drafts may be others now. */
  readonly onDrafts = this.#drafts.event;
  /** The long texts of a ticket were read, or could not be. */
  readonly onTicketTexts = this.#ticketTexts.event;
  /** The text of a bound document changed. */
  readonly onText = this.#texts.event;
  /** A document was bound, could not be, or is bound no more. */
  readonly onBinding = this.#bindings.event;
  /** A document is not bound, since its encoding would write the world's text as another one. */
  readonly onForeign = this.#foreign.event;
  /** Of these files, or of any, somebody asked what the disk says, and was not told. */
  readonly onUnseen = this.#unseen.event;
  /** `isKept` may be something else now. */
  readonly onKept = this.#kept.event;
  /** What waits for an answer in the folder may be something else now. */
  readonly onWaiting = this.#waitingChanges.event;

  /** Reads what earlier windows left of the folder, then binds what is open. */
  static async open(parts: FolderWorldParts): Promise<FolderWorld> {
    const { surroundings, world, folder } = parts;
    const key = await folderKeyOf(folder.uri.fsPath);
    const root = path.join(surroundings.home, 'folders', `${key.slice(0, 32)}-${world.database}`);
    const windowId = randomUUID();
    await mkdir(root, { recursive: true, mode: 0o700 });
    // In this order: by its drafts a window is known to others, before it reads their log.
    const drafts = await DraftFiles.open(path.join(root, 'drafts'), windowId);
    const folderLog = await FolderLog.open(root, () => drafts.isAlone());
    return new FolderWorld(parts, { root, windowId, drafts, folderLog });
  }

  private constructor(
    parts: FolderWorldParts,
    state: {
      readonly root: string;
      readonly windowId: string;
      readonly drafts: DraftFiles;
      readonly folderLog: FolderLog;
    },
  ) {
    const { session, surroundings, channel, folder } = parts;
    const newId = (): string => newUuid(surroundings.clock.nowMs(), surroundings.randomBytes);
    const files = new DiskFiles(folder.uri.fsPath, { notes: path.join(state.root, 'in-place') });
    this.#parts = parts;
    this.#files = files;
    this.#folderLog = state.folderLog;
    this.world = parts.world;
    this.session = session;
    this.folder = folder;
    this.typed = new TypedTexts(
      { home: surroundings.home, database: parts.world.database },
      session.log,
    );
    this.#store.add(state.drafts);
    const { waiting } = state.folderLog;
    this.waiting = waiting;
    this.#saves = this.#store.add(
      new RemoteSaves(
        () => readSettings().saveRemoteEdits,
        (document) => this.documents.mayReplaceDisk(document),
      ),
    );
    this.outside = new OutsideFiles((error) => channel.warn(`[mirror] ${String(error)}`));
    // Told before this window was there.
    this.outside.found(state.folderLog.outside(), () => false);
    this.#cursors = this.#store.add(
      new RemoteCursors({ settings: () => readSettings().cursors, nowMs, after }),
    );
    this.#marks = this.#store.add(new RefusedEditMarks());
    const output = outputLog(channel, 'editor');
    const { signal } = this.#ending;
    this.sights = new FileSights({
      files,
      head: (name) => session.view.fileAt(name),
      isKnown: (name) =>
        state.folderLog.lastPut(name) !== undefined || session.view.fileAt(name) !== undefined,
      known: () => state.folderLog.paths(),
      limits: () => parseLimits(session.workspace?.limits ?? '') ?? DEFAULT_LIMITS,
      exclude: () => excludesIn(folder),
      temporaryNames: () => temporaryNamesIn(folder),
      onUnseen: (paths) => this.#unseen.fire(paths),
      after,
      signal,
      output,
    });
    const chatAgent = async (): Promise<IdentityHex | undefined> =>
      namedAgent(session, await parts.chatAgent(this));
    const desk = new SessionDesk(session, surroundings.randomBytes, signal);
    const asked = new AskedTexts({
      folder: path.join(state.root, 'asked'),
      folderName: path.basename(folder.uri.fsPath),
      desk,
      world: mirrorWorldOf(session, newId, signal),
      log: output,
    });
    this.#store.addStop(() => asked.stop());
    const { clock } = surroundings;
    const chatUndo = new ChatUndo({
      session,
      clock,
      desk,
      asked,
      chatAgent,
      newId,
      output,
      signal,
    });
    const left = this.#store.add(new LeftNotices(after, (paths) => void tellLeftRefused(paths)));
    this.documents = new BoundDocuments({
      ...state,
      session,
      files,
      ids: { next: newId },
      clock: surroundings.clock,
      output,
      changeEvents: parts.changeEvents,
      keepCopy: (file, bytes) => keepCopy(path.join(state.root, 'copies'), file, bytes),
      onUpdate: (bound, update) => this.#updated(bound, update),
      keptSteps: new KeptSteps(),
      onNativeUndo: (bound, kind) => this.undo.tookNative(bound, kind),
      onUnfollowed: (file, error, again) => void tellUnfollowed(file, error, again),
      onLeftRefused: (file) => left.tell(file),
      chatAgent,
      chatUndo,
      othersAt: (fileId) => this.presence.placesIn(fileId),
      onFormat: ({ document }) => this.#saves.saveSoon(document),
      onForeign: (bound) => this.#becameForeign(bound),
      onUnbound: (bound) => this.#bindings.fire(bound),
      onBound: (bound, isBound) => this.#bound(bound, isBound),
    });
    this.#store.add(this.documents);
    this.undo = this.#store.add(new OwnUndo(this.documents, parts.changeEvents));
    const others = new TicketOthers(session, () => this.#scheduleRefresh());
    const texts = new TicketTexts(session, (ticketId) => {
      this.#ticketTexts.fire(ticketId);
      this.#scheduleRefresh();
    });
    const { randomBytes } = surroundings;
    const decisions = new DraftDecisions(state.drafts);
    this.refused = new RefusedEdits({
      ...state,
      decisions,
      session,
      documents: this.documents,
      others,
      texts,
      randomBytes,
    });
    this.presence = this.#store.add(
      new PresenceBoard({
        session,
        documents: this.documents,
        cursors: this.#cursors,
        onChange: () => this.#scheduleRefresh(),
      }),
    );
    this.#sender = this.#store.add(
      new PresenceSender({
        session,
        documents: this.documents,
        isShared: () => readSettings().presenceShare,
        isOnServer: this.world.server !== EMBEDDED,
      }),
    );
    this.#store.add(onSetting('presence.share', () => this.#sender.changed()));
    const { documents } = this;
    this.#store.add(followRenames({ ...state, session, files, newId, output }));
    this.#store.add(followCreates({ ...state, files, output }));
    this.#store.add(followDeletes({ ...state, session, documents, files, newId, output }));
    this.#newMirror = () =>
      new MirrorKeeper({
        ...state,
        session,
        files,
        folder,
        outside: this.outside,
        newId,
        author: () => toolsAuthor(session),
        readWord: (file) => wordFor(state.root, file, surroundings.identities, Date.now()),
        hostUri: (signal) => surroundings.hostUri(signal),
        copies: path.join(state.root, 'copies'),
        wasTyped: async (fileId, text, sinceVersion) => {
          // Those that have it open tell of their saves themselves.
          const name = session.view.files.get(fileId)?.path;
          const holders = name === undefined ? [] : state.folderLog.holders(name);
          const journals = await state.drafts.allRecords(fileId, holders);
          const read = (version: number) => readTextAt(session, fileId, version);
          return wasShown(text, journals, read, sinceVersion);
        },
        report: (event) => {
          parts.onMirror(event);
          state.folderLog
            .append({ tag: 'notice', windowId: state.windowId, event })
            .catch((error: unknown) => channel.warn(`[mirror] ${String(error)}`));
        },
        onProgress: parts.onMirrorProgress,
        onWonder: () => this.#keptChanged(),
        known: () => state.folderLog.paths(),
        onWatched: (is) => {
          state.folderLog
            .tellWatched(is)
            .catch((error: unknown) => channel.warn(`[mirror] ${String(error)}`));
        },
        clock: surroundings.clock,
        onShared: () => {
          const tellWindows = (): Promise<void> => state.folderLog.append({ tag: 'settings' });
          void overwriteOnSave(folder, tellWindows, outputLog(channel, 'mirror'));
        },
        output: outputLog(channel, 'mirror'),
      });
    this.#store.addStop(() => this.#mirror?.dispose());
    this.#followMirrorSetting();
    this.#pausedDrafts = this.#store.add(
      new PausedDrafts({
        session,
        drafts: state.drafts,
        decisions,
        newId,
        isWhole: ({ fileId, draftId }) => {
          const binding = documents.ofFile(fileId)?.binding;
          return !binding || isWholeAgents(binding.state, draftId);
        },
        onJudged: ({ fileId, draftId }) =>
          documents.ofFile(fileId)?.binding?.forgetRefused(draftId),
      }),
    );
    state.drafts.onDrafts = () => {
      this.#pausedDrafts.look();
      this.#drafts.fire();
      this.#scheduleRefresh();
    };
    this.#store.addStop(
      session.view.tickets.onChange(({ before, after }) => {
        if (before && !after) {
          others.forget(before.ticketId);
          texts.forget(before.ticketId);
        }
        this.#scheduleRefresh();
      }),
    );
    this.#store.addStop(session.onState(({ tag }) => this.#stateChanged(tag)));
    this.#store.addStop(session.view.onWorkspace(() => this.#scheduleRefresh()));
    this.#store.addStop(session.onSlow(() => this.#scheduleRefresh()));
    this.#store.add(onSetting('cursors', () => this.#cursors.refresh()));
    this.#store.add(onSetting('saveRemoteEdits', () => this.#saves.settingChanged()));
    this.#store.add(onSetting('mirror.enabled', () => this.#followMirrorSetting()));
    this.#left = this.#store.add(
      new LeftWatch({
        drafts: state.drafts,
        after,
        onFound: () => {
          this.documents.sendLeft();
          this.#scheduleRefresh();
        },
        output: outputLog(channel, 'editor'),
      }),
    );
    this.#store.addStop(
      // A window opened or ended: whichever it is, whether others live may have changed.
      state.folderLog.onEntry((entry) => {
        if (entry.tag === 'window') void this.#left.look();
        if (entry.tag === 'waited') this.#waited(entry.path);
        else if (entry.tag === 'put' || entry.tag === 'judged') this.#diskExplained(entry.path);
        this.#noteWaiting(entry.tag);
        if (entry.tag === 'watch') this.#scheduleRefresh();
        if (entry.tag === 'mirror') this.#kept.fire();
        if (entry.tag === 'settings') void noticeSaveSetting(folder, output);
        if (entry.tag === 'outside')
          this.outside.found(entry.files, (each) => entry.paths.includes(each));
        if (entry.tag !== 'notice' || entry.windowId === state.windowId) return;
        // Another window keeps the folder, but the file is open here too.
        const { event } = entry;
        if (!('path' in event)) return;
        if ([...this.documents.all()].some(({ path: open }) => open === event.path)) {
          parts.onMirror(event);
        }
      }),
    );
    this.#endWindow = () =>
      state.folderLog.append({ tag: 'window', windowId: state.windowId, is: 'ended' });
    void state.folderLog
      .append({ tag: 'window', windowId: state.windowId, is: 'opened' })
      .catch((error: unknown) => parts.channel.warn(`[editor] ${String(error)}`));
    this.#scheduleRefresh();
  }

  /** Something that ends with this binding. */
  keep<Kept extends Disposable>(part: Kept): Kept {
    return this.#store.add(part);
  }

  /** Resolves when this window's mirror, if it has the lease, has nothing left to do. */
  async mirrored(): Promise<void> {
    await this.#mirror?.settled();
  }

  /** True while this window keeps the folder. */
  get isMirroring(): boolean {
    return this.#mirror?.isKeeping ?? false;
  }

  /** False where this window is not to keep the folder in step, or cannot find out who does; a command may. */
  get isKept(): boolean {
    if (this.#mirror && !this.#mirror.isWondering) return true;
    const { keeper } = this.#folderLog;
    return keeper !== undefined && isAlive(keeper);
  }

  status(): WorldStatus {
    const world = this.session.workspace?.name || this.world.name;
    const { state } = this.session;
    switch (state.tag) {
      case 'online':
        return {
          tag: 'live',
          world,
          present: this.presence.present(),
          waitsFor: this.#waitsFor(),
        };
      case 'connecting':
      case 'offline': {
        const isLoading = state.tag === 'connecting' && state.isLoading === true;
        const { filesWaiting } = this.documents;
        return state.tag === 'offline' || this.session.workspace
          ? { tag: 'offline', world, filesWaiting, isLoading }
          : { tag: 'connecting', world, isLoading };
      }
      case 'refused':
        return {
          tag: 'failed',
          world,
          message: state.error.message,
          nextStep: { title: vscode.l10n.t('Try again'), command: 'agentWorld.reconnect' },
        };
      case 'closed':
        return { tag: 'none' };
    }
  }

  #followMirrorSetting(): void {
    const isWanted = readSettings().mirrorEnabled;
    if (this.#store.isDisposed || isWanted === (this.#mirror !== undefined)) return;
    this.#mirror?.dispose();
    this.#mirror = isWanted ? this.#newMirror() : undefined;
    this.#keptChanged();
  }

  #keptChanged(): void {
    this.#kept.fire();
    this.#scheduleRefresh();
  }

  #waitsFor(): readonly LiveWait[] {
    return [
      ...(this.session.isSlow ? ['answer' as const] : []),
      ...(this.#mirror?.isWondering ? ['folder' as const] : []),
      ...(this.#folderLog.isUnwatched ? ['disk' as const] : []),
    ];
  }

  /** The path in the world of a file of the folder; undefined for any other. */
  relative(file: string): string | undefined {
    return this.#files.relative(file);
  }

  /** True for a document that is not bound for its encoding. */
  isForeign(document: vscode.TextDocument): boolean {
    return this.#toldForeign.has(document) && foreignEncoding(document) !== undefined;
  }

  /** A file of the folder that waits for an answer. */
  waitingFile(file: string): WaitingFile | undefined {
    const name = this.#files.relative(file);
    return name === undefined ? undefined : this.waiting.of(name);
  }

  refusedEdits(): readonly RefusedEditView[] {
    return this.refused.all();
  }

  /** Refused edits where open documents show them. */
  get refusedMarks(): readonly RefusedEditMark[] {
    return this.#marks.marks;
  }

  /** Those are others now, or elsewhere. */
  get onRefusedMarks(): vscode.Event<void> {
    return this.#marks.onDidChangeCodeLenses;
  }

  /** Puts the marks of refused edits where they belong now. */
  showRefused(): void {
    this.#marks.show(
      [...this.documents.all()].flatMap(({ document, fileId }) =>
        fileId === undefined
          ? []
          : this.refused.inFile(fileId).map((edit) => ({ ...edit, document })),
      ),
    );
  }

  /** Ends the bindings; what could not be sent is kept on disk. */
  async end(): Promise<void> {
    await this.documents.end();
    await this.typed.flush();
    this.dispose();
    // Told once the drafts are unlocked: the windows that live take over what is left.
    await this.#endWindow();
  }

  dispose(): void {
    clearTimeout(this.#refresh);
    this.#ending.abort();
    this.#store.dispose();
    this.session.close();
  }

  #noteWaiting(tag: FolderLogEntry['tag']): void {
    // A put ends the waiting of its path, and is much more often about something else.
    if (!WAITING_TAGS.has(tag) && this.waiting.size === this.#waitingCount) return;
    this.#waitingCount = this.waiting.size;
    this.#waitingChanges.fire();
  }

  /** An open file has what it is to have: while it waited it was not saved. */
  #waited(file: string): void {
    for (const { path: open, document } of this.documents.all()) {
      if (open === file && document.isDirty) this.#saves.saveSoon(document);
    }
  }

  #diskExplained(file: string): void {
    for (const { path: open, document } of this.documents.all()) {
      if (open === file) this.#saves.diskExplained(document);
    }
  }

  #updated(bound: BoundDocument, update: BindingUpdate): void {
    this.undo.updated(bound, update);
    this.#pausedDrafts.documentProgressed();
    if (update.tag === 'text') {
      const by = update.by === 'world' ? 'world' : 'user';
      this.#cursors.moveAlong(bound.document, update.changes, by);
      this.#sender.changed();
      // That it has the world's line ends now is nothing that the user did.
      const isOfUser = update.changes.length > 0 || bound.eol !== bound.followedEol;
      if (isOfUser) this.#saves.changed(bound.document, update);
      this.#texts.fire({ bound, update });
    } else if (update.tag === 'refused') {
      this.#scheduleRefresh();
    } else if (update.tag === 'not_text') {
      tellNotText(bound.path);
    } else if (this.session.state.tag !== 'online') {
      this.#scheduleRefresh();
    }
  }

  /** Told once for each document: it is tried again whenever its file changes. */
  #becameForeign(bound: BoundDocument): void {
    const { document, path: file } = bound;
    const isTold = this.#toldForeign.has(document);
    this.#toldForeign.add(document);
    this.#foreign.fire(bound);
    const encoding = foreignEncoding(document) ?? '';
    if (!isTold) tellForeignEncoding(file, { encoding, isDirty: document.isDirty });
  }

  #bound(bound: BoundDocument, isBound: boolean): void {
    const { document, fileId } = bound;
    this.#bindings.fire(bound);
    this.#pausedDrafts.documentProgressed();
    this.undo.boundChanged(bound);
    this.#sender.changed();
    if (isBound && fileId !== undefined) this.presence.documentBound(fileId);
    if (!isBound) this.#cursors.forget(document);
    this.#scheduleRefresh();
  }

  #stateChanged(tag: WorldSession['state']['tag']): void {
    if (tag !== 'online') this.#cursors.clear();
    this.#scheduleRefresh();
  }

  #scheduleRefresh(): void {
    this.#refresh ??= setTimeout(() => {
      this.#refresh = undefined;
      if (this.#store.isDisposed) return;
      this.showRefused();
      this.#parts.onStatus();
    }, REFRESH_MS);
  }
}

/** For distances in time within this window. */
/** Who wrote what some tool put on disk: nobody knows, unless the window is an agent's. */
function toolsAuthor({ view, identity }: WorldSession): IdentityHex {
  return view.members.get(identity)?.kind === 'agent' ? '' : UNATTRIBUTED.identity;
}

function nowMs(): number {
  return performance.now();
}

function after(delayMs: number, fire: () => void): () => void {
  const timer = setTimeout(fire, delayMs);
  return () => clearTimeout(timer);
}
