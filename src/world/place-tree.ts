import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, realpath, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import type { Surroundings } from './open-folder.ts';
import { WorldError } from './world-error.ts';
import { isEmptyFolder, type Tree, writeTree } from './write-tree.ts';

/** Throws `WorldError` unless a folder is empty or new, and in no world. */
export async function demandFreeFolder(
  { worlds }: Pick<Surroundings, 'worlds'>,
  folder: string,
): Promise<void> {
  if (await worlds.findByFolder(folder)) {
    throw new WorldError('refused', `${folder} is the folder of a world already`);
  }
  await worlds.demandApart(folder);
  if (await isEmptyFolder(folder)) return;
  throw new WorldError('refused', `${folder} is not empty: a world comes into a new folder`);
}

/**
 * Puts the files of a tree into a folder that is empty or new: all of them, or it stays as it was.
 * Resolves with the folder's real path.
 */
export async function placeTree(
  tree: Tree,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const parent = path.dirname(folder);
  await mkdir(parent, { recursive: true });
  const draft = path.join(parent, `.${path.basename(folder)}.${randomBytes(4).toString('hex')}`);
  try {
    await writeTree(tree, draft, signal);
    // Not every system puts a folder in the place of an empty one.
    if (existsSync(folder)) await rmdir(folder);
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
  return realpath(folder);
}
