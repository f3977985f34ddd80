/**
 * Owns: one path for a file whatever the spelling: `./a`, `a//b`, an absolute one, another case, through a
 * linked folder. Does not know: what is done with the file.
 */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { type PathFault, pathFault } from '../../core/path.ts';
import { systemCode } from '../../host/host-error.ts';
import type { WorldView } from '../../world/world-view.ts';
import { refused, type Reply } from './answer.ts';

export type FoundPath =
  { readonly tag: 'path'; readonly path: string } | { readonly tag: 'bad'; readonly reply: Reply };

export class WorldPaths {
  readonly #view: WorldView;
  /** Folders on this machine that show the world, absolute. */
  readonly #folders: readonly string[];

  constructor(view: WorldView, folders: readonly string[]) {
    this.#view = view;
    this.#folders = folders;
  }

  /** The path in the world that a spelling means, whether or not there is a file. */
  async canonical(spelling: string): Promise<FoundPath> {
    if (this.#view.fileAt(spelling)) return { tag: 'path', path: spelling };
    if (spelling.length > LONGEST) return bad(`${spelling.slice(0, 80)}…`, FAULTS.too_long);
    const inside = await this.#inside(spelling);
    if (inside === undefined) return bad(spelling, 'it is outside of the world');
    const fault = pathFault(inside);
    if (fault) return bad(spelling, FAULTS[fault]);
    // A world has one file for all spellings that some file system takes for the same.
    return { tag: 'path', path: this.#view.spelling(inside) };
  }

  /** Relative to the world's root; undefined for what leads out of it. */
  async #inside(spelling: string): Promise<string | undefined> {
    // No path of a world has a backslash, so it can only stand between two parts.
    const plain = spelling.replaceAll('\\', '/');
    const absolute = path.isAbsolute(spelling) || path.win32.isAbsolute(spelling);
    if (!absolute) {
      const relative = tidy(plain);
      if (relative === undefined || this.#view.fileAt(relative)) return relative;
      return this.#withoutLinks(relative);
    }
    for (const folder of this.#folders) {
      for (const root of [folder, await realOf(folder)]) {
        const relative = path.relative(root, spelling).replaceAll('\\', '/');
        if (path.isAbsolute(relative)) continue;
        const tidied = tidy(relative);
        if (tidied !== undefined) return this.#withoutLinks(tidied);
      }
      const real = path.relative(await realOf(folder), await realOf(spelling));
      const tidied = path.isAbsolute(real) ? undefined : tidy(real.replaceAll('\\', '/'));
      if (tidied !== undefined) return tidied;
    }
    return undefined;
  }

  /** Where a path leads in the first folder that has it; undefined when that is outside. */
  async #withoutLinks(relative: string): Promise<string | undefined> {
    for (const folder of this.#folders) {
      const root = await realOf(folder);
      const found = path.relative(root, await realOf(path.join(root, relative)));
      const tidied = path.isAbsolute(found) ? undefined : tidy(found.replaceAll('\\', '/'));
      if (tidied === undefined) return undefined;
      if (tidied !== relative) return tidied;
    }
    return relative;
  }
}

/** Without `.`, `..` and empty parts; undefined when it leads out. */
function tidy(relative: string): string | undefined {
  const normal = path.posix.normalize(relative).replace(/\/+$/, '');
  return normal === '..' || normal.startsWith('../') ? undefined : normal;
}

/** Where a path leads, with what is not there yet put behind what is. */
async function realOf(wanted: string): Promise<string> {
  const missing: string[] = [];
  for (let at = wanted; ; at = path.dirname(at)) {
    try {
      return path.join(await realpath(at), ...missing);
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      if (path.dirname(at) === at) return wanted;
      missing.unshift(path.basename(at));
    }
  }
}

function bad(spelling: string, why: string): FoundPath {
  const message = `${JSON.stringify(spelling)} names no file of this world: ${why}.`;
  const next = ['Name the file by its path from the root of the world, such as src/main.ts.'];
  return { tag: 'bad', reply: refused('bad_path', message, next) };
}

/** In UTF-16 code units: with the folder's own path before it. */
const LONGEST = 8192;

const FAULTS: Readonly<Record<PathFault, string>> = {
  empty: 'a part of the path is empty',
  absolute: 'it is an absolute path',
  leaves_world: 'it leads out of the world',
  forbidden_character: 'it has a character that some file system does not allow',
  git_folder: 'the folder of git belongs to no world',
  reserved_name: 'Windows keeps this name for a device',
  trailing_dot_or_space: 'a part of it ends with a dot or a space',
  too_long: 'it is too long',
};
