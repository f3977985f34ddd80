/**
 * Owns: reaching a folder below a root without passing a link, and holding it, so that what is done in
 * it happens there whatever its path comes to mean meanwhile. Does not know: what is done.
 */
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { DiskPort } from '../host/disk-port.ts';
import { systemCode } from '../host/host-error.ts';

/** A link stands in a path, or at its end: nothing is read, written or removed through it. */
export class LinkInTheWay extends Error {
  readonly code = LINKED;

  constructor() {
    super('a link stands in the path');
    this.name = 'LinkInTheWay';
  }
}

/** The code of such an error, beside those of the system. */
export const LINKED = 'AW_LINKED';

/** The folder, or file, `parts` below `root`. */
export interface FolderPlace {
  readonly disk: DiskPort;
  readonly root: string;
  readonly parts: readonly string[];
}

/**
 * A folder that is held open. Linux reaches names in it by way of the open folder itself
 * (`/proc/self/fd`), so no link can come between the look and the act. Node gives no such way on other
 * systems: there its path is looked at once more by `confirm`, right before the act.
 */
export class PinnedFolder {
  readonly #place: FolderPlace;
  readonly #handle: FileHandle | undefined;
  readonly #base: string;

  private constructor(place: FolderPlace, handle: FileHandle | undefined, base: string) {
    this.#place = place;
    this.#handle = handle;
    this.#base = base;
  }

  /** Holds the folder; throws `LinkInTheWay`, or what the system says where there is no such folder. */
  static async open(place: FolderPlace): Promise<PinnedFolder> {
    const { disk, root, parts } = place;
    const directory = path.join(root, ...parts);
    if (!hasOpenPaths(disk)) {
      await demandLinkless(place);
      await demandFolder(place);
      return new PinnedFolder(place, undefined, directory);
    }
    const handle = await disk.open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      const pinned = await pathOf(disk, handle);
      // Without that view of the system there is nothing better than the path.
      if (pinned === undefined) await demandLinkless(place);
      else await demandSame(pinned, { ...place, root: await disk.realpath(root) });
      const base = pinned === undefined ? directory : openPath(handle);
      const held = pinned === undefined ? undefined : handle;
      if (held === undefined) await handle.close();
      return new PinnedFolder(place, held, base);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** The same, and makes what is missing of it. */
  static async make(place: FolderPlace): Promise<PinnedFolder> {
    const { disk, parts } = place;
    try {
      return await PinnedFolder.open(place);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' || parts.length === 0) throw error;
    }
    const parent = await PinnedFolder.make({ ...place, parts: parts.slice(0, -1) });
    try {
      await disk.mkdir(parent.at(parts.at(-1)!)).catch((error: unknown) => {
        if (systemCode(error) !== 'EEXIST') throw error;
      });
    } finally {
      await parent.close();
    }
    return PinnedFolder.open(place);
  }

  /** Where a name in the folder is to be found, for as long as the folder is held. */
  at(name: string): string {
    return path.join(this.#base, name);
  }

  /** To be called right before something is done. */
  async confirm(): Promise<void> {
    if (this.#handle === undefined) await demandLinkless(this.#place);
  }

  async close(): Promise<void> {
    await this.#handle?.close();
  }
}

/** True for an open file that was reached at that path below the root, which is a real path. */
export async function isReachedAt(handle: FileHandle, place: FolderPlace): Promise<boolean> {
  const { disk, parts } = place;
  const reached = hasOpenPaths(disk) ? await pathOf(disk, handle) : undefined;
  try {
    if (reached === undefined) await demandLinkless({ ...place, parts: parts.slice(0, -1) });
    else await demandSame(reached, place);
    return true;
  } catch (error) {
    if (error instanceof LinkInTheWay) return false;
    throw error;
  }
}

/** True where a part of the path, or what is at its end, is a link. */
export async function isLinked(place: FolderPlace): Promise<boolean> {
  try {
    await demandLinkless(place);
    return false;
  } catch (error) {
    if (error instanceof LinkInTheWay) return true;
    throw error;
  }
}

function hasOpenPaths({ platform }: DiskPort): boolean {
  return platform === 'linux';
}

function openPath(handle: FileHandle): string {
  return `/proc/self/fd/${handle.fd}`;
}

/** The path at which an open file is; undefined where the system does not tell. */
async function pathOf(disk: DiskPort, handle: FileHandle): Promise<string | undefined> {
  try {
    return await disk.readlink(openPath(handle));
  } catch (error) {
    if (systemCode(error) !== undefined) return undefined;
    throw error;
  }
}

async function demandSame(reached: string, place: FolderPlace): Promise<void> {
  const wanted = path.join(place.root, ...place.parts);
  // Somebody may have replaced the file since it was opened.
  if (reached === wanted || reached === `${wanted} (deleted)`) return;
  // Where names are told apart without their case it may be spelled in another way.
  if (reached.toLowerCase() !== wanted.toLowerCase()) throw new LinkInTheWay();
  await demandLinkless(place);
}

async function demandLinkless({ disk, root, parts }: FolderPlace): Promise<void> {
  for (let count = 1; count <= parts.length; count++) {
    const status = await disk.lstat(path.join(root, ...parts.slice(0, count))).catch(whereMissing);
    if (status?.isSymbolicLink()) throw new LinkInTheWay();
    if (status === undefined) return;
  }
}

/** Says what a system says that opens folders as folders. */
async function demandFolder({ disk, root, parts }: FolderPlace): Promise<void> {
  // The root itself may be a link: whoever opened the folder chose it.
  const directory = parts.length === 0 ? await disk.realpath(root) : path.join(root, ...parts);
  if ((await disk.lstat(directory)).isDirectory()) return;
  throw Object.assign(new Error(`not a folder: ${directory}`), { code: 'ENOTDIR' });
}

/** What is missing is no link. */
function whereMissing(error: unknown): undefined {
  const code = systemCode(error);
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
}
