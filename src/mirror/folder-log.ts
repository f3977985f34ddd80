/**
 * Owns: the shared memory of all windows on one folder of one world: what each of them put on disk,
 * is about to save, and holds in an editor. An append-only file of JSON lines, read on as it grows.
 * Knows nothing of worlds or editors; times of files are no evidence of anything here.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, watch } from 'node:fs';
import { appendFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../host/host-error.ts';
import { writeFileAtomically } from '../host/home.ts';
import { tryLock } from '../host/process-lock.ts';
import { FolderCounts } from './folder-counts.ts';
import type {
  FolderLogEntry,
  JudgedBytes,
  OverwrittenBytes,
  PutRecord,
} from './folder-log-entry.ts';
import { StrayedFiles } from './strayed-files.ts';
import { KeptBytes } from './kept-bytes.ts';
import { WaitingFiles } from './restorations/waiting-files.ts';

/** `unanswered`: a window that holds the file is busy, or is only about to bind it. */
export type SaveAnswer = 'saved' | 'denied' | 'unanswered';

/** How many contents of a file in editors count as ours: saves of several windows may cross. */
const REMEMBERED_PUTS = 8;
/** Nothing that needs a claim takes so long, unless its window hangs or is offline. */
const CLAIM_MS = 3_000;
/** Shorter than a claim lasts. A window that is busier than that is asked again. */
const ANSWER_MS = 1_000;
/** A log longer than this is written anew when nobody else uses it. */
const MAX_LOG_BYTES = 256 * 1024;
/** Another window opens the log meanwhile, which takes milliseconds. */
const OPENING_MS = 10;
const LINE_FEED = 0x0a;

interface Claim {
  readonly claimId: string;
  readonly pid: number;
  readonly seenAtMs: number;
}

/** The log of one folder in one world, as one window reads and writes it. */
export class FolderLog {
  /** What waits for an answer. */
  readonly waiting = new WaitingFiles();
  readonly strayed = new StrayedFiles();
  readonly #file: string;
  readonly #texts: KeptBytes;
  readonly #puts = new Map<string, PutRecord[]>();
  readonly #putting = new Map<string, PutRecord>();
  readonly #judged = new Map<string, JudgedBytes>();
  readonly #overwritten = new Map<string, readonly OverwrittenBytes[]>();
  /** The newest version of the world's file that was put at a path. */
  readonly #versions = new Map<string, number>();
  /** Who said no to a question that waits for answers, by the question. */
  readonly #denials = new Map<string, Set<string>>();
  readonly #made = new Set<string>();
  readonly #claims = new Map<string, Claim[]>();
  readonly #holders = new Map<string, Map<string, number>>();
  readonly #listeners = new Set<(entry: FolderLogEntry) => void>();
  /** The paths whose last put has these bytes. */
  readonly #pathsOfHash = new Map<string, Set<string>>();
  readonly #folders = new FolderCounts();
  /** Lines that wait for the write that is under way. */
  #outbox = '';
  #nextWrite: Promise<void> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #offset = 0;
  #rest = Buffer.alloc(0);
  /** Reads one after the other: two at once would take in the same lines twice. */
  #reading: Promise<void> = Promise.resolve();
  #nextRead: Promise<void> | undefined;

