import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_LIMITS, parseLimits } from '../../../src/core/limits.ts';
import { isInScope, isScopeGlob } from '../../../src/core/path-scope.ts';
import { foldersOf, pathFault, pathKey, utf8Length } from '../../../src/core/path.ts';

test('ordinary paths of real projects are fine', () => {
  for (const path of [
    'README.md',
    '.gitignore',
    '.github/workflows/ci.yml',
    'src/git/index.ts',
    'docs/Über uns.md',
    'emoji-👩‍💻/file.txt',
    'a b/c d',
    'console.log.ts',
    'auxiliary/com10.txt',
    'node_modules/.bin/tsc',
    'git~/x',
    '…/x',
  ]) {
    assert.equal(pathFault(path), undefined, path);
  }
});

test('a path with half a surrogate pair is refused', () => {
  assert.equal(pathFault('a\ud83d/b'), 'forbidden_character');
});

test('a name with a colon is no absolute path, and a drive is', () => {
  assert.equal(pathFault('a:b'), 'forbidden_character');
  assert.equal(pathFault('docs/a:b.md'), 'forbidden_character');
  for (const path of ['/etc/passwd', 'C:/x', 'C:\\x', 'c:'])
    assert.equal(pathFault(path), 'absolute');
});

test('git’s own folder is kept out however a file system may spell it', () => {
  for (const path of [
    '.git',
    '.Git/x',
    'a/.GIT',
    '.git ',
    '.git.',
    'GIT~1',
    'git~2/x',
    '.g\u200dit',
  ]) {
    assert.ok(pathFault(path), JSON.stringify(path));
  }
});

test('twins have one key, others have not', () => {
  const twins = [
    ['README.md', 'readme.MD'],
    ['caf\u00e9', 'cafe\u0301'],
    ['CAF\u00c9', 'cafe\u0301'],
    ['stra\u00dfe', 'STRASSE'],
    ['\u212a', 'k'],
    ['a\u200bb', 'ab'],
  ] as const;
  for (const [one, two] of twins) assert.equal(pathKey(one), pathKey(two), `${one} ${two}`);
  assert.notEqual(pathKey('a/b'), pathKey('a-b'));
  assert.notEqual(pathKey('cafe'), pathKey('café'));
});

test('a key is its own key', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (path) => {
      assert.equal(pathKey(pathKey(path)), pathKey(path));
    }),
  );
});

test('folders of a path, from outside in', () => {
  assert.deepEqual(foldersOf('a/b/c.ts'), ['a', 'a/b']);
  assert.deepEqual(foldersOf('c.ts'), []);
});

test('the length in UTF-8 is that of the encoder', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(utf8Length(text), Buffer.byteLength(text));
    }),
  );
});

test('scopes: what their globs cover', () => {
  const covered = [
    ['docs', 'docs/a/b.md'],
    ['docs/', 'docs/a.md'],
    ['docs/**', 'docs/a/b.md'],
    ['**/*.md', 'a/b/c.md'],
    ['**/*.md', 'c.md'],
    ['src/*/index.ts', 'src/a/index.ts'],
    ['SRC/?.ts', 'src/a.ts'],
    ['**', 'anything/at/all'],
  ] as const;
  for (const [glob, path] of covered) assert.ok(isInScope(path, [glob]), `${glob} ${path}`);
  const apart = [
    ['docs', 'docs2/a.md'],
    ['docs/*.md', 'docs/a/b.md'],
    ['*.ts', 'src/a.ts'],
    ['src/*/index.ts', 'src/index.ts'],
    ['src/?.ts', 'src/ab.ts'],
  ] as const;
  for (const [glob, path] of apart) assert.ok(!isInScope(path, [glob]), `${glob} ${path}`);
  assert.ok(isInScope('anywhere', []), 'no globs: everywhere');
});

test('a glob made to explode is matched at once', () => {
  const glob = `${'*a'.repeat(200)}b`;
  assert.equal(isInScope('a'.repeat(5000), [glob]), false);
});

test('a scope is made of relative globs', () => {
  for (const glob of ['', '/', '/a', 'a//b', '../a', './a']) assert.ok(!isScopeGlob(glob), glob);
  for (const glob of ['a', 'a/', '**', 'a/**/b', '*.md']) assert.ok(isScopeGlob(glob), glob);
});

test('limits are the defaults but for those named, which must exist and make sense', () => {
  assert.deepEqual(parseLimits(''), DEFAULT_LIMITS);
  assert.deepEqual(parseLimits('{"staleOps":7}'), { ...DEFAULT_LIMITS, staleOps: 7 });
  for (const json of [
    '[]',
    '1',
    'null',
    '{',
    '{"nosuch":1}',
    '{"staleOps":-1}',
    '{"staleOps":0.5}',
    '{"staleOps":"1"}',
    '{"toString":1}',
  ]) {
    assert.equal(parseLimits(json), undefined, json);
  }
});
