import path from 'node:path';
import type { NamedPlace } from './tool-from.ts';

/** A file as a client names it, and its path in the world: empty for what is outside of the folder. */
export function namedPlace(folder: string, file: string): NamedPlace {
  const named = file.slice(0, MOST_NAME);
  const inside = path.relative(folder, path.resolve(folder, named));
  const isOutside = inside === '' || inside.startsWith('..') || path.isAbsolute(inside);
  return { file: named, path: isOutside ? '' : inside.split(path.sep).join('/') };
}

const MOST_NAME = 4_096;
