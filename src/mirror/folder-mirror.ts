/**
 * Owns: keeping one folder in step with its world, both ways (S10): when paths are looked at, which of them
 * together, and the parts that say what is done. Does not know: which window holds the lease, editors,
 * watchers; those tell it which paths to look at.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { inLanes } from '../world/in-lanes.ts';
import { CarriedModes } from './carried-modes.ts';
import { DiskIntake } from './disk-intake.ts';
import { DiskPuts } from './disk-puts.ts';
import { type FolderGit, NO_GIT } from './folder-git.ts';
import { FolderLineEnds } from './folder-line-ends.ts';
import type { FolderMirrorParts } from './folder-mirror-parts.ts';
import { GitGate } from './git-gate.ts';
import { HeldWrites } from './held-writes.ts';
import { JoinedFolders } from './joined-folders.ts';
import { LookProgress } from './look-progress.ts';
import { LookQueue } from './look-queue.ts';
import { MadeTwice } from './made-twice.ts';
import { MirrorWaits } from './mirror-waits.ts';
import { MirrorStopped } from './mirror-world.ts';
import { MissingFiles } from './missing-files.ts';
import { Newcomers, type UnfitFile } from './newcomers.ts';
import { PathHeads } from './path-heads.ts';
import { PathLook } from './path-look.ts';
import { PathOutcomes, type ToldResult } from './path-outcomes.ts';
import { ReplacedBytes } from './replaced-bytes.ts';
import { FolderRestorations, type RestorationPorts } from './restorations/folder-restorations.ts';
import { UnmergedFiles } from './unmerged-files.ts';

/** So many files are read, or put, at a time: more than one question to the world takes, so that it never waits. */
const LANES = 96;
/** Seeing so many takes a few milliseconds. */
const SEEN_AT_ONCE = 32;

