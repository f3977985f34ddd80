import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { type BytePath, fromBytePath, showBytePath, toBytePath } from '../git/byte-path.ts';
import { GitError } from '../git/git-error.ts';
import { runGit } from '../git/run-git.ts';
import { systemCode } from '../host/host-error.ts';
import { foldersOf, pathFault, pathKey, type PathFault } from '../core/path.ts';
import { isOwnName } from './own-names.ts';
import { readExcludes, readTemporaryNames } from './folder-settings.ts';
import { GitBoundaries } from './git-boundaries.ts';
import { IgnoreRules } from './ignore-rules.ts';
import { replacedLinks } from './replaced-links.ts';
import { temporaryAmong } from './temporary-names.ts';

/** A file of a folder that a world can hold. */
export interface ScannedFile {
  /** Relative, with `/` between its parts. */
  readonly path: string;
  readonly bytes: number;
  readonly executable: boolean;
}

export interface SkippedFile {
  readonly path: string;
  /**
   * `special`: neither file nor folder. `twin`: some file systems take it for another of the list.
   * `not_utf8`: its name; what is shown of it stands for others, too. `excluded`: by the user.
   * `temporary`: its name says that an editor or an agent's client is at work. `was_link`: a file
   * where git has a link.
   */
  readonly why:
    | 'symlink'
    | 'special'
    | 'submodule'
    | 'twin'
    | 'not_utf8'
    | 'excluded'
    | 'temporary'
    | 'was_link'
    | PathFault;
}

export interface FolderScan {
  /** Sorted by path. */
  readonly files: readonly ScannedFile[];
  readonly skipped: readonly SkippedFile[];
  /** Names that are not UTF-8, also of what is left out: as they are shown, and each byte as a character. */
  readonly notUtf8: readonly { readonly path: string; readonly bytePath: string }[];
}

export interface ScanOptions {
  readonly signal?: AbortSignal;
  /** Patterns in the syntax of `.gitignore`; the folder's own settings say them if this does not. */
  readonly exclude?: readonly string[];
  /** Names of files that are there for a moment only; the same holds for these. */
  readonly temporaryNames?: readonly string[];
  /** Looks at these files, and at what is in these folders, only. */
  readonly only?: ReadonlySet<string>;
  /** True for a file of the world: of twins it is the one that is none. */
  readonly isKnown?: (path: string) => boolean;
}

/**
 * Lists what of a folder belongs into a world: where git is at work, what it tracks or would track;
 * otherwise what `.gitignore` files leave, without version control's own folders and installed
 * packages. What the user excludes is left out in both, and so is what is in a repository of its own
 * and not tracked by the one around it.
 */
export async function scanFolder(folder: string, options: ScanOptions = {}): Promise<FolderScan> {
  const { signal, only } = options;
  const rules = new IgnoreRules(folder, options.exclude ?? (await readExcludes(folder)));
  const boundaries = new GitBoundaries(folder);
  const byGit = await listByGit(folder, boundaries, options);
  const listed = byGit ?? (await listByWalk(folder, { rules, boundaries }, options));
  const names = new Map(listed.map((name) => [showBytePath(name), name]));
  const isKnown = options.isKnown ?? (() => false);
  const isOwn = (name: string): boolean => isOwnName(name) && !isKnown(name);
  const wanted = [...names].filter(
    ([name]) => !isOwn(name) && (only === undefined || isWithin(name, only)),
  );
  const temporary = await temporaryAmong(
    folder,
    wanted.map(([name]) => name),
    { patterns: options.temporaryNames ?? (await readTemporaryNames(folder)), isKnown, signal },
  );
  const files: ScannedFile[] = [];
  const skipped: SkippedFile[] = [...temporary].map((name) => ({ path: name, why: 'temporary' }));
  const keys = new Set<string>();
  const lasting = wanted.filter(([name]) => !temporary.has(name));
  for (const group of groupsOf(inOrder(lasting, isKnown), LOOKS_AT_ONCE)) {
    signal?.throwIfAborted();
    for (const found of await Promise.all(group.map((each) => judge(folder, rules, ...each)))) {
      if (found === undefined) continue;
      if ('why' in found) skipped.push(found);
      else if (keys.has(pathKey(found.path))) skipped.push({ path: found.path, why: 'twin' });
      else {
        keys.add(pathKey(found.path));
        files.push(found);
      }
    }
  }
  const strangers = files.map((file) => file.path).filter((name) => !isKnown(name));
  const links = byGit ? await replacedLinks(folder, strangers, signal) : new Set<string>();
  for (const name of links) skipped.push({ path: name, why: 'was_link' });
  const own = files.filter((file) => !links.has(file.path));
  const notUtf8 = listed
    .filter((bytePath) => fromBytePath(bytePath) === undefined)
    .map((bytePath) => ({ path: showBytePath(bytePath), bytePath }));
  return { files: own.sort((a, b) => (a.path < b.path ? -1 : 1)), skipped, notUtf8 };
}

/** Known ones first, each by its path. */
function inOrder(
  names: readonly (readonly [string, BytePath])[],
  isKnown: (path: string) => boolean,
): readonly (readonly [string, BytePath])[] {
  const sorted = [...names].sort(([a], [b]) => (a < b ? -1 : 1));
  const [known, others] = [true, false].map((wanted) =>
    sorted.filter(([name]) => isKnown(name) === wanted),
  );
  return [...known!, ...others!];
}

