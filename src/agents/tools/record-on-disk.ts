/**
 * Owns: an agent's record as files of this user's home, shared by the MCP server, hooks and mirror of one
 * session of a client. Each fact is a file of its own, and what changes is a new file, behind which the one before
 * goes: so processes need no lock, and what two of them write at once is told twice at most, and never lost. A
 * rename over the file would have the file system write it out at once, and whatever is synced next wait for that.
 * What a full disk does not take is known to this process only. Does not know: what it means.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  type BigIntStats,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { systemCode } from '../../host/host-error.ts';
import { renameOverSync } from '../../host/rename-over.ts';
import {
  type AgentRecord,
  type FileEntry,
  MOST_FILES,
  newestAt,
  NOTHING_TOLD,
  type ToldEntry,
} from './agent-record.ts';

export interface RecordKey {
  /** `AGENT_WORLD_HOME`. */
  readonly home: string;
  readonly database: string;
  /** Of the agent. */
  readonly identity: string;
  /** As the client names its session; any text. */
  readonly clientSession: string;
}

export class RecordOnDisk implements AgentRecord {
  readonly #folder: string;
  readonly #nowMs: () => number;
  readonly #trustMs: number;
  readonly #unwritten = new Map<number, FileEntry>();
  #isFlushing = false;
  #unwrittenTold: ToldEntry | undefined;
  /** By the names of their files, each of which is written once. */
  #read = new Map<string, FileEntry>();
  #listed: Listed | undefined;
  #told: Told | undefined;

  private constructor(folder: string, nowMs: () => number, trustMs = 0) {
    this.#folder = folder;
    this.#nowMs = nowMs;
    this.#trustMs = trustMs;
  }

  /**
   * Opens the record of a client's session, and makes it where it is new: an agent that begins a session is
   * not told again what it was told in another one. What other processes wrote is looked for once within `trustMs`.
   */
  static open(key: RecordKey, nowMs: () => number, trustMs = 0): RecordOnDisk {
    const agent = folderOfAgent(key);
    const folder = path.join(agent, shortHash(key.clientSession));
    const record = new RecordOnDisk(folder, nowMs, trustMs);
    if (readJson(path.join(folder, TOLD)) === undefined) {
      const noteId = Math.max(0, ...sessionsIn(agent).map((each) => toldIn(each).noteId));
      wroteOn(() => mkdirSync(path.join(folder, FILES), { recursive: true, mode: 0o700 }));
      record.putTold({ ...NOTHING_TOLD, noteId });
      forgetOldSessions(agent, folder, nowMs());
    }
    return record;
  }

  /** The record of the session that was given or told something last; `last` where that is still the one. */
  static newest(
    key: Omit<RecordKey, 'clientSession'>,
    nowMs: () => number,
    last: RecordOnDisk | undefined,
  ): RecordOnDisk | undefined {
    const [newest] = newestFirst(sessionsIn(folderOfAgent(key)));
    if (newest === undefined) return undefined;
    return last && last.#folder === newest.folder ? last : new RecordOnDisk(newest.folder, nowMs);
  }

  file(fileId: number): FileEntry | undefined {
    return this.#unwritten.get(fileId) ?? this.#written().get(fileId)?.entry;
  }

  fileAt(wanted: string): FileEntry | undefined {
    return newestAt(this.files(), wanted);
  }

