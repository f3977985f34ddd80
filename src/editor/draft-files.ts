/**
 * Owns: the files that keep a window's unsent edits and drafts through its end (S8). One folder per
 * window, locked while the window lives; the folders of windows that ended are taken over. Does not
 * know: what the records mean.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../host/host-error.ts';
import { writeFileAtomically } from '../host/home.ts';
import { type ProcessLock, tryLock } from '../host/process-lock.ts';
import { type JournalRecord, readJournal, type UnsentEdits } from '../sync/draft-journal.ts';
import type { Draft } from '../sync/draft.ts';
import type { DraftStore } from '../sync/ports.ts';
import { AppendFile } from './append-file.ts';

/** A journal longer than this is written anew when all before can be dropped. */
const MAX_JOURNAL_BYTES = 256 * 1024;
/** How many windows' journals are kept after they were taken over, as evidence of what they showed. */
const KEPT_ENDED = 16;
const ENDED = '.ended';

/** Unsent edits that a window which ended left of one file. Whoever takes them gives them back or drops them. */
export interface LeftEdits {
  readonly unsent: UnsentEdits;
  /** Keeps them, and what becomes of them, for a binding that only sends them. */
  readonly store: DraftStore;
  /** They could not be sent now: the next one may take them. */
  giveBack(): void;
  /** The world, or another journal, has them. */
  drop(): Promise<void>;
}

/** What a look for windows that ended came to. */
export interface Adoption {
  readonly found: boolean;
  /** Other windows live: what they leave is found by looking again. */
  readonly othersLive: boolean;
}

interface LeftJournal {
  readonly file: string;
  readonly unsent: UnsentEdits;
}

export class DraftFiles implements DraftStore {
  /** Called when a draft was kept, or decided about. */
  onDrafts: () => void = () => undefined;
  readonly #root: string;
  readonly #directory: string;
  readonly #locks: ProcessLock[];
  readonly #sizes = new Map<string, number>();
  readonly #appending = new AppendFile(0o600);
  /** What windows that ended left, by file. */
  readonly #left = new Map<number, LeftJournal[]>();
  readonly #drafts = new Map<string, Draft>();
  /** One look after the other: two at once would keep each other from the same folder. */
  #adopting: Promise<Adoption> = Promise.resolve({ found: false, othersLive: false });

  private constructor(root: string, windowId: string, locks: ProcessLock[]) {
    this.#root = root;
    this.#directory = path.join(root, windowId);
    this.#locks = locks;
  }

  /** Opens the drafts of a window in a folder that belongs to one world. */
  static async open(root: string, windowId: string): Promise<DraftFiles> {
    await mkdir(root, { recursive: true, mode: 0o700 });
    // Locked before it is there: a folder that nobody has locked is taken over.
    const own = tryLock(path.join(root, `${windowId}.lock`));
    await mkdir(path.join(root, windowId), { mode: 0o700 });
    const store = new DraftFiles(root, windowId, own.kind === 'held' ? [own] : []);
    await store.adopt();
    return store;
  }

