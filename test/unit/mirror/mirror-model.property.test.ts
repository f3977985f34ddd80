import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Changes } from '../../../src/core/change.ts';
import { Text } from '../../../src/core/text.ts';
import { DocumentSaves, type SavedDocument } from '../../../src/editor/document-saves.ts';
import { DiskFiles, hashOf } from '../../../src/mirror/disk-files.ts';
import { FolderLog } from '../../../src/mirror/folder-log.ts';
import { FolderMirror } from '../../../src/mirror/folder-mirror.ts';
import { detectContent, type TextContent } from '../../../src/world/text-format.ts';
import {
  crlfLines,
  type EndsChange,
  followEnds,
  sharedLines,
  withLines,
  withoutLines,
} from '../../../src/core/other-ends.ts';
import { bytesInForm, type TextForm } from '../../../src/mirror/file-format.ts';
import type { FileHead } from '../../../src/world/world-rows.ts';
import type { WorldSession } from '../../../src/world/world-session.ts';
import { isOwnName } from '../../../src/world/own-names.ts';
import {
  APFS,
  type DiskRules,
  OtherDisk,
  SHARES_ALL,
  SHARES_CONTENT,
  SHARES_READING,
  WINDOWS,
} from '../../harness/other-disk.ts';
import { BARE_MIRROR, firedFrom } from './bare-mirror.ts';
import { ModelWorld } from './model-world.ts';

/**
 * Editors, the world and the disk, written to in any order, also in the middle of what the mirror
 * does. Every line that is written has a name of its own, and is looked for by it at the end.
 */
for (const [where, rules, others] of [
  ['here', undefined, []],
  // By a thin layer that refuses what Windows refuses, with programs that have files open for a while.
  ['on Windows', WINDOWS, ['program']],
  ['on macOS', APFS, []],
] as const) {
  test(`S10: whoever writes where and when: nothing is lost, nothing is there twice, all is equal in the end (${where})`, async () => {
    const runs = process.env['AGENT_WORLD_SOAK'] ? 1_000 : 60;
    await fc.assert(
      fc.asyncProperty(fc.array(deedOf(others), { minLength: 1, maxLength: 24 }), async (deeds) => {
        const play = await Play.open(rules);
        try {
          await play.run(deeds);
          play.judge();
        } finally {
          play.close();
        }
      }),
      { numRuns: runs, examples: [[DELETED_UNDER_A_NEW_NAME]] },
    );
  });
}

/** Somebody does something to one of the files, once the mirror has taken so many steps more. */
interface Deed {
  readonly who: 'person' | 'tool' | 'window' | 'program';
  readonly what: (typeof DEEDS)[number];
  readonly file: number;
  /** Where in the file, as a share of its lines. */
  readonly at: number;
  readonly afterSteps: number;
}

const DEEDS = [
  'insert',
  'insert',
  'insert',
  'cut',
  'rename',
  'remove',
  'make',
  'format',
  'ends',
] as const;

function deedOf(others: readonly Deed['who'][]): fc.Arbitrary<Deed> {
  return fc.record({
    who: fc.constantFrom('person', 'tool', 'window', ...others),
    what: fc.constantFrom(...DEEDS),
    file: fc.nat(2),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    afterSteps: fc.nat(12),
  });
}

/** What others wrote while a tool changed, renamed and deleted the file was taken for seen by the tool. */
const DELETED_UNDER_A_NEW_NAME: Deed[] = [
  { who: 'tool', what: 'insert', file: 0, at: 0, afterSteps: 0 },
  { who: 'person', what: 'remove', file: 1, at: 0, afterSteps: 3 },
  { who: 'person', what: 'insert', file: 0, at: 0, afterSteps: 0 },
  { who: 'tool', what: 'rename', file: 0, at: 0, afterSteps: 7 },
  { who: 'tool', what: 'remove', file: 1, at: 0, afterSteps: 7 },
  { who: 'person', what: 'insert', file: 0, at: 0, afterSteps: 0 },
];

/** So many rounds of looks a program has a file open at most. */
const HELD_ROUNDS = 2;

/** Runs what is due before each of the mirror's steps. */
class SteppedDisk extends DiskFiles {
  step: () => Promise<void> = () => Promise.resolve();
  writes = 0;
  readonly #exchanges = new Set<Promise<unknown>>();

