/**
 * Owns: the calls of the system by which files are replaced and folders are reached, and whose rules those follow.
 * Tests put a disk with other rules in their place. Does not know: which files.
 */
import type { Stats } from 'node:fs';
import * as fs from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

export interface DiskPort {
  readonly platform: NodeJS.Platform;
  /** Lets so many milliseconds pass before something is tried again. */
  readonly pause: (delayMs: number) => Promise<void>;
  readonly chmod: (file: string, mode: number) => Promise<void>;
  readonly link: (existing: string, file: string) => Promise<void>;
  readonly lstat: (file: string) => Promise<Stats>;
  readonly mkdir: (folder: string) => Promise<void>;
  readonly open: (file: string, flags: string | number, mode?: number) => Promise<fs.FileHandle>;
  readonly readlink: (file: string) => Promise<string>;
  readonly realpath: (file: string) => Promise<string>;
  readonly rename: (from: string, to: string) => Promise<void>;
  readonly rm: (file: string, options: { readonly force: true }) => Promise<void>;
  readonly rmdir: (folder: string) => Promise<void>;
}

export const systemDisk: DiskPort = {
  platform: process.platform,
  pause: (delayMs) => pause(delayMs),
  chmod: fs.chmod,
  link: fs.link,
  lstat: fs.lstat,
  mkdir: async (folder) => {
    await fs.mkdir(folder);
  },
  open: fs.open,
  readlink: fs.readlink,
  realpath: fs.realpath,
  rename: fs.rename,
  rm: fs.rm,
  rmdir: fs.rmdir,
};
