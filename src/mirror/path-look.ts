/**
 * Owns: what is done about one path of the folder: what the disk has there, what was last put and what the world
 * has decide it (S10). Does not know: when paths are looked at, how anything is sent or put.
 */
import type { FileHead } from '../world/world-rows.ts';
import type { CarriedModes } from './carried-modes.ts';
import type { DiskFile } from './disk-files.ts';
import { type DiskIntake, isPaused } from './disk-intake.ts';
import { BlockedPath, type DiskPuts } from './disk-puts.ts';
import { hasTextOf } from './file-bytes.ts';
import { formatOf, isFormatOf } from './file-format.ts';
import type { FolderLineEnds } from './folder-line-ends.ts';
import { type PutRecord, removedPut } from './folder-log-entry.ts';
import type { FolderMirrorParts } from './folder-mirror-parts.ts';
import type { HeldWrites } from './held-writes.ts';
import type { LookQueue } from './look-queue.ts';
import type { MadeTwice } from './made-twice.ts';
import type { MirrorWaits } from './mirror-waits.ts';
import type { Newcomers } from './newcomers.ts';
import { isAt, type PathHeads } from './path-heads.ts';
import type { PathOutcomes } from './path-outcomes.ts';
import { DELETED, type ReplacedBytes } from './replaced-bytes.ts';
import type { FolderRestorations } from './restorations/folder-restorations.ts';
import { OtherSpelling } from './other-spelling.ts';
import { ToolWrite } from './tool-write.ts';
import type { UnmergedFiles } from './unmerged-files.ts';

/** A window that lives answers in the end, and one that ended is asked no more. */
const ASK_AGAIN_MS = 250;

export interface PathLookParts extends Pick<
  FolderMirrorParts,
  'files' | 'world' | 'log' | 'wasTyped' | 'isLocal' | 'output'
> {
  readonly heads: PathHeads;
  readonly held: HeldWrites;
  readonly intake: DiskIntake;
  readonly lineEnds: FolderLineEnds;
  readonly madeTwice: MadeTwice;
  readonly modes: CarriedModes;
  readonly newcomers: Newcomers;
  readonly outcomes: PathOutcomes;
  readonly puts: DiskPuts;
  readonly queue: LookQueue;
  readonly replaced: ReplacedBytes;
  readonly restorations: FolderRestorations | undefined;
  readonly unmerged: UnmergedFiles;
  readonly waits: MirrorWaits;
  /** True where git changed files in the folder at a moment, by `performance.now()`, or changes them now. */
  readonly isShut: (readMs: number) => boolean;
  readonly isHolding: () => boolean;
}

/** The moment in which a path was read. */
interface PathReading {
  /** `DiskFiles.readMs`. */
  readonly readMs: number;
  /** `FolderLog.putCount`. */
  readonly count: number;
}

export class PathLook {
  readonly #parts: PathLookParts;
  readonly #newcomers: Newcomers;
  readonly #outcomes: PathOutcomes;
  readonly #puts: DiskPuts;
  readonly #queue: LookQueue;
  readonly #restorations: FolderRestorations | undefined;
  readonly #spelling: OtherSpelling;
  readonly #waits: MirrorWaits;

  constructor(parts: PathLookParts) {
    this.#parts = parts;
    this.#spelling = new OtherSpelling(parts);
    this.#newcomers = parts.newcomers;
    this.#outcomes = parts.outcomes;
    this.#puts = parts.puts;
    this.#queue = parts.queue;
    this.#restorations = parts.restorations;
    this.#waits = parts.waits;
  }

