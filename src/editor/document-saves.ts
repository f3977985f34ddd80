/**
 * Owns: the saves of this window's bound documents as the folder's log tells of them: nobody else
 * writes a file while it is saved, what a save replaces goes into the world, and the bytes on disk
 * are explained by whoever wrote them. Does not know: which documents are bound, the mirror.
 */
import { type DiskFile, type DiskFiles, hashOf } from '../mirror/disk-files.ts';
import type { FolderLog } from '../mirror/folder-log.ts';
import type { PutRecord } from '../mirror/folder-log-entry.ts';
import { mirrorWorldOf } from '../mirror/mirror-world.ts';
import type { LineEnd } from '../core/op-payload.ts';
import { otherLines } from '../core/other-ends.ts';
import type { IdSource, VersionedText } from '../sync/ports.ts';
import { contentBytes, detectContent, type FileContent } from '../world/text-format.ts';
import type { WorldSession } from '../world/world-session.ts';
import { SAVE_ANSWER_MS, within } from './in-time.ts';
import type { TextsSince } from './recent-texts.ts';

export interface DocumentSavesParts {
  readonly session: WorldSession;
  readonly files: DiskFiles;
  readonly folderLog: FolderLog;
  readonly ids: IdSource;
  /** Keeps a copy of bytes that are about to be replaced. */
  readonly keepCopy: (path: string, bytes: Uint8Array) => Promise<string>;
  /** Ends what waits for the world. */
  readonly signal: AbortSignal;
  readonly times?: SaveTimes;
}

/** A document that is bound, as far as its saves go. */
export interface SavedDocument {
  /** Stays the same from the announcement of a save to its report. */
  readonly document: object;
  /** The file whose text it has, though that may have another name by now. */
  readonly shownFileId: number | undefined;
  /** Its path in the world. */
  readonly path: string;
  readonly eol: LineEnd;
  /** The line ends that the document had from the world, or from the disk, last. */
  readonly followedEol: LineEnd;
  readonly binding:
    { flushed(): Promise<void>; readonly state: { readonly confirmed: VersionedText } } | undefined;
  /** The texts that a save may write which begins now. */
  textsFromNow(): TextsSince;
  /** True when the document has had this text by editing, lately or since some moment: a save may have written it. */
  hadText(text: string, since?: TextsSince): Promise<boolean>;
  /** What a save wrote that is just reported and that began at some moment, where the disk has `after`. */
  savedText(after: string, since?: TextsSince): Promise<string | undefined>;
  /** Resolves when it has what was done in the world before this was called. */
  caughtUp(): Promise<void>;
  /** Resolves when all has been heard that the editor had to tell before this was called. */
  heardAll(): Promise<void>;
}

/** The same of any document, as far as its next save is announced. */
export type AnnouncedDocument = Pick<
  SavedDocument,
  'document' | 'shownFileId' | 'path' | 'textsFromNow' | 'caughtUp'
> & { readonly binding: Pick<NonNullable<SavedDocument['binding']>, 'flushed'> | undefined };

/** How long a save may wait until what somebody else wrote to the disk is in the world. */
const TAKE_IN_MS = 800;

/** How long what editors do is waited for, in milliseconds. */
export interface SaveTimes {
  /** The editor waits for so long before it saves. */
  readonly announcedMs: number;
  /** A save that the editor has told nothing of for so long has failed. */
  readonly writingMs: number;
  /** A save that was not announced is told of so soon after it is on disk. */
  readonly untoldMs: number;
  /** What a save has replaced is asked about within so long. */
  readonly toldMs: number;
}

const SAVE_TIMES: SaveTimes = {
  announcedMs: SAVE_ANSWER_MS,
  writingMs: 3_000,
  untoldMs: 250,
  toldMs: 5_000,
};

/** A save from its announcement to its report. */
interface Save {
  /** Which file's text it writes. */
  readonly fileId: number | undefined;
  /** What it may write. */
  readonly texts: TextsSince;
  /** What was on disk before it. */
  before?: FileContent | undefined;
  /** Gives back the claim of the path, once there is one. */
  unclaim?: () => Promise<void>;
  /** What somebody wrote to the disk and nobody has taken in yet: the save will replace it. */
  atRisk?: AtRisk | undefined;
  /** When the editor was told to go on, or did so, as `performance.now()`. */
  writingSinceMs?: number;
  isOver: boolean;
  readonly over: PromiseWithResolvers<void>;
}

interface Report {
  readonly save: Save | undefined;
  /** It is written down what was saved. */
  readonly explained: Promise<void>;
}

