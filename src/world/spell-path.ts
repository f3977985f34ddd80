import { realpath } from 'node:fs/promises';
import path from 'node:path';
import {
  readSpelledGlob,
  readSpelledPath,
  type SpelledPath,
  type SpellingPlace,
} from '../core/spelled-path.ts';
import type { WorldView } from './world-view.ts';

/** A path of the world as somebody spelled it; an absolute one is looked for in the world's folder. */
export async function spellPath(
  view: Pick<WorldView, 'spelling'>,
  spelled: string,
  folder?: string,
): Promise<SpelledPath> {
  const place = await placeOf(view, folder);
  const found = readSpelledPath(spelled, place);
  if (found.tag !== 'outside' || folder === undefined || !path.isAbsolute(spelled)) return found;
  return readSpelledPath(await behindLinks(spelled), place);
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
