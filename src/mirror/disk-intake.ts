/**
 * Owns: turning what happened on disk into ops: minimal changes against the text last put there,
 * new, vanished and renamed files. Does not know: when to look, and what is put on disk.
 */
import { basename } from 'node:path/posix';
import { changesOverlap } from '../core/overlap.ts';
import { pathFault } from '../core/path.ts';
import { rebase } from '../core/rebase.ts';
import { Text } from '../core/text.ts';
import type { Changes } from '../core/change.ts';
import { minimalChanges } from '../sync/minimal-changes.ts';
import { detectContent, type FileContent } from '../world/text-format.ts';
import type { FileHead } from '../world/world-rows.ts';
import { readDiskBase, readSavedText } from './disk-base.ts';
import { type DiskFile, type DiskFiles, FileTooLarge } from './disk-files.ts';
import { hasTextOf, isContentOf } from './file-bytes.ts';
import { changeFormat, contentIn, modeOf } from './format-intake.ts';
import type { FolderLog } from './folder-log.ts';
import type { FolderLogEntry, JudgedBytes, PutRecord } from './folder-log-entry.ts';
import type { ReturnedText } from './restorations/restoration-judge.ts';
import type { MirrorWorld, Verdict } from './mirror-world.ts';

/** What became of what the disk said. */
export type IntakeResult =
  | { readonly tag: 'nothing' }
  /** It puts old text back over others' work, and waits for an answer. */
  | { readonly tag: 'waits' }
  /** `isEvened`: its line ends were mixed, and the world has it with even ones. */
  | { readonly tag: 'taken'; readonly isEvened?: boolean }
  | { readonly tag: 'ticketed'; readonly ticketId: number }
  | { readonly tag: 'refused'; readonly code: string; readonly message: string };

export const UNKNOWN_BASE = {
  tag: 'refused',
  code: 'unknown_base',
  message: 'What was on disk before is not known any more',
} as const;

/** A file on disk that nobody put there. */
export interface NewFile {
  readonly path: string;
  readonly disk: DiskFile;
}

/** A change that somebody has answered about. */
export interface AnsweredChange {
  /** The id of the op, so that it is the same when it is sent again. */
  readonly opId: string;
  /** What it does to the version that was put, or to the newest where that was none. */
  readonly changes: Changes | undefined;
  /** The older text in them. */
  readonly returned: readonly ReturnedText[] | undefined;
}

/** So many files of the same bytes are looked at before one that has them is taken for a new one. */
const MOST_TWINS = 32;

type HoldsBack = (
  path: string,
  disk: DiskFile,
  last: PutRecord,
  head: FileHead,
) => Promise<boolean>;
type TextContent = Extract<FileContent, { kind: 'text' }>;

export class DiskIntake {
  readonly #files: DiskFiles;
  readonly #world: MirrorWorld;
  readonly #log: FolderLog;
  readonly #isMissing: (path: string) => boolean;
  readonly #holdsBack: HoldsBack;

  /**
   * `isMissing`: true for a path at which a file was looked for in vain. `holdsBack`: true for a write
   * that waits for an answer.
   */
  constructor(
    files: DiskFiles,
    world: MirrorWorld,
    log: FolderLog,
    isMissing: (path: string) => boolean,
    holdsBack: HoldsBack = () => Promise.resolve(false),
  ) {
    this.#holdsBack = holdsBack;
    this.#files = files;
    this.#world = world;
    this.#log = log;
    this.#isMissing = isMissing;
  }

