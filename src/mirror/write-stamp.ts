import type { Stats } from 'node:fs';

/**
 * Tells one writing of a file from every other one, also of the same bytes: which file of the disk it is, and when
 * the disk says that its content and its status changed. To be compared for being the same and for nothing else: a
 * clock may be set, and some disks count in seconds.
 */
export function stampOf({
  ino,
  mtimeMs,
  ctimeMs,
}: Pick<Stats, 'ino' | 'mtimeMs' | 'ctimeMs'>): string {
  return `${ino} ${mtimeMs} ${ctimeMs}`;
}
