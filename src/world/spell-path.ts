import { realpath } from 'node:fs/promises';
import path from 'node:path';
import {
  readSpelledGlob,
  readSpelledPath,
  type SpelledPath,
  type SpellingPlace,
} from '../core/spelled-path.ts';
import type { WorldView } from './world-view.ts';

/** A path of the world as somebody spelled it; links are followed where the world has a folder on this disk. */
export async function spellPath(
  view: Pick<WorldView, 'spelling'>,
  spelled: string,
  folder?: string,
): Promise<SpelledPath> {
  const place = await placeOf(view, folder);
  if (folder !== undefined) {
    const linked = readSpelledPath(await behindLinks(path.resolve(folder, spelled)), place);
    // What leads out of the folder there may still be a path of the world.
    if (linked.tag !== 'outside') return linked;
  }
  return readSpelledPath(spelled, place);
}

/** The same for a glob; undefined where it leads out of the world. */
export async function spellGlob(
  view: Pick<WorldView, 'spelling'>,
  spelled: string,
  folder?: string,
): Promise<string | undefined> {
  return readSpelledGlob(spelled, await placeOf(view, folder));
}

async function placeOf(
  view: Pick<WorldView, 'spelling'>,
  folder: string | undefined,
): Promise<SpellingPlace> {
  const folders = folder === undefined ? [] : [folder, await behindLinks(folder)];
  return {
    folders,
    isWindows: process.platform === 'win32',
    spelling: (each) => view.spelling(each),
  };
}

/** With the links in it followed, as far as there is anything there. */
async function behindLinks(name: string): Promise<string> {
  const rest: string[] = [];
  for (let at = path.resolve(name); ; at = path.dirname(at)) {
    try {
      return path.join(await realpath(at), ...rest);
    } catch {
      // What is not there yet has no links in it.
      if (path.dirname(at) === at) return name;
      rest.unshift(path.basename(at));
    }
  }
}
