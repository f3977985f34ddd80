/**
 * Owns: what a folder's mirror is told of git there (`FolderGit`), also where a repository comes or
 * goes meanwhile. Does not know: what the mirror does about it.
 */
import { statSync } from 'node:fs';
import type { FileMode } from '../core/op-payload.ts';
import type { BroughtBy, FolderGit, GitOperation } from '../mirror/folder-git.ts';
import { systemClock } from '../world/clock.ts';
import { Listeners, type StopListening } from '../world/listeners.ts';
import type { WorldLog } from '../world/log.ts';
import { BroughtText } from './brought-text.ts';
import { CheckoutLineEnds } from './checkout-line-ends.ts';
import { FileModes } from './file-modes.ts';
import { GitError } from './git-error.ts';
import { findGitPlace, type GitPlace } from './git-place.ts';
import { type GitClock, GitWork } from './git-work.ts';
import { HeadLog } from './head-moves.ts';
import { IndexFlags } from './index-flags.ts';
import { OldBlobs } from './old-blobs.ts';
import { operationIn } from './git-operation.ts';

/** What git does in a folder, by this machine's time. */
export function openFolderGit(folder: string, output: WorldLog): FolderGit {
  const clock: GitClock = {
    steadyMs: () => performance.now(),
    wallMs: () => Date.now(),
    after: (delayMs, fire) => systemClock.after(delayMs, fire),
  };
  return new FolderState({ folder, clock, output });
}

export interface FolderStateOptions {
  readonly folder: string;
  readonly clock: GitClock;
  readonly output: WorldLog;
}

/** Where there is no git one may be made, and the other way round: looked for at this distance. */
const FIND_MS = 1_000;

export class FolderState implements FolderGit {
  readonly #options: FolderStateOptions;
  readonly #rests: Listeners<void>;
  readonly #begins: Listeners<void>;
  #found: FoundGit | undefined;
  #lookedMs: number;

  constructor(options: FolderStateOptions) {
    this.#options = options;
    const failed = (error: unknown): void =>
      options.output.warn('git.listener', { error: String(error) });
    this.#rests = new Listeners(failed);
    this.#begins = new Listeners(failed);
    this.#lookedMs = options.clock.steadyMs();
    this.#find();
  }

  isAtWork(sinceMs?: number): boolean {
    return this.#now()?.work.isAtWork(sinceMs) ?? false;
  }

  onRest(listener: () => void): StopListening {
    return this.#rests.add(listener);
  }

  /** Calls each time that git begins to work. */
  onBegin(listener: () => void): StopListening {
    return this.#begins.add(listener);
  }

  workedSince(sinceMs: number): boolean {
    return this.#now()?.work.workedSince(sinceMs) ?? false;
  }

  notCheckedOut(paths: readonly string[]): Promise<ReadonlySet<string>> {
    return this.#ask(NOTHING, ({ flags }) => flags.skipped(paths));
  }

  unmerged(paths: readonly string[], sinceMs?: number): Promise<ReadonlySet<string>> {
    return this.#ask(NOTHING, ({ flags }) => flags.unmerged(paths), sinceMs);
  }

  tracked(paths: readonly string[]): Promise<ReadonlySet<string>> {
    return this.#ask(NOTHING, ({ flags }) => flags.tracked(paths));
  }

  hasBlob(path: string, bytes: Uint8Array): Promise<boolean> {
    return this.#ask(false, ({ blobs }) => blobs.hasBlob(path, bytes));
  }

  oldContents(path: string): Promise<readonly Uint8Array[]> {
    return this.#ask<readonly Uint8Array[]>([], ({ blobs }) => blobs.contents(path));
  }

  async broughtBy(path: string): Promise<BroughtBy | undefined> {
    // It is asked of every file of a branch switch, which brings nothing.
    if (!this.#now()?.brought.mayBe(path)) return undefined;
    return this.#ask<BroughtBy | undefined>(undefined, ({ brought }) => brought.by(path));
  }

  broughtOver(path: string): Promise<Uint8Array | undefined> {
    return this.#ask<Uint8Array | undefined>(undefined, ({ brought }) => brought.over(path));
  }

  givesCrlf(path: string): Promise<boolean> {
    return this.#ask(false, ({ lineEnds }) => lineEnds.givesCrlf(path));
  }

  trustsModes(): Promise<boolean> {
    return this.#ask(true, ({ modes }) => modes.trusts());
  }

  modeOf(path: string): Promise<FileMode | undefined> {
    return this.#ask<FileMode | undefined>(undefined, ({ modes }) => modes.of(path));
  }

  async operation(): Promise<GitOperation | undefined> {
    const found = this.#now();
    return found && operationIn(found.place.gitFolder);
  }

  dispose(): void {
    this.#found?.dispose();
    this.#found = undefined;
    this.#lookedMs = Infinity;
  }

  /** The repository as it is now. */
  #now(): FoundGit | undefined {
    const nowMs = this.#options.clock.steadyMs();
    if (nowMs - this.#lookedMs >= FIND_MS) {
      this.#lookedMs = nowMs;
      this.#find();
    }
    return this.#found;
  }

  #find(): void {
    const place = findGitPlace(this.#options.folder);
    const inode = place && inodeOf(place.gitFolder);
    if (inode === this.#found?.inode) return;
    const former = this.#found;
    this.#found = place && this.#begin(place, inode);
    former?.dispose();
    // Whoever waits for a repository that is gone would wait for ever.
    if (former) this.#rests.emit();
  }

  #begin(place: GitPlace, inode: number | undefined): FoundGit {
    const { folder, clock, output } = this.#options;
    const work = new GitWork(place.gitFolder, clock, output);
    const flags = new IndexFlags(folder, clock);
    const log = new HeadLog(place);
    const blobs = new OldBlobs(folder, place, log, clock);
    const brought = new BroughtText(folder, log, blobs);
    const lineEnds = new CheckoutLineEnds(folder, place, clock);
    const modes = new FileModes(folder, clock);
    work.onMove(() => {
      flags.forget();
      blobs.moved();
      lineEnds.forget();
      modes.forget();
    });
    work.onBegin(() => this.#begins.emit());
    work.onRest(() => this.#rests.emit());
    const dispose = (): void => {
      work.dispose();
      flags.forget();
      blobs.dispose();
      lineEnds.forget();
      modes.forget();
    };
    return { place, inode, work, flags, blobs, brought, lineEnds, modes, dispose };
  }

  /** What git cannot answer, such as in a repository that it does not trust, is not known. */
  async #ask<Answer>(
    unknown: Answer,
    question: (found: FoundGit) => Promise<Answer>,
    sinceMs?: number,
  ): Promise<Answer> {
    const found = this.#now();
    if (found === undefined) return unknown;
    // What is kept of the index holds for the one that was seen last.
    found.work.lookSince(sinceMs);
    try {
      return await question(found);
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      this.#options.output.warn('git.no_answer', { code: error.code });
      return unknown;
    }
  }
}

interface FoundGit {
  readonly place: GitPlace;
  /** Of the git folder: another one may come to be at its path. */
  readonly inode: number | undefined;
  readonly work: GitWork;
  readonly flags: IndexFlags;
  readonly blobs: OldBlobs;
  readonly brought: BroughtText;
  readonly lineEnds: CheckoutLineEnds;
  readonly modes: FileModes;
  readonly dispose: () => void;
}

function inodeOf(folder: string): number | undefined {
  return statSync(folder, { throwIfNoEntry: false })?.ino;
}

const NOTHING: ReadonlySet<string> = new Set();
