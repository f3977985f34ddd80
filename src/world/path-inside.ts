import path from 'node:path';

/**
 * The way from a folder to a file in it, with the separators of this machine: empty for the folder itself, undefined
 * for what is outside. `..notes` is a name like any other.
 */
export function pathInside(folder: string, file: string): string | undefined {
  const inside = path.relative(folder, file);
  const isOutside =
    inside === '..' || inside.startsWith(`..${path.sep}`) || path.isAbsolute(inside);
  return isOutside ? undefined : inside;
}
