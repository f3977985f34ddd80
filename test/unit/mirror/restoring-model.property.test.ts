import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RestorationAnswer } from '../../../src/core/restoration.ts';
import { hashOf } from '../../../src/mirror/disk-files.ts';
import { RestorationLab } from './restoration-lab.ts';

/**
 * A folder in which tools put old text back, take files away, stash and pop, while a peer writes in the
 * world, somebody answers, and the mirror is killed. Every line has a name of its own.
 */
test('S10: no text of somebody else goes away but by an edit that saw it, a decision or an answered restoration', async () => {
  const runs = process.env['AGENT_WORLD_SOAK'] ? 250 : 40;
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { minLength: 1, maxLength: 20 }), async (deeds) => {
      const play = await Play.open();
      try {
        for (const each of deeds) await play.act(each);
        await play.end();
        play.judge();
      } finally {
        play.close();
      }
    }),
    { numRuns: runs },
  );
});

interface Deed {
  readonly what:
    | 'peer inserts'
    | 'peer cuts'
    | 'peer removes'
    | 'peer renames'
    | 'tool inserts'
    | 'tool cuts'
    | 'tool makes'
    | 'tool restores'
    | 'tool removes'
    | 'tool removes many'
    | 'stash'
    | 'pop'
    | 'folder goes'
    | 'folder comes back'
    | 'answer'
    | 'restart'
    | 'killed'
    | 'look';
  readonly file: number;
  /** Where in the file, which of the older texts, which answer. */
  readonly at: number;
  /** So long nothing else happens then. */
  readonly thenMs: number;
}

const deed: fc.Arbitrary<Deed> = fc.record({
  what: fc.constantFrom(
    'peer inserts',
    'peer inserts',
    'peer cuts',
    'peer removes',
    'peer renames',
    'tool inserts',
    'tool cuts',
    'tool makes',
    'tool restores',
    'tool restores',
    'tool removes',
    'tool removes many',
    'stash',
    'pop',
    'folder goes',
    'folder comes back',
    'answer',
    'answer',
    'restart',
    'killed',
    'look',
  ),
  file: fc.nat(7),
  at: fc.double({ min: 0, max: 0.99, noNaN: true }),
  thenMs: fc.constantFrom(0, 0, 50, 150, 450, 1_000, 3_000, 8_000),
});

const FILES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const ANSWERS: readonly RestorationAnswer[] = ['put_back', 'put_back', 'take', 'leave'];
/** The mirror has done all it wants to do within so many steps, each of which is a time at which it wakes. */
const SILENT_STEPS = 20;

class Play {
  readonly #lab: RestorationLab;
  /** Lines that may be gone from the world. */
  readonly #free = new Set<string>();
  /** Paths at which a tool put old text back, or took a file away. */
  readonly #restored = new Set<string>();
  #stashed: ReadonlyMap<string, string> | undefined;
  #isAway = false;
  #wasAway = false;
  #timesAway = 0;
  #lines = 0;
  #names = 0;

  static async open(): Promise<Play> {
    const lab = await RestorationLab.openHere(
      Object.fromEntries(FILES.map((name) => [name, `first of ${name}\n`])),
    );
    return new Play(lab);
  }

  private constructor(lab: RestorationLab) {
    this.#lab = lab;
  }

