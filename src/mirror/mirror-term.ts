/**
 * Owns: keeping a folder while its lease lasts: telling the mirror which paths to look at, by what
 * the world, the disk and the windows changed. Does not know: what is done about a path, who watches
 * the disk.
 */
import path from 'node:path';
import type { IdentityHex } from '../core/op.ts';
import { DEFAULT_LIMITS, type Limits, parseLimits } from '../core/limits.ts';
import { pathFault } from '../core/path.ts';
import { systemClock } from '../world/clock.ts';
import { isOwnName } from '../world/own-names.ts';
import { isWithin, scanFolder, type FolderScan } from '../world/folder-scan.ts';
import { SETTINGS_FILE } from '../world/folder-settings.ts';
import { IGNORE_FILE } from '../world/ignore-rules.ts';
import type { WorldLog } from '../world/log.ts';
import { SessionDesk } from '../world/session-desk.ts';
import { systemRandomBytes } from '../world/uuid.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { DiskFiles } from './disk-files.ts';
import { authorOnDisk } from './brought-author.ts';
import type { FolderGit } from './folder-git.ts';
import type { FolderLog } from './folder-log.ts';
import { FolderMirror } from './folder-mirror.ts';
import type { FolderMirrorParts } from './folder-mirror-parts.ts';
import type { MirrorProgress } from './look-progress.ts';
import { GitGate } from './git-gate.ts';
import { keepCopy } from './keep-copy.ts';
import type { MirrorEvent } from './mirror-event.ts';
import { type MirrorWorld, mirrorWorldOf, type Refused } from './mirror-world.ts';
import type { ToldResult } from './path-outcomes.ts';
import { RecentOps } from './recent-ops.ts';
import { PastJudge } from './restorations/past-judge.ts';
import { WorldPast } from './restorations/world-past.ts';
import { isOwnSettings } from './own-settings.ts';
import type { OutsideFile, OutsideFiles } from './outside-files.ts';
import { type ReadWord, toldAuthor } from './told-author.ts';
import { tellingWrites, type WrittenPlace } from './told-writes.ts';
import { mostBytesOf } from './too-large.ts';

/** What happened to a file or a folder on disk, by its path in the world. */
export interface DiskNews {
  /** It came, changed or went: content decides, so nobody needs to know which. */
  changed(path: string): void;
  /** It is gone, and with a folder all that was in it. */
  vanished(path: string): void;
  /** Something may have happened that was not told. */
  missed(): void;
}

export interface MirrorTermParts {
  readonly session: WorldSession;
  readonly files: DiskFiles;
  readonly folderLog: FolderLog;
  readonly outside: OutsideFiles;
  /** What git does in the folder; it lives as long as the term. */
  readonly git: FolderGit;
  /** Where copies of replaced files are kept. */
  readonly copies: string;
  readonly newId: () => string;
  /** Whose work it is what something wrote to the disk; empty for the member's own. */
  readonly author: () => IdentityHex;
  /** What agents have said of writes of their tools in a folder that is not theirs. */
  readonly readWord?: ReadWord | undefined;
  /**
   * What a tool wrote at a place is in the world now. Not told of what a hook has announced: then the agent's server
   * tells others where it is.
   */
  readonly onWritten?: ((place: WrittenPlace) => void) | undefined;
  readonly wasTyped: FolderMirrorParts['wasTyped'];
  readonly report: (event: MirrorEvent) => void;
  /** Begins to tell what happens on disk; the returned function ends it. */
  readonly watchDisk: (news: DiskNews) => () => void;
  /** What stays out of the world, if not what the folder's own settings say. */
  readonly exclude: () => readonly string[] | undefined;
  /** Names of files that are there for a moment only, if not what the folder's own settings say. */
  readonly temporaryNames?: () => readonly string[] | undefined;
  /** True to take others' changes in only when asked, by `pull`. */
  readonly holds?: boolean;
  readonly onProgress?: ((progress: MirrorProgress) => void) | undefined;
  readonly output: WorldLog;
}

/** How long new files gather before it is asked which of them belong into the world. */
const GATHER_MS = 150;

/** `all`: whatever there is; `strangers`: what was never put there; `news`: what has just come. */
type ScanPurpose = 'all' | 'strangers' | 'news';

/** One time of having the lease. */
export class MirrorTerm {
  readonly mirror: FolderMirror;
  readonly #parts: MirrorTermParts;
  readonly #world: MirrorWorld;
  readonly #ending = new AbortController();
  readonly #stops: (() => void)[] = [];
  #stopWatching: () => void;
  readonly #strangers = new Set<string>();
  readonly #gate: GitGate;
  #cancelGathering: (() => void) | undefined;
  /** The rules of what belongs into the world are others now. */
  #hasOtherRules = false;
  /** There may be files that the disk has not told of. */
  #isSearching = false;
  #scans = 0;
  #isHolding: boolean;
  /** What hooks want to be taken in now. */
  readonly #taking = new Set<string>();
  /** A command runs on the text. */
  #isStill = false;

