import { foldPath, PATH_TABLES } from './path-folding.ts';

/** Longest path and longest part of one, in UTF-8 bytes: what common file systems hold. */
export const PATH_LIMITS = { pathBytes: 1024, segmentBytes: 255 } as const;

/** Why a path cannot name a file of a world. */
export type PathFault =
  | 'empty'
  | 'absolute'
  | 'leaves_world'
  | 'forbidden_character'
  | 'git_folder'
  | 'reserved_name'
  | 'trailing_dot_or_space'
  | 'too_long';

/**
 * Looks for what makes a path unfit: it must be relative with `/` between its parts, stay inside
 * the world, keep out of git's own folder, and be a name that every common file system can hold.
 */
export function pathFault(path: string): PathFault | undefined {
  if (path === '') return 'empty';
  if (path.startsWith('/') || DRIVE.test(path)) return 'absolute';
  if (!path.isWellFormed() || FORBIDDEN.test(path)) return 'forbidden_character';
  if (utf8Length(path) > PATH_LIMITS.pathBytes) return 'too_long';
  for (const segment of path.split('/')) {
    const fault = segmentFault(segment);
    if (fault) return fault;
  }
  return undefined;
}

/**
 * The same for two paths that some file system would take for one: it folds case, Unicode forms
 * and code points that are not shown, by one of the tables of `path-folding.ts`. The world keeps at most
 * one file for a key.
 */
export function pathKey(path: string, table: number = PATH_TABLES.newest): string {
  return isPlainPath(path) ? path.toLowerCase() : foldPath(path, table);
}

/** True for a path that every table folds in the same way. */
export function isPlainPath(path: string): boolean {
  return PLAIN.test(path);
}

/** The folders that hold a path, from the outermost inwards: of `a/b/c` these are `a`, `a/b`. */
export function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
    folders.push(path.slice(0, at));
  }
  return folders;
}

/** Bytes that a text takes in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x80) continue;
    // Each half of a surrogate pair accounts for two of its four bytes.
    bytes += code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}

function segmentFault(segment: string): PathFault | undefined {
  if (segment === '') return 'empty';
  if (segment === '.' || segment === '..') return 'leaves_world';
  if (utf8Length(segment) > PATH_LIMITS.segmentBytes) return 'too_long';
  if (isGitFolder(segment)) return 'git_folder';
  if (segment.endsWith('.') || segment.endsWith(' ')) return 'trailing_dot_or_space';
  return RESERVED.test(segment) ? 'reserved_name' : undefined;
}

/** `.git` as any file system might read it, short names of Windows included. */
function isGitFolder(segment: string): boolean {
  const folded = pathKey(segment).replace(/[. ]+$/, '');
  return folded === '.git' || /^git~[0-9]+$/.test(folded);
}

const PLAIN = /^[\x20-\x7e]*$/;

/** A drive of Windows; `a:b` is a name with a character that Windows forbids. */
const DRIVE = /^[a-zA-Z]:(?:[\\/]|$)/;

/** Control characters, and what Windows forbids in names; the backslash separates parts there. */
// oxlint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\\<>:"|?*]/;

/** Devices of Windows, with any extension; superscript digits count as digits there. */
const RESERVED =
  /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:\..*)?$/i;
