import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Changes } from '../../../src/core/change.ts';
import { Text } from '../../../src/core/text.ts';
import { DocumentSaves } from '../../../src/editor/document-saves.ts';
import { PlainSaves } from '../../../src/editor/plain-saves.ts';
import { DiskFiles } from '../../../src/mirror/disk-files.ts';
import { FolderLog } from '../../../src/mirror/folder-log.ts';
import { FolderMirror } from '../../../src/mirror/folder-mirror.ts';
import type { MirrorWorld, Refused, Verdict } from '../../../src/mirror/mirror-world.ts';
import { systemClock } from '../../../src/world/clock.ts';
import { silentLog } from '../../../src/world/log.ts';
import type { WorldSession } from '../../../src/world/world-session.ts';
import { BARE_MIRROR, firedFrom } from './bare-mirror.ts';
import { ModelWorld } from './model-world.ts';

/**
 * Two windows with a document that is not live, such as a notebook, a tool and others in the world, in any order, also
 * in the middle of what the mirror does. Every line has a name of its own, and is looked for by it at the end.
 */
test('S10: whoever saves what is not live, whatever came meanwhile: nothing is lost, nothing is there twice', async () => {
  const runs = process.env['AGENT_WORLD_SOAK'] ? 2_000 : 60;
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 1, maxLength: 24 }), async (deeds) => {
      const play = await Play.open();
      try {
        await play.run(deeds);
        play.judge();
      } finally {
        play.close();
      }
    }),
    { numRuns: runs, examples: [[TOOL_ON_A_TICKET]] },
  );
});

for (const isPaused of [false, true]) {
  for (const afterSteps of [0, 3, 9]) {
    const when = isPaused ? 'while its person is paused' : 'in a row';
    test(`S10: many saves ${when}, with others’ edit after ${afterSteps} steps: nothing is lost or there twice`, async () => {
      const play = await Play.open();
      try {
        await play.run([
          ...(isPaused ? [{ who: 'others', what: 'pause', at: 0, afterSteps: 0 } as const] : []),
          { who: 'first', what: 'many_saves', at: 0, afterSteps: 0 },
          { who: 'others', what: 'insert', at: 0.9, afterSteps },
        ]);
        play.judge();
        assert.deepEqual(play.elsewhere, [], 'all of it is in the file');
      } finally {
        play.close();
      }
    });
  }
}

/** Somebody does something to the file, once the mirror has taken so many steps more. */
interface Deed {
  readonly who: 'others' | 'tool' | 'first' | 'second';
  readonly what: 'insert' | 'cut' | 'save' | 'load' | 'many_saves' | 'pause';
  /** Where in the file, as a share of its lines. */
  readonly at: number;
  readonly afterSteps: number;
}

/** A tool writes on top of a save that has become a ticket, and that had not had what others put in its place. */
const TOOL_ON_A_TICKET: Deed[] = [
  { who: 'second', what: 'cut', at: 0, afterSteps: 0 },
  { who: 'second', what: 'insert', at: 0, afterSteps: 0 },
  { who: 'others', what: 'cut', at: 0, afterSteps: 0 },
  { who: 'others', what: 'insert', at: 0, afterSteps: 0 },
  { who: 'second', what: 'save', at: 0, afterSteps: 0 },
  { who: 'others', what: 'insert', at: 0, afterSteps: 2 },
  { who: 'tool', what: 'insert', at: 0, afterSteps: 0 },
];

