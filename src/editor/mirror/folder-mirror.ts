/**
 * Owns: keeping one folder in step with its world, both ways, file by file (S10): what to do about
 * each difference between the disk, what was last put there, and the world. Does not know: which
 * window holds the lease, editors, watchers; those tell it which paths to look at.
 */
import { contentBytes, detectContent } from '../../world/text-format.ts';
import type { FileAt } from '../../world/file-reader.ts';
import type { WorldLog } from '../../world/log.ts';
import type { FileHead } from '../../world/world-rows.ts';
import {
  type DiskFault,
  type DiskFile,
  type DiskFiles,
  diskFaultOf,
  hashOf,
} from './disk-files.ts';
import { DiskIntake, type IntakeResult } from './disk-intake.ts';
import type { FolderLog, PutRecord } from './folder-log.ts';
import type { MirrorEvent } from './mirror-event.ts';
import { MirrorStopped, type MirrorWorld } from './mirror-world.ts';

export interface FolderMirrorParts {
  readonly files: DiskFiles;
  readonly world: MirrorWorld;
  readonly log: FolderLog;
  /**
   * True when a window typed this text of a file, on a version that is not older than the given
   * one, and keeps its edits: then nobody else wrote it, even if no window tells of the save.
   */
  readonly wasTyped: (fileId: number, text: string, sinceVersion: number) => Promise<boolean>;
  /** True for a file that is there for this machine's sake only and belongs into no world. */
  readonly isLocal: (path: string, bytes: Uint8Array) => boolean;
  /** Keeps a copy of bytes that are about to be replaced; returns where. */
  readonly keepCopy: (path: string, bytes: Uint8Array) => Promise<string>;
  /** Calls once after a delay in milliseconds; the returned function cancels it. */
  readonly after: (delayMs: number, fire: () => void) => () => void;
  /** True while it is being found out which new files belong into the world. */
  readonly isGathering: () => boolean;
  readonly report: (event: MirrorEvent) => void;
  readonly output: WorldLog;
}

interface DiskTrouble {
  readonly fault: DiskFault;
  readonly retryMs: number;
}

/** A file that vanished may be on its way to another name, or about to be written anew. */
const VANISHED_MS = 300;
/** What a tool writes in several steps is taken in when it has stayed the same for so long. */
const STEADY_MS = 100;
/** A window that lives answers in the end, and one that ended is asked no more. */
const ASK_AGAIN_MS = 250;
const RETRY_MS = 2_000;
const MAX_RETRY_MS = 60_000;

interface UnsteadyBytes {
  readonly hash: string;
  readonly isDue: boolean;
  readonly cancel: () => void;
}

/** Looks at one path after the other; asking for a path again while it waits is free. */
export class FolderMirror {
  readonly #parts: FolderMirrorParts;
  readonly #intake: DiskIntake;
  readonly #queue = new Set<string>();
  readonly #timers = new Map<string, () => void>();
  /** Paths that wait for something, and need not wait a second time. */
  readonly #waited = new Set<string>();
  /** Paths that the disk refused at the last look. */
  readonly #troubles = new Map<string, DiskTrouble>();
  /** What unexplained bytes were at the last look, and whether they have had time to change. */
  readonly #unsteady = new Map<string, UnsteadyBytes>();
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(parts: FolderMirrorParts) {
    this.#parts = parts;
    this.#intake = new DiskIntake(parts.files, parts.world, parts.log);
  }

