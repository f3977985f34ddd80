/** Two agents' clones and one person's folder, kept by mirrors, while three members type. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { IdentityHex } from '../../../src/core/op.ts';
import { UNATTRIBUTED } from '../../../src/core/unattributed.ts';
import { systemCode } from '../../../src/host/host-error.ts';
import { DRAFT_SUFFIX } from '../../../src/world/own-names.ts';
import { readFile } from '../../../src/world/file-reader.ts';
import { answerRestoration, standingRestorations } from '../../../src/world/restorations.ts';
import { systemRandomBytes } from '../../../src/world/uuid.ts';
import type { WorldSession } from '../../../src/world/world-session.ts';
import { caughtUp, WorldLab } from '../../contract/world-lab.ts';
import { GitLab } from '../git-lab.ts';
import { seededRandom } from '../seeded-random.ts';
import { newId } from '../world-stage.ts';
import { MirrorProcess } from './mirror-process.ts';
import { TypedLines } from './typed-lines.ts';
import { type Clone, giveUp, runKilled, runVerb, type Verb, VERBS } from './verbs.ts';

interface Folder {
  readonly name: string;
  readonly mirror: MirrorProcess;
  readonly clone: Clone;
  /** Verbs since all was equal last. */
  done: Verb[];
}

const FILES = ['a.txt', 'b.txt', 'src/c.txt', 'src/d.txt', 'docs/e.txt', 'docs/f.txt'];
/** How long all may take to become equal once nobody does anything. */
const EQUAL_MS = 60_000;
const REST_MS = 500;
/** In one of so many verbs git is killed, and in one of so many rounds the mirror of a folder. */
const GIT_KILLS = 8;
const MIRROR_KILLS = 16;
/** git is killed so long after a verb began at the most, more often at its beginning; so is a mirror. */
const GIT_KILL_MS = 120;
const MIRROR_KILL_MS = 300;

export class GitVerbsPlay {
  readonly #random: () => number;
  /** What one does depends on no other's turn. */
  readonly #typing: readonly (() => number)[];
  readonly #owner: WorldSession;
  readonly #typists: readonly WorldSession[];
  readonly #folders: readonly Folder[];
  readonly #upstream: GitLab;
  readonly #lines: TypedLines;
  readonly #taken = new Set<string>();
  readonly #story: string[] = [];
  #gitKills = 0;
  #mirrorKills = 0;

  static async open(t: TestContext, random: () => number): Promise<GitVerbsPlay> {
    const lab = await WorldLab.open(t);
    const lines = new TypedLines();
    const upstream = await GitLab.init(path.join(lab.folder, 'upstream'));
    upstream.isLive = true;
    for (const file of FILES) {
      await upstream.write({
        [file]: Array.from({ length: 8 }, (_, at) => `${file} ${at}\n`).join(''),
      });
      upstream.commitAll(file);
    }
    upstream.git('branch', 'side', 'HEAD~2');
    const owner = await lab.enter(lab.owner);
    const typists = [];
    for (const gitEmail of ['ada@example.org', 'bo@example.org', 'cleo@example.org']) {
      typists.push(await lab.enter(await lab.join({ gitEmail })));
    }
    const script = await MirrorProcess.bundle(lab.folder);
    const { uri } = lab.server;
    const { database } = lab;
    const folders: Folder[] = [];
    for (const name of ['first bot', 'second bot', 'person']) {
      const isPerson = name === 'person';
      const self = isPerson ? lab.owner : await lab.join({ kind: 'agent' });
      const place = path.join(lab.folder, name);
      mkdirSync(place);
      upstream.git('clone', '-q', '-o', 'upstream', upstream.folder, path.join(place, 'folder'));
      const git = new GitLab(path.join(place, 'folder'));
      git.git('branch', '-q', 'side', 'upstream/side');
      addStashingHook(git.folder);
      const author = isPerson ? UNATTRIBUTED.identity : '';
      const mirror = await MirrorProcess.start(script, { uri, database, self, place, author });
      lab.endsFirst(() => mirror.kill());
      const writer = author || self.identity;
      const newLine = (): string => `${lines.make(writer, name, false).text}\n`;
      const clone = { folder: git.folder, random: ownRandom(random), newLine };
      folders.push({ name, mirror, clone, done: [] });
    }
    return new GitVerbsPlay(random, { owner, typists, folders, upstream, lines });
  }

