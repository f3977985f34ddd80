import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DEFAULT_LIMITS, parseLimits, type Limits } from '../core/limits.ts';
import type { FileMode } from '../core/op-payload.ts';
import type { ReducerArguments } from './bindings.ts';
import { changeFile, deleteFile, type FileChanger, sentContent } from './change-file.ts';
import { type FolderBase, folderBase } from './folder-base.ts';
import { type FolderScan, type ScannedFile, scanFolder, type SkippedFile } from './folder-scan.ts';
import { markGitPoint } from './mark-git-point.ts';
import { readHeadSeq } from './read-head.ts';
import type { Refusal } from './refusal.ts';
import { detectContent, type FileContent } from './text-format.ts';
import { newUuid, type RandomBytes } from './uuid.ts';
import { WorldError } from './world-error.ts';
import type { WorldSession } from './world-session.ts';

export interface ImportOptions {
  readonly session: WorldSession;
  /** Absolute. */
  readonly folder: string;
  /** The commit that the folder is checked out from, where it is. */
  readonly baseCommit?: string | undefined;
  readonly randomBytes: RandomBytes;
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly signal?: AbortSignal;
  /** What stays out, if not what the folder's own settings say; see `ScanOptions`. */
  readonly exclude?: readonly string[];
}

export interface ImportProgress {
  readonly files: number;
  readonly totalFiles: number;
}

export interface ImportReport {
  readonly files: number;
  readonly bytes: number;
  /** Files of which the world knows the bytes only. */
  readonly binary: number;
  readonly skipped: readonly (SkippedFile | { readonly path: string; readonly why: 'too_large' })[];
  /** Paths where the world has something else already: those became tickets. */
  readonly disputed: readonly string[];
  /** Paths at which the folder was not as its commit has it. */
  readonly changed: readonly string[];
}

type NewFile = ReducerArguments<'import_files'>['files'][number];

/**
 * Brings a folder's files into a world, about a mebibyte at a time so that others can work
 * meanwhile. Files that are there already with the same content stay as they are. Where the folder
 * is checked out from a commit the world has that first, and what differs from it as edits of
 * whoever brings it in. Throws `WorldError` `refused`, `closed` or `cancelled`, and `GitError`.
 */
export async function importFolder(options: ImportOptions): Promise<ImportReport> {
  const { session, folder, baseCommit, signal } = options;
  await session.whenOnline(signal);
  const scan = await scanFolder(folder, options);
  const base = baseCommit === undefined ? undefined : await folderBase(folder, baseCommit, signal);
  const intake = new Intake(options, scan);
  if (!base) {
    await intake.takeFromDisk(scan.files.map(({ path }) => path));
    return intake.report([]);
  }
  const scanned = scan.files.map((file) => file.path);
  if (![...session.view.notes.values()].some(({ kind }) => kind === 'base')) {
    await intake.takeFromDisk(
      scanned.filter((name) => base.files.get(name)?.isDirty === false),
      base,
    );
    await base.checkOut(await intake.dirtyIn(base), ({ path, bytes }) =>
      intake.take(path, bytes, base.files.get(path)!.mode),
    );
    await intake.flush();
    await markBase(options, base);
  }
  return intake.report(await intake.takeDifferences(base));
}

async function markBase(
  { session, randomBytes, signal }: ImportOptions,
  { frame }: FolderBase,
): Promise<void> {
  const upTo = await readHeadSeq(await session.whenOnline(signal));
  const point = { kind: 'base', ...frame, upTo } as const;
  await markGitPoint(session, point, frame.commit.slice(0, 12), randomBytes, signal);
}

/** Collects files into calls, and what became of them into a report. */
class Intake {
  readonly #options: ImportOptions;
  readonly #limits: Limits;
  readonly #scan: FolderScan;
  readonly #skipped: ImportReport['skipped'][number][];
  readonly #disputed: string[] = [];
  #done = { files: 0, bytes: 0, binary: 0 };
  /** On disk. */
  readonly #sizes = new WeakMap<NewFile, number>();
  #group: NewFile[] = [];
  #groupBytes = 0;

  constructor(options: ImportOptions, scan: FolderScan) {
    this.#options = options;
    this.#limits = parseLimits(options.session.workspace?.limits ?? '') ?? DEFAULT_LIMITS;
    this.#scan = scan;
    this.#skipped = [...scan.skipped];
  }