  constructor(parts: MirrorTermParts) {
    this.#parts = parts;
    this.#isHolding = parts.holds ?? false;
    const { session, files, folderLog, git, newId, author, report, output } = parts;
    this.#gate = new GitGate(git);
    const ending = this.#ending.signal;
    const recent = new RecentOps(session, ending);
    const { readWord } = parts;
    const authorOf = async (file: string): Promise<IdentityHex> => {
      const { identity, moduleLevel, view } = session;
      // What a window of the folder's person has saved is that person's.
      if (await isOwnSave(parts, file)) return '';
      const told = readWord && (await toldAuthor({ session, files, folderLog, readWord }, file));
      if (told !== undefined) return told;
      const membership = { identity, moduleLevel, members: view.members };
      return authorOnDisk(git, file, membership, author());
    };
    const world = mirrorWorldOf(session, newId, ending, authorOf, recent);
    const { onWritten } = parts;
    this.#world = onWritten
      ? tellingWrites(world, (place) => {
          const file = session.view.files.get(place.fileId)?.path ?? '';
          if (!this.#isOfHook(file)) onWritten(place);
        })
      : world;
    this.mirror = new FolderMirror({
      files,
      git,
      world: this.#world,
      log: folderLog,
      wasTyped: parts.wasTyped,
      isLocal: isOwnSettings,
      keepCopy: (file, bytes) => keepCopy(parts.copies, file, bytes),
      after: (delayMs, fire) => systemClock.after(delayMs, fire),
      isGathering: () => this.#cancelGathering !== undefined || this.#scans > 0,
      searchStrangers: () => {
        this.#isSearching = true;
        this.#gather();
      },
      isHolding: () => this.#isHolding || this.#isStill,
      report,
      restorations: {
        judge: new PastJudge(new WorldPast(session, ending, recent), git, systemClock),
        desk: new SessionDesk(session, systemRandomBytes, ending),
        folderName: path.basename(files.root),
        nowMs: () => performance.now(),
        newId,
      },
      lookAtAll: () => void this.lookAtAll(),
      onFolderBack: () => {
        this.#stopWatching();
        this.#stopWatching = parts.watchDisk(this.#diskNews());
        void this.lookAtAll();
      },
      onProgress: parts.onProgress,
      onOutside: (path, refusal) => outsideBy(parts, path, refusal),
      onInside: (path) => parts.outside.found([], (each) => each === path),
      limits: () => this.#limits,
      output,
    });
    this.#stops.push(
      // Windows that do not keep the folder show it too.
      parts.outside.onChange((paths) => {
        const found = new Set(paths);
        const still = parts.outside.all().filter(({ path }) => found.has(path));
        folderLog
          .append({ tag: 'outside', paths, files: still })
          .catch((error: unknown) => output.warn('mirror.log', { error: String(error) }));
      }),
    );
    this.#watchWorld();
    this.#stopWatching = parts.watchDisk(this.#diskNews());
    this.#watchWindows();
  }

