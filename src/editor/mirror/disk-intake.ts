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
import type { FolderLog, JudgedBytes, PutRecord } from './folder-log.ts';
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
    const former = this.#log.judged(path);
    const verdict = await this.#judge(path, last, head, content);
    if (former && former.ticketId > 0) await this.#withdrawFormer(last, former, disk);
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
    if (content.kind === 'text') await this.#changeFormat(head, content, disk);
    // Where nobody came between, the new version is what is on disk.
    const isExact = last.version > 0 && verdict.version === last.version + 1;
    await this.remember(path, disk, last.fileId, isExact ? verdict.version : 0);
    return { tag: 'taken' };
  }

  /** Something wrote these bytes on top of `base`, and a save has replaced them since. */
  async overwritten(
    path: string,
    bytes: Uint8Array,
    base: PutRecord,
    head: FileHead,
  ): Promise<IntakeResult> {
    return resultOf(await this.#judge(path, base, head, detectContent(bytes)));
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

  #judge(path: string, last: PutRecord, head: FileHead, content: FileContent): Promise<Verdict> {
    return content.kind === 'text' && head.kind === 'text'
      ? this.#changeText(path, last, head, content)
      : this.#world.replaceContent(head.fileId, last.version || head.version, content);
  }

  async #changeText(
    path: string,
    last: PutRecord,
    head: FileHead,
    content: TextContent,
  ): Promise<Verdict> {
    const base = await this.#baseOf(path, last, head);
    if (base === undefined) {
      const message = 'What was on disk before is not known any more';
      return { tag: 'refused', code: 'unknown_base', message };
    }
    const { text, version, since, fromVersion } = base;
    const changes = minimalChanges(text, content.text);
    if (changes.length === 0) return { tag: 'applied', version: 0 };
    if (since.length === 0) return this.#world.edit(head.fileId, version, changes);
    const carried = { fromVersion, isContested: changesOverlap(changes, since, 'line') };
    return this.#world.edit(head.fileId, version, rebase(changes, since, 'after'), carried);
  }

  async #baseOf(path: string, last: PutRecord, head: FileHead): Promise<DiskBase | undefined> {
    if (last.version > 0) {
      const file = await this.#world.read(last.fileId, last.version);
      if (file.kind !== 'text') return undefined;
      return { text: file.text, version: last.version, since: [], fromVersion: last.version };
    }
    const saved = await this.#savedText(last.hash);
    if (saved === undefined) return undefined;
    const text = Text.of(saved);
    const now = await this.#world.read(head.fileId);
    if (now.kind !== 'text') return undefined;
    const since = minimalChanges(text, now.text.toString());
    const fromVersion = this.#log.lastVersion(path) || now.version;
    return { text, version: now.version, since, fromVersion };
  }

  async #savedText(hash: string): Promise<string | undefined> {
    const bytes = await this.#log.readText(hash);
    const saved = bytes && detectContent(bytes);
    return saved?.kind === 'text' ? saved.text : undefined;
  }

  /**
   * A tool that writes a file in several steps: the ticket of a step whose text the next one still
   * has would propose the same a second time.
   */
  async #withdrawFormer(last: PutRecord, former: JudgedBytes, disk: DiskFile): Promise<void> {
    const [before, proposed] = [
      await this.#savedText(last.hash),
      await this.#savedText(former.hash),
    ];
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

  async #changeFormat(head: FileHead, content: TextContent, disk: DiskFile): Promise<void> {
    const mode = process.platform === 'win32' ? head.mode : modeOf(disk);
    const { eol, bom } = content;
    // A text without line ends says nothing about them.
    const newEol = content.text.includes('\n') ? eol : head.eol;
    if (newEol === head.eol && bom === head.bom && mode === head.mode) return;
    const newest = this.#world.file(head.fileId) ?? head;
    await this.#world.setMode(newest, { mode, eol: newEol, bom });
  }

  /** What is on disk now is explained. `version` is the world's version that it is, or 0. */
  async remember(path: string, disk: DiskFile, fileId: number, version = 0): Promise<void> {
    if (version === 0) await this.#log.keepText(disk.hash, disk.bytes);
    await this.#log.append({ tag: 'put', path, fileId, version, hash: disk.hash });
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

/** The text that was on disk, and what a version of the world has beyond it. */
interface DiskBase {
  readonly text: Text;
  readonly version: number;
  /** From the text to the version's. */
  readonly since: Changes;
  /** The newest version that is known to be in the text. */
  readonly fromVersion: number;
}

function modeOf(disk: DiskFile): FileMode {
  return disk.isExecutable ? 'executable' : 'regular';
}

function resultOf(verdict: Verdict): IntakeResult {
  return verdict.tag === 'applied' ? { tag: 'taken' } : verdict;
}
