/**
 * The globs by which folders are claimed. `*` stands for any run of characters within one part of a path,
 * `?` for one of them, `**` as a whole part for any number of parts, none included, and `{a,b}` for one of
 * its pieces; pieces have no braces inside. Anything else is itself, names that begin with a dot included.
 */
import { type PathFault, pathFault, pathKey } from './path.ts';
import { PATH_TABLES } from './path-folding.ts';
import { matchesName, matchesWithStars, patternsMeet } from './star-match.ts';

/** Longest glob, and the longest list of globs without braces that it stands for, in UTF-16 code units. */
export const GLOB_LIMITS = { length: 512, alternatives: 32, spelledOut: 4096 } as const;

/** Why a glob can be claimed by nobody. */
export type GlobFault = PathFault | 'too_many_pieces' | 'braces_in_braces';

/** A glob in the form in which paths are compared: for each choice of pieces, its parts. */
export type PathGlob = readonly (readonly string[])[];

/** Looks for what keeps a glob, or one choice of its pieces, from matching any path of a world. */
export function globFault(glob: string): GlobFault | undefined {
  if (glob.length > GLOB_LIMITS.length) return 'too_long';
  const spelledOut = withoutBraces(glob);
  if (typeof spelledOut === 'string') return spelledOut;
  for (const each of spelledOut) {
    // What a wildcard stands for can be a letter; if that does not help nothing does.
    const fault = pathFault(each.replaceAll(WILDCARDS, 'x'));
    if (fault) return fault;
  }
  return undefined;
}

/** Reads a glob that has no fault, for comparing with keys of paths by the same table. */
export function readGlob(glob: string, table: number = PATH_TABLES.newest): PathGlob {
  const spelledOut = withoutBraces(glob);
  if (typeof spelledOut === 'string') return [];
  return spelledOut.map((each) => pathKey(each, table).split('/'));
}

/** True for a path that the glob stands for. `key` is the path's, as `pathKey` makes it. */
export function globMatches(glob: PathGlob, key: string): boolean {
  const parts = key.split('/');
  return glob.some((globs) =>
    matchesWithStars(
      globs.length,
      parts.length,
      (at) => globs[at] === ANY_PARTS,
      (at, index) => matchesName(globs[at]!, parts[index]!),
    ),
  );
}

/** True where some path is one that both globs stand for. */
export function globsMeet(a: PathGlob, b: PathGlob): boolean {
  return a.some((one) => b.some((other) => patternsMeet(one, other, isAnyParts, namesMeet)));
}

/** How many steps `globsMeet` takes at most. */
export function meetingSteps(a: PathGlob, b: PathGlob): number {
  return lengthOf(a) * lengthOf(b);
}

/** The folder, or the path, that all that a glob stands for is in: what is before its first wildcard. */
export function globBase(glob: PathGlob): string {
  const [first = [], ...others] = glob;
  let count = 0;
  const isShared = (part: string): boolean =>
    part.search(WILDCARDS) < 0 && others.every((each) => each[count] === part);
  while (count < first.length && isShared(first[count]!)) count++;
  return first.slice(0, count).join('/');
}

/** All of a folder; of the world itself for an empty path. */
export function folderGlob(path: string): string {
  return path === '' ? ANY_PARTS : `${path}/${ANY_PARTS}`;
}

/** True for a text that stands for more than itself. */
export function hasWildcards(text: string): boolean {
  return text.search(WILDCARDS) >= 0 || BRACES.test(text);
}

/** The globs without braces that one with braces stands for. */
export function withoutBraces(glob: string): readonly string[] | GlobFault {
  if (NESTED.test(glob)) return 'braces_in_braces';
  let found: string[] = [''];
  for (const piece of glob.split(BRACES_KEPT)) {
    const isChoice = BRACES.test(piece);
    const choices = isChoice ? piece.slice(1, -1).split(',') : [piece];
    if (found.length * choices.length > GLOB_LIMITS.alternatives) return 'too_many_pieces';
    found = found.flatMap((start) => choices.map((choice) => start + choice));
    const length = found.reduce((sum, each) => sum + each.length, 0);
    if (length > GLOB_LIMITS.spelledOut) return 'too_many_pieces';
  }
  return found;
}

function isAnyParts(part: string): boolean {
  return part === ANY_PARTS;
}

function namesMeet(one: string, other: string): boolean {
  return patternsMeet(
    one,
    other,
    (character) => character === '*',
    (a, b) => a === b || a === '?' || b === '?',
  );
}

function lengthOf(glob: PathGlob): number {
  return glob.reduce(
    (sum, parts) => sum + parts.reduce((size, part) => size + part.length + 1, 0),
    0,
  );
}

const ANY_PARTS = '**';
const WILDCARDS = /[*?]/g;
/** A comma makes the choice: `{a}` is a name. */
const BRACES = /\{[^{}]*,[^{}]*\}/;
const BRACES_KEPT = /(\{[^{}]*,[^{}]*\})/;
/** Braces, closed or not, around a choice. */
const NESTED = /\{[^{}]*\{[^{}]*,[^{}]*\}[^{}]*\}/;
