/**
 * Owns: of which bytes of the disk the text of each document is that is not live, and telling the folder's log of its
 * saves. Does not know: which documents are live, what a document is, what becomes of a save.
 */
import { type DiskFiles, hashOf } from '../mirror/disk-files.ts';
import type { FolderLog } from '../mirror/folder-log.ts';
import type { FolderLogEntry } from '../mirror/folder-log-entry.ts';
import type { SaveBase } from '../mirror/saved-files.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { Clock } from '../sync/ports.ts';
import type { WorldLog } from '../world/log.ts';
import type { Disposable } from './disposable-store.ts';
import type { AnnouncedDocument, DocumentSaves } from './document-saves.ts';

export interface PlainSavesParts {
  readonly session: { readonly view: Pick<WorldSession['view'], 'fileAt'> };
  readonly files: Pick<DiskFiles, 'read'>;
  readonly folderLog: FolderLog;
  readonly windowId: string;
  readonly saves: Pick<DocumentSaves, 'announce' | 'end'>;
  readonly clock: Pick<Clock, 'after'>;
  readonly output: Pick<WorldLog, 'warn'>;
}

/** A save that the editor has told nothing of for so long has failed. */
const WRITING_MS = 3_000;

/** A save from its announcement to its report. Whoever keeps the folder asks it before bytes are a tool's. */
interface Save {
  readonly path: string;
  readonly holder: string;
  isWriting: boolean;
  cancel: () => void;
}

/** `overtaken`: something else was told of the document meanwhile, or it is closed, or live. */
export type Loaded = 'loaded' | 'not_shown' | 'overtaken';

interface Shown {
  readonly path: string;
  /** Undefined while nobody knows. */
  on: SaveBase | undefined;
}

export class PlainSaves implements Disposable {
  readonly #parts: PlainSavesParts;
  readonly #shown = new Map<object, Shown>();
  /** When what is known of a document was told, or was forgotten: what was looked at before says nothing any more. */
  readonly #toldAt = new WeakMap<object, number>();
  /** The bytes of saves that are kept until it is known what became of them, by path. */
  readonly #kept = new Map<string, Set<string>>();
  readonly #saves = new Map<object, Save>();
  /** Of each document the save that the editor has told of last, while that is written down. Never rejects. */
  readonly #reports = new Map<object, Promise<unknown>>();
  #count = 0;
  #now = 0;
  readonly #stop: () => void;

