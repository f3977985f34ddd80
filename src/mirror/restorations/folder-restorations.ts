/**
 * Owns: what becomes of a tool's writing that puts old text back: it waits in the folder's log, is
 * asked about, and is acted on when somebody answers. Does not know: when paths are looked at, how old
 * text is told (`RestorationJudge`), who answers.
 */
import type { WorldLog } from '../../world/log.ts';
import type { FileHead } from '../../world/world-rows.ts';
import { textOf } from '../disk-base.ts';
import { type DiskFile, type DiskFiles, hashOf } from '../disk-files.ts';
import type { DiskIntake, IntakeResult } from '../disk-intake.ts';
import { type FolderGit, GIT_JUST_NOW_MS } from '../folder-git.ts';
import { FolderLineEnds } from '../folder-line-ends.ts';
import type { FolderLog } from '../folder-log.ts';
import type { PutRecord } from '../folder-log-entry.ts';
import type { RestorationEvent } from '../mirror-event.ts';
import type { MirrorWorld } from '../mirror-world.ts';
import { ToolWrite } from '../tool-write.ts';
import { AnsweredFiles } from './answered-files.ts';
import { isStillWaiting, type WaitingWrite, WriteJudge } from './write-judge.ts';
import { findLater } from './later-write.ts';
import { leftVersionOf } from './left-bytes.ts';
import { MissingFolder } from './missing-folder.ts';
import { type Fate, VanishedFiles } from './vanished-files.ts';
import type { RestorationDesk } from './restoration-desk.ts';
import { RestorationEvents } from './restoration-events.ts';
import type { RestorationJudge } from './restoration-judge.ts';
import type { WaitingFile } from './waiting-entry.ts';

/** What a folder needs to ask about restorations. */
export interface RestorationPorts {
  readonly judge: RestorationJudge;
  readonly desk: RestorationDesk;
  /** The folder's last name. */
  readonly folderName: string;
  /** A clock that only goes forward, as `performance.now()`. */
  readonly nowMs: () => number;
  readonly newId: () => string;
}

export interface FolderRestorationsParts extends RestorationPorts {
  readonly git: FolderGit;
  readonly files: DiskFiles;
  readonly log: FolderLog;
  readonly world: MirrorWorld;
  readonly intake: DiskIntake;
  readonly after: (delayMs: number, fire: () => void) => () => void;
  readonly report: (event: RestorationEvent) => void;
  readonly output: WorldLog;
  /** Something about these paths is to be done. */
  readonly look: (paths: readonly string[]) => void;
  /** The folder is kept in step again: everything in it is to be looked at. */
  readonly lookAtAll: () => void;
  /** The folder is another one than before, at the same place: it is to be watched anew. */
  readonly onFolderBack: () => void;
  /** True while paths are being looked at. */
  readonly isBusy: () => boolean;
  /** What became of what was sent; the bytes are copied if the world refused them. */
  readonly tell: (
    path: string,
    result: IntakeResult,
    bytes: Uint8Array | undefined,
  ) => Promise<void>;
  /** False while a tool may be in the middle of writing; then the path is looked at again. */
  readonly isSteady: (path: string, hash: string) => boolean;
}

export class FolderRestorations {
  readonly #parts: FolderRestorationsParts;
  readonly #judge: WriteJudge;
  readonly #lineEnds: FolderLineEnds;
  readonly #events: RestorationEvents;
  readonly #answered: AnsweredFiles;
  readonly #vanished: VanishedFiles;
  readonly #folder: MissingFolder;
  readonly #started = Promise.withResolvers<void>();

