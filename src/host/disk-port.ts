/**
 * Owns: the calls of the system by which files are replaced and folders are reached, and whose rules those follow.
 * Tests put a disk with other rules in their place. Does not know: which files.
 */
import * as fs from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

type Calls = Pick<
  typeof fs,
  | 'chmod'
  | 'link'
  | 'lstat'
  | 'mkdir'
  | 'open'
  | 'readlink'
  | 'realpath'
  | 'rename'
  | 'rm'
  | 'rmdir'
>;

export interface DiskPort extends Calls {
  readonly platform: NodeJS.Platform;
  /** Lets so many milliseconds pass before something is tried again. */
  readonly pause: (delayMs: number) => Promise<void>;
}

export const systemDisk: DiskPort = {
  platform: process.platform,
  pause: (delayMs) => pause(delayMs),
  chmod: fs.chmod,
  link: fs.link,
  lstat: fs.lstat,
  mkdir: fs.mkdir,
  open: fs.open,
  readlink: fs.readlink,
  realpath: fs.realpath,
  rename: fs.rename,
  rm: fs.rm,
  rmdir: fs.rmdir,
};
