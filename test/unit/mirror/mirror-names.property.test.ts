import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { APFS, type DiskRules, HFS, WINDOWS } from '../../harness/other-disk.ts';
import { ModelLab } from './model-lab.ts';

/**
 * Twins by case and by the way a letter is encoded, folders in the place of files and files in that of folders,
 * links, and names that no world can have: whoever does what in any order, no text is lost, the mirror is silent
 * within 20 steps (which the lab sees to), and a look at everything then finds nothing to do.
 */
for (const [where, rules] of [
  ['here', undefined],
  // By a thin layer: these disks take some of the names for one.
  ['on Windows', WINDOWS],
  ['on APFS', APFS],
  ['on HFS+', HFS],
] as const) {
  test(
    `whatever names, kinds and links there are: no text is lost, and the mirror comes to rest (${where})`,
    // Other disks take some of these names for one.
    { skip: process.platform !== 'linux' },
    async (t) => {
      const runs = process.env['AGENT_WORLD_SOAK'] ? 2_000 : 60;
      await fc.assert(
        fc.asyncProperty(fc.array(deed, { minLength: 1, maxLength: 16 }), async (deeds) => {
          const play = await Play.open(t, rules);
          for (const each of deeds) await play.do(each);
          await play.judge();
        }),
        { numRuns: runs },
      );
    },
  );
}

const NAMES = ['a', 'A', 'a/x', 'A/x', 'a/x/y', 'b', 'b/x', '\u00e9', 'e\u0301', 'CON', 'c/x'];

interface Deed {
  readonly who: 'tool' | 'person';
  readonly what: 'write' | 'remove' | 'rename' | 'link' | 'edit';
  readonly name: string;
  readonly other: string;
  /** What was done before it is brought in step first. */
  readonly isLater: boolean;
}

const deed: fc.Arbitrary<Deed> = fc.record({
  who: fc.constantFrom('tool', 'tool', 'person'),
  what: fc.constantFrom('write', 'write', 'remove', 'rename', 'link', 'edit'),
  name: fc.constantFrom(...NAMES),
  other: fc.constantFrom(...NAMES),
  isLater: fc.boolean(),
});

class Play {
  readonly #lab: ModelLab;
  readonly #touched = new Set<string>();
  /** Lines that somebody took away. */
  readonly #cut = new Set<string>();
  #lines = 0;

  static async open(context: TestContext, rules: DiskRules | undefined): Promise<Play> {
    return new Play(await ModelLab.open(context, { rules }));
  }

  private constructor(lab: ModelLab) {
    this.#lab = lab;
  }

  async do({ who, what, name, other, isLater }: Deed): Promise<void> {
    if (isLater) await this.#settle();
    if (who === 'tool') this.#byTool(what, name, other);
    else this.#byPerson(what, name, other);
  }