  constructor(parts: PlainSavesParts) {
    this.#parts = parts;
    this.#stop = parts.folderLog.onEntry((entry) => {
      if (entry.tag === 'put' && entry.version > 0) this.#wasPut(entry);
      this.#dropKept(entry);
      if (entry.tag === 'query') this.#background(this.#answer(entry));
    });
  }

  dispose(): void {
    this.#stop();
    this.#shown.clear();
  }

  /**
   * The editor has loaded a file, perhaps just what is on disk: `isShown` says whether that is so. Else what is known
   * stays: of an older text a save says at the most that its user wrote what others did.
   */
  async loaded(
    document: object,
    path: string,
    isShown: (bytes: Uint8Array) => boolean | Promise<boolean>,
  ): Promise<Loaded> {
    const { files, folderLog, session } = this.#parts;
    const now = ++this.#now;
    const disk = await files.read(path);
    const isOfDisk = disk !== undefined && (await isShown(disk.bytes));
    if (isOfDisk) await folderLog.refresh();
    if (this.#isOvertaken(document, now)) return 'overtaken';
    if (!isOfDisk) return 'not_shown';
    const { hash, stamp } = disk;
    const put = folderLog.putOf(path, hash, stamp) ?? folderLog.newestPut(path, hash);
    const fileId = put?.fileId ?? session.view.fileAt(path)?.fileId;
    if (fileId === undefined) return 'not_shown';
    const version = put?.version ?? 0;
    const holds = version || folderLog.lastVersion(path);
    this.#set(document, { path, on: { fileId, version, hash, holds } }, now);
    return 'loaded';
  }

  /** What a document has that is live no more: text of a version, and what the world has heard of beyond that. */
  async shows(
    document: object,
    path: string,
    bytes: Uint8Array,
    { fileId, version }: Pick<SaveBase, 'fileId' | 'version'>,
  ): Promise<void> {
    const hash = hashOf(bytes);
    this.#set(document, { path, on: { fileId, version: 0, hash, holds: version } });
    await this.#parts.folderLog.keepText(hash, bytes);
  }

  /** Before a save, as `DocumentSaves.announce`. */
  async announce(announced: AnnouncedDocument): Promise<void> {
    const { folderLog, windowId, saves, clock } = this.#parts;
    const { document, path } = announced;
    await this.#reports.get(document);
    // The editor never told of the one before.
    await this.release(document);
    const holder = `${windowId} saves ${++this.#count}`;
    const save: Save = { path, holder, isWriting: false, cancel: () => undefined };
    this.#saves.set(document, save);
    try {
      await folderLog.append({ tag: 'hold', path, windowId: holder, pid: process.pid });
      await saves.announce(announced);
    } finally {
      save.isWriting = true;
      save.cancel = clock.after(WRITING_MS, () => {
        if (this.#saves.get(document) === save) this.#background(this.release(document));
      });
    }
  }

  /** After a save; the next one of the document waits for it. `tell` writes it down. */
  async report(document: object, path: string, tell: () => Promise<void>): Promise<void> {
    const work = async (): Promise<void> => {
      try {
        await tell();
      } finally {
        await this.end(document, path);
      }
    };
    const done = work();
    const settled = done.catch(() => undefined);
    this.#reports.set(document, settled);
    await settled;
    if (this.#reports.get(document) === settled) this.#reports.delete(document);
    await done;
  }

  /** What was announced is over, whether it happened or not. */
  async end(document: object, path: string): Promise<void> {
    await this.#parts.saves.end({ document, path });
    await this.release(document);
  }

  /** The same of one that is live by now: of its claim `DocumentSaves` takes care. */
  async release(document: object): Promise<void> {
    const save = this.#saves.get(document);
    if (!save) return;
    this.#saves.delete(document);
    save.cancel();
    const { path, holder } = save;
    await this.#parts.folderLog.append({ tag: 'release', path, windowId: holder });
  }

  /** Ends all saves that the editor has not told of. */
  async endAll(): Promise<void> {
    await Promise.all([...this.#saves.keys()].map((document) => this.release(document)));
  }

  /** What is on disk before a save has begun to write is none. After that the answer is that it is over. */
  async #answer({
    queryId,
    path,
    isReplaced,
  }: FolderLogEntry & { readonly tag: 'query' }): Promise<void> {
    const { folderLog } = this.#parts;
    for (const save of this.#saves.values()) {
      if (save.path !== path || (save.isWriting && !isReplaced)) continue;
      await folderLog.append({ tag: 'denial', queryId, path, windowId: save.holder });
    }
  }

  /** The editor has saved a document: the log says so. A tool may write over it before anybody has looked. */
  async saved(document: object, path: string): Promise<void> {
    const { files, folderLog, session } = this.#parts;
    const now = ++this.#now;
    const shown = this.#shown.get(document);
    const on = shown?.path === path ? shown.on : undefined;
    const disk = await files.read(path);
    const fileId = session.view.fileAt(path)?.fileId;
    if (!disk || fileId === undefined) return;
    const { hash, stamp } = disk;
    const holds = on?.holds ?? folderLog.lastVersion(path);
    // It may be closed by now.
    if (!this.#isOvertaken(document, now)) {
      this.#set(document, { path, on: { fileId, version: 0, hash, holds } }, now);
    }
    if (folderLog.lastPut(path)?.hash === hash) return;
    await folderLog.keepText(hash, disk.bytes, true);
    const kept = this.#kept.get(path) ?? new Set();
    this.#kept.set(path, kept.add(hash));
    await folderLog.append({ tag: 'saved', path, hash, stamp, on });
  }

  /** Nobody waits for it. */
  #background(work: Promise<unknown>): void {
    work.catch((error: unknown) =>
      this.#parts.output.warn('editor.save_untold', { error: String(error) }),
    );
  }

  forget(document: object): void {
    this.#shown.delete(document);
    this.#toldAt.set(document, ++this.#now);
  }

  #isOvertaken(document: object, now: number): boolean {
    return now < (this.#toldAt.get(document) ?? 0);
  }

  #set(document: object, shown: Shown, now = ++this.#now): void {
    this.#shown.set(document, shown);
    this.#toldAt.set(document, now);
  }

  #wasPut({ path, fileId, version, hash }: FolderLogEntry & { readonly tag: 'put' }): void {
    for (const shown of this.#shown.values()) {
      if (shown.path !== path || shown.on?.hash !== hash) continue;
      shown.on = { fileId, version, hash, holds: version };
    }
  }

  /** Of text that is a version the world has it; what else the log speaks of it goes on keeping. */
  #dropKept(entry: FolderLogEntry): void {
    if (entry.tag !== 'put' && entry.tag !== 'judged' && entry.tag !== 'overwritten') return;
    const { folderLog } = this.#parts;
    const { path, hash } = entry;
    const kept = this.#kept.get(path);
    if (!kept) return;
    const isVersion = entry.tag === 'put' && entry.version > 0;
    if (!isVersion) kept.delete(hash);
    const shown = [...this.#shown.values()].filter((each) => each.path === path);
    const saves = folderLog.saved.entriesOf(path);
    const needed = new Set([...shown, ...saves].map(({ on }) => on?.hash));
    for (const each of saves) needed.add(each.hash);
    for (const each of kept) {
      if (needed.has(each) && !(isVersion && each === hash)) continue;
      kept.delete(each);
      folderLog.dropText(each).catch(() => undefined);
    }
    if (kept.size === 0) this.#kept.delete(path);
  }
}
