/** A random walk of one window, with an agent and tools beside it, and the law that has to hold at each rest. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openFolder } from '../../../../src/world/open-folder.ts';
import { seededRandom } from '../../../harness/seeded-random.ts';
import { EXTENSION_ID, LiveFolder, notifications, waitUntilBound } from '../live-folder.ts';
import type { EditorWindow } from '../window.ts';
import type { Combination } from './combinations.ts';
import { DECK, placeOf } from './deeds.ts';
import { WalkRoot, type WorldFile } from './walk-root.ts';
import { Words, wordsIn } from './words.ts';

/** Its name moves on with renames. */
export interface WalkFile {
  readonly root: WalkRoot;
  readonly name: string;
}

interface ShownDocument {
  readonly file: string;
  readonly text: string;
  readonly isDirty: boolean;
  readonly encoding: string;
}

const DEEDS_A_ROUND = 5;
/** How long all may take to come to rest once nobody does anything. */
const REST_MS = 30_000;
const LOOK_MS = 50;
/** 日本 in Shift-JIS, which is no UTF-8. */
const JAPANESE = Buffer.from([0x93, 0xfa, 0x96, 0x7b]);

export class Walk {
  readonly words = new Words();
  readonly roots: readonly WalkRoot[];
  readonly files: WalkFile[];
  readonly window: EditorWindow;
  current: WalkFile;
  readonly #live: LiveFolder;
  readonly #random: () => number;
  readonly #story: string[] = [];
  readonly #combination: Combination;
  readonly #typedIn = new Set<WalkFile>();
  #saving: WalkFile | undefined;
  #deck: string[] = [];
  /** What tools and agents are to do while the window is at its next deed. */
  #waiting: (() => Promise<void>)[] = [];

  static async start(combination: Combination, seed: number): Promise<Walk> {
    const { autoSave, age, formatOnSave, encoding, roots: count } = combination;
    const words = new Words();
    const text = (end = '\n'): string =>
      Array.from({ length: 4 }, () => `${words.make()} line${end}`).join('');
    const live = await LiveFolder.start({
      age,
      isOnOwnHost: true,
      files: { 'plain.txt': text(), 'crlf.txt': text('\r\n'), 'short.txt': text() },
      prepare: (folder) => fs.writeFileSync(path.join(folder, 'japanese.txt'), japanese(words)),
      settings: {
        'files.autoSave': autoSave,
        'files.autoSaveDelay': 200,
        'files.encoding': encoding,
        'editor.formatOnSave': formatOnSave,
      },
    });
    const roots = [await WalkRoot.enter(live, live.folder, live.session)];
    let opened = live.folder;
    if (count === 2) {
      const folder = path.join(path.dirname(live.folder), 'second');
      fs.mkdirSync(folder);
      fs.writeFileSync(path.join(folder, 'other.txt'), text());
      fs.writeFileSync(path.join(folder, 'kanji.txt'), japanese(words));
      const profile = { displayName: 'Ada', gitName: 'Ada', gitEmail: '', color: '' };
      const second = await openFolder(live.surroundings, { folder, server: live.server, profile });
      roots.push(await WalkRoot.enter(live, folder, second.session));
      opened = path.join(path.dirname(folder), 'both.code-workspace');
      const folders = roots.map((root) => ({ path: root.folder }));
      fs.writeFileSync(opened, JSON.stringify({ folders }));
    }
    const window = await live.editor.openWindow(opened);
    const random = seededRandom(seed);
    const walk = new Walk(live, { roots, window, words, random, combination });
    await walk.begin();
    return walk;
  }

  private constructor(
    live: LiveFolder,
    parts: {
      readonly roots: readonly WalkRoot[];
      readonly window: EditorWindow;
      readonly words: Words;
      readonly random: () => number;
      readonly combination: Combination;
    },
  ) {
    this.#live = live;
    this.#combination = parts.combination;
    this.roots = parts.roots;
    this.window = parts.window;
    this.words = parts.words;
    this.#random = parts.random;
    this.files = this.roots.flatMap((root) =>
      [...root.diskFiles().keys()].sort().map((name) => ({ root, name })),
    );
    this.current = this.files[0]!;
    this.look();
  }

  get home(): string {
    return this.#live.home;
  }

