/** Owns: which of a window's worlds a file is in. Does not know: what is said of it. */

interface WorldFolder {
  /** The path in the world of a file of the folder; undefined for any other. */
  relative(file: string): string | undefined;
}

/**
 * Of folders within each other the innermost one. A folder of the window that is in no world may lie in one that is:
 * its files are of that world all the same.
 */
export function worldAt<World extends WorldFolder>(
  worlds: Iterable<World>,
  file: string,
): World | undefined {
  let innermost: { readonly world: World; readonly path: string } | undefined;
  for (const world of worlds) {
    const path = world.relative(file);
    if (path === undefined || (innermost && innermost.path.length <= path.length)) continue;
    innermost = { world, path };
  }
  return innermost?.world;
}