  /** Says that something about these paths may have changed. */
  look(paths: Iterable<string>): void {
    for (const path of paths) this.#queue.add(path);
    if (!this.#isStopped && this.#queue.size > 0) this.#running ??= this.#run();
  }

  /** Resolves when there is nothing left to do now. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  stop(): void {
    this.#isStopped = true;
    this.#queue.clear();
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    for (const { cancel } of this.#unsteady.values()) cancel();
    this.#unsteady.clear();
  }

  async #run(): Promise<void> {
    // Everything asked for in this turn is known before the first path is looked at.
    await Promise.resolve();
    for (const path of this.#queue) {
      this.#queue.delete(path);
      try {
        await this.#parts.log.refresh();
        if (!this.#isStopped) await this.#reconcile(path);
        this.#troubles.delete(path);
      } catch (error) {
        if (error instanceof MirrorStopped || this.#isStopped) break;
        this.#failed(path, error);
      }
    }
    this.#running = undefined;
    if (this.#queue.size > 0) this.look([]);
  }

  /** Nothing is given up: the path is looked at again, the later the longer it fails. */
  #failed(path: string, error: unknown): void {
    const { output, report } = this.#parts;
    const fault = diskFaultOf(error);
    const code = fault ?? 'mirror_failed';
    output.warn('mirror.failed', { path, code, error: String(error) });
    const former = this.#troubles.get(path);
    const retryMs = Math.min(former ? former.retryMs * 2 : RETRY_MS, MAX_RETRY_MS);
    this.#lookLater(path, retryMs);
    if (fault === undefined) return;
    const isTold = [...this.#troubles.values()].some((trouble) => trouble.fault === fault);
    this.#troubles.set(path, { fault, retryMs });
    if (!isTold) report({ tag: 'stuck', path, fault });
  }

  async #reconcile(path: string): Promise<void> {
    if (await this.#isInStep(path)) return;
    const unclaim = await this.#parts.log.claim(path);
    try {
      if (!this.#isStopped) await this.#bringInStep(path);
    } finally {
      await unclaim();
    }
  }

  /** True when there is plainly nothing to do, which is the usual case. */
  async #isInStep(path: string): Promise<boolean> {
    const { files, world, log } = this.#parts;
    const last = log.lastPut(path);
    const head = last && world.file(last.fileId);
    if (!last || !head || head.deleted || head.path !== path) return false;
    if (log.overwritten(path).length > 0) return false;
    const disk = await files.read(path);
    const isCurrent = last.version === head.version || log.holders(path).length > 0;
    return disk !== undefined && disk.hash === last.hash && isCurrent;
  }

  async #bringInStep(path: string): Promise<void> {
    const { files, world, log } = this.#parts;
    const disk = await files.read(path);
    const last = log.lastPut(path);
    const head = (last && world.file(last.fileId)) ?? world.fileAt(path);
    await this.#takeOverwritten(path, disk, head);
    if (disk === undefined) return this.#missing(path, last, head);
    this.#waited.delete(path);
    const isHeld = log.holders(path).length > 0;
    if (!log.putOf(path, disk.hash) && isHeld) {
      const answer = await log.whoSaved(path, disk.hash);
      // To take the save of a busy window for a tool's writing would put its text there twice.
      if (answer === 'unanswered') return this.#lookLater(path, ASK_AGAIN_MS);
    }
    const put = log.putOf(path, disk.hash);
    if (put !== undefined) return this.#clean(path, disk, put, head);
    if (last === undefined) return this.#unknown(path, disk, head);
    if (!this.#isSteady(path, disk.hash)) return;
    if (head && (await this.#isSaveOfEnded(disk, last, head))) {
      await this.#intake.remember(path, disk, head.fileId);
      return this.look([path]);
    }
    await this.#tell(path, await this.#intake.change(path, disk, last, head), disk.bytes);
    this.look([path]);
  }

  /** What a tool wrote and a save replaced, before there was time to take it in. */
  async #takeOverwritten(
    path: string,
    disk: DiskFile | undefined,
    head: FileHead | undefined,
  ): Promise<void> {
    const { log } = this.#parts;
    for (const { hash, base } of log.overwritten(path)) {
      const bytes = await log.readText(hash);
      // Where the save did not happen the bytes are taken in from the disk.
      if (bytes && disk?.hash !== hash) {
        const result: IntakeResult =
          head === undefined || head.deleted
            ? { tag: 'refused', message: 'The file is deleted' }
            : await this.#intake.overwritten(path, bytes, base, head);
        await this.#tell(path, result, bytes);
      }
      await log.append({ tag: 'taken', path, hash });
    }
  }

  /** A window may end between a save and telling of it. */
  async #isSaveOfEnded(disk: DiskFile, last: PutRecord, head: FileHead): Promise<boolean> {
    const content = detectContent(disk.bytes);
    if (content.kind !== 'text' || head.kind !== 'text') return false;
    if (head.version > last.version) {
      const newest = await this.#parts.world.read(head.fileId);
      if (newest.kind === 'text' && newest.text.toString() === content.text) return true;
    }
    return this.#parts.wasTyped(head.fileId, content.text, last.version);
  }