  /** Files as they lie in the folder. */
  async takeFromDisk(names: readonly string[], base?: FolderBase): Promise<void> {
    const wanted = new Set(names);
    const largest = Math.max(this.#limits.textFileBytes, this.#limits.binaryFileBytes);
    for (const file of this.#scan.files) {
      const { path: name, bytes } = file;
      if (!wanted.has(name)) continue;
      const mode = modeOf(file, base);
      if (bytes > largest) this.#skipped.push({ path: name, why: 'too_large' });
      else await this.take(name, await this.#read(name), mode);
    }
    await this.flush();
  }

  /**
   * The base's files that differ in the folder. What is there in the place of some cannot be in the
   * world, so neither can they: the folder is to be left as it is.
   */
  async dirtyIn(base: FolderBase): Promise<readonly string[]> {
    const onDisk = new Set(this.#scan.files.map((file) => file.path));
    const unfit = new Set(this.#scan.skipped.map((file) => file.path));
    const dirty: string[] = [];
    for (const [name, { isDirty }] of base.files) {
      if (!isDirty || unfit.has(name)) continue;
      if (!onDisk.has(name) || this.#fitting(name, await this.#read(name))) dirty.push(name);
    }
    return dirty;
  }

  /** One file; it is sent with others. */
  async take(name: string, bytes: Uint8Array, mode: FileMode): Promise<void> {
    const content = this.#fitting(name, bytes);
    if (!content) return;
    const isFull = this.#groupBytes + bytes.length > GROUP_BYTES;
    if (isFull || this.#group.length >= this.#limits.filesPerImport) await this.flush();
    const { session, randomBytes } = this.#options;
    const opId = newUuid(session.clock.nowMs(), randomBytes);
    const isKnownBinary = session.view.fileAt(name)?.kind === 'binary';
    // What could be a text by now may be kept as bytes: the same bytes again change nothing.
    const kept = isKnownBinary ? ({ kind: 'binary', bytes } as const) : content;
    const file = { opId, path: name, mode, content: sentContent(kept, session.moduleLevel) };
    this.#sizes.set(file, bytes.length);
    this.#group.push(file);
    this.#groupBytes += bytes.length;
  }

  /** Sends what was taken. */
  async flush(): Promise<void> {
    const files = this.#group;
    if (files.length === 0) return;
    this.#group = [];
    this.#groupBytes = 0;
    await this.#send(files);
    const { files: done } = this.#done;
    const totalFiles = Math.max(done, this.#scan.files.length);
    this.#options.onProgress?.({ files: done, totalFiles });
  }

  /** What is too long for one call goes file by file, and a file that is too long by itself is left out. */
  async #send(files: NewFile[]): Promise<void> {
    const sent = await send(this.#options, files);
    if (sent.tag === 'too_long') {
      if (files.length > 1) for (const file of files) await this.#send([file]);
      else this.#skipped.push({ path: files[0]!.path, why: 'too_large' });
      return;
    }
    this.#disputed.push(...sent.disputed);
    const sizes = files.map((file) => this.#sizes.get(file) ?? 0);
    this.#done = {
      files: this.#done.files + files.length,
      bytes: this.#done.bytes + sizes.reduce((sum, size) => sum + size, 0),
      binary: this.#done.binary + files.filter(({ content }) => content.kind === 'binary').length,
    };
  }

  /** Makes of the base's files what the folder has; returns the paths of what differed. */
  async takeDifferences(base: FolderBase): Promise<readonly string[]> {
    const { session, randomBytes, signal } = this.#options;
    const changer: FileChanger = { session, randomBytes, author: '', signal };
    const onDisk = new Map(this.#scan.files.map((file) => [file.path, file]));
    const heads = [...base.files].flatMap(([name, { isDirty }]) => {
      const head = isDirty ? session.view.fileAt(name) : undefined;
      return head ? [head] : [];
    });
    // First, since a folder may have come in the place of a file.
    for (const head of heads) if (!onDisk.has(head.path)) await deleteFile(changer, head);
    const fresh = [...onDisk.keys()].filter((name) => !base.files.has(name));
    await this.takeFromDisk(fresh, base);
    for (const head of heads) {
      const file = onDisk.get(head.path);
      const content = file && this.#fitting(head.path, await this.#read(head.path));
      if (!file || !content) continue;
      await changeFile(changer, head, { content, mode: modeOf(file, base) });
    }
    return [...fresh, ...heads.map(({ path }) => path)].sort();
  }

  report(changed: readonly string[]): ImportReport {
    return { ...this.#done, skipped: this.#skipped, disputed: this.#disputed, changed };
  }

  async #read(name: string): Promise<Uint8Array> {
    return new Uint8Array(await readFile(path.join(this.#options.folder, name)));
  }

  /** Undefined for a content that is larger than the world takes. */
  #fitting(name: string, bytes: Uint8Array): FileContent | undefined {
    const content = detectContent(bytes);
    const { textFileBytes, binaryFileBytes } = this.#limits;
    if (bytes.length <= (content.kind === 'text' ? textFileBytes : binaryFileBytes)) return content;
    this.#skipped.push({ path: name, why: 'too_large' });
    return undefined;
  }
}

/** Where git does not go by the folder's bits, a file is what the commit has, and a new one is plain. */
function modeOf({ path: name, executable }: ScannedFile, base: FolderBase | undefined): FileMode {
  if (base && !base.hasModes) return base.files.get(name)?.mode ?? 'regular';
  return executable ? 'executable' : 'regular';
}

const GROUP_BYTES = 1024 * 1024;

type Sent =
  /** `disputed`: the paths that became tickets. */
  { readonly tag: 'taken'; readonly disputed: readonly string[] } | { readonly tag: 'too_long' };

async function send(
  { session, randomBytes, signal }: ImportOptions,
  files: NewFile[],
): Promise<Sent> {
  const batchId = newUuid(session.clock.nowMs(), randomBytes);
  const opIds = files.map((file) => file.opId);
  const answer = await session.deliver(
    'import_files',
    { batchId, author: '', files },
    opIds,
    signal,
  );
  if (answer.tag === 'refused') {
    if (TOO_LONG.has(answer.refusal.code)) return { tag: 'too_long' };
    throw refusedImport(answer.refusal);
  }
  if (answer.tag === 'unanswered') throw new WorldError('cancelled', 'The import was cancelled');
  const tickets = new Set(
    answer.outcomes.filter(({ outcome }) => outcome === 'ticket').map((outcome) => outcome.opId),
  );
  const disputed = files.filter((file) => tickets.has(file.opId)).map((file) => file.path);
  return { tag: 'taken', disputed };
}

const TOO_LONG: ReadonlySet<string> = new Set(['too_large', 'ends_connection']);

function refusedImport({ code, message }: Refusal): WorldError {
  return new WorldError('refused', `The world does not take the files: ${message} (${code})`);
}
