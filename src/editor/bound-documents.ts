/**
 * Owns: which open documents are bound to files of a folder's world, from opening to closing, what
 * this window holds and saves. Does not know: how a document is bound, what others do.
 */
import * as vscode from 'vscode';
import type { BindingUpdate } from '../sync/document-binding.ts';
import { EMPTY_STACK } from '../sync/undo-stack.ts';
import { WorldError } from '../world/world-error.ts';
import type { FileHead } from '../world/world-rows.ts';
import { BoundDocument, type BoundDocumentParts, readTextAt, sendLeft } from './bound-document.ts';
import { ChatFiles } from './chat-files.ts';
import { type Disposable, DisposableStore } from './disposable-store.ts';
import { DocumentSaves } from './document-saves.ts';
import { DiskLoads } from './disk-loads.ts';
import type { ChangeEvents } from './change-events.ts';
import type { DiskFiles } from '../mirror/disk-files.ts';
import type { FolderLog } from '../mirror/folder-log.ts';
import type { FolderLogEntry } from '../mirror/folder-log-entry.ts';
import { HiddenDocuments } from './hidden-documents.ts';
import { inTime, SAVE_ANSWER_MS } from './in-time.ts';
import { arePlain, foreignEncoding, isPlain, isTextOf, keepsText } from './foreign-encoding.ts';
import { contentBytes } from '../world/text-format.ts';
import { withLf } from './document-changes.ts';
import { ReencodedDocuments } from './reencoded-documents.ts';
import { NotebookSaves } from './notebook-saves.ts';
import { PlainSaves } from './plain-saves.ts';
import { closeTabsOf, showInTabsOf, tabsOf } from './move-tabs.ts';

export interface BoundDocumentsParts extends BoundDocumentParts {
  readonly files: DiskFiles;
  readonly folderLog: FolderLog;
  readonly windowId: string;
  readonly changeEvents: ChangeEvents;
  /** Keeps a copy of bytes that are about to be replaced. */
  readonly keepCopy: (path: string, bytes: Uint8Array) => Promise<string>;
  readonly onUpdate: (bound: BoundDocument, update: BindingUpdate) => void;
  /** A document is not live, or no more, since the editor writes it in another encoding than UTF-8. */
  readonly onForeign: (bound: BoundDocument) => void;
  /** A document has the line ends of the world now, and is not saved. */
  readonly onFormat: (bound: BoundDocument) => void;
  /** A document could not be bound. */
  readonly onUnbound: (bound: BoundDocument) => void;
  /** A document was bound, or is bound no more. */
  readonly onBound: (bound: BoundDocument, isBound: boolean) => void;
}

/** How long a file that was renamed may take to appear under its new name. */
const PUT_MS = 10_000;

export class BoundDocuments implements Disposable {
  readonly #parts: BoundDocumentsParts;
  readonly #store = new DisposableStore();
  readonly #documents = new Map<vscode.TextDocument, BoundDocument>();
  /** Closed documents whose last edits are still on their way, by file. */
  readonly #closing = new Map<number, BoundDocument>();
  /** Documents that are about to be bound, until they are or cannot be. */
  readonly #binding = new Map<BoundDocument, Promise<void>>();
  readonly #ending = new AbortController();
  readonly #saves: DocumentSaves;
  readonly #loads: DiskLoads;
  readonly #chatFiles: ChatFiles;
  readonly #reencoded: ReencodedDocuments;
  readonly #hidden = this.#store.add(new HiddenDocuments((document) => this.#shown(document)));
  readonly #plain: PlainSaves;
  /** Those whose last binding has failed. */
  readonly #unbound = new WeakSet<vscode.TextDocument>();

