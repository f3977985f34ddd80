import { isInScope } from '../../core/path-scope.ts';

/** Globs as somebody types them, separated by commas. */
export function parseScope(text: string): readonly string[] {
  return [
    ...new Set(
      text
        .split(',')
        .map((glob) => glob.trim().replace(/^\.\//, ''))
        .filter((glob) => glob !== ''),
    ),
  ];
}

export function countInScope(scope: readonly string[], paths: readonly string[]): number {
  return paths.filter((path) => isInScope(path, scope)).length;
}

/** The folders at the top of a world, for choosing one. */
export function topFolders(paths: readonly string[]): readonly string[] {
  const folders = new Set(
    paths.flatMap((path) => (path.includes('/') ? [path.slice(0, path.indexOf('/'))] : [])),
  );
  return [...folders].sort();
}
