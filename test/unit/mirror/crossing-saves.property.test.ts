import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { Text } from '../../../src/core/text.ts';
import { DocumentSaves, type SavedDocument } from '../../../src/editor/document-saves.ts';
import type { TextsSince } from '../../../src/editor/recent-texts.ts';
import { DiskFiles } from '../../../src/mirror/disk-files.ts';
import { FolderLog } from '../../../src/mirror/folder-log.ts';
import type { FolderLogEntry } from '../../../src/mirror/folder-log-entry.ts';
import { FolderMirror } from '../../../src/mirror/folder-mirror.ts';
import type { WorldSession } from '../../../src/world/world-session.ts';
import { BARE_MIRROR, firedFrom } from './bare-mirror.ts';
import { ModelWorld } from './model-world.ts';

const FILE = 'a.md';
/** The windows have so few keys at the same time that no two overlap. */
const TYPED = 'line ';

/**
 * Windows save older texts over newer ones, do not wait for each other, and tell of it late. A tool puts back
 * what was on disk before.
 */
test('S10: however saves of several windows cross, none is taken for a tool’s writing, and what a tool puts back is', async () => {
  const runs = process.env['AGENT_WORLD_SOAK'] ? 500 : 30;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
      const play = await Play.open();
      try {
        for (const each of steps) await play.take(each);
        await play.end();
      } finally {
        play.close();
      }
    }),
    // Times are real ones: the same steps need not fail again.
    { numRuns: runs, endOnFailure: true },
  );
});

interface Step {
  readonly window: number;
  /** `save`: the next step of the save that is under way. */
  readonly what: 'type' | 'catch_up' | 'save' | 'save_untold' | 'tool';
  readonly pauseMs: number;
  /** Which of the texts that the disk had, as a share of them. */
  readonly which: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  window: fc.nat(2),
  what: fc.constantFrom('type', 'type', 'catch_up', 'save', 'save', 'save', 'save_untold', 'tool'),
  pauseMs: fc.constantFrom(0, 0, 1, 25),
  which: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
});

class Play {
  readonly #scratch: string;
  readonly #world = new ModelWorld();
  readonly #mirror: FolderMirror;
  readonly #windows: readonly ModelWindow[];
  readonly #stops: readonly (() => void)[];
  readonly #timers = new Set<() => void>();
  /** What the disk had. */
  readonly #texts: string[] = [];
  #lines = 0;
  /** Edits that the mirror has taken for a tool's. */
  #taken = 0;
  #putBack = 0;