  /**
   * Nobody comes between an exchange and its being undone because of a rename: what is written at the
   * former name in that instant cannot be told from another file (ARCHITECTURE.md).
   */
  async exchanged(): Promise<void> {
    while (this.#exchanges.size > 0) await Promise.allSettled(this.#exchanges);
  }

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
    this.writes += 1;
    return super.write(...args);
  }

  override async remove(...args: Parameters<DiskFiles['remove']>): ReturnType<DiskFiles['remove']> {
    await this.step();
    return super.remove(...args);
  }

  /** Between the last look and the exchange; where the system tells no names it would go unseen. */
  protected override async giveWay(
    ...args: Parameters<DiskFiles['giveWay']>
  ): ReturnType<DiskFiles['giveWay']> {
    if (process.platform !== 'win32') await this.step();
    const exchange = super.giveWay(...args);
    this.#exchanges.add(exchange);
    try {
      return await exchange;
    } finally {
      this.#exchanges.delete(exchange);
    }
  }
}

class Play {
  readonly #scratch: string;
  readonly #folder: string;
  readonly #world = new ModelWorld();
  readonly #disk: SteppedDisk;
  readonly #log: FolderLog;
  readonly #mirror: FolderMirror;
  readonly #window: ModelWindow;
  readonly #copies: string[] = [];
  readonly #otherDisk: OtherDisk | undefined;
  /** What programs have open. */
  #held: (() => void)[] = [];
  readonly #timers = new Set<() => void>();
  readonly #background: Promise<void>[] = [];
  /** Lines that somebody took out, or that were in a file which somebody removed. */
  readonly #cut = new Set<string>();
  #lines = 0;
  #names = 0;
  #waiting: Deed[] = [];
  #stepsLeft = 0;

