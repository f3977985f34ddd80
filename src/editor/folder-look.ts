/**
 * Owns: what is known of a window's folders before anything that a world needs is loaded. Reads this user's
 * own files, writes nothing, and starts nothing.
 */
import { realpath } from 'node:fs/promises';
import { AddedAgents } from '../agents/clients/added-agents.ts';
import { ownerOfFolder } from '../agents/clients/folder-owner.ts';
import { WorldList } from '../world/world-list.ts';

export interface FolderLook {
  /** Whether a folder belongs to a world, as the person's or as an agent's own. */
  readonly isInWorld: boolean;
  /** How many worlds this machine knows. */
  readonly worlds: number;
}

/**
 * `folders` are absolute paths. What cannot be read counts as a world: whoever walks in says what is
 * wrong with it.
 */
export async function lookAtFolders(home: string, folders: readonly string[]): Promise<FolderLook> {
  try {
    const worlds = await new WorldList(home).all();
    const isInWorld = (await anyIn(folders, worlds)) || (await anyOfAgents(home, folders));
    return { isInWorld, worlds: worlds.length };
  } catch {
    return { isInWorld: true, worlds: 0 };
  }
}

async function anyIn(
  folders: readonly string[],
  worlds: readonly { readonly folder: string; readonly isReady: boolean }[],
): Promise<boolean> {
  for (const folder of folders) {
    const real = await realpath(folder).catch(() => folder);
    if (worlds.some((world) => world.isReady && world.folder === real)) return true;
  }
  return false;
}

async function anyOfAgents(home: string, folders: readonly string[]): Promise<boolean> {
  const agents = await new AddedAgents(home).all();
  for (const folder of folders) if (await ownerOfFolder(folder, agents)) return true;
  return false;
}
