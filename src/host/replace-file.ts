import { open, rename, rm } from 'node:fs/promises';

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
): Promise<void> {
  try {
    const handle = await open(draft, 'wx', mode);
    try {
      await handle.writeFile(content);
      if (isExact) await handle.chmod(mode);
      if (isSynced) await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    // What came first says more.
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
}
