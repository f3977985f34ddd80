import { isInScope } from '../../core/path-scope.ts';

/**
 * True when a path fits a glob: `*` and `?` within a part, `**` over any number of parts, `{a,b}` for one
 * of several. A glob without `/` is looked for at any depth, as `*.ts` is meant; one that names a folder
 * fits all below it. Case does not count, as in the paths of a world.
 */
export function fitsGlob(path: string, glob: string): boolean {
  if (glob.length > LONGEST) return false;
  return expandBraces(relative(glob)).some((each) =>
    isInScope(path, [each.replace(/\/+$/, '').includes('/') ? each : `**/${each}`]),
  );
}

function relative(glob: string): string {
  return glob.replace(/^(?:\.?\/)+/, '') || '**';
}

/** In UTF-16 code units. */
const LONGEST = 4096;
/** More alternatives than these are no glob that somebody wrote. */
const MOST_ALTERNATIVES = 256;

function expandBraces(glob: string): string[] {
  const open = /\{([^{}]*)\}/;
  let globs = [glob];
  while (globs.length <= MOST_ALTERNATIVES && globs.some((each) => open.test(each))) {
    globs = globs.flatMap((each) => {
      const found = open.exec(each);
      if (!found) return [each];
      const [before, after] = [
        each.slice(0, found.index),
        each.slice(found.index + found[0].length),
      ];
      return found[1]!.split(',').map((choice) => before + choice + after);
    });
  }
  return globs.slice(0, MOST_ALTERNATIVES);
}