  /** The disk has what was put there: the world may have moved on. */
  async #clean(
    path: string,
    disk: DiskFile,
    put: PutRecord,
    head: FileHead | undefined,
  ): Promise<void> {
    const { files, log, world } = this.#parts;
    const isHere = head !== undefined && !head.deleted && head.path === path;
    if (!isHere) {
      await files.remove(path);
      await log.append({ tag: 'removed', path });
      const heir = world.fileAt(path);
      if (heir) this.look([path]);
      return;
    }
    if (disk.isExecutable !== (head.mode === 'executable') && process.platform !== 'win32') {
      // Put without its mode; a change of the mode on disk alone is seen when the text changes.
      await files.setExecutable(path, head.mode === 'executable');
    }
    if (put.version === head.version || log.holders(path).length > 0) return;
    await this.#put(path, head, disk.hash);
  }

  /** Nothing was ever put here: either side may have it new. */
  async #unknown(path: string, disk: DiskFile, head: FileHead | undefined): Promise<void> {
    if (head === undefined || head.deleted) {
      if (this.#parts.isLocal(path, disk.bytes)) return;
      // What the world does not take stays on disk as it is: there is nothing to put in its place.
      const result = await this.#intake.create(path, disk);
      return this.#tell(path, result, undefined);
    }
    const bytes = bytesOf(head, await this.#parts.world.read(head.fileId));
    if (hashOf(bytes) !== disk.hash) {
      if (this.#parts.log.holders(path).length > 0) return;
      await this.#parts.keepCopy(path, disk.bytes);
    }
    await this.#put(path, head, disk.hash);
  }

  async #missing(
    path: string,
    last: PutRecord | undefined,
    head: FileHead | undefined,
  ): Promise<void> {
    const { log, world } = this.#parts;
    const isHere = head !== undefined && !head.deleted && head.path === path;
    if (!isHere) {
      if (last) await log.append({ tag: 'removed', path });
      const heir = last && world.fileAt(path);
      if (heir) this.look([path]);
      return;
    }
    if (last === undefined) {
      if (log.holders(path).length === 0) await this.#put(path, head, undefined);
      return;
    }
    if (this.#waitOnce(path, VANISHED_MS)) return;
    // One of the new files may be this one under another name.
    if (this.#parts.isGathering()) return this.#lookLater(path, VANISHED_MS);
    this.#waited.delete(path);
    await this.#tell(path, await this.#intake.vanished(path, last, head, this.#queue), undefined);
    this.look([path]);
  }

  /** `bytes` are about to give way to the world's: what it did not take of them is copied first. */
  async #tell(path: string, result: IntakeResult, bytes: Uint8Array | undefined): Promise<void> {
    const { report, keepCopy } = this.#parts;
    if (result.tag === 'ticketed') report({ tag: 'ticketed', path, ticketId: result.ticketId });
    if (result.tag !== 'refused') return;
    const copy = bytes === undefined ? '' : await keepCopy(path, bytes);
    report({ tag: 'refused', path, message: result.message, copy });
  }

  /** Writes the world's content, unless the disk changed since it was read. */
  async #put(path: string, head: FileHead, expectedHash: string | undefined): Promise<void> {
    const { files, world, log } = this.#parts;
    const content = await world.read(head.fileId);
    const bytes = bytesOf(head, content);
    const put: PutRecord = {
      path,
      fileId: head.fileId,
      version: content.version,
      hash: hashOf(bytes),
    };
    const now = await files.read(path);
    if (now?.hash !== expectedHash || this.#isStopped) {
      this.look([path]);
      return;
    }
    if (now?.hash !== put.hash) {
      await log.append({ tag: 'putting', ...put });
      const isWritten = await files.write(path, bytes, head.mode === 'executable');
      if (!isWritten) throw new BlockedPath();
    }
    await log.append({ tag: 'put', ...put });
    const newest = world.file(head.fileId);
    if (newest && newest.version > content.version) this.look([path]);
  }

  /** True the first time: the path will be looked at again after a delay. */
  #waitOnce(path: string, delayMs: number): boolean {
    if (this.#waited.has(path)) return false;
    this.#waited.add(path);
    this.#lookLater(path, delayMs);
    return true;
  }

  /** False while a tool may be in the middle of writing: a half-written file is not a change. */
  #isSteady(path: string, hash: string): boolean {
    const seen = this.#unsteady.get(path);
    if (seen?.hash === hash) {
      if (seen.isDue) this.#unsteady.delete(path);
      return seen.isDue;
    }
    seen?.cancel();
    const cancel = this.#parts.after(STEADY_MS, () => {
      const now = this.#unsteady.get(path);
      if (now?.hash === hash) this.#unsteady.set(path, { ...now, isDue: true });
      this.look([path]);
    });
    this.#unsteady.set(path, { hash, isDue: false, cancel });
    return false;
  }

  #lookLater(path: string, delayMs: number): void {
    this.#timers.get(path)?.();
    const cancel = this.#parts.after(delayMs, () => {
      this.#timers.delete(path);
      this.look([path]);
    });
    this.#timers.set(path, cancel);
  }
}

/** A link, or a folder, is where a file should be. */
class BlockedPath extends Error {
  readonly code = 'EEXIST';

  constructor() {
    super('something that is not a file is in the way');
    this.name = 'BlockedPath';
  }
}

/** A file's bytes on disk: text with the line ends and the mark that the world knows of it. */
export function bytesOf({ eol, bom }: Pick<FileHead, 'eol' | 'bom'>, content: FileAt): Uint8Array {
  return content.kind === 'binary'
    ? content.bytes
    : contentBytes({ kind: 'text', text: content.text.toString(), eol, bom });
}
