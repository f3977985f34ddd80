import { isInsertion } from '../../core/change.ts';
import type { IdentityHex } from '../../core/op.ts';
import type { Text } from '../../core/text.ts';
import { minimalChanges } from '../../sync/minimal-changes.ts';
import type { Clock } from '../../world/clock.ts';
import type { FolderGit } from '../folder-git.ts';
import type { FilePast } from './file-past.ts';
import { GitMemory } from './git-memory.ts';
import { JudgedWrite } from './judge-write.ts';
import { PastReader } from './past-reader.ts';
import type { PastSource } from './past-source.ts';
import type { DiskWrite, Restored, RestorationJudge, WholeReturn } from './restoration-judge.ts';
import { ownersOfReturn } from './whole-return.ts';

/** A write that is killed ends where a page of memory does, or has not begun. */
const PAGE_BYTES = 4096;

/** Judges writes by the versions that files had in a world, and by what git has of them. */
export class PastJudge implements RestorationJudge {
  readonly #source: PastSource;
  readonly #git: GitMemory;
  readonly #pasts: PastReader;
  readonly #clock: Clock;
  /** One file at a time: what is read for one tells of most others. */
  #isExpecting = false;

  constructor(source: PastSource, git: FolderGit, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
    this.#git = new GitMemory(git, clock);
    this.#pasts = new PastReader(source);
  }

  expect(fileId: number, version: number): void {
    if (version >= 1 && !this.#isExpecting) void this.#learnOf(fileId, version);
  }

  async #learnOf(fileId: number, version: number): Promise<void> {
    this.#isExpecting = true;
    // What fails is asked again by whoever judges, who hears of it.
    await this.#source.isOwn(fileId, version - 1, version).catch(() => false);
    this.#isExpecting = false;
  }

  async wholeReturn(
    fileId: number,
    after: Text,
    version: number,
  ): Promise<WholeReturn | undefined> {
    const ops = await this.#source.since(fileId, after, version);
    const owners = ops && ownersOfReturn(after, ops, this.#source.own);
    return owners && { version: version - ops.length, owners };
  }

  async judge(write: DiskWrite): Promise<Restored | undefined> {
    if (write.changes.length === 0) return undefined;
    const found = await this.#judged(write, (judged) => {
      const ofGit = judged.isGitsToTell ? judged.restored('had') : undefined;
      const { isFirstToTell } = judged;
      return { anyway: judged.restored('new'), ofGit, isFirstToTell };
    });
    const isOverFirst = await this.#mayBeOverFirst(write, found?.isFirstToTell ?? true);
    if (!isOverFirst && !found?.ofGit) return found?.anyway;
    if (await this.#isOfGit(write)) {
      if (!isOverFirst) return found?.ofGit;
      return this.#judged(write, (judged) => judged.restored('had'), true);
    }
    const isBrought = found?.ofGit && write.byGit;
    const brought = isBrought ? await this.#git.broughtOver(write.path) : undefined;
    if (brought === undefined) return found?.anyway;
    if (brought === 'late') return found?.ofGit;
    return this.#judged(write, (judged) => judged.restored(brought));
  }

  /**
   * True for what the repository had before, or what is left of that where git was killed as it wrote it. Of what
   * git wrote, too, where it does not say so in time: a question too many is better than text that goes unseen.
   */
  async #isOfGit({ path, bytes, byGit }: DiskWrite): Promise<boolean> {
    if (byGit && bytes.length === 0) return true;
    const had = await this.#git.had(path, bytes);
    if (had === 'late') return byGit;
    if (had) return true;
    if (!byGit || bytes.length % PAGE_BYTES !== 0) return false;
    return (await this.#git.hadMore(path, bytes)) !== false;
  }

  /** True where git may have put text of its own in the place of what others made a file with. */
  async #mayBeOverFirst(
    { fileId, version, byGit, changes }: DiskWrite,
    isToTell: boolean,
  ): Promise<boolean> {
    if (!byGit || !isToTell || changes.every(isInsertion)) return false;
    return !(await this.#source.isOwn(fileId, 0, version));
  }

  /** Undefined where there is no text from before others' work, nor of others `fromFirst` on. */
  #judged<Result>(
    write: DiskWrite,
    judge: (judged: JudgedWrite) => Result,
    fromFirst = false,
  ): Promise<Result | undefined> {
    const { own } = this.#source;
    const judgeBy = (known: FilePast | undefined): Result | undefined => {
      if (!known) return undefined;
      const past = pastOf(known, write.before, own);
      return judge(new JudgedWrite({ ...write, past, own, nowMs: this.#clock.nowMs() }));
    };
    return this.#pasts.use(write.fileId, write.version, write.after, judgeBy, fromFirst);
  }

  async ownersOf(fileId: number): Promise<readonly IdentityHex[]> {
    const authors = await this.#source.authorsOf(fileId);
    return authors.filter((author) => author !== this.#source.own);
  }
}

/** What a folder had on disk may be a version with its own member's last typing beyond it. */
function pastOf(known: FilePast, before: Text, own: IdentityHex): FilePast {
  if (known.isAt(before)) return known;
  const past = known.clone();
  const changes = minimalChanges(known.text(), before.toString());
  const origin = { opSeq: Infinity, author: own, madeAtMicros: 0n, isImported: false };
  past.add({ version: past.version + 1, origin, intent: 'patch', changes, isWhole: false });
  return past;
}
