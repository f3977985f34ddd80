/**
 * Owns: running the folder's mirror in this window while it has the lease, and telling it which
 * paths to look at: what the world, the disk and the other windows changed. Does not know: what is
 * done about a path.
 */
import * as vscode from 'vscode';
import { acquireFolderLease } from '../../host/folder-lease-client.ts';
import { scanFolder } from '../../world/folder-scan.ts';
import type { WorldLog } from '../../world/log.ts';
import type { WorldSession } from '../../world/world-session.ts';
import { type Disposable, DisposableStore } from '../disposable-store.ts';
import { isOwnSettings } from '../own-settings.ts';
import { DRAFT_SUFFIX, type DiskFiles } from './disk-files.ts';
import { FolderMirror, type FolderMirrorParts } from './folder-mirror.ts';
import type { MirrorEvent } from './mirror-event.ts';
import type { FolderLog } from './folder-log.ts';
import { keepCopy } from './keep-copy.ts';
import { mirrorWorldOf } from './mirror-world.ts';

export interface MirrorKeeperParts {
  readonly session: WorldSession;
  readonly hostUri: (signal: AbortSignal) => Promise<string>;
  readonly files: DiskFiles;
  readonly folderLog: FolderLog;
  /** Where copies of replaced files are kept. */
  readonly copies: string;
  readonly newId: () => string;
  readonly wasTyped: FolderMirrorParts['wasTyped'];
  readonly report: (event: MirrorEvent) => void;
  /** Another window has the lease: this folder is open more than once. */
  readonly onShared: () => void;
  readonly output: WorldLog;
}

/** How long new files gather before it is asked which of them belong into the world. */
const GATHER_MS = 150;

export class MirrorKeeper implements Disposable {
  readonly #ending = new AbortController();
  #term: MirrorTerm | undefined;

  constructor(parts: MirrorKeeperParts) {
    const { session, files, output } = parts;
    acquireFolderLease({
      uri: parts.hostUri,
      world: session.database,
      folder: files.root,
      signal: this.#ending.signal,
      onGranted: (fence) => {
        output.info('mirror.granted', { fence });
        this.#term = new MirrorTerm(parts);
      },
      onLost: () => {
        output.info('mirror.lost');
        this.#term?.dispose();
        this.#term = undefined;
      },
      onWaiting: (ahead) => {
        output.info('mirror.waiting', { ahead });
        parts.onShared();
      },
      onUnreachable: (error) => output.warn('mirror.no_lease', { error: String(error) }),
    });
  }

  /** True while this window keeps the folder. */
  get isKeeping(): boolean {
    return this.#term !== undefined;
  }

  /** Resolves when nothing is left to do now. */
  async settled(): Promise<void> {
    await this.#term?.mirror.settled();
  }

  dispose(): void {
    this.#ending.abort();
    this.#term?.dispose();
    this.#term = undefined;
  }
}

/** One time of having the lease. */
class MirrorTerm implements Disposable {
  readonly mirror: FolderMirror;
  readonly #parts: MirrorKeeperParts;
  readonly #store = new DisposableStore();
  readonly #ending = new AbortController();
  readonly #strangers = new Set<string>();
  #gathering: NodeJS.Timeout | undefined;
  #scans = 0;

  constructor(parts: MirrorKeeperParts) {
    this.#parts = parts;
    const { session, files, folderLog, newId, report, output } = parts;
    this.mirror = new FolderMirror({
      files,
      world: mirrorWorldOf(session, newId, this.#ending.signal),
      log: folderLog,
      wasTyped: parts.wasTyped,
      isLocal: isOwnSettings,
      keepCopy: (file, bytes) => keepCopy(parts.copies, file, bytes),
      after: (delayMs, fire) => {
        const timer = setTimeout(fire, delayMs);
        return () => clearTimeout(timer);
      },
      isGathering: () => this.#gathering !== undefined || this.#scans > 0,
      report,
      output,
    });
    this.#watchWorld();
    this.#watchDisk();
    this.#watchWindows();
    void this.#lookAtAll();
  }

  dispose(): void {
    this.#ending.abort();
    this.mirror.stop();
    clearTimeout(this.#gathering);
    this.#store.dispose();
  }

  #watchWorld(): void {
    const { session } = this.#parts;
    this.#store.addStop(
      session.view.files.onChange(({ before, after }) => {
        this.mirror.look([before?.path, after?.path].filter((each) => each !== undefined));
      }),
    );
  }

  #watchDisk(): void {
    const { files, folderLog } = this.#parts;
    const watcher = this.#store.add(
      vscode.workspace.createFileSystemWatcher(
        new vscode.RelativePattern(vscode.Uri.file(files.root), '**/*'),
      ),
    );
    const changed = ({ fsPath }: vscode.Uri): void => {
      const file = files.relative(fsPath);
      if (file === undefined || file.endsWith(DRAFT_SUFFIX)) return;
      if (folderLog.lastPut(file)) this.mirror.look([file]);
      else this.#gather(file);
    };
    this.#store.add(watcher.onDidChange(changed));
    this.#store.add(watcher.onDidCreate(changed));
    this.#store.add(
      watcher.onDidDelete(({ fsPath }) => {
        const file = files.relative(fsPath);
        if (file === undefined) return;
        // A folder that vanishes tells nothing of the files in it.
        const inside = [...folderLog.paths()].filter((each) => each.startsWith(`${file}/`));
        this.mirror.look(folderLog.lastPut(file) ? [file, ...inside] : inside);
      }),
    );
  }

  /** A window let go of a file, or wants it looked at. */
  #watchWindows(): void {
    this.#store.addStop(
      this.#parts.folderLog.onEntry((entry) => {
        const { tag } = entry;
        if (tag === 'release' || tag === 'look' || tag === 'overwritten') {
          this.mirror.look([entry.path]);
        }
      }),
    );
  }

  /** Which new files belong into the world is asked once for all that come together. */
  #gather(file: string): void {
    this.#strangers.add(file);
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      const strangers = new Set(this.#strangers);
      this.#strangers.clear();
      void this.#lookAtScanned((each) => strangers.has(each) || startsWithOne(each, strangers));
    }, GATHER_MS);
  }

  async #lookAtAll(): Promise<void> {
    const { session, folderLog } = this.#parts;
    try {
      await session.whenOnline(this.#ending.signal);
    } catch {
      // The session ended or the lease was lost: whoever keeps the folder next looks at it.
      return;
    }
    const living = [...session.view.files.values()].filter((file) => !file.deleted);
    this.mirror.look([...living.map((file) => file.path), ...folderLog.paths()]);
    await this.#lookAtScanned(() => true);
  }

  async #lookAtScanned(isWanted: (file: string) => boolean): Promise<void> {
    const { files, output } = this.#parts;
    this.#scans += 1;
    try {
      const scan = await scanFolder(files.root, this.#ending.signal);
      this.mirror.look(scan.files.map(({ path: file }) => file).filter(isWanted));
    } catch (error) {
      if (!this.#ending.signal.aborted) output.warn('mirror.no_scan', { error: String(error) });
    } finally {
      this.#scans -= 1;
    }
  }
}

function startsWithOne(file: string, folders: ReadonlySet<string>): boolean {
  for (let at = file.lastIndexOf('/'); at > 0; at = file.lastIndexOf('/', at - 1)) {
    if (folders.has(file.slice(0, at))) return true;
  }
  return false;
}