  private constructor(directory: string) {
    this.#file = path.join(directory, 'folder.log');
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
      await appendFile(log.#file, '', { mode: 0o600 });
      await log.refresh();
      if (log.#offset > MAX_LOG_BYTES && (await isAlone())) await log.#compact();
    } finally {
      unlock();
    }
    return log;
  }

  /** Reads on whenever another window writes; the returned function ends that. */
  follow(onError: (error: unknown) => void): () => void {
    const watcher = watch(this.#file, () => void this.refresh().catch(onError));
    return () => watcher.close();
  }

  /** What was last put at a path, by any window. */
  lastPut(filePath: string): PutRecord | undefined {
    return this.#puts.get(filePath)?.at(-1);
  }

  /**
   * The put that explains these bytes: the last one, one that a crash cut short, or, for a file in
   * editors, one of the last few. Bytes that the world did not take need no more explaining either.
   */
  putOf(filePath: string, hash: string): PutRecord | undefined {
    const putting = this.#putting.get(filePath);
    if (putting?.hash === hash) return putting;
    const judged = this.#judged.get(filePath);
    if (judged?.hash === hash) return { ...judged, version: 0 };
    const puts = this.#puts.get(filePath) ?? [];
    const counted = this.holders(filePath).length > 0 ? puts : puts.slice(-1);
    return counted.findLast((put) => put.hash === hash);
  }

  /** True for bytes that were put at a path once, and other ones since. */
  isFormerPut(filePath: string, hash: string): boolean {
    const others = [this.#putting.get(filePath), this.#judged.get(filePath)];
    if (others.some((each) => each?.hash === hash)) return false;
    return this.lastPut(filePath)?.hash !== hash && this.putOf(filePath, hash) !== undefined;
  }

  /** True when these bytes were put, or taken in, after the put `base`. */
  isPutSince(filePath: string, hash: string, base: PutRecord): boolean {
    const puts = this.#puts.get(filePath) ?? [];
    // One that is not among the last few any more came before all of them.
    const at = puts.findLastIndex((put) => put.hash === base.hash && put.version === base.version);
    return puts.slice(at + 1).some((put) => put.hash === hash);
  }

  /** The newest version that was put at a path; 0 when none is known. */
  lastVersion(filePath: string): number {
    return this.#versions.get(filePath) ?? 0;
  }

  /** What the world did not take and nothing was put in the place of yet. */
  judged(filePath: string): JudgedBytes | undefined {
    return this.#judged.get(filePath);
  }

  /** True for a file that was made in an editor and has not been taken in. */
  isMade(filePath: string): boolean {
    return this.#made.has(filePath);
  }

  /** What saves have replaced at a path before it was taken in. */
  overwritten(filePath: string): readonly OverwrittenBytes[] {
    return this.#overwritten.get(filePath) ?? [];
  }

  /** The paths whose last put has these bytes. */
  pathsOf(hash: string): readonly string[] {
    return [...(this.#pathsOfHash.get(hash) ?? [])];
  }

  /** How many paths something was put at and not removed since. */
  get pathCount(): number {
    return this.#puts.size;
  }

  /** True for a folder in which something was put and not removed since. */
  hasFolder(folder: string): boolean {
    return this.#folders.has(folder);
  }

  /** Every path that something was put at and not removed since. */
  paths(): Iterable<string> {
    return this.#puts.keys();
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
    const claims = paths.map((path) => ({ path, claimId: randomUUID() }));
    await this.append(
      ...claims.map((claim) => ({ tag: 'claim' as const, ...claim, pid: process.pid })),
    );
    for (const { path, claimId } of claims) {
      for (;;) {
        const first = this.#firstClaim(path);
        if (first === undefined || first.claimId === claimId) break;
        await this.#growth(CLAIM_MS - (Date.now() - first.seenAtMs));
      }
    }
    return () => this.append(...claims.map((claim) => ({ tag: 'unclaim' as const, ...claim })));
  }

  /** Resolves true once a put explains these bytes, or false at the deadline. */
  async isExplained(filePath: string, hash: string, timeoutMs: number): Promise<boolean> {
    const deadlineMs = Date.now() + timeoutMs;
    while (this.putOf(filePath, hash) === undefined) {
      const leftMs = deadlineMs - Date.now();
      if (leftMs <= 0) return false;
      await this.#growth(leftMs);
    }
    return true;
  }

  /** Asks the windows that hold the file whether one of them saved these bytes. */
  async whoSaved(filePath: string, hash: string): Promise<SaveAnswer> {
    const queryId = randomUUID();
    const denied = new Set<string>();
    this.#denials.set(queryId, denied);
    try {
      await this.append({ tag: 'query', queryId, path: filePath, hash });
      const deadlineMs = Date.now() + ANSWER_MS;
      for (;;) {
        if (this.putOf(filePath, hash)) return 'saved';
        if (this.holders(filePath).every((each) => denied.has(each))) return 'denied';
        const leftMs = deadlineMs - Date.now();
        if (leftMs <= 0) return 'unanswered';
        await this.#growth(leftMs);
      }
    } finally {
      this.#denials.delete(queryId);
    }
  }

  /** The windows that have the file in an editor. */
  holders(filePath: string): readonly string[] {
    const holders = this.#holders.get(filePath);
    if (holders === undefined) return [];
    for (const [windowId, pid] of holders) {
      if (!isAlive(pid)) this.#forgetWindow(windowId);
    }
    return [...holders.keys()];
  }

  /** Tells every entry once, of all windows, after it was taken in. */
  onEntry(listener: (entry: FolderLogEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves when they are in the log and were taken in. What is appended meanwhile goes together. */
  append(...entries: readonly FolderLogEntry[]): Promise<void> {
    this.#outbox += entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    if (this.#nextWrite === undefined) {
      const write = (): Promise<void> => this.#writeOutbox();
      this.#nextWrite = this.#writing.then(write, write);
      this.#writing = this.#nextWrite;
    }
    return this.#nextWrite;
  }

  async #writeOutbox(): Promise<void> {
    const lines = this.#outbox;
    this.#outbox = '';
    this.#nextWrite = undefined;
    // One write of one buffer in append mode: lines of several windows do not mix.
    await appendFile(this.#file, lines, { mode: 0o600 });
    await this.refresh();
  }

  /** Takes in what all windows appended since. Who asks before a read has begun gets that one. */
  refresh(): Promise<void> {
    if (this.#nextRead === undefined) {
      const read = (): void => {
        this.#nextRead = undefined;
        this.#readOn();
      };
      this.#nextRead = this.#reading.then(read, read);
      this.#reading = this.#nextRead;
    }
    return this.#nextRead;
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
   * Writes what counts into a new log that takes the place of the old one at once; a crash leaves
   * one of the two. What windows hold, claim and ask ended with them.
   */
  async #compact(): Promise<void> {
    const paths = new Set([...this.#puts.keys(), ...this.#judged.keys()]);
    const files = [...paths].flatMap((each) => this.#entriesOf(each));
    const entries = [...files, ...this.waiting.entries()];
    const content = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    await writeFileAtomically(this.#file, content);
    this.#offset = Buffer.byteLength(content);
    this.#rest = Buffer.alloc(0);
    this.#holders.clear();
    this.#claims.clear();
    const kept = new Set(
      entries.flatMap((entry) => [
        ...('hash' in entry ? [entry.hash] : []),
        ...('base' in entry ? [entry.base.hash] : []),
        ...('kept' in entry ? [entry.kept] : []),
      ]),
    );
    await this.#texts.dropAllBut(kept);
  }

  #entriesOf(filePath: string): readonly FolderLogEntry[] {
    const last = this.#puts.get(filePath)?.at(-1);
    const putting = this.#putting.get(filePath);
    const judged = this.#judged.get(filePath);
    const wasJudged = judged ? [{ tag: 'judged', ...judged } as const] : [];
    if (last === undefined) return wasJudged;
    const version = this.lastVersion(filePath);
    return [
      // Only its version is of interest: no bytes have this hash.
      ...(version !== last.version ? [{ tag: 'put', ...last, version, hash: '' } as const] : []),
      { tag: 'put', ...last },
      ...(putting ? [{ tag: 'putting', ...putting } as const] : []),
      ...wasJudged,
      ...this.strayed.entriesOf(filePath),
      ...this.overwritten(filePath).map((each) => ({ tag: 'overwritten', ...each }) as const),
    ];
  }

  /** At once: what is read is little, and costs less than to be handed to other threads. */
  #readOn(): void {
    const descriptor = openSync(this.#file, 'r');
    try {
      const { size } = fstatSync(descriptor);
      if (size <= this.#offset) return;
      const buffer = Buffer.allocUnsafe(size - this.#offset);
      const bytesRead = readSync(descriptor, buffer, 0, buffer.length, this.#offset);
      this.#offset += bytesRead;
      this.#take(buffer.subarray(0, bytesRead));
    } finally {
      closeSync(descriptor);
    }
  }

  #take(bytes: Buffer): void {
    const all = Buffer.concat([this.#rest, bytes]);
    const end = all.lastIndexOf(LINE_FEED) + 1;
    this.#rest = all.subarray(end);
    const lines = all.toString('utf8', 0, end).split('\n');
    const entries = lines.map(parseEntry).filter((entry) => entry !== undefined);
    for (const entry of entries) {
      this.#apply(entry);
      for (const listener of this.#listeners) listener(entry);
    }
  }

  #apply(entry: FolderLogEntry): void {
    this.waiting.apply(entry);
    this.strayed.apply(entry);
    switch (entry.tag) {
      case 'putting':
        this.#putting.set(entry.path, entry);
        return;
      case 'made':
        this.#made.add(entry.path);
        return;
      case 'put': {
        this.#made.delete(entry.path);
        this.#putting.delete(entry.path);
        this.#judged.delete(entry.path);
        if (entry.version > 0) this.#versions.set(entry.path, entry.version);
        const puts = this.#puts.get(entry.path) ?? [];
        if (puts.length === 0) this.#folders.add(entry.path);
        const executable = entry.executable ?? puts.at(-1)?.executable;
        this.#forgetHash(entry.path);
        addTo(this.#pathsOfHash, entry.hash, () => new Set<string>()).add(entry.path);
        this.#puts.set(entry.path, [...puts.slice(1 - REMEMBERED_PUTS), { ...entry, executable }]);
        return;
      }
      case 'removed':
        this.#made.delete(entry.path);
        this.#forgetHash(entry.path);
        if (this.#puts.delete(entry.path)) this.#folders.remove(entry.path);
        this.#putting.delete(entry.path);
        this.#judged.delete(entry.path);
        this.#versions.delete(entry.path);
        return;
      case 'judged':
        this.#judged.set(entry.path, entry);
        return;
      case 'overwritten':
        this.#overwritten.set(entry.path, [...this.overwritten(entry.path), entry]);
        return;
      case 'taken': {
        const left = this.overwritten(entry.path).filter(({ hash }) => hash !== entry.hash);
        if (left.length > 0) this.#overwritten.set(entry.path, left);
        else this.#overwritten.delete(entry.path);
        return;
      }
      case 'window':
        if (entry.is === 'ended') this.#forgetWindow(entry.windowId);
        return;
      case 'denial':
        this.#denials.get(entry.queryId)?.add(entry.windowId);
        return;
      case 'claim':
        addTo(this.#claims, entry.path, () => []).push({ ...entry, seenAtMs: Date.now() });
        return;
      case 'unclaim':
        this.#dropClaim(entry.path, entry.claimId);
        return;
      case 'hold':
        addTo(this.#holders, entry.path, () => new Map<string, number>()).set(
          entry.windowId,
          entry.pid,
        );
        return;
      case 'release':
        this.#holders.get(entry.path)?.delete(entry.windowId);
        return;
      default:
        // What it says is of no use later, or is kept by `waiting` or `strayed`.
        return;
    }
  }

  #forgetHash(path: string): void {
    const hash = this.lastPut(path)?.hash;
    if (hash === undefined) return;
    const paths = this.#pathsOfHash.get(hash);
    paths?.delete(path);
    if (paths?.size === 0) this.#pathsOfHash.delete(hash);
  }

  #forgetWindow(windowId: string): void {
    for (const holders of this.#holders.values()) holders.delete(windowId);
  }

  #firstClaim(filePath: string): Claim | undefined {
    const claims = this.#claims.get(filePath) ?? [];
    const live = claims.filter(
      ({ seenAtMs, pid }) => Date.now() - seenAtMs < CLAIM_MS && isAlive(pid),
    );
    this.#claims.set(filePath, live);
    return live[0];
  }

  #dropClaim(filePath: string, claimId: string): void {
    const claims = this.#claims.get(filePath)?.filter((claim) => claim.claimId !== claimId) ?? [];
    if (claims.length > 0) this.#claims.set(filePath, claims);
    else this.#claims.delete(filePath);
  }

  async #hasGrown(): Promise<boolean> {
    return (await stat(this.#file)).size > this.#offset;
  }

  /** Resolves when the log has grown and was read, or after a time. */
  async #growth(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const settle = (): void => {
        watcher.close();
        clearTimeout(timer);
        resolve();
      };
      const watcher = watch(this.#file, settle);
      const timer = setTimeout(settle, Math.max(1, timeoutMs));
      // It may have grown before the watcher began.
      void this.#hasGrown().then((hasGrown) => hasGrown && settle());
    });
    await this.refresh();
  }
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

function addTo<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

/** A line that a crash cut short says nothing. */
function parseEntry(line: string): FolderLogEntry | undefined {
  if (line === '') return undefined;
  try {
    return JSON.parse(line) as FolderLogEntry;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
