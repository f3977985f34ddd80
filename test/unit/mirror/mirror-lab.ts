import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { DiskFiles } from '../../../src/mirror/disk-files.ts';
import { type FolderGit, NO_GIT } from '../../../src/mirror/folder-git.ts';
import { FolderLog } from '../../../src/mirror/folder-log.ts';
import { FolderMirror } from '../../../src/mirror/folder-mirror.ts';
import type { MirrorProgress } from '../../../src/mirror/look-progress.ts';
import type { MirrorEvent } from '../../../src/mirror/mirror-event.ts';
import { BARE_MIRROR } from './bare-mirror.ts';
import type { ModelWorld } from './model-world.ts';

interface LabParts {
  readonly scratch: string;
  readonly world: ModelWorld;
  readonly log: FolderLog;
  readonly git: FolderGit;
}

/** A folder of its own on the real disk, kept in step with a world by a mirror that can be away. */
export class MirrorLab {
  readonly folder: string;
  readonly events: MirrorEvent[] = [];
  readonly copies: string[] = [];
  readonly outside: string[] = [];
  readonly progress: MirrorProgress[] = [];
  /** What was too large and is not any more. */
  readonly inside: string[] = [];
  isHolding = false;
  readonly #world: ModelWorld;
  readonly #scratch: string;
  readonly #git: FolderGit;
  #log: FolderLog;
  #mirror: FolderMirror;
  #due: (() => void)[] = [];

  /** `openGit`: what git does in the folder; nothing where it is left out. */
  static async open(
    context: TestContext,
    world: ModelWorld,
    openGit: (folder: string) => FolderGit = () => NO_GIT,
  ): Promise<MirrorLab> {
    const scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-mirror-')));
    context.after(() => fs.rmSync(scratch, { recursive: true, force: true }));
    const log = await FolderLog.open(path.join(scratch, 'state'));
    fs.mkdirSync(path.join(scratch, 'folder'));
    const git = openGit(path.join(scratch, 'folder'));
    context.after(() => git.dispose());
    return new MirrorLab({ scratch, world, log, git });
  }

  private constructor({ scratch, world, log, git }: LabParts) {
    this.#scratch = scratch;
    this.folder = path.join(scratch, 'folder');
    this.#git = git;
    this.#world = world;
    this.#log = log;
    this.#mirror = this.#start();
  }

  get log(): FolderLog {
    return this.#log;
  }

  /** The mirror ends and a new one begins, with what is on disk only. */
  async restart(): Promise<void> {
    this.#mirror.stop();
    await this.#mirror.settled();
    this.#due = [];
    this.#log = await FolderLog.open(path.join(this.#scratch, 'state'));
    this.#mirror = this.#start();
  }

  write(file: string, content: string | Uint8Array): void {
    fs.mkdirSync(path.dirname(path.join(this.folder, file)), { recursive: true });
    fs.writeFileSync(path.join(this.folder, file), content);
  }

  text(file: string): string {
    return fs.readFileSync(path.join(this.folder, file), 'utf8');
  }

  bytes(file: string): Uint8Array {
    return new Uint8Array(fs.readFileSync(path.join(this.folder, file)));
  }

  /** Looks at everything, and lets all time pass that the mirror wants to wait. */
  async lookAtAll(): Promise<void> {
    const found = fs
      .readdirSync(this.folder, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) => path.relative(this.folder, path.join(each.parentPath, each.name)))
      .filter((each) => !each.startsWith(`.git${path.sep}`));
    const known = [...this.#world.files()].filter((file) => !file.deleted).map((file) => file.path);
    this.#mirror.look([...found, ...known, ...this.#log.paths()]);
    await this.#passTime();
  }

  async #passTime(): Promise<void> {
    await this.#mirror.settled();
    for (let fire = this.#due.shift(); fire; fire = this.#due.shift()) {
      fire();
      await this.#mirror.settled();
    }
  }

  /** Somebody who was paused may write again. */
  async resumed(): Promise<void> {
    this.#mirror.resumed();
    await this.#passTime();
  }

  #start(): FolderMirror {
    return new FolderMirror({
      ...BARE_MIRROR,
      files: new DiskFiles(this.folder),
      world: this.#world,
      log: this.#log,
      git: this.#git,
      keepCopy: (_path, bytes) => {
        this.copies.push(Buffer.from(bytes).toString());
        return Promise.resolve('copy');
      },
      after: (delayMs, fire) => {
        if (delayMs < RETRY_MS) this.#due.push(fire);
        return () => undefined;
      },
      isHolding: () => this.isHolding,
      onOutside: (file, { code }) => this.outside.push(`${file} ${code}`),
      onInside: (file) => this.inside.push(file),
      onProgress: (progress) => this.progress.push(progress),
      report: (event) => this.events.push(event),
    });
  }
}

/** What failed is tried again after this time, and not here. */
const RETRY_MS = 2_000;
