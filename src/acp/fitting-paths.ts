/**
 * The living files whose path fits what somebody types, at most so many: those whose name begins with it first, then those
 * whose name has it, then those whose path has it, then those whose path has its characters in that order. In each
 * group the shortest first.
 */
export function fittingPaths(
  files: Iterable<{ readonly path: string; readonly deleted: boolean }>,
  query: string,
  most: number,
): readonly string[] {
  const wanted = query.toLowerCase();
  const found: { readonly path: string; readonly rank: number }[] = [];
  for (const { path, deleted } of files) {
    const rank = deleted ? undefined : rankOf(path.toLowerCase(), wanted);
    if (rank !== undefined) found.push({ path, rank });
  }
  return found
    .sort((a, b) => a.rank - b.rank || a.path.length - b.path.length || (a.path < b.path ? -1 : 1))
    .slice(0, most)
    .map(({ path }) => path);
}

function rankOf(path: string, wanted: string): number | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name.startsWith(wanted)) return 0;
  if (name.includes(wanted)) return 1;
  if (path.includes(wanted)) return 2;
  let at = -1;
  for (const character of wanted) {
    at = path.indexOf(character, at + 1);
    if (at < 0) return undefined;
  }
  return 3;
}
