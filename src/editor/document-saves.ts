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
import type { IdSource, VersionedText } from '../sync/ports.ts';
import { contentBytes, detectContent, type FileContent } from '../world/text-format.ts';
import type { WorldSession } from '../world/world-session.ts';

export interface DocumentSavesParts {
  readonly session: WorldSession;
  readonly files: DiskFiles;
  readonly folderLog: FolderLog;
  readonly ids: IdSource;
  /** Keeps a copy of bytes that are about to be replaced. */
  readonly keepCopy: (path: string, bytes: Uint8Array) => Promise<string>;
  /** Ends what waits for the world. */
  readonly signal: AbortSignal;
}

/** A document that is bound, as far as its saves go. */
export interface SavedDocument {
  /** Stays the same from the announcement of a save to its report. */
  readonly document: object;
  /** Its path in the world. */
  readonly path: string;
  readonly eol: LineEnd;
  /** The line ends that the document had from the world, or from the disk, last. */
  readonly followedEol: LineEnd;
  readonly binding:
    { flushed(): Promise<void>; readonly state: { readonly confirmed: VersionedText } } | undefined;
  /** True when the document has had this text lately by editing, and none that is `isPut` since. */
  hadText(text: string, isPut?: (text: string) => boolean): Promise<boolean>;
  /** What a save wrote that is just reported, where the disk has `after`. */
  savedText(after: string): Promise<string | undefined>;
}

/** How long a save may wait until what somebody else wrote to the disk is in the world. */
const TAKE_IN_MS = 1_000;

/** A save from its announcement to its report. */
interface Save {
  /** What was on disk before it. */
  before?: FileContent | undefined;
  /** Gives back the claim of the path, once there is one. */
  unclaim?: () => Promise<void>;
  /** What somebody wrote to the disk and nobody has taken in yet: the save will replace it. */
  atRisk?: AtRisk | undefined;
  isOver: boolean;
}

interface AtRisk extends Pick<DiskFile, 'bytes' | 'hash'> {
  readonly base: PutRecord | undefined;
}

export class DocumentSaves {
  readonly #parts: DocumentSavesParts;
  /** Saves that were announced and have not been reported. */
  readonly #saves = new Map<object, Save>();

  constructor(parts: DocumentSavesParts) {
    this.#parts = parts;
  }

  /** Before a save: nobody else writes the file now, and what somebody wrote is in the world. */
  async announce(bound: SavedDocument): Promise<void> {
    const { document, path } = bound;
    const { folderLog } = this.#parts;
    await this.end(bound);
    const save: Save = { isOver: false };
    this.#saves.set(document, save);
    // The editor does not wait for long: what is on disk is looked at before anything is waited for.
    await this.#lookAtDisk(path, save);
    // Should the window end before it can report the save, its journal explains the bytes.
    await bound.binding?.flushed();
    await this.#claim(path, save);
    await this.#lookAtDisk(path, save);
    const { atRisk } = save;
    if (atRisk === undefined || save.isOver) return;
    // What waits for an answer is not taken in, however long the save waits: the user gives one by it.
    if (folderLog.waiting.of(path)?.hash === atRisk.hash) return this.#handOver(path, save);
    await this.#unclaim(save);
    await folderLog.append({ tag: 'look', path });
    await folderLog.isExplained(path, atRisk.hash, TAKE_IN_MS);
    await this.#claim(path, save);
    await this.#lookAtDisk(path, save);
    if (!save.isOver) await this.#handOver(path, save);
  }

  /** After a save. */
  async report(bound: SavedDocument, fileId: number): Promise<void> {
    try {
      const disk = await this.#explainSave(bound, fileId);
      // Something wrote on top of what was saved, before the save could be told of.
      if (disk) await this.#recordSaved(bound, fileId, disk);
      await this.#tellFormat(bound, fileId);
    } finally {
      await this.end(bound);
    }
  }

  /** A save is over, whether it happened or not. */
  async end({ document, path }: SavedDocument): Promise<void> {
    const save = this.#saves.get(document);
    if (save === undefined) return;
    this.#saves.delete(document);
    save.isOver = true;
    await this.#handOver(path, save);
    await this.#unclaim(save);
  }

