/**
 * Owns: files of the folder that are new to the world: gathering them, what is told of those that it does not
 * take, and what those wait for. Does not know: when to look, and how they are sent.
 */
import { type DiskFile, FileTooLarge } from './disk-files.ts';
import { type IntakeResult, isPaused } from './disk-intake.ts';
import type { Refused } from './mirror-world.ts';
import type { FolderLineEnds } from './folder-line-ends.ts';
import type { FolderMirrorParts } from './folder-mirror-parts.ts';
import type { JoinedFolders } from './joined-folders.ts';
import { hashAt } from './not-utf8.ts';
import { type NewFile, NewFiles } from './new-files.ts';
import type { Obstacles } from './obstacles.ts';

export interface NewcomersParts extends Pick<
  FolderMirrorParts,
  'files' | 'world' | 'log' | 'report' | 'onOutside'
> {
  readonly lineEnds: FolderLineEnds;
  readonly joined: JoinedFolders;
  readonly obstacles: Obstacles;
  /** True for a path at which a file was looked for in vain. */
  readonly isMissing: (path: string) => boolean;
  readonly tell: (
    path: string,
    result: IntakeResult,
    bytes: Uint8Array | undefined,
  ) => Promise<void>;
  readonly again: (path: string) => void;
  readonly failed: (path: string, error: unknown) => Promise<void>;
}

/** A file whose name no file of a world may have. */
export interface UnfitFile {
  readonly path: string;
  readonly why: string;
  /** Of a name that is not UTF-8, each byte as a character. */
  readonly bytePath?: string | undefined;
}

const TWIN: Refused = {
  tag: 'refused',
  code: 'twin',
  message: 'The world has a file whose name some systems take for the same',
};
const PATH_TAKEN: Refused = {
  tag: 'refused',
  code: 'path_taken',
  message: 'The world has a folder of this name, or a file with that of a folder of it',
};
/** New files go into the world by about so many bytes, so that typists do not wait. */
const CREATE_BYTES = 1024 * 1024;

export class Newcomers {
  readonly #parts: NewcomersParts;
  readonly #intake: NewFiles;
  #files: NewFile[] = [];
  #bytes = 0;

  constructor(parts: NewcomersParts) {
    this.#parts = parts;
    this.#intake = new NewFiles(parts);
  }

  /** Those that were added are enough for one call. */
  get isMuch(): boolean {
    return this.#bytes >= CREATE_BYTES;
  }

  /** A new file, which is taken in with the others; not where it is known that it would be in vain. */
  async add(path: string, disk: DiskFile): Promise<void> {
    const twin = await this.#intake.twinOf(path, disk.hash);
    if (twin !== undefined) return this.#standAside(path, twin, TWIN);
    this.#files.push({ path, disk });
    this.#bytes += disk.bytes.length;
  }

  /** One file by itself. */
  take(path: string, disk: DiskFile): Promise<IntakeResult> {
    return this.#intake.take(path, disk);
  }

  /** A file that was not taken in is gone. */
  gone(path: string): Promise<void> {
    return this.#intake.gone(path);
  }

  /** True for a file of the world that is in the folder under a name which it cannot have there. */
  async hasStrayed(path: string): Promise<boolean> {
    const { files, log, obstacles } = this.#parts;
    const strayed = log.strayed.whereIs(path);
    if (strayed === undefined) return false;
    const { name, bytePath } = strayed;
    const isThere = bytePath ? hashAt(files.root, bytePath) : files.isSpelled(name);
    if (!(await isThere)) return false;
    obstacles.wait(path, name);
    return true;
  }

  async takeAll(): Promise<void> {
    const newFiles = this.#files;
    this.#files = [];
    this.#bytes = 0;
    if (newFiles.length === 0) return;
    try {
      const results = await this.#intake.takeAll(newFiles);
      for (const [index, file] of newFiles.entries()) await this.#took(file, results[index]!);
    } catch (error) {
      for (const { path } of newFiles) await this.#parts.failed(path, error);
    }
  }

