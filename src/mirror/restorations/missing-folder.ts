/**
 * Owns: a folder that is missing, or empty though files were put there: the mirror stands still, asks,
 * and goes on when the folder is back or somebody answers. Does not know: how that is found out.
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import type { RestorationAnswer } from '../../core/restoration.ts';
import type { WorldLog } from '../../world/log.ts';
import type { DiskFiles } from '../disk-files.ts';
import type { DiskIntake, IntakeResult } from '../disk-intake.ts';
import type { FolderLog } from '../folder-log.ts';
import type { MirrorWorld } from '../mirror-world.ts';
import type { RestorationEvents } from './restoration-events.ts';
import type { VanishedFiles } from './vanished-files.ts';

export interface MissingFolderParts {
  readonly files: DiskFiles;
  readonly log: FolderLog;
  readonly world: MirrorWorld;
  readonly intake: DiskIntake;
  readonly vanished: VanishedFiles;
  readonly events: RestorationEvents;
  readonly after: (delayMs: number, fire: () => void) => () => void;
  readonly onFolderBack: () => void;
  readonly tell: (
    path: string,
    result: IntakeResult,
    bytes: Uint8Array | undefined,
  ) => Promise<void>;
  readonly output: WorldLog;
}

/** No system tells that a folder is there again: it is looked for at this distance. */
const LOOK_AGAIN_MS = 2_000;

export class MissingFolder {
  readonly #parts: MissingFolderParts;
  #looking: Promise<void> = Promise.resolve();
  #cancel: (() => void) | undefined;
  #isActing = false;
  #isStopped = false;

  constructor(parts: MissingFolderParts) {
    this.#parts = parts;
  }

  /** Stands still if the folder is gone, and goes on if it is back. */
  look(): Promise<void> {
    this.#looking = this.#lookAfter(this.#looking);
    return this.#looking;
  }

  /** Resolves when it is known whether the folder is there. */
  settled(): Promise<void> {
    return this.#looking;
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  async act(answer: RestorationAnswer): Promise<void> {
    const { log, events, vanished, files, onFolderBack } = this.#parts;
    const folder = log.waiting.folder;
    if (folder === undefined || answer === 'leave') return;
    this.#isActing = true;
    try {
      vanished.lookAnew();
      // What is back is not what was answered about.
      if (!(await vanished.isFolderThere())) {
        if (answer === 'put_back') {
          await mkdir(files.root, { recursive: true });
          await log.append(...[...log.paths()].map((path) => ({ tag: 'removed' as const, path })));
        } else await this.#deleteAll();
      }
      await log.append({ tag: 'folder_waited', event: folder.event });
    } finally {
      this.#isActing = false;
    }
    if (!events.isPaused) onFolderBack();
    if (!existsSync(files.root)) this.#awaitFolder();
  }

  /** Nothing waits any more, and whoever makes the folder anew wants it kept. */
  #awaitFolder(): void {
    const { after, files, onFolderBack } = this.#parts;
    this.#cancel?.();
    this.#cancel = after(LOOK_AGAIN_MS, () => {
      if (existsSync(files.root)) onFolderBack();
      else this.#awaitFolder();
    });
  }

  async #deleteAll(): Promise<void> {
    const { log, world, intake, tell } = this.#parts;
    for (const path of log.paths()) {
      const last = log.lastPut(path);
      const head = last && world.file(last.fileId);
      if (last && head && !head.deleted && head.path === path) {
        await tell(path, await intake.vanished(path, last, head), undefined);
      } else await log.append({ tag: 'removed', path });
    }
  }

  async #lookAfter(former: Promise<void>): Promise<void> {
    await former;
    if (this.#isStopped || this.#isActing) return;
    const { vanished, log, events, output } = this.#parts;
    try {
      const isThere = await vanished.isFolderThere();
      const { folder } = log.waiting;
      if (folder && isThere) await this.#back(folder.event);
      else if (!folder && !isThere) {
        await log.append({ tag: 'folder_waits', event: events.joinAlone() });
        events.touched();
      }
    } catch (error) {
      output.warn('mirror.folder', { error: String(error) });
    }
    if (log.waiting.folder) this.#lookAgain();
  }

  async #back(event: string): Promise<void> {
    const { log, events, onFolderBack, vanished } = this.#parts;
    await vanished.folderIsBack();
    await log.append({ tag: 'folder_waited', event });
    if (!events.isPaused) onFolderBack();
  }

  #lookAgain(): void {
    const { after, vanished } = this.#parts;
    this.#cancel?.();
    this.#cancel = after(LOOK_AGAIN_MS, () => {
      vanished.lookAnew();
      void this.look();
    });
  }
}
