/**
 * Owns: turning what happened to known files on disk into ops: minimal changes against the text last put
 * there, vanished files. Does not know: when to look, and what is put on disk.
 */
import { changesOverlap } from '../core/overlap.ts';
import { rebase } from '../core/rebase.ts';
import { Text } from '../core/text.ts';
import type { Changes } from '../core/change.ts';
import { minimalChanges } from '../sync/minimal-changes.ts';
import { detectContent, type FileContent } from '../world/text-format.ts';
import type { FileHead } from '../world/world-rows.ts';
import { readSavedText } from './disk-base.ts';
import { type DiskFile, hashOf } from './disk-files.ts';
import { hasTextOf, isContentOf } from './file-bytes.ts';
import { changeFormat, type FormatIntakeParts } from './format-intake.ts';
import { hasMixedEnds } from './file-format.ts';
import { takeMixedEnds, withEndsOf } from './mixed-intake.ts';
import { FolderLineEnds } from './folder-line-ends.ts';
import type { NewOpId } from './edits-together.ts';
import type { FolderLog } from './folder-log.ts';
import { type JudgedBytes, type PutRecord, removedPut } from './folder-log-entry.ts';
import type { ReturnedText } from './restorations/restoration-judge.ts';
import type { MirrorWorld, Refused, Verdict } from './mirror-world.ts';
import { ToolWrite } from './tool-write.ts';

/** What became of what the disk said. */
export type IntakeResult =
  | { readonly tag: 'nothing' }
  /** It puts old text back over others' work, and waits for an answer. */
  | { readonly tag: 'waits' }
  /** `isEvened`: its line ends were mixed, and the world has it with even ones. */
  | { readonly tag: 'taken'; readonly isEvened?: boolean }
  | { readonly tag: 'ticketed'; readonly ticketId: number }
  | Refused
  /** It is another file of the world, which has this name now; what else it is, is still to be taken in. */
  | { readonly tag: 'renamed' }
  /** The world has a file whose name some file systems take for the same; the ticket has this one's text. */
  | { readonly tag: 'twin'; readonly other: string; readonly ticketId: number }
  /** `place` must change before it can come in; `isLeaving`: it is about to. */
  | { readonly tag: 'blocked'; readonly place: string; readonly isLeaving: boolean }
  /** It is a file of the world that cannot have this name there, and is kept under its former one. */
  | {
      readonly tag: 'strayed';
      readonly code: string;
      readonly message: string;
      /** What must change before it can have that name, as far as it is known. */
      readonly place: string;
      /** What is to be told of it, or of the folder that it came with; once. */
      readonly told: { readonly path: string; readonly name: string } | undefined;
    };

export const UNKNOWN_BASE = {
  tag: 'refused',
  code: 'unknown_base',
  message: 'What was on disk before is not known any more',
} as const;

/** A change that somebody has answered about. */
export interface AnsweredChange {
  /** The id of the op, so that it is the same when it is sent again. */
  readonly opId: string;
  /** It has to be sent with another id. */
  readonly newId: NewOpId;
  /** What it does to the version that was put, or to the newest where that was none. */
  readonly changes: Changes | undefined;
  /** The older text in them. */
  readonly returned: readonly ReturnedText[] | undefined;
}

type HoldsBack = (write: ToolWrite) => Promise<boolean>;

export class DiskIntake {
  readonly #world: MirrorWorld;
  readonly #log: FolderLog;
  readonly #holdsBack: HoldsBack;
  readonly #lineEnds: FolderLineEnds;

  /** `holdsBack`: true for a write that waits for an answer. */
  constructor(
    world: MirrorWorld,
    log: FolderLog,
    holdsBack: HoldsBack = () => Promise.resolve(false),
    lineEnds = new FolderLineEnds(),
  ) {
    this.#lineEnds = lineEnds;
    this.#holdsBack = holdsBack;
    this.#world = world;
    this.#log = log;
  }