  private constructor(
    random: () => number,
    parts: {
      readonly owner: WorldSession;
      readonly typists: readonly WorldSession[];
      readonly folders: readonly Folder[];
      readonly upstream: GitLab;
      readonly lines: TypedLines;
    },
  ) {
    this.#random = random;
    this.#typing = parts.typists.map(() => ownRandom(random));
    this.#owner = parts.owner;
    this.#typists = parts.typists;
    this.#folders = parts.folders;
    this.#upstream = parts.upstream;
    this.#lines = parts.lines;
  }

  /** What was done, for whoever looks for a fault. */
  get story(): string {
    return this.#story.join('\n');
  }

  get kills(): string {
    return `killed: git ${this.#gitKills} times, a mirror ${this.#mirrorKills} times`;
  }

  /** A verb in each folder, while all type. */
  async round(): Promise<void> {
    if (this.#random() < 0.3) await this.#commitUpstream();
    const typing = this.#typists.map((session, at) => this.#type(session, at));
    await Promise.all([...typing, ...this.#folders.map((folder) => this.#work(folder))]);
    // What a command wrote is seen before the next one: several in a moment are one write, and what a
    // pull brings on top of old text can hide that it is old.
    await Promise.all(this.#folders.map(({ mirror }) => mirror.look()));
  }

  async #work({ name, clone, mirror, done }: Folder): Promise<void> {
    const { random } = clone;
    const verb = VERBS[Math.floor(random() * VERBS.length)]!;
    const isKilled = random() < 1 / GIT_KILLS;
    const killMs = GIT_KILL_MS * random() ** 2;
    const ends = random() < 1 / MIRROR_KILLS ? MIRROR_KILL_MS * random() : undefined;
    const turn = this.#story.push(`${name}: ${verb.name}`) - 1;
    const work = async (): Promise<void> => {
      if (!isKilled) return runVerb(verb, clone);
      const killed = await runKilled(verb, clone, killMs);
      if (killed === undefined) return;
      this.#gitKills += 1;
      this.#story[turn] += `, killed in git ${killed}`;
      done.push({ ...verb, restores: true });
    };
    done.push(verb);
    const restart = async (): Promise<void> => {
      if (ends === undefined) return;
      await delay(ends);
      await mirror.kill();
      this.#mirrorKills += 1;
      this.#story[turn] += ', and the mirror is killed';
      await mirror.begin();
    };
    await Promise.all([work(), restart()]);
  }

  /** Everybody rests, all questions are answered, and everything is looked at. */
  async check(): Promise<void> {
    for (const { clone } of this.#folders) await giveUp(clone);
    this.#story.push('all come to rest');
    const deadlineMs = performance.now() + EQUAL_MS;
    for (let rests = 0; ; rests++) {
      // Whoever looks all the time keeps a mirror from coming to rest, and from asking.
      if (rests > 0) await delay(REST_MS);
      const isQuiet = await this.#settle();
      const different = await this.#differences();
      if (different.length === 0 && isQuiet) break;
      if (performance.now() > deadlineMs) {
        const state = await this.#state();
        assert.fail(`not equal in the end:\n${different.join('\n')}\n${state}`);
      }
    }
    const faults = await this.#lines.faults(this.#owner, this.#taken);
    // Not by comparing: what is wrong would be cut off where it gets long.
    assert.ok(faults.length === 0, faults.join('\n'));
    for (const folder of this.#folders) {
      const asked = folder.mirror.events.filter(({ tag }) => tag === 'asked');
      if (!folder.done.some(({ restores }) => restores)) {
        assert.deepEqual(asked, [], `${folder.name} asked without a cause`);
      }
      folder.done = [];
      folder.mirror.events.length = 0;
    }
  }

  /** True where nothing waits for anybody. */
  async #settle(): Promise<boolean> {
    const looks = await Promise.all(this.#folders.map(({ mirror }) => mirror.look()));
    await caughtUp(this.#owner);
    const isQuiet = standingRestorations(this.#owner.view).length === 0;
    for (const question of standingRestorations(this.#owner.view)) {
      const answer = this.#random() < 0.5 ? 'take' : 'put_back';
      const paths = question.items.map((item) => `${item.path} ${item.what}`).join(', ');
      this.#story.push(`${answer}: ${question.folderName} ${question.cause} ${paths}`);
      if (answer === 'take') {
        for (const { fileId } of question.items) this.#taken.add(`${question.folderOf}:${fileId}`);
      }
      await answerRestoration(this.#owner, question.restorationId, answer, systemRandomBytes);
    }
    return isQuiet && looks.every(({ isWaiting }) => !isWaiting);
  }

  async #state(): Promise<string> {
    const looks = this.#folders.map(async ({ name, mirror }) => {
      return `${name}: ${(await mirror.look()).state}`;
    });
    return (await Promise.all(looks)).join('\n');
  }

  async #differences(): Promise<readonly string[]> {
    const link = await this.#owner.whenOnline();
    const inWorld = new Map<string, string>();
    for (const { fileId, path: file, deleted } of this.#owner.view.files.values()) {
      if (deleted) continue;
      const content = await readFile(link, this.#owner.view, fileId);
      inWorld.set(file, content.kind === 'text' ? content.text.toString() : '');
    }
    return this.#folders.flatMap(({ name, clone }) => {
      const onDisk = textsIn(clone.folder);
      const names = new Set([...inWorld.keys(), ...onDisk.keys()]);
      return [...names].sort().flatMap((file) => {
        if (onDisk.get(file) === inWorld.get(file)) return [];
        const what = !inWorld.has(file)
          ? 'is not in the world'
          : onDisk.has(file)
            ? 'differs'
            : 'is missing';
        return [`${name}: ${file} ${what}`];
      });
    });
  }

  async #type(session: WorldSession, typist: number): Promise<void> {
    const random = this.#typing[typist]!;
    for (let times = 0; times < 2; times++) {
      const living = [...session.view.files.values()].filter(
        (file) => !file.deleted && file.kind === 'text',
      );
      const file = living[Math.floor(random() * living.length)];
      if (file === undefined) return;
      const line = this.#lines.make(session.identity, `member ${typist + 1}`, true);
      const at = { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0 };
      const lineAt = Math.floor(random() * Math.max(1, file.lineCount - 1));
      const change = { ...at, startLine: lineAt, endLine: lineAt, text: `${line.text}\n` };
      if (!(await insert(session, file, change))) this.#lines.forget(line);
    }
  }

  async #commitUpstream(): Promise<void> {
    const file = FILES[Math.floor(this.#random() * FILES.length)]!;
    const text = readFileSync(path.join(this.#upstream.folder, file), 'utf8');
    await this.#upstream.write({ [file]: `${text}upstream ${this.#story.length}\n` });
    this.#upstream.git('add', '-A');
    this.#upstream.git('commit', '-q', '-m', 'u', '--author=Member 1 <ada@example.org>');
  }
}

function ownRandom(random: () => number): () => number {
  return seededRandom(random() * 2 ** 32);
}

async function insert(
  session: WorldSession,
  file: { readonly fileId: number; readonly version: number },
  change: object,
): Promise<boolean> {
  const op = {
    opId: newId(),
    fileId: file.fileId,
    expectedBaseVersion: file.version,
    intent: 'patch',
    author: '' as IdentityHex,
    carriedFrom: 0,
    overlaps: [],
    rangeHashes: [],
    changes: [change],
  };
  const batch = { batchId: newId(), extends: 0, ops: [op] };
  const answer = await session.judge('apply_file_ops', { batch } as never, [op.opId]);
  return answer.tag === 'judged';
}

/** Puts aside what is not staged, and back, as tools that check commits do. */
function addStashingHook(folder: string): void {
  const hooks = path.join(folder, '.git', 'stashing');
  mkdirSync(hooks);
  const hook = path.join(hooks, 'pre-commit');
  writeFileSync(hook, '#!/bin/sh\ngit stash push -q -u --keep-index && git stash pop -q\nexit 0\n');
  chmodSync(hook, 0o755);
}

function textsIn(folder: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const name = path.relative(folder, path.join(entry.parentPath, entry.name));
    if (!entry.isFile() || /^(\.git|nested)/.test(name)) continue;
    // What git picked up of a mirror's writing.
    if (name.endsWith(DRAFT_SUFFIX)) continue;
    const text = textAt(path.join(folder, name));
    if (text !== undefined) texts.set(name, text);
  }
  return texts;
}

/** Undefined for a file that a mirror has just taken away. */
function textAt(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