  async act(deed: Deed): Promise<void> {
    const name = FILES[deed.file % FILES.length]!;
    if (deed.what.startsWith('peer')) this.#byPeer(deed, name);
    else if (deed.what === 'answer') this.#answer(deed);
    else if (deed.what === 'restart') await this.#lab.reopen();
    else if (deed.what === 'killed') this.#lab.world.onDeath = () => this.#lab.kill();
    else if (deed.what === 'look') this.#lab.look();
    else if (deed.what === 'folder comes back') this.#back();
    else if (!this.#isAway) this.#byTool(deed, name);
    await this.#lab.pass(deed.thenMs);
    if (this.#lab.isKilled) await this.#lab.reopen();
  }

  /** Everything comes to an end: what is away is back, what is open is answered. */
  async end(): Promise<void> {
    this.#lab.world.onDeath = undefined;
    this.#back();
    await this.#lab.pass();
    for (let round = 0; this.#unfinished.length > 0; round++) {
      assert.ok(round < 5, 'questions do not end');
      for (const question of this.#unfinished) this.#lab.desk.answer(question, 'put_back');
      await this.#lab.pass();
    }
    this.#lab.look();
    const steps = await this.#lab.passUntilSilent(SILENT_STEPS);
    assert.ok(steps < SILENT_STEPS, 'the mirror does not come to rest');
  }

  judge(): void {
    const { world, desk } = this.#lab;
    const heads = [...world.files()].filter(({ deleted }) => !deleted);
    const inWorld = heads.map(
      ({ fileId, path }) => [path, world.textOf(fileId).toString()] as const,
    );
    const onDisk = fs
      .readdirSync(this.#lab.folder)
      .map((name) => [name, this.#lab.disk(name)!] as const);
    assert.deepEqual(sorted(onDisk), sorted(inWorld), 'the disk has what the world has');
    const here = inWorld.flatMap(([, text]) => text.split('\n'));
    const proposed = new Set(world.tickets.flatMap((text) => text.split('\n')));
    for (let line = 1; line <= this.#lines; line++) {
      const name = `line ${line}`;
      const times = here.filter((each) => each === name).length;
      assert.ok(times <= 1, `${name} is there ${times} times`);
      assert.ok(times === 1 || proposed.has(name) || this.#free.has(name), `${name} is lost`);
    }
    for (const { cause, items } of desk.questions) {
      if (cause === 'missing_folder') assert.ok(this.#wasAway, 'the folder was always there');
      else
        for (const { path } of items)
          assert.ok(this.#restored.has(path), `${path} was asked about for no cause`);
    }
    assert.equal(world.idleOps, 0, 'no op without a change');
  }

  close(): void {
    this.#lab.close();
  }

  /** Questions that wait, or whose answer was to leave the folder as it is. */
  get #unfinished(): readonly number[] {
    const { desk } = this.#lab;
    const waiting = this.#lab.log.waiting.events().filter(({ answer }) => answer === 'leave');
    return [...desk.open, ...waiting.flatMap(({ question }) => question ?? [])];
  }

  #byPeer({ what, at }: Deed, name: string): void {
    const text = this.#lab.text(name);
    const head = this.#lab.world.fileAt(name);
    if (text === undefined || head === undefined) return;
    if (what === 'peer removes') {
      this.#freeAll(head.fileId);
      this.#lab.world.removeNow(head.fileId, head.version);
      return;
    }
    if (what === 'peer renames') {
      this.#lab.world.renameNow(head.fileId, name, `named ${++this.#names}`);
      return;
    }
    const lines = text.split('\n').slice(0, -1);
    const index = Math.floor(at * (lines.length + 1));
    if (what === 'peer inserts')
      this.#lab.peer(name, linesText(lines.toSpliced(index, 0, this.#newLine())));
    else if (index < lines.length) {
      this.#free.add(lines[index]!);
      this.#lab.peer(name, linesText(lines.toSpliced(index, 1)));
    }
  }

  #byTool({ what, at }: Deed, name: string): void {
    const lab = this.#lab;
    const text = lab.disk(name);
    if (what === 'stash') return this.#stash();
    if (what === 'pop') return this.#pop();
    if (what === 'folder goes') return this.#goAway();
    if (what === 'tool makes')
      return lab.write(`made ${++this.#names}`, linesText([this.#newLine()]));
    if (what === 'tool removes many') return this.#remove(...FILES.slice(0, 5));
    if (text === undefined) return;
    // What was put back and changed before anybody has looked is one change, which is no old text.
    if (this.#restored.has(name) && !this.#isLookedAt(name, text)) this.#freeFile(name);
    const lines = text.split('\n').slice(0, -1);
    const index = Math.floor(at * (lines.length + 1));
    if (what === 'tool removes') {
      for (const line of lines) this.#free.add(line);
      this.#remove(name);
    } else if (what === 'tool inserts')
      lab.write(name, linesText(lines.toSpliced(index, 0, this.#newLine())));
    else if (what === 'tool restores') this.#restore(name, at);
    else if (index < lines.length) {
      this.#free.add(lines[index]!);
      // Without what a peer has put in the text is as it was before.
      this.#restored.add(name);
      lab.write(name, linesText(lines.toSpliced(index, 1)));
    }
  }

  #isLookedAt(name: string, text: string): boolean {
    const { log } = this.#lab;
    const hash = hashOf(Buffer.from(text));
    return log.lastPut(name)?.hash === hash || log.waiting.of(name)?.hash === hash;
  }

  #freeFile(name: string): void {
    const head = this.#lab.world.fileAt(name);
    if (head) this.#freeAll(head.fileId);
  }

  #restore(name: string, at: number): void {
    const older = this.#older(name);
    const text = older[Math.floor(at * older.length)];
    if (text === undefined) return;
    this.#restored.add(name);
    // What the tool wrote itself, and has not told anybody of, is its own to throw away.
    for (const line of this.#untold(name)) this.#free.add(line);
    this.#lab.write(name, text);
  }

  #remove(...names: readonly string[]): void {
    const there = names.filter((name) => this.#lab.disk(name) !== undefined);
    const known = this.#lab.log.pathCount;
    const areMany = known > 5 && there.length > known / 2;
    for (const name of there) {
      this.#restored.add(name);
      // A few files that a tool has seen are deleted.
      if (!areMany) this.#freeFile(name);
      for (const line of this.#untold(name)) this.#free.add(line);
    }
    this.#lab.remove(...there);
    // An empty folder is as good as none.
    this.#wasAway ||= fs.readdirSync(this.#lab.folder).length === 0;
  }

  /** Lines that are on disk and not in the world. */
  #untold(name: string): readonly string[] {
    const told = new Set(this.#older(name).flatMap((text) => text.split('\n')));
    return (this.#lab.disk(name) ?? '').split('\n').filter((line) => !told.has(line));
  }

  /** Every text that the file has had in the world. */
  #older(name: string): readonly string[] {
    const head = this.#lab.world.fileAt(name);
    return head ? this.#lab.world.textsOf(head.fileId) : [];
  }

  #stash(): void {
    if (this.#stashed) return;
    const there = FILES.filter((name) => this.#lab.disk(name) !== undefined);
    this.#stashed = new Map(there.map((name) => [name, this.#lab.disk(name)!]));
    for (const name of there) this.#restore(name, 0);
  }

  #pop(): void {
    for (const [name, text] of this.#stashed ?? []) {
      if (this.#lab.disk(name) !== this.#older(name)[0]) continue;
      this.#restored.add(name);
      this.#lab.write(name, text);
    }
    this.#stashed = undefined;
  }

  get #away(): string {
    return `${this.#lab.folder}-away-${this.#timesAway}`;
  }

  #goAway(): void {
    this.#isAway = true;
    this.#wasAway = true;
    // Where it does not come back, what nobody was told of is in it.
    for (const name of FILES) for (const line of this.#untold(name)) this.#free.add(line);
    // Never the same place: the mirror may still hold the folder of before open, and write there.
    this.#timesAway += 1;
    fs.renameSync(this.#lab.folder, this.#away);
    this.#lab.look();
  }

  #back(): void {
    if (!this.#isAway) return;
    this.#isAway = false;
    // Whoever answered may have had it made anew.
    if (fs.existsSync(this.#lab.folder)) return;
    fs.renameSync(this.#away, this.#lab.folder);
    this.#lab.look();
  }

  #answer({ at }: Deed): void {
    const { desk, world } = this.#lab;
    const open = this.#unfinished;
    const question = open[Math.floor(at * open.length)];
    if (question === undefined) return;
    const answer = ANSWERS[Math.floor(at * 97) % ANSWERS.length]!;
    const { cause, items } = desk.questions[question - 1]!;
    const named =
      cause === 'missing_folder'
        ? [...world.files()].map(({ fileId }) => fileId)
        : items.map(({ fileId }) => fileId);
    if (answer === 'take') for (const each of named) this.#freeAll(each);
    desk.answer(question, answer);
  }

  #freeAll(fileId: number): void {
    for (const text of this.#lab.world.textsOf(fileId))
      for (const line of text.split('\n')) this.#free.add(line);
  }

  #newLine(): string {
    return `line ${++this.#lines}`;
  }
}

function linesText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

function sorted(
  files: readonly (readonly [string, string])[],
): readonly (readonly [string, string])[] {
  return [...files].sort(([a], [b]) => (a < b ? -1 : 1));
}