  /** True for a file that has another name on disk and is about to have it in the world. */
  isMoving(path: string): boolean {
    return this.#intake.isMoving(path);
  }

  /** Everything was looked at: what has other names on disk gets them in the world, folder by folder. */
  async moveAll(): Promise<void> {
    const { log, failed } = this.#parts;
    const paths = this.#intake.moving;
    if (paths.length === 0) return;
    const unclaim = await log.claimAll(paths);
    try {
      for (const { file, result } of await this.#intake.moveAll()) await this.#took(file, result);
    } catch (error) {
      for (const path of paths) await failed(path, error);
    } finally {
      await unclaim();
    }
  }

  async #took({ path, disk }: NewFile, result: IntakeResult): Promise<void> {
    const { log, world, onOutside, report, tell, again } = this.#parts;
    // What the world does not take stays on disk as it is where there is nothing to put in its place.
    const isReplaced = log.judged(path)?.hash === disk.hash;
    switch (result.tag) {
      case 'twin':
        report({ ...result, path });
        return this.#standAside(path, result.other, TWIN);
      case 'blocked':
        this.#standAside(path, result.place, result.isLeaving ? undefined : PATH_TAKEN);
        return this.#tryAgainWhereFree(path);
      case 'strayed': {
        const { told, code, message, place } = result;
        if (told) report({ tag: 'strayed', ...told, why: code });
        this.#standAside(path, place, { tag: 'refused', code: 'strayed', message });
        return code === 'path_taken' ? this.#tryAgainWhereFree(path) : undefined;
      }
      case 'refused':
        // It comes in when its author may write again.
        if (isPaused(result)) return tell(path, result, disk.bytes);
        if (!isReplaced) return onOutside(path, result);
        break;
      default:
    }
    await tell(path, result, disk.bytes);
    // The world has another file there, or this one under another name, which others gave it.
    if (result.tag !== 'ticketed' && result.tag !== 'renamed' && !isReplaced) return;
    again(path);
    // One that was not moved in the world is to be put where it is.
    const put = log.lastPut(path);
    const head = put && world.file(put.fileId);
    if (head && !head.deleted && head.path !== path) again(head.path);
  }

  /** What was in the way may have gone before anybody waited for that. */
  async #tryAgainWhereFree(path: string): Promise<void> {
    const { world, again } = this.#parts;
    await world.caughtUp();
    if (world.inTheWay(path) === undefined) again(path);
  }

  /** The file stays out of the world until something changes at a place. */
  #standAside(path: string, place: string, why: Refused | undefined): void {
    this.#parts.obstacles.wait(path, place);
    if (why) this.#parts.onOutside(path, why);
  }

  setAside(paths: Iterable<string>): void {
    for (const path of paths) {
      const other = this.#parts.world.inTheWay(path);
      if (other) this.#parts.obstacles.wait(path, other.path);
    }
  }

  /** What of these files was in the world under another name is kept there under that one. */
  async foundUnfit(found: Iterable<UnfitFile>): Promise<void> {
    const { files, log, world, report } = this.#parts;
    for (const unfit of found) {
      const { path: name, why, bytePath } = unfit;
      const isKnown = log.strayed.pathOf(bytePath ?? name) !== undefined;
      const hash = isKnown ? undefined : await this.#hashOf(unfit);
      for (const path of hash === undefined ? [] : log.pathsOf(hash)) {
        const head = world.file(log.lastPut(path)!.fileId);
        const isHere = head?.path === path && !head.deleted;
        if (!isHere || log.strayed.nameOf(path) || (await files.isSpelled(path))) continue;
        await log.append({ tag: 'strayed', path, name, bytePath });
        report({ tag: 'strayed', path, name, why });
        break;
      }
    }
  }

  /** What is too large was never in the world. */
  async #hashOf({ path, bytePath }: UnfitFile): Promise<string | undefined> {
    const { files } = this.#parts;
    if (bytePath !== undefined) return hashAt(files.root, bytePath);
    try {
      return (await files.read(path))?.hash;
    } catch (error) {
      if (error instanceof FileTooLarge) return undefined;
      throw error;
    }
  }
}
