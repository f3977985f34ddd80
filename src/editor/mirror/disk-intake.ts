/**
 * Owns: turning what happened on disk into ops: minimal changes against the text last put there,
 * new, vanished and renamed files. Does not know: when to look, and what is put on disk.
 */
import { changesOverlap } from '../../core/overlap.ts';
import { pathFault } from '../../core/path.ts';
import { rebase } from '../../core/rebase.ts';
import { Text } from '../../core/text.ts';
import type { Changes } from '../../core/change.ts';
import { minimalChanges } from '../../sync/minimal-changes.ts';
import { detectContent, type FileContent } from '../../world/text-format.ts';
import type { FileHead } from '../../world/world-rows.ts';
import type { DiskFile, DiskFiles } from './disk-files.ts';
import type { FolderLog, PutRecord } from './folder-log.ts';
import type { FileMode, MirrorWorld, Verdict } from './mirror-world.ts';

/** What became of what the disk said. */
export type IntakeResult =
  | { readonly tag: 'nothing' }
  | { readonly tag: 'taken' }
  | { readonly tag: 'ticketed'; readonly ticketId: number }
  | { readonly tag: 'refused'; readonly message: string };

type TextContent = Extract<FileContent, { kind: 'text' }>;

export class DiskIntake {
  readonly #files: DiskFiles;
  readonly #world: MirrorWorld;
  readonly #log: FolderLog;

  constructor(files: DiskFiles, world: MirrorWorld, log: FolderLog) {
    this.#files = files;
    this.#world = world;
    this.#log = log;
  }

  /** Something wrote to a file whose last put is known. */
  async change(
    path: string,
    disk: DiskFile,
    last: PutRecord,
    head: FileHead | undefined,
  ): Promise<IntakeResult> {
    if (head === undefined) return this.create(path, disk);
    const content = detectContent(disk.bytes);
    const isText = content.kind === 'text' && head.kind === 'text';
    const verdict = isText
      ? await this.#changeText(last, head, content)
      : await this.#world.replaceContent(head.fileId, last.version || head.version, content);
    if (verdict.tag === 'applied' && content.kind === 'text') {
      await this.#changeFormat(head, content, disk);
    }
    await this.#remember(path, disk, last.fileId);
    return resultOf(verdict);
  }

  /** A file that nobody put there: a new one, or one that was renamed to this path. */
  async create(path: string, disk: DiskFile): Promise<IntakeResult> {
    if (pathFault(path)) return { tag: 'nothing' };
    const former = await this.#vanishedTwin(disk.hash);
    const verdict = former
      ? await this.#world.rename(former, path)
      : await this.#world.create(path, modeOf(disk), detectContent(disk.bytes));
    if (verdict.tag !== 'applied') return resultOf(verdict);
    const head = this.#world.fileAt(path);
    if (head) {
      const { fileId, version } = head;
      await this.#log.append({ tag: 'put', path, fileId, version, hash: disk.hash });
    }
    if (former) await this.#log.append({ tag: 'removed', path: former.path });
    return { tag: 'taken' };
  }

  /** A file is gone: renamed, if one of the `candidates` has its bytes, or deleted. */
  async vanished(
    path: string,
    last: PutRecord,
    head: FileHead,
    candidates: Iterable<string>,
  ): Promise<IntakeResult> {
    for (const candidate of candidates) {
      if (this.#log.lastPut(candidate) || this.#world.fileAt(candidate)) continue;
      const disk = await this.#files.read(candidate);
      if (disk?.hash === last.hash) return this.create(candidate, disk);
    }
    const verdict = await this.#world.remove(head.fileId, last.version || head.version);
    // Also when the world keeps the file: then it is put back as a new one.
    await this.#log.append({ tag: 'removed', path });
    return resultOf(verdict);
  }

  async #changeText(last: PutRecord, head: FileHead, content: TextContent): Promise<Verdict> {
    const base = await this.#baseOf(last, head);
    if (base === undefined) {
      const message = 'What was on disk before is not known any more';
      return { tag: 'refused', code: 'unknown_base', message };
    }
    const changes = minimalChanges(base.text, content.text);
    if (changes.length === 0) return { tag: 'applied' };
    const onVersion = base.toVersion(changes);
    if (onVersion === undefined) {
      const message = 'It overlaps what was typed in an editor at the same time';
      return { tag: 'refused', code: 'overlap', message };
    }
    return this.#world.edit(head.fileId, base.version, onVersion);
  }

  async #baseOf(last: PutRecord, head: FileHead): Promise<DiskBase | undefined> {
    if (last.version > 0) {
      const file = await this.#world.read(last.fileId, last.version);
      if (file.kind !== 'text') return undefined;
      return { text: file.text, version: last.version, toVersion: (changes) => changes };
    }
    const bytes = await this.#log.readText(last.hash);
    const saved = bytes && detectContent(bytes);
    if (saved?.kind !== 'text') return undefined;
    const text = Text.of(saved.text);
    const now = await this.#world.read(head.fileId);
    if (now.kind !== 'text') return undefined;
    const since = minimalChanges(text, now.text.toString());
    return {
      text,
      version: now.version,
      toVersion: (changes) =>
        changesOverlap(changes, since, 'line') ? undefined : rebase(changes, since, 'after'),
    };
  }

  async #changeFormat(head: FileHead, content: TextContent, disk: DiskFile): Promise<void> {
    const mode = process.platform === 'win32' ? head.mode : modeOf(disk);
    const { eol, bom } = content;
    // A text without line ends says nothing about them.
    const newEol = content.text.includes('\n') ? eol : head.eol;
    if (newEol === head.eol && bom === head.bom && mode === head.mode) return;
    const newest = this.#world.file(head.fileId) ?? head;
    await this.#world.setMode(newest, { mode, eol: newEol, bom });
  }

  /** What is on disk now is known, whatever the world made of it. */
  async #remember(path: string, disk: DiskFile, fileId: number): Promise<void> {
    await this.#log.keepText(disk.hash, disk.bytes);
    await this.#log.append({ tag: 'put', path, fileId, version: 0, hash: disk.hash });
  }

  /** A file of the world whose last put has these bytes and which is not on disk any more. */
  async #vanishedTwin(hash: string): Promise<FileHead | undefined> {
    for (const path of this.#log.paths()) {
      const put = this.#log.lastPut(path);
      if (put?.hash !== hash) continue;
      const head = this.#world.file(put.fileId);
      if (!head || head.deleted || head.path !== path) continue;
      if ((await this.#files.read(path)) === undefined) return head;
    }
    return undefined;
  }
}

/** The text that was on disk, and how changes of it are told to a version of the world. */
interface DiskBase {
  readonly text: Text;
  readonly version: number;
  /** Undefined when they overlap what the version has beyond the text. */
  toVersion(changes: Changes): Changes | undefined;
}

function modeOf(disk: DiskFile): FileMode {
  return disk.isExecutable ? 'executable' : 'regular';
}

function resultOf(verdict: Verdict): IntakeResult {
  return verdict.tag === 'applied' ? { tag: 'taken' } : verdict;
}