  /** A folder that nobody keeps, on the same disk. */
  get scratch(): string {
    return path.dirname(this.#live.folder);
  }

  get story(): string {
    return this.#story.join('\n');
  }

  tell(what: string): void {
    this.#story.push(`  ${what}`);
  }

  /** Numbers of the seed, as many whatever is made of them. */
  draw(): readonly [number, number, number, number, number] {
    const next = this.#random;
    return [next(), next(), next(), next(), next()];
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[Math.floor(this.#random() * values.length)]!;
  }

  /** Once the window shows its worlds: what it has to be told anew whenever its extension host begins. */
  async begin(): Promise<void> {
    await waitUntilBound(this.window);
    await this.window.evaluate((vscode) => {
      vscode.languages.registerDocumentFormattingEditProvider(
        { pattern: '**/*.txt' },
        {
          provideDocumentFormattingEdits: (document) => {
            const all = new vscode.Range(0, 0, document.lineCount, 0);
            const text = document.getText().replaceAll(/ {2,}/g, ' ');
            return text === document.getText() ? [] : [vscode.TextEdit.replace(all, text)];
          },
        },
      );
    });
  }

  /** Somebody else's work: now, or in the middle of what the window does next. */
  async beside(work: () => Promise<void>): Promise<void> {
    if (this.#random() < 0.5) await work();
    else this.#waiting.push(work);
  }

  /** The middle of something that the window does. */
  async others(): Promise<void> {
    const works = this.#waiting;
    this.#waiting = [];
    for (const work of works) await work();
  }

  /** A save is on its way until then. */
  async whileSaving(file: WalkFile, work: () => Promise<void>): Promise<void> {
    this.#saving = file;
    await work();
    this.#saving = undefined;
  }

  /** From now to the next rest VS Code may save the file by itself at any time. */
  typedIn(file: WalkFile): void {
    if (this.#combination.autoSave !== 'off') this.#typedIn.add(file);
  }

  /**
   * True while VS Code may be at a save: of what a tool writes in the moment between its look at the disk and its
   * writing nobody hears.
   */
  mayBeSaving(file: WalkFile): boolean {
    return this.#saving === file || this.#typedIn.has(file);
  }

  /** What is on disk by now somebody has to answer for. */
  look(): void {
    for (const root of this.roots) {
      for (const [name, bytes] of root.diskFiles()) {
        this.words.owe(bytes.toString('latin1'), `on disk in ${root.name}/${name}`);
      }
    }
  }

  async round(): Promise<void> {
    for (let done = 0; done < DEEDS_A_ROUND; done++) {
      const name = this.#next();
      const deed = DECK.find(([, each]) => each === name)![2];
      const at = this.#story.push(name) - 1;
      this.#story[at] += ` ${await deed(this)}`;
      this.look();
    }
    await this.others();
    this.#story.push('rest');
    await this.#rest();
  }

  /** All texts, and what the window has told, for whoever looks for a fault. */
  async state(): Promise<string> {
    const shown = await this.#shown();
    const lines: string[] = [];
    for (const root of this.roots) {
      const [world, disk] = [await root.worldFiles(), root.diskFiles()];
      for (const name of new Set([...world.keys(), ...disk.keys()])) {
        const document = shown.get(path.join(root.folder, name));
        lines.push(`${root.name}/${name}${textsOf(world.get(name), disk.get(name), document)}`);
      }
      lines.push(...(await root.proposed()).map((text) => `${root.name} proposed ${text}`));
    }
    lines.push(...(await notifications(this.window)), ...logsIn(this.#live.editor.dataFolder));
    return lines.join('\n');
  }

  get savesAfterDelay(): boolean {
    return this.#combination.autoSave === 'afterDelay';
  }

  async isLive({ root, name }: WalkFile): Promise<boolean> {
    const world = (await root.worldFiles()).get(name);
    const shown = (await this.#shown()).get(placeOf({ root, name }));
    return world !== undefined && shown !== undefined && isLive(world, shown);
  }

  async dispose(): Promise<void> {
    for (const root of this.roots) root.close();
    await this.#live.dispose();
  }

  #next(): string {
    if (this.#deck.length === 0) {
      this.#deck = DECK.flatMap(([count, name]) => Array.from({ length: count }, () => name));
      for (let at = this.#deck.length - 1; at > 0; at--) {
        const other = Math.floor(this.#random() * (at + 1));
        [this.#deck[at], this.#deck[other]] = [this.#deck[other]!, this.#deck[at]!];
      }
    }
    return this.#deck.pop()!;
  }

  async #rest(): Promise<void> {
    const deadlineMs = performance.now() + REST_MS;
    for (;;) {
      await this.#settled();
      // What a tool wrote under something unsaved shows in no difference before it is in the world.
      const wrong = [...(await this.#differences()), ...(await this.#faults())];
      if (wrong.length === 0) break;
      // Not by comparing: what is wrong would be cut off where it gets long.
      assert.ok(performance.now() < deadlineMs, wrong.join('\n'));
      await delay(LOOK_MS);
    }
    this.#typedIn.clear();
    this.words.areSure();
    for (const root of this.roots) {
      for (const { bytes } of (await root.worldFiles()).values()) {
        this.words.owe(bytes.toString('latin1'), 'in the world at rest');
      }
    }
  }

  async #settled(): Promise<void> {
    await this.window.waitFor((vscode, id) => {
      const api = vscode.extensions.getExtension(id)!.exports as { isSettled: () => boolean };
      return api.isSettled();
    }, EXTENSION_ID);
    for (const root of this.roots) await root.caughtUp();
  }

  /** Where the world is not what the disk and the editor have. */
  async #differences(): Promise<readonly string[]> {
    const shown = await this.#shown();
    const different: string[] = [];
    for (const root of this.roots) {
      const [world, disk] = [await root.worldFiles(), root.diskFiles()];
      for (const name of new Set([...world.keys(), ...disk.keys()])) {
        const file = `${root.name}/${name}`;
        const [inWorld, onDisk] = [world.get(name), disk.get(name)];
        const document = shown.get(path.join(root.folder, name));
        const texts = (): string => textsOf(inWorld, onDisk, document);
        if (!inWorld) different.push(`${file} is not in the world${texts()}`);
        else if (document && isLive(inWorld, document)) {
          if (withLf(document.text) !== inWorld.text) different.push(`${file}: editor${texts()}`);
        }
        // What its user has not saved keeps an editor's file as it is.
        if (!inWorld || document?.isDirty) continue;
        if (!onDisk?.equals(inWorld.bytes)) different.push(`${file}: disk${texts()}`);
        else if (document && !isLive(inWorld, document)) {
          const [there, here] = [wordsIn(onDisk.toString('latin1')), wordsIn(document.text)];
          if (there.join() !== here.join()) different.push(`${file}: editor, not live${texts()}`);
        }
      }
      different.push(...root.questions().map((question) => `${root.name} asks: ${question}`));
    }
    return different;
  }

  async #faults(): Promise<readonly string[]> {
    const texts = new Map<string, string>();
    const kept: string[] = [...draftsIn(path.join(this.home, 'drafts'))];
    for (const root of this.roots) {
      kept.push(...(await root.proposed()));
      for (const [name, { bytes }] of await root.worldFiles()) {
        texts.set(`${root.name}/${name}`, bytes.toString('latin1'));
      }
    }
    return this.words.faults({ texts, kept });
  }

  async #shown(): Promise<ReadonlyMap<string, ShownDocument>> {
    const documents = await this.window.evaluate((vscode) =>
      vscode.workspace.textDocuments
        .filter(({ uri }) => uri.scheme === 'file' || uri.scheme === 'vscode-remote')
        .map((document) => ({
          file: document.uri.fsPath,
          text: document.getText(),
          isDirty: document.isDirty,
          encoding: document.encoding,
        })),
    );
    return new Map(documents.map((document) => [document.file, document]));
  }
}

/** What both the world and the editor say of a text with the same bytes. */
function isLive(world: WorldFile, { encoding, text }: ShownDocument): boolean {
  if (world.text === undefined) return false;
  // oxlint-disable-next-line no-control-regex
  return encoding.startsWith('utf8') || !/[^\u0000-\u007F]/.test(text + world.text);
}

/** The texts that wait at their author's side. */
function draftsIn(folder: string): readonly string[] {
  if (!fs.existsSync(folder)) return [];
  return (fs.readdirSync(folder, { recursive: true }) as string[])
    .filter((name) => name.endsWith('.draft.json') && !name.includes('.ended'))
    .flatMap((name) => {
      const draft = JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')) as {
        readonly changes: readonly { readonly text: string }[];
      };
      return draft.changes.map(({ text }) => text);
    });
}

/** What the extension has logged. */
function logsIn(folder: string): readonly string[] {
  return (fs.readdirSync(folder, { recursive: true }) as string[])
    .filter((name) => name.includes('agent-world.agent-world') && name.endsWith('.log'))
    .flatMap((name) => [name, fs.readFileSync(path.join(folder, name), 'utf8')]);
}

function japanese(words: Words): Buffer {
  const line = (): Buffer[] => [Buffer.from(`${words.make()} `), JAPANESE, Buffer.from(' \n')];
  return Buffer.concat([...line(), ...line(), ...line()]);
}

function textsOf(
  inWorld: WorldFile | undefined,
  onDisk: Buffer | undefined,
  document: ShownDocument | undefined,
): string {
  const world =
    inWorld && `${inWorld.text === undefined ? 'bytes' : 'text'} ${told(inWorld.bytes)}`;
  return `\n  world ${world}\n  disk  ${told(onDisk)}\n  editor ${JSON.stringify(document)}`;
}

function told(bytes: Buffer | undefined): string {
  return JSON.stringify(bytes?.toString('utf8'));
}

function withLf(text: string): string {
  return text.replaceAll('\r\n', '\n');
}
