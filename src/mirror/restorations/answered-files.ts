/**
 * Owns: what an answer does with one file: what is sent, and that it is sent once whatever ends the
 * process in between. Does not know: who answered, and what is put on disk afterwards.
 */
import type { RestorationAnswer } from '../../core/restoration.ts';
import { changesOverlap } from '../../core/overlap.ts';
import { rebase } from '../../core/rebase.ts';
import type { FileHead } from '../../world/world-rows.ts';
import { readDiskBase, textOf } from '../disk-base.ts';
import { type DiskFile, hashOf } from '../disk-files.ts';
import { type DiskIntake, type IntakeResult, UNKNOWN_BASE } from '../disk-intake.ts';
import type { FolderLog } from '../folder-log.ts';
import type { PutRecord } from '../folder-log-entry.ts';
import type { MirrorWorld } from '../mirror-world.ts';
import { ToolWrite } from '../tool-write.ts';
import { keptEdits, type LeftText } from './kept-edits.ts';
import { readLeft, readLeftText } from './left-bytes.ts';
import type { WaitingFile } from './waiting-entry.ts';
import { readKept, WriteJudge, type WriteJudgeParts } from './write-judge.ts';

export interface AnsweredFilesParts extends WriteJudgeParts {
  readonly log: FolderLog;
  readonly world: MirrorWorld;
  readonly intake: DiskIntake;
  readonly newId: () => string;
  readonly tell: (
    path: string,
    result: IntakeResult,
    bytes: Uint8Array | undefined,
  ) => Promise<void>;
}

/** What a tool left on top of what was last put, and what of it is new. */
interface LeftBytes extends Pick<LeftText, 'left' | 'kept'> {
  readonly base: PutRecord;
  /** git was at work when it was left. */
  readonly byGit: boolean | undefined;
}

type Decision = Exclude<RestorationAnswer, 'leave'>;

export class AnsweredFiles {
  readonly #parts: AnsweredFilesParts;
  readonly #judge: WriteJudge;

  constructor(parts: AnsweredFilesParts) {
    this.#parts = parts;
    this.#judge = new WriteJudge(parts);
  }

  /** Does what the answer says; afterwards the file waits no more. */
  async act(
    file: WaitingFile,
    disk: DiskFile | undefined,
    head: FileHead | undefined,
    answer: Decision,
  ): Promise<void> {
    const { log } = this.#parts;
    const { path } = file;
    if (disk === undefined) return this.#gone(file, head, answer);
    if (head === undefined) return log.append({ tag: 'waited', path });
    const isWhole = file.hash === disk.hash && file.kept === '' && !log.waiting.sending(path);
    if (answer === 'put_back' && isWhole) return this.#giveWay(file, disk, head);
    const sent = await this.#sentBytes(file, disk, answer);
    if (sent.answer === 'put_back') await this.#putBack(file, sent.disk, head, sent.opId);
    else await this.#take(file, sent.disk, head, sent.opId);
  }

  /** What is about to be sent has another id than it was written down with. */
  async #sendsAnew(path: string, hash: string, answer: Decision): Promise<string> {
    const { log, newId } = this.#parts;
    const opId = newId();
    await log.append({ tag: 'sending', path, hash, answer, opId });
    return opId;
  }

  /** Once something may have been sent, that is what is sent again. */
  async #sentBytes(
    file: WaitingFile,
    disk: DiskFile,
    answer: Decision,
  ): Promise<{ readonly disk: DiskFile; readonly answer: Decision; readonly opId: string }> {
    const { log } = this.#parts;
    const { path } = file;
    const former = log.waiting.sending(path);
    const isLeft = former?.hash === file.hash;
    const bytes = isLeft
      ? await readLeft(this.#parts, file)
      : await log.readText(former?.hash ?? '');
    if (former && bytes) {
      const before = { ...disk, bytes, hash: hashOf(bytes) };
      return { disk: before, answer: former.answer, opId: former.opId };
    }
    const { hash } = disk;
    if (hash !== file.hash || !file.left) await log.keepText(hash, disk.bytes);
    return { disk, answer, opId: await this.#sendsAnew(path, hash, answer) };
  }

  /** The world's text goes into the folder; what is new on disk goes to the world first. */
  async #putBack(file: WaitingFile, disk: DiskFile, head: FileHead, opId: string): Promise<void> {
    const { log, world, tell } = this.#parts;
    const { path, base, byGit } = file;
    const now = textOf(disk.bytes);
    const left = await readLeftText(this.#parts, file);
    const text = (await readDiskBase(world, log, base))?.text;
    if (now !== undefined && left !== undefined && text) {
      const kept = await readKept(log, file, text);
      const result = await this.sendNew({ base, left, kept, byGit }, now, head, opId);
      await tell(path, result, disk.bytes);
    } else if (now !== undefined) await tell(path, UNKNOWN_BASE, disk.bytes);
    await this.#giveWay(file, disk, head);
  }

  /** What the tool left is explained: the world's text takes its place. */
  async #giveWay({ path }: WaitingFile, disk: DiskFile, head: FileHead): Promise<void> {
    const { log } = this.#parts;
    const executable = disk.isExecutable;
    const put = { path, fileId: head.fileId, version: 0, hash: disk.hash, executable };
    await log.append({ tag: 'put', ...put }, { tag: 'waited', path });
  }

  /** What is new on disk goes to the world, without what the tool put back. */
  async sendNew(
    { base: last, left, kept, byGit }: LeftBytes,
    now: string,
    head: FileHead,
    opId: string,
  ): Promise<IntakeResult> {
    const { log, world } = this.#parts;
    const base = await readDiskBase(world, log, last);
    if (base === undefined) return UNKNOWN_BASE;
    const edits = keptEdits({ base: base.text, left, kept }, now);
    const { since, fromVersion, version } = base;
    const isContested = changesOverlap(edits, since, 'line');
    const carried = since.length > 0 ? { fromVersion, isContested } : undefined;
    const moved = rebase(edits, since, 'after');
    if (moved.length === 0) return { tag: 'nothing' };
    const { path } = last;
    const { fileId } = head;
    const before = base.text.apply(since);
    const again = byGit
      ? await this.#judge.again({ path, fileId, version, before, changes: moved })
      : undefined;
    const facts = { opId, returned: again?.returned };
    const verdict = await world.edit(fileId, version, again?.changes ?? moved, carried, facts);
    return verdict.tag === 'applied' ? { tag: 'taken' } : verdict;
  }

  /** What the folder has goes into the world, judged like any edit. */
  async #take(file: WaitingFile, disk: DiskFile, head: FileHead, opId: string): Promise<void> {
    const { log, intake, tell } = this.#parts;
    const { path } = file;
    // A put at the path would have ended the waiting.
    const last = log.lastPut(path) ?? file.base;
    const write = new ToolWrite(this.#parts, { path, disk, last, head });
    const found = await this.#judge.find(write, file.byGit);
    const newId = (): Promise<string> => this.#sendsAnew(path, disk.hash, 'take');
    const how = { opId, newId, changes: found?.changes, returned: found?.returned };
    const result = await intake.change(write, how);
    await tell(path, result, disk.bytes);
    await log.append({ tag: 'waited', path });
  }

  async #gone(file: WaitingFile, head: FileHead | undefined, answer: Decision): Promise<void> {
    const { log, intake, tell } = this.#parts;
    const { path, base } = file;
    if (answer === 'take' && head && !head.deleted) {
      await tell(path, await intake.vanished(path, base, head), undefined);
    } else {
      await log.append({ tag: 'removed', path });
    }
  }
}
