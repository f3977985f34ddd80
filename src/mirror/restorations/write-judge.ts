/**
 * Owns: whether what a tool wrote to a file is to wait: the `RestorationJudge` says so of text, the
 * file's own history and git of other content. Does not know: what waiting is.
 */
import type { IdentityHex } from '../../core/op.ts';
import type { RestorationCause } from '../../core/restoration.ts';
import type { Changes } from '../../core/change.ts';
import { invert } from '../../core/invert.ts';
import type { Text } from '../../core/text.ts';
import { rebase } from '../../core/rebase.ts';
import { contentBytes, detectContent, type FileContent } from '../../world/text-format.ts';
import type { FileHead } from '../../world/world-rows.ts';
import { readDiskBase, readSavedText } from '../disk-base.ts';
import { type DiskFile, hashOf } from '../disk-files.ts';
import { type FolderGit, GIT_JUST_NOW_MS } from '../folder-git.ts';
import type { FolderLog } from '../folder-log.ts';
import type { PutRecord } from '../folder-log-entry.ts';
import type { MirrorWorld } from '../mirror-world.ts';
import type { TextAgain, ToolWrite } from '../tool-write.ts';
import { isStillOld } from './kept-edits.ts';
import { readLeftText } from './left-bytes.ts';
import { isLfsPointer } from './lfs-pointer.ts';
import {
  type DiskWrite,
  freshIn,
  type RestorationJudge,
  type ReturnedText,
} from './restoration-judge.ts';
import type { WaitingFile } from './waiting-entry.ts';

export interface WriteJudgeParts {
  readonly judge: RestorationJudge;
  readonly git: FolderGit;
  readonly nowMs: () => number;
  readonly world: MirrorWorld;
  readonly log: FolderLog;
}

/** Why a write is to wait, and what of it. */
export interface WaitingWrite {
  readonly owners: readonly IdentityHex[];
  readonly cause: RestorationCause;
  readonly byGit: boolean;
  /** The base with what is new; undefined where nothing is. */
  readonly kept: string | undefined;
  /** The version whose text is on disk, where it is one's. */
  readonly whole?: number | undefined;
}

/** A write that puts old text back. */
export interface FoundRestoration extends WaitingWrite {
  /** What an op of all of it says, on the version that was put or is the newest. */
  readonly changes: Changes;
  readonly returned: readonly ReturnedText[];
}

/** Changes of a version. */
type GitsEdit = Pick<DiskWrite, 'path' | 'fileId' | 'version' | 'before' | 'changes'>;

const WHOLE = { byGit: false, kept: undefined, changes: [], returned: [] } as const;

/** So many versions of a file that is no text are compared with what is on disk. */
const OLDER_CONTENTS = 8;

export class WriteJudge {
  readonly #parts: WriteJudgeParts;

  constructor(parts: WriteJudgeParts) {
    this.#parts = parts;
  }

  /** Why a write is to wait; undefined for an edit like any other. `wasByGit` as in `find`. */
  async waiting(write: ToolWrite, wasByGit = false): Promise<WaitingWrite | undefined> {
    // Who saves had before them what they change: that puts nothing back unseen.
    if (write.isOwnSave) return undefined;
    return (await this.#allOld(write, wasByGit)) ?? this.find(write, wasByGit);
  }

  /** The same, and what an op of it says. `wasByGit`: git wrote it, be it some time ago. */
  async find(write: ToolWrite, wasByGit = false): Promise<FoundRestoration | undefined> {
    const { path, disk, last, head } = write;
    if (isLfsPointer(disk.bytes)) return this.#pointer(last, head);
    if (write.content.kind === 'text' && head.kind === 'text')
      return this.#text(write, wasByGit || this.#hasGitWorked);
    return this.#whole(path, disk.bytes, last, head);
  }

  /** Of what git wrote and is an edit: the lines of older versions in it, which are whose they were. */
  async again(edit: GitsEdit): Promise<TextAgain | undefined> {
    const after = edit.before.apply(edit.changes);
    const bytes = new TextEncoder().encode(after.toString());
    return this.#parts.judge.judge({ ...edit, after, bytes, byGit: true });
  }

  get #hasGitWorked(): boolean {
    const { git, nowMs } = this.#parts;
    return git.workedSince(nowMs() - GIT_JUST_NOW_MS);
  }