  /** Looks at everything, on disk and in the world. Resolves when nothing is left to do now. */
  async lookAtAll(): Promise<void> {
    const { session, folderLog } = this.#parts;
    try {
      await session.whenLetIn(this.#ending.signal);
    } catch {
      // The session ended or the lease was lost: whoever keeps the folder next looks at it.
      return;
    }
    const living = [...session.view.files.values()].filter((file) => !file.deleted);
    await this.mirror.start();
    this.mirror.look([...living.map((file) => file.path), ...folderLog.paths()]);
    await this.#lookAtScanned(undefined, 'all');
    await this.mirror.settled();
  }

  /** Takes in what others did, also while they are kept waiting. */
  async pull(): Promise<void> {
    const wasHolding = this.#isHolding;
    this.#isHolding = false;
    try {
      await this.lookAtAll();
    } finally {
      this.#isHolding = wasHolding;
    }
  }

  /** Brings what others did to a file to the disk, unless they are kept waiting. */
  async bring(file: string): Promise<void> {
    await this.#world.caughtUp();
    if (!this.#isHolding) this.mirror.look([file]);
    await this.mirror.settled();
    // What becomes of the next write is another matter.
    this.mirror.takeOutcome(file);
  }

  /** A tool is done with a file: what it wrote is taken in now. Resolves with what became of that. */
  async take(file: string): Promise<ToldResult | undefined> {
    this.#taking.add(file);
    try {
      if (this.#parts.folderLog.lastPut(file)) await this.mirror.take(file);
      else {
        // It may be a new one: the rules decide whether it belongs into the world.
        await this.#lookAtScanned(new Set([file]), 'news');
        await this.mirror.settled();
      }
      return this.mirror.takeOutcome(file);
    } finally {
      this.#taking.delete(file);
    }
  }

  /** Puts nothing on disk until `moveAgain`, not even by `pull`. Resolves when the text does not move any more. */
  async keepStill(): Promise<void> {
    this.#isStill = true;
    await this.mirror.settled();
  }

  /** Puts down what others did meanwhile, unless they are kept waiting anyway. */
  async moveAgain(): Promise<void> {
    this.#isStill = false;
    if (!this.#isHolding) await this.lookAtAll();
  }

  /** The rules of what belongs into the world may be others now: what they let in is taken in. */
  rulesChanged(): void {
    this.#hasOtherRules = true;
    this.#gather();
  }

  dispose(): void {
    this.#ending.abort();
    this.mirror.stop();
    this.#gate.stop();
    this.#cancelGathering?.();
    this.#stopWatching();
    for (const stop of this.#stops) stop();
    this.#parts.git.dispose();
  }

  #isOfHook(file: string): boolean {
    return this.#taking.has(file) || this.#parts.folderLog.announced.waitMs(file) > 0;
  }

  #watchWorld(): void {
    let limits = this.#limits;
    this.#stops.push(
      this.#parts.session.view.onWorkspace(() => {
        const former = limits;
        limits = this.#limits;
        // What was too large may fit now.
        if (isRaised(former, limits)) void this.lookAtAll();
      }),
      this.#parts.session.view.members.onChange(({ before, after }) => {
        // The row of one who was removed while paused stays so: what they wrote is nobody's then.
        if (before?.paused && (!after?.paused || after.removed)) this.mirror.resumed();
      }),
      this.#parts.session.view.files.onChange(({ before, after }) => {
        // What has come in is outside no more.
        if (after && !after.deleted) this.#forgetOutside(after.path);
        if (this.#isHolding || this.#isStill) return;
        this.mirror.look([before?.path, after?.path].filter((each) => each !== undefined));
      }),
    );
  }

  #diskNews(): DiskNews {
    const { folderLog } = this.#parts;
    return {
      changed: (name) => {
        const file = folderLog.meant(name);
        const isKnown = folderLog.lastPut(file) !== undefined;
        if ((isOwnName(file) && !isKnown) || isGits(file)) return;
        if (isRules(file)) this.rulesChanged();
        this.mirror.happened(file);
        if (isKnown) this.mirror.look([file]);
        else this.#gather(file);
      },
      vanished: (name) => {
        const file = folderLog.meant(name);
        if (isRules(file)) this.rulesChanged();
        // A folder that vanishes tells nothing of the files in it.
        const inside = folderLog.pathsIn(name);
        const isKnown = folderLog.lastPut(file) !== undefined || folderLog.judged(file);
        this.mirror.look(isKnown ? [file, ...inside] : inside);
        this.mirror.happened(file);
        this.#forgetOutside(file);
      },
      missed: () => void this.lookAtAll(),
    };
  }

  /** What whoever kept the folder before has told to be outside, and is not. */
  async #tellInside(): Promise<void> {
    const { folderLog, outside } = this.#parts;
    const told = folderLog.outside().map(({ path }) => path);
    const paths = told.filter((path) => outside.why(path) === undefined);
    if (paths.length > 0) await folderLog.append({ tag: 'outside', paths, files: [] });
  }

  #forgetOutside(file: string): void {
    const { outside } = this.#parts;
    if (outside.why(file)) outside.found([], (each) => each === file);
  }

  /** A window let go of a file, or wants it looked at. */
  #watchWindows(): void {
    this.#stops.push(
      this.#parts.folderLog.onEntry((entry) => {
        const { tag } = entry;
        if (tag === 'release' || tag === 'look' || tag === 'overwritten') {
          this.mirror.look([entry.path]);
        }
      }),
    );
  }

  /** Which new files belong into the world is asked once for all that come together. */
  #gather(...strangers: readonly string[]): void {
    for (const file of strangers) this.#strangers.add(file);
    this.#cancelGathering ??= systemClock.after(GATHER_MS, () => {
      this.#cancelGathering = undefined;
      const isWhole = this.#hasOtherRules || this.#isSearching;
      const only = isWhole ? undefined : new Set(this.#strangers);
      const isForStrangers = this.#isSearching && !this.#hasOtherRules;
      this.#hasOtherRules = false;
      this.#isSearching = false;
      this.#strangers.clear();
      void this.#lookAtScanned(only, isForStrangers ? 'strangers' : 'news');
    });
  }

  /** Without `only` at the whole folder. */
  async #lookAtScanned(only: ReadonlySet<string> | undefined, purpose: ScanPurpose): Promise<void> {
    const { files, output, session, folderLog } = this.#parts;
    const exclude = this.#parts.exclude();
    const temporaryNames = this.#parts.temporaryNames?.();
    this.#scans += 1;
    try {
      await this.#gate.opened();
      const scan = await scanFolder(files.root, {
        signal: this.#ending.signal,
        ...(exclude && { exclude }),
        ...(temporaryNames && { temporaryNames }),
        ...(only && { only }),
        isKnown: (path) =>
          folderLog.lastPut(path) !== undefined || session.view.fileAt(path) !== undefined,
      });
      await this.#lookAtFound(scan, only, purpose);
    } catch (error) {
      if (!this.#ending.signal.aborted) output.warn('mirror.no_scan', { error: String(error) });
    } finally {
      this.#scans -= 1;
    }
  }

  get #limits(): Limits {
    return parseLimits(this.#parts.session.workspace?.limits ?? '') ?? DEFAULT_LIMITS;
  }

  async #lookAtFound(
    scan: FolderScan,
    only: ReadonlySet<string> | undefined,
    purpose: ScanPurpose,
  ): Promise<void> {
    const { folderLog, outside } = this.#parts;
    // A file of the world that has grown is looked at like any other.
    const isTooLarge = (file: { readonly path: string; readonly bytes: number }): boolean =>
      file.bytes > mostBytesOf(this.#limits) && !folderLog.lastPut(file.path);
    const large = [
      ...scan.files.filter(isTooLarge).map(({ path }) => path),
      ...this.mirror.tooLarge,
    ];
    const tooLarge: readonly OutsideFile[] = large.map((path) => ({ path, why: 'too_large' }));
    const skipped = scan.skipped.filter(({ why }) => why !== 'excluded' && why !== 'temporary');
    outside.found([...skipped, ...tooLarge], (path) => !only || isWithin(path, only));
    if (!only) await this.#tellInside();
    const isWanted = (path: string): boolean => purpose !== 'strangers' || !folderLog.lastPut(path);
    const found = scan.files.filter((file) => isWanted(file.path) && !isTooLarge(file));
    const twins = scan.skipped.filter(({ why }) => why === 'twin').map(({ path }) => path);
    // Those that were there before the mirror are told, and propose nothing.
    if (purpose === 'all') this.mirror.setAside(twins);
    this.mirror.look([...found.map(({ path }) => path), ...(purpose === 'all' ? [] : twins)]);
    const unfit = scan.skipped.filter(({ path }) => pathFault(path) !== undefined);
    const notUtf8 = scan.notUtf8.map((name) => ({ ...name, why: 'not_utf8' }));
    await this.mirror.foundUnfit([...unfit, ...notUtf8]);
  }
}

