/**
 * Owns: what the disk says of single files that somebody looks at: whether a link leads there, whether they belong into
 * the world, what kind of bytes they are. Does not know: what the world says, who looks.
 */
import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { systemCode } from '../host/host-error.ts';
import type { Limits } from '../core/limits.ts';
import { foldersOf } from '../core/path.ts';
import type { WorldLog } from '../world/log.ts';
import { type FolderScan, scanFolder, type SkippedFile } from '../world/folder-scan.ts';
import { GitBoundaries } from '../world/git-boundaries.ts';
import { IgnoreRules } from '../world/ignore-rules.ts';
import { isPlainlyBinary, type NotText, whyNotText } from '../world/not-text.ts';
import { isOwnName } from '../world/own-names.ts';
import type { FileHead } from '../world/world-rows.ts';
import { type DiskFiles, FileTooLarge } from './disk-files.ts';
import { demandFits, mostBytesOf } from './too-large.ts';

export interface FileSight {
  /** There is something at the path that is no folder. */
  readonly isThere: boolean;
  /** The path leads through a link, or to one. */
  readonly isLinked: boolean;
  /** Why a file that the world does not have is no file of it; undefined where it comes in. */
  readonly left: SkippedFile['why'] | 'too_large' | 'ignored' | undefined;
  /** Why the world keeps the bytes of a file as they are. */
  readonly form: NotText | undefined;
}

export interface FileSightsParts {
  readonly files: Pick<DiskFiles, 'root' | 'absolute' | 'read' | 'isLinked'>;
  /** The world's file at a path. */
  readonly head: (path: string) => Pick<FileHead, 'kind'> | undefined;
  /** True for a file of the world, or one that was put into the folder from there. */
  readonly isKnown: (path: string) => boolean;
  /** Those that `isKnown` says so of. */
  readonly known: () => Iterable<string>;
  readonly limits: () => Limits;
  /** What the user leaves out: patterns in the syntax of `.gitignore`. */
  readonly exclude: () => readonly string[];
  /** Names of files that are there for a moment only. */
  readonly temporaryNames: () => readonly string[];
  /** Of these, or of any, nobody got what they asked for; who still wants it may ask again. */
  readonly onUnseen: (paths: readonly string[] | 'any') => void;
  readonly after: (delayMs: number, fire: () => void) => () => void;
  readonly signal: AbortSignal;
  readonly output: Pick<WorldLog, 'warn'>;
}

/** So many are looked at together: git takes no more paths in a command. */
const AT_ONCE = 60;
/** Of more that wait the oldest are put off: whoever asked has scrolled on, and may come back. */
const MOST_WAITING = 240;
/** What could not be looked at is worth another look after so long, once. */
const AGAIN_MS = 5_000;
const MOST_KEPT = 1_000;
/** Beside what somebody asks about: where git lists none of its paths, all of a folder is listed. */
const LISTED_BESIDES = 3;
const BEGINNING = 64 * 1024;

const NOTHING: FileSight = { isThere: false, isLinked: false, left: undefined, form: undefined };

export class FileSights {
  readonly #parts: FileSightsParts;
  /** The one that was asked for last is the last. */
  readonly #kept = new Map<string, FileSight>();
  readonly #waiting = new Map<string, PromiseWithResolvers<FileSight | undefined>>();
  /** Those that are looked at and were not forgotten since. */
  readonly #looking = new Map<string, 'as_it_was' | 'rewritten'>();
  /** What somebody has in front is looked at before what is in sight. */
  #first: string | undefined;
  readonly #putOff = new Set<string>();
  /** Those whose look has failed, while they did not work since. */
  readonly #failed = new Set<string>();
  #isRunning = false;

  constructor(parts: FileSightsParts) {
    this.#parts = parts;
  }

  /** What was seen, as far as it was not forgotten. */
  of(path: string): FileSight | undefined {
    return this.#kept.get(path);
  }

  /**
   * Undefined where it was not looked at, since that failed, or too many others were asked for later: then `onUnseen`
   * tells. `isFirst`: before all others. Never rejects.
   */
  look(path: string, isFirst = false): Promise<FileSight | undefined> {
    if (isFirst) this.#first = path;
    const kept = this.#kept.get(path);
    if (kept) {
      this.#keep(path, kept);
      return Promise.resolve(kept);
    }
    let waiting = this.#waiting.get(path);
    if (waiting === undefined) {
      waiting = Promise.withResolvers();
      this.#waiting.set(path, waiting);
      this.#boundWaiting();
      void this.#run();
    }
    return waiting.promise;
  }

  /** Something else may be true of a path. Says whether anybody has looked at it. */
  forget(path: string): boolean {
    const isLooking = this.#looking.delete(path);
    return this.#kept.delete(path) || isLooking;
  }

