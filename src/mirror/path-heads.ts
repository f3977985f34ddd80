/**
 * Owns: which file of the world a path of the folder is about, where the folder's log and what is known of the
 * world may not fit. Does not know: what is done about the path.
 */
import type { FileHead } from '../world/world-rows.ts';
import type { PutRecord } from './folder-log-entry.ts';
import type { MirrorWorld } from './mirror-world.ts';

export class PathHeads {
  readonly #world: MirrorWorld;
  /** Under way once for the paths that are looked at together. */
  #catchingUp: Promise<void> | undefined;

  constructor(world: MirrorWorld) {
    this.#world = world;
  }

  /** Other paths are looked at together from now on. */
  lookAnew(): void {
    this.#catchingUp = undefined;
  }

  /**
   * The file that a path is about. Where the folder's log and what we know of the world do not fit, other
   * windows may have done what we were not told yet: then we hear of it first.
   */
  async of(path: string, last: PutRecord | undefined): Promise<FileHead | undefined> {
    const known = (): FileHead | undefined =>
      (last && this.#world.file(last.fileId)) ?? this.#world.fileAt(path);
    if (last !== undefined && !isAt(known(), path)) await this.#world.caughtUp();
    else if (last === undefined && isAt(known(), path)) await this.caughtUp();
    return known();
  }

  /** Once for all paths that are looked at together. */
  caughtUp(): Promise<void> {
    this.#catchingUp ??= this.#world.caughtUp();
    return this.#catchingUp;
  }
}

export function isAt(head: FileHead | undefined, path: string): head is FileHead {
  return head !== undefined && !head.deleted && head.path === path;
}
