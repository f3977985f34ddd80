import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { DiskFiles } from '../../../src/mirror/disk-files.ts';
import { FolderLog } from '../../../src/mirror/folder-log.ts';
import { FolderMirror } from '../../../src/mirror/folder-mirror.ts';
import type { MirrorEvent } from '../../../src/mirror/mirror-event.ts';
import { BARE_MIRROR } from './bare-mirror.ts';
import { ModelWorld } from './model-world.ts';
import { ModelDesk, ModelGit, ModelJudge } from './restoration-models.ts';

interface Timer {
  readonly atMs: number;
  readonly fire: () => void;
}

/** A folder on the real disk whose mirror asks about restorations; time passes when the test says so. */
export class RestorationLab {
  readonly world = new ModelWorld();
  readonly desk = new ModelDesk();
  readonly judge = new ModelJudge(this.world);
  readonly git = new ModelGit();
  readonly events: MirrorEvent[] = [];
  readonly folder: string;
  readonly #scratch: string;
  #log!: FolderLog;
  #mirror!: FolderMirror;
  #timers = new Set<Timer>();
  nowMs = 0;
  isKilled = false;
  #ids = 0;

  static async open(
    context: TestContext,
    files: Readonly<Record<string, string>> = {},
  ): Promise<RestorationLab> {
    const lab = await RestorationLab.openHere(files);
    context.after(() => lab.close());
    return lab;
  }

  /** Closed by whoever opens it. */
  static async openHere(files: Readonly<Record<string, string>>): Promise<RestorationLab> {
    const scratch = fs.realpathSync(
      fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-restoring-')),
    );
    const lab = new RestorationLab(scratch);
    await lab.start();
    for (const [name, text] of Object.entries(files)) lab.world.createNow(name, text);
    await lab.pass();
    return lab;
  }

  private constructor(scratch: string) {
    this.#scratch = scratch;
    this.folder = path.join(scratch, 'folder');
    fs.mkdirSync(this.folder);
    this.world.onChange = (paths) => this.#mirror.look(paths);
  }

  get log(): FolderLog {
    return this.#log;
  }

  get mirror(): FolderMirror {
    return this.#mirror;
  }

  close(): void {
    this.kill();
    fs.rmSync(this.#scratch, { recursive: true, force: true });
  }

  /** The process ends here, whatever it was doing, and another one begins. */
  async restart(): Promise<void> {
    await this.reopen();
    await this.pass();
  }

  /** The same, and no time passes yet. */
  async reopen(): Promise<void> {
    this.kill();
    await this.#mirror.settled();
    await this.start();
    this.look();
  }

  kill(): void {
    this.isKilled = true;
    this.#mirror.stop();
    this.#timers.clear();
  }

  async start(): Promise<void> {
    this.#log = await FolderLog.open(path.join(this.#scratch, 'state'), () =>
      Promise.resolve(true),
    );
    this.#timers = new Set();
    this.isKilled = false;
    this.#mirror = this.#newMirror();
    await this.#mirror.start();
  }

  /** Looks at everything, as at the start of a mirror. */
  look(): void {
    const found = fs.existsSync(this.folder)
      ? fs
          .readdirSync(this.folder, { recursive: true, withFileTypes: true })
          .filter((each) => each.isFile())
          .map((each) => path.relative(this.folder, path.join(each.parentPath, each.name)))
      : [];
    const known = [...this.world.files()].filter((file) => !file.deleted).map((file) => file.path);
    this.#mirror.look([...found, ...known, ...this.#log.paths()]);
  }

  /** Lets time pass, timer by timer; all that is under way is done in between. */
  async pass(forMs = 10_000): Promise<void> {
    const endMs = this.nowMs + forMs;
    for (;;) {
      await this.settled();
      const next = [...this.#timers].sort((a, b) => a.atMs - b.atMs)[0];
      if (!next || next.atMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, next.atMs);
      this.#timers.delete(next);
      next.fire();
    }
    this.nowMs = endMs;
  }

  /** Lets the mirror wake until it has nothing more to do; returns how often it woke, or the most. */
  async passUntilSilent(mostSteps: number): Promise<number> {
    for (let steps = 0; steps < mostSteps; steps++) {
      await this.settled();
      const atMs = Math.min(...[...this.#timers].map((timer) => timer.atMs));
      if (atMs === Infinity) return steps;
      this.nowMs = Math.max(this.nowMs, atMs);
      const due = [...this.#timers].filter((timer) => timer.atMs <= this.nowMs);
      for (const timer of due) {
        this.#timers.delete(timer);
        timer.fire();
      }
    }
    return mostSteps;
  }

  async settled(): Promise<void> {
    for (let entries = -1; entries !== this.#entries;) {
      entries = this.#entries;
      await this.#mirror.settled();
      await this.#mirror.restorations?.settled();
      await this.#log.refresh();
    }
  }

  get #entries(): number {
    return fs.statSync(path.join(this.#scratch, 'state', 'folder.log')).size + this.world.ops;
  }

  write(name: string, text: string): void {
    fs.mkdirSync(path.dirname(this.#at(name)), { recursive: true });
    fs.writeFileSync(this.#at(name), text);
    this.#mirror.look([name]);
  }

  remove(...names: readonly string[]): void {
    for (const name of names) fs.rmSync(this.#at(name));
    this.#mirror.look(names);
  }

  disk(name: string): string | undefined {
    return fs.existsSync(this.#at(name)) ? fs.readFileSync(this.#at(name), 'utf8') : undefined;
  }

  text(name: string): string | undefined {
    const head = this.world.fileAt(name);
    return head && this.world.textOf(head.fileId).toString();
  }

  /** A peer writes the whole file anew. */
  peer(name: string, text: string): void {
    const { fileId, version } = this.world.fileAt(name)!;
    this.world.editTo(fileId, version, text);
  }

  ofTag<Tag extends MirrorEvent['tag']>(tag: Tag): readonly Extract<MirrorEvent, { tag: Tag }>[] {
    return this.events.filter(
      (event): event is Extract<MirrorEvent, { tag: Tag }> => event.tag === tag,
    );
  }

  #at(name: string): string {
    return path.join(this.folder, name);
  }

  #newMirror(): FolderMirror {
    return new FolderMirror({
      ...BARE_MIRROR,
      files: new DiskFiles(this.folder),
      world: this.world,
      log: this.#log,
      git: this.git,
      keepCopy: () => Promise.resolve('copy'),
      after: (delayMs, fire) => {
        const timer = { atMs: this.nowMs + delayMs, fire };
        this.#timers.add(timer);
        return () => void this.#timers.delete(timer);
      },
      onOutside: () => undefined,
      lookAtAll: () => this.look(),
      report: (event) => this.events.push(event),
      restorations: {
        judge: this.judge,
        desk: this.desk,
        folderName: 'clone',
        nowMs: () => this.nowMs,
        newId: () => `id ${++this.#ids}`,
      },
    });
  }
}