/** Looks at paths, many at a time; asking for a path again while it waits is free. */
export class FolderMirror {
  readonly #parts: FolderMirrorParts;
  readonly #git: FolderGit;
  readonly #gate: GitGate;
  readonly #queue: LookQueue;
  readonly #waits: MirrorWaits;
  readonly #outcomes: PathOutcomes;
  readonly #heads: PathHeads;
  readonly #held: HeldWrites;
  readonly #intake: DiskIntake;
  readonly #newcomers: Newcomers;
  readonly #madeTwice: MadeTwice;
  readonly #restorations: FolderRestorations | undefined;
  readonly #unmerged: UnmergedFiles;
  readonly #pathLook: PathLook;
  readonly #missingFiles: MissingFiles;
  readonly #progress: LookProgress;
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(parts: FolderMirrorParts) {
    this.#parts = parts;
    this.#git = parts.git ?? NO_GIT;
    this.#gate = new GitGate(this.#git);
    this.#queue = new LookQueue(parts, () => this.#begin());
    this.#waits = new MirrorWaits(parts.after, (path) => this.look([path]));
    this.#held = new HeldWrites(parts.world);
    this.#outcomes = new PathOutcomes({
      ...parts,
      held: this.#held,
      waits: this.#waits,
      obstacles: this.#queue.obstacles,
    });
    this.#heads = new PathHeads(parts.world);
    this.#madeTwice = new MadeTwice(parts);
    this.#progress = new LookProgress(parts.onProgress);
    this.#unmerged = new UnmergedFiles({
      git: this.#git,
      log: parts.log,
      look: (paths) => this.look(paths),
    });
    const lineEnds = new FolderLineEnds(this.#git);
    this.#intake = new DiskIntake(
      parts.world,
      parts.log,
      async (...write) => (await this.#restorations?.holdsBack(...write)) ?? false,
      lineEnds,
    );
    const joined = new JoinedFolders(parts);
    this.#newcomers = this.#newcomersWith(lineEnds, joined);
    this.#restorations = parts.restorations && this.#restorationsBy(parts.restorations);
    const shared = {
      ...parts,
      lineEnds,
      heads: this.#heads,
      held: this.#held,
      intake: this.#intake,
      joined,
      madeTwice: this.#madeTwice,
      modes: new CarriedModes(parts.files, this.#git),
      newcomers: this.#newcomers,
      outcomes: this.#outcomes,
      queue: this.#queue,
      restorations: this.#restorations,
      unmerged: this.#unmerged,
      waits: this.#waits,
      isStopped: () => this.#isStopped,
      isShut: (readMs?: number) => this.#gate.isShut(readMs),
      isHolding: () => parts.isHolding?.() ?? false,
      look: (path: string) => this.look([path]),
      again: (path: string) => this.#queue.again(path),
    };
    const replaced = new ReplacedBytes(shared);
    const puts = new DiskPuts({
      ...shared,
      handOver: (path, bytes, base) => replaced.handOver(path, bytes, base),
    });
    this.#pathLook = new PathLook({ ...shared, puts, replaced });
    const hasStrangers = (): boolean => this.#queue.hasStrangers;
    this.#missingFiles = new MissingFiles({ ...shared, puts, hasStrangers });
    parts.files.keep((path, bytes) => this.#outcomes.finishes(path, bytes));
  }

  /** Says that something about these paths may have changed. */
  look(paths: Iterable<string>): void {
    const { log } = this.#parts;
    this.#queue.look(Array.from(paths, (path) => log.meant(path)));
  }

  /** Somebody who was paused may write again: what they did meanwhile is judged now. */
  resumed(): void {
    this.look(this.#held.take());
  }

  /** Something happened at a path that need not be a file's: whoever waited for that is looked at. */
  happened(path: string): void {
    this.#queue.happened(path);
  }

  /** Files that are larger than the world takes. */
  get tooLarge(): Iterable<string> {
    return this.#outcomes.tooLarge.paths;
  }

  /** These files stay out of the world until the ones they are twins of have other names. */
  setAside(paths: Iterable<string>): void {
    this.#newcomers.setAside(paths);
  }

  /** These files are in the folder under names that no file of a world may have. */
  foundUnfit(found: Iterable<UnfitFile>): Promise<void> {
    return this.#newcomers.foundUnfit(found);
  }

  /** A tool is done with a file that was put there: it is taken in as it is now. */
  async take(path: string): Promise<void> {
    this.#waits.isDone(path);
    this.look([path]);
    await this.settled();
    this.#waits.isOld(path);
  }

  /** What became last of what a tool wrote at a path; it is told once. */
  takeOutcome(path: string): ToldResult | undefined {
    return this.#outcomes.takeLast(path);
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
    const { files, output } = this.#parts;
    files.letGo().catch((error: unknown) => {
      output.warn('mirror.untidy', { error: String(error) });
    });
    this.#gate.stop();
    this.#unmerged.stop();
    this.#restorations?.stop();
    this.#queue.clear();
    this.#waits.stop();
  }

  #begin(): void {
    if (!this.#isStopped && this.#queue.size > 0) this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // Everything asked for in this turn is known before the first path is looked at.
    await Promise.resolve();
    for (;;) {
      // What comes while git works is looked at afterwards, all of it together.
      if (this.#queue.size > 0) await this.#gate.opened();
      if (this.#queue.size === 0 || this.#isStopped) break;
      const group = this.#queue.takeGroup();
      try {
        await this.#lookAt(group);
      } catch (error) {
        for (const path of group) this.#outcomes.failed(path, error);
      }
      // What belongs together, and how many they are, is known once everything was looked at.
      if (this.#queue.size === 0) await this.#newcomers.moveAll();
      if (this.#queue.size === 0) this.look(this.#madeTwice.ripen());
      this.#tellProgress(group);
    }
    this.#madeTwice.told();
    this.#queue.ended();
    const untold = [...this.#outcomes.takeUntold(), ...this.#unmerged.takeUntold()];
    for (const event of untold) this.#parts.report(event);
    this.#running = undefined;
  }

  /** What is to be looked at once more is not done. */
  #tellProgress(group: readonly string[]): void {
    const isLeft = (path: string): boolean => this.#queue.has(path) || this.#waits.isUnsteady(path);
    const done = group.filter((path) => !isLeft(path));
    this.#progress.looked(done, () => this.#pathsLeft());
  }

  *#pathsLeft(): Iterable<string> {
    yield* this.#queue.paths;
    yield* this.#waits.unsteadyPaths;
  }

  async #lookAt(group: readonly string[]): Promise<void> {
    const { files, log } = this.#parts;
    await log.refresh();
    files.lookAnew();
    this.#restorations?.lookAnew();
    files.mostBytes = this.#outcomes.tooLarge.mostBytes;
    const different: string[] = [];
    const see = (path: string): Promise<void> =>
      this.#trying(path, async () => {
        // What was seen to be different is read once it can be taken in.
        const state = this.#waits.isUnsteady(path)
          ? 'different'
          : await this.#pathLook.stateOf(path);
        if (state === 'in_step') this.#outcomes.isInStep(path);
        else if (state === 'different') different.push(path);
      });
    for (let from = 0; from < group.length; from += SEEN_AT_ONCE) {
      await inLanes(group.slice(from, from + SEEN_AT_ONCE), SEEN_AT_ONCE, see);
      // What the world says meanwhile is heard.
      await nextTurn();
    }
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
    this.#heads.lookAnew();
    const missing: string[] = [];
    await inLanes(paths, LANES, (path) =>
      this.#trying(path, async () => {
        const found = await this.#pathLook.bringInStep(path);
        if (found === 'missing') missing.push(path);
        else if (found === 'there') this.#outcomes.isWell(path);
        if (this.#newcomers.isMuch) await this.#newcomers.takeAll();
      }),
    );
    await this.#newcomers.takeAll();
    const leftOut = await this.#git.notCheckedOut(missing);
    // Not before: one of the new files may be this one under another name.
    await inLanes(missing, LANES, (path) =>
      this.#trying(path, async () => {
        // Whoever works here wants it so, or has not decided yet: the world keeps the file, and it is not put
        // here.
        const isLeft = leftOut.has(path) || (await this.#unmerged.holdsBack(path));
        if (isLeft) this.#waits.isOver(path);
        else await this.#missingFiles.look(path);
        // What waits has not been tried yet.
        if (!this.#waits.isWaiting(path)) this.#outcomes.isWell(path);
      }),
    );
  }

  /** Does what there is to do about a path; what fails is tried again later. */
  async #trying(path: string, work: () => Promise<void>): Promise<void> {
    if (this.#isStopped) return;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof MirrorStopped) && !this.#isStopped) this.#outcomes.failed(path, error);
    }
  }

  #newcomersWith(lineEnds: FolderLineEnds, joined: JoinedFolders): Newcomers {
    return new Newcomers({
      ...this.#parts,
      lineEnds,
      joined,
      obstacles: this.#queue.obstacles,
      isMissing: (path) => this.#waits.isWaiting(path),
      tell: (path, result, bytes) => this.#outcomes.tell(path, result, bytes),
      again: (path) => this.#queue.again(path),
      failed: (path, error) => this.#trying(path, () => Promise.reject(error)),
    });
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
      tell: (path, result, bytes) => this.#outcomes.tell(path, result, bytes),
      isSteady: (path, hash) => this.#waits.isSteady(path, hash),
    });
  }
}
