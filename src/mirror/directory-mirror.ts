/**
 * Owns: keeping a directory in step with a world as one member, from a process without an editor.
 * Does not know: who that member is, what is told to people.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { acquireFolderLease, folderKeyOf } from '../host/folder-lease-client.ts';
import type { CancelTimer, Clock } from '../world/clock.ts';
import { readExcludes } from '../world/folder-settings.ts';
import type { WorldLog } from '../world/log.ts';
import { tellIfLong } from '../world/tell-waits.ts';
import { WONDER_MS } from '../world/watch-connecting.ts';
import type { WorldSession } from '../world/world-session.ts';
import { DiskFiles } from './disk-files.ts';
import type { FolderGit } from './folder-git.ts';
import type { FolderAnswer, FolderAsk } from './folder-asks.ts';
import { FolderLog } from './folder-log.ts';
import { HeldRuns } from './held-runs.ts';
import type { MirrorProgress } from './look-progress.ts';
import type { MirrorEvent } from './mirror-event.ts';
import { type DiskNews, MirrorTerm } from './mirror-term.ts';
import { watchFolder } from './node-watch.ts';
import type { WatchPort } from './watch-port.ts';
import type { WaitingFiles } from './restorations/waiting-files.ts';
import { OutsideFiles, type OutsideFile } from './outside-files.ts';
import type { WrittenPlace } from './told-writes.ts';

export interface DirectoryMirrorOptions {
  readonly home: string;
  /** As the member whose directory it is. */
  readonly session: WorldSession;
  /** This machine's own host, which knows who keeps which directory. */
  readonly hostUri: (signal: AbortSignal) => Promise<string>;
  readonly clock: Clock;
  /** An existing directory, by its real path. */
  readonly directory: string;
  /** Takes others' changes in only when asked. */
  readonly holds: boolean;
  readonly newId: () => string;
  /** What git does in the directory, from now on until it is disposed of. */
  readonly openGit: () => FolderGit;
  readonly tell: (event: DirectoryEvent) => void;
  /** Turns of the member began or ended. What comes over the session after it belongs to the one that is open. */
  readonly onTurns?: () => Promise<void>;
  /** How the directory is watched, if not as the system does. */
  readonly watch?: WatchPort;
  /** A tool wrote there without a hook. */
  readonly onWritten?: (place: WrittenPlace) => void;
  readonly output: WorldLog;
}

/** What whoever runs the mirror, or the agent whose directory it is, may want to know. */
export type DirectoryEvent =
  | MirrorEvent
  /** Everything that others did is in the directory; `files` have other content than before. */
  | { readonly tag: 'pulled'; readonly files: number }
  /** Another process keeps the directory, and this one waits. */
  | { readonly tag: 'waiting' }
  /** The system has no watch left for the directory: it is looked at instead. */
  | { readonly tag: 'unwatched' }
  /** This machine's own host has not said for long who keeps the directory. */
  | { readonly tag: 'no_host' }
  /** Taking in what others did takes long. */
  | { readonly tag: 'pulling' }
  /** Of many files that are being looked at so many are done; the last of them is told too. */
  | ({ readonly tag: 'progress' } & MirrorProgress)
  | ({ readonly tag: 'outside' } & OutsideFile);

export class DirectoryMirror {
  readonly #options: DirectoryMirrorOptions;
  readonly #files: DiskFiles;
  readonly #folderLog: FolderLog;
  readonly #state: string;
  readonly #ending = new AbortController();
  readonly #stopFollowing: () => void;
  readonly #runs: HeldRuns;
  #term: MirrorTerm | undefined;
  #cancelWonder: CancelTimer = () => {};
  /** Pulls one after the other. */
  #pulling: Promise<unknown> = Promise.resolve();

  /** Begins to ask for the directory; it is kept until `dispose`. */
  static async open(options: DirectoryMirrorOptions): Promise<DirectoryMirror> {
    const { home, directory, session } = options;
    const state = await directoryState(home, directory, session.database);
    await mkdir(state, { recursive: true, mode: 0o700 });
    return new DirectoryMirror(options, state, await FolderLog.open(state));
  }