  /** A write whose text is all of an older version; undefined where that has to be looked at closely. */
  async #allOld(write: ToolWrite, wasByGit: boolean): Promise<WaitingWrite | undefined> {
    const { last, head, text } = write;
    if (!text || head.kind !== 'text' || last.version === 0 || write.madeFrom) return undefined;
    if (write.content.kind !== 'text' || isLfsPointer(write.disk.bytes)) return undefined;
    const whole = await this.#parts.judge.wholeReturn(head.fileId, text, last.version);
    if (!whole) return undefined;
    const { version, owners } = whole;
    const byGit = wasByGit || this.#hasGitWorked;
    return { owners, cause: 'tool', byGit, kept: undefined, whole: version };
  }

  async #text(write: ToolWrite, byGit: boolean): Promise<FoundRestoration | undefined> {
    const { judge } = this.#parts;
    const { path, disk, head } = write;
    const difference = await write.difference();
    if (difference === undefined) return undefined;
    const { base, changes: byTool } = difference;
    if (byTool.length === 0) return undefined;
    // The judge knows versions only: what was no version is moved to one.
    const before = base.text.apply(base.since);
    const moved = rebase(byTool, base.since, 'after');
    const asWritten = base.since.length === 0 ? write.text : undefined;
    let after: Text | undefined;
    const restored = await judge.judge({
      path,
      fileId: head.fileId,
      version: base.version,
      before,
      bytes: disk.bytes,
      changes: moved,
      // Of a file that nobody has changed yet nobody asks for it.
      get after() {
        // What was written is there as a text already, and mostly asked for as that.
        after ??= asWritten ?? before.apply(moved);
        return after;
      },
      byGit,
    });
    if (restored === undefined) return undefined;
    const { owners, returned, changes, restoring } = restored;
    if (restoring.length === 0) {
      write.again = { changes, returned };
      return undefined;
    }
    const fresh = freshIn(restored);
    const found = { owners, returned, changes, byGit, cause: 'tool' as const };
    const whole = base.since.length === 0 ? restored.whole : undefined;
    if (fresh.length === 0) return { ...found, kept: undefined, whole };
    const unmoved = rebase(fresh, invert(base.since, base.text), 'after');
    return { ...found, kept: base.text.apply(unmoved).toString() };
  }

  async #pointer(last: PutRecord, head: FileHead): Promise<FoundRestoration | undefined> {
    const { world, log, judge } = this.#parts;
    if (head.kind === 'text') {
      const base = await readDiskBase(world, log, last);
      if (base && isLfsPointer(new TextEncoder().encode(base.text.toString()))) return undefined;
    }
    const owners = await judge.ownersOf(head.fileId);
    return { ...WHOLE, owners, cause: 'lfs_pointer' };
  }

  /** Content that is replaced as a whole. */
  async #whole(
    path: string,
    bytes: Uint8Array,
    last: PutRecord,
    head: FileHead,
  ): Promise<FoundRestoration | undefined> {
    const { judge } = this.#parts;
    if (!(await this.#wasThere(path, bytes, last, head))) return undefined;
    const owners = await judge.ownersOf(head.fileId);
    if (owners.length === 0) return undefined;
    return { ...WHOLE, owners, cause: 'tool' };
  }

  async #wasThere(
    path: string,
    bytes: Uint8Array,
    last: PutRecord,
    head: FileHead,
  ): Promise<boolean> {
    const { world, git } = this.#parts;
    const newest = last.version || head.version;
    const hash = hashOf(bytes);
    for (let version = newest - 1; version > Math.max(0, newest - 1 - OLDER_CONTENTS); version--) {
      const older = await world.read(head.fileId, version);
      const content: FileContent =
        older.kind === 'binary'
          ? older
          : { kind: 'text', text: older.text.toString(), eol: head.eol, bom: head.bom };
      if (hashOf(contentBytes(content)) === hash) return true;
    }
    return this.#hasGitWorked && (await git.hasBlob(path, bytes));
  }
}

/** True while some of what a tool put back is still on disk, whatever was written there since. */
export async function isStillWaiting(
  { world, log }: Pick<WriteJudgeParts, 'world' | 'log'>,
  file: WaitingFile,
  disk: DiskFile,
): Promise<boolean> {
  if (file.cause === 'lfs_pointer') return isLfsPointer(disk.bytes);
  const content = detectContent(disk.bytes);
  const base = await readDiskBase(world, log, file.base);
  const left = await readLeftText({ world, log }, file);
  if (content.kind !== 'text' || base === undefined || left === undefined) return true;
  const kept = await readKept(log, file, base.text);
  return isStillOld({ base: base.text, left, kept }, content.text);
}

/** The base with what is new in what a tool left. */
export async function readKept(log: FolderLog, file: WaitingFile, base: Text): Promise<string> {
  const kept = file.kept === '' ? undefined : await readSavedText(log, file.kept);
  return kept ?? base.toString();
}