  constructor(parts: FolderRestorationsParts) {
    this.#parts = parts;
    this.#judge = new WriteJudge(parts);
    this.#lineEnds = new FolderLineEnds(parts.git);
    this.#vanished = new VanishedFiles(parts);
    this.#events = new RestorationEvents({
      ...parts,
      isBusy: () => parts.isBusy() || this.#vanished.isGoing,
      actOnFolder: (answer) => this.#folder.act(answer),
    });
    this.#folder = new MissingFolder({ ...parts, vanished: this.#vanished, events: this.#events });
    this.#answered = new AnsweredFiles(parts);
  }

  /** Takes up what waits since before; the world is known by now. */
  async start(): Promise<void> {
    this.#vanished.lookAnew();
    if (this.#isAsking) await this.#folder.look();
    this.#started.resolve();
    await this.#events.start();
  }

  stop(): void {
    this.#started.resolve();
    this.#folder.stop();
    this.#events.stop();
  }

  /** Paths are about to be looked at: what was found out of the folder is of before. */
  lookAnew(): void {
    this.#vanished.lookAnew();
  }

  /** Resolves when nothing is being asked, answered or withdrawn. */
  async settled(): Promise<void> {
    await this.#folder.settled();
    await this.#events.settled();
  }

  /** True while nothing is put and nothing taken in, but for the files that wait. */
  get isPaused(): boolean {
    return this.#events.isPaused;
  }

  /** A tool has written to a file, and may not be done. */
  expect({ fileId, version }: FileHead): void {
    const { git, judge, nowMs } = this.#parts;
    // Of a file that nobody has changed yet nobody asks, but where git writes.
    const isToTell = version > 1 || git.workedSince(nowMs() - GIT_JUST_NOW_MS);
    if (isToTell && this.#isAsking) judge.expect?.(fileId, version);
  }

  /** True for a write that waits from now on. */
  async holdsBack(write: ToolWrite): Promise<boolean> {
    await this.#started.promise;
    if (!this.#isAsking) return false;
    const found = await this.#judge.waiting(write);
    if (found === undefined) return false;
    const { path, disk, last, head } = write;
    const { fileId } = head;
    await this.#wait({
      path,
      fileId,
      what: 'changed',
      base: last,
      ...(await this.#keep(disk, head, found)),
    });
    return true;
  }

  /**
   * Looks at a path before anything else is done about it. True when that is all there is to do: it
   * waits, its answer was acted on, or the folder is paused.
   */
  async look(
    path: string,
    disk: DiskFile | undefined,
    head: FileHead | undefined,
  ): Promise<boolean> {
    const { log, look } = this.#parts;
    await this.#started.promise;
    const file = log.waiting.of(path);
    if (disk === undefined && !this.isPaused && this.#isAsking) await this.#folder.look();
    if (file === undefined) return this.isPaused;
    // It counts among those that went with it.
    if (disk === undefined) this.#vanished.note(path);
    if (await this.#isOver(file, disk, head)) {
      await log.append({ tag: 'waited', path });
      look([path]);
      return true;
    }
    if (disk && disk.hash !== file.hash && !this.#parts.isSteady(path, disk.hash)) return true;
    const answer = this.#events.answerOf(file.event);
    if (disk === undefined && file.what === 'changed' && answer === 'take') {
      // Nobody was asked about deleting it.
      await log.append({ tag: 'waited', path });
      look([path]);
      return true;
    }
    const isLater = disk && file.what === 'changed' && (await this.#takeNewer(file, disk, head));
    // Nobody was asked about what was put back since.
    if (isLater && answer === 'take') return true;
    if (answer === 'put_back' || answer === 'take') {
      await this.#answered.act(log.waiting.of(path) ?? file, disk, head, answer);
      look([path]);
    }
    return true;
  }

  /** A file is gone that the world has elsewhere by now, or not at all: others may have gone with it. */
  wentToo(path: string): void {
    this.#vanished.note(path);
  }

  /** What a file is that is gone, and that the world has. Its fate may be to wait. */
  async fateOf(path: string, last: PutRecord, head: FileHead): Promise<Fate> {
    await this.#started.promise;
    if (!this.#isAsking) return { tag: 'deleted' };
    const fate = await this.#vanished.fateOf(path, last, head);
    if (fate.tag === 'waits') await this.#wait(fate.file);
    if (fate.tag === 'folder') await this.#folder.look();
    return fate;
  }

  /**
   * What a save has replaced before it was taken in. Undefined where none of it is old; else what is
   * old gave way to the save, and the rest goes into the world.
   */
  async overwritten(
    path: string,
    bytes: Uint8Array,
    base: PutRecord,
    head: FileHead,
  ): Promise<IntakeResult | undefined> {
    const { newId } = this.#parts;
    await this.#started.promise;
    if (!this.#isAsking) return undefined;
    const hash = hashOf(bytes);
    const disk = { bytes, hash, isExecutable: false };
    const write = new ToolWrite(this.#parts, { path, disk, last: base, head });
    const found = await this.#judge.waiting(write);
    if (found === undefined) return undefined;
    const left = textOf(bytes);
    const { kept, byGit } = found;
    if (kept === undefined || left === undefined) return { tag: 'nothing' };
    return this.#answered.sendNew({ base, left, kept, byGit }, left, head, newId());
  }

  get #isAsking(): boolean {
    return this.#parts.desk.rule() === 'ask';
  }

  async #wait(file: Omit<WaitingFile, 'event'>): Promise<void> {
    const event = this.#events.join();
    await this.#parts.log.append({ tag: 'waits', ...file, event });
    this.#events.touched();
  }

  /** The folder is in step by itself, or what the tool did is no restoration any more. */
  async #isOver(
    file: WaitingFile,
    disk: DiskFile | undefined,
    head: FileHead | undefined,
  ): Promise<boolean> {
    if (this.#parts.log.waiting.sending(file.path)) return false;
    if (disk === undefined) return file.what === 'deleted' && (head === undefined || head.deleted);
    if (file.what === 'deleted' || disk.hash === file.base.hash) return true;
    const isThere = head !== undefined && !head.deleted;
    if (isThere && (await this.#lineEnds.haveContentOf(file.path, head, disk.bytes))) return true;
    return disk.hash !== file.hash && !(await isStillWaiting(this.#parts, file, disk));
  }

  /**
   * A tool that writes old text once more left another text than before. True where that is more than was
   * asked about; where it was answered by taking it, it is asked about anew.
   */
  async #takeNewer(
    file: WaitingFile,
    disk: DiskFile,
    head: FileHead | undefined,
  ): Promise<boolean> {
    const { log } = this.#parts;
    if (disk.hash === file.hash || head === undefined || log.waiting.sending(file.path)) {
      return false;
    }
    const { path, base: last } = file;
    const write = new ToolWrite(this.#parts, { path, disk, last, head });
    const found = await this.#judge.waiting(write, file.byGit);
    const isWhole = found !== undefined && found.kept === undefined;
    const later = await findLater(this.#parts, file, disk, head);
    if (!isWhole && later === undefined) return false;
    const kept = isWhole ? undefined : later?.kept;
    const owners = [...new Set([...file.owners, ...(later?.owners ?? found?.owners ?? [])])];
    const byGit = (file.byGit ?? false) || (found?.byGit ?? false);
    const next = {
      ...file,
      ...(await this.#keep(disk, head, { kept, owners, cause: file.cause, byGit })),
    };
    if (later && this.#events.answerOf(file.event) === 'take') await this.#wait(next);
    else await log.append({ tag: 'waits', ...next });
    return later !== undefined;
  }

  async #keep(
    disk: DiskFile,
    head: FileHead,
    { kept, owners, cause, byGit, whole }: WaitingWrite,
  ): Promise<Pick<WaitingFile, 'hash' | 'left' | 'kept' | 'owners' | 'cause' | 'byGit'>> {
    const { log } = this.#parts;
    const { hash, bytes } = disk;
    const left = whole === undefined ? undefined : leftVersionOf(disk, head, whole);
    const keptBytes = kept === undefined ? undefined : new TextEncoder().encode(kept);
    if (!left) await log.keepText(hash, bytes, keptBytes === undefined);
    if (keptBytes) await log.keepText(hashOf(keptBytes), keptBytes);
    const ofGit = byGit ? { byGit } : {};
    return { hash, left, kept: keptBytes ? hashOf(keptBytes) : '', owners, cause, ...ofGit };
  }
}