interface ToldSave {
  readonly texts: TextsSince;
  /** As `performance.now()`. */
  readonly atMs: number;
}

interface AtRisk extends Pick<DiskFile, 'bytes' | 'hash' | 'stamp'> {
  readonly base: PutRecord | undefined;
  /** When it was looked at (`putCount`). */
  readonly count: number;
  /** A save that the log knows of, and that nobody is asked about. */
  readonly isSave: boolean;
}

export class DocumentSaves {
  readonly #parts: DocumentSavesParts;
  readonly #times: SaveTimes;
  /** Saves that were announced and of which the editor has not told. */
  readonly #saves = new Map<object, Save>();
  /** Of each document the save that the editor has told of last, while that is written down. */
  readonly #reports = new Map<object, Report>();
  /** The last saves of each document that the editor has told of. */
  readonly #told = new WeakMap<object, readonly ToldSave[]>();
  /** What documents have saved that were not bound (`stampOf`). */
  readonly #unbound = new WeakMap<object, string>();
  /** What documents have not saved (`stampOf`), though it is a text that they had. */
  readonly #denied = new WeakMap<object, string>();

  constructor(parts: DocumentSavesParts) {
    this.#parts = parts;
    this.#times = parts.times ?? SAVE_TIMES;
  }

  /**
   * Before a save: nobody else writes the file now, and what somebody wrote is in the world. Resolves after a
   * time in any case.
   */
  async announce(bound: AnnouncedDocument): Promise<void> {
    const { document } = bound;
    const report = this.#reports.get(document);
    const former = this.#saves.get(document);
    const save: Save = {
      fileId: bound.shownFileId,
      texts: bound.textsFromNow(),
      isOver: false,
      over: Promise.withResolvers(),
    };
    this.#saves.set(document, save);
    const ready = async (): Promise<void> => {
      await report?.explained;
      if (report?.save) await this.#close(bound, report.save);
      // The editor never told of it.
      if (former) await this.#close(bound, former);
      await this.#prepare(bound, save);
    };
    try {
      await within(this.#times.announcedMs, ready());
    } finally {
      save.writingSinceMs = performance.now();
    }
  }

  async #prepare(bound: AnnouncedDocument, save: Save): Promise<void> {
    const { path } = bound;
    const { folderLog } = this.#parts;
    // The editor does not wait for long: what is on disk is looked at before anything is waited for.
    await this.#lookAtDisk(path, save);
    // Should the window end before it can report the save, its journal explains the bytes.
    await bound.binding?.flushed();
    await this.#claim(path, save);
    await this.#lookAtDisk(path, save);
    const { atRisk, writingSinceMs } = save;
    if (atRisk === undefined || writingSinceMs !== undefined) return;
    // What waits for an answer is not taken in, however long the save waits: the user gives one by it.
    if (folderLog.waiting.of(path)?.hash === atRisk.hash) return this.#handOver(path, save);
    await this.#unclaim(save);
    await folderLog.append({ tag: 'look', path });
    await this.#takenIn(bound, atRisk);
    await this.#claim(path, save);
    await this.#lookAtDisk(path, save);
    if (save.writingSinceMs === undefined) await this.#handOver(path, save);
  }

  /** The file that the save under way is of, or one would be that begins now; undefined where that is not known. */
  fileOf({ document, shownFileId }: SavedDocument): number | undefined {
    return this.#saves.get(document)?.fileId ?? shownFileId;
  }

  /** After a save. */
  async report(bound: SavedDocument, fileId: number): Promise<void> {
    const { document } = bound;
    const save = this.#saves.get(document);
    this.#saves.delete(document);
    const told = { texts: save?.texts ?? bound.textsFromNow(), atMs: performance.now() };
    this.#told.set(document, [...this.#toldOf(document), told]);
    const explain = (): Promise<void> => this.#explainSave(bound, fileId, save);
    const former = this.#reports.get(document)?.explained ?? Promise.resolve();
    const report = { save, explained: former.then(explain, explain) };
    this.#reports.set(document, report);
    try {
      await report.explained;
      await this.#tellFormat(bound, fileId, save);
    } finally {
      if (this.#reports.get(document) === report) this.#reports.delete(document);
      if (save) await this.#close(bound, save);
    }
  }

  /** After a save of a document that is not bound: it is told of when it is, or when somebody asks. */
  async note(bound: SavedDocument): Promise<void> {
    const disk = await this.#parts.files.read(bound.path);
    if (disk?.stamp === undefined || !(await bound.hadText(textOf(disk.bytes)))) return;
    this.#unbound.set(bound.document, disk.stamp);
  }

  /** What was announced is over, whether it happened or not. */
  async end(bound: Pick<SavedDocument, 'document' | 'path'>): Promise<void> {
    const save = this.#saves.get(bound.document);
    this.#saves.delete(bound.document);
    if (save) await this.#close(bound, save);
  }

  async #close({ path }: Pick<SavedDocument, 'path'>, save: Save): Promise<void> {
    save.isOver = true;
    save.over.resolve();
    await this.#handOver(path, save);
    await this.#unclaim(save);
  }

