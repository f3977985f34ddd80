import { type DiskPort, systemDisk } from './disk-port.ts';
import { renameOver } from './rename-over.ts';

export interface ReplaceOptions {
  /** Where it is written first, in the same folder; nothing is there yet. */
  readonly draft: string;
  /** Permissions. */
  readonly mode: number;
  /** Without what the user wants new files not to have (umask). */
  readonly isExact?: boolean;
  /** It is on disk before it has its name. */
  readonly isSynced?: boolean;
}

/**
 * Replaces a file whole: a reader finds what was there before or all of the new, and never none or a part. What fails
 * leaves no draft. Rejects with the system's error.
 */
export async function replaceFile(
  file: string,
  content: string | Uint8Array,
  { draft, mode, isExact = false, isSynced = false }: ReplaceOptions,
  disk: DiskPort = systemDisk,
): Promise<void> {
  try {
    const handle = await disk.open(draft, 'wx', mode);
    try {
      await handle.writeFile(content);
      if (isExact) await handle.chmod(mode);
      if (isSynced) await handle.sync();
    } finally {
      await handle.close();
    }
    await renameOver(draft, file, disk);
  } catch (error) {
    // What came first says more.
    await disk.rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
}
