/**
 * Owns: which files that went away are asked about: many at once, what git took away, and the folder as a
 * whole. Does not know: when a file counts as gone, what is done about one that somebody deleted.
 */
import { lstat, readdir } from 'node:fs/promises';
import { systemCode } from '../../host/host-error.ts';
import type { FileHead } from '../../world/world-rows.ts';
import type { DiskFiles } from '../disk-files.ts';
import { type FolderGit, GIT_JUST_NOW_MS } from '../folder-git.ts';
import type { FolderLog } from '../folder-log.ts';
import type { PutRecord } from '../folder-log-entry.ts';
import { GoneTimes, TOGETHER_MS } from './gone-times.ts';
import type { RestorationJudge } from './restoration-judge.ts';
import type { WaitingFile } from './waiting-entry.ts';

export interface VanishedFilesParts {
  readonly files: DiskFiles;
  readonly log: FolderLog;
  readonly git: FolderGit;
  readonly judge: RestorationJudge;
  readonly nowMs: () => number;
}

/** What a file is that is gone: deleted, or to be looked at again, or to wait for an answer. */
export type Fate =
  | { readonly tag: 'deleted' }
  | { readonly tag: 'later'; readonly delayMs: number }
  | { readonly tag: 'folder' }
  | { readonly tag: 'waits'; readonly file: Omit<WaitingFile, 'event'> };

/** Whose work many files have is known from so many of them. */
const OWNED_FILES = 200;
/** Where git is, it tracks one of so many files. */
const TRACKED_FILES = 48;
/** What a system or an editor leaves in a folder that has none of its files. */
const NO_CONTENT: ReadonlySet<string> = new Set(['lost+found', 'System Volume Information']);

export class VanishedFiles {
  readonly #parts: VanishedFilesParts;
  readonly #times = new GoneTimes();
  #isFolderThere: Promise<boolean> | undefined;
  /** The folder was seen with content, or before anything was put there, since the mirror began. */
  #wasThere = false;
  #asked = 0;
  /** What was not there when the folder came back: nobody has deleted it by itself. */
  readonly #wentWithFolder = new Set<string>();

  constructor(parts: VanishedFilesParts) {
    this.#parts = parts;
  }

  /** Whether the folder is there is found out anew. */
  lookAnew(): void {
    this.#isFolderThere = undefined;
  }

  /** False where the folder is missing, or empty though files were put there. */
  isFolderThere(): Promise<boolean> {
    this.#isFolderThere ??= this.#hasContent();
    return this.#isFolderThere;
  }

  /** The folder is back: of what was put there some may still be missing. */
  async folderIsBack(): Promise<void> {
    const { files, log } = this.#parts;
    for (const path of log.paths()) {
      const isThere = await lstat(files.absolute(path)).then(
        () => true,
        () => false,
      );
      if (!isThere) this.#wentWithFolder.add(path);
    }
  }

  async fateOf(path: string, last: PutRecord, head: FileHead): Promise<Fate> {
    const { git, nowMs } = this.#parts;
    if (!(await this.isFolderThere())) return { tag: 'folder' };
    const sinceMs = this.note(path);
    const leftMs = sinceMs + TOGETHER_MS - nowMs();
    if (this.#times.mayBeMany && leftMs > 0) return { tag: 'later', delayMs: leftMs };
    const isOneOfMany = this.#times.isOneOfMany(path) || this.#wentWithFolder.delete(path);
    const owners = await this.#ownersOf(head.fileId);
    const hasGitWorked = git.workedSince(sinceMs - GIT_JUST_NOW_MS);
    const isTaken = owners.length > 0 && (hasGitWorked || (await this.#isCleaned(path)));
    if (!isOneOfMany && !isTaken) return { tag: 'deleted' };
    const { fileId } = head;
    const cause = hasGitWorked ? 'git' : 'deleted';
    const file = { path, fileId, what: 'deleted', hash: '', kept: '', base: last, owners } as const;
    return { tag: 'waits', file: { ...file, cause } };
  }

  /** True while others may yet go that belong to those that went last. */
  get isGoing(): boolean {
    return this.#times.isGoing(this.#parts.nowMs());
  }

  /** A file is missing; returns since when. */
  note(path: string): number {
    const { log, nowMs } = this.#parts;
    return this.#times.note(path, nowMs(), log.pathCount);
  }

  async #hasContent(): Promise<boolean> {
    const { files, log } = this.#parts;
    const known = log.pathCount;
    if (known === 0) return (this.#wasThere = true);
    try {
      const names = await readdir(files.root);
      if (names.some((name) => !name.startsWith('.') && !NO_CONTENT.has(name))) {
        return (this.#wasThere = true);
      }
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      return false;
    }
    // A folder's only file may be deleted like any other, while somebody looks.
    return (known < 2 && this.#wasThere) || this.#hasKnown();
  }

  /** Files whose names begin with a dot may be all there is. */
  async #hasKnown(): Promise<boolean> {
    const { files, log } = this.#parts;
    for (const path of log.paths()) {
      if (path.startsWith('.') && (await files.read(path)) !== undefined) return true;
    }
    return false;
  }

  async #ownersOf(fileId: number): Promise<WaitingFile['owners']> {
    const { log, judge } = this.#parts;
    this.#asked = log.waiting.size === 0 ? 0 : this.#asked + 1;
    return this.#asked < OWNED_FILES ? judge.ownersOf(fileId) : [];
  }

  /** git tracks other files here, and not this one. */
  async #isCleaned(path: string): Promise<boolean> {
    const { git, log } = this.#parts;
    const some: string[] = [];
    for (const each of log.paths()) if (some.push(each) === TRACKED_FILES) break;
    const tracked = await git.tracked([path, ...some]);
    return tracked.size > 0 && !tracked.has(path);
  }
}
