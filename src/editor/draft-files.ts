/**
 * Owns: the files that keep a window's unsent edits and drafts through its end (S8). One folder per
 * window, locked while the window lives; the folders of windows that ended are taken over. Does not
 * know: what the records mean.
 */
import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../host/host-error.ts';
import { writeFileAtomically } from '../host/home.ts';
import { type ProcessLock, tryLock } from '../host/process-lock.ts';
import { type JournalRecord, readJournal, type UnsentEdits } from '../sync/draft-journal.ts';
import type { Draft } from '../sync/draft.ts';
import type { DraftStore } from '../sync/ports.ts';

/** A journal longer than this is written anew when all before can be dropped. */
const MAX_JOURNAL_BYTES = 256 * 1024;

export class DraftFiles implements DraftStore {
  readonly #root: string;
  readonly #directory: string;
  readonly #locks: ProcessLock[];
  readonly #sizes = new Map<number, number>();
  /** What windows that ended left, by file. */
  readonly #left = new Map<number, UnsentEdits[]>();
  readonly #drafts = new Map<string, Draft>();

  private constructor(root: string, windowId: string, locks: ProcessLock[]) {
    this.#root = root;
    this.#directory = path.join(root, windowId);
    this.#locks = locks;
  }

  /** Opens the drafts of a window in a folder that belongs to one world. */
  static async open(root: string, windowId: string): Promise<DraftFiles> {
    await mkdir(path.join(root, windowId), { recursive: true, mode: 0o700 });
    const own = tryLock(path.join(root, `${windowId}.lock`));
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

  /**
   * Hands over unsent edits of a file, each set once; a file may have been edited in several
   * windows. They are kept on disk until `append` has the new owner's record of them.
   */
  takeLeft(fileId: number): UnsentEdits | undefined {
    const left = this.#left.get(fileId);
    const first = left?.shift();
    if (left?.length === 0) this.#left.delete(fileId);
    return first;
  }

  /** What this window itself last wrote of a file. */
  async readOwn(fileId: number): Promise<UnsentEdits | undefined> {
    return readJournal(await readRecords(this.#journal(fileId)));
  }

  async append(fileId: number, records: readonly JournalRecord[]): Promise<void> {
    const file = this.#journal(fileId);
    const content = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    const isWhole = records[0]?.tag === 'unsent';
    const size = this.#sizes.get(fileId) ?? 0;
    if (isWhole && (size === 0 || size > MAX_JOURNAL_BYTES)) {
      await writeFileAtomically(file, content);
      this.#sizes.set(fileId, content.length);
    } else {
      await appendFile(file, content, { mode: 0o600 });
      this.#sizes.set(fileId, size + content.length);
    }
  }

  async putDraft(draft: Draft): Promise<void> {
    this.#drafts.set(draft.draftId, draft);
    const file = path.join(this.#directory, `${draft.draftId}.draft.json`);
    await writeFileAtomically(file, JSON.stringify(draft));
  }

  /** The author decided about a draft. */
  async dropDraft(draftId: string): Promise<void> {
    this.#drafts.delete(draftId);
    await rm(path.join(this.#directory, `${draftId}.draft.json`), { force: true });
  }

  /** Takes over what windows that ended left; says whether there was anything. */
  async adopt(): Promise<boolean> {
    let found = false;
    for (const entry of await readdir(this.#root, { withFileTypes: true })) {
      const directory = path.join(this.#root, entry.name);
      if (!entry.isDirectory() || directory === this.#directory) continue;
      const lockFile = `${directory}.lock`;
      const lock = tryLock(lockFile);
      if (lock.kind !== 'held') continue;
      if (await this.#adoptFrom(directory)) found = true;
      await rm(directory, { recursive: true, force: true });
      lock.release();
      await rm(lockFile, { force: true });
    }
    return found;
  }

  dispose(): void {
    for (const lock of this.#locks) lock.release();
  }

  async #adoptFrom(directory: string): Promise<boolean> {
    let found = false;
    for (const name of await readdir(directory)) {
      const file = path.join(directory, name);
      if (name.endsWith('.draft.json')) {
        await this.putDraft(JSON.parse(await readFile(file, 'utf8')) as Draft);
        found = true;
      }
      const fileId = /^(\d+)\.journal(?:\..+)?$/.exec(name)?.[1];
      const unsent = fileId === undefined ? undefined : readJournal(await readRecords(file));
      if (fileId === undefined || unsent === undefined) continue;
      // On disk before the other folder goes: a second crash must find it here.
      const copy = path.join(this.#directory, `${fileId}.journal.${unsent.version}-${Date.now()}`);
      await writeFileAtomically(copy, `${JSON.stringify({ tag: 'unsent', ...unsent })}\n`);
      const left = this.#left.get(Number(fileId)) ?? [];
      this.#left.set(Number(fileId), [...left, unsent]);
      found = true;
    }
    return found;
  }

  /** What was taken over is in the new owner's own journal by now. */
  async dropTaken(fileId: number): Promise<void> {
    if (this.#left.has(fileId)) return;
    for (const name of await readdir(this.#directory)) {
      if (name.startsWith(`${fileId}.journal.`)) {
        await rm(path.join(this.#directory, name), { force: true });
      }
    }
  }

  #journal(fileId: number): string {
    return path.join(this.#directory, `${fileId}.journal`);
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
