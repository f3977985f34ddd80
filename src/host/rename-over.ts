import { renameSync } from 'node:fs';
import { type DiskPort, systemDisk } from './disk-port.ts';
import { tryAgain, tryAgainSync } from './try-again.ts';

/**
 * Gives a draft the name of a file that others read, and that goes with it. Windows does not let a file that anybody
 * has open be replaced, so there it is tried a few times; what is ours is never open for long.
 */
export function renameOver(
  draft: string,
  file: string,
  disk: DiskPort = systemDisk,
): Promise<void> {
  const act = (): Promise<void> => disk.rename(draft, file);
  return disk.platform === 'win32' ? tryAgain(act, disk) : act();
}

/** The same at once. */
export function renameOverSync(draft: string, file: string): void {
  if (process.platform === 'win32') tryAgainSync(() => renameSync(draft, file));
  else renameSync(draft, file);
}