  /**
   * Something was written to the file. That changes no rule: what is left out is not looked at again for it, however
   * often it is written.
   */
  rewritten(path: string): boolean {
    const kept = this.#kept.get(path);
    if (kept) return mayBeOther(kept) && this.forget(path);
    if (!this.#looking.has(path)) return false;
    this.#looking.set(path, 'rewritten');
    return true;
  }

  /** The rules are others, for instance. */
  forgetAll(): void {
    this.#kept.clear();
    this.#looking.clear();
    this.#failed.clear();
  }

  #keep(path: string, sight: FileSight): void {
    this.#kept.delete(path);
    this.#kept.set(path, sight);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }

  #boundWaiting(): void {
    if (this.#waiting.size <= MOST_WAITING) return;
    for (const [path, { resolve }] of this.#waiting) {
      if (path === this.#first) continue;
      this.#waiting.delete(path);
      resolve(undefined);
      // Of more it is said that it may be any.
      if (this.#putOff.size <= MOST_WAITING) this.#putOff.add(path);
      return;
    }
  }

  /** The newest, since they are in sight. */
  #nextGroup() {
    const [first, ...others] = [...this.#waiting].reverse();
    const wanted = this.#first === undefined ? undefined : this.#waiting.get(this.#first);
    const group = [first!, ...others].slice(0, AT_ONCE);
    if (wanted === undefined || group.some(([path]) => path === this.#first)) return group;
    return [[this.#first!, wanted] as const, ...group.slice(0, AT_ONCE - 1)];
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    // What is asked for in one turn is looked at together.
    await Promise.resolve();
    while (this.#waiting.size > 0) {
      const group = this.#nextGroup();
      for (const [path] of group) this.#waiting.delete(path);
      // Asked for again since it was written, and not for that.
      const paths = group.map(([path]) => path).filter((path) => !this.#kept.has(path));
      for (const path of paths) this.#looking.set(path, 'as_it_was');
      const sights = await this.#trying(paths);
      for (const [path, { resolve }] of group) {
        const sight = sights?.get(path);
        const since = this.#looking.get(path);
        const isSo = since === 'as_it_was' || (since && sight && !mayBeOther(sight));
        if (sight && isSo) this.#keep(path, sight);
        resolve(sight ?? this.#kept.get(path));
      }
      this.#looking.clear();
      this.#lookAgain(paths, sights !== undefined);
    }
    this.#isRunning = false;
    this.#tellPutOff();
  }

  /** Nobody asks again for what VS Code has once been told of. */
  #tellPutOff(): void {
    if (this.#putOff.size === 0) return;
    const paths = [...this.#putOff];
    this.#putOff.clear();
    this.#parts.onUnseen(paths.length > MOST_WAITING ? 'any' : paths);
  }

  /** Once for each path that could not be looked at, until it could. */
  #lookAgain(paths: readonly string[], isSeen: boolean): void {
    const { signal, after, onUnseen } = this.#parts;
    if (isSeen) for (const path of paths) this.#failed.delete(path);
    if (isSeen || signal.aborted) return;
    const fresh = paths.filter((path) => !this.#failed.has(path));
    if (fresh.length === 0 || this.#failed.size + fresh.length > MOST_KEPT) return;
    for (const path of fresh) this.#failed.add(path);
    const cancel = after(AGAIN_MS, () => {
      signal.removeEventListener('abort', cancel);
      onUnseen(fresh);
    });
    signal.addEventListener('abort', cancel, { once: true });
  }

  async #trying(paths: readonly string[]): Promise<ReadonlyMap<string, FileSight> | undefined> {
    const { signal, output } = this.#parts;
    if (signal.aborted) return undefined;
    if (paths.length === 0) return new Map();
    try {
      return await this.#see(paths);
    } catch (error) {
      if (!signal.aborted) output.warn('mirror.not_seen', { error: String(error) });
      return undefined;
    }
  }

  async #see(paths: readonly string[]): Promise<ReadonlyMap<string, FileSight>> {
    const { files, head } = this.#parts;
    const sights = new Map<string, FileSight>();
    const strangers: string[] = [];
    for (const path of paths) {
      const kind = head(path)?.kind;
      const there = await whatIsAt(files.absolute(path));
      const seen = { ...NOTHING, isThere: there !== undefined };
      if (await files.isLinked(path)) sights.set(path, { ...seen, isLinked: true });
      else if (kind === 'binary') sights.set(path, { ...seen, form: await this.#formOf(path) });
      // git lists none, and neither do its rules say anything of one.
      else if (kind === undefined && there === 'special') {
        sights.set(path, { ...seen, left: 'special' });
      } else {
        sights.set(path, seen);
        if (kind === undefined && there) strangers.push(path);
      }
    }
    for (const [path, left] of await this.#leftOf(strangers)) {
      sights.set(path, { ...NOTHING, isThere: true, left });
    }
    return sights;
  }

  /** By the one rule of what belongs into a world. */
  async #leftOf(paths: readonly string[]): Promise<ReadonlyMap<string, FileSight['left']>> {
    if (paths.length === 0) return new Map();
    const { files, isKnown, known, signal } = this.#parts;
    const exclude = this.#parts.exclude();
    const scan = await scanFolder(files.root, {
      signal,
      exclude,
      temporaryNames: this.#parts.temporaryNames(),
      only: new Set([...paths, ...firstOf(known(), LISTED_BESIDES)]),
      isKnown,
    });
    const unlisted = {
      boundaries: new GitBoundaries(files.root),
      rules: new IgnoreRules(files.root, exclude),
    };
    const left = new Map<string, FileSight['left']>();
    for (const path of paths) {
      const file = scan.files.find((each) => each.path === path);
      const isIn = file !== undefined && !(await this.#isTooLarge(path, file.bytes));
      if (!isIn) left.set(path, file ? 'too_large' : whySkipped(scan, path, unlisted));
    }
    return left;
  }

  async #isTooLarge(path: string, bytes: number): Promise<boolean> {
    const limits = this.#limits;
    if (bytes > mostBytesOf(limits)) return true;
    if (bytes <= Math.min(limits.textFileBytes, limits.binaryFileBytes)) return false;
    try {
      const disk = await this.#parts.files.read(path);
      if (disk) demandFits(disk, limits);
      return false;
    } catch (error) {
      if (error instanceof FileTooLarge) return true;
      throw error;
    }
  }

  /** Most of what is no text says so at its beginning. */
  async #formOf(path: string): Promise<NotText | undefined> {
    const { files } = this.#parts;
    const beginning = await beginningOf(files.absolute(path));
    if (beginning === undefined || isPlainlyBinary(beginning.bytes)) return 'binary';
    const { bytes, size } = beginning;
    // Longer text than the world takes is not read for this: most says it at its beginning, too.
    if (size > this.#limits.textFileBytes) return whyNotText(wholeLinesOf(bytes)) ?? 'binary';
    return whyNotText(size > bytes.length ? ((await files.read(path))?.bytes ?? bytes) : bytes);
  }

  get #limits(): Limits {
    return this.#parts.limits();
  }
}

/** Of a file that is not among those that come in. */
function whySkipped(
  { skipped }: FolderScan,
  path: string,
  {
    boundaries,
    rules,
  }: { readonly boundaries: GitBoundaries; readonly rules: Pick<IgnoreRules, 'isExcluded'> },
): FileSight['left'] {
  const places = [path, ...foldersOf(path)];
  const found = skipped.find((each) => places.includes(each.path));
  if (found) return found.why;
  if (isOwnName(path)) return 'temporary';
  if (rules.isExcluded(path)) return 'excluded';
  const boundary = boundaries.above(path);
  const isOfOther = boundary !== undefined && boundaries.isNested(boundary);
  return isOfOther ? 'submodule' : 'ignored';
}

function firstOf<Item>(items: Iterable<Item>, count: number): readonly Item[] {
  const first: Item[] = [];
  for (const item of items) {
    if (first.length === count) break;
    first.push(item);
  }
  return first;
}

/** Whether more than a rule may be another after something was written to the file. */
function mayBeOther({ isLinked, left, form }: FileSight): boolean {
  return form !== undefined || left === 'too_large' || (left === undefined && !isLinked);
}

/** Undefined for a folder, too, and for what may not be looked at. */
async function whatIsAt(file: string): Promise<'file' | 'special' | undefined> {
  try {
    const status = await lstat(file);
    if (status.isDirectory()) return undefined;
    return status.isFile() || status.isSymbolicLink() ? 'file' : 'special';
  } catch (error) {
    if (systemCode(error) !== undefined) return undefined;
    throw error;
  }
}

/** The last line may end within a character. */
function wholeLinesOf(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, bytes.lastIndexOf(LF) + 1);
}

const LF = 0x0a;

/** A pipe is not waited for. */
const TO_READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Undefined for what is no file, or may not be read. */
async function beginningOf(file: string) {
  try {
    const handle = await open(file, TO_READ);
    try {
      const status = await handle.stat();
      if (!status.isFile()) return undefined;
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(BEGINNING), 0, BEGINNING, 0);
      return { bytes: buffer.subarray(0, bytesRead), size: status.size };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (systemCode(error) !== undefined) return undefined;
    throw error;
  }
}
