/**
 * Owns: keeping one folder in step with its world, both ways, file by file (S10): what to do about
 * each difference between the disk, what was last put there, and the world. Does not know: which
 * window holds the lease, editors, watchers; those tell it which paths to look at.
 */
import { detectContent } from '../world/text-format.ts';
import { inLanes } from '../world/in-lanes.ts';
import type { WorldLog } from '../world/log.ts';
import type { FileHead } from '../world/world-rows.ts';
import { type DiskFile, type DiskFiles, diskFaultOf, FileTooLarge, hashOf } from './disk-files.ts';
import { DiskIntake, type IntakeResult } from './disk-intake.ts';
import { hasTextOf } from './file-bytes.ts';
import { BlockedPath, DiskPuts } from './disk-puts.ts';
import { DiskTroubles } from './disk-troubles.ts';
import { type FolderGit, NO_GIT } from './folder-git.ts';
import { FolderLineEnds } from './folder-line-ends.ts';
import type { FolderLog } from './folder-log.ts';
import type { PutRecord } from './folder-log-entry.ts';
import { GitGate } from './git-gate.ts';
import type { MirrorEvent } from './mirror-event.ts';
import { MadeTwice } from './made-twice.ts';
import { LookProgress, type MirrorProgress } from './look-progress.ts';
import { LinkInTheWay } from './pinned-folder.ts';
import { Newcomers, type UnfitFile } from './newcomers.ts';
import { Obstacles } from './obstacles.ts';
import { OwnLooks } from './own-looks.ts';
import { MirrorWaits } from './mirror-waits.ts';
import { FolderRestorations, type RestorationPorts } from './restorations/folder-restorations.ts';
import { TooLarge, type TooLargeParts } from './too-large.ts';
import { MirrorStopped, type MirrorWorld } from './mirror-world.ts';

export interface FolderMirrorParts extends Pick<TooLargeParts, 'limits' | 'onInside'> {
  readonly files: DiskFiles;
  readonly world: MirrorWorld;
  readonly log: FolderLog;
  /** What git does in the folder; nothing where it is left out. */
  readonly git?: FolderGit | undefined;
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
  /** Files that nobody has told of are to be looked for; `isGathering` from now on until they are. */
  readonly searchStrangers: () => void;
  /** True while what others do is to stay off the disk. */
  readonly isHolding?: () => boolean;
  readonly report: (event: MirrorEvent) => void;
  /** Without them a tool's writing is an edit, whatever it puts back. */
  readonly restorations?: RestorationPorts | undefined;
  /** Everything in the folder is to be looked at. */
  readonly lookAtAll?: (() => void) | undefined;
  /** The folder was gone and is another one now, at the same place. */
  readonly onFolderBack?: (() => void) | undefined;
  /** Many files are being looked at; the last of them is told too. */
  readonly onProgress?: ((progress: MirrorProgress) => void) | undefined;
  /** The world does not take a file that is new on disk, where it stays. */
  readonly onOutside: (path: string, refusal: Extract<IntakeResult, { tag: 'refused' }>) => void;
  readonly output: WorldLog;
}

const DELETED: IntakeResult = {
  tag: 'refused',
  code: 'deleted',
  message: 'The file is deleted',
};

/** A file that vanished may be on its way to another name, or about to be written anew. */
const VANISHED_MS = 300;
/** A window that lives answers in the end, and one that ended is asked no more. */
const ASK_AGAIN_MS = 250;
/** So many paths are claimed at once: what a window wants of one of them waits for all. */
const GROUP = 256;
/** So many files are read, or put, at a time. */
const LANES = 32;

