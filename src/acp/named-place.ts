import path from 'node:path';
import type { NamedPlace } from './tool-from.ts';
import { pathInside } from '../world/path-inside.ts';

/** A file as a client names it, and its path in the world: empty for what is outside of the folder. */
export function namedPlace(folder: string, file: string): NamedPlace {
  const named = file.slice(0, MOST_NAME);
  const inside = pathInside(folder, path.resolve(folder, named)) ?? '';
  return { file: named, path: inside.split(path.sep).join('/') };
}

const MOST_NAME = 4_096;