  /**
   * False while a save would replace what somebody else wrote: it waits for an answer, is not in the world
   * yet, or is not in the document.
   */
  async mayReplaceDisk(bound: SavedDocument): Promise<boolean> {
    const { files, folderLog } = this.#parts;
    const { path } = bound;
    const isKnown = async (): Promise<boolean> => {
      const disk = await files.read(path);
      await folderLog.refresh();
      if (folderLog.waiting.of(path)) return false;
      return !disk || folderLog.putOf(path, disk.hash, disk.stamp) !== undefined;
    };
    if (!(await isKnown())) {
      await folderLog.append({ tag: 'look', path });
      return false;
    }
    // Whoever keeps the folder may have written down what it took in before the document has it.
    await bound.caughtUp();
    return isKnown();
  }

  /**
   * Tells of what this window has saved, once it is certain that it did. Resolves with what is on disk if no
   * window has told of that.
   */
  async explainDisk(bound: SavedDocument, fileId: number): Promise<DiskFile | undefined> {
    if ((await this.#unexplained(bound)) === undefined) return undefined;
    await this.#allTold(bound, fileId);
    const disk = await this.#unexplained(bound);
    if (disk === undefined) return undefined;
    if (disk.stamp !== undefined && this.#unbound.get(bound.document) === disk.stamp) {
      await this.#recordPut(bound, fileId, textOf(disk.bytes), disk);
      return undefined;
    }
    const isDenied = disk.stamp !== undefined && this.#denied.get(bound.document) === disk.stamp;
    if (isDenied || this.#parts.signal.aborted) return disk;
    if (!(await bound.hadText(textOf(disk.bytes)))) return disk;
    // It may be a save that was not announced. Where no news of it comes, a tool has put the text back.
    await new Promise((resolve) => setTimeout(resolve, this.#times.untoldMs));
    await this.#allTold(bound, fileId);
    const left = await this.#unexplained(bound);
    if (left?.stamp !== undefined) this.#denied.set(bound.document, left.stamp);
    return left;
  }

  /**
   * Writes a text in the place of what was saved last, where that is still on disk. Resolves with what puts that
   * back.
   */
  async writeInstead(
    bound: SavedDocument,
    fileId: number,
    text: string,
  ): Promise<(() => Promise<void>) | undefined> {
    const { folderLog, files } = this.#parts;
    const { path } = bound;
    const unclaim = await folderLog.claim(path);
    try {
      const saved = await files.read(path);
      await folderLog.refresh();
      const content = saved && detectContent(saved.bytes);
      if (content?.kind !== 'text' || folderLog.lastPut(path)?.hash !== saved?.hash)
        return undefined;
      const { eol, bom } = content;
      const bytes = contentBytes({ kind: 'text', text, eol, bom });
      const written = { ...saved!, bytes, hash: hashOf(bytes) };
      if (!(await this.#exchange(bound, fileId, saved!, written, text))) return undefined;
      return () => this.#putBack(bound, fileId, written, saved!, content.text);
    } finally {
      await unclaim();
    }
  }

  async #putBack(
    bound: SavedDocument,
    fileId: number,
    written: DiskFile,
    saved: DiskFile,
    text: string,
  ): Promise<void> {
    const unclaim = await this.#parts.folderLog.claim(bound.path);
    try {
      await this.#exchange(bound, fileId, written, saved, text);
    } finally {
      await unclaim();
    }
  }

  /** False where the disk has something else by now. */
  async #exchange(
    bound: SavedDocument,
    fileId: number,
    from: DiskFile,
    to: DiskFile,
    text: string,
  ): Promise<boolean> {
    const { files, folderLog } = this.#parts;
    const { path } = bound;
    const { bytes, hash, isExecutable } = to;
    const base = folderLog.lastPut(path);
    // Should the window end in between, it is known whose bytes they are.
    await this.#recordPut(bound, fileId, text, { bytes, hash }, undefined, 'putting');
    const expected = { hash: from.hash, executable: isExecutable };
    const written = await files.write(path, bytes, expected);
    if (written.tag !== 'done' && written.tag !== 'late') return false;
    const disk = await files.read(path);
    const stamp = disk?.hash === hash ? disk.stamp : undefined;
    await this.#recordPut(bound, fileId, text, { bytes, hash, stamp });
    if (written.tag === 'late') await this.#overwrote(path, written.bytes, base);
    return true;
  }

  /**
   * The same of bytes that are on disk no more and were on top of `base`: only what saves may have written that were
   * told of just before, since a tool may have put back any other text.
   */
  async explainReplaced(bound: SavedDocument, fileId: number, hash: string): Promise<void> {
    const { folderLog } = this.#parts;
    await this.#allTold(bound, fileId);
    const [oldest] = this.#toldOf(bound.document);
    const bytes = await folderLog.readText(hash);
    if (!oldest || !bytes || !(await bound.hadText(textOf(bytes), oldest.texts))) return;
    const top = folderLog.lastPut(bound.path);
    await this.#recordPut(bound, fileId, textOf(bytes), { bytes, hash }, top);
  }

  #toldOf(document: object): readonly ToldSave[] {
    const sinceMs = performance.now() - this.#times.toldMs;
    return (this.#told.get(document) ?? []).filter(({ atMs }) => atMs > sinceMs);
  }

  /** Resolves when every save is written down that may have happened by now. */
  async #allTold(bound: SavedDocument, fileId: number): Promise<void> {
    const { document } = bound;
    const isEnding = this.#parts.signal.aborted;
    if (!isEnding) await bound.heardAll();
    const save = this.#saves.get(document);
    if (save?.writingSinceMs !== undefined) {
      // Of a window that ends nothing is told any more.
      if (isEnding) await this.#explainSave(bound, fileId, save);
      else
        await within(
          save.writingSinceMs + this.#times.writingMs - performance.now(),
          save.over.promise,
        );
    }
    await this.#reports.get(document)?.explained;
  }

  async #unexplained({ path }: SavedDocument): Promise<DiskFile | undefined> {
    const { files, folderLog } = this.#parts;
    const disk = await files.read(path);
    await folderLog.refresh();
    return disk && !folderLog.putOf(path, disk.hash, disk.stamp) ? disk : undefined;
  }

  /** What a save wrote is the last put, also where it was put once before. */
  async #explainSave(bound: SavedDocument, fileId: number, save: Save | undefined): Promise<void> {
    const { files, folderLog } = this.#parts;
    const { path } = bound;
    const disk = await files.read(path);
    if (!disk) return;
    await folderLog.refresh();
    const last = folderLog.lastPut(path);
    if (last?.hash === disk.hash && last.stamp === disk.stamp) return;
    const text = textOf(disk.bytes);
    if (await bound.hadText(text, save?.texts)) {
      return this.#recordPut(bound, fileId, text, disk);
    }
    // Something wrote on top of what was saved, before the save could be told of.
    if (folderLog.putOf(path, disk.hash, disk.stamp)) return;
    await this.#recordSaved(bound, fileId, disk, save?.texts);
  }

  /**
   * Resolves when what somebody wrote is in the world and in the document, or after a time. The editor writes
   * what the document has by then.
   */
  async #takenIn(bound: AnnouncedDocument, { hash }: AtRisk): Promise<void> {
    const inDocument = this.#parts.folderLog
      .isExplained(bound.path, hash, TAKE_IN_MS)
      .then((isExplained) => (isExplained ? bound.caughtUp() : undefined));
    await within(TAKE_IN_MS, inDocument);
  }

  async #lookAtDisk(path: string, save: Save): Promise<void> {
    const { files, folderLog } = this.#parts;
    const count = folderLog.putCount(path);
    const disk = await files.read(path);
    // It may be what the save itself has written.
    if (save.isOver || save.writingSinceMs !== undefined) return;
    save.before = disk && detectContent(disk.bytes);
    save.atRisk = undefined;
    if (!disk || folderLog.putOf(path, disk.hash, disk.stamp)) return;
    const isAsked = folderLog.waiting.of(path)?.hash === disk.hash;
    const isSave = !isAsked && folderLog.saved.isSave(path, disk);
    save.atRisk = { ...disk, base: folderLog.lastPut(path), count, isSave };
  }