  /** Something wrote to a file whose last put is known. `answered`: somebody has decided to take it. */
  async change(
    path: string,
    disk: DiskFile,
    last: PutRecord,
    head: FileHead | undefined,
    answered?: AnsweredChange,
  ): Promise<IntakeResult> {
    if (head === undefined) return this.create(path, disk);
    if (!answered && (await this.#holdsBack(path, disk, last, head))) return { tag: 'waits' };
    const { content, isEvened } = contentIn(head, disk.bytes);
    const former = this.#log.judged(path);
    const verdict = await this.#judge(path, last, head, content, answered);
    if (former && former.ticketId > 0) await this.#withdrawFormer(last, former, disk);
    // Line ends and the mark are nothing that is in conflict with a text.
    if (verdict.tag !== 'refused' && content.kind === 'text') {
      await changeFormat({ world: this.#world, log: this.#log }, head, content, disk, last);
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
      });
      return verdict;
    }
    // Where nobody came between, the new version is what is on disk.
    const isWhole = content.kind === 'binary' || head.kind === 'binary';
    const isExact =
      !isEvened && (isWhole || (last.version > 0 && verdict.version === last.version + 1));
    await this.remember(path, disk, last.fileId, isExact ? verdict.version : 0, last);
    return { tag: 'taken', isEvened };
  }

  /** Something wrote these bytes on top of `base`, and a save has replaced them since. */
  async overwritten(
    path: string,
    bytes: Uint8Array,
    base: PutRecord,
    head: FileHead,
  ): Promise<IntakeResult> {
    return resultOf(await this.#judge(path, base, head, contentIn(head, bytes).content));
  }

  /** Files that nobody put there: new ones, or such as were renamed. The results in their order. */
  async createAll(newFiles: readonly NewFile[]): Promise<readonly IntakeResult[]> {
    const results = new Map<NewFile, IntakeResult>();
    const fresh: NewFile[] = [];
    const taken = new Set<number>();
    for (const file of newFiles) {
      const isFree = !pathFault(file.path) && this.#world.fileAt(file.path) === undefined;
      const former = isFree ? await this.#vanishedTwin(file, taken) : undefined;
      if (former) {
        taken.add(former.last.fileId);
        results.set(file, await this.#rename(former, file));
      } else if (!pathFault(file.path)) fresh.push(file);
    }
    const verdicts = await this.#world.createAll(
      fresh.map(({ path, disk }) => ({
        path,
        mode: modeOf(disk),
        content: detectContent(disk.bytes),
        isOwn: this.#log.isMade(path),
      })),
    );
    if (verdicts.some(({ tag }) => tag === 'ticketed')) await this.#world.caughtUp();
    const entries = fresh.flatMap((file, index) => {
      const verdict = verdicts[index]!;
      results.set(file, resultOf(verdict));
      return verdict.tag === 'applied'
        ? this.#putOf(file, verdict.version)
        : this.#judgedOf(file, verdict);
    });
    for (const { path } of fresh) {
      const former = this.#log.judged(path)?.ticketId ?? 0;
      // A whole new content proposes all that the one before still has to say.
      if (former > 0) await this.#world.withdraw(former);
    }
    await this.#log.append(...entries);
    return newFiles.map((file) => results.get(file) ?? { tag: 'nothing' });
  }

  /** A new file, or one that was renamed to this path. */
  async create(path: string, disk: DiskFile): Promise<IntakeResult> {
    return (await this.createAll([{ path, disk }]))[0]!;
  }

  async #rename({ last, head }: Former, file: NewFile): Promise<IntakeResult> {
    const verdict = await this.#world.rename({ ...head, path: last.path }, file.path);
    if (verdict.tag !== 'refused') {
      // What others did with it under its former name is not on disk yet. Where somebody else gave it
      // another name first, that one counts, and the mirror takes it there.
      const put = { tag: 'put' as const, ...last, path: file.path };
      await this.#log.append(put, { tag: 'removed', path: last.path });
    }
    return resultOf(verdict);
  }

  /** `version`: what the world has of these bytes; 0 if it had them all along. */
  #putOf({ path, disk }: NewFile, version: number): readonly FolderLogEntry[] {
    const head = this.#world.fileAt(path);
    if (!head) return [];
    const { hash, isExecutable: executable } = disk;
    const { fileId } = head;
    return [{ tag: 'put', path, fileId, version: version || head.version, hash, executable }];
  }

  /** The world has another file there, which takes the place of these bytes. */
  #judgedOf({ path, disk }: NewFile, verdict: Verdict): readonly FolderLogEntry[] {
    const head = this.#world.fileAt(path);
    if (!head) return [];
    const ticketId = verdict.tag === 'ticketed' ? verdict.ticketId : 0;
    return [{ tag: 'judged', path, fileId: head.fileId, hash: disk.hash, ticketId }];
  }

