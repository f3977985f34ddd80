/**
 * Owns: what is at a path of a disk that takes names for one which the world tells apart: by their case, or by how
 * their letters are put together (macOS, Windows). It may be another path's file, which is not to be taken for this
 * one's, written over or removed with it. Does not know: what is done about the file itself.
 */
import { pathKey } from '../core/path.ts';
import type { FileHead } from '../world/world-rows.ts';
import { BlockedPath } from './disk-puts.ts';
import { hasSameForm } from './disk-files.ts';
import { type PutRecord, removedPut } from './folder-log-entry.ts';
import type { FolderMirrorParts } from './folder-mirror-parts.ts';
import type { LookQueue } from './look-queue.ts';

export interface OtherSpellingParts extends Pick<FolderMirrorParts, 'files' | 'world' | 'log'> {
  readonly queue: LookQueue;
}

export class OtherSpelling {
  readonly #parts: OtherSpellingParts;

  constructor(parts: OtherSpellingParts) {
    this.#parts = parts;
  }

  /**
   * True where what is there is another path's, or was until now: then there is nothing to do about this path before
   * something changes there, or it is looked at once more. `head`: what the world has at the path.
   */
  async isOthers(path: string, head: FileHead | undefined): Promise<boolean> {
    const { files, log } = this.#parts;
    if (files.tellsNamesApart || log.lastPut(path)) return false;
    const spelled = await files.spelling(path);
    if (spelled === undefined) return false;
    return spelled === path
      ? this.#isFileOfTwin(path, head)
      : this.#isSpelledOtherwise(path, spelled, head);
  }

  /**
   * True for what was put at a path if others gave its file a name that this disk takes for the same: it is not to be
   * removed, and gets its name from there.
   */
  async isRespelled(path: string, owner: FileHead): Promise<boolean> {
    const { files, log, queue } = this.#parts;
    if (files.tellsNamesApart || !isTwin(path, owner.path)) return false;
    // Some folders of such disks tell names apart all the same.
    if (!(await files.isSame(path, owner.path))) return false;
    const isKnownThere = log.lastPut(owner.path)?.fileId === owner.fileId;
    if (isKnownThere) await log.append(removedPut(path, log.lastPut(path)));
    else queue.again(owner.path);
    return true;
  }

  /** The disk calls the file so, and the world otherwise. */
  async #isFileOfTwin(path: string, head: FileHead | undefined): Promise<boolean> {
    const { log, world, queue } = this.#parts;
    if (head && !head.deleted) return false;
    const twin = world.inTheWay(path);
    if (twin?.why !== 'twin') return false;
    const put = log.lastPut(twin.path);
    // It was spelled as the world does when it was put: somebody has given it this name since.
    if (put && put.spelled !== path && !hasSameForm(path, twin.path)) return false;
    queue.look([twin.path]);
    return true;
  }

  async #isSpelledOtherwise(
    path: string,
    spelled: string,
    head: FileHead | undefined,
  ): Promise<boolean> {
    const { files, log, world, queue } = this.#parts;
    if (head === undefined || head.deleted) {
      // It is another way to name what the disk calls so.
      queue.look([spelled]);
      return true;
    }
    const put = log.lastPut(spelled);
    // It was there before the world's file came, and is that file.
    if (put === undefined) return false;
    const owner = world.file(put.fileId);
    const isLiving = owner !== undefined && !owner.deleted;
    if (isLiving && owner.path === path && head.fileId === owner.fileId) {
      await files.respell(path, spelled);
      await this.#movePut(path, spelled, put);
      queue.look([path]);
      return true;
    }
    // Two files of the world, of which this disk can have one.
    if (isLiving && owner.path === spelled) throw new BlockedPath();
    queue.obstacles.wait(path, spelled);
    queue.again(spelled);
    return true;
  }

  async #movePut(path: string, former: string, put: PutRecord): Promise<void> {
    const { files, log } = this.#parts;
    const now = await files.spelling(path);
    const spelled = now === path ? undefined : now;
    await log.append(...log.moved(put, path, spelled), removedPut(former, put));
  }
}

function isTwin(path: string, other: string): boolean {
  return path !== other && pathKey(path) === pathKey(other);
}
