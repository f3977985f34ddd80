/**
 * Owns: what somebody wrote on disk and something else replaced before there was time to take it in: it is taken
 * in all the same. Does not know: who replaced it.
 */
import type { FileHead } from '../world/world-rows.ts';
import { type DiskFile, hashOf } from './disk-files.ts';
import { type DiskIntake, type IntakeResult, isPaused, UNKNOWN_BASE } from './disk-intake.ts';
import type { PutRecord } from './folder-log-entry.ts';
import type { FolderMirrorParts } from './folder-mirror-parts.ts';
import { GONE, type HeldWrites } from './held-writes.ts';
import type { Newcomers } from './newcomers.ts';
import type { PathOutcomes } from './path-outcomes.ts';
import type { FolderRestorations } from './restorations/folder-restorations.ts';
import { ToolWrite, type WrittenFile } from './tool-write.ts';

export interface ReplacedBytesParts extends Pick<FolderMirrorParts, 'log' | 'world'> {
  readonly held: HeldWrites;
  readonly intake: DiskIntake;
  readonly newcomers: Newcomers;
  readonly outcomes: PathOutcomes;
  readonly restorations: FolderRestorations | undefined;
  readonly again: (path: string) => void;
}

export const DELETED: IntakeResult = {
  tag: 'refused',
  code: 'deleted',
  message: 'The file is deleted',
};

export class ReplacedBytes {
  readonly #parts: ReplacedBytesParts;

  constructor(parts: ReplacedBytesParts) {
    this.#parts = parts;
  }

  /**
   * What a tool wrote and a save replaced, or the other way round, before there was time to take it in. `unknown`: it
   * is not known yet whether it was another window's save; `again`: the path is looked at once more.
   */
  async takeIn(
    path: string,
    disk: DiskFile | undefined,
    head: FileHead | undefined,
  ): Promise<'done' | 'again' | 'unknown'> {
    const { log, restorations, intake, outcomes } = this.#parts;
    if (await this.#takeSave(path, disk, head)) {
      // What is there is compared with what was saved.
      this.#parts.again(path);
      return 'again';
    }
    for (const { hash, base } of log.overwritten(path)) {
      const isOpen = disk?.hash !== hash && log.holders(path).length > 0;
      const answer = isOpen ? await log.whoSaved(path, hash, log.putCount(path), true) : 'denied';
      if (answer === 'unanswered') return 'unknown';
      const bytes = await log.readText(hash);
      // Where the save did not happen the bytes are taken in from the disk; where it came while they
      // were, they are in the world already.
      const isKnown = answer === 'saved' || log.isPutSince(path, hash, base);
      if (bytes && disk?.hash !== hash && !isKnown) {
        // It is kept until its author may write again.
        if (await this.#isHeld(path, disk)) continue;
        const result: IntakeResult =
          head === undefined || head.deleted
            ? DELETED
            : ((await restorations?.overwritten(path, bytes, base, head)) ??
              (await intake.overwritten(path, bytes, base, head)));
        await outcomes.tell(path, result, bytes);
        if (isPaused(result)) continue;
      }
      await log.append({ tag: 'taken', path, hash });
    }
    return 'done';
  }

  /** What a window saved and a tool then wrote over: the save comes in first. Resolves false where there is none. */
  async #takeSave(
    path: string,
    disk: DiskFile | undefined,
    head: FileHead | undefined,
  ): Promise<boolean> {
    const { log, outcomes } = this.#parts;
    const save = log.saved.replaced(path, disk);
    const last = log.lastPut(path);
    if (!save || log.overwritten(path).some(({ hash }) => hash === save.hash)) return false;
    const { hash } = save;
    const bytes = await log.readText(hash);
    if (bytes && (await this.#isHeld(path, disk))) return false;
    if (bytes && last && head && !head.deleted) {
      const saved = { bytes, hash, isExecutable: last.executable ?? disk?.isExecutable ?? false };
      const result = await this.#judgeSave({ path, disk: saved, last, head });
      await outcomes.tell(path, result, bytes);
      return !isPaused(result);
    }
    if (bytes) await outcomes.tell(path, last && head ? DELETED : UNKNOWN_BASE, bytes);
    await log.append({ tag: 'taken', path, hash });
    return true;
  }

  /** Told of once, as what is on disk. */
  async #isHeld(path: string, disk: DiskFile | undefined): Promise<boolean> {
    const held = await this.#parts.held.reason(path, disk?.hash ?? GONE);
    if (held && !held.isTold) await this.#parts.outcomes.tell(path, held.refused, undefined);
    return held !== undefined;
  }

  /** The folder's log knows what became of it from now on, unless its author is paused. */
  async #judgeSave(written: WrittenFile): Promise<IntakeResult> {
    const { log, world, intake, restorations } = this.#parts;
    const { path, disk, last, head } = written;
    const write = new ToolWrite({ world, log }, written);
    if (!write.isOwnSave) {
      // Of which text it was made is not known: it is a tool's writing that was replaced.
      const result = await restorations?.overwritten(path, disk.bytes, last, head);
      if (result) {
        // What replaced it may have been made on top of it.
        if (!isPaused(result)) await intake.remember(path, disk, head.fileId, 0, last);
        return result;
      }
    }
    return intake.change(write);
  }

  /** What somebody wrote just before it was replaced is still to be taken in. */
  async handOver(path: string, bytes: Uint8Array, base: PutRecord | undefined): Promise<void> {
    const { log, newcomers, outcomes } = this.#parts;
    const hash = hashOf(bytes);
    if (base === undefined) {
      const late = { bytes, hash, isExecutable: false };
      return outcomes.tell(path, await newcomers.take(path, late), bytes);
    }
    await log.keepText(hash, bytes);
    await log.append({ tag: 'overwritten', path, hash, base });
    this.#parts.again(path);
  }
}