  static async open(): Promise<Play> {
    const scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-cross-')));
    fs.mkdirSync(path.join(scratch, 'folder'));
    const open = (): Promise<FolderLog> => FolderLog.open(path.join(scratch, 'state'));
    const log = await open();
    const play = new Play(scratch, log, await Promise.all([open(), open(), open()]));
    play.#world.createNow(FILE, 'top\n');
    await play.#settle();
    for (const window of play.#windows) await window.open();
    return play;
  }

  private constructor(scratch: string, log: FolderLog, logs: readonly FolderLog[]) {
    this.#scratch = scratch;
    const folder = path.join(scratch, 'folder');
    const edit = this.#world.edit.bind(this.#world);
    this.#world.edit = (...args) => {
      this.#taken += 1;
      return edit(...args);
    };
    this.#mirror = new FolderMirror({
      ...BARE_MIRROR,
      files: new DiskFiles(folder),
      world: this.#world,
      log,
      keepCopy: () => assert.fail('nothing is left for a copy'),
      after: firedFrom(this.#timers),
    });
    this.#windows = logs.map((each, at) => new ModelWindow(this.#world, folder, each, `w${at}`));
    this.#world.onChange = (paths) => this.#mirror.look(paths);
    this.#stops = [log, ...logs].map((each) => each.follow((error) => assert.fail(error as Error)));
    log.onEntry(({ tag }) => {
      if (tag === 'look' || tag === 'release' || tag === 'overwritten') this.#mirror.look([FILE]);
    });
  }

  async take({ window: at, what, pauseMs, which }: Step): Promise<void> {
    const window = this.#windows[at]!;
    if (what === 'type') window.type(`${TYPED}${++this.#lines}\n`);
    else if (what === 'catch_up') window.catchUp();
    else if (what === 'save') await window.goOnSaving();
    else if (what === 'save_untold') await window.saveUntold();
    else await this.#byTool(which);
    this.#texts.push(this.#onDisk());
    this.#mirror.look([FILE]);
    this.#fireTimers();
    await delay(pauseMs);
  }

  async end(): Promise<void> {
    await this.#allSaved();
    assert.equal(this.#taken, this.#putBack, 'no save was taken for a tool’s writing');
    assert.deepEqual(this.#world.tickets, []);
  }

  close(): void {
    this.#mirror.stop();
    for (const stop of this.#stops) stop();
    fs.rmSync(this.#scratch, { recursive: true, force: true });
  }

  async #byTool(which: number): Promise<void> {
    await this.#allSaved();
    const texts = this.#texts.filter((text) => text !== this.#onDisk());
    const text = texts[Math.floor(which * texts.length)];
    if (text === undefined) return;
    this.#putBack += 1;
    fs.writeFileSync(path.join(this.#scratch, 'folder', FILE), text);
    await this.#settle();
    assert.equal(this.#world.textOf(1).toString(), text, 'the world has what the tool put back');
    assert.equal(this.#onDisk(), text, 'nobody has written over it');
  }

  /** The disk, the world and the windows have the same. */
  async #allSaved(): Promise<void> {
    for (const window of this.#windows) await window.finishSaving();
    await this.#settle();
    for (const window of this.#windows) window.catchUp();
    const [first] = this.#windows;
    await first!.goOnSaving();
    await first!.finishSaving();
    await this.#settle();
    assert.equal(this.#onDisk(), this.#world.textOf(1).toString());
    this.#texts.push(this.#onDisk());
  }

  async #settle(): Promise<void> {
    for (let quiet = 0, rounds = 0; quiet < 2; rounds++) {
      assert.ok(rounds < 100, 'it goes round in a circle');
      const { ops } = this.#world;
      this.#mirror.look([FILE]);
      await this.#mirror.settled();
      const isQuiet = this.#timers.size === 0 && ops === this.#world.ops;
      this.#fireTimers();
      await this.#mirror.settled();
      quiet = isQuiet ? quiet + 1 : 0;
    }
  }

  #fireTimers(): void {
    const due = [...this.#timers];
    this.#timers.clear();
    for (const fire of due) fire();
  }

  #onDisk(): string {
    return fs.readFileSync(path.join(this.#scratch, 'folder', FILE), 'utf8');
  }
}

/** A window with the file in an editor, which may not have what others typed last. */
class ModelWindow implements SavedDocument {
  readonly document = {};
  readonly shownFileId = 1;
  readonly path = FILE;
  readonly eol = 'lf';
  readonly followedEol = 'lf';
  readonly #world: ModelWorld;
  readonly #file: string;
  readonly #log: FolderLog;
  readonly #id: string;
  readonly #saves: DocumentSaves;
  readonly #recent: string[] = [];
  #version = 1;
  #save: 'none' | 'announced' | 'written' = 'none';
  #ready = Promise.resolve();

  constructor(world: ModelWorld, folder: string, log: FolderLog, id: string) {
    this.#world = world;
    this.#file = path.join(folder, FILE);
    this.#log = log;
    this.#id = id;
    this.#saves = new DocumentSaves({
      session: {
        view: { files: { get: (fileId: number) => world.file(fileId) } },
      } as never as WorldSession,
      files: new DiskFiles(folder),
      folderLog: log,
      ids: { next: () => '' },
      keepCopy: () => assert.fail('nothing is left for a copy'),
      signal: new AbortController().signal,
      // Whoever does not get the file at once goes on without it.
      times: { announcedMs: 4, writingMs: 60_000, untoldMs: 2, toldMs: 5_000 },
    });
    log.onEntry((entry) => {
      if (entry.tag === 'query') void this.#answer(entry);
    });
  }

  open(): Promise<void> {
    const { pid } = process;
    return this.#log.append({ tag: 'hold', path: FILE, windowId: this.#id, pid });
  }

  get #text(): string {
    return this.#world.textsOf(1)[this.#version - 1]!;
  }

  type(line: string): void {
    this.catchUp();
    this.#world.insertNow(1, line);
    this.catchUp();
  }

  catchUp(): void {
    const { length } = this.#world.textsOf(1);
    if (length === this.#version) return;
    this.#version = length;
    this.#recent.push(this.#text);
  }

  async goOnSaving(): Promise<void> {
    if (this.#save === 'none') {
      this.#save = 'announced';
      this.#ready = this.#saves.announce(this);
    } else if (this.#save === 'announced') {
      await this.#ready;
      this.#save = 'written';
      fs.writeFileSync(this.#file, this.#text);
    } else {
      this.#save = 'none';
      await this.#saves.report(this, 1);
    }
  }

  async finishSaving(): Promise<void> {
    while (this.#save !== 'none') await this.goOnSaving();
  }

  /** As other extensions have VS Code save. */
  async saveUntold(): Promise<void> {
    if (this.#save !== 'none') return;
    fs.writeFileSync(this.#file, this.#text);
    await delay(1);
    await this.#saves.report(this, 1);
  }

  async #answer({ queryId, hash, isReplaced }: FolderLogEntry & { tag: 'query' }): Promise<void> {
    if (isReplaced) await this.#saves.explainReplaced(this, 1, hash);
    else await this.#saves.explainDisk(this, 1);
    if (this.#log.putOf(FILE, hash)) return;
    await this.#log.append({ tag: 'denial', queryId, path: FILE, windowId: this.#id });
  }

  get binding() {
    const confirmed = { text: Text.of(this.#text), version: this.#version };
    return { flushed: () => Promise.resolve(), state: { confirmed } };
  }

  textsFromNow(): TextsSince {
    return { first: Text.of(this.#text), count: this.#recent.length };
  }

  hadText(text: string, since?: TextsSince): Promise<boolean> {
    const counted = since
      ? [since.first.toString(), ...this.#recent.slice(since.count)]
      : this.#recent;
    return Promise.resolve(counted.includes(text));
  }

  savedText(): Promise<string | undefined> {
    return Promise.resolve(this.#text);
  }

  caughtUp(): Promise<void> {
    return Promise.resolve();
  }

  heardAll(): Promise<void> {
    return Promise.resolve();
  }
}
