import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitsGlob } from '../../../../src/agents/tools/glob.ts';

test('globs fit as people mean them', () => {
  const fits: readonly (readonly [string, string])[] = [
    ['src/a.ts', '*.ts'],
    ['src/deep/a.ts', 'src/**'],
    ['src/deep/a.ts', 'src'],
    ['src/deep/a.ts', 'src/**/*.ts'],
    ['src/a.ts', 'src/**/*.ts'],
    ['a.ts', '**/*.ts'],
    ['src/a.ts', './src/a.ts'],
    ['src/a.ts', '**/*.{js,ts}'],
    ['lib/x/a.md', '{src,lib}/x'],
    ['README.md', 'readme.md'],
  ];
  for (const [path, glob] of fits) assert.ok(fitsGlob(path, glob), `${glob} fits ${path}`);
  const misses: readonly (readonly [string, string])[] = [
    ['src/a.ts', '*.js'],
    ['src/deep/a.ts', 'src/*.ts'],
    ['lib/src/a.ts', 'src/**'],
    ['src/a.tsx', '*.ts'],
  ];
  for (const [path, glob] of misses) assert.ok(!fitsGlob(path, glob), `${glob} misses ${path}`);
});

test('a glob with very many alternatives ends soon', () => {
  assert.equal(fitsGlob('a', '{a,b,c,d}'.repeat(40)), false);
});