  /** The user's drafts that wait for a decision. */
  get drafts(): readonly Draft[] {
    return [...this.#drafts.values()];
  }

  /** Files that windows which ended left unsent edits of. */
  get filesLeft(): readonly number[] {
    return [...this.#left.keys()];
  }

  /** Hands over unsent edits of a file, each set once; a file may have been edited in several windows. */
  takeLeft(fileId: number): LeftEdits | undefined {
    const left = this.#left.get(fileId) ?? [];
    const first = left.shift();
    if (left.length === 0) this.#left.delete(fileId);
    if (first === undefined) return undefined;
    const { file, unsent } = first;
    return {
      unsent,
      store: {
        append: (_fileId, records) => this.#appendTo(file, records),
        putDraft: (draft) => this.putDraft(draft),
      },
      giveBack: () => this.#leave(fileId, first),
      drop: () => rm(file, { force: true }),
    };
  }

  /** What this window itself last wrote of a file. */
  async readOwn(fileId: number): Promise<UnsentEdits | undefined> {
    return readJournal(await readRecords(this.#journal(fileId)));
  }

  append(fileId: number, records: readonly JournalRecord[]): Promise<void> {
    return this.#appendTo(this.#journal(fileId), records);
  }

  /** The journals of a file that this window did not write: of windows that live, and that ended. */
  async othersRecords(fileId: number): Promise<readonly (readonly JournalRecord[])[]> {
    return this.#recordsIn(fileId, await this.#others());
  }

  /** The journals of a file, of all windows but some. */
  async allRecords(
    fileId: number,
    except: readonly string[] = [],
  ): Promise<readonly (readonly JournalRecord[])[]> {
    const all = [...(await this.#others()), this.#directory];
    const counted = all.filter((directory) => !except.includes(path.basename(directory)));
    return this.#recordsIn(fileId, counted);
  }

  async #recordsIn(
    fileId: number,
    living: readonly string[],
  ): Promise<readonly (readonly JournalRecord[])[]> {
    const ended = path.join(this.#root, ENDED);
    const names = await namesIn(ended);
    const directories = [...living, ...names.map((name) => path.join(ended, name))];
    const all: (readonly JournalRecord[])[] = [];
    for (const directory of directories) {
      for (const name of await namesIn(directory)) {
        if (fileIdOf(name) === fileId) all.push(await readRecords(path.join(directory, name)));
      }
    }
    return all;
  }

  async putDraft(draft: Draft): Promise<void> {
    this.#drafts.set(draft.draftId, draft);
    this.onDrafts();
    const file = path.join(this.#directory, `${draft.draftId}.draft.json`);
    await writeFileAtomically(file, JSON.stringify(draft));
  }

  /** The author decided about a draft. */
  async dropDraft(draftId: string): Promise<void> {
    this.#drafts.delete(draftId);
    this.onDrafts();
    await rm(path.join(this.#directory, `${draftId}.draft.json`), { force: true });
  }

  /** True when no other window of the folder lives. */
  async isAlone(): Promise<boolean> {
    return !(await this.adopt()).othersLive;
  }

  /** Takes over what windows that ended left. */
  adopt(): Promise<Adoption> {
    const next = this.#adopting.then(
      () => this.#adopt(),
      () => this.#adopt(),
    );
    this.#adopting = next;
    return next;
  }

  dispose(): void {
    this.#appending.dispose();
    for (const lock of this.#locks) lock.release();
  }

  async #adopt(): Promise<Adoption> {
    let found = false;
    let othersLive = false;
    for (const directory of await this.#others()) {
      const lockFile = `${directory}.lock`;
      const lock = tryLock(lockFile);
      if (lock.kind === 'busy') othersLive = true;
      if (lock.kind !== 'held') continue;
      if (await this.#adoptFrom(directory)) found = true;
      lock.release();
      await rm(lockFile, { force: true });
    }
    if (found) await this.#forgetOldest();
    return { found, othersLive };
  }

  async #others(): Promise<readonly string[]> {
    const entries = await readdir(this.#root, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && entry.name !== ENDED)
      .map((entry) => path.join(this.#root, entry.name))
      .filter((directory) => directory !== this.#directory);
  }

  async #adoptFrom(directory: string): Promise<boolean> {
    let found = false;
    for (const name of await namesIn(directory)) {
      const file = path.join(directory, name);
      if (name.endsWith('.draft.json')) {
        await this.putDraft(JSON.parse(await readFile(file, 'utf8')) as Draft);
        found = true;
      }
      const fileId = fileIdOf(name);
      const unsent = fileId === undefined ? undefined : readJournal(await readRecords(file));
      if (fileId === undefined || unsent === undefined) continue;
      // On disk before the other folder goes: a second crash must find it here.
      const copy = `${this.#journal(fileId)}.${randomUUID()}`;
      await writeFileAtomically(copy, `${JSON.stringify({ tag: 'unsent', ...unsent })}\n`);
      this.#leave(fileId, { file: copy, unsent });
      found = true;
    }
    await this.#putAside(directory);
    return found;
  }

  /** No longer to be adopted, but still known: a save, or a backup of the editor, may have its texts. */
  async #putAside(directory: string): Promise<void> {
    const ended = path.join(this.#root, ENDED);
    await mkdir(ended, { recursive: true, mode: 0o700 });
    try {
      await rename(directory, path.join(ended, path.basename(directory)));
    } catch (error) {
      // Another window was quicker.
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  }

  async #forgetOldest(): Promise<void> {
    const ended = path.join(this.#root, ENDED);
    const directories = await Promise.all(
      (await namesIn(ended)).map(async (name) => {
        const directory = path.join(ended, name);
        return { directory, atMs: (await stat(directory)).mtimeMs };
      }),
    );
    directories.sort((one, other) => other.atMs - one.atMs);
    for (const { directory } of directories.slice(KEPT_ENDED)) {
      await rm(directory, { recursive: true, force: true });
    }
  }

  #leave(fileId: number, journal: LeftJournal): void {
    this.#left.set(fileId, [...(this.#left.get(fileId) ?? []), journal]);
  }

  async #appendTo(file: string, records: readonly JournalRecord[]): Promise<void> {
    const content = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    const isWhole = records[0]?.tag === 'unsent';
    const size = this.#sizes.get(file) ?? 0;
    if (isWhole && (size === 0 || size > MAX_JOURNAL_BYTES)) {
      this.#appending.release(file);
      await writeFileAtomically(file, content);
      this.#sizes.set(file, content.length);
    } else {
      await this.#appending.append(file, content);
      this.#sizes.set(file, size + content.length);
    }
  }

  #journal(fileId: number): string {
    return path.join(this.#directory, `${fileId}.journal`);
  }
}

function fileIdOf(name: string): number | undefined {
  const digits = /^(\d+)\.journal(?:\..+)?$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Empty for a folder that is not there any more. */
async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

async function readRecords(file: string): Promise<readonly JournalRecord[]> {
  let content: string;
  try {
    content = await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
  const records: JournalRecord[] = [];
  // The last line may have been cut short by a crash: it was not acknowledged.
  for (const line of content.split('\n').slice(0, -1)) {
    if (line !== '') records.push(JSON.parse(line) as JournalRecord);
  }
  return records;
}