  private constructor(options: DirectoryMirrorOptions, state: string, folderLog: FolderLog) {
    this.#options = options;
    this.#state = state;
    this.#folderLog = folderLog;
    this.#files = new DiskFiles(options.directory, { notes: path.join(state, 'in-place') });
    const { session, output, tell } = options;
    const failed = (error: unknown): void => output.warn('mirror.log', { error: String(error) });
    this.#runs = new HeldRuns(state, options.clock, () => {
      void this.#term?.moveAgain().catch(failed);
    });
    this.#stopFollowing = folderLog.follow(failed);
    folderLog.onEntry((entry) => {
      if (entry.tag === 'pull') void this.#answerPull(entry.pullId).catch(failed);
      if (entry.tag === 'run') void this.#answerRun(entry.runId).catch(failed);
      if (entry.tag === 'ask') void this.#answerAsk(entry.askId, entry.ask).catch(failed);
    });
    acquireFolderLease({
      uri: options.hostUri,
      world: session.database,
      folder: options.directory,
      signal: this.#ending.signal,
      onGranted: () => {
        this.#cancelWonder();
        void this.#begin().catch(failed);
      },
      onLost: () => {
        this.#end();
        this.#wonder();
      },
      onWaiting: () => {
        this.#cancelWonder();
        tell({ tag: 'waiting' });
      },
      onUnreachable: failed,
    });
    this.#wonder();
  }

  /** What waits for an answer in the directory, and whether it is kept in step. */
  get waiting(): WaitingFiles {
    return this.#folderLog.waiting;
  }

  /** Takes in what others did; resolves with the number of files that have other content now. */
  pull(): Promise<number> {
    const next = this.#pulling.then(() => this.#pullNow());
    this.#pulling = next.catch(() => undefined);
    return next;
  }

  dispose(): void {
    this.#ending.abort();
    this.#cancelWonder();
    this.#stopFollowing();
    this.#runs.dispose();
    this.#end();
  }

  /** Says so if the host does not tell soon whose the directory is. */
  #wonder(): void {
    this.#cancelWonder();
    if (this.#ending.signal.aborted) return;
    const { clock, tell } = this.#options;
    this.#cancelWonder = clock.after(WONDER_MS, () => tell({ tag: 'no_host' }));
  }

  async #begin(): Promise<void> {
    const { session, newId, tell, output, holds } = this.#options;
    const outside = new OutsideFiles((error) =>
      output.warn('mirror.outside', { error: String(error) }),
    );
    outside.onChange((paths) => {
      for (const file of paths) {
        const why = outside.why(file);
        // One that the world has is refused, which is told by itself.
        const isTold = why === 'too_large' && session.view.fileAt(file) !== undefined;
        if (why && !isTold) tell({ tag: 'outside', path: file, why });
      }
    });
    const watching = Promise.withResolvers<() => void>();
    const term = new MirrorTerm({
      session,
      files: this.#files,
      folderLog: this.#folderLog,
      outside,
      git: this.#options.openGit(),
      copies: path.join(this.#state, 'copies'),
      newId,
      // The directory is this member's alone.
      author: () => '',
      onWritten: this.#options.onWritten,
      wasTyped: () => Promise.resolve(false),
      report: tell,
      onProgress: (progress) => tell({ tag: 'progress', ...progress }),
      watchDisk: (news) => this.#watch(news, watching),
      exclude: () => undefined,
      holds,
      output,
    });
    this.#term = term;
    if (this.#runs.isHeld) await term.keepStill();
    await watching.promise;
    await this.#options.onTurns?.();
    if (this.#term === term) await this.pull();
    if (this.#term !== term) return;
    await this.#folderLog.append({ tag: 'mirror', pid: process.pid, is: 'began' });
  }

  #watch(news: DiskNews, watching: PromiseWithResolvers<() => void>): () => void {
    const known = (): Iterable<string> => this.#folderLog.paths();
    const { output } = this.#options;
    const isKnownFile = (file: string): boolean => this.#folderLog.lastPut(file) !== undefined;
    let isUnwatched = false;
    const onUnwatched = (): void => {
      if (!isUnwatched) this.#options.tell({ tag: 'unwatched' });
      isUnwatched = true;
      void this.#folderLog.tellWatched('refused').catch(failed);
    };
    const failed = (error: unknown): void => output.warn('mirror.log', { error: String(error) });
    const { watch } = this.#options;
    const begun = watchFolder({
      files: this.#files,
      news,
      known,
      isKnownFile,
      exclude: () => readExcludes(this.#files.root),
      onUnwatched,
      output,
      ...(watch && { watch }),
    });
    // The first time is waited for.
    begun.then(watching.resolve, watching.reject);
    begun
      .then(() => (isUnwatched ? undefined : this.#folderLog.tellWatched('given')))
      .catch(failed);
    return () => void begun.then((stop) => stop());
  }

  async #pullNow(): Promise<number> {
    const changed = new Set<string>();
    const stop = this.#folderLog.onEntry((entry) => {
      if (entry.tag === 'putting' || entry.tag === 'removed') changed.add(entry.path);
    });
    const { clock, tell } = this.#options;
    const pulling = this.#term?.pull() ?? Promise.resolve();
    await tellIfLong(clock, pulling, () => tell({ tag: 'pulling' }));
    stop();
    tell({ tag: 'pulled', files: changed.size });
    return changed.size;
  }

  async #answerPull(pullId: string): Promise<void> {
    if (this.#term === undefined) return;
    await this.#folderLog.append({ tag: 'pulled', pullId, files: await this.pull() });
  }

  async #answerAsk(askId: string, ask: FolderAsk): Promise<void> {
    // What was asked before this mirror began is nobody's question any more.
    if (this.#term === undefined || this.#folderLog.keeper !== process.pid) return;
    const answer = await this.#answerTo(ask, this.#term);
    await this.#folderLog.append({ tag: 'answer', askId, ...(answer && { answer }) });
  }

  async #answerTo(ask: FolderAsk, term: MirrorTerm): Promise<FolderAnswer> {
    switch (ask.does) {
      case 'turns':
        await this.#options.onTurns?.();
        return undefined;
      case 'bring':
        await term.bring(ask.path);
        return undefined;
      case 'take':
        return term.take(ask.path);
    }
  }

  async #answerRun(runId: string): Promise<void> {
    this.#runs.look();
    if (this.#runs.isHeld) await this.#term?.keepStill();
    await this.#folderLog.append({ tag: 'still', runId });
  }

  #end(): void {
    if (this.#term === undefined) return;
    this.#term.dispose();
    this.#term = undefined;
    const ended = { tag: 'mirror', pid: process.pid, is: 'ended' } as const;
    this.#folderLog
      .append(ended)
      .catch((error: unknown) => this.#options.output.warn('mirror.log', { error: String(error) }));
  }
}

/** Where what is known of a directory in a world is kept. */
export async function directoryState(
  home: string,
  directory: string,
  database: string,
): Promise<string> {
  const key = (await folderKeyOf(directory)).slice(0, FOLDER_KEY_LENGTH);
  return path.join(home, 'folders', `${key}-${database}`);
}

const FOLDER_KEY_LENGTH = 32;

/** The state is found by its directory; this is for whoever looks at all of them. */
export async function rememberDirectory(state: string, directory: string): Promise<void> {
  await writeFile(path.join(state, DIRECTORY_FILE), directory, { mode: 0o600 });
}

/** The states of mirrors that ran here, each with its directory. */
export async function rememberedStates(
  home: string,
): Promise<readonly { readonly state: string; readonly directory: string }[]> {
  const folders = path.join(home, 'folders');
  const names = await readdir(folders).catch(() => []);
  const states = names.map((name) => path.join(folders, name));
  const kept = states.filter((state) => existsSync(path.join(state, DIRECTORY_FILE)));
  return Promise.all(
    kept.map(async (state) => {
      const directory = await readFile(path.join(state, DIRECTORY_FILE), 'utf8');
      return { state, directory };
    }),
  );
}

/** The directories that mirrors kept here. */
export async function rememberedDirectories(home: string): Promise<readonly string[]> {
  const states = await rememberedStates(home);
  return [...new Set(states.map(({ directory }) => directory))].sort();
}

const DIRECTORY_FILE = 'directory';

/**
 * Asks the mirror that runs on a directory, in whatever process, to take in what others did. Resolves
 * with the number of files that have other content now, or undefined when none answers in time.
 */
export async function askToPull(state: string, timeoutMs: number): Promise<number | undefined> {
  const log = await FolderLog.open(state);
  const pullId = randomUUID();
  const answer = Promise.withResolvers<number | undefined>();
  const stopFollowing = log.follow((error) => answer.reject(error));
  const stop = log.onEntry((entry) => {
    if (entry.tag === 'pulled' && entry.pullId === pullId) answer.resolve(entry.files);
  });
  const timer = setTimeout(() => answer.resolve(undefined), timeoutMs);
  try {
    await log.append({ tag: 'pull', pullId });
    return await answer.promise;
  } finally {
    clearTimeout(timer);
    stop();
    stopFollowing();
  }
}
