/**
 * Owns: that what happens at once is one question: when it is asked, that it is asked once, when it is
 * withdrawn, and what was answered. Does not know: which files are restorations, what answers do.
 */
import {
  RESTORATION_ITEMS,
  RESTORATION_OWNERS,
  type RestorationAnswer,
  type RestorationCause,
  type RestorationQuestion,
} from '../../core/restoration.ts';
import type { WorldLog } from '../../world/log.ts';
import { type FolderGit, GIT_JUST_NOW_MS } from '../folder-git.ts';
import type { FolderLog } from '../folder-log.ts';
import type { FolderLogEntry } from '../folder-log-entry.ts';
import type { RestorationEvent } from '../mirror-event.ts';
import type { MirrorWorld } from '../mirror-world.ts';
import { MirrorStopped } from '../mirror-world.ts';
import type { RestorationJudge } from './restoration-judge.ts';
import type { RestorationDesk } from './restoration-desk.ts';
import type { WaitingFile } from './waiting-entry.ts';
import type { WaitingEvent } from './waiting-files.ts';

export interface RestorationEventsParts {
  readonly desk: RestorationDesk;
  readonly git: FolderGit;
  readonly folderName: string;
  readonly nowMs: () => number;
  readonly newId: () => string;
  readonly log: FolderLog;
  readonly world: MirrorWorld;
  readonly after: (delayMs: number, fire: () => void) => () => void;
  readonly report: (event: RestorationEvent) => void;
  readonly output: WorldLog;
  readonly look: (paths: readonly string[]) => void;
  readonly lookAtAll: () => void;
  readonly isBusy: () => boolean;
  readonly judge: RestorationJudge;
  /** The folder that is gone, or empty, was answered about. */
  readonly actOnFolder: (answer: RestorationAnswer) => Promise<void>;
}

/** Nothing of an event has come for so long: it is over, and is asked about. */
const QUIET_MS = 400;
/** A tool that was asked about and goes on is asked about once more, when it has come to rest. */
const LATE_QUIET_MS = 3_000;
/** So long after a question what comes counts as more of the same. */
const SAME_EVENT_MS = 30_000;
/** Whatever goes on: who waits for an answer is not kept waiting for longer. */
const MOST_MS = 120_000;
const ASK_AGAIN_MS = 30_000;
/** Entries of the log by which a file may wait no more. */
const ENDING: ReadonlySet<FolderLogEntry['tag']> = new Set([
  'put',
  'removed',
  'waited',
  'folder_waited',
]);