  files(): readonly FileEntry[] {
    const written = [...this.#written().values()].map(({ entry }) => entry);
    const others = written.filter(({ fileId }) => !this.#unwritten.has(fileId));
    return [...others, ...this.#unwritten.values()].sort((a, b) => a.atMs - b.atMs);
  }

  /** By file. */
  #written(): ReadonlyMap<number, WrittenEntry> {
    if (this.#listed && this.#nowMs() - this.#listed.readAtMs < this.#trustMs) {
      return this.#listed.files;
    }
    const folder = path.join(this.#folder, FILES);
    const stats = statOf(folder);
    if (!stats) return new Map();
    const { mtimeNs } = stats;
    if (this.#listed?.mtimeNs === mtimeNs && isSettled(this.#listed)) return this.#listed.files;
    const readAtMs = this.#nowMs();
    const names = readdirSync(folder);
    const files = new Map<number, WrittenEntry>();
    const read = new Map<string, FileEntry>();
    for (const name of names) {
      // One that another process is just writing is not whole yet; the one before is still there.
      const entry = this.#read.get(name) ?? entryIn(readJson(path.join(folder, name)));
      if (!entry) continue;
      read.set(name, entry);
      const { fileId } = entry;
      const [number, known] = [numberIn(name), files.get(fileId)];
      const isNewest = known === undefined || number > known.number;
      files.set(fileId, {
        ...(isNewest ? { entry, number } : known),
        names: [...(known?.names ?? []), name],
      });
    }
    this.#read = read;
    this.#listed = { mtimeNs, readAtMs, files };
    return files;
  }

  /** Kept at once, and written once the answer is on its way: whoever asked does not wait for the disk. */
  putFile(entry: FileEntry): void {
    if (!this.#isFlushing) setImmediate(() => this.flush());
    this.#isFlushing = true;
    // The one that was given last is the last.
    this.#unwritten.delete(entry.fileId);
    this.#unwritten.set(entry.fileId, entry);
  }

  /**
   * Writes what is only kept so far. What a killed process did not write is of an older text: an edit on it is
   * judged as one that was made on that text.
   */
  flush(): void {
    this.#isFlushing = false;
    const written = this.#unwritten.size > 0 ? this.#written() : new Map<number, WrittenEntry>();
    const most = written.size + this.#unwritten.size;
    for (const entry of this.#unwritten.values()) {
      if (!wroteOn(() => this.#write(entry, written.get(entry.fileId)))) break;
      this.#unwritten.delete(entry.fileId);
    }
    for (const fileId of this.#unwritten.keys()) {
      if (this.#unwritten.size <= MOST_FILES) break;
      this.#unwritten.delete(fileId);
    }
    if (most > MOST_FILES) this.#forgetFirst();
    if (this.#unwrittenTold) this.putTold(this.#unwrittenTold);
  }

  #write(entry: FileEntry, before: WrittenEntry | undefined): void {
    const number = (before?.number ?? 0) + 1;
    const name = `${entry.fileId}.${number}.${randomBytes(4).toString('hex')}.json`;
    const folder = path.join(this.#folder, FILES);
    writeWhole(path.join(folder, name), entry);
    this.#read.set(name, entry);
    this.#listed = undefined;
    this.#remove(before?.names ?? []);
  }

  #forgetFirst(): void {
    const written = [...this.#written().values()].sort((a, b) => a.entry.atMs - b.entry.atMs);
    for (const { names } of written.slice(0, Math.max(0, written.length - MOST_FILES))) {
      this.#remove(names);
    }
  }

  #remove(names: readonly string[]): void {
    this.#listed = undefined;
    for (const name of names) rmSync(path.join(this.#folder, FILES, name), { force: true });
  }

  /** Takes in what another record has; of a file that both have, what was noted later. */
  takeOver(other: RecordOnDisk): void {
    for (const entry of other.files()) {
      if (entry.atMs >= (this.file(entry.fileId)?.atMs ?? 0)) this.putFile(entry);
    }
    const [own, more] = [this.told(), other.told()];
    const both = (of: 'tickets' | 'claims' | 'restorations'): readonly number[] => [
      ...new Set([...own[of], ...more[of]]),
    ];
    this.putTold({
      noteId: more.noteId,
      tickets: both('tickets'),
      claims: both('claims'),
      restorations: both('restorations'),
    });
  }

  remove(): void {
    this.#unwritten.clear();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  told(): ToldEntry {
    if (this.#unwrittenTold) return this.#unwrittenTold;
    const stats = statOf(path.join(this.#folder, TOLD));
    if (!stats) return NOTHING_TOLD;
    const { mtimeNs, ino } = stats;
    const known = this.#told;
    if (known?.ino === ino && known.mtimeNs === mtimeNs && isSettled(known)) return known.entry;
    const readAtMs = this.#nowMs();
    const entry = toldIn(this.#folder);
    this.#told = { mtimeNs, ino, readAtMs, entry };
    return entry;
  }

  putTold(entry: ToldEntry): void {
    const told = { ...entry, noteId: Math.max(entry.noteId, this.told().noteId) };
    const isWritten = wroteOn(() => replaceFile(path.join(this.#folder, TOLD), told));
    this.#unwrittenTold = isWritten ? undefined : told;
  }
}

/** When something on disk was changed, and when it was read. */
interface ReadAt {
  readonly mtimeNs: bigint;
  readonly readAtMs: number;
}

interface Listed extends ReadAt {
  readonly files: ReadonlyMap<number, WrittenEntry>;
}

interface Told extends ReadAt {
  readonly ino: bigint;
  readonly entry: ToldEntry;
}

/** The newest that was written of a file, and all files of the disk that tell of it. */
interface WrittenEntry {
  readonly entry: FileEntry;
  readonly number: number;
  readonly names: readonly string[];
}

/** What changes twice in one tick of the disk's clock has the time of the first change. */
function isSettled({ mtimeNs, readAtMs }: ReadAt): boolean {
  return readAtMs - Number(mtimeNs / 1_000_000n) > SETTLED_MS;
}

/** Of how many before it a file of the disk is; of two that processes wrote at once either counts. */
function numberIn(name: string): number {
  return Number(name.split('.')[1]);
}

function folderOfAgent({ home, database, identity }: Omit<RecordKey, 'clientSession'>): string {
  return path.join(home, 'agent-records', shortHash(`${database} ${identity}`));
}

function sessionsIn(agent: string): readonly string[] {
  try {
    return readdirSync(agent).map((name) => path.join(agent, name));
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return [];
  }
}

/** A client makes a session each time that it starts. */
function forgetOldSessions(agent: string, own: string, nowMs: number): void {
  const others = newestFirst(sessionsIn(agent).filter((folder) => folder !== own));
  for (const [index, { folder, atMs }] of others.entries()) {
    if (index < MOST_SESSIONS && nowMs - atMs < OLD_MS) continue;
    rmSync(folder, { recursive: true, force: true });
  }
}

function newestFirst(
  folders: readonly string[],
): readonly { readonly folder: string; readonly atMs: number }[] {
  const changedMs = (folder: string): number =>
    statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return folders
    .map((folder) => ({
      folder,
      atMs: Math.max(changedMs(folder), changedMs(path.join(folder, FILES))),
    }))
    .sort((a, b) => b.atMs - a.atMs);
}

function toldIn(folder: string): ToldEntry {
  const told = readJson(path.join(folder, TOLD));
  return typeof told === 'object' ? { ...NOTHING_TOLD, ...told } : NOTHING_TOLD;
}

function entryIn(value: object | undefined): FileEntry | undefined {
  const entry: Partial<FileEntry> | undefined = value;
  const isWhole =
    typeof entry?.fileId === 'number' &&
    typeof entry.version === 'number' &&
    entry.seen !== undefined;
  return isWhole ? (entry as FileEntry) : undefined;
}

/** Undefined for what is not there, was damaged, or cannot be read: then it was never told. */
function readJson(file: string): object | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) !== undefined) return undefined;
    throw error;
  }
}

/** After a loss of power it may be gone, and is read anew. */
function writeWhole(file: string, value: object): void {
  try {
    writeFileSync(file, JSON.stringify(value), { mode: 0o600 });
  } catch (error) {
    wroteOn(() => rmSync(file, { force: true }));
    throw error;
  }
}

/** A reader sees the old or the new one; after a loss of power it may be gone, and is read anew. */
function replaceFile(file: string, value: object): void {
  const draft = `${file}.${randomBytes(4).toString('hex')}`;
  writeWhole(draft, value);
  try {
    renameOverSync(draft, file);
  } catch (error) {
    wroteOn(() => rmSync(draft, { force: true }));
    throw error;
  }
}

/** Whether the disk took it. An agent whose disk is full works on. */
function wroteOn(write: () => void): boolean {
  try {
    write();
    return true;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return false;
  }
}

function statOf(folder: string): BigIntStats | undefined {
  try {
    return statSync(folder, { bigint: true });
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

function shortHash(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 24);
}

const FILES = 'files';
const TOLD = 'told.json';
const SETTLED_MS = 10;
const MOST_SESSIONS = 64;
const OLD_MS = 30 * 24 * 3600_000;