  async #claim(path: string, save: Save): Promise<void> {
    const unclaim = await this.#parts.folderLog.claim(path);
    // The editor has saved without waiting for us.
    if (save.isOver) await unclaim();
    else save.unclaim = unclaim;
  }

  async #unclaim(save: Save): Promise<void> {
    const { unclaim } = save;
    delete save.unclaim;
    await unclaim?.();
  }

  /** The mirror gets the bytes that a save replaces. */
  async #handOver(path: string, save: Save): Promise<void> {
    const { folderLog } = this.#parts;
    const { atRisk } = save;
    save.atRisk = undefined;
    if (atRisk === undefined) return;
    const { bytes, hash, stamp, base, count, isSave } = atRisk;
    await folderLog.refresh();
    // The log knows what it was made on, and what was made on it: handed over it would be proposed twice.
    if (isSave) return;
    if (folderLog.putOf(path, hash, stamp)) return;
    if (folderLog.isPutAfter(path, hash, count)) return;
    await this.#overwrote(path, bytes, base);
  }

  /** What somebody wrote on top of `base`, and this window replaced, is taken in by whoever keeps the folder. */
  async #overwrote(path: string, bytes: Uint8Array, base: PutRecord | undefined): Promise<void> {
    const { folderLog, keepCopy } = this.#parts;
    // An empty file is one that somebody is about to write.
    if (base === undefined || bytes.length === 0) {
      await keepCopy(path, bytes);
      return;
    }
    const hash = hashOf(bytes);
    await folderLog.keepText(hash, bytes);
    await folderLog.append({ tag: 'overwritten', path, hash, base });
  }

  /** What came after it is a change of the saved text, not of the one that was put before. */
  async #recordSaved(
    bound: SavedDocument,
    fileId: number,
    disk: DiskFile,
    since: TextsSince | undefined,
  ): Promise<void> {
    const { folderLog } = this.#parts;
    const { path } = bound;
    const content = detectContent(disk.bytes);
    if (content.kind !== 'text') return;
    const text = await bound.savedText(content.text, since);
    if (text === undefined) return;
    const bytes = contentBytes({ kind: 'text', text, eol: bound.eol, bom: content.bom });
    await this.#recordPut(bound, fileId, text, { bytes, hash: hashOf(bytes) });
    await folderLog.append({ tag: 'look', path });
  }

  async #recordPut(
    { binding, path }: SavedDocument,
    fileId: number,
    text: string,
    { bytes, hash, stamp }: Pick<DiskFile, 'bytes' | 'hash' | 'stamp'>,
    top?: PutRecord,
    tag: 'put' | 'putting' = 'put',
  ): Promise<void> {
    const { folderLog } = this.#parts;
    const confirmed = binding?.state.confirmed;
    const isConfirmed = confirmed?.text.toString() === text;
    const version = isConfirmed ? (confirmed?.version ?? 0) : 0;
    if (version === 0) await folderLog.keepText(hash, bytes);
    await folderLog.append(
      { tag, path, fileId, version, hash, stamp },
      ...(top ? [{ tag: 'put' as const, ...top }] : []),
    );
  }

  /** Line ends and byte order mark are the user's to change: what this save changed of them, and no more. */
  async #tellFormat(
    { path, followedEol }: SavedDocument,
    fileId: number,
    save: Save | undefined,
  ): Promise<void> {
    const { session, files, ids, signal } = this.#parts;
    const before = save?.before;
    const disk = await files.read(path);
    const after = disk && detectContent(disk.bytes);
    const head = session.view.files.get(fileId);
    if (before?.kind !== 'text' || after?.kind !== 'text') return;
    // What is saved under a name that the file has no more says nothing of it.
    if (head?.path !== path) return;
    // What others changed of it meanwhile was in the document already, and is no change of this save's.
    const isUsers = before.eol !== after.eol && after.eol !== followedEol;
    const eol = isUsers && hasLineEnds(before, after) ? after.eol : head.eol;
    const bom = before.bom === after.bom ? head.bom : after.bom;
    const world = mirrorWorldOf(session, () => ids.next(), signal);
    if (isUsers && head.otherEnds) {
      // Whoever sets line ends in an editor sets all of them.
      const all = otherLines('', head.lineCount - 1);
      const lines = eol === 'crlf' ? { crlf: all, lf: '' } : { crlf: '', lf: all };
      await world.setLineEnds(head, head.version, lines);
    }
    const newest = session.view.files.get(fileId) ?? head;
    if ((eol === newest.eol || newest.otherEnds) && bom === newest.bom) return;
    const { mode } = newest;
    await world.setMode(newest, { mode, eol: newest.otherEnds ? newest.eol : eol, bom });
  }
}

type TextContent = Extract<FileContent, { kind: 'text' }>;

/** A text of one line says nothing about line ends. */
function hasLineEnds(...contents: readonly TextContent[]): boolean {
  return contents.every(({ text }) => text.includes('\n'));
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).replaceAll('\r\n', '\n');
}