export class RestorationEvents {
  readonly #parts: RestorationEventsParts;
  /** What happens now, and is not asked about yet. */
  #current: { readonly event: string; readonly sinceMs: number } | undefined;
  #askedAtMs = -Infinity;
  #cancelQuiet: (() => void) | undefined;
  #stopAnswers: (() => void) | undefined;
  #stopEntries: (() => void) | undefined;
  /** One question, answer or withdrawal after the other. */
  #turns: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(parts: RestorationEventsParts) {
    this.#parts = parts;
  }

  /** Takes up what waits since before. */
  async start(): Promise<void> {
    const { desk, log } = this.#parts;
    this.#stopAnswers ??= desk.onAnswer((question) => {
      const event = log.waiting.ofQuestion(question);
      if (event) void this.#turn(() => this.#takeUp(event.event));
    });
    // Files stop waiting by what the mirror does, and by what other windows save.
    this.#stopEntries ??= log.onEntry(({ tag }) => {
      if (ENDING.has(tag) && log.waiting.events().length > 0) this.#concludeAll();
    });
    await this.#turn(async () => {
      for (const { event } of log.waiting.events()) await this.#takeUp(event);
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelQuiet?.();
    this.#stopAnswers?.();
    this.#stopEntries?.();
  }

  get isPaused(): boolean {
    return this.#parts.log.waiting.isPaused;
  }

  /** The event of what happens now. */
  join(): string {
    this.#current ??= { event: this.#parts.newId(), sinceMs: this.#parts.nowMs() };
    return this.#current.event;
  }

  /** An event of its own, about the folder as a whole. */
  joinAlone(): string {
    const { newId, nowMs } = this.#parts;
    const former = this.#current;
    if (former) void this.#turn(() => this.#ask(former.event, former.sinceMs));
    this.#current = { event: newId(), sinceMs: nowMs() };
    return this.#current.event;
  }

  /** Something of it came. */
  touched(): void {
    const { after, nowMs } = this.#parts;
    this.#cancelQuiet?.();
    if (this.#isStopped) return;
    const isLate = nowMs() - this.#askedAtMs < SAME_EVENT_MS;
    const quietMs = isLate ? LATE_QUIET_MS : QUIET_MS;
    const leftMs = this.#current ? this.#current.sinceMs + MOST_MS - nowMs() : Infinity;
    // Nor may what never comes to rest.
    this.#cancelQuiet = after(Math.max(0, Math.min(quietMs, leftMs)), () => this.#becameQuiet());
  }

  /** The answer to act on, if there is one. */
  answerOf(event: string): RestorationAnswer | undefined {
    return this.#parts.log.waiting.event(event)?.answer;
  }

  /** Resolves when nothing is being asked, answered or withdrawn. */
  async settled(): Promise<void> {
    for (let turns; turns !== this.#turns;) await (turns = this.#turns);
  }

  #concludeAll(): void {
    const { waiting } = this.#parts.log;
    for (const { event } of waiting.events()) {
      const isAsked = event !== this.#current?.event;
      if (isAsked && waiting.isOver(event)) void this.#turn(() => this.#conclude(event));
    }
  }

  #becameQuiet(): void {
    const { git, isBusy, nowMs } = this.#parts;
    if (this.#isStopped) return;
    const current = this.#current;
    const isLong = current !== undefined && nowMs() - current.sinceMs >= MOST_MS;
    if (!isLong && (isBusy() || git.isAtWork())) return this.touched();
    this.#current = undefined;
    if (current) void this.#turn(() => this.#ask(current.event, current.sinceMs));
  }

  #turn(work: () => Promise<void>): Promise<void> {
    this.#turns = this.#afterTurns(this.#turns, work);
    return this.#turns;
  }

  async #afterTurns(former: Promise<void>, work: () => Promise<void>): Promise<void> {
    await former;
    if (this.#isStopped) return;
    try {
      await work();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Nothing is given up: what waits goes on to wait, and is asked about again. */
  #failed(error: unknown): void {
    if (error instanceof MirrorStopped || this.#isStopped) return;
    const { output, after } = this.#parts;
    output.warn('mirror.no_question', { error: String(error) });
    after(ASK_AGAIN_MS, () => void this.start());
  }

  async #takeUp(event: string): Promise<void> {
    const { log, desk, nowMs, newId } = this.#parts;
    if (event === this.#current?.event) return;
    const known = log.waiting.event(event);
    if (!known) return;
    if (log.waiting.isOver(event)) return this.#conclude(event);
    if (known.question === undefined) {
      if (known.ask) return this.#send(event, known.ask);
      if (this.#current === undefined) this.#current = { event, sinceMs: nowMs() };
      else await this.#move(event, this.#current.event);
      return this.touched();
    }
    // What was answered is acted on, also when the world keeps the question no more.
    const isDecided = known.answer === 'put_back' || known.answer === 'take';
    if (desk.answerOf(known.question) === 'gone' && !isDecided) {
      // The world does not know of it: it is asked anew.
      await this.#move(event, newId());
      return this.#takeUpMoved();
    }
    await this.#takeAnswer(event);
  }

  async #takeUpMoved(): Promise<void> {
    const { log } = this.#parts;
    const moved = log.waiting.events().find(({ question, ask }) => !question && !ask);
    if (moved) await this.#takeUp(moved.event);
  }

  async #move(from: string, to: string): Promise<void> {
    const { log } = this.#parts;
    const files = log.waiting.filesOf(from).map((file) => ({ ...file, event: to }));
    await log.append(
      ...files.map((file) => ({ tag: 'waits' as const, ...file })),
      ...(log.waiting.folder?.event === from ? [{ tag: 'folder_waits' as const, event: to }] : []),
      { tag: 'concluded', event: from },
    );
  }

  async #ask(event: string, sinceMs: number): Promise<void> {
    const { log } = this.#parts;
    if (log.waiting.isOver(event)) return this.#conclude(event);
    const isFolder = log.waiting.folder?.event === event;
    const ask = isFolder ? await this.#folderQuestion() : this.#questionOf(event, sinceMs);
    await log.append({ tag: 'asking', event, ask });
    await this.#send(event, ask);
  }

  async #send(event: string, ask: RestorationQuestion): Promise<void> {
    const { log, desk, report, nowMs } = this.#parts;
    const question = await desk.ask(ask, event);
    this.#askedAtMs = nowMs();
    await log.append({ tag: 'asked', event, question });
    const files = ask.items.map(({ path }) => path);
    const { cause, fileCount, owners } = ask;
    report({ tag: 'asked', question, cause, files, fileCount, owners });
    if (log.waiting.isOver(event)) await this.#conclude(event);
    else await this.#takeAnswer(event);
  }

  #questionOf(event: string, sinceMs: number): RestorationQuestion {
    const { log, folderName, git } = this.#parts;
    const files = [...log.waiting.filesOf(event)].sort((a, b) => (a.path < b.path ? -1 : 1));
    const owners = [...new Set(files.flatMap((file) => file.owners))].slice(0, RESTORATION_OWNERS);
    const items = files
      .slice(0, RESTORATION_ITEMS)
      .map(({ fileId, path, what }) => ({ fileId, path, what }));
    const cause = causeOf(files, git.workedSince(sinceMs - GIT_JUST_NOW_MS));
    return { cause, folderName, items, fileCount: files.length, owners };
  }

  async #folderQuestion(): Promise<RestorationQuestion> {
    const { log, folderName, judge } = this.#parts;
    const paths = [...log.paths()].sort();
    const items = paths
      .slice(0, RESTORATION_ITEMS)
      .map((path) => ({ fileId: log.lastPut(path)!.fileId, path, what: 'deleted' as const }));
    const owners = await Promise.all(items.map(({ fileId }) => judge.ownersOf(fileId)));
    return {
      cause: 'missing_folder',
      folderName,
      items,
      fileCount: paths.length,
      owners: [...new Set(owners.flat())].slice(0, RESTORATION_OWNERS),
    };
  }

  async #takeAnswer(event: string): Promise<void> {
    const { log, desk, report, lookAtAll } = this.#parts;
    const known = log.waiting.event(event);
    if (known?.question === undefined) return;
    const { question } = known;
    const answer = desk.answerOf(question);
    if (answer === 'open' || answer === 'gone' || answer === known.answer) {
      if (known.answer) await this.#act(event, known.answer);
      return;
    }
    const wasPaused = this.isPaused;
    await log.append({ tag: 'answered', question, answer });
    report({ tag: 'answered', question, answer });
    if (answer === 'leave') report({ tag: 'left', question, is: 'paused' });
    else if (known.answer === 'leave') report({ tag: 'left', question, is: 'resumed' });
    await this.#act(event, answer);
    if (wasPaused && !this.isPaused) lookAtAll();
  }

  async #act(event: string, answer: RestorationAnswer): Promise<void> {
    const { log, look, actOnFolder } = this.#parts;
    look(log.waiting.filesOf(event).map(({ path }) => path));
    if (log.waiting.folder?.event === event) await actOnFolder(answer);
  }

  /** Nothing of it waits any more. */
  async #conclude(event: string): Promise<void> {
    const { log, desk, report, lookAtAll } = this.#parts;
    const known: WaitingEvent | undefined = log.waiting.event(event);
    if (known === undefined || !log.waiting.isOver(event)) return;
    const { ask, answer } = known;
    const question = known.question ?? (ask && (await desk.ask(ask, event)));
    if (question !== undefined && (answer === undefined || answer === 'leave')) {
      await desk.withdraw(question);
      report({ tag: 'withdrawn', question });
    }
    await log.append({ tag: 'concluded', event });
    if (question !== undefined && answer === 'leave') {
      report({ tag: 'left', question, is: 'resumed' });
      if (!this.isPaused) lookAtAll();
    }
  }
}

function causeOf(files: readonly WaitingFile[], hasGitWorked: boolean): RestorationCause {
  if (files.every(({ cause }) => cause === 'lfs_pointer')) return 'lfs_pointer';
  // Of the first ones it is known, however long it takes to look at the others.
  const isOfGit = files.some(({ cause, byGit }) => byGit === true || cause === 'git');
  if (hasGitWorked || isOfGit) return 'git';
  return files.every(({ what }) => what === 'deleted') ? 'deleted' : 'tool';
}
