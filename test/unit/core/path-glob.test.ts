// Globs of claims: what they stand for is compared with another implementation, on every table of paths.
import assert from 'node:assert/strict';
import { matchesGlob } from 'node:path/posix';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  globBase,
  globFault,
  GLOB_LIMITS,
  globMatches,
  globsMeet,
  readGlob,
} from '../../../src/core/path-glob.ts';
import { pathFault, pathKey } from '../../../src/core/path.ts';

/** The other implementation has rules of its own for names that begin with a dot. */
const name = fc.stringMatching(/^[ab]([ab.]{0,2}[ab])?$/);
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const piece = fc.stringMatching(/^[ab*?]([ab.*?]{0,2}[ab*?])?$/);
const part = fc.oneof({ weight: 2, arbitrary: fc.constant('**') }, { weight: 5, arbitrary: piece });
/** A run of stars inside a name is one more language of its own in the other implementation. */
const glob = fc
  .array(part, { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('/'))
  .filter((text) => globFault(text) === undefined && !/[^/]\*\*|\*\*[^/]/.test(text));

test('a glob stands for the same paths as for another implementation', () => {
  fc.assert(
    fc.property(glob, path, (pattern, candidate) => {
      const ours = globMatches(readGlob(pattern), candidate);
      // A folder's own name is in what claims the folder: a file of that name would take its place.
      const isFolder = pattern.endsWith('/**') && matchesGlob(`${candidate}/x`, pattern);
      assert.equal(ours, isFolder || matchesGlob(candidate, pattern), `${pattern} ${candidate}`);
    }),
    { numRuns: 5000 },
  );
});

test('a choice in braces stands for each of its pieces', () => {
  for (const [pattern, those, notThose] of [
    ['{a,b}/c', ['a/c', 'b/c'], ['a', 'c', 'a,b/c', '{a,b}/c']],
    ['src/{a,b/c}.ts', ['src/a.ts', 'src/b/c.ts'], ['src/b.ts']],
    ['*.{ts,m*}', ['x.ts', 'x.md', '.ts'], ['x.js', 'a/x.ts']],
    ['a{,b}', ['a', 'ab'], ['b']],
    ['{a,b}{c,d}', ['ac', 'ad', 'bc', 'bd'], ['ab', 'cd']],
    ['{a}', ['{a}'], ['a']],
    ['a{b/*', ['a{b/c'], ['ab/c']],
    ['src/**', ['src/.env', 'src/.a/b', 'src'], ['.src/a', 'src2/a']],
    ['**/*.ts', ['.a/.b.ts', 'x.ts'], ['x.ts/a']],
  ] as const) {
    const read = readGlob(pattern);
    for (const each of those) assert.ok(globMatches(read, each), `${pattern} ${each}`);
    for (const each of notThose) assert.ok(!globMatches(read, each), `${pattern} ${each}`);
  }
});

test('two globs meet where some path is one of both', () => {
  const small = fc.array(fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 2 }), {
    minLength: 1,
    maxLength: 3,
  });
  fc.assert(
    fc.property(glob, glob, fc.array(small, { maxLength: 30 }), (one, other, candidates) => {
      const [a, b] = [readGlob(one), readGlob(other)];
      const isMet = candidates.some((parts) => {
        const key = parts.map((each) => each.join('')).join('/');
        return globMatches(a, key) && globMatches(b, key);
      });
      if (isMet) assert.ok(globsMeet(a, b), `${one} ${other}`);
      assert.equal(globsMeet(a, b), globsMeet(b, a));
      assert.ok(globsMeet(a, a));
    }),
    { numRuns: 2000 },
  );
  for (const [one, other, meet] of [
    ['src/**', '**/*.ts', true],
    ['src/**', 'test/**', false],
    ['src/*.ts', 'src/*.md', false],
    ['src/*.ts', 'src/a*', true],
    ['src/*', 'src/a/b', false],
    ['{src,test}/a.ts', 'test/?.ts', true],
    ['**', 'a', true],
  ] as const) {
    assert.equal(globsMeet(readGlob(one), readGlob(other)), meet, `${one} ${other}`);
  }
});

test('what a glob stands for is at or below its base', () => {
  fc.assert(
    fc.property(glob, path, (pattern, candidate) => {
      const read = readGlob(pattern);
      const base = globBase(read);
      if (!globMatches(read, candidate)) return;
      assert.ok(base === '' || candidate === base || candidate.startsWith(`${base}/`), pattern);
    }),
  );
  assert.equal(globBase(readGlob('Src/Core/*.ts')), 'src/core');
  assert.equal(globBase(readGlob('src/{core,host}/a')), 'src');
  assert.equal(globBase(readGlob('src/a.ts')), 'src/a.ts');
  assert.equal(globBase(readGlob('**/a')), '');
});

test('case and form of letters make no difference, as for files', () => {
  assert.ok(globMatches(readGlob('SRC/*.TS'), pathKey('src/A.ts')));
  assert.ok(globMatches(readGlob('caf\u00e9/**'), pathKey('CAFE\u0301/x')));
});

test('a glob that can match nothing has a fault', () => {
  for (const [pattern, fault] of [
    ['', 'empty'],
    ['a//b', 'empty'],
    ['a/', 'empty'],
    ['a/{,b}/c', 'empty'],
    ['/a/**', 'absolute'],
    ['../**', 'leaves_world'],
    ['{src,..}/**', 'leaves_world'],
    ['.git/**', 'git_folder'],
    ['**/.git/*', 'git_folder'],
    ['con.*', 'reserved_name'],
    ['src/*.', 'trailing_dot_or_space'],
    ['a<b/*', 'forbidden_character'],
    ['src\\*', 'forbidden_character'],
    ['{a,{b,c}}', 'braces_in_braces'],
    ['{a,b}'.repeat(6), 'too_many_pieces'],
    [`${'x'.repeat(300)}*`, 'too_long'],
    [`${'x/'.repeat(300)}*`, 'too_long'],
  ] as const) {
    assert.equal(globFault(pattern), fault, pattern);
  }
  for (const pattern of ['**', '.g*', 'git~?', 'com?', '{a}', 'a}b/*', 'a{b/*', 'src/[id].ts']) {
    assert.equal(globFault(pattern), undefined, pattern);
  }
});

test('the longest globs are read, matched and compared in little time', () => {
  const stars = '*a'.repeat(GLOB_LIMITS.length / 2);
  const deep = `${'**/a*/'.repeat(85)}b`.slice(0, GLOB_LIMITS.length);
  assert.equal(pathFault('a'.repeat(250)), undefined);
  for (const pattern of [stars, deep]) {
    const read = readGlob(pattern);
    globMatches(read, `${'a'.repeat(250)}/`.repeat(4));
    globMatches(read, 'a/'.repeat(500));
    for (const other of [stars, deep]) globsMeet(read, readGlob(other));
  }
});