/** How many files are asked for at once. */
const LOOKS_AT_ONCE = 64;

function* groupsOf<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

/** True for a path of the set, and for one in a folder of the set. */
export function isWithin(name: string, paths: ReadonlySet<string>): boolean {
  return paths.has(name) || foldersOf(name).some((folder) => paths.has(folder));
}

async function judge(
  folder: string,
  rules: IgnoreRules,
  name: string,
  bytePath: BytePath,
): Promise<ScannedFile | SkippedFile | undefined> {
  if (fromBytePath(bytePath) === undefined) return { path: name, why: 'not_utf8' };
  // A repository inside of this one that it does not know of is listed as a folder.
  if (name.endsWith('/')) return { path: name.slice(0, -1), why: 'submodule' };
  if (rules.isExcluded(name)) return { path: name, why: 'excluded' };
  return look(folder, name);
}

/** Undefined for what git lists but is not there any more. */
async function look(folder: string, name: string): Promise<ScannedFile | SkippedFile | undefined> {
  const fault = pathFault(name);
  if (fault) return { path: name, why: fault };
  const status = await lstat(path.join(folder, name)).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (status === undefined) return undefined;
  if (status.isSymbolicLink()) return { path: name, why: 'symlink' };
  if (status.isDirectory()) {
    return (await isSubmodule(folder, name)) ? { path: name, why: 'submodule' } : undefined;
  }
  if (!status.isFile()) return { path: name, why: 'special' };
  return { path: name, bytes: status.size, executable: (status.mode & OWNER_EXECUTES) !== 0 };
}

/** Otherwise a file became a folder, whose files are listed themselves. */
async function isSubmodule(folder: string, name: string): Promise<boolean> {
  const inside = await readdir(path.join(folder, name));
  return inside.length === 0 || inside.includes('.git');
}

const OWNER_EXECUTES = 0o100;

/** Undefined where there is no git, or the folder is not under it. */
async function listByGit(
  folder: string,
  boundaries: GitBoundaries,
  { signal, only }: ScanOptions,
): Promise<readonly BytePath[] | undefined> {
  // A few paths are quicker to ask for than the whole folder; a command line holds no more.
  const wanted = only !== undefined && only.size <= MOST_PATHSPECS ? ['--', ...only] : [];
  const env = { GIT_LITERAL_PATHSPECS: '1' };
  try {
    const { out } = await runGit(folder, [...GIT_LISTING, ...wanted], { signal, env });
    const present = out.toString('latin1').split('\0').filter(Boolean);
    if (present.length > 0) {
      return [...new Set(present.flatMap((line) => listedName(line, boundaries)))];
    }
    // A folder that the repository around it ignores is nobody's: git lists nothing of it.
    if (wanted.length === 0) return undefined;
    const all = signal === undefined ? {} : { signal };
    return (await listByGit(folder, boundaries, all)) && [];
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof GitError) return undefined;
    throw error;
  }
}

/** Of a line with a mark before the name: what is not tracked may be in a repository of its own. */
function listedName(line: string, boundaries: GitBoundaries): readonly BytePath[] {
  const name = line.slice(2);
  if (!line.startsWith('? ')) return [name];
  const boundary = boundaries.above(showBytePath(name));
  if (boundary === undefined) return [name];
  return boundaries.isNested(boundary) ? [`${toBytePath(boundary)}/`] : [];
}

const GIT_LISTING = ['ls-files', '-t', '--cached', '--others', '--exclude-standard', '-z'];
const MOST_PATHSPECS = 64;

async function listByWalk(
  folder: string,
  { rules, boundaries }: { readonly rules: IgnoreRules; readonly boundaries: GitBoundaries },
  { signal, only }: ScanOptions,
): Promise<readonly BytePath[]> {
  const names: BytePath[] = [];
  const walk = async (below: BytePath): Promise<void> => {
    signal?.throwIfAborted();
    for (const entry of await readFolder(folder, below)) {
      const own = entry.name.toString('latin1');
      const bytePath = below === '' ? own : `${below}/${own}`;
      const name = showBytePath(bytePath);
      if (only && !isWithin(name, only) && !isAbove(name, only)) continue;
      if (!entry.isDirectory()) {
        if (!(await rules.ignoresFile(name))) names.push(bytePath);
      } else if (!(await rules.ignoresFolder(name)) && !boundaries.isGits(name)) {
        // Told as a repository inside, as git does.
        if (boundaries.isNested(name)) names.push(`${bytePath}/`);
        else await walk(bytePath);
      }
    }
  };
  await walk('');
  return names;
}

async function readFolder(folder: string, below: BytePath) {
  const here = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(below, 'latin1')]);
  try {
    return await readdir(here, { withFileTypes: true, encoding: 'buffer' });
  } catch (error) {
    // Somebody removed it meanwhile.
    if (below !== '' && isMissing(error)) return [];
    throw error;
  }
}

function isAbove(folder: string, paths: ReadonlySet<string>): boolean {
  for (const each of paths) if (each.startsWith(`${folder}/`)) return true;
  return false;
}

/** Where a folder became a file, what git still lists below it is missing too. */
function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}
