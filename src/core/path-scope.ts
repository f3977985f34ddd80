import { pathKey } from './path.ts';
import { matchesName, matchesWithStars } from './star-match.ts';

/**
 * True when a path lies in a scope: a list of globs, where an empty list means everywhere. `*` and
 * `?` match inside one part of a path, `**` any number of parts; a glob also covers all that lies
 * below what it names. Case and Unicode forms are folded as for twins.
 */
export function isInScope(path: string, scope: readonly string[]): boolean {
  if (scope.length === 0) return true;
  const parts = pathKey(path).split('/');
  return scope.some((glob) => matchesParts(partsOf(glob), parts));
}

/**
 * True when every path in the scope `inner` lies in `outer` as well. Judged glob by glob: false may
 * also mean that it takes several globs of `outer` together to cover one of `inner`.
 */
export function coversScope(outer: readonly string[], inner: readonly string[]): boolean {
  if (outer.length === 0) return true;
  const wide = outer.map(partsOf);
  const narrow = inner.length === 0 ? ['**'] : inner;
  return narrow.every((glob) => wide.some((each) => covers(each, partsOf(glob))));
}

/** True for a glob that can match anything: relative, without empty parts. */
export function isScopeGlob(glob: string): boolean {
  const parts = glob.split('/');
  if (parts.at(-1) === '') parts.pop();
  return parts.length > 0 && parts.every((part) => part !== '' && part !== '.' && part !== '..');
}

function partsOf(glob: string): string[] {
  const parts = pathKey(glob).split('/');
  if (parts.at(-1) === '') parts.pop();
  // What lies below belongs to it.
  if (parts.at(-1) !== '**') parts.push('**');
  return parts;
}

function matchesParts(globs: readonly string[], parts: readonly string[]): boolean {
  return matchesWithStars(
    globs.length,
    parts.length,
    (at) => globs[at] === '**',
    (at, part) => matchesName(globs[at]!, parts[part]!),
  );
}

/** Only a wildcard stands for what a wildcard stands for. */
function covers(wide: readonly string[], narrow: readonly string[]): boolean {
  return matchesWithStars(
    wide.length,
    narrow.length,
    (at) => wide[at] === '**',
    (at, part) => narrow[part] !== '**' && coversPart(wide[at]!, narrow[part]!),
  );
}

function coversPart(wide: string, narrow: string): boolean {
  return matchesWithStars(
    wide.length,
    narrow.length,
    (at) => wide[at] === '*',
    (at, index) => (wide[at] === '?' ? narrow[index] !== '*' : wide[at] === narrow[index]),
  );
}
