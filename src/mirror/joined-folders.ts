/**
 * Owns: telling where a folder that got another name here has met one that got, or had, the same name elsewhere:
 * their files are in one folder then. Does not know: how files are moved and put.
 */
import { existsSync } from 'node:fs';
import { foldersOf } from '../core/path.ts';
import type { FolderMirrorParts } from './folder-mirror-parts.ts';
import type { FolderMove, PathMove } from './folder-moves.ts';

/** A rename on this disk is known within this time; who renames a folder later has seen what is in the other. */
const UNSEEN_MS = 10_000;

export class JoinedFolders {
  readonly #parts: Pick<FolderMirrorParts, 'files' | 'log' | 'world' | 'report' | 'after'>;
  /** Folders that were on this disk already when the first file of others came to be in them. */
  readonly #met = new Set<string>();

  constructor(parts: Pick<FolderMirrorParts, 'files' | 'log' | 'world' | 'report' | 'after'>) {
    this.#parts = parts;
  }

  /** A file of others is about to be put where none was. */
  willPut(path: string): void {
    const { files, log, after } = this.#parts;
    for (const folder of foldersOf(path)) {
      if (log.hasFolder(folder) || this.#met.has(folder)) continue;
      if (!existsSync(files.absolute(folder))) continue;
      this.#met.add(folder);
      after(UNSEEN_MS, () => this.#met.delete(folder));
    }
  }

  /** Files have other names now, in the world too. */
  async moved({ from, to, moves }: FolderMove<PathMove>): Promise<void> {
    const { log, world, report } = this.#parts;
    const isFolder = from !== '' && to !== '' && moves[0]?.from !== from && !log.hasFolder(from);
    if (!isFolder) return;
    await world.caughtUp();
    const own = new Set(moves.map((move) => move.to));
    const others = [...world.files()].filter(
      ({ path, deleted }) => !deleted && path.startsWith(`${to}/`) && !own.has(path),
    );
    const wasSeen = !this.#met.has(to) && others.some(({ path }) => log.lastPut(path));
    if (others.length === 0 || wasSeen) return;
    report({ tag: 'joined', path: from, name: to, files: others.length });
  }
}