  /** Something wrote to a file whose last put is known. `answered`: somebody has decided to take it. */
  async change(write: ToolWrite, answered?: AnsweredChange): Promise<IntakeResult> {
    if (!answered && (await this.#holdsBack(write))) return { tag: 'waits' };
    const { path, disk, last, head } = write;
    const { content, isEvened } = write.taken;
    const areMixed = hasMixed(content, head);
    const former = this.#log.judged(path);
    const whole = await this.#wholeOf(write, content);
    const verdict = await this.#judge(write, whole, answered);
    // It stays on disk, and is judged when its author may write again.
    if (isPaused(verdict)) return verdict;
    // What was made on top of it proposes nothing of it again.
    const isNext = former !== undefined && former.hash === write.madeFrom?.hash;
    if (former && former.ticketId > 0 && !isNext) await this.#withdrawFormer(last, former, disk);
    // Line ends and the mark are nothing that is in conflict with a text.
    if (verdict.tag !== 'refused' && content.kind === 'text') {
      await changeFormat(this.#parts, head, content, disk, last, areMixed);
    }
    if (verdict.tag !== 'applied') {
      // The next writing is judged against the last put too: this one's text is not in the world.
      await this.#log.keepText(disk.hash, disk.bytes);
      const ticketId = verdict.tag === 'ticketed' ? verdict.ticketId : 0;
      await this.#log.append({
        tag: 'judged',
        path,
        fileId: last.fileId,
        hash: disk.hash,
        ticketId,
        on: write.savedOn,
      });
      return verdict;
    }
    // Where nobody came between, the new version is what is on disk.
    const isWhole = content.kind === 'binary' || head.kind === 'binary';
    const base = isWhole ? undefined : (await write.difference())?.base;
    const isOnNewest = base?.since.length === 0 && verdict.version === base.version + 1;
    const ends =
      areMixed && content.kind === 'text'
        ? await takeMixedEnds(this.#parts, write, content, verdict.version)
        : 'as_written';
    const isAsWritten = !isEvened && ends === 'as_written' && whole === content;
    const isExact = isAsWritten && (isWhole || (isOnNewest && !write.madeFrom));
    await this.remember(path, disk, last.fileId, isExact ? verdict.version : 0, last);
    return { tag: 'taken', isEvened: isEvened || ends === 'evened' };
  }

  /** Something wrote these bytes on top of `base`, and a save has replaced them since. */
  async overwritten(
    path: string,
    bytes: Uint8Array,
    base: PutRecord,
    head: FileHead,
  ): Promise<IntakeResult> {
    const disk = { bytes, hash: hashOf(bytes), isExecutable: false };
    const parts = { world: this.#world, log: this.#log };
    const write = new ToolWrite(parts, { path, disk, last: base, head });
    return resultOf(await this.#judge(write, write.taken.content));
  }

  /** A file is gone. */
  async vanished(path: string, last: PutRecord, head: FileHead): Promise<IntakeResult> {
    const version = await this.#seenVersion(last, head);
    // Somebody may have deleted it meanwhile: then there is nothing to say.
    const isGone = this.#world.file(head.fileId)?.deleted ?? true;
    const verdict: Verdict = isGone
      ? { tag: 'applied', version: 0 }
      : await this.#world.remove(head.fileId, version);
    if (isPaused(verdict)) return verdict;
    // Also when the world keeps the file: then it is put back as a new one.
    await this.#log.append(removedPut(path, last));
    return resultOf(verdict);
  }

  /** The newest version that whoever looked at the disk can have seen. */
  async #seenVersion(last: PutRecord, head: FileHead): Promise<number> {
    if (last.version > 0) return last.version;
    const saved = await this.#log.readText(last.hash);
    if (saved && (isContentOf(head, saved) || hasTextOf(head, saved))) return head.version;
    return this.#log.lastVersion(last.path) || head.version;
  }

  get #parts(): FormatIntakeParts {
    return { world: this.#world, log: this.#log, lineEnds: this.#lineEnds };
  }

  /**
   * What takes the place of bytes. Where these were a text with mixed line ends, which an earlier version kept as
   * bytes, and all are alike now beside a change of the text, or in an editor's save, its lines keep theirs.
   */
  async #wholeOf(write: ToolWrite, content: FileContent): Promise<FileContent> {
    const { head, last } = write;
    if (head.kind === 'text' || content.kind !== 'text' || content.otherEnds) return content;
    if (last.version === 0 || !this.#world.keepsLineEnds) return content;
    const before = await this.#world.read(last.fileId, last.version);
    const former = before.kind === 'binary' ? detectContent(before.bytes) : undefined;
    if (former?.kind !== 'text' || !former.otherEnds) return content;
    if (former.text === content.text && !write.isOwnSave) return content;
    return withEndsOf(former, content.text, content.bom);
  }

  async #judge(
    write: ToolWrite,
    content: FileContent,
    answered?: AnsweredChange,
  ): Promise<Verdict> {
    const { path, last, head, madeFrom } = write;
    if (content.kind === 'text' && head.kind === 'text') return this.#changeText(write, answered);
    // Never on the newest one: whole content replaces what its author has seen, and no more.
    const seen = madeFrom && (madeFrom.version || madeFrom.holds);
    const base = seen || (await this.#seenVersion(last, head));
    const others = await this.#lineEnds.forOthers(path, content);
    return this.#world.replaceContent(head.fileId, base, others);
  }

  async #changeText(write: ToolWrite, answered: AnsweredChange | undefined): Promise<Verdict> {
    const difference = await write.difference();
    if (difference === undefined) return UNKNOWN_BASE;
    const { base, changes } = difference;
    const { version, since, fromVersion } = base;
    if (changes.length === 0) return { tag: 'applied', version: 0 };
    const carried =
      since.length === 0
        ? undefined
        : { fromVersion, isContested: changesOverlap(changes, since, 'line') };
    const { again } = write;
    const moved = answered?.changes ?? again?.changes ?? rebase(changes, since, 'after');
    const facts =
      answered?.changes || !again ? answered : { ...answered, returned: again.returned };
    const isOwn = write.isOwnSave || undefined;
    return this.#world.edit(write.head.fileId, version, moved, carried, { ...facts, isOwn });
  }

  /**
   * A tool that writes a file in several steps: the ticket of a step whose text the next one still
   * has would propose the same a second time.
   */
  async #withdrawFormer(last: PutRecord, former: JudgedBytes, disk: DiskFile): Promise<void> {
    const before = await readSavedText(this.#log, last.hash);
    const proposed = await readSavedText(this.#log, former.hash);
    const content = detectContent(disk.bytes);
    if (proposed === undefined || content.kind !== 'text') return;
    const base = before ?? (await this.#textAt(last));
    if (base === undefined) return;
    const added = minimalChanges(Text.of(base), proposed).map(({ text }) => text);
    if (added.every((text) => content.text.includes(text))) {
      await this.#world.withdraw(former.ticketId);
    }
  }

  async #textAt({ fileId, version }: PutRecord): Promise<string | undefined> {
    if (version === 0) return undefined;
    const file = await this.#world.read(fileId, version);
    return file.kind === 'text' ? file.text.toString() : undefined;
  }

  /**
   * What was found on disk is explained. `version` is the world's version that it is, or 0. A save
   * since `last`, which was the last put then, is what the disk has now: the next change is one of it.
   */
  async remember(
    path: string,
    disk: DiskFile,
    fileId: number,
    version = 0,
    last = this.#log.lastPut(path),
  ): Promise<void> {
    const isKept = version === 0 || hasMixedEnds(disk.bytes);
    if (isKept) await this.#log.keepText(disk.hash, disk.bytes);
    const { hash, isExecutable: executable } = disk;
    const saved = this.#log.lastPut(path);
    await this.#log.append(
      { tag: 'put', path, fileId, version, hash, executable },
      ...(saved && saved !== last ? [{ tag: 'put' as const, ...saved }] : []),
    );
  }
}

/** True for a text whose lines end otherwise, on disk or in the world. */
function hasMixed(content: FileContent, { kind, otherEnds }: FileHead): boolean {
  if (content.kind !== 'text' || kind !== 'text') return false;
  return Boolean(otherEnds || content.otherEnds);
}

export function resultOf(verdict: Verdict): IntakeResult {
  return verdict.tag === 'applied' ? { tag: 'taken' } : verdict;
}

/** Whoever did it is paused: it stays on disk as it is, and is judged when they may write again. */
export function isPaused(
  result: IntakeResult | Verdict,
): result is Refused & { readonly code: 'paused' } {
  return result.tag === 'refused' && result.code === 'paused';
}