  static async open(rules: DiskRules | undefined): Promise<Play> {
    const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'agent-world-play-'));
    fs.mkdirSync(path.join(scratch, 'folder'));
    const log = await FolderLog.open(path.join(scratch, 'state'));
    return new Play(fs.realpathSync(scratch), log, rules);
  }

  private constructor(scratch: string, log: FolderLog, rules: DiskRules | undefined) {
    this.#scratch = scratch;
    this.#folder = path.join(scratch, 'folder');
    this.#otherDisk = rules && new OtherDisk(this.#folder, rules);
    const options = this.#otherDisk && {
      disk: this.#otherDisk,
      notes: path.join(scratch, 'state', 'in-place'),
    };
    this.#disk = new SteppedDisk(this.#folder, options);
    this.#log = log;
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
    this.#window = new ModelWindow(
      this.#world,
      new DiskFiles(this.#folder, options),
      log,
      keepCopy,
    );
    this.#disk.step = () => this.#step();
    this.#world.before = () => this.#step();
    this.#world.onChange = (paths) => {
      this.#window.follow();
      this.#mirror.look(paths);
    };
    log.onEntry((entry) => {
      if (entry.tag === 'look' || entry.tag === 'release' || entry.tag === 'overwritten') {
        this.#mirror.look([entry.path]);
      }
    });
  }

  async run(deeds: readonly Deed[]): Promise<void> {
    for (const name of ['a', 'b', 'c']) this.#world.createNow(name, this.#newText());
    await this.#settle();
    this.#waiting = [...deeds];
    this.#stepsLeft = 0;
    while (this.#waiting.length > 0) {
      this.#stepsLeft = 0;
      await this.#step();
      await this.#settle();
    }
    // What is open is the window's to save.
    this.#background.push(this.#window.closeAll());
    await this.#settle();
  }

  judge(): void {
    const heads = [...this.#world.files()].filter(({ deleted }) => !deleted);
    const inWorld = new Map(
      heads.map((head) => [head.path, bytesIn(head, this.#world.textOf(head.fileId).toString())]),
    );
    const onDisk = new Map(
      fs.readdirSync(this.#folder).map((name) => [name, this.#read(name)] as const),
    );
    assert.deepEqual(sorted(onDisk), sorted(inWorld), 'the disk has what the world has');
    const here = heads.flatMap(({ fileId }) => this.#world.textOf(fileId).toString().split('\n'));
    const elsewhere = new Set([...this.#world.tickets, ...this.#copies].join('\n').split('\n'));
    for (let line = 1; line <= this.#lines; line++) {
      const name = `line ${line}`;
      const times = here.filter((each) => each === name).length;
      assert.ok(times <= 1, `${name} is there ${times} times`);
      const isKept = times === 1 || elsewhere.has(name) || this.#cut.has(name);
      assert.ok(isKept, `${name} is lost`);
    }
    assert.equal(this.#world.idleOps, 0, 'no op without a change');
  }

  close(): void {
    this.#mirror.stop();
    fs.rmSync(this.#scratch, { recursive: true, force: true });
  }

  /** Until nothing moves any more; and then a look at everything must find nothing to do. */
  async #settle(): Promise<void> {
    for (let quiet = 0, rounds = 0; quiet < 2 || this.#held.length > 0; rounds++) {
      assert.ok(rounds < 100, 'it goes round in a circle');
      if (rounds > HELD_ROUNDS) for (const release of this.#held.splice(0)) release();
      const before = [this.#world.ops, this.#disk.writes, this.#waiting.length].join();
      const heads = [...this.#world.files()].map((head) => head.path);
      this.#mirror.look([...heads, ...this.#namesOnDisk()]);
      await this.#mirror.settled();
      const due = new Set(this.#timers);
      this.#timers.clear();
      for (const fire of due) fire();
      await Promise.all(this.#background.splice(0));
      await this.#mirror.settled();
      const isQuiet = before === [this.#world.ops, this.#disk.writes, this.#waiting.length].join();
      quiet = isQuiet && this.#timers.size === 0 ? quiet + 1 : 0;
    }
  }

  async #step(): Promise<void> {
    await this.#disk.exchanged();
    if (this.#stepsLeft > 0) {
      this.#stepsLeft -= 1;
      return;
    }
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#stepsLeft = this.#waiting[0]?.afterSteps ?? 0;
    if (next.who === 'program') this.#hold(next);
    else if (next.who === 'tool') this.#byTool(next);
    else if (next.who === 'person') this.#byPerson(next);
    else if (next.what === 'insert' || next.what === 'cut') this.#byPerson(next);
    else this.#background.push(this.#window.turn(next.what, this.#headOf(next)?.path));
  }

  #hold({ file, at }: Deed): void {
    const names = this.#namesOnDisk();
    const name = names[file % Math.max(1, names.length)];
    const share = [SHARES_ALL, SHARES_CONTENT, SHARES_READING][Math.floor(at * 2.9)]!;
    if (name !== undefined) this.#held.push(this.#otherDisk!.hold(this.#at(name), share));
  }

  /** Of everybody's files on disk. */
  #namesOnDisk(): readonly string[] {
    return fs.readdirSync(this.#folder).filter((name) => !isOwnName(name));
  }

  #headOf({ file }: Deed) {
    const heads = [...this.#world.files()].filter(({ deleted }) => !deleted);
    return heads[file % Math.max(1, heads.length)];
  }

  #byPerson(deed: Deed): void {
    const head = this.#headOf(deed);
    if (deed.what === 'make') {
      this.#world.createNow(`made ${++this.#names}`, this.#newText());
      return;
    }
    if (!head) return;
    const { fileId, version } = head;
    const text = this.#world.textOf(fileId);
    if (deed.what === 'rename') this.#world.renameNow(fileId, head.path, `named ${++this.#names}`);
    else if (deed.what === 'remove') {
      this.#cutAll(text.toString());
      this.#world.removeNow(fileId, version);
    } else if (deed.what === 'format') {
      const { eol, bom } = head;
      const isOfMark = deed.at < 0.5;
      const other = eol === 'lf' ? ('crlf' as const) : ('lf' as const);
      this.#world.formatNow(fileId, { eol: isOfMark ? eol : other, bom: isOfMark ? !bom : bom });
    } else if (deed.what === 'ends') {
      const ends = text.lineCount - 1;
      if (ends > 0) this.#world.endsNow(fileId, version, turned(head, ends, deed.at));
    } else {
      const changes = this.#changesOf(text, deed);
      if (changes.length > 0) this.#world.editNow(fileId, version, changes);
    }
  }

  /** A tool reads and writes in one go, so that it means what it leaves out. */
  #byTool(deed: Deed): void {
    const names = this.#namesOnDisk();
    const name = names[deed.file % Math.max(1, names.length)];
    if (deed.what === 'make') {
      const made = `tool ${++this.#names}`;
      fs.writeFileSync(this.#at(made), this.#newText());
      this.#mirror.look([made]);
      return;
    }
    if (name === undefined) return;
    const content = detectContent(fs.readFileSync(this.#at(name)));
    assert.equal(content.kind, 'text');
    if (content.kind !== 'text') return;
    const text = Text.of(content.text);
    // What is changed and gets another name before anybody has looked is another file.
    if (!this.#world.fileAt(name)) return;
    if (deed.what === 'rename') {
      if (!this.#isLookedAt(name)) return;
      const other = `moved ${++this.#names}`;
      fs.renameSync(this.#at(name), this.#at(other));
      this.#mirror.look([name, other]);
      return;
    }
    if (deed.what === 'remove') {
      this.#cutAll(text.toString());
      fs.rmSync(this.#at(name));
    } else {
      // In place, as most programs write.
      fs.writeFileSync(this.#at(name), this.#written(content, text, deed));
    }
    this.#mirror.look([name]);
  }

  #written(content: TextContent, text: Text, deed: Deed): string {
    const { eol, bom, otherEnds = '' } = content;
    if (deed.what === 'format') {
      const other = deed.at < 0.5 ? 'crlf' : 'lf';
      return bytesIn({ eol: other, bom: deed.at < 0.75 ? !bom : bom }, content.text);
    }
    const ends = text.lineCount - 1;
    if (deed.what === 'ends') {
      if (ends === 0) return bytesIn(content, content.text);
      const { crlf, lf } = turned({ eol, otherEnds }, ends, deed.at);
      const lines = withoutLines(withLines(crlfLines(content, ends), crlf), lf);
      return bytesIn({ eol: 'lf', otherEnds: lines, bom }, content.text);
    }
    const changes = this.#changesOf(text, deed);
    // Some tools make all line ends alike with whatever they change.
    const isEvening = deed.at > 0.7;
    const others = isEvening ? '' : followEnds(otherEnds, ends, changes);
    return bytesIn({ eol, otherEnds: others, bom }, text.apply(changes).toString());
  }

  /** What was written there last is in the world: a text of before, written again, is not. */
  #isLookedAt(name: string): boolean {
    return this.#log.lastPut(name)?.hash === hashOf(fs.readFileSync(this.#at(name)));
  }

  #changesOf(text: Text, { what, at }: Deed): Changes {
    // The last line is the empty one behind the last line end.
    const line = Math.floor(at * (text.lineCount - 1));
    const start = { startLine: line, startCharacter: 0, endCharacter: 0 };
    if (what === 'insert') return [{ ...start, endLine: line, text: this.#newText() }];
    if (line + 1 >= text.lineCount) return [];
    this.#cut.add(text.line(line));
    return [{ ...start, endLine: line + 1, text: '' }];
  }

  #cutAll(text: string): void {
    for (const line of text.split('\n')) this.#cut.add(line);
  }

  #newText(): string {
    return `line ${++this.#lines}\n`;
  }

  #at(name: string): string {
    return path.join(this.#folder, name);
  }

  #read(name: string): string {
    return fs.readFileSync(this.#at(name), 'utf8');
  }
}

/** A window that has the world's text in an editor, and saves it as VS Code does. */
class ModelWindow {
  readonly #world: ModelWorld;
  readonly #files: DiskFiles;
  readonly #log: FolderLog;
  readonly #saves: DocumentSaves;
  readonly #open = new Map<number, ModelDocument>();

  constructor(
    world: ModelWorld,
    files: DiskFiles,
    log: FolderLog,
    keepCopy: (path: string, bytes: Uint8Array) => Promise<string>,
  ) {
    this.#world = world;
    this.#files = files;
    this.#log = log;
    this.#saves = new DocumentSaves({
      session: {
        view: { files: { get: (id: number) => world.file(id) } },
      } as never as WorldSession,
      files,
      folderLog: log,
      ids: { next: () => '' },
      keepCopy,
      signal: new AbortController().signal,
    });
    log.onEntry((entry) => {
      if (entry.tag === 'query') void this.#answer(entry);
    });
  }

  /** What others do is in the editor at once. */
  follow(): void {
    for (const document of this.#open.values()) document.follow();
  }

  /** Opens a file, or saves one that is open, or closes it. */
  async turn(what: Deed['what'], name: string | undefined): Promise<void> {
    const head = name === undefined ? undefined : this.#world.fileAt(name);
    if (!head) return;
    const document = this.#open.get(head.fileId);
    if (!document) await this.#openFile(head.fileId, head.path);
    else if (what === 'remove') await this.#close(head.fileId, document);
    else if (document.path === head.path) await this.#save(head.fileId, document);
  }

  async closeAll(): Promise<void> {
    for (const [fileId, document] of this.#open) await this.#close(fileId, document);
  }

  async #openFile(fileId: number, name: string): Promise<void> {
    const document = new ModelDocument(this.#world, fileId, name);
    this.#open.set(fileId, document);
    await this.#log.append({ tag: 'hold', path: name, windowId: 'w', pid: process.pid });
  }

  async #close(fileId: number, document: ModelDocument): Promise<void> {
    this.#open.delete(fileId);
    await this.#saves.explainDisk(document, fileId);
    await this.#log.append({ tag: 'release', path: document.path, windowId: 'w' });
  }

  async #save(fileId: number, document: ModelDocument): Promise<void> {
    await this.#saves.announce(document);
    const file = this.#files.absolute(document.path);
    const isThere = this.#world.file(fileId)?.path === document.path && fs.existsSync(file);
    // One that is gone by now, or has another name, is not made again.
    // The mark is that of the file, as VS Code keeps it.
    const bom = isThere && fs.readFileSync(file)[0] === 0xef;
    if (isThere) fs.writeFileSync(file, bytesIn({ eol: document.eol, bom }, document.text));
    await this.#saves.report(document, fileId);
  }

  async #answer({ queryId, path: name, hash }: { queryId: string; path: string; hash: string }) {
    for (const [fileId, document] of this.#open) {
      if (document.path === name) await this.#saves.explainDisk(document, fileId);
    }
    if (this.#log.putOf(name, hash)) return;
    await this.#log.append({ tag: 'denial', queryId, path: name, windowId: 'w' });
  }
}

class ModelDocument implements SavedDocument {
  readonly document = {};
  readonly path: string;
  readonly shownFileId: number;
  readonly #world: ModelWorld;
  readonly #fileId: number;
  readonly #recent: string[] = [];

  constructor(world: ModelWorld, fileId: number, name: string) {
    this.#world = world;
    this.#fileId = fileId;
    this.shownFileId = fileId;
    this.path = name;
  }

  get text(): string {
    return this.#world.textOf(this.#fileId).toString();
  }

  /** The editor is given the world's at once. */
  get eol() {
    return this.#world.file(this.#fileId)!.eol;
  }

  get followedEol() {
    return this.eol;
  }

  get binding() {
    const text = this.#world.textOf(this.#fileId);
    const { version } = this.#world.file(this.#fileId)!;
    return { flushed: () => Promise.resolve(), state: { confirmed: { text, version } } };
  }

  follow(): void {
    if (this.#recent.at(-1) !== this.text) this.#recent.push(this.text);
  }

  textsFromNow() {
    return { first: Text.of(this.text), count: this.#recent.length };
  }

  hadText(text: string, since?: { readonly first: Text; readonly count: number }) {
    const counted = since
      ? [since.first.toString(), ...this.#recent.slice(since.count)]
      : this.#recent;
    return Promise.resolve(counted.includes(text));
  }

  heardAll(): Promise<void> {
    return Promise.resolve();
  }

  caughtUp(): Promise<void> {
    return Promise.resolve();
  }

  savedText(): Promise<string | undefined> {
    return Promise.resolve(this.text);
  }
}

function bytesIn(form: TextForm, text: string): string {
  return Buffer.from(bytesInForm(text, form)).toString();
}

/** The end of one line is to be the other one. */
function turned(file: Pick<FileHead, 'eol' | 'otherEnds'>, ends: number, at: number): EndsChange {
  const line = String(Math.floor(at * 0.999 * ends));
  const isCrlf = sharedLines(line, crlfLines(file, ends)) !== '';
  return isCrlf ? { crlf: '', lf: line } : { crlf: line, lf: '' };
}

function sorted(files: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return [...files].sort(([a], [b]) => (a < b ? -1 : 1));
}