const deed: fc.Arbitrary<Deed> = fc.record({
  who: fc.constantFrom('others', 'tool', 'first', 'second'),
  what: fc.constantFrom('insert', 'insert', 'cut', 'save', 'save', 'load'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  afterSteps: fc.nat(12),
});

const NAME = 'a.ipynb';
/** More than the folder's log remembers of a path. */
const MANY_SAVES = 10;
const FIRST_NAME = 0x4e00;

/** Refuses what the folder proposes while whoever has it is paused. */
class PausedWorld extends ModelWorld {
  isPaused = false;

  override pausedAt(): Promise<Refused | undefined> {
    return Promise.resolve(this.isPaused ? PAUSED : undefined);
  }

  override async edit(...args: Parameters<MirrorWorld['edit']>): Promise<Verdict> {
    return this.isPaused ? PAUSED : super.edit(...args);
  }
}

const PAUSED: Refused = { tag: 'refused', code: 'paused', message: 'Ada has paused them' };

/** Runs what is due before each of the mirror's steps. */
class SteppedDisk extends DiskFiles {
  step: () => Promise<void> = () => Promise.resolve();

  override async read(...args: Parameters<DiskFiles['read']>): ReturnType<DiskFiles['read']> {
    await this.step();
    return super.read(...args);
  }

  override async see(...args: Parameters<DiskFiles['see']>): ReturnType<DiskFiles['see']> {
    await this.step();
    return super.see(...args);
  }

  override async write(...args: Parameters<DiskFiles['write']>): ReturnType<DiskFiles['write']> {
    await this.step();
    return super.write(...args);
  }
}

/** An editor that shows a file and hears of nothing until it loads that again, which it does while all is saved. */
class PlainEditor {
  text = '';
  isDirty = false;
  /** It is about to write. */
  isSaving = false;
  /** Lines that were typed since the last save. */
  typed: string[] = [];
  readonly #file: string;
  readonly #plain: PlainSaves;
  #saving: Promise<void> = Promise.resolve();

  constructor(folder: string, plain: PlainSaves) {
    this.#file = path.join(folder, NAME);
    this.#plain = plain;
  }

  async load(): Promise<void> {
    if (this.isDirty) return;
    this.text = fs.readFileSync(this.#file, 'utf8');
    await this.#plain.loaded(
      this,
      NAME,
      (bytes) => !this.isDirty && Buffer.from(bytes).toString() === this.text,
    );
  }

  /** One after the other, as an editor saves. `onDisk` hears of the lines that are there now. */
  save(onDisk: (typed: readonly string[]) => void): Promise<void> {
    const before = this.#saving;
    const save = async (): Promise<void> => {
      await before;
      if (this.isDirty) await this.#saveNow(onDisk);
    };
    this.#saving = save();
    return this.#saving;
  }

  async #saveNow(onDisk: (typed: readonly string[]) => void): Promise<void> {
    const announced = {
      document: this,
      path: NAME,
      shownFileId: undefined,
      binding: undefined,
      textsFromNow: () => ({ first: Text.of(''), count: 0 }),
      caughtUp: () => Promise.resolve(),
    };
    this.isSaving = true;
    await this.#plain.announce(announced);
    fs.writeFileSync(this.#file, this.text);
    this.isSaving = false;
    this.isDirty = false;
    onDisk(this.typed.splice(0));
    await this.#plain.report(this, NAME, () => this.#plain.saved(this, NAME));
  }
}

class Play {
  readonly #scratch: string;
  readonly #folder: string;
  readonly #world = new PausedWorld();
  readonly #disk: SteppedDisk;
  readonly #mirror: FolderMirror;
  readonly #editors: readonly [PlainEditor, PlainEditor];
  readonly #copies: string[] = [];
  readonly #timers = new Set<() => void>();
  readonly #background: Promise<void>[] = [];
  readonly #written = new Set<string>();
  readonly #cut = new Set<string>();
  #lines = 0;
  #waiting: Deed[] = [];
  #stepsLeft = 0;

  static async open(): Promise<Play> {
    const scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-plain-')));
    fs.mkdirSync(path.join(scratch, 'folder'));
    return new Play(scratch, await FolderLog.open(path.join(scratch, 'state')));
  }

  private constructor(scratch: string, log: FolderLog) {
    this.#scratch = scratch;
    this.#folder = path.join(scratch, 'folder');
    this.#disk = new SteppedDisk(this.#folder);
    const keepCopy = (_path: string, bytes: Uint8Array): Promise<string> => {
      this.#copies.push(Buffer.from(bytes).toString());
      return Promise.resolve('copy');
    };
    this.#mirror = new FolderMirror({
      ...BARE_MIRROR,
      files: this.#disk,
      world: this.#world,
      log,
      keepCopy,
      after: firedFrom(this.#timers),
    });
    const view = { fileAt: (name: string) => this.#world.fileAt(name) };
    const files = new DiskFiles(this.#folder);
    const saves = new DocumentSaves({
      session: { view } as never as WorldSession,
      files,
      folderLog: log,
      ids: { next: () => '' },
      keepCopy,
      signal: new AbortController().signal,
      times: { announcedMs: 4, writingMs: 60_000, untoldMs: 2, toldMs: 5_000 },
    });
    const plain = new PlainSaves({
      session: { view },
      files,
      folderLog: log,
      windowId: 'w',
      saves,
      clock: systemClock,
      output: silentLog,
    });
    const editor = (): PlainEditor => new PlainEditor(this.#folder, plain);
    this.#editors = [editor(), editor()];
    this.#disk.step = () => this.#step();
    this.#world.before = () => this.#step();
    this.#world.onChange = (paths) => this.#mirror.look(paths);
    log.onEntry((entry) => {
      const { tag } = entry;
      if (tag === 'look' || tag === 'release' || tag === 'overwritten') {
        this.#mirror.look([entry.path]);
      }
    });
  }

  async run(deeds: readonly Deed[]): Promise<void> {
    this.#world.createNow(NAME, [1, 2, 3, 4, 5].map(() => this.#newLine()).join(''));
    await this.#settle();
    for (const editor of this.#editors) await editor.load();
    this.#waiting = [...deeds];
    while (this.#waiting.length > 0) {
      this.#stepsLeft = 0;
      await this.#step();
      await this.#settle();
    }
    if (this.#world.isPaused) this.#pause();
    for (const editor of this.#editors) {
      this.#background.push(this.#save(editor));
      await this.#settle();
    }
  }

  /** What waits for a decision, or is kept as a copy. */
  get elsewhere(): readonly string[] {
    return [...this.#world.tickets, ...this.#copies].filter((text) => text !== '');
  }

  judge(): void {
    const text = this.#world.textOf(1).toString();
    assert.equal(fs.readFileSync(path.join(this.#folder, NAME), 'utf8'), text);
    const elsewhere = this.elsewhere.join('\n');
    for (const line of this.#written) {
      const times = text.split(line).length - 1;
      assert.ok(times <= 1, `${line} is there ${times} times`);
      const isKept = times === 1 || elsewhere.includes(line) || this.#cut.has(line);
      assert.ok(isKept, `${line} is lost`);
    }
  }

  close(): void {
    this.#mirror.stop();
    fs.rmSync(this.#scratch, { recursive: true, force: true });
  }

  async #settle(): Promise<void> {
    for (let quiet = 0, rounds = 0; quiet < 2; rounds++) {
      assert.ok(rounds < 100, 'it goes round in a circle');
      const before = [this.#world.ops, this.#waiting.length, this.#background.length].join();
      this.#mirror.look([NAME]);
      await this.#mirror.settled();
      const due = new Set(this.#timers);
      this.#timers.clear();
      for (const fire of due) fire();
      await Promise.all(this.#background.splice(0));
      await this.#mirror.settled();
      const isQuiet = before === [this.#world.ops, this.#waiting.length, 0].join();
      quiet = isQuiet && this.#timers.size === 0 ? quiet + 1 : 0;
    }
  }

  async #step(): Promise<void> {
    if (this.#stepsLeft > 0) {
      this.#stepsLeft -= 1;
      return;
    }
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#stepsLeft = this.#waiting[0]?.afterSteps ?? 0;
    if (next.what === 'pause') this.#pause();
    else if (next.who === 'others') this.#byOthers(next);
    else if (next.who === 'tool') this.#byTool(next);
    else await this.#byEditor(next, this.#editors[next.who === 'first' ? 0 : 1]);
  }

  #pause(): void {
    this.#world.isPaused = !this.#world.isPaused;
    if (!this.#world.isPaused) this.#mirror.resumed();
  }

  #byOthers(what: Deed): void {
    const { version } = this.#world.file(1)!;
    const changes = this.#changesOf(this.#world.textOf(1), what);
    for (const line of this.#linesOf(changes)) this.#written.add(line);
    if (changes.length > 0) this.#world.editNow(1, version, changes);
  }

  /** It reads and writes in one go, so that it means what it leaves out. */
  #byTool(what: Deed): void {
    // What is written between the last look and an editor's own write is gone: the editor does not tell.
    if (this.#editors.some(({ isSaving }) => isSaving)) return;
    const file = path.join(this.#folder, NAME);
    const text = Text.of(fs.readFileSync(file, 'utf8'));
    const changes = this.#changesOf(text, what);
    for (const line of this.#linesOf(changes)) this.#written.add(line);
    fs.writeFileSync(file, text.apply(changes).toString());
    this.#mirror.look([NAME]);
  }

  async #byEditor(what: Deed, editor: PlainEditor): Promise<void> {
    if (what.what === 'save') {
      this.#background.push(this.#save(editor));
      return;
    }
    if (what.what === 'load') return editor.load();
    if (what.what === 'many_saves') {
      this.#background.push(this.#saveOften(what, editor));
      return;
    }
    this.#type(what, editor);
  }

  #type(what: Deed, editor: PlainEditor): void {
    const text = Text.of(editor.text);
    const changes = this.#changesOf(text, what);
    if (changes.length === 0) return;
    editor.typed.push(...this.#linesOf(changes));
    editor.text = text.apply(changes).toString();
    editor.isDirty = true;
  }

  async #saveOften(what: Deed, editor: PlainEditor): Promise<void> {
    for (let saves = 0; saves < MANY_SAVES; saves++) {
      this.#type(what, editor);
      await this.#save(editor);
    }
  }

  async #save(editor: PlainEditor): Promise<void> {
    await editor.save((typed) => {
      for (const line of typed) this.#written.add(line);
      this.#mirror.look([NAME]);
    });
  }

  #changesOf(text: Text, { what, at }: Deed): Changes {
    // The last line is the empty one behind the last line end.
    const line = Math.floor(at * (text.lineCount - 1));
    const start = { startLine: line, startCharacter: 0, endCharacter: 0 };
    if (what !== 'cut') return [{ ...start, endLine: line, text: this.#newLine() }];
    if (line + 1 >= text.lineCount) return [];
    this.#cut.add(text.line(line));
    return [{ ...start, endLine: line + 1, text: '' }];
  }

  #linesOf(changes: Changes): readonly string[] {
    return changes.flatMap(({ text }) => text.split('\n')).filter((line) => line !== '');
  }

  /** No two have a character in common, so that none is half of a change. */
  #newLine(): string {
    return `${String.fromCodePoint(FIRST_NAME + ++this.#lines).repeat(3)}\n`;
  }
}