/** True where what stands at a path was saved in an editor of this folder, of a document that is not live. */
async function isOwnSave(
  { files, folderLog }: Pick<MirrorTermParts, 'files' | 'folderLog'>,
  path: string,
): Promise<boolean> {
  if (!folderLog.saved.has(path)) return false;
  const disk = await files.read(path);
  return disk !== undefined && folderLog.saved.of(path, disk) !== undefined;
}

/** Why a file that is new on disk does not come in; told once. */
function outsideBy({ outside, report }: MirrorTermParts, path: string, refusal: Refused): void {
  const { code } = refusal;
  const why = OUTSIDE_BY_CODE.get(code) ?? 'refused';
  if (outside.why(path) === why) return;
  outside.found([{ path, why }], (each) => each === path);
  const isTold = code === 'too_large' || code === 'twin' || code === 'strayed';
  if (!isTold) report({ ...refusal, path, copy: '' });
}

const OUTSIDE_BY_CODE: ReadonlyMap<string, OutsideFile['why']> = new Map([
  ['too_large', 'too_large'],
  ['twin', 'twin'],
  ['path_taken', 'in_the_way'],
  ['strayed', 'strayed'],
]);

function isRaised(before: Limits, after: Limits): boolean {
  return (
    after.textFileBytes > before.textFileBytes || after.binaryFileBytes > before.binaryFileBytes
  );
}

function isRules(file: string): boolean {
  return file === SETTINGS_FILE || file === IGNORE_FILE || file.endsWith(`/${IGNORE_FILE}`);
}

/** git writes much in its own folder, none of which is anybody's file. */
function isGits(file: string): boolean {
  return file === '.git' || file.startsWith('.git/') || file.includes('/.git/');
}