  constructor(parts: BoundDocumentsParts) {
    this.#parts = parts;
    this.#saves = new DocumentSaves({ ...parts, signal: this.#ending.signal });
    this.#loads = new DiskLoads(parts);
    this.#reencoded = new ReencodedDocuments(parts.files);
    this.#plain = this.#store.add(new PlainSaves({ ...parts, saves: this.#saves }));
    this.#store.add(new NotebookSaves({ ...parts, plain: this.#plain }));
    // It has seen a document of the chat's before the chat writes.
    this.#chatFiles = this.#store.add(
      new ChatFiles({
        // Who the chat is must be known by the time that it has written.
        onBegun: (file) => this.#atUriPath(file) && void parts.chatAgent(),
        onMirrored: (file, changes) => this.#atUriPath(file)?.doubts.mirrored(changes),
      }),
    );
    const { workspace } = vscode;
    this.#store.add(parts.changeEvents.listen((event) => this.#accept(event)));
    this.#store.add(workspace.onDidOpenTextDocument((document) => this.#open(document)));
    this.#store.add(workspace.onDidCloseTextDocument((document) => this.#close(document)));
    this.#store.add(
      workspace.onWillSaveTextDocument((event) => {
        const bound = this.#documents.get(event.document);
        const isAutomatic = event.reason === vscode.TextDocumentSaveReason.AfterDelay;
        bound?.doubts.saveAnnounced();
        const isLive = bound?.binding || bound?.isLeftOver;
        if (!bound || (!isLive && !this.#isOfWorld(bound))) return;
        const failed = (error: unknown): void =>
          parts.output.warn('editor.save_unannounced', { error: String(error) });
        const announce = (): Promise<void> =>
          isLive ? this.#announce(bound, isAutomatic) : this.#plain.announce(bound);
        event.waitUntil(inTime(SAVE_ANSWER_MS, announce, failed));
      }),
    );
    this.#store.add(workspace.onDidSaveTextDocument((document) => void this.#saved(document)));
    this.#store.addStop(parts.session.onState(({ tag }) => tag === 'online' && this.#bindAll()));
    this.#store.addStop(
      parts.session.view.files.onChange(({ before, after }) => {
        if (!after || after.deleted) return;
        this.#fileAppeared(after);
        if (before && before.path !== after.path) this.#background(this.#followMove(after));
        const areAlikeNow = before?.otherEnds !== '' && after.otherEnds === '';
        if (before && (before.eol !== after.eol || areAlikeNow)) this.#followEol(after);
      }),
    );
    this.#store.addStop(
      parts.folderLog.onEntry((entry) => {
        if (entry.tag === 'query') this.#background(this.#answer(entry));
      }),
    );
    this.#store.addStop(
      parts.folderLog.follow((error) =>
        parts.output.warn('editor.log_unread', { error: String(error) }),
      ),
    );
    for (const document of workspace.textDocuments) this.#open(document);
    if (parts.session.link) this.#bindAll();
  }

  /** The bound documents, and those about to be. */
  all(): Iterable<BoundDocument> {
    return this.#documents.values();
  }

  of(document: vscode.TextDocument): BoundDocument | undefined {
    return this.#documents.get(document);
  }

  ofFile(fileId: number): BoundDocument | undefined {
    for (const bound of this.#documents.values()) if (bound.fileId === fileId) return bound;
    return undefined;
  }

  /** The number of the next step that the user makes in a document, also where it is not live yet. */
  nextStepId({ path, binding }: BoundDocument): number {
    const fileId = this.#parts.session.view.fileAt(path)?.fileId ?? 0;
    const { undo } = (binding ?? this.#closing.get(fileId)?.binding)?.state ?? {};
    return (undo ?? this.#parts.keptSteps.of(fileId) ?? EMPTY_STACK).nextStepId;
  }

  /** Does something that the user wants in a document that is not live for want of a tab, and is from now on. */
  async awake(document: vscode.TextDocument, work: (bound: BoundDocument) => void): Promise<void> {
    const unexpected = this.#hidden.expect(document.uri);
    try {
      this.#hidden.forget(document);
      const bound = this.#documents.get(document);
      if (bound) await this.#bindAnew(bound);
      if (!bound?.binding || !this.#isCurrent(bound)) return;
      work(bound);
      // The editor has it then, and unsaved.
      await bound.settled();
    } finally {
      unexpected();
    }
  }

  /**
   * False while a save would write over what others wrote to the disk, and the document does not have, or would
   * write a file anew that has another name, or text over a file that is none.
   */
  async mayReplaceDisk(document: vscode.TextDocument): Promise<boolean> {
    const bound = this.#documents.get(document);
    if (bound?.isLeftOver) return false;
    const { view } = this.#parts.session;
    if (bound && !bound.binding && view.fileAt(bound.path)?.kind === 'binary') return false;
    // What the world has need not be in a document that is not live for its encoding.
    if (!bound?.binding && foreignEncoding(document) !== undefined) return false;
    try {
      return bound?.binding === undefined || (await this.#saves.mayReplaceDisk(bound));
    } catch (error) {
      this.#parts.output.warn('editor.disk_unknown', { error: String(error) });
      return true;
    }
  }

  /** True when nothing is under way between any document and its file. */
  get isSettled(): boolean {
    const { view } = this.#parts.session;
    const all = [...this.#documents.values()].filter(
      ({ binding, path, document }) =>
        binding !== undefined ||
        (view.fileAt(path)?.kind === 'text' &&
          foreignEncoding(document) === undefined &&
          !this.#hidden.has(document)),
    );
    return this.#closing.size === 0 && all.every(({ binding }) => binding?.isSettled);
  }

  /** True for one that is to be live and could not be bound; not while that is tried again. */
  isUnbound(bound: BoundDocument): boolean {
    const { document } = bound;
    const isTried = this.#binding.has(bound) || bound.binding !== undefined;
    return this.#unbound.has(document) && !isTried && !this.#hidden.has(document);
  }

  tryAgain(path: string): void {
    for (const bound of this.#documents.values()) {
      if (bound.path === path && this.isUnbound(bound)) void this.#bind(bound);
    }
  }

  /** Number of files with edits that the world does not have. */
  get filesWaiting(): number {
    const all = [...this.#documents.values(), ...this.#closing.values()];
    return all.filter(({ binding }) => {
      const state = binding?.state;
      return state !== undefined && (state.inFlight !== undefined || state.pending.length > 0);
    }).length;
  }

  /** Ends all bindings; resolves when what they could not send is on disk. */
  async end(): Promise<void> {
    this.#ending.abort();
    this.#store.dispose();
    const all = [...this.#documents.values(), ...this.#closing.values()];
    await this.#plain.endAll();
    await Promise.all(all.map((bound) => this.#endOne(bound)));
    await this.#parts.folderLog.append(
      ...all.map(({ path }) => ({
        tag: 'release' as const,
        path,
        windowId: this.#parts.windowId,
      })),
    );
    this.#documents.clear();
  }

  /** A save that nobody reported any more is told for one, so that no tool is thought to have written it. */
  async #endOne(bound: BoundDocument): Promise<void> {
    const fileId = this.#saves.fileOf(bound);
    try {
      if (fileId !== undefined) await this.#saves.explainDisk(bound, fileId);
    } catch (error) {
      this.#parts.output.warn('editor.save_unseen', { error: String(error) });
    }
    await bound.abandon();
  }

  dispose(): void {
    this.#ending.abort();
    this.#store.dispose();
    for (const bound of this.#documents.values()) bound.dispose();
    for (const bound of this.#closing.values()) bound.dispose();
  }

  /** The path of every keystroke. */
  #accept(event: vscode.TextDocumentChangeEvent): void {
    const { document } = event;
    const bound = this.#documents.get(document);
    if (bound === undefined) return this.#chatFiles.accept(event);
    bound.accept(event, this.#chatFiles.has(document));
    if (bound.binding) {
      // It may have another encoding now.
      if (event.contentChanges.length === 0 && !keepsText(document)) this.#becomeForeign(bound);
      return;
    }
    if (this.#hidden.leaves(document)) this.#shown(document);
    this.#reencoded.observe(bound, event);
    this.#background(this.#bindReencoded(bound));
  }

  async #bindReencoded(bound: BoundDocument): Promise<void> {
    // The editor may have the text only now.
    if (this.#reencoded.mayBeReady(bound)) await this.#bindAnew(bound);
  }

  /** The editor would write the document to the disk as another text than the world's. */
  #becomeForeign(bound: BoundDocument): void {
    if (!this.#isCurrent(bound)) return;
    this.#parts.onForeign(bound);
    this.#letLiveGo(bound);
  }

  /** Others have changed the file of a document without a tab: the disk is given that, and the editor loads it. */
  #hide(bound: BoundDocument): void {
    if (!this.#isCurrent(bound)) return;
    this.#hidden.add(bound.document);
    this.#letLiveGo(bound);
  }

  /** It has a tab, or something unsaved: it is live like any other from now on. */
  #shown(document: vscode.TextDocument): void {
    const bound = this.#documents.get(document);
    if (bound) this.#background(this.#bindAnew(bound));
  }

  async #bindAnew(bound: BoundDocument): Promise<void> {
    // One that is under way may have looked before.
    await this.#binding.get(bound);
    if (this.#isCurrent(bound)) await this.#bind(bound);
  }

  /** The document is live no more: what is saved from now on is for whoever keeps the folder to take in. */
  #letLiveGo(bound: BoundDocument): void {
    const { document, fileId, binding } = bound;
    const heir = this.#add(document, bound.path, bound);
    const version = binding?.state.confirmed.version ?? 0;
    // What the world has not heard of yet it hears from the former.
    if (fileId !== undefined) this.#background(this.#shownFrom(heir, { fileId, version }));
    this.#background(this.#bind(heir, this.#letGo(bound)));
  }

  #atUriPath(path: string): BoundDocument | undefined {
    for (const [{ uri }, bound] of this.#documents) if (uri.path === path) return bound;
    return undefined;
  }

  #open(document: vscode.TextDocument): void {
    if (document.uri.scheme !== 'file' || this.#documents.has(document)) return;
    const path = this.#parts.files.relative(document.uri.fsPath);
    if (path === undefined) return;
    const bound = this.#add(document, path);
    // What the editor kept through a reload of the window is of nobody knows which text.
    if (!document.isDirty) this.#background(this.#shownFrom(bound));
    void this.#bind(bound);
  }

  /** What a document shows that is not live is what it loaded from disk, or what was `left` of a live one. */
  async #shownFrom(
    { document, path, eol }: BoundDocument,
    left?: { readonly fileId: number; readonly version: number },
  ): Promise<void> {
    const text = document.getText();
    const isShown = (bytes: Uint8Array): Promise<boolean> => isTextOf(document, text, bytes);
    const { folderLog } = this.#parts;
    // What was never put there is no file of the world, or is about to come in.
    const isOfDisk = !document.isDirty && folderLog.lastPut(path) !== undefined;
    const loaded = isOfDisk ? await this.#plain.loaded(document, path, isShown) : 'not_shown';
    if (!left || loaded !== 'not_shown') return;
    const content = { kind: 'text', text: withLf(text), eol, bom: false } as const;
    await this.#plain.shows(document, path, contentBytes(content), left);
  }

  /** True for a document of a file that the world has, as far as that is known now. */
  #isOfWorld(bound: BoundDocument | undefined): boolean {
    const { link, view } = this.#parts.session;
    return bound !== undefined && link !== undefined && view.fileAt(bound.path) !== undefined;
  }

  #add(document: vscode.TextDocument, path: string, former?: BoundDocument): BoundDocument {
    const onUpdate = this.#updated.bind(this);
    const bound = new BoundDocument(document, path, this.#parts, onUpdate, former);
    this.#documents.set(document, bound);
    this.#reencoded.added(bound);
    this.#plain.forget(document);
    bound.port.onForeignText = () => this.#becomeForeign(bound);
    bound.port.staysClean = () => this.#hidden.staysClean(document) && !bound.hasOwnWaiting;
    bound.port.onHidden = () => this.#hide(bound);
    // Before the binding hears of it, which would enter the world's text.
    bound.port.onChange(({ cause, changes }) => {
      if (cause === 'disk' && changes.length > 0) {
        this.#background(this.#loads.loaded(bound));
        if (!bound.binding) this.#background(this.#shownFrom(bound));
      }
      if (cause === 'disk' || !bound.binding || foreignEncoding(document) === undefined) return;
      // The binding hears of it first: what is typed is the world's all the same.
      if (!arePlain(changes)) queueMicrotask(() => this.#becomeForeign(bound));
    });
    return bound;
  }

  #isCurrent(bound: BoundDocument): boolean {
    return this.#documents.get(bound.document) === bound;
  }

  #updated(bound: BoundDocument, update: BindingUpdate): void {
    if (update.tag === 'not_text' && this.#isCurrent(bound)) this.#letLiveGo(bound);
    this.#parts.onUpdate(bound, update);
  }

  #close(document: vscode.TextDocument): void {
    // A document that changes its language is closed and opened again, and stays the same.
    if (!document.isClosed) return;
    const bound = this.#documents.get(document);
    if (bound === undefined) return;
    this.#documents.delete(document);
    this.#hidden.forget(document);
    this.#plain.forget(document);
    this.#background(this.#letGo(bound));
  }

  /** What it has not sent yet still goes to its file. */
  async #letGo(bound: BoundDocument): Promise<void> {
    const { fileId } = bound;
    if (fileId !== undefined) {
      this.#closing.set(fileId, bound);
      this.#parts.onBound(bound, false);
    }
    bound.close(() => {
      if (fileId !== undefined && this.#closing.get(fileId) === bound) this.#closing.delete(fileId);
    });
    await this.#release(bound);
  }

  /**
   * Begins anew with a document whose path has no file or another one now. What it shows is its
   * former file's, to which it has gone: none of it is an edit of another file. The editor may save it all the
   * same, and goes on with a save that has begun.
   */
  async #beginAnew(former: BoundDocument): Promise<void> {
    const { document, path } = former;
    // An edit for the former file that comes later would look like typing in the new one.
    await former.holdEntering();
    if (this.#documents.get(document) !== former) return;
    const bound = this.#add(document, path, former);
    // It must not hold the file before the former has let go of it.
    await this.#bind(bound, this.#letGo(former));
  }

  /** The tabs go with a file that somebody renamed; a save at the old name would make a second file. */
  async #followMove({ fileId, path }: FileHead): Promise<void> {
    const former = this.ofFile(fileId);
    if (!former || former.path === path) return;
    const { files } = this.#parts;
    if (tabsOf(former.document.uri).length > 0) {
      if (!(await this.#isOnDisk(path))) return;
      const uri = vscode.Uri.file(files.absolute(path));
      const isShown = this.#hidden.expect(uri);
      try {
        const document = await vscode.workspace.openTextDocument(uri);
        const heir = this.#documents.get(document);
        this.#hidden.forget(document);
        if (heir) await this.#bind(heir);
        await heir?.knowsWhat(former);
        await heir?.settled();
        await former.rested();
        // Somebody has renamed it again: that is followed by itself.
        if (this.#parts.session.view.files.get(fileId)?.path !== path) return;
        if (!(await moveTabs(former, document, heir))) return;
      } finally {
        isShown();
      }
    }
    await this.#beginAnew(former);
  }

  /** Resolves true when the folder's mirror has put the file there, false if that takes too long. */
  async #isOnDisk(path: string): Promise<boolean> {
    const { files, folderLog } = this.#parts;
    const isThere = async (): Promise<boolean> => (await files.read(path)) !== undefined;
    if (await isThere()) return true;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PUT_MS);
      const stop = folderLog.onEntry((entry) => {
        if (entry.tag !== 'put' || entry.path !== path) return;
        stop();
        clearTimeout(timer);
        resolve();
      });
    });
    return isThere();
  }

  /** Lets go of a file; what was saved last is explained first. */
  async #release(bound: BoundDocument): Promise<void> {
    const { folderLog, windowId } = this.#parts;
    const { path } = bound;
    const fileId = this.#saves.fileOf(bound);
    if (fileId !== undefined) await this.#saves.explainDisk(bound, fileId);
    // It may still be saved: the window goes on to tell of what is at its path.
    if (this.#documents.get(bound.document)?.isLeftOver) return;
    await this.#saves.end(bound);
    await folderLog.append({ tag: 'release', path, windowId });
  }

  #bindAll(): void {
    for (const bound of this.#documents.values()) if (!bound.binding) void this.#bind(bound);
    this.sendLeft();
  }

  /** Sends what windows that ended left, unless a document of the file is about to take it over. */
  sendLeft(): void {
    const { drafts, session, output } = this.#parts;
    if (!session.link) return;
    const binding = new Set(
      [...this.#binding.keys()].map(({ path }) => session.view.fileAt(path)?.fileId),
    );
    for (const fileId of drafts.filesLeft) {
      if (binding.has(fileId)) continue;
      for (let left = drafts.takeLeft(fileId); left; left = drafts.takeLeft(fileId)) {
        output.info('editor.sending_left', { fileId });
        this.#background(sendLeft(this.#parts, fileId, left));
      }
    }
  }

  #fileAppeared(file: FileHead): void {
    for (const bound of this.#documents.values()) {
      if (bound.path !== file.path) continue;
      if (bound.fileId === undefined) void this.#bind(bound);
      else if (bound.fileId !== file.fileId && this.#isGone(bound.fileId)) {
        this.#background(this.#beginAnew(bound));
      }
    }
  }

  #isGone(fileId: number): boolean {
    return this.#parts.session.view.files.get(fileId)?.deleted !== false;
  }

  #followEol({ fileId, eol, otherEnds }: FileHead): void {
    // Where they are mixed an editor makes them alike in its own way, and what it saves of that is nobody's wish.
    if (otherEnds !== '') return;
    for (const bound of this.#documents.values()) {
      // A document of one line takes whatever comes.
      if (bound.fileId !== fileId || bound.document.lineCount < 2) continue;
      const follow = async (): Promise<void> => {
        if (bound.eol !== eol && this.#hidden.staysClean(bound.document)) return this.#hide(bound);
        if (await bound.followEol(eol)) this.#parts.onFormat(bound);
      };
      this.#background(follow());
    }
  }

  /** Resolves when the document is bound to the file at its path, or cannot be now. */
  #bind(bound: BoundDocument, ready: Promise<void> = Promise.resolve()): Promise<void> {
    let binding = this.#binding.get(bound);
    if (!binding) {
      binding = this.#bindWhen(ready, bound);
      this.#binding.set(bound, binding);
    }
    return binding;
  }

  async #bindWhen(ready: Promise<void>, bound: BoundDocument): Promise<void> {
    const { session, folderLog, windowId, output, onBound } = this.#parts;
    const { path } = bound;
    let seen: FileHead['kind'] | undefined;
    let hasFailed = false;
    try {
      await ready;
      const file = session.view.fileAt(path);
      seen = file?.kind;
      // Nothing keeps others from putting there what no editor shows as text.
      const isText = file?.kind === 'text';
      const isForeign = isText && !!session.link && !(await this.#mayEnter(bound, file.fileId));
      const isLive = isText && !isForeign && !this.#hidden.has(bound.document);
      if (file && !isLive && !bound.binding && folderLog.holders(path).includes(windowId)) {
        await folderLog.append({ tag: 'release', path, windowId });
      }
      if (isForeign && !bound.binding) this.#parts.onForeign(bound);
      if (!session.link || !isLive || bound.binding || !(await this.#reencoded.isReloaded(bound)))
        return;
      await folderLog.append({ tag: 'hold', path, windowId, pid: process.pid });
      const unclaim = await folderLog.claim(path);
      try {
        await this.#takeOver(file.fileId);
        const isAlone = this.ofFile(file.fileId) === undefined;
        const isBound = await bound.bind(file.fileId, isAlone);
        const isExplained = !(await this.#saves.explainDisk(bound, file.fileId));
        if (isBound && this.#isCurrent(bound)) {
          this.#plain.forget(bound.document);
          onBound(bound, true);
          // What was typed meanwhile.
          if (!keepsText(bound.document)) this.#becomeForeign(bound);
        }
        // It was opened before the mirror had put its file as the world has it now.
        if (isExplained && !bound.document.isDirty) this.#followEol(file);
      } finally {
        await unclaim();
      }
    } catch (error) {
      // Tried again when the connection is back.
      hasFailed = true;
      const fileId = session.view.fileAt(path)?.fileId ?? null;
      output.warn('editor.not_bound', { fileId, error: String(error) });
      // What is saved meanwhile would be taken for what this window puts into the world.
      if (session.link && !bound.binding) {
        await folderLog.append({ tag: 'release', path, windowId });
      }
      if (error instanceof WorldError && error.code === 'query_refused') {
        this.#parts.onUnfollowed(path, error, () => void this.#bind(bound));
      }
    } finally {
      this.#binding.delete(bound);
      // What it did not take over, because it was closed meanwhile or there was more than one set.
      this.sendLeft();
    }
    if (hasFailed) this.#unbound.add(bound.document);
    else this.#unbound.delete(bound.document);
    if (hasFailed && this.#isCurrent(bound)) this.#parts.onUnbound(bound);
    // It may have become a text meanwhile.
    const isOther = session.view.fileAt(path)?.kind !== seen;
    if (isOther && !bound.binding && this.#isCurrent(bound)) await this.#bind(bound);
  }

  /** True where the editor would write both what the document has and what the world has as UTF-8 does. */
  async #mayEnter({ document }: BoundDocument, fileId: number): Promise<boolean> {
    if (foreignEncoding(document) === undefined) return true;
    if (!keepsText(document)) return false;
    const { text } = await readTextAt(this.#parts.session, fileId);
    return isPlain(text.toString());
  }

  /** A closed document of the same file that could not send everything leaves the rest to the new one. */
  async #takeOver(fileId: number): Promise<void> {
    const former = this.#closing.get(fileId);
    if (former === undefined) return;
    this.#closing.delete(fileId);
    await former.abandon();
  }

  async #announce(bound: BoundDocument, isAutomatic: boolean): Promise<void> {
    // In the same turn: what the editor tells from now on comes after the announcement.
    const without = bound.guard.announced(isAutomatic);
    await Promise.all([this.#saves.announce(bound), without]);
  }

  async #saved(document: vscode.TextDocument): Promise<void> {
    const bound = this.#documents.get(document);
    if (bound === undefined) return;
    bound.doubts.saved();
    const made = bound.guard.participants.saved();
    try {
      const fileId = this.#saves.fileOf(bound);
      if (fileId === undefined) await this.#savedPlain(bound);
      else {
        await this.#report(bound, fileId, made);
        // It may have become live since its save was announced.
        await this.#plain.release(document);
      }
      await this.#bindReencoded(bound);
    } catch (error) {
      this.#parts.output.warn('editor.save_unseen', { error: String(error) });
    }
  }

  async #report(bound: BoundDocument, fileId: number, made: ReadonlySet<number>): Promise<void> {
    try {
      await this.#saves.report(bound, fileId);
    } finally {
      const isForeign = foreignEncoding(bound.document) !== undefined;
      await bound.guard.saved(made, (text) =>
        isForeign ? Promise.resolve(undefined) : this.#saves.writeInstead(bound, fileId, text),
      );
    }
  }

  /** It may be bound soon, or be taken in by whoever keeps the folder. */
  async #savedPlain(bound: BoundDocument): Promise<void> {
    const { document, path } = bound;
    await this.#plain.report(document, path, async () => {
      await this.#saves.note(bound);
      // One that has become live meanwhile sends what was typed itself: it would come in twice.
      if (!bound.binding && this.#isOfWorld(bound)) await this.#plain.saved(document, path);
    });
    // Only when the save is over: what is explained waits for it.
    const fileId = this.#saves.fileOf(bound);
    if (bound.binding && fileId !== undefined) await this.#saves.explainDisk(bound, fileId);
  }

  /** The mirror wonders about bytes on disk; not every save announces itself. */
  async #answer({
    queryId,
    path,
    hash,
    isReplaced,
  }: FolderLogEntry & { tag: 'query' }): Promise<void> {
    const { folderLog, session, windowId } = this.#parts;
    if (!folderLog.holders(path).includes(windowId)) return;
    for (const bound of [...this.#documents.values(), ...this.#closing.values()]) {
      if (bound.path !== path) continue;
      // One that is not bound yet, or cannot be while offline, may have been saved too.
      const fileId = this.#saves.fileOf(bound) ?? session.view.fileAt(path)?.fileId;
      if (fileId === undefined) continue;
      if (isReplaced) {
        await this.#saves.explainReplaced(bound, fileId, hash);
        continue;
      }
      const disk = await this.#saves.explainDisk(bound, fileId);
      if (disk) this.#background(this.#loads.found(bound, disk));
    }
    if (folderLog.putOf(path, hash)) return;
    await folderLog.append({ tag: 'denial', queryId, path, windowId });
  }

  #background(work: Promise<unknown>): void {
    work.catch((error: unknown) =>
      this.#parts.output.warn('editor.background', { error: String(error) }),
    );
  }
}

/**
 * Shows `to` in place of a document whose file has another name now; says false where the old tabs
 * stay. Keys that still reach the former document were pressed before those in its heir: the heir
 * sends none until they are in the world, and stands still until its cursor is where they will come
 * in. What others write goes to the heir alone: it would make the former ask before it closes.
 */
async function moveTabs(
  former: BoundDocument,
  to: vscode.TextDocument,
  heir: BoundDocument | undefined,
): Promise<boolean> {
  const sendAgain = heir?.holdBack();
  const enterFormer = await former.holdEntering();
  const enterHeir = await heir?.holdEntering();
  let isMoved = false;
  try {
    await showInTabsOf(former.document, to, () =>
      heir ? former.readPlacesIn(heir) : Promise.resolve((place) => place),
    ).finally(enterHeir);
    isMoved = await closeTabsOf(former.document);
  } finally {
    if (isMoved) void former.ended.then(sendAgain);
    else {
      sendAgain?.();
      enterFormer();
    }
  }
  return isMoved;
}