  async judge(): Promise<void> {
    const lab = this.#lab;
    await this.#settle();
    await this.#lookAtAll();
    const { ops } = lab.world;
    const told = lab.events.length;
    await this.#lookAtAll();
    assert.equal(lab.world.ops, ops, 'a look at everything finds nothing to do');
    assert.equal(lab.events.length, told, 'and nothing to tell');
    const texts = [
      ...Object.values(lab.inWorld()),
      ...Object.values(lab.onDisk()),
      ...lab.world.tickets,
      ...lab.copies,
    ];
    const kept = new Set(texts.join('\n').split('\n'));
    for (let line = 1; line <= this.#lines; line++) {
      const text = `line ${line}`;
      assert.ok(kept.has(text) || this.#cut.has(text), `${text} is lost`);
    }
    const onDisk = lab.onDisk();
    for (const [name, text] of Object.entries(lab.inWorld())) {
      if (name in onDisk) assert.equal(onDisk[name], text, `${name} is what the world has`);
    }
  }

  #byTool(what: Deed['what'], name: string, other: string): void {
    const at = (each: string): string => this.#lab.at(each);
    // What is behind a link is none of this folder's files.
    if (what !== 'write' && what !== 'edit' && this.#isBehindLink(name)) return;
    switch (what) {
      case 'write':
      case 'edit':
        this.#makeRoom(name);
        this.#cutIn(name);
        fs.rmSync(at(name), { recursive: true, force: true });
        fs.writeFileSync(at(name), this.#newText());
        break;
      case 'remove':
        this.#cutIn(name);
        fs.rmSync(at(name), { recursive: true, force: true });
        break;
      case 'rename':
        if (!exists(at(name)) || this.#isWithin(other, name) || this.#isWithin(name, other)) {
          if (at(name) !== at(other)) return;
        }
        if (!exists(at(name))) return;
        this.#makeRoom(other);
        if (!exists(at(name)) || (exists(at(other)) && at(other) !== at(name))) return;
        this.#touchBelow(name);
        fs.renameSync(at(name), path.join(path.dirname(at(other)), path.basename(other)));
        this.#touchBelow(other);
        break;
      case 'link':
        if (exists(at(name)) || this.#isWithin(name, other)) return;
        this.#makeRoom(name);
        if (!exists(at(name))) fs.symlinkSync(at(other), at(name));
        break;
    }
    this.#touchBelow(name);
  }

  #byPerson(what: Deed['what'], name: string, other: string): void {
    const { world } = this.#lab;
    const head = world.fileAt(name);
    if (name === 'CON' || other === 'CON') return;
    if (!head) {
      if (world.inTheWay(name) === undefined) world.createNow(name, this.#newText());
      return;
    }
    if (what === 'remove') {
      for (const line of world.textOf(head.fileId).toString().split('\n')) this.#cut.add(line);
      world.removeNow(head.fileId, head.version);
    } else if (what === 'rename') world.renameNow(head.fileId, name, other);
    else world.insertNow(head.fileId, this.#newText());
  }

  #isBehindLink(name: string): boolean {
    const folder = path.posix.dirname(name);
    if (folder === '.') return false;
    if (this.#isBehindLink(folder)) return true;
    const status = statusOf(this.#lab.at(folder));
    return status?.isSymbolicLink() ?? false;
  }

  /** A tool that wants a folder somewhere removes what is there, and a file that wants to be there a folder. */
  #makeRoom(name: string): void {
    const folder = path.posix.dirname(name);
    if (folder === '.') return;
    this.#makeRoom(folder);
    const status = statusOf(this.#lab.at(folder));
    if (status?.isDirectory()) return;
    this.#cutIn(folder);
    fs.rmSync(this.#lab.at(folder), { force: true });
    fs.mkdirSync(this.#lab.at(folder));
  }

  #cutIn(name: string): void {
    this.#touchBelow(name);
    for (const [each, text] of Object.entries(this.#lab.onDisk())) {
      if (!isWithin(each, this.#onDisk(name))) continue;
      for (const line of text.split('\n')) this.#cut.add(line);
    }
  }

  #isWithin(name: string, folder: string): boolean {
    return isWithin(this.#onDisk(name), this.#onDisk(folder));
  }

  #touchBelow(name: string): void {
    const spelled = this.#onDisk(name);
    this.#touched.add(spelled);
    for (const each of Object.keys(this.#lab.onDisk()))
      if (isWithin(each, spelled)) this.#touched.add(each);
    for (const { path: each } of this.#lab.world.files())
      if (isWithin(each, name)) this.#touched.add(each);
  }

  /** As the disk spells it, and a watcher therefore tells. */
  #onDisk(name: string): string {
    return path.relative(this.#lab.folder, this.#lab.at(name)).split(path.sep).join('/');
  }

  /** As a watcher tells it; names that no world can have are told apart. */
  async #settle(): Promise<void> {
    const touched = [...this.#touched];
    this.#touched.clear();
    await this.#tell(touched);
    await this.#lab.look(...touched.filter((name) => name !== 'CON'));
  }

  async #lookAtAll(): Promise<void> {
    await this.#tell(NAMES);
    await this.#lab.lookAtAll();
  }

  async #tell(names: readonly string[]): Promise<void> {
    for (const name of names) this.#lab.mirror.happened(name);
    if (exists(this.#lab.at('CON'))) {
      await this.#lab.mirror.foundUnfit([{ path: 'CON', why: 'reserved_name' }]);
    }
  }

  #newText(): string {
    return `line ${++this.#lines}\n`;
  }
}

function exists(file: string): boolean {
  return statusOf(file) !== undefined;
}

function statusOf(file: string): fs.Stats | undefined {
  try {
    return fs.lstatSync(file);
  } catch {
    // Nothing is there, or a folder of it is none.
    return undefined;
  }
}

function isWithin(name: string, folder: string): boolean {
  return name === folder || name.startsWith(`${folder}/`);
}