  /** A file is gone. */
  async vanished(path: string, last: PutRecord, head: FileHead): Promise<IntakeResult> {
    const version = await this.#seenVersion(last, head);
    // Somebody may have deleted it meanwhile: then there is nothing to say.
    const isGone = this.#world.file(head.fileId)?.deleted ?? true;
    const verdict: Verdict = isGone
      ? { tag: 'applied', version: 0 }
      : await this.#world.remove(head.fileId, version);
    // Also when the world keeps the file: then it is put back as a new one.
    await this.#log.append({ tag: 'removed', path });
    return resultOf(verdict);
  }

  /** The newest version that whoever looked at the disk can have seen. */
  async #seenVersion(last: PutRecord, head: FileHead): Promise<number> {
    if (last.version > 0) return last.version;
    const saved = await this.#log.readText(last.hash);
    if (saved && (isContentOf(head, saved) || hasTextOf(head, saved))) return head.version;
    return this.#log.lastVersion(last.path) || head.version;
  }

  async #judge(
    path: string,
    last: PutRecord,
    head: FileHead,
    content: FileContent,
    answered?: AnsweredChange,
  ): Promise<Verdict> {
    if (content.kind === 'text' && head.kind === 'text') {
      return this.#changeText(last, head, content, answered);
    }
    // Never on the newest one: whole content replaces what its author has seen, and no more.
    const base = await this.#seenVersion(last, head);
    return this.#world.replaceContent(head.fileId, base, content);
  }

  async #changeText(
    last: PutRecord,
    head: FileHead,
    content: TextContent,
    answered: AnsweredChange | undefined,
  ): Promise<Verdict> {
    const base = await readDiskBase(this.#world, this.#log, last);
    if (base === undefined) return UNKNOWN_BASE;
    const { text, version, since, fromVersion } = base;
    const changes = minimalChanges(text, content.text);
    if (changes.length === 0) return { tag: 'applied', version: 0 };
    const carried =
      since.length === 0
        ? undefined
        : { fromVersion, isContested: changesOverlap(changes, since, 'line') };
    const moved = answered?.changes ?? rebase(changes, since, 'after');
    return this.#world.edit(head.fileId, version, moved, carried, answered);
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
    if (version === 0) await this.#log.keepText(disk.hash, disk.bytes);
    const { hash, isExecutable: executable } = disk;
    const saved = this.#log.lastPut(path);
    await this.#log.append(
      { tag: 'put', path, fileId, version, hash, executable },
      ...(saved && saved !== last ? [{ tag: 'put' as const, ...saved }] : []),
    );
  }

  /** A file of the world whose last put has these bytes, and which is not there any more. */
  async #vanishedTwin(file: NewFile, taken: ReadonlySet<number>): Promise<Former | undefined> {
    let looks = 0;
    const name = basename(file.path);
    const paths = this.#log.pathsOf(file.disk.hash);
    // Where several have the same bytes, its name tells more than their order.
    const likely = paths.filter((each) => basename(each) === name || this.#isMissing(each));
    for (const path of new Set([...likely, ...paths])) {
      const last = this.#log.lastPut(path);
      const head = last && this.#world.file(last.fileId);
      if (!last || !head || head.deleted || taken.has(head.fileId)) continue;
      if (!(await this.#isThere(path))) return { last, head };
      looks += 1;
      if (looks === MOST_TWINS) return undefined;
    }
    return undefined;
  }

  async #isThere(path: string): Promise<boolean> {
    try {
      return (await this.#files.read(path)) !== undefined;
    } catch (error) {
      if (error instanceof FileTooLarge) return true;
      throw error;
    }
  }
}

/** What a file was before it got another name. */
interface Former {
  readonly last: PutRecord;
  readonly head: FileHead;
}

function resultOf(verdict: Verdict): IntakeResult {
  return verdict.tag === 'applied' ? { tag: 'taken' } : verdict;
}
