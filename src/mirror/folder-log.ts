/**
 * Owns: the shared memory of all windows on one folder of one world: what each of them put on disk,
 * is about to save, and holds in an editor. An append-only file of JSON lines, read on as it grows.
 * Knows nothing of worlds or editors. Times of files say here whether two looks saw the same writing, and no more.
 */
import { rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { tryLock } from '../host/process-lock.ts';
import { AnnouncedWrites } from './announced-writes.ts';
import { FileHolders } from './file-holders.ts';
import type {
  FolderLogEntry,
  JudgedBytes,
  OverwrittenBytes,
  PutRecord,
} from './folder-log-entry.ts';
import { KeptBytes } from './kept-bytes.ts';
import { LogFile } from './log-file.ts';
import type { OutsideFile } from './outside-files.ts';
import { PathClaims } from './path-claims.ts';
import { PutRecords } from './put-records.ts';
import { WaitingFiles } from './restorations/waiting-files.ts';
import { SavedFiles } from './saved-files.ts';
import { StrayedFiles } from './strayed-files.ts';

/** `unanswered`: a window that holds the file is busy, or is only about to bind it. */
export type SaveAnswer = 'saved' | 'denied' | 'unanswered';

/** Shorter than a claim lasts. A window that is busier than that is asked again. */
const ANSWER_MS = 1_000;
/** Well within the time that a claim lasts. */
const RENEWAL_MS = 1_000;
/** An editor that has not told by then that it is done has given up. */
const BEGUN_MS = 10_000;
/** Each renewal writes a line for each path; files of a folder are told by their bytes. */
const MOST_RENEWED = 128;
/** A log longer than this is written anew when nobody else uses it. */
const MAX_LOG_BYTES = 256 * 1024;
/** Another window opens the log meanwhile, which takes milliseconds. */
const OPENING_MS = 10;

const LOG_FILE = 'folder.log';

/**
 * Forgets what was put into a folder, for somebody who begins with it anew; nothing may keep it meanwhile. Copies
 * of texts stay where they are.
 */
export function forgetPuts(directory: string): Promise<void> {
  return rm(path.join(directory, LOG_FILE), { force: true });
}

/** The log of one folder in one world, as one window reads and writes it. */
export class FolderLog {
  /** What waits for an answer. */
  readonly waiting = new WaitingFiles();
  readonly strayed = new StrayedFiles();
  /** What tools are about to write. */
  readonly announced = new AnnouncedWrites();
  /** What windows have saved of documents that are not live. */
  readonly saved = new SavedFiles();
  readonly #file: LogFile<FolderLogEntry>;
  readonly #texts: KeptBytes;
  readonly #puts = new PutRecords();
  readonly #holders = new FileHolders();
  readonly #claims = new PathClaims();
  /** Who said no to a question that waits for answers, by the question. */
  readonly #denials = new Map<string, Set<string>>();
  readonly #outside = new Map<string, OutsideFile>();
  readonly #listeners = new Set<(entry: FolderLogEntry) => void>();
  #keeper: number | undefined;
  #isUnwatched = false;

  private constructor(directory: string) {
    this.#file = new LogFile(path.join(directory, LOG_FILE), (entry) => this.#apply(entry));
    this.#texts = new KeptBytes(path.join(directory, 'texts'));
  }

  /**
   * Opens the log in a directory that all windows on the folder share, making it where missing. A
   * long log is written anew when `isAlone` says that no other window has it open; whoever opens it
   * must count as a window for others before.
   */
  static async open(
    directory: string,
    isAlone: () => Promise<boolean> = () => Promise.resolve(false),
  ): Promise<FolderLog> {
    const log = new FolderLog(directory);
    await log.#texts.make();
    const unlock = await lockedOpening(path.join(directory, 'opening.lock'));
    try {
      await log.#file.open();
      if (log.#file.byteLength > MAX_LOG_BYTES && (await isAlone())) await log.#compact();
    } finally {
      unlock();
    }
    return log;
  }

  /** Reads on whenever another window writes; the returned function ends that. */
  follow(onError: (error: unknown) => void): () => void {
    return this.#file.follow(onError);
  }

  /** What was last put at a path, by any window. */
  lastPut(filePath: string): PutRecord | undefined {
    return this.#puts.last(filePath);
  }

  /**
   * The put that explains these bytes: the last one, or one that a crash cut short. Bytes that the world did
   * not take need no more explaining either. What was put before the last one explains nothing, since a tool may
   * put it back at any time, unless `stamp` says that the disk has that very writing.
   */
  putOf(filePath: string, hash: string, stamp?: string): PutRecord | undefined {
    return this.#puts.of(filePath, hash, stamp);
  }

  /** The newest of the last puts at a path that had these bytes, whatever was put there since. */
  newestPut(filePath: string, hash: string): PutRecord | undefined {
    return this.#puts.newestOf(filePath, hash);
  }

  /** True for a put that others were told of after. */
  isFormerPut(put: PutRecord): boolean {
    return this.#puts.isFormer(put);
  }

  /** Grows with every put at a path; of use for as long as this log is open. */
  putCount(filePath: string): number {
    return this.#puts.count(filePath);
  }

  /** True when these bytes were put since `putCount` was this. */
  isPutAfter(filePath: string, hash: string, count: number): boolean {
    return this.#puts.isAfter(filePath, hash, count);
  }

  /** True when these bytes were put, or taken in, after the put `base`. */
  isPutSince(filePath: string, hash: string, base: PutRecord): boolean {
    return this.#puts.isSince(filePath, hash, base);
  }

  /** The newest version that was put at a path; 0 when none is known. */
  lastVersion(filePath: string): number {
    return this.#puts.lastVersion(filePath);
  }

  /**
   * What says that a put is at another path now. Bytes that are no version of the world's file were made of the newest
   * one that was put: that is known there, too. `spelled`: how this disk spells the path, if otherwise.
   */
  moved(put: PutRecord, path: string, spelled?: string): readonly FolderLogEntry[] {
    const version = this.lastVersion(put.path);
    const moved = { ...put, path, spelled };
    // No bytes have this hash.
    const madeOf = put.version === 0 && version > 0 ? [{ ...moved, version, hash: '' }] : [];
    return [...madeOf, moved].map((each) => ({ tag: 'put', ...each }));
  }

  /** What the world did not take and nothing was put in the place of yet. */
  judged(filePath: string): JudgedBytes | undefined {
    return this.#puts.judged(filePath);
  }

  /** True for a file that was made in an editor and has not been taken in. */
  isMade(filePath: string): boolean {
    return this.#puts.isMade(filePath);
  }

  /** What saves have replaced at a path before it was taken in. */
  overwritten(filePath: string): readonly OverwrittenBytes[] {
    return this.#puts.overwritten(filePath);
  }

  /** The path of the file that this disk calls so: it may spell what was put there in its own way. */
  meant(name: string): string {
    return (this.lastPut(name) ? undefined : this.#puts.spelledSo(name)) ?? name;
  }

  /** The paths whose last put has these bytes. */
  pathsOf(hash: string): readonly string[] {
    return this.#puts.pathsOf(hash);
  }

  /** How many paths something was put at and not removed since. */
  get pathCount(): number {
    return this.#puts.pathCount;
  }

  /** True for a folder in which something was put and not removed since. */
  hasFolder(folder: string): boolean {
    return this.#puts.hasFolder(folder);
  }

  /** Every path that something was put at and not removed since. */
  paths(): Iterable<string> {
    return this.#puts.paths();
  }

  /** The same in a folder. */
  pathsIn(folder: string): readonly string[] {
    return this.#puts.pathsIn(folder);
  }

  /**
   * Waits until nobody else binds, saves, puts or takes in the file at a path; the order of the
   * claims in the log decides. Resolves with the function that gives the claim back. A claim that
   * lasts for too long, or whose window ended, counts no more.
   */
  claim(filePath: string): Promise<() => Promise<void>> {
    return this.claimAll([filePath]);
  }

  /** The same for several paths at once. */
  async claimAll(paths: readonly string[]): Promise<() => Promise<void>> {
    const { unclaim, granted } = await this.#claimAll(paths);
    await granted();
    return unclaim;
  }

  /**
   * The same for what the user has begun and the editor does, which takes as long as it takes: the claims last until
   * they are given back, and not longer than `BEGUN_MS` in case that it fails, which nobody tells of.
   */
  async claimBegun(paths: readonly string[]): Promise<() => Promise<void>> {
    const { renew, unclaim, granted } = await this.#claimAll(paths);
    const stop = renewing(renew, paths.length);
    await granted();
    return async () => {
      stop();
      await unclaim();
    };
  }

  async #claimAll(paths: readonly string[]) {
    const claims = paths.map((path) => ({ path, claimId: randomUUID() }));
    const renew = (): Promise<void> =>
      this.append(
        ...claims.map((claim) => ({ tag: 'claim' as const, ...claim, pid: process.pid })),
      );
    await renew();
    return {
      renew,
      unclaim: () => this.append(...claims.map((claim) => ({ tag: 'unclaim' as const, ...claim }))),
      granted: () => this.#granted(claims),
    };
  }

  async #granted(claims: readonly { path: string; claimId: string }[]): Promise<void> {
    for (const { path, claimId } of claims) {
      for (;;) {
        const waitMs = this.#claims.waitMs(path, claimId);
        if (waitMs === undefined) break;
        await this.#file.growth(waitMs);
      }
    }
  }

  /** Resolves true once a put explains these bytes, or false at the deadline. */
  async isExplained(filePath: string, hash: string, timeoutMs: number): Promise<boolean> {
    const deadlineMs = Date.now() + timeoutMs;
    while (this.putOf(filePath, hash) === undefined) {
      const leftMs = deadlineMs - Date.now();
      if (leftMs <= 0) return false;
      await this.#file.growth(leftMs);
    }
    return true;
  }

  /**
   * Asks the windows that hold the file whether one of them saved these bytes, which were looked at when
   * `putCount` was `count`. `isReplaced`: they are kept, and on disk no more.
   */
  async whoSaved(
    filePath: string,
    hash: string,
    count = this.putCount(filePath),
    isReplaced?: true,
  ): Promise<SaveAnswer> {
    const queryId = randomUUID();
    const denied = new Set<string>();
    this.#denials.set(queryId, denied);
    try {
      await this.append({ tag: 'query', queryId, path: filePath, hash, isReplaced });
      const deadlineMs = Date.now() + ANSWER_MS;
      for (;;) {
        if (!isReplaced && this.putOf(filePath, hash)) return 'saved';
        if (this.isPutAfter(filePath, hash, count)) return 'saved';
        if (this.holders(filePath).every((each) => denied.has(each))) return 'denied';
        const leftMs = deadlineMs - Date.now();
        if (leftMs <= 0) return 'unanswered';
        await this.#file.growth(leftMs);
      }
    } finally {
      this.#denials.delete(queryId);
    }
  }

  /** The process of the mirror that answers what is asked of it here; it may have been killed. */
  get keeper(): number | undefined {
    return this.#keeper;
  }

  /** True while whoever keeps the folder looks at it from time to time, since the system does not watch it. */
  get isUnwatched(): boolean {
    return this.#isUnwatched;
  }

  /** The files that were told to be outside of the world, and not to be in it since. */
  outside(): readonly OutsideFile[] {
    return [...this.#outside.values()];
  }

  /** Says how it is from now on, if that is something else. */
  async tellWatched(is: 'refused' | 'given'): Promise<void> {
    if (this.#isUnwatched !== (is === 'refused')) await this.append({ tag: 'watch', is });
  }

  /** The windows that have the file in an editor. */
  holders(filePath: string): readonly string[] {
    return this.#holders.of(filePath);
  }

  /** Tells every entry once, of all windows, after it was taken in. */
  onEntry(listener: (entry: FolderLogEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves when they are in the log and were taken in. What is appended meanwhile goes together. */
  append(...entries: readonly FolderLogEntry[]): Promise<void> {
    return this.#file.append(...entries);
  }

  /** Takes in what all windows appended since. Who asks before a read has begun gets that one. */
  refresh(): Promise<void> {
    return this.#file.refresh();
  }

  /**
   * Keeps the text of a put that is no version of the world, for finding what changed in it later.
   * `isElsewhere`: the history has it too.
   */
  keepText(hash: string, bytes: Uint8Array, isElsewhere = false): Promise<void> {
    return this.#texts.keep(hash, bytes, isElsewhere);
  }

  readText(hash: string): Promise<Uint8Array | undefined> {
    return this.#texts.read(hash);
  }

  dropText(hash: string): Promise<void> {
    return this.#texts.drop(hash);
  }

  /**
   * Writes what counts into a new log that takes the place of the old one. What windows hold, claim
   * and ask ended with them.
   */
  async #compact(): Promise<void> {
    const files = [...this.#puts.knownPaths()].flatMap((path) =>
      this.#puts.entriesOf(path, this.strayed.entriesOf(path)),
    );
    // Who is about to keep the folder says how it is only where that is something else.
    const watch = this.#isUnwatched ? [{ tag: 'watch', is: 'refused' } as const] : [];
    const outside = this.outside();
    const paths = outside.map(({ path }) => path);
    const entries: FolderLogEntry[] = [
      ...files,
      ...watch,
      ...(paths.length > 0 ? [{ tag: 'outside', paths, files: outside } as const] : []),
      ...this.waiting.entries(),
      ...this.saved.entries(),
    ];
    await this.#file.replaceBy(entries);
    this.#holders.clear();
    this.#claims.clear();
    const kept = new Set(
      entries.flatMap((entry) => [
        ...('hash' in entry ? [entry.hash] : []),
        ...('base' in entry ? [entry.base.hash] : []),
        ...('on' in entry && entry.on ? [entry.on.hash] : []),
        ...('kept' in entry ? [entry.kept] : []),
      ]),
    );
    await this.#texts.dropAllBut(kept);
  }

  #apply(entry: FolderLogEntry): void {
    this.waiting.apply(entry);
    this.strayed.apply(entry);
    this.announced.apply(entry);
    // Who looked in the moment of a save may have taken it in before it was told of.
    const isLate = entry.tag === 'saved' && this.lastPut(entry.path)?.hash === entry.hash;
    if (!isLate) this.saved.apply(entry);
    this.#puts.apply(entry);
    this.#holders.apply(entry);
    this.#claims.apply(entry);
    if (entry.tag === 'mirror') this.#keeper = entry.is === 'began' ? entry.pid : undefined;
    if (entry.tag === 'watch') this.#isUnwatched = entry.is === 'refused';
    if (entry.tag === 'outside') {
      for (const path of entry.paths) this.#outside.delete(path);
      for (const file of entry.files) this.#outside.set(file.path, file);
    }
    if (entry.tag === 'denial') this.#denials.get(entry.queryId)?.add(entry.windowId);
    for (const listener of this.#listeners) listener(entry);
  }
}

/** Calls again and again, so that a claim does not run out; the returned function ends that. */
function renewing(renew: () => Promise<void>, claims: number): () => void {
  if (claims > MOST_RENEWED) return () => undefined;
  const begunAtMs = Date.now();
  const stop = (): void => clearInterval(timer);
  const timer = setInterval(() => {
    if (Date.now() - begunAtMs > BEGUN_MS) return stop();
    // What cannot be renewed runs out.
    renew().catch(stop);
  }, RENEWAL_MS);
  timer.unref();
  return stop;
}

/** Windows open the log one after the other; resolves with the function that lets the next one in. */
async function lockedOpening(file: string): Promise<() => void> {
  for (;;) {
    const lock = tryLock(file);
    if (lock.kind === 'held') return () => lock.release();
    if (lock.kind === 'unavailable') return () => undefined;
    await new Promise((resolve) => setTimeout(resolve, OPENING_MS));
  }
}
