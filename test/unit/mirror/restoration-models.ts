import { sameChange } from '../../../src/core/change.ts';
import type {
  RestorationAnswer,
  RestorationQuestion,
  RestorationRule,
} from '../../../src/core/restoration.ts';
import type { FolderGit } from '../../../src/mirror/folder-git.ts';
import { NO_GIT } from '../../../src/mirror/folder-git.ts';
import type { RestorationDesk } from '../../../src/mirror/restorations/restoration-desk.ts';
import type {
  DiskWrite,
  Restored,
  RestorationJudge,
} from '../../../src/mirror/restorations/restoration-judge.ts';
import { minimalChanges } from '../../../src/sync/minimal-changes.ts';
import type { ModelWorld } from './model-world.ts';

/** The world's questions, as long as the test lasts: they outlive the folder's process. */
export class ModelDesk implements RestorationDesk {
  readonly questions: RestorationQuestion[] = [];
  readonly withdrawn: number[] = [];
  rules: RestorationRule = 'ask';
  /** Runs once the world has taken a question, before the folder hears of it. */
  onAsked: () => Promise<void> = () => Promise.resolve();
  readonly #askIds: string[] = [];
  readonly #answers = new Map<number, RestorationAnswer>();
  readonly #listeners = new Set<(question: number) => void>();

  rule(): RestorationRule {
    return this.rules;
  }

  async ask(question: RestorationQuestion, askId: string): Promise<number> {
    if (!this.#askIds.includes(askId)) {
      this.#askIds.push(askId);
      this.questions.push(question);
    }
    await this.onAsked();
    return this.#askIds.indexOf(askId) + 1;
  }

  withdraw(question: number): Promise<void> {
    if (!this.withdrawn.includes(question)) this.withdrawn.push(question);
    return Promise.resolve();
  }

  answerOf(question: number): RestorationAnswer | 'open' | 'gone' {
    if (this.withdrawn.includes(question) || question > this.questions.length) return 'gone';
    return this.#answers.get(question) ?? 'open';
  }

  onAnswer(listener: (question: number) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  answer(question: number, answer: RestorationAnswer): void {
    this.#answers.set(question, answer);
    for (const listener of this.#listeners) listener(question);
  }

  /** Those that nobody has answered and the folder has not withdrawn. */
  get open(): readonly number[] {
    return this.questions
      .map((_, index) => index + 1)
      .filter((each) => this.answerOf(each) === 'open');
  }
}

/** Knows older versions; whatever is not the folder's own member's is a peer's. */
export class ModelJudge implements RestorationJudge {
  readonly #world: ModelWorld;
  /** Files in which nobody else has text. */
  readonly own = new Set<number>();
  /** The writes that were judged, newest last. */
  readonly judged: DiskWrite[] = [];

  constructor(world: ModelWorld) {
    this.#world = world;
  }

  /** Every write is compared. */
  wholeReturn(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async judge(write: DiskWrite): Promise<Restored | undefined> {
    this.judged.push(write);
    const { fileId, version, before, changes } = write;
    if (this.own.has(fileId)) return undefined;
    const old = new Set<number>();
    for (let older = version - 1; older > 0; older--) {
      const file = await this.#world.read(fileId, older);
      if (file.kind !== 'text') continue;
      const back = minimalChanges(before, file.text.toString());
      for (const [index, change] of changes.entries()) {
        if (back.some((each) => sameChange(each, change))) old.add(index);
      }
    }
    if (old.size === 0) return undefined;
    const restoring = [...old].sort((a, b) => a - b);
    const returned = restoring.map((change) => ({
      change,
      line: 0,
      lines: 1,
      version: 1,
      fromLine: 0,
    }));
    return { changes, restoring, owners: [PEER], returned };
  }

  ownersOf(fileId: number): Promise<readonly string[]> {
    return Promise.resolve(this.own.has(fileId) ? [] : [PEER]);
  }
}

export const PEER = 'b'.repeat(64);

/** git as far as a test says what it does. */
export class ModelGit implements FolderGit {
  readonly #listeners = new Set<() => void>();
  works = false;
  workedAtMs = -Infinity;
  readonly missing = new Set<string>();
  readonly index = new Set<string>();
  readonly conflicts = new Set<string>();

  isAtWork(): boolean {
    return this.works;
  }

  onRest(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** It has come to rest. */
  rest(): void {
    this.works = false;
    for (const listener of this.#listeners) listener();
  }

  hasBlob(path: string, bytes: Uint8Array): Promise<boolean> {
    return NO_GIT.hasBlob(path, bytes);
  }

  oldContents(path: string): Promise<readonly Uint8Array[]> {
    return NO_GIT.oldContents(path);
  }

  broughtBy(path: string): ReturnType<FolderGit['broughtBy']> {
    return NO_GIT.broughtBy(path);
  }

  broughtOver(path: string): ReturnType<FolderGit['broughtOver']> {
    return NO_GIT.broughtOver(path);
  }

  operation(): ReturnType<FolderGit['operation']> {
    return NO_GIT.operation();
  }

  dispose(): void {
    NO_GIT.dispose();
  }

  workedSince(sinceMs: number): boolean {
    return this.works || this.workedAtMs >= sinceMs;
  }

  trustsModes(): Promise<boolean> {
    return NO_GIT.trustsModes();
  }

  modeOf(path: string): ReturnType<FolderGit['modeOf']> {
    return NO_GIT.modeOf(path);
  }

  givesCrlf(): Promise<boolean> {
    return Promise.resolve(false);
  }

  notCheckedOut(paths: readonly string[]): Promise<ReadonlySet<string>> {
    return Promise.resolve(new Set(paths.filter((path) => this.missing.has(path))));
  }

  unmerged(paths: readonly string[]): Promise<ReadonlySet<string>> {
    return Promise.resolve(new Set(paths.filter((path) => this.conflicts.has(path))));
  }

  tracked(paths: readonly string[]): Promise<ReadonlySet<string>> {
    return Promise.resolve(new Set(paths.filter((path) => this.index.has(path))));
  }
}
