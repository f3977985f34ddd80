/**
 * Owns: files that come back into the folder after they were deleted in the world: which file of the world
 * such a one is, and that it is that file again. Does not know: when to look, and what is told.
 */
import { mayReturn } from '../core/returned-text.ts';
import { detectContent } from '../world/text-format.ts';
import type { FileHead } from '../world/world-rows.ts';
import { hashOf } from './disk-files.ts';
import { type IntakeResult, resultOf } from './disk-intake.ts';
import { bytesOf } from './file-bytes.ts';
import type { FolderLineEnds } from './folder-line-ends.ts';
import type { FolderLog } from './folder-log.ts';
import type { MirrorWorld } from './mirror-world.ts';
import type { NewFile } from './new-files.ts';

export interface FilesBroughtBackParts {
  readonly world: MirrorWorld;
  readonly log: FolderLog;
  readonly lineEnds: FolderLineEnds;
}

/** So many files that were at one path are looked at, the newest ones. */
const MOST_FORMER = 8;

export class FilesBroughtBack {
  readonly #parts: FilesBroughtBackParts;

  constructor(parts: FilesBroughtBackParts) {
    this.#parts = parts;
  }

  /** Takes in those of the files that the world had before, and returns the others. */
  async takeAll(
    files: readonly NewFile[],
    results: Map<NewFile, IntakeResult>,
  ): Promise<readonly NewFile[]> {
    if (files.length === 0) return files;
    const deleted = this.#deletedAt(new Set(files.map(({ path }) => path)));
    const others: NewFile[] = [];
    for (const file of files) {
      const former = await this.#formerOf(file, deleted.get(file.path) ?? []);
      const result = former && (await this.#bringBack(file, former));
      if (result) results.set(file, result);
      else others.push(file);
    }
    return others;
  }

  /** The files that were deleted at these paths, the newest first. */
  #deletedAt(paths: ReadonlySet<string>): ReadonlyMap<string, readonly FileHead[]> {
    const found = new Map<string, FileHead[]>();
    for (const head of this.#parts.world.files()) {
      if (!head.deleted || !paths.has(head.path)) continue;
      const former = found.get(head.path);
      if (former) former.push(head);
      else found.set(head.path, [head]);
    }
    for (const heads of found.values()) {
      heads.sort((a, b) => b.fileId - a.fileId).splice(MOST_FORMER);
    }
    return found;
  }

  /** The one that had this content. What somebody makes in an editor is new, whatever it says. */
  async #formerOf(
    { path, disk }: NewFile,
    former: readonly FileHead[],
  ): Promise<FileHead | undefined> {
    const { log, world, lineEnds } = this.#parts;
    if (former.length === 0 || disk.bytes.length === 0 || log.isMade(path)) return undefined;
    for (const head of former) {
      if (await lineEnds.haveContentOf(path, head, disk.bytes)) return head;
    }
    const content = detectContent(disk.bytes);
    if (content.kind === 'text' && !mayReturn(content.text)) return undefined;
    for (const head of former) {
      if (head.kind === content.kind && (await world.hasHad(head, disk.bytes))) return head;
    }
    return undefined;
  }

  /** Undefined where the world does not let it come back. */
  async #bringBack({ path, disk }: NewFile, head: FileHead): Promise<IntakeResult | undefined> {
    const { world, log, lineEnds } = this.#parts;
    const verdict = await world.restore(head);
    if (verdict.tag !== 'applied') return undefined;
    const { fileId, version } = head;
    const put = { tag: 'put', path, fileId, version, executable: disk.isExecutable } as const;
    if (await lineEnds.haveContentOf(path, head, disk.bytes)) {
      await log.append({ ...put, hash: disk.hash });
      return resultOf(verdict);
    }
    // An older version of it: what others have written since is no more its own to take away than in a
    // file that was there all the time.
    const hash = hashOf(bytesOf(head, await world.read(fileId, version)));
    await log.append({ ...put, hash });
    return { tag: 'renamed' };
  }
}