  /**
   * What an editor saved before it was bound is the binding's to send, not the mirror's to find.
   * Resolves with what is on disk if it is still not explained.
   */
  async explainDisk(bound: SavedDocument, fileId: number): Promise<DiskFile | undefined> {
    const { files, folderLog } = this.#parts;
    const { path, eol } = bound;
    const disk = await files.read(path);
    if (!disk || folderLog.putOf(path, disk.hash)) return undefined;
    const { bom } = detectContent(disk.bytes) as { bom?: boolean };
    const last = folderLog.lastPut(path)?.hash;
    // A text that the document had before what is known to be saved since is no save: git may have it.
    const isPut = (text: string): boolean =>
      hashOf(contentBytes({ kind: 'text', text, eol, bom: bom ?? false })) === last;
    const isSaving = this.#saves.has(bound.document);
    const text = textOf(disk.bytes);
    if (!(await bound.hadText(text, isSaving ? undefined : isPut))) return disk;
    await this.#recordPut(bound, fileId, text, disk);
    return undefined;
  }

  /** The same after a save: what it wrote is the last put, also where it was put once before. */
  async #explainSave(bound: SavedDocument, fileId: number): Promise<DiskFile | undefined> {
    const { files, folderLog } = this.#parts;
    const { path } = bound;
    const disk = await files.read(path);
    if (!disk || folderLog.lastPut(path)?.hash === disk.hash) return undefined;
    const text = textOf(disk.bytes);
    if (await bound.hadText(text)) await this.#recordPut(bound, fileId, text, disk);
    else if (!folderLog.putOf(path, disk.hash)) return disk;
    return undefined;
  }

  async #lookAtDisk(path: string, save: Save): Promise<void> {
    const { files, folderLog } = this.#parts;
    const disk = await files.read(path);
    if (save.isOver) return;
    save.before = disk && detectContent(disk.bytes);
    const isExplained = !disk || folderLog.putOf(path, disk.hash) !== undefined;
    save.atRisk = isExplained ? undefined : { ...disk, base: folderLog.lastPut(path) };
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
    const { folderLog, keepCopy } = this.#parts;
    const { atRisk } = save;
    save.atRisk = undefined;
    if (atRisk === undefined || folderLog.putOf(path, atRisk.hash)) return;
    const { bytes, hash, base } = atRisk;
    // An empty file is one that somebody is about to write.
    if (base === undefined || bytes.length === 0) {
      await keepCopy(path, bytes);
      return;
    }
    await folderLog.keepText(hash, bytes);
    await folderLog.append({ tag: 'overwritten', path, hash, base });
  }

  /** What came after it is a change of the saved text, not of the one that was put before. */
  async #recordSaved(bound: SavedDocument, fileId: number, disk: DiskFile): Promise<void> {
    const { folderLog } = this.#parts;
    const { path } = bound;
    const content = detectContent(disk.bytes);
    const text = content.kind === 'text' ? await bound.savedText(content.text) : undefined;
    if (content.kind !== 'text' || text === undefined) return;
    const bytes = contentBytes({ kind: 'text', text, eol: bound.eol, bom: content.bom });
    await this.#recordPut(bound, fileId, text, { bytes, hash: hashOf(bytes) });
    await folderLog.append({ tag: 'look', path });
  }

  async #recordPut(
    { binding, path }: SavedDocument,
    fileId: number,
    text: string,
    { bytes, hash }: Pick<DiskFile, 'bytes' | 'hash'>,
  ): Promise<void> {
    const { folderLog } = this.#parts;
    const confirmed = binding?.state.confirmed;
    const isConfirmed = confirmed?.text.toString() === text;
    const version = isConfirmed ? (confirmed?.version ?? 0) : 0;
    if (version === 0) await folderLog.keepText(hash, bytes);
    await folderLog.append({ tag: 'put', path, fileId, version, hash });
  }

  /** Line ends and byte order mark are the user's to change: what this save changed of them, and no more. */
  async #tellFormat({ document, path, followedEol }: SavedDocument, fileId: number): Promise<void> {
    const { session, files, ids, signal } = this.#parts;
    const before = this.#saves.get(document)?.before;
    const disk = await files.read(path);
    const after = disk && detectContent(disk.bytes);
    const head = session.view.files.get(fileId);
    if (before?.kind !== 'text' || after?.kind !== 'text' || !head) return;
    // What others changed of it meanwhile was in the document already, and is no change of this save's.
    const isUsers = before.eol !== after.eol && after.eol !== followedEol;
    const eol = isUsers && hasLineEnds(before, after) ? after.eol : head.eol;
    const bom = before.bom === after.bom ? head.bom : after.bom;
    if (eol === head.eol && bom === head.bom) return;
    const world = mirrorWorldOf(session, () => ids.next(), signal);
    await world.setMode(head, { mode: head.mode, eol, bom });
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
