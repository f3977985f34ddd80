import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { coversScope, isInScope } from '../../../src/core/path-scope.ts';

test('a scope covers what lies in it, however it is written', () => {
  const covered = [
    [[], []],
    [[], ['src/**']],
    [['src/**'], ['src']],
    [['src'], ['src/**']],
    [['src/**'], ['src/near/*.ts', 'SRC/far']],
    [['**'], ['src/**', '*.md']],
    [['**'], []],
    [['*.md'], ['?.md', 'a*.md']],
    [['src/*'], ['src/a', 'src/*/b']],
    [['docs/**', 'src/**'], ['src/a']],
  ] as const;
  for (const [outer, inner] of covered) {
    assert.ok(coversScope(outer, inner), `${outer.join()} covers ${inner.join()}`);
  }
  const apart = [
    [['src/**'], []],
    [['src/**'], ['**']],
    [['src/**'], ['src/a', 'docs/a']],
    [['src/*'], ['src/**']],
    [['src/?'], ['src/*']],
    [['?'], ['**']],
    [['src/a'], ['src/?']],
  ] as const;
  for (const [outer, inner] of apart) {
    assert.ok(!coversScope(outer, inner), `${outer.join()} does not cover ${inner.join()}`);
  }
});

test('no path in a covered scope is outside of the one that covers it', () => {
  const part = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), minLength: 1, maxLength: 3 });
  const glob = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
  const scope = fc.array(glob, { maxLength: 2 });
  const name = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 3 });
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  let covered = 0;
  fc.assert(
    fc.property(scope, scope, path, (outer, inner, path) => {
      if (!coversScope(outer, inner) || !isInScope(path, inner)) return;
      covered++;
      assert.ok(isInScope(path, outer));
    }),
    { numRuns: 5000 },
  );
  assert.ok(covered > 100, 'enough of them were covered');
});
