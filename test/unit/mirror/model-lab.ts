import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { DiskFiles } from '../../../src/mirror/disk-files.ts';
import { FolderLog } from '../../../src/mirror/folder-log.ts';
import { FolderMirror } from '../../../src/mirror/folder-mirror.ts';
import type { MirrorEvent } from '../../../src/mirror/mirror-event.ts';
import { isOwnName } from '../../../src/world/own-names.ts';
import { type DiskRules, OtherDisk } from '../../harness/other-disk.ts';
import { BARE_MIRROR } from './bare-mirror.ts';
import { ModelWorld } from './model-world.ts';

/** After the last outside event the mirror has nothing left to do within so many steps. */
const MOST_STEPS = 20;

/** A folder, a mirror of it that is told what a watcher would tell, and a world. Time is the test's. */
export class ModelLab {
  readonly scratch: string;
  readonly folder: string;
  readonly world = new ModelWorld();
  readonly events: MirrorEvent[] = [];
  /** What stays out of the world, as `path code`. */
  readonly outside: string[] = [];
  readonly copies: string[] = [];
  files: DiskFiles;
  mirror: FolderMirror;
  readonly #disk: OtherDisk | undefined;
  readonly #Disk: typeof DiskFiles;
  #log: FolderLog;
  readonly #due = new Set<() => void>();
  readonly #retries = new Set<() => void>();

  /** `rules`: of the disk, where those are not this machine's. */
  static async open(
    context: TestContext,
    { Disk = DiskFiles, rules }: { Disk?: typeof DiskFiles; rules?: DiskRules | undefined } = {},
  ): Promise<ModelLab> {
    const scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-lab-')));
    context.after(() => fs.rmSync(scratch, { recursive: true, force: true }));
    fs.mkdirSync(path.join(scratch, 'folder'));
    return new ModelLab(scratch, await FolderLog.open(path.join(scratch, 'state')), Disk, rules);
  }

  private constructor(
    scratch: string,
    log: FolderLog,
    Disk: typeof DiskFiles,
    rules: DiskRules | undefined,
  ) {
    this.scratch = scratch;
    this.folder = path.join(scratch, 'folder');
    this.#disk = rules && new OtherDisk(this.folder, rules);
    this.#Disk = Disk;
    this.files = this.#openFiles();
    this.#log = log;
    this.mirror = this.#start();
    this.world.onChange = (paths) => this.mirror.look(paths);
  }

  /** Another mirror takes over, with what the folder's log knows. */
  async restart(): Promise<void> {
    this.mirror.stop();
    await this.mirror.settled();
    this.#due.clear();
    this.#retries.clear();
    this.files = this.#openFiles();
    this.#log = await FolderLog.open(path.join(this.scratch, 'state'));
    this.mirror = this.#start();
    await this.lookAtAll();
  }

  /** What another window of the folder reads and writes by. */
  secondWindow(): DiskFiles {
    return this.#openFiles();
  }

  /** Of a lab with other rules. */
  get disk(): OtherDisk {
    return this.#disk!;
  }

  at(name: string): string {
    const file = path.join(this.folder, name);
    return this.#disk?.find(file) ?? file;
  }

  text(name: string): string {
    return fs.readFileSync(this.at(name), 'utf8');
  }

  write(name: string, text: string): void {
    fs.mkdirSync(path.dirname(this.at(name)), { recursive: true });
    fs.writeFileSync(this.at(name), text);
  }

  mode(name: string): string {
    return (fs.statSync(this.at(name)).mode & 0o7777).toString(8);
  }

  /** The living files of the world, with their texts. */
  inWorld(): Record<string, string> {
    const living = [...this.world.files()].filter(({ deleted }) => !deleted);
    const texts = living.map(
      ({ fileId, path }) => [path, this.world.textOf(fileId).toString()] as const,
    );
    return Object.fromEntries(texts.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Names that the mirror itself has made, wherever. */
  ownNames(): readonly string[] {
    const names = fs.readdirSync(this.folder, { recursive: true }).map(String);
    return names.filter((name) => isOwnName(name));
  }

  /** Files, with their texts; what is behind a link, or is the mirror's own, is not there. */
  onDisk(folder = ''): Record<string, string> {
    const entries = fs.readdirSync(this.at(folder), { withFileTypes: true });
    const found: Record<string, string> = {};
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const name = path.posix.join(folder, entry.name);
      if (entry.isFile() && !isOwnName(name)) found[name] = this.text(name);
      if (entry.isDirectory()) Object.assign(found, this.onDisk(name));
    }
    return found;
  }

  /** Tells the mirror of paths, and lets pass what time it wants to wait. Returns how many steps that took. */
  async look(...paths: readonly string[]): Promise<number> {
    this.mirror.look(paths);
    return this.settle();
  }

  async lookAtAll(): Promise<number> {
    const heads = [...this.world.files()].map((head) => head.path);
    return this.look(...heads, ...this.#log.paths(), ...Object.keys(this.onDisk()));
  }

  async settle(): Promise<number> {
    await this.mirror.settled();
    for (let steps = 0; ; steps++) {
      if (this.#due.size === 0) return steps;
      assert.ok(steps < MOST_STEPS, 'the mirror is not silent');
      const due = new Set(this.#due);
      for (const fire of due) {
        this.#due.delete(fire);
        fire();
      }
      await this.mirror.settled();
    }
  }

  /** Lets the time pass after which what failed is tried again. */
  async retry(): Promise<void> {
    const retries = new Set(this.#retries);
    for (const fire of retries) {
      this.#retries.delete(fire);
      fire();
    }
    await this.settle();
  }

  #openFiles(): DiskFiles {
    const notes = path.join(this.scratch, 'state', 'in-place');
    return new this.#Disk(this.folder, this.#disk ? { disk: this.#disk, notes } : { notes });
  }

  #start(): FolderMirror {
    return new FolderMirror({
      ...BARE_MIRROR,
      files: this.files,
      world: this.world,
      log: this.#log,
      keepCopy: (_path, bytes) => {
        this.copies.push(Buffer.from(bytes).toString());
        return Promise.resolve('copy');
      },
      after: (delayMs, fire) => {
        const timers = delayMs < 2_000 ? this.#due : this.#retries;
        timers.add(fire);
        return () => void timers.delete(fire);
      },
      onOutside: (file, { code }) => this.outside.push(`${file} ${code}`),
      report: (event) => this.events.push(event),
    });
  }
}