/** Looks at paths, many at a time; asking for a path again while it waits is free. */
export class FolderMirror {
  readonly #parts: FolderMirrorParts;
  readonly #intake: DiskIntake;
  readonly #git: FolderGit;
  readonly #gate: GitGate;
  readonly #lineEnds: FolderLineEnds;
  readonly #newcomers: Newcomers;
  readonly #queue = new Set<string>();
  readonly #ownLooks = new OwnLooks();
  readonly #obstacles = new Obstacles();
  readonly #waits: MirrorWaits;
  readonly #restorations: FolderRestorations | undefined;
  /** Paths that the disk refused at the last look. */
  readonly #troubles = new DiskTroubles();
  readonly #puts: DiskPuts;
  readonly #tooLarge: TooLarge;
  /** Paths at which the disk and the world have files that do not know of each other. */
  readonly #madeTwice: MadeTwice;
  /** The paths that wait and may be another name of a file that vanished. */
  readonly #strangers = new Set<string>();
  /** Under way once for the paths that are looked at together. */
  #catchingUp: Promise<void> | undefined;
  readonly #progress: LookProgress;
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(parts: FolderMirrorParts) {
    this.#parts = parts;
    this.#git = parts.git ?? NO_GIT;
    this.#gate = new GitGate(this.#git);
    const lineEnds = new FolderLineEnds(this.#git);
    this.#lineEnds = lineEnds;
    this.#waits = new MirrorWaits(parts.after, (path) => this.look([path]));
    this.#madeTwice = new MadeTwice(parts);
    this.#puts = new DiskPuts({
      ...parts,
      lineEnds,
      isStopped: () => this.#isStopped,
      isShut: () => this.#gate.isShut,
      isHolding: () => this.#isHolding,
      look: (path) => this.look([path]),
      again: (path) => this.#again(path),
      handOver: (path, bytes, base) => this.#handOver(path, bytes, base),
    });
    this.#intake = new DiskIntake(
      parts.world,
      parts.log,
      async (...write) => (await this.#restorations?.holdsBack(...write)) ?? false,
      lineEnds,
    );
    this.#tooLarge = new TooLarge(parts);
    this.#progress = new LookProgress(parts.onProgress);
    this.#newcomers = new Newcomers({
      ...parts,
      lineEnds,
      obstacles: this.#obstacles,
      isMissing: (path) => this.#waits.isWaiting(path),
      tell: (path, result, bytes) => this.#tell(path, result, bytes),
      again: (path) => this.#again(path),
      failed: (path, error) => this.#trying(path, () => Promise.reject(error)),
    });
    this.#restorations = parts.restorations && this.#restorationsBy(parts.restorations);
  }

  /** Says that something about these paths may have changed. */
  look(paths: Iterable<string>): void {
    for (const path of paths) {
      this.#ownLooks.reason(path);
      this.#enqueue(path);
      this.happened(path);
    }
    this.#begin();
  }

  /** Something happened at a path that need not be a file's: whoever waited for that is looked at. */
  happened(path: string): void {
    for (const freed of this.#obstacles.freedBy(path)) {
      this.#ownLooks.reason(freed);
      this.#enqueue(freed);
    }
    this.#begin();
  }

  /** Looks at a path again after something was done about it; only where that has changed something. */
  #again(path: string): void {
    this.#enqueue(path);
    this.#begin();
  }

  #enqueue(path: string): void {
    const { log, world } = this.#parts;
    this.#queue.add(path);
    if (!log.lastPut(path) && !world.fileAt(path)) this.#strangers.add(path);
  }

  #begin(): void {
    if (!this.#isStopped && this.#queue.size > 0) this.#running ??= this.#run();
  }

  /** Files that are larger than the world takes. */
  get tooLarge(): Iterable<string> {
    return this.#tooLarge.paths;
  }

  /** These files stay out of the world until the ones they are twins of have other names. */
  setAside(paths: Iterable<string>): void {
    this.#newcomers.setAside(paths);
  }

  /** These files are in the folder under names that no file of a world may have. */
  foundUnfit(found: Iterable<UnfitFile>): Promise<void> {
    return this.#newcomers.foundUnfit(found);
  }

  /** Resolves when there is nothing left to do now. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** Takes up what waits for an answer; the world is known by now. */
  async start(): Promise<void> {
    await this.#restorations?.start();
  }

  /** What waits for an answer; undefined where nothing is asked about. */
  get restorations(): FolderRestorations | undefined {
    return this.#restorations;
  }

  stop(): void {
    this.#isStopped = true;
    this.#gate.stop();
    this.#restorations?.stop();
    this.#queue.clear();
    this.#strangers.clear();
    this.#waits.stop();
  }

  async #run(): Promise<void> {
    // Everything asked for in this turn is known before the first path is looked at.
    await Promise.resolve();
    for (;;) {
      // What comes while git works is looked at afterwards, all of it together.
      if (this.#queue.size > 0) await this.#gate.opened();
      if (this.#queue.size === 0 || this.#isStopped) break;
      const group = this.#takeGroup();
      try {
        await this.#lookAt(group);
      } catch (error) {
        for (const path of group) this.#failed(path, error);
      }
      // What belongs together, and how many they are, is known once everything was looked at.
      if (this.#queue.size === 0) await this.#newcomers.moveAll();
      if (this.#queue.size === 0) this.look(this.#madeTwice.ripen());
      this.#tellProgress(group);
    }
    this.#madeTwice.told();
    this.#ownLooks.ended();
    for (const event of this.#troubles.takeUntold()) this.#parts.report(event);
    this.#running = undefined;
  }

  #takeGroup(): readonly string[] {
    const group = [...this.#queue].slice(0, GROUP);
    for (const path of group) {
      this.#queue.delete(path);
      this.#ownLooks.begins(path);
      this.#strangers.delete(path);
    }
    return group;
  }

  /** What is to be looked at once more is not done. */
  #tellProgress(group: readonly string[]): void {
    const isLeft = (path: string): boolean => this.#queue.has(path) || this.#waits.isUnsteady(path);
    const done = group.filter((path) => !isLeft(path)).length;
    this.#progress.looked(done, this.#queue.size + this.#waits.unsteadyCount);
  }

  async #lookAt(group: readonly string[]): Promise<void> {
    const { files, log } = this.#parts;
    await log.refresh();
    files.lookAnew();
    this.#restorations?.lookAnew();
    files.mostBytes = this.#tooLarge.mostBytes;
    const different: string[] = [];
    await inLanes(group, LANES, (path) =>
      this.#trying(path, async () => {
        // What was seen to be different is read once it can be taken in.
        const state = this.#waits.isUnsteady(path) ? 'different' : await this.#stateOf(path);
        if (state === 'in_step') this.#isInStep(path);
        else if (state === 'different') different.push(path);
      }),
    );
    if (different.length === 0 || this.#isStopped) return;
    const unclaim = await log.claimAll(different);
    try {
      await this.#bringAllInStep(different);
    } finally {
      await unclaim();
    }
  }

  async #bringAllInStep(paths: readonly string[]): Promise<void> {
    this.#parts.files.lookAnew();
    this.#catchingUp = undefined;
    const missing: string[] = [];
    await inLanes(paths, LANES, (path) =>
      this.#trying(path, async () => {
        const found = await this.#bringInStep(path);
        if (found === 'missing') missing.push(path);
        else if (found === 'there') this.#isWell(path);
        if (this.#newcomers.isMuch) await this.#newcomers.takeAll();
      }),
    );
    await this.#newcomers.takeAll();
    const leftOut = await this.#git.notCheckedOut(missing);
    // Not before: one of the new files may be this one under another name.
    await inLanes(missing, LANES, (path) =>
      this.#trying(path, async () => {
        // Whoever works here wants it so; the world keeps the file, and it is not put here.
        if (leftOut.has(path)) this.#waits.isOver(path);
        else await this.#missing(path);
        // What waits has not been tried yet.
        if (!this.#waits.isWaiting(path)) this.#isWell(path);
      }),
    );
  }

  /** A file that was away for a moment is not waited for any longer. */
  #isInStep(path: string): void {
    this.#waits.isOver(path);
    this.#isWell(path);
  }

  #isWell(path: string): void {
    this.#troubles.isWell(path);
    this.#tooLarge.fits(path);
  }

  /** Does what there is to do about a path; what fails is tried again later. */
  async #trying(path: string, work: () => Promise<void>): Promise<void> {
    if (this.#isStopped) return;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof MirrorStopped) && !this.#isStopped) this.#failed(path, error);
    }
  }

  /** Nothing is given up: the path is looked at again, the later the longer it fails. */
  #failed(path: string, error: unknown): void {
    // It is known what happened there: that it fails.
    this.#waits.isOver(path);
    const { output, world } = this.#parts;
    if (error instanceof FileTooLarge) {
      return this.#tooLarge.found(path, error, world.fileAt(path) !== undefined);
    }
    const fault = diskFaultOf(error);
    const code = fault ?? 'mirror_failed';
    output.warn('mirror.failed', { path, code, error: String(error) });
    this.#waits.lookLater(path, this.#troubles.failed(path, fault));
    if (fault === 'disk_in_the_way' || fault === 'disk_link') this.#obstacles.wait(path, path);
  }

  /** `in_step`: there is plainly nothing to do, which is the usual case; `unsteady`: nothing yet. */
  async #stateOf(path: string): Promise<'in_step' | 'different' | 'unsteady'> {
    const { files, world, log } = this.#parts;
    const last = log.lastPut(path);
    const head = last && world.file(last.fileId);
    if (!last || !head || head.deleted || head.path !== path) return 'different';
    if (log.overwritten(path).length > 0 || log.waiting.of(path)) return 'different';
    const disk = await files.read(path);
    if (disk === undefined) return 'different';
    const isHeld = log.holders(path).length > 0;
    if (disk.hash !== last.hash) {
      const isUnexplained = !isHeld && log.putOf(path, disk.hash) === undefined;
      // Who writes it may not be done: until then nobody needs to wait for its claim.
      return isUnexplained && !this.#waits.isSteady(path, disk.hash) ? 'unsteady' : 'different';
    }
    const isCurrent =
      last.version === head.version && (await this.#lineEnds.areInForm(path, head, disk.bytes));
    return (isCurrent || isHeld) && this.#puts.hasMode(disk, head) ? 'in_step' : 'different';
  }

  /** A file that is not there is left for later. */
  async #bringInStep(path: string): Promise<'there' | 'missing' | 'circle'> {
    const { files, log } = this.#parts;
    const disk = await files.read(path);
    if (this.#gate.isShut) {
      this.look([path]);
      return 'there';
    }
    const last = log.lastPut(path);
    const head = await this.#headOf(path, last);
    if (this.#ownLooks.isCircle(path, stateOf(this.#parts, path, disk, head))) {
      this.#parts.output.warn('mirror.circle', { path });
      return 'circle';
    }
    await this.#takeOverwritten(path, disk, head);
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
    await this.#thereIs(path, disk, last, head);
    return 'there';
  }

  async #thereIs(
    path: string,
    disk: DiskFile,
    last: PutRecord | undefined,
    head: FileHead | undefined,
  ): Promise<void> {
    const { log } = this.#parts;
    const isHeld = log.holders(path).length > 0;
    if (!log.putOf(path, disk.hash) && isHeld) {
      const answer = await log.whoSaved(path, disk.hash);
      // To take the save of a busy window for a tool's writing would put its text there twice.
      if (answer === 'unanswered') return this.#waits.lookLater(path, ASK_AGAIN_MS);
    }
    if (await this.#isPutBack(path, disk, last, head)) return;
    const put = log.putOf(path, disk.hash);
    const isTwins = last === undefined && !isAt(head, path) && log.judged(path)?.hash === disk.hash;
    if (put !== undefined && !isTwins) {
      this.#waits.isExplained(path);
      return this.#clean(path, disk, put, head);
    }
    this.#tooLarge.demandFits(disk);
    if (last === undefined || head === undefined) return this.#unknown(path, disk, head);
    if (!this.#waits.isSteady(path, disk.hash)) return;
    if (await this.#isSaveOfEnded(disk, last, head)) {
      await this.#intake.remember(path, disk, head.fileId);
      return this.#again(path);
    }
    await this.#tell(path, await this.#intake.change(path, disk, last, head), disk.bytes);
    this.#again(path);
  }

  /**
   * A file in an editor has bytes again that were put there before others. No save is under way while
   * the path is claimed, and each is the last put afterwards: so a tool has put them there.
   */
  async #isPutBack(
    path: string,
    disk: DiskFile,
    last: PutRecord | undefined,
    head: FileHead | undefined,
  ): Promise<boolean> {
    const { log } = this.#parts;
    if (!this.#restorations || !last || !head || !log.isFormerPut(path, disk.hash)) return false;
    if (!this.#waits.isSteady(path, disk.hash)) return true;
    if (!(await this.#restorations.holdsBack(path, disk, last, head))) return false;
    this.look([path]);
    return true;
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
      // Where the save did not happen the bytes are taken in from the disk; where it came while they
      // were, they are in the world already.
      if (bytes && disk?.hash !== hash && !log.isPutSince(path, hash, base)) {
        const result: IntakeResult =
          head === undefined || head.deleted
            ? DELETED
            : ((await this.#restorations?.overwritten(path, bytes, base, head)) ??
              (await this.#intake.overwritten(path, bytes, base, head)));
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
    if (!isAt(head, path)) {
      if (this.#isHolding) return;
      // Its new name gets what this disk has of its bits.
      const isElsewhere = world.file(put.fileId)?.deleted === false;
      if (isElsewhere) this.#puts.willMove(put.fileId, disk);
      const removed = await files.remove(path, disk.hash);
      if (removed.tag === 'blocked') throw new BlockedPath();
      if (removed.tag === 'changed') return this.#again(path);
      await log.append({ tag: 'removed', path });
      if (removed.tag === 'late') await this.#tell(path, DELETED, removed.bytes);
      this.happened(path);
      const heir = world.fileAt(path);
      if (heir) this.#again(path);
      return;
    }
    await this.#puts.alignMode(path, disk, head);
    const isCurrent =
      put.version === head.version && (await this.#lineEnds.areInForm(path, head, disk.bytes));
    if (isCurrent || log.holders(path).length > 0 || this.#isHolding) return;
    await this.#puts.put(path, head, disk);
  }

  /** Nothing was ever put here: either side may have it new. */
  async #unknown(path: string, disk: DiskFile, head: FileHead | undefined): Promise<void> {
    if (head === undefined || head.deleted) {
      if (this.#parts.isLocal(path, disk.bytes)) return;
      return this.#newcomers.add(path, disk);
    }
    if (await this.#lineEnds.haveContentOf(path, head, disk.bytes)) {
      return this.#puts.found(path, disk, head);
    }
    if (this.#parts.log.holders(path).length > 0) return;
    // Line ends and the mark are those of the file that was in the world first. An older version is what
    // was here before others went on with the file: nobody made that a second time.
    const isKnown =
      hasTextOf(head, disk.bytes) || (await this.#parts.world.hasHad(head, disk.bytes));
    const decision = isKnown ? 'replace' : this.#madeTwice.decide(path);
    if (decision === 'wait') return;
    if (decision === 'propose') {
      return this.#newcomers.add(path, disk);
    }
    if (this.#isHolding) return;
    if (decision === 'copy') await this.#madeTwice.copy(path, disk.bytes);
    await this.#puts.put(path, head, disk);
  }

  async #missing(path: string): Promise<void> {
    const { log, world } = this.#parts;
    const last = log.lastPut(path);
    const head = await this.#headOf(path, last);
    const isHere = isAt(head, path);
    if (last === undefined) {
      const isJudged = !isHere && log.judged(path) !== undefined;
      if (isJudged && this.#waits.isWithin(path, VANISHED_MS)) return;
      // It has another name by now, or is known to be gone.
      this.#waits.isOver(path);
      if (isJudged) await this.#newcomers.gone(path);
      else if (isHere && log.holders(path).length === 0 && !this.#isHolding) {
        await this.#puts.put(path, head, undefined);
      }
      return;
    }
    if (this.#newcomers.isMoving(path)) return;
    if (isHere && (await this.#newcomers.hasStrayed(path))) return this.#waits.isOver(path);
    if (this.#waits.isWithin(path, VANISHED_MS)) return;
    // That it has another name now may become known later than that it is gone.
    if (this.#waits.askOnce(path)) this.#parts.searchStrangers();
    // One of the new files may be this one under another name, also of those that came just now.
    if (this.#parts.isGathering() || this.#strangers.size > 0) {
      return this.#waits.lookLater(path, VANISHED_MS);
    }
    if (!isHere) {
      this.#waits.isOver(path);
      await log.append({ tag: 'removed', path });
      if (world.fileAt(path)) this.#again(path);
      return;
    }
    // What a link took the place of is kept for others: the link says nothing about it.
    if (await this.#parts.files.isLinked(path)) throw new LinkInTheWay();
    await this.#caughtUp();
    const isStillHere = isAt(world.file(head.fileId), path);
    const fate = isStillHere ? await this.#restorations?.fateOf(path, last, head) : undefined;
    if (fate?.tag === 'later') return this.#waits.lookLater(path, fate.delayMs);
    this.#waits.isOver(path);
    if (fate?.tag === 'waits' || fate?.tag === 'folder') return;
    if (isStillHere) {
      await this.#tell(path, await this.#intake.vanished(path, last, head), undefined);
    }
    this.#again(path);
  }

  /**
   * The file that a path is about. Where the folder's log and what we know of the world do not fit, other
   * windows may have done what we were not told yet: then we hear of it first.
   */
  async #headOf(path: string, last: PutRecord | undefined): Promise<FileHead | undefined> {
    const { world } = this.#parts;
    const known = (): FileHead | undefined =>
      (last && world.file(last.fileId)) ?? world.fileAt(path);
    if (last !== undefined && !isAt(known(), path)) await world.caughtUp();
    else if (last === undefined && isAt(known(), path)) await this.#caughtUp();
    return known();
  }

  /** Once for all paths that are looked at together. */
  #caughtUp(): Promise<void> {
    this.#catchingUp ??= this.#parts.world.caughtUp();
    return this.#catchingUp;
  }

  /** `bytes` are about to give way to the world's: what it did not take of them is copied first. */
  async #tell(path: string, result: IntakeResult, bytes: Uint8Array | undefined): Promise<void> {
    const { report, keepCopy } = this.#parts;
    if (result.tag === 'taken' && result.isEvened) report({ tag: 'evened', path });
    if (result.tag === 'ticketed') report({ tag: 'ticketed', path, ticketId: result.ticketId });
    if (result.tag !== 'refused') return;
    const copy = bytes === undefined ? '' : await keepCopy(path, bytes);
    const { code, message } = result;
    report({ tag: 'refused', path, code, message, copy });
  }

  /** What somebody wrote just before it was replaced is still to be taken in. */
  async #handOver(path: string, bytes: Uint8Array, base: PutRecord | undefined): Promise<void> {
    const { log } = this.#parts;
    const hash = hashOf(bytes);
    if (base === undefined) {
      const late = { bytes, hash, isExecutable: false };
      return this.#tell(path, await this.#newcomers.take(path, late), bytes);
    }
    await log.keepText(hash, bytes);
    await log.append({ tag: 'overwritten', path, hash, base });
    this.#again(path);
  }

  #restorationsBy(ports: RestorationPorts): FolderRestorations {
    const { files, log, world, after, report, output } = this.#parts;
    const lookAtAll = this.#parts.lookAtAll ?? (() => this.look(log.paths()));
    return new FolderRestorations({
      ...ports,
      git: this.#git,
      files,
      log,
      world,
      intake: this.#intake,
      after,
      report,
      output,
      look: (paths) => this.look(paths),
      lookAtAll,
      onFolderBack: this.#parts.onFolderBack ?? lookAtAll,
      isBusy: () => this.#running !== undefined || this.#waits.isAnyUnknown,
      tell: (path, result, bytes) => this.#tell(path, result, bytes),
      isSteady: (path, hash) => this.#waits.isSteady(path, hash),
    });
  }

  get #isHolding(): boolean {
    return this.#parts.isHolding?.() ?? false;
  }
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
    [head?.fileId, head?.path, head?.version, head?.deleted, head?.mode, head?.eol, head?.bom],
    [log.judged(path)?.hash, log.overwritten(path).length, log.holders(path).length],
    world.inTheWay(path),
  ]);
}

function isAt(head: FileHead | undefined, path: string): head is FileHead {
  return head !== undefined && !head.deleted && head.path === path;
}
