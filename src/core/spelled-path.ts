/** One path for each file, however somebody spells it: agents and people name files in many ways. */
import { type PathFault, pathFault } from './path.ts';

/** What is known of the place where a path was spelled. */
export interface SpellingPlace {
  /** Absolute paths of the world's folder on this disk, that behind links included. */
  readonly folders?: readonly string[];
  /** Backslashes separate parts, and absolute paths are compared without case. */
  readonly isWindows?: boolean;
  /** How the world spells a path, as `PathPlaces.spelling`. */
  readonly spelling?: (path: string) => string;
}

export type SpelledPath =
  /** As the world has it; empty for the world's folder itself. */
  | { readonly tag: 'path'; readonly path: string }
  /** It leads out of the world. */
  | { readonly tag: 'outside' }
  /** No file of a world can be there. */
  | { readonly tag: 'unfit'; readonly fault: PathFault };

/**
 * The path that is meant by `./a`, `a//b`, `a/../b`, an absolute path inside the folder, or one with
 * letters in another case. Links are followed by whoever has a disk, beforehand.
 */
export function readSpelledPath(spelled: string, place: SpellingPlace = {}): SpelledPath {
  const found = relativePath(spelled, place);
  if (found === undefined) return { tag: 'outside' };
  if (found === '') return { tag: 'path', path: '' };
  const fault = pathFault(found);
  if (fault) return { tag: 'unfit', fault };
  return { tag: 'path', path: place.spelling?.(found) ?? found };
}

/**
 * The same for a glob; what stands before its first wildcard is spelled as the world does. Its faults are
 * for `globFault` to find. Undefined where it leads out of the world.
 */
export function readSpelledGlob(spelled: string, place: SpellingPlace = {}): string | undefined {
  const found = relativePath(spelled, place);
  if (found === undefined || !place.spelling) return found;
  const parts = found.split('/');
  const count = parts.findIndex((part) => /[*?{]/.test(part));
  const plain = parts.slice(0, count < 0 ? parts.length : count).join('/');
  return plain === '' ? found : place.spelling(plain) + found.slice(plain.length);
}

/** Without `.`, `..` and empty parts, from the world's folder on; undefined for what is not in it. */
function relativePath(spelled: string, { folders = [], isWindows = false }: SpellingPlace) {
  const plain = (text: string): string => (isWindows ? text.replaceAll('\\', '/') : text);
  const path = plain(spelled);
  if (!isAbsolute(path)) return joined(path);
  const whole = joined(path);
  if (whole === undefined) return undefined;
  const compared = (text: string): string => (isWindows ? text.toLowerCase() : text);
  for (const folder of folders) {
    const root = joined(plain(folder)) ?? '';
    if (compared(whole) === compared(root)) return '';
    if (root === '') return whole;
    if (compared(whole).startsWith(`${compared(root)}/`)) return whole.slice(root.length + 1);
  }
  return undefined;
}

function joined(path: string): string | undefined {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[a-zA-Z]:(?:\/|$)/.test(path);
}
