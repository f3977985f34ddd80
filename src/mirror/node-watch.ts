/**
 * Owns: telling what happens to the files of a folder where there is no editor to watch it. Where the
 * system watches whole trees (macOS, Windows) it does; elsewhere every folder is watched by itself:
 * Node's own recursive watching takes a watch for every file there. Where it has no watches left the folder is
 * looked at instead. Does not know: which files count.
 */
import { type FSWatcher, lstatSync, type Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../host/host-error.ts';
import { systemClock } from '../world/clock.ts';
import { GitBoundaries } from '../world/git-boundaries.ts';
import { SETTINGS_FILE } from '../world/folder-settings.ts';
import { IGNORE_FILE, IgnoreRules } from '../world/ignore-rules.ts';
import type { WorldLog } from '../world/log.ts';
import type { DiskFiles } from './disk-files.ts';
import { FolderLooks, type FolderLooksParts } from './folder-looks.ts';
import type { DiskNews } from './mirror-term.ts';
import { isOutOfWatches, systemWatch, type WatchPort } from './watch-port.ts';

export interface NodeWatchOptions {
  readonly files: DiskFiles;
  readonly news: DiskNews;
  /** Paths whose folders are watched although rules leave them out. */
  readonly known: () => Iterable<string>;
  /** True for a path at which a file was put: whoever looks at it sees what became of it. */
  readonly isKnownFile?: (path: string) => boolean;
  /** What the user leaves out; asked again whenever rules change, and at each look. */
  readonly exclude: () => readonly string[] | Promise<readonly string[]>;
  /** Something else tells what happens: it is only found out whether there is a watch left for that. */
  readonly isWatchedElsewhere?: boolean;
  /** There is no watch left: what happens is seen within seconds, not at once, until it is watched anew. */
  readonly onUnwatched?: () => void;
  readonly watch?: WatchPort;
  readonly times?: Pick<FolderLooksParts, 'after' | 'nowMs'>;
  readonly output: WorldLog;
}

/** Begins to watch; resolves with what ends it once everything is watched. */
export async function watchFolder(options: NodeWatchOptions): Promise<() => void> {
  const watching = new FolderWatch(options);
  await watching.begin();
  return () => watching.stop();
}

const WATCHES_TREES = process.platform === 'darwin' || process.platform === 'win32';

class FolderWatch {
  readonly #options: NodeWatchOptions;
  /** By the path of the folder; of the root it is the empty string. */
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #knownFolders = new Set<string>();
  /** Paths that are about to be looked at. */
  readonly #looking = new Set<string>();
  #rules: IgnoreRules;
  /** In place of the watchers. */
  #looks: FolderLooks | undefined;
  #isStopped = false;

  constructor(options: NodeWatchOptions) {
    this.#options = options;
    this.#rules = new IgnoreRules(options.files.root, []);
  }

  async begin(): Promise<void> {
    await this.#readRules();
    for (const file of this.#options.known()) {
      for (let at = file.lastIndexOf('/'); at > 0; at = file.lastIndexOf('/', at - 1)) {
        this.#knownFolders.add(file.slice(0, at));
      }
    }
    if (this.#options.isWatchedElsewhere) this.#watch('', false);
    else if (WATCHES_TREES) this.#watch('', true);
    else await this.#watchTree('', false);
  }

  stop(): void {
    this.#isStopped = true;
    this.#looks?.stop();
    this.#closeAll();
  }

  #closeAll(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  async #readRules(): Promise<void> {
    const { files, exclude } = this.#options;
    this.#rules = new IgnoreRules(files.root, await exclude());
  }

  /** `isNew`: what is in it came without a word, unless it is watched already. */
  async #watchTree(folder: string, isNew: boolean): Promise<void> {
    if (this.#isStopped || !(await this.#counts(folder))) return;
    const isTold = isNew && !this.#watchers.has(folder);
    // Before it is read, so that nothing comes in between.
    this.#watch(folder, false);
    const entries = await this.#read(folder);
    for (const entry of entries) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) await this.#watchTree(name, isNew);
      else if (isTold) this.#options.news.changed(name);
    }
  }

  async #counts(folder: string): Promise<boolean> {
    if (folder === '' || this.#knownFolders.has(folder)) return true;
    // A repository may be made where there was none.
    const boundaries = new GitBoundaries(this.#options.files.root);
    if (boundaries.isGits(folder) || boundaries.isNested(folder)) return false;
    return !(await this.#rules.ignoresFolder(folder));
  }

  async #read(folder: string) {
    try {
      return await readdir(this.#options.files.absolute(folder), { withFileTypes: true });
    } catch (error) {
      // It is gone, or a file by now; who may not read it hears of that when a file is looked at.
      if (systemCode(error) !== undefined) return [];
      throw error;
    }
  }

  #watch(folder: string, recursive: boolean): void {
    if (this.#isStopped || this.#looks || this.#watchers.has(folder)) return;
    const { files, watch = systemWatch, isWatchedElsewhere } = this.#options;
    try {
      const watcher = watch(files.absolute(folder), { recursive });
      if (!isWatchedElsewhere) {
        watcher.on('change', (event, name) => this.#happened(folder, name, event === 'change'));
      }
      watcher.on('error', (error) => this.#failed(folder, error));
      this.#watchers.set(folder, watcher);
    } catch (error) {
      this.#failed(folder, error);
    }
  }

  #failed(folder: string, error: unknown): void {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return this.#forget(folder);
    if (isOutOfWatches(error)) return this.#lookInstead(code ?? '');
    this.#options.output.warn('mirror.not_watched', { folder, error: String(error) });
  }

  /** What is watched already gives way, too: others on this machine need watches as well. */
  #lookInstead(code: string): void {
    if (this.#looks || this.#isStopped) return;
    const { files, news, onUnwatched, output, times = SYSTEM_TIMES } = this.#options;
    this.#closeAll();
    output.warn('mirror.unwatched', { code });
    const counts = async (folder: string): Promise<boolean> => {
      if (folder === '') await this.#readRules();
      return this.#counts(folder);
    };
    this.#looks = new FolderLooks({ files, news, counts, output, ...times });
    onUnwatched?.();
  }

  /** `isContent`: something is there yet, with other content. */
  #happened(folder: string, name: string | Buffer | null, isContent: boolean): void {
    if (this.#isStopped) return;
    const { files, news, isKnownFile } = this.#options;
    if (name === null) {
      news.missed();
      return;
    }
    const below = name.toString().split(path.sep).join('/');
    const changed = folder === '' ? below : `${folder}/${below}`;
    if (folder === '' && !isContent && below === path.basename(files.root)) this.#wonder(below);
    if (isContent && isKnownFile?.(changed) && !isRules(changed)) return news.changed(changed);
    // A tool that writes a file tells of it several times at once.
    this.#looking.add(changed);
    if (this.#looking.size === 1) setImmediate(() => this.#lookAtTold());
  }

  #lookAtTold(): void {
    const told = [...this.#looking];
    // What happens from here on is told of again.
    this.#looking.clear();
    for (const name of told) {
      this.#lookAt(name).catch((error: unknown) => {
        this.#options.output.warn('mirror.not_watched', { error: String(error) });
      });
    }
  }

  /** Linux tells by the root's own name that the root was moved, deleted or unmounted. */
  #wonder(name: string): void {
    const { files, output } = this.#options;
    lstat(files.absolute(name)).then(
      () => undefined,
      () =>
        this.#watchAnew().catch((error: unknown) =>
          output.warn('mirror.not_watched', { error: String(error) }),
        ),
    );
  }

  /** What is watched is elsewhere or gone; whatever is at the folder's place now is to be looked at. */
  async #watchAnew(): Promise<void> {
    if (this.#isStopped) return;
    this.#closeAll();
    if (!WATCHES_TREES) await this.#watchTree('', false);
    if (!this.#isStopped) this.#options.news.missed();
  }

  async #lookAt(name: string): Promise<void> {
    const { files, news } = this.#options;
    if (this.#isStopped) return;
    if (isRules(name)) await this.#rulesChanged();
    const status = statusOf(files.absolute(name));
    if (status === undefined) {
      this.#forget(name);
      news.vanished(name);
    } else if (!status.isDirectory()) {
      news.changed(name);
    } else if (!WATCHES_TREES && !this.#watchers.has(name)) {
      // It may have taken the place of a file.
      news.changed(name);
      await this.#watchTree(name, true);
    }
  }

  /** What the rules let in now is watched from here on. */
  async #rulesChanged(): Promise<void> {
    await this.#readRules();
    if (!WATCHES_TREES && !this.#looks) await this.#watchTree('', true);
  }

  /** A folder is gone, with all that was in it. */
  #forget(folder: string): void {
    if (!this.#watchers.has(folder)) return;
    for (const [each, watcher] of this.#watchers) {
      if (each !== folder && !each.startsWith(`${folder}/`)) continue;
      watcher.close();
      this.#watchers.delete(each);
    }
  }
}

const SYSTEM_TIMES: Pick<FolderLooksParts, 'after' | 'nowMs'> = {
  after: (delayMs, fire) => systemClock.after(delayMs, fire),
  nowMs: () => performance.now(),
};

/** At once: a branch switch tells of thousands of files. Undefined for what is gone or may not be seen. */
function statusOf(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    if (systemCode(error) !== undefined) return undefined;
    throw error;
  }
}

function isRules(name: string): boolean {
  return name === SETTINGS_FILE || name === IGNORE_FILE || name.endsWith(`/${IGNORE_FILE}`);
}