  /** `in_step`: there is plainly nothing to do, which is the usual case; `unsteady`: nothing yet. */
  async stateOf(path: string): Promise<'in_step' | 'different' | 'unsteady'> {
    const { files, world, log } = this.#parts;
    const last = log.lastPut(path);
    const head = last && world.file(last.fileId);
    if (!last || !head || head.deleted || head.path !== path) return 'different';
    if (log.overwritten(path).length > 0 || log.waiting.of(path)) return 'different';
    if (log.saved.has(path)) return 'different';
    const disk = await files.see(path);
    if (disk === undefined) return 'different';
    const isHeld = log.holders(path).length > 0;
    if (disk.hash !== last.hash) {
      const isUnexplained = !isHeld && log.putOf(path, disk.hash) === undefined;
      // Who writes it may not be done: until then nobody needs to wait for its claim.
      if (!isUnexplained || this.#waits.isSteady(path, disk.hash)) return 'different';
      this.#restorations?.expect(head);
      return 'unsteady';
    }
    const isCurrent =
      last.version === head.version &&
      (await this.#parts.lineEnds.areInForm(path, head, disk.format));
    if (!isCurrent && (!isHeld || head.otherEnds)) return 'different';
    const wanted = await this.#parts.modes.wanted(path, disk, last, head);
    return this.#puts.hasMode(wanted, head) ? 'in_step' : 'different';
  }

  /** A file that is not there is left for later. */
  async bringInStep(path: string): Promise<'there' | 'missing' | 'circle'> {
    const { files, log } = this.#parts;
    const count = log.putCount(path);
    const found = await files.read(path);
    const { readMs } = files;
    if (this.#parts.isShut(readMs)) {
      this.#queue.look([path]);
      return 'there';
    }
    const last = log.lastPut(path);
    const head = await this.#parts.heads.of(path, last);
    if (found && (await this.#spelling.isOthers(path, isAt(head, path) ? head : undefined))) {
      this.#waits.isOver(path);
      return 'there';
    }
    const disk = found && (await this.#parts.modes.wanted(path, found, last, head));
    if (this.#queue.isCircle(path, stateOf(this.#parts, path, disk, head))) {
      this.#parts.output.warn('mirror.circle', { path });
      return 'circle';
    }
    const replaced = await this.#parts.replaced.takeIn(path, disk, head);
    if (replaced === 'unknown') this.#waits.lookLater(path, ASK_AGAIN_MS);
    if (replaced !== 'done') return 'there';
    if (await this.#restorations?.look(path, disk, head)) {
      // It is not for this mirror to find out more.
      this.#waits.isOver(path);
      return 'there';
    }
    if (disk === undefined) {
      this.#waits.isExplained(path);
      return 'missing';
    }
    this.#waits.isOver(path);
    await this.#thereIs(path, disk, last, head, { readMs, count });
    return 'there';
  }

  async #thereIs(
    path: string,
    disk: DiskFile,
    last: PutRecord | undefined,
    head: FileHead | undefined,
    { readMs, count }: PathReading,
  ): Promise<void> {
    const { files, log } = this.#parts;
    const isHeld = log.holders(path).length > 0;
    if (!log.putOf(path, disk.hash, disk.stamp) && isHeld) {
      const answer = await log.whoSaved(path, disk.hash, count);
      // To take the save of a busy window for a tool's writing would put its text there twice.
      if (answer === 'unanswered') return this.#waits.lookLater(path, ASK_AGAIN_MS);
      // Windows have told of saves meanwhile: what is there is compared with the last of them.
      if (log.lastPut(path) !== last) return this.#queue.again(path);
      // What every window has denied is what is there now, and not a save that another one has replaced.
      const now = await files.see(path);
      if (now?.hash !== disk.hash || now.stamp !== disk.stamp) return this.#queue.again(path);
    }
    const put = log.putOf(path, disk.hash, disk.stamp);
    if (put && put.stamp === disk.stamp && log.isFormerPut(put)) {
      // It is what is there, though somebody who had looked at the disk before told of it later.
      await log.append({ tag: 'put', ...put });
      return this.#queue.again(path);
    }
    const isTwins = last === undefined && !isAt(head, path) && log.judged(path)?.hash === disk.hash;
    if (put !== undefined && !isTwins) {
      this.#waits.isExplained(path);
      return this.#clean(path, disk, put, head);
    }
    if (await this.#parts.unmerged.holdsBack(path, readMs)) return this.#waits.isExplained(path);
    this.#outcomes.tooLarge.demandFits(disk);
    if (last === undefined || head === undefined) return this.#unknown(path, disk, head);
    if (!this.#waits.isSteady(path, disk.hash)) return;
    const write = new ToolWrite(this.#parts, { path, disk, last, head });
    if (await this.#isSaveOfEnded(write)) {
      await this.#parts.intake.remember(path, disk, head.fileId);
      return this.#queue.again(path);
    }
    if (await this.#isHeld(path, disk)) return;
    const result = await this.#parts.intake.change(write);
    await this.#outcomes.tell(path, result, disk.bytes);
    if (isPaused(result)) return;
    // What waits has been looked at: whatever happens there from now on is told.
    if (result.tag === 'waits') return;
    if (await this.#isTakenAsItIs(path, disk)) this.#outcomes.isInStep(path);
    else this.#queue.again(path);
  }

  /** Whoever wrote it is paused: it stays as it is. */
  async #isHeld(path: string, disk: DiskFile): Promise<boolean> {
    const held = await this.#parts.held.reason(path, disk.hash);
    if (held && !held.isTold) await this.#outcomes.tell(path, held.refused, disk.bytes);
    return held !== undefined;
  }

  /** The world has just what was read: another look would find nothing to do, and what comes now is told. */
  async #isTakenAsItIs(path: string, disk: DiskFile): Promise<boolean> {
    const { log, world } = this.#parts;
    const last = log.lastPut(path);
    const head = last && world.file(last.fileId);
    if (!last || last.hash !== disk.hash || last.version !== head?.version) return false;
    if (!isAt(head, path) || !this.#puts.hasMode(disk, head)) return false;
    if (log.overwritten(path).length > 0 || log.waiting.of(path)) return false;
    return this.#parts.lineEnds.areInForm(path, head, formatOf(disk.bytes));
  }

  /** A window may end between a save and telling of it. */
  async #isSaveOfEnded({ content, last, head }: ToolWrite): Promise<boolean> {
    if (content.kind !== 'text' || head.kind !== 'text') return false;
    if (head.version > last.version) {
      const newest = await this.#parts.world.read(head.fileId);
      if (newest.kind === 'text' && newest.text.toString() === content.text) return true;
    }
    const since = last.version || this.#parts.log.lastVersion(last.path);
    return this.#parts.wasTyped(head.fileId, content.text, since);
  }

  /** The disk has what was put there: the world may have moved on. */
  async #clean(
    path: string,
    disk: DiskFile,
    put: PutRecord,
    head: FileHead | undefined,
  ): Promise<void> {
    const { files, log, world } = this.#parts;
    if (!isAt(head, path)) {
      if (this.#parts.isHolding()) return;
      // Its new name gets what this disk has of its bits.
      const owner = world.file(put.fileId);
      const isElsewhere = owner?.deleted === false;
      // What is here is there as well: it is spelled in the new way from there.
      if (isElsewhere && (await this.#spelling.isRespelled(path, owner))) return;
      if (isElsewhere) this.#puts.willMove(put.fileId, disk);
      const last = log.lastPut(path);
      const removed = await files.remove(path, disk.hash);
      if (removed.tag === 'blocked') throw new BlockedPath();
      if (removed.tag === 'changed') return this.#queue.again(path);
      await log.append(removedPut(path, last));
      if (removed.tag === 'late') await this.#outcomes.tell(path, DELETED, removed.bytes);
      this.#queue.happened(path);
      const heir = world.fileAt(path);
      if (heir) this.#queue.again(path);
      return;
    }
    if (!this.#puts.hasMode(disk, head) && (await this.#isHeld(path, disk))) return;
    await this.#puts.alignMode(path, disk, head);
    const isCurrent =
      put.version === head.version &&
      (await this.#parts.lineEnds.areInForm(path, head, formatOf(disk.bytes)));
    const isHeld = log.holders(path).length > 0 && !isEvenedSave(head, disk.bytes);
    if (isCurrent || isHeld || this.#parts.isHolding()) return;
    // A tool is about to write there, on what it has seen.
    const waitMs = log.announced.waitMs(path);
    if (waitMs > 0) return this.#waits.lookLater(path, waitMs);
    await this.#puts.put(path, head, disk);
  }

  /** Nothing was ever put here: either side may have it new. */
  async #unknown(path: string, disk: DiskFile, head: FileHead | undefined): Promise<void> {
    if (head === undefined || head.deleted) {
      if (this.#parts.isLocal(path, disk.bytes)) return;
      if (await this.#isHeld(path, disk)) return;
      return this.#newcomers.add(path, disk);
    }
    if (await this.#parts.lineEnds.haveContentOf(path, head, disk.bytes)) {
      return this.#puts.found(path, disk, head);
    }
    if (this.#parts.log.holders(path).length > 0) return;
    // Line ends and the mark are those of the file that was in the world first. An older version is what
    // was here before others went on with the file: nobody made that a second time.
    const isKnown =
      hasTextOf(head, disk.bytes) || (await this.#parts.world.hasHad(head, disk.bytes));
    const decision = isKnown ? 'replace' : this.#parts.madeTwice.decide(path);
    if (decision === 'wait') return;
    if (decision === 'propose') {
      return this.#newcomers.add(path, disk);
    }
    if (this.#parts.isHolding()) return;
    if (decision === 'copy') await this.#parts.madeTwice.copy(path, disk.bytes);
    await this.#puts.put(path, head, disk);
  }
}

/**
 * True for what an editor's save leaves of a text with mixed line ends: editors have one kind for all lines. It is
 * put as it is to be, though an editor has it, which loads the same text then.
 */
function isEvenedSave(head: FileHead, bytes: Uint8Array): boolean {
  return head.otherEnds !== '' && hasTextOf(head, bytes) && !isFormatOf(head, formatOf(bytes));
}

/** All that decides what is done about a path, as far as the mirror itself may change it. */
function stateOf(
  { log, world }: Pick<FolderMirrorParts, 'log' | 'world'>,
  path: string,
  disk: DiskFile | undefined,
  head: FileHead | undefined,
): string {
  const last = log.lastPut(path);
  return JSON.stringify([
    [disk?.hash, disk?.isExecutable],
    [last?.fileId, last?.version, last?.hash, last?.executable],
    [head?.fileId, head?.path, head?.version, head?.deleted, head?.mode],
    [head?.eol, head?.otherEnds, head?.bom],
    [log.judged(path)?.hash, log.overwritten(path).length, log.holders(path).length],
    log.saved.entriesOf(path).map(({ hash }) => hash),
    world.inTheWay(path),
  ]);
}
