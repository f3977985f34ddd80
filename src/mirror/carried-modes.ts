/**
 * Owns: what a file's executable bit on this disk says of what somebody wants. Nothing where the disk or git
 * does not keep it, and nothing where a tool lost it by writing the file anew. Does not know: what the world is
 * told.
 */
import type { FileHead } from '../world/world-rows.ts';
import type { DiskFile, DiskFiles } from './disk-files.ts';
import type { FolderGit } from './folder-git.ts';
import type { PutRecord } from './folder-log-entry.ts';

type SeenMode = Pick<DiskFile, 'hash' | 'isExecutable'>;

export class CarriedModes {
  readonly #files: DiskFiles;
  readonly #git: Pick<FolderGit, 'trustsModes' | 'modeOf'>;

  constructor(files: DiskFiles, git: Pick<FolderGit, 'trustsModes' | 'modeOf'>) {
    this.#files = files;
    this.#git = git;
  }

  /** The file with the bit that somebody wants it to have; one that was lost is on disk again then. */
  async wanted<File extends SeenMode>(
    path: string,
    disk: File,
    last: PutRecord | undefined,
    head: FileHead | undefined,
  ): Promise<File> {
    const former = last?.executable ?? (head && !head.deleted && head.mode === 'executable');
    if (disk.isExecutable === former) return disk;
    if (!(await this.#git.trustsModes())) {
      const isExecutable = former ?? (await this.#git.modeOf(path)) === 'executable';
      return { ...disk, isExecutable };
    }
    if (former === undefined && !disk.isExecutable) return disk;
    if (!(await this.#files.keepsModes())) return { ...disk, isExecutable: former ?? false };
    if (!(await this.#isLost(path, disk, last))) return disk;
    await this.#files.setExecutable(path, true);
    return { ...disk, isExecutable: true };
  }

  /** A tool that exchanges a file by a new one forgets the bit; git, and whoever changes only that, mean it. */
  async #isLost(path: string, disk: SeenMode, last: PutRecord | undefined): Promise<boolean> {
    if (disk.isExecutable || last === undefined || disk.hash === last.hash) return false;
    return (await this.#git.modeOf(path)) !== 'regular';
  }
}
